"""MQTT over WebSocket (6), from our own framing."""

import unittest

import mqtt_wire as wire
import websocket_wire as ws
from case import BlackboxTest, each_version
from mqtt_wire import CONNACK, PINGRESP, V5
from wire_client import Client, Closed

LISTENER = "listeners.ws.web"


class WebSocketTest(BlackboxTest):

    settings = {LISTENER: "127.0.0.1:0"}

    def setUp(self):
        super().setUp()
        self.address = self.broker.address_of("ws.web")

    def open(self, **options):
        socket = ws.WebSocket(self.address, **options)
        self.addCleanup(socket.close)
        return socket

    def over_websocket(self, version=V5, **options):
        """A client without CONNECT; `options` of the WebSocket."""
        client = Client(None, version, connected=self.open(**options))
        self.addCleanup(client.close)
        return client

    def ask(self, data):
        answer, plain, rest = ws.ask(self.address, data)
        self.addCleanup(plain.close)
        return answer, plain, rest


class Messages(WebSocketTest):

    @each_version()
    def test_each_version_and_qos(self, version):
        """A client of each version publishes and receives (6.0)."""
        topic = self.topic()
        client = self.over_websocket(version).connect(self.client_id())
        self.assertEqual(client.subscribe(topic, 2), 2)
        publisher = self.over_websocket(version).connect(self.client_id())
        for qos in range(3):
            publisher.publish(topic, f"q{qos}", qos)
            client.acknowledge(client.expect_message(topic, f"q{qos}",
                                                     qos=qos))

    def test_any_frames(self):
        """Packets may be cut into frames anywhere, and several may share
        one [MQTT-6.0.0-2]."""
        for sizes in ((1,), (2, 3), (7,), (1000, 1), (1 << 30,)):
            with self.subTest(sizes=sizes):
                topic = self.topic(str(sizes[0]))
                client = self.over_websocket(sizes=sizes)
                client.connect(self.client_id())
                client.subscribe(topic, 1)
                client.send(b"".join(wire.publish(topic, str(number))
                                     for number in range(50)))
                for number in range(50):
                    client.expect_message(topic, str(number))

    def test_a_large_message(self):
        """A payload of some megabytes, in frames of any size, both ways."""
        topic = self.topic()
        payload = bytes(range(256)) * 20_000
        client = self.over_websocket(sizes=(70_000, 100, 65_536))
        client.connect(self.client_id())
        client.subscribe(topic, 0)
        client.publish(topic, payload)
        client.expect_message(topic, payload, patience=20)

    def test_with_tcp_clients(self):
        """WebSocket and TCP clients are clients of one broker."""
        topic = self.topic()
        subscriber = self.subscriber(topic, 1)
        client = self.over_websocket().connect(self.client_id())
        client.publish(topic, "from the web", 1)
        subscriber.expect_message(topic, "from the web")

    def test_takeover(self):
        """The same client id over TCP takes a WebSocket's session over."""
        client_id = self.client_id()
        client = self.over_websocket().connect(client_id)
        self.connect(client_id)
        client.expect(wire.DISCONNECT, code=0x8E)
        self.assertEqual(client.socket.await_close(), ws.NORMAL)

    def test_what_is_sent_together_is_one_message(self):
        """Many packets of one moment come in few frames."""
        topic = self.topic()
        client = self.over_websocket().connect(self.client_id())
        client.subscribe(topic, 0)
        before = client.socket.frames
        self.connect().send(b"".join(wire.publish(topic, str(number))
                                     for number in range(500)))
        for number in range(500):
            client.expect_message(topic, str(number))
        self.assertLess(client.socket.frames - before, 100)

    def test_compression_is_off(self):
        """permessage-deflate is not agreed on unless it is configured."""
        socket = self.open(Sec_WebSocket_Extensions="permessage-deflate")
        self.assertFalse(socket.compressed)


class ControlFrames(WebSocketTest):

    def test_ping(self):
        """Each ping is answered with its payload (RFC 6455, 5.5.3), before
        CONNECT and between the frames of a packet."""
        client = self.over_websocket()
        client.socket.send_raw(ws.frame(b"early", ws.PING))
        self.assertEqual(client.socket.await_pong(), b"early")
        packet = wire.connect(self.client_id(), V5)
        client.socket.send_raw(ws.message(packet, [5],
                                          ws.frame(b"between", ws.PING)))
        client.expect(CONNACK, code=0)
        self.assertEqual(client.socket.await_pong(), b"between")

    def test_a_pong_is_ignored(self):
        """A pong that nobody asked for is nothing (5.5.3)."""
        client = self.over_websocket().connect(self.client_id())
        client.socket.send_raw(ws.frame(b"?", ws.PONG))
        client.ping()

    def test_close(self):
        """A close is answered with its code, then the connection ends."""
        for payload, code in ((b"\x03\xe8bye", 1000), (b"\x0f\xa0", 4000),
                              (b"", 0)):
            with self.subTest(code=code):
                socket = self.open()
                socket.send_raw(ws.frame(payload, ws.CLOSE))
                self.assertEqual(socket.await_close(), code)

    def test_a_close_is_no_disconnect(self):
        """A WebSocket that is closed without DISCONNECT leaves a will
        [MQTT-3.1.2-8]."""
        topic = self.topic()
        witness = self.subscriber(topic, 1)
        client = self.over_websocket().connect(
            self.client_id(), will={"topic": topic, "payload": "gone"})
        client.socket.send_raw(ws.frame(b"\x03\xe8", ws.CLOSE))
        witness.expect_message(topic, "gone")

    def test_disconnect_and_close_in_one_segment(self):
        """What stands in front of the close counts."""
        topic = self.topic()
        witness = self.subscriber(topic, 1)
        client = self.over_websocket().connect(
            self.client_id(), will={"topic": topic, "payload": "gone"})
        client.socket.send_raw(
            ws.frame(wire.publish(topic, "last") + wire.disconnect())
            + ws.frame(b"", ws.CLOSE))
        witness.expect_message(topic, "last")
        self.connect().publish(topic, "marker")
        witness.expect_message(topic, "marker")


