"""A disk that takes no more: what is told to whom, and that it passes.

The limit on the size of files stands for the disk: the store cannot tell the
two apart, and a test can lift it again.
"""

import resource
import unittest

from case import BlackboxTest, start_broker
from mqtt_wire import V311, V5
from wire_client import Client, Closed

PAYLOAD = "x" * 20_000
UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


class DiskFull(BlackboxTest):

    settings = None

    def setUp(self):
        super().setUp()
        self.broker = start_broker({
            "max_offline_messages": "-1", "max_online_messages": "-1",
            "listeners.tcp.relaxed": "127.0.0.1:0",
            "listeners.tcp.relaxed.message_durability": "relaxed"})
        self.addCleanup(self.broker.kill)

    def limit_files(self, limits):
        resource.prlimit(self.broker.child.pid, resource.RLIMIT_FSIZE, limits)

    def fill(self, topic):
        """Publishes until it is refused; returns what was acknowledged and
        the code of the refusal."""
        publisher = self.connect()
        for number in range(10_000):
            code = publisher.publish(topic, f"{number} {PAYLOAD}", 1)
            if code >= 0x80:
                return number, code
        self.fail("the disk never got full")

    def test_a_relaxed_listener(self):
        """Who publishes there is acknowledged whatever becomes of the message;
        the others wait for it."""
        topic = self.topic()
        client = self.connect_persistent(self.client_id())
        client.subscribe(topic, 1)
        client.disconnect()
        self.limit_files((1_000_000, resource.RLIM_INFINITY))
        self.assertEqual(self.fill(topic)[1], 0x97)
        port = int(self.broker.await_line(r"tcp\.relaxed=127\.0\.0\.1:(\d+)",
                                          1).group(1))
        careless = Client(("127.0.0.1", port))
        self.addCleanup(careless.close)
        careless.connect(self.client_id())
        for quality in (1, 2):
            self.assertEqual(careless.publish(topic, PAYLOAD, quality), 0)
        self.assertEqual(self.connect().publish(topic, PAYLOAD, 1), 0x97)

    def test_what_is_refused_and_what_goes_on(self):
        """Who publishes to a lasting session hears 0x97; QoS 0 and sessions
        that end with their connection go on; what was acknowledged is there;
        with room again everything works by itself."""
        topic = self.topic()
        absent = self.client_id()
        client = self.connect_persistent(absent)
        client.subscribe(topic, 1)
        client.disconnect()
        self.limit_files((1_000_000, resource.RLIM_INFINITY))
        acknowledged, code = self.fill(topic)
        self.assertEqual(code, 0x97)
        self.assertGreater(acknowledged, 10)

        other = self.topic()
        brief = self.connect()
        brief.subscribe(other, 1)
        publisher = self.connect()
        for quality in (0, 1):
            publisher.publish(other, f"q{quality}", quality)
            message = brief.expect_message(other, f"q{quality}")
            brief.acknowledge(message)
        older = self.connect(version=V311)
        with self.assertRaises(Closed):
            older.publish(topic, "lost", 1)

        self.limit_files(UNLIMITED)
        self.broker.await_line(r"store\.recovered", 20)
        self.assertLess(publisher.publish(topic, "last", 1), 0x80)
        client = self.connect_persistent(absent)
        got = []
        while not got or got[-1] != b"last":
            message = client.receive()
            client.acknowledge(message)
            got.append(message.payload)
        numbers = [int(payload.split()[0]) for payload in got[:-1]]
        self.assertEqual(numbers[:acknowledged], list(range(acknowledged)))


if __name__ == "__main__":
    unittest.main()
