"""The PROXY protocol (versions 1 and 2), by hand and from HAProxy."""

import os
import shutil
import socket
import struct
import subprocess
import tempfile
import unittest

import mqtt_wire as wire
import websocket_wire as ws
from case import BlackboxTest
from mqtt_wire import CONNACK, V5
from wire_client import Client, Closed

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
# Who says that 3.1 goes on at level 9 is refused, and named in the log.
REFUSED = wire.connect("c", V5, level=9)


def version_1(source="192.0.2.7", port=4660):
    return f"PROXY TCP4 {source} 127.0.0.1 {port} 1883\r\n".encode()


def version_2(source="192.0.2.7", port=4660, attributes=b"", command=0x21):
    block = (socket.inet_aton(source) + socket.inet_aton("127.0.0.1")
             + struct.pack(">HH", port, 1883) + attributes)
    return (SIGNATURE + bytes([command, 0x11]) + struct.pack(">H", len(block))
            + block)


def attribute(kind, value):
    return bytes([kind]) + struct.pack(">H", len(value)) + value


def certificate(name, verify=0):
    return attribute(0x20, bytes([0x07]) + struct.pack(">I", verify)
                     + attribute(0x21, b"TLSv1.3") + attribute(0x22, name))


def haproxy_binary():
    return shutil.which("haproxy", path=os.environ.get("PATH", "")
                        + ":/usr/sbin:/usr/local/sbin")


class ProxyTest(BlackboxTest):

    settings = {"listeners.tcp.proxied": "127.0.0.1:0",
                "listeners.tcp.proxied.proxy_protocol": "on"}

    def setUp(self):
        super().setUp()
        self.address = self.broker.address_of("tcp.proxied")

    def proxied(self, header):
        client = Client(self.address)
        self.addCleanup(client.close)
        client.socket.sendall(header)
        return client

    def assert_seen_as(self, client, peer, event=r"connect\.refused"):
        """The log names the client so when its CONNECT is refused."""
        client.send_to_closing(REFUSED)
        client.packets_until_closed()
        self.broker.await_line(event + r" .*" + peer.replace(".", r"\."), 5)


class ByHand(ProxyTest):

    def test_the_client_s_address(self):
        """Both versions name the client, in IPv4 and IPv6."""
        self.assert_seen_as(self.proxied(version_1(port=4001)),
                            "192.0.2.7:4001")
        self.assert_seen_as(self.proxied(version_2(port=4002)),
                            "192.0.2.7:4002")
        line = b"PROXY TCP6 2001:db8::7 ::1 4003 1883\r\n"
        self.assert_seen_as(self.proxied(line), r"\[2001:db8::7\]:4003")

    def test_mqtt_goes_on_behind_it(self):
        """A proxied client is like any other, its header in any pieces."""
        topic = self.topic()
        subscriber = self.subscriber(topic)
        for header in (version_1(), version_2(), version_2(command=0x20),
                       b"PROXY UNKNOWN\r\n"):
            client = self.proxied(b"")
            packet = wire.connect(self.client_id(), V5)
            for byte in header + packet:
                client.socket.sendall(bytes([byte]))
            client.expect(CONNACK, code=0)
            client.publish(topic, "through", 1)
            subscriber.expect_message(topic, "through")

    def test_a_proxy_of_its_own(self):
        """LOCAL and UNKNOWN keep the address of who connected."""
        for header in (version_2(command=0x20), b"PROXY UNKNOWN\r\n"):
            client = self.proxied(header)
            port = client.socket.getsockname()[1]
            self.assert_seen_as(client, f"127.0.0.1:{port}")

    def test_no_header(self):
        """Nobody comes in without a header, or with a malformed one, and
        the log says why."""
        for data in (wire.connect("c", V5), b"PROXY TCP4 nobody\r\n",
                     version_2(attributes=b"\x01\xff\xff"),
                     version_2(attributes=attribute(3, b"sum?")),
                     b"PROXY UNKNOWN " + b"x" * 200):
            start = len(self.broker.lines)
            client = self.proxied(data)
            self.assertEqual(client.packets_until_closed(), [])
            self.broker.await_line(r"transport\.failed .*tcp\.proxied", 5,
                                   start)

    def test_a_common_name(self):
        """The name in a verified certificate does not disturb CONNECT."""
        client = self.proxied(version_2(attributes=certificate(b"meter-7")))
        client.connect(self.client_id())
        client = self.proxied(version_2(attributes=certificate(b"x", 1)))
        client.connect(self.client_id())

    def test_the_other_listener(self):
        """A listener without the option takes no header."""
        client = self.client()
        client.send(version_1())
        with self.assertRaises(Closed):
            client.receive()


