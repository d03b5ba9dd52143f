"""How long and how fast connections may be: max_connection_lifetime and
max_accept_rate."""

import time
import unittest

from case import BlackboxTest, each_version
from mqtt_wire import DISCONNECT, V5
from wire_client import Client


class Lifetime(BlackboxTest):

    settings = {"listeners.tcp.default.max_connection_lifetime": "1s",
                "listeners.tcp.free": "127.0.0.1:0"}

    def witness(self, topic):
        """A subscriber that lives longer."""
        client = Client(self.broker.address_of("tcp.free"))
        self.addCleanup(client.close)
        client.connect(self.client_id())
        client.subscribe(topic)
        return client

    @each_version()
    def test_the_end(self, version):
        """A connection ends when it has lasted long enough, a 5.0 client is
        told 0xA0 (3.14.2.1); its will is published, its session stays."""
        topic = self.topic("will")
        client_id = self.client_id()
        client = self.connect_persistent(
            client_id, version, will={"topic": topic, "payload": "gone"})
        start = time.monotonic()
        witness = self.witness(topic)
        if version == V5:
            client.expect(DISCONNECT, code=0xA0)
        client.expect_closed()
        self.assert_elapsed(start, 0.9, 4)
        witness.expect_message(topic, "gone")
        again = self.connect_persistent(client_id, version)
        if version != 3:
            self.assertTrue(again.connack.session_present)

    def test_however_busy(self):
        """Traffic does not prolong it."""
        client = self.connect()
        start = time.monotonic()
        with self.assertRaises(AssertionError):
            while time.monotonic() < start + 10:
                client.ping()
        self.assert_elapsed(start, 0.9, 4)


class AcceptRate(BlackboxTest):

    settings = {"listeners.tcp.default.max_accept_rate": "5"}

    def test_it_waits(self):
        """Who comes beyond the rate is served a little later, not refused."""
        self.let_pass(1)
        start = time.monotonic()
        for _ in range(10):
            self.connect()
        self.assert_elapsed(start, 0.8, 10)


if __name__ == "__main__":
    unittest.main()