class Malformed(WebSocketTest):

    settings = {**WebSocketTest.settings, "max_ws_frame_size": "1000"}

    FRAMES = {
        "text": (ws.frame(b"hello", ws.TEXT), ws.UNSUPPORTED),
        "not masked": (ws.frame(b"x", masked=False), ws.PROTOCOL_ERROR),
        "reserved bit": (ws.frame(b"x", reserved=0x20), ws.PROTOCOL_ERROR),
        "not agreed on": (ws.frame(b"x", reserved=0x40), ws.PROTOCOL_ERROR),
        "unknown kind": (ws.frame(b"x", kind=11), ws.PROTOCOL_ERROR),
        "too large": (ws.frame(b"x" * 1001), ws.TOO_LARGE),
        "huge": (bytes([0x82, 0xFF]) + b"\x7f" + b"\xff" * 7 + b"mask",
                 ws.TOO_LARGE),
        "long ping": (ws.frame(b"x" * 126, ws.PING), ws.PROTOCOL_ERROR),
        "ping in parts": (ws.frame(b"x", ws.PING, last=False),
                          ws.PROTOCOL_ERROR),
        "nothing to continue": (ws.frame(b"x", ws.CONTINUATION),
                                ws.PROTOCOL_ERROR),
        "interleaved": (ws.frame(b"x", last=False) + ws.frame(b"y"),
                        ws.PROTOCOL_ERROR),
        "bad close": (ws.frame(b"\x03\xee", ws.CLOSE), ws.PROTOCOL_ERROR),
        "close of one byte": (ws.frame(b"\x03", ws.CLOSE),
                              ws.PROTOCOL_ERROR),
        "reason that is no text": (ws.frame(b"\x03\xe8\xff", ws.CLOSE),
                                   ws.INVALID),
    }

    def test_frames_before_connect(self):
        """A malformed frame is answered with a close that says why
        (RFC 6455, 7.4.1)."""
        for name, (data, code) in self.FRAMES.items():
            with self.subTest(name):
                socket = self.open()
                socket.send_raw(data)
                self.assertEqual(socket.await_close(), code)

    def test_frames_of_a_session(self):
        """The same behind CONNECT; nobody else is disturbed."""
        topic = self.topic()
        other = self.over_websocket().connect(self.client_id())
        other.subscribe(topic, 0)
        for name, (data, code) in self.FRAMES.items():
            with self.subTest(name):
                client = self.over_websocket().connect(self.client_id())
                client.socket.send_raw(data)
                self.assertEqual(client.socket.await_close(), code)
                self.connect().publish(topic, name)
                other.expect_message(topic, name)

    def test_no_mqtt(self):
        """What is no CONNECT ends the WebSocket [MQTT-3.1.0-1]."""
        socket = self.open()
        socket.send_raw(ws.frame(b"GET / HTTP/1.1\r\n"))
        self.assertEqual(socket.await_close(), ws.NORMAL)

    def test_a_half_frame(self):
        """A frame that does not go on is waited for, and then lost."""
        client = self.over_websocket().connect(self.client_id())
        client.socket.send_raw(ws.frame(b"\xc0\x00" * 50)[:-1])
        for _ in range(49):
            client.expect(PINGRESP)
        client.close()
        self.connect()


