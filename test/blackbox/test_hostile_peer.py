"""Peers that are slow, silent, greedy or gone. Each costs itself at most."""

import os
import socket
import time
import unittest

import mqtt_wire as wire
from case import BlackboxTest, each_version
from mqtt_wire import CONNACK, PUBACK, PUBLISH, V311, V5
from wire_client import Closed, Silent

MEGABYTE = 1 << 20

# AddressSanitizer keeps 256 MB of what was freed, which here would pass for
# memory of the broker.
os.environ.setdefault("ASAN_OPTIONS", "quarantine_size_mb=8")


class SlowConnect(BlackboxTest):

    settings = {"mqtt_connect_timeout": "300ms"}

    def assert_closed_in_time(self, client, start):
        client.expect_closed()
        self.assert_elapsed(start, 0.25, 2)

    def test_a_silent_socket(self):
        """A connection without CONNECT is closed after
        `mqtt_connect_timeout` (3.1.4)."""
        start = time.monotonic()
        self.assert_closed_in_time(self.client(), start)

    def test_a_connect_byte_by_byte(self):
        """A CONNECT that trickles in does not stretch the time (3.1.4)."""
        start = time.monotonic()
        client = self.client(patience=0.1)
        for byte in wire.connect("trickle", user="u" * 200):
            try:
                client.send(bytes([byte]))
                client.receive()
            except Silent:
                continue
            except Closed:
                break
        else:
            self.fail("it was still open after 20 s")
        self.assert_elapsed(start, 0.25, 2)

    def test_half_a_connect(self):
        """Half a CONNECT is no CONNECT (3.1.4)."""
        start = time.monotonic()
        client = self.client()
        client.send(wire.connect("half", user="u" * 200)[:40])
        self.assert_closed_in_time(client, start)

    def test_many_of_them(self):
        """200 such connections keep nobody from connecting (3.1.4)."""
        slow = [self.client() for _ in range(200)]
        for client in slow:
            client.send(wire.connect("slow")[:5])
        start = time.monotonic()
        self.connect().ping()
        self.assert_elapsed(start, 0, 1)
        for client in slow:
            client.expect_closed()

    def test_the_time_counts_from_the_connection(self):
        """On a node that was idle for long a new connection has all of its
        time (3.1.4)."""
        for _ in range(4):
            self.let_pass(0.5)
            start = time.monotonic()
            self.assert_closed_in_time(self.client(), start)

    def test_a_connected_client_stays(self):
        """The time limit ends with CONNECT (3.1.4)."""
        client = self.connect(keep_alive=0)
        self.let_pass(1)
        client.ping()


class Gone(BlackboxTest):

    @each_version()
    def test_half_open(self, version):
        """A peer that has closed its sending side is gone: its will is
        published and its subscriptions end [MQTT-3.1.2-8]."""
        topic = self.topic("will")
        witness = self.subscriber(topic)
        client = self.connect(version=version, will={"topic": topic,
                                                     "payload": "gone"})
        client.subscribe(topic + "/x", 1)
        client.socket.shutdown(socket.SHUT_WR)
        witness.expect_message(topic, "gone")
        publisher = self.connect()
        self.assert_becomes(0x10, lambda: publisher.publish(topic + "/x", "x",
                                                            1))

    @each_version(V311, V5)
    def test_a_reset(self, version):
        """A reset connection is a lost one [MQTT-3.1.2-8]."""
        topic = self.topic("will")
        witness = self.subscriber(topic)
        client = self.connect(version=version, will={"topic": topic,
                                                     "payload": "gone"})
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                 b"\1\0\0\0\0\0\0\0")
        client.close()
        witness.expect_message(topic, "gone")

    def test_a_thousand_that_come_and_go(self):
        """Connections that end at any point leave nothing behind: memory does
        not grow with their number."""
        whole = wire.connect("fleeting") + wire.subscribe(1, [("f/#", 1)]) \
            + wire.publish("f/x", "x" * 100, 2, 7)

        def visit(count):
            for number in range(count):
                client = self.client()
                client.send(whole[:number % len(whole)])
                client.close()
            self.connect().ping()
        visit(300)
        before = self.broker.resident_bytes()
        visit(1000)
        self.assertLess(self.broker.resident_bytes() - before, 8 * MEGABYTE)


