"""A node that has too much to carry: `overload.…`."""

import pathlib
import unittest

from case import BlackboxTest, each_version
from mqtt_wire import CONNACK, V5

LIMIT_MB = 120
PAYLOAD = b"x" * 50_000


class Overload(BlackboxTest):
    """Of so little memory that the node is over it all the time."""

    settings = {"overload.memory_limit": "1MB", "overload.interval": "10ms",
                "overload.critical": "refuse_connect,drop_qos0"}

    def setUp(self):
        super().setUp()
        self.broker.expected_errors = r"\boverload\.begun\b"
        self.broker.await_line(r"\boverload\.begun\b.*\blevel=critical\b"
                               r".*\bcause=memory\b", 10)

    @each_version()
    def test_nobody_comes_in(self, version):
        """CONNECT is answered with 0x89, before 5.0 with 3, and the connection
        closed [MQTT-3.1.4-6]."""
        client = self.client(version)
        client.request_connect(self.client_id())
        client.expect(CONNACK, code=0x89 if version == V5 else 3)
        client.expect_closed()

    def test_the_operator_sees_it(self):
        """hetzelctl shows level and counters."""
        metrics = self.broker.ask("metrics", "overload")[1]
        self.assertIn("overload_level 3\n", metrics)
        self.assertRegex(metrics, r"overload_connect_refused \d+\n")
        told = self.broker.ask("describe", "messaging/overload_monitor")[1]
        self.assertIn("state.cause: memory\n", told)


class Plateau(BlackboxTest):
    """A client that reads nothing, and too much for it."""

    settings = None

    def setUp(self):
        super().setUp()
        self.broker = self.run_broker(
            max_online_messages=-1, overload__memory_limit=f"{LIMIT_MB}MB",
            overload__interval="20ms", overload__hold="200ms")
        self.broker.expected_errors = r"\boverload\.begun\b"

    def resident_mb(self):
        status = pathlib.Path(f"/proc/{self.broker.child.pid}/status")
        for line in status.read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise AssertionError("no VmRSS")

    def flood(self, topic, megabytes, qos):
        """Publishes so much; returns what the process took at most."""
        publisher = self.connect()
        peak = 0
        for _ in range(megabytes * 1_000_000 // len(PAYLOAD)):
            publisher.publish(topic, PAYLOAD, qos)
            peak = max(peak, self.resident_mb())
        publisher.packets_until_pong()
        return peak

    def expect_service(self):
        """Clients come in and hear each other."""
        topic = self.topic("live")
        reader = self.subscriber(topic, 1)
        self.connect().publish(topic, "as ever", 1)
        reader.acknowledge(reader.expect_message(topic, "as ever"))

    def expect_recovery(self):
        self.broker.await_line(r"\boverload\.eased\b.*\blevel=none\b", 30)
        self.assertEqual(self.broker.reading("overload_level"), 0)
        self.assertLess(self.resident_mb(), 96)
        self.expect_service()

    def test_qos_0_stops_growing_before_anybody_else_suffers(self):
        """What would have to wait for the silent client is dropped, and the
        rest goes on; when the client goes, so does the level."""
        topic = self.topic("stuck")
        silent = self.subscriber(topic)
        self.assertLess(self.flood(topic, 300, 0), LIMIT_MB)
        self.broker.await_line(r"\boverload\.begun\b.*\blevel=elevated\b", 1)
        self.assertGreater(self.broker.reading("overload_slow_dropped"), 1000)
        self.expect_service()
        silent.close()
        self.expect_recovery()

    def test_who_holds_the_memory_loses_the_connection(self):
        """QoS 1 is not dropped: at the level high the silent client is closed,
        and with it goes what waited."""
        topic = self.topic("stuck")
        silent = self.subscriber(topic, 1)
        self.assertLess(self.flood(topic, 300, 1), LIMIT_MB)
        self.broker.await_line(r"\boverload\.begun\b.*\blevel=high\b", 1)
        self.expect_recovery()
        self.assertEqual(self.broker.reading("overload_disconnected"), 1)
        silent.packets_until_closed()


if __name__ == "__main__":
    unittest.main()