class Upgrade(WebSocketTest):

    settings = {**WebSocketTest.settings,
                f"{LISTENER}.ws_path": "/mqtt,/ws",
                f"{LISTENER}.ws_allowed_origins": "https://app.example",
                f"{LISTENER}.max_request_line_length": "300",
                f"{LISTENER}.max_header_value_length": "200"}

    def status(self, **changes):
        return self.ask(ws.request(**changes)[0])[0]

    def test_good_ones(self):
        """Both paths, both sub-protocols [MQTT-6.0.0-4], no origin or an
        allowed one."""
        self.open(path="/ws")
        self.open(path="/mqtt?token=x")
        old = self.open(Sec_WebSocket_Protocol="chat, mqttv3.1")
        self.assertEqual(old.answer.headers["sec-websocket-protocol"],
                         "mqttv3.1")
        self.open(Origin="https://app.example")

    def test_bad_ones(self):
        """Each has its status, and the connection is closed."""
        cases = {
            400: ({"Sec_WebSocket_Protocol": "chat"},
                  {"drop": ["Sec-WebSocket-Protocol"]}, {"drop": ["Host"]},
                  {"Sec_WebSocket_Key": "short"}, {"Content_Length": "9"}),
            403: ({"Origin": "https://evil.example"},),
            404: ({"path": "/"}, {"path": "/mqtt/x"}),
            405: ({"method": "POST"}, {"method": "DELETE"}),
            414: ({"path": "/mqtt?" + "x" * 300},),
            426: ({"drop": ["Upgrade"]}, {"Sec_WebSocket_Version": "8"},
                  {"Connection": "close"}),
            431: ({"X_Large": "x" * 201}, {f"X{n}": "1" for n in range(99)}),
        }
        for status, requests in cases.items():
            for changes in requests:
                with self.subTest(status=status, changes=changes):
                    answer, plain, rest = self.ask(ws.request(**changes)[0])
                    self.assertEqual(answer.status, status)
                    self.assertEqual(answer.headers["connection"], "close")
                    size = int(answer.headers["content-length"])
                    while True:
                        chunk = plain.recv(65536)
                        rest += chunk
                        if not chunk:
                            break
                    self.assertEqual(len(rest), size)
        self.open()

    def test_no_http(self):
        """MQTT or TLS on the port of a WebSocket is answered at once."""
        for data in (wire.connect("c", V5), b"\x16\x03\x01\x02\x00"):
            self.assertEqual(self.ask(data)[0].status, 400)

    def test_an_endless_request(self):
        """A request that never ends is refused when it is too large."""
        line = b"X: " + b"y" * 100 + b"\r\n"
        self.assertEqual(
            self.ask(b"GET /mqtt HTTP/1.1\r\n" + line * 40)[0].status, 431)
        self.assertEqual(self.ask(b"GET /" + b"x" * 400)[0].status, 414)


class Slow(WebSocketTest):

    settings = {**WebSocketTest.settings, "mqtt_connect_timeout": "1s"}

    def test_half_an_upgrade(self):
        """Who does not end the request, or says no CONNECT, is closed."""
        with self.assertRaises(AssertionError):
            ws.ask(self.address, b"GET /mqtt HTTP/1.1\r\n", patience=20)
        socket = self.open()
        socket.settimeout(5)
        self.assertEqual(socket.recv(1), b"")


class Compression(WebSocketTest):

    settings = {**WebSocketTest.settings,
                f"{LISTENER}.ws_compression": "on",
                "max_ws_inflated_size": "1MB"}

    def test_both_ways(self):
        """Messages are deflated and inflated (RFC 7692)."""
        topic = self.topic()
        client = self.over_websocket(
            Sec_WebSocket_Extensions="permessage-deflate; "
            "client_max_window_bits")
        self.assertTrue(client.socket.compressed)
        client.connect(self.client_id())
        client.subscribe(topic, 1)
        for payload in (b"x" * 10_000, b"short", bytes(range(256)) * 300):
            client.publish(topic, payload, 1)
            client.expect_message(topic, payload)

    def test_a_bomb(self):
        """A small message that inflates to a huge one ends with 1009."""
        socket = self.open(Sec_WebSocket_Extensions="permessage-deflate")
        socket.send_raw(ws.frame(ws.deflated(bytes(3_000_000)),
                                 reserved=0x40))
        self.assertEqual(socket.await_close(), ws.TOO_LARGE)

    def test_garbage(self):
        """What does not inflate ends with 1007."""
        socket = self.open(Sec_WebSocket_Extensions="permessage-deflate")
        socket.send_raw(ws.frame(b"\xff\xff\xff", reserved=0x40))
        self.assertEqual(socket.await_close(), ws.INVALID)

    def test_without(self):
        """Who offers none gets none."""
        client = self.over_websocket().connect(self.client_id())
        client.ping()


class Forwarded(WebSocketTest):

    settings = {**WebSocketTest.settings,
                f"{LISTENER}.proxy_xff_support": "on",
                f"{LISTENER}.proxy_xff_trusted_intermediate": "127.0.0.1"}

    def test_the_client_s_address(self):
        """The log names the client that the proxy names."""
        client = self.over_websocket(X_Forwarded_For="203.0.113.77")
        client.send(b"\x10\x00")
        with self.assertRaises(Closed):
            client.receive()
        self.broker.await_line(r"connect\.refused .*203\.0\.113\.77", 5)


class ForwardedByAnybody(WebSocketTest):

    settings = {**WebSocketTest.settings,
                f"{LISTENER}.proxy_xff_support": "on"}

    def test_an_untrusted_proxy(self):
        """Who is no trusted proxy is refused with 403, and logged."""
        answer, _, _ = self.ask(
            ws.request(X_Forwarded_For="203.0.113.77")[0])
        self.assertEqual(answer.status, 403)
        self.broker.await_line(r"transport\.failed .*untrusted_proxy", 5)


if __name__ == "__main__":
    unittest.main()
