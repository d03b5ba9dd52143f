"""Keep alive (MQTT 5, 3.1.2.10 and 3.2.2.3.14)."""

import threading
import time
import unittest

import mqtt_wire as wire
from case import BlackboxTest, each_version
from mqtt_wire import V5


class KeepAlive(BlackboxTest):

    def assert_ends_in_time(self, client, keep_alive, last):
        """Ends 1.5 keep alives after `last`, neither long before nor after."""
        client.expect_disconnect(0x8D, patience=keep_alive * 1.5 + 5)
        # Timers may be coarse, but a client may use the whole period.
        self.assert_elapsed(last, keep_alive * 1.5 - 0.05,
                            keep_alive * 1.5 + 2)

    @each_version()
    def test_a_silent_client_is_closed(self, version):
        """After one and a half keep alives of silence the connection ends; a
        5.0 client is told 0x8D [MQTT-3.1.2-22] [3.1.1 MQTT-3.1.2-24]."""
        start = time.monotonic()
        client = self.connect(version=version, keep_alive=1)
        self.assert_ends_in_time(client, 1, start)

    def test_the_will_of_a_silent_client(self):
        """It ends as if the network had failed: the will is published
        [MQTT-3.1.2-22] [MQTT-3.1.2-8]."""
        topic = self.topic("will")
        witness = self.subscriber(topic)
        self.connect(keep_alive=1, will={"topic": topic, "payload": "silent"})
        witness.expect_message(topic, "silent")

    @each_version()
    def test_any_packet_keeps_it_alive(self, version):
        """Every packet from the client counts, not PINGREQ alone
        [MQTT-3.1.2-22]."""
        client = self.connect(version=version, keep_alive=1)
        topic = self.topic()
        for number in range(5):
            self.let_pass(0.7)
            client.send((wire.publish(topic, "x", version=version),
                         wire.pingreq())[number % 2])
            last = time.monotonic()
        for _ in range(2):
            client.expect(wire.PINGRESP)
        self.assert_ends_in_time(client, 1, last)

    def test_what_the_server_sends_does_not_count(self):
        """Packets to the client do not keep it alive [MQTT-3.1.2-22]."""
        topic = self.topic()
        start = time.monotonic()
        client = self.client().connect(self.client_id(), keep_alive=1)
        client.subscribe(topic)
        publisher = self.connect()
        stop = threading.Event()

        def chatter():
            while not stop.wait(0.2):
                publisher.publish(topic, "noise")
        talker = threading.Thread(target=chatter)
        talker.start()
        try:
            packets = client.packets_until_closed()
        finally:
            stop.set()
            talker.join()
        self.assertEqual(packets[-1].kind, wire.DISCONNECT)
        self.assertEqual(packets[-1].code, 0x8D)
        self.assert_elapsed(start, 1.45, 4)

    def test_zero_switches_it_off(self):
        """Keep alive 0 never ends a silent client (3.1.2.10)."""
        client = self.connect(keep_alive=0)
        self.let_pass(2.5)
        client.ping()

    def test_a_part_of_a_packet_is_no_packet(self):
        """A packet that never completes does not keep the client alive
        [MQTT-3.1.2-22]."""
        start = time.monotonic()
        client = self.connect(keep_alive=1)
        self.let_pass(0.5)
        client.send(wire.publish(self.topic(), "x" * 100)[:50])
        client.packets_until_closed()
        self.assert_elapsed(start, 1.45, 3.5)

    @each_version()
    def test_pingreq_is_answered(self, version):
        """PINGREQ is answered with PINGRESP [MQTT-3.12.4-1]."""
        client = self.connect(version=version)
        client.send(wire.pingreq() * 3)
        for _ in range(3):
            client.expect(wire.PINGRESP)


class ServerKeepAlive(BlackboxTest):

    settings = {"max_keep_alive": "1s"}

    def test_the_server_may_set_it(self):
        """Server Keep Alive replaces a longer one or none, and is what the
        server goes by (3.2.2.3.14) [MQTT-3.1.2-21]."""
        for asked in (60, 0):
            with self.subTest(asked):
                start = time.monotonic()
                client = self.connect(keep_alive=asked)
                self.assertEqual(client.connack.props.get("server_keep_alive"),
                                 1)
                client.expect_disconnect(0x8D)
                self.assert_elapsed(start, 1.45, 3.5)

    def test_a_client_s_shorter_one_stays(self):
        """Without Server Keep Alive in CONNACK the client's own value holds
        [MQTT-3.2.2-22]."""
        client = self.connect(keep_alive=1)
        self.assertIn(client.connack.props.get("server_keep_alive"), (None, 1))
        self.assertEqual(client.version, V5)


if __name__ == "__main__":
    unittest.main()
