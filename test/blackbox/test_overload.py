"""A node that has too much to carry: `overload.…`."""

import unittest

from case import BlackboxTest, each_version
from mqtt_wire import CONNACK, V5


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


if __name__ == "__main__":
    unittest.main()
