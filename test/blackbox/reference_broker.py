"""Mosquitto 2.0 in the place of Hetzel, to test the tests.

BLACKBOX_REFERENCE=mosquitto runs every test that Mosquitto can be configured
for. A test that fails there is wrong, or Mosquitto deviates from the
specification: see reference_deviations.py.
"""

import os
import re
import socket
import unittest

from broker import Broker

# Our key: theirs, for settings that mean the same.
KEYS = {
    "max_inflight_messages": lambda value: [f"max_inflight_messages {value}"],
    "receive_max_broker": lambda value: [f"max_inflight_messages {value}"],
    "topic_alias_max_client": lambda value: [],
    "max_keep_alive": lambda value: [f"max_keepalive {value}"],
    "max_offline_messages": lambda value: [f"max_queued_messages {value}"]
    if int(value) > 0 else None,
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ReferenceBroker(Broker):
    """Skips the test when a setting has no counterpart."""

    ready = re.compile(r"mosquitto version .* running()")

    def command(self):
        self._port = free_port()
        lines = [f"listener {self._port} 127.0.0.1", "allow_anonymous true",
                 "log_dest stderr", "persistence false", "user root"]
        for key, value in self.settings.items():
            same = KEYS.get(key, lambda _: None)(value)
            if same is None:
                raise unittest.SkipTest(f"Mosquitto has no {key}={value}")
            lines += same
        path = os.path.join(self.data_dir, "mosquitto.conf")
        with open(path, "w", encoding="utf-8") as config:
            config.write("\n".join(lines) + "\n")
        return ["mosquitto", "-c", path]

    def _await_address(self):
        self.await_line(self.ready, 10)
        return "127.0.0.1", self._port