class Untrusted(ProxyTest):

    settings = {**ProxyTest.settings,
                "listeners.tcp.proxied.proxy_protocol_trusted": "10.0.0.0/8"}

    def test_a_spoofed_header(self):
        """A header from elsewhere is closed and logged."""
        client = self.proxied(version_2() + wire.connect("c", V5))
        self.assertEqual(client.packets_until_closed(), [])
        self.broker.await_line(r"transport\.failed .*untrusted_proxy", 5)


class WebSocketBehindProxy(ProxyTest):

    settings = {"listeners.ws.proxied": "127.0.0.1:0",
                "listeners.ws.proxied.proxy_protocol": "on"}

    def setUp(self):
        BlackboxTest.setUp(self)
        self.address = self.broker.address_of("ws.proxied")

    def test_websocket(self):
        """A WebSocket's client is named by the PROXY header too."""
        answer, plain, _ = ws.ask(
            self.address, version_2(port=4005) + ws.request()[0])
        self.addCleanup(plain.close)
        self.assertEqual(answer.status, 101)
        plain.sendall(ws.frame(REFUSED))
        self.broker.await_line(r"connect\.refused .*192\.0\.2\.7:4005", 5)


@unittest.skipUnless(haproxy_binary(), "haproxy is not installed")
class HAProxy(ProxyTest):
    """HAProxy in front, as people run it."""

    def start(self, word):
        """HAProxy on a free port, with that word behind the server."""
        front = socket.socket()
        self.addCleanup(front.close)
        front.bind(("127.0.0.1", 0))
        front.listen(16)
        folder = tempfile.mkdtemp(prefix="hetzel-haproxy-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        config = os.path.join(folder, "haproxy.cfg")
        host, port = self.address
        with open(config, "w", encoding="ascii") as out:
            out.write("global\n  maxconn 64\n"
                      "defaults\n  mode tcp\n  timeout connect 5s\n"
                      "  timeout client 30s\n  timeout server 30s\n"
                      f"frontend front\n  bind fd@{front.fileno()}\n"
                      "  default_backend back\n"
                      f"backend back\n  server hetzel {host}:{port} {word}\n")
        child = subprocess.Popen([haproxy_binary(), "-db", "-f", config],
                                 pass_fds=[front.fileno()],
                                 stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        return front.getsockname()

    def test_both_versions(self):
        """Clients behind send-proxy and send-proxy-v2 are named by their own
        address, and served."""
        for word in ("send-proxy", "send-proxy-v2",
                     "send-proxy-v2 check-send-proxy check inter 100ms"):
            with self.subTest(word):
                address = self.start(word)
                topic = self.topic(word.split()[0])
                subscriber = self.subscriber(topic, 1)
                client = Client(address, patience=20)
                self.addCleanup(client.close)
                client.connect(self.client_id())
                client.publish(topic, word, 1)
                subscriber.expect_message(topic, word)
                refused = Client(address, patience=20)
                self.addCleanup(refused.close)
                port = refused.socket.getsockname()[1]
                self.assert_seen_as(refused, f"127.0.0.1:{port}")


if __name__ == "__main__":
    unittest.main()