class NeverReads(BlackboxTest):

    ROUNDS, BATCH, SIZE = 40, 100, 20_000

    def stalled(self, topic, qos, version=V5, receive_buffer=4096):
        """A subscriber that stops reading after SUBACK."""
        client = self.client(version, receive_buffer=receive_buffer)
        client.connect(self.client_id(), keep_alive=0)
        client.subscribe(topic, qos)
        return client

    def flood(self, topic, qos, version=V5):
        """80 MB to one who reads and one who does not; how much the broker
        grew."""
        self.stalled(topic, qos, version)
        reader = self.subscriber(topic, qos, version)
        publisher = self.connect()
        before = self.broker.resident_bytes()
        for start in range(0, self.ROUNDS * self.BATCH, self.BATCH):
            batch = range(start + 1, start + self.BATCH + 1)
            publisher.send(b"".join(
                wire.publish(topic, str(number).encode() + b" " * self.SIZE,
                             qos, number if qos else None)
                for number in batch))
            for number in batch:
                message = reader.receive()
                self.assertEqual((message.kind, int(message.payload)),
                                 (PUBLISH, number))
                reader.acknowledge(message)
            for number in batch if qos else ():
                publisher.expect(PUBACK, id=number)
        return self.broker.resident_bytes() - before

    def test_with_qos_0(self):
        """A subscriber that never reads QoS 0 hinders neither the publisher
        nor another subscriber; what the broker holds for it is bounded (by
        1,000 messages and 1 MB of output)."""
        self.assertLess(self.flood(self.topic(), 0), 48 * MEGABYTE)

    @each_version(V311, V5)
    def test_with_qos_1(self, version):
        """The same with QoS 1."""
        self.assertLess(self.flood(self.topic(), 1, version), 64 * MEGABYTE)

    def test_it_still_counts_as_connected(self):
        """When it reads again, it works again or has been closed."""
        topic = self.topic()
        client = self.stalled(topic, 0, receive_buffer=1 << 18)
        publisher = self.connect()
        for _ in range(20):
            publisher.send(wire.publish(topic, b"x" * self.SIZE) * 100)
            publisher.ping()
        try:
            client.packets_until_pong()
        except Closed:
            return
        publisher.publish(topic, "again")
        client.expect_message(topic, "again")

    def test_a_client_that_never_reads_replies(self):
        """A client that sends PINGREQ and PUBLISH QoS 1 for ever without
        reading the answers is held up or closed, at a bounded cost."""
        client = self.client(receive_buffer=4096)
        client.connect(self.client_id(), keep_alive=0)
        before = self.broker.resident_bytes()
        client.socket.settimeout(0.5)
        chunk = wire.pingreq() * 5_000 + b"".join(
            wire.publish("f/x", "", 1, number) for number in range(1, 2_000))
        try:
            for _ in range(1_000):
                client.socket.sendall(chunk)
        except OSError:
            pass
        self.connect().ping()
        self.assertLess(self.broker.resident_bytes() - before,
                        32 * MEGABYTE)


class Greedy(BlackboxTest):

    def test_lengths_are_not_believed(self):
        """A header that promises 256 MB gets no memory before the bytes come:
        50 of them cost little."""
        before = self.broker.resident_bytes()
        clients = []
        for _ in range(50):
            client = self.client()
            client.connect(self.client_id())
            client.send(b"\x30" + wire.variable(15_000_000) + b"\0\1a\0")
            clients.append(client)
        self.connect().ping()
        self.assertLess(self.broker.resident_bytes() - before, 16 * MEGABYTE)

    def test_a_storm_of_subscriptions(self):
        """20,000 filters in packets of 1,000 are refused at the limit with
        0x97, not with a crash."""
        client = self.connect()
        codes = []
        for start in range(0, 20_000, 1_000):
            client.send(wire.subscribe(1, [
                (f"{self.prefix}/{number}", 0)
                for number in range(start, start + 1_000)]))
            codes += client.expect(wire.SUBACK).codes
        self.assertEqual(codes.count(0), 10_000)
        self.assertEqual(codes.count(0x97), 10_000)

    def test_connects_in_a_row(self):
        """500 clients connect and leave one after the other (3.1)."""
        for _ in range(500):
            client = self.client()
            client.request_connect("in-a-row")
            client.expect(CONNACK, code=0)
            client.send(wire.disconnect())
            client.expect_closed()
            client.close()


if __name__ == "__main__":
    unittest.main()
