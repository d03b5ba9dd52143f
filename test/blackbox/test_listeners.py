"""Listeners that come, go and change while the broker runs."""

import os
import shutil
import signal
import socket
import tempfile
import unittest

from broker import Broker
from case import BlackboxTest
from wire_client import PATIENCE, Client


class Listeners(BlackboxTest):

    settings = None

    def setUp(self):
        super().setUp()
        self.folder = tempfile.mkdtemp(prefix="hetzel-listeners-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.config = os.path.join(self.folder, "hetzel.yaml")
        self.write({})
        self.broker = Broker(words=["--config", self.config])
        self.addCleanup(self.broker.stop)

    def write(self, options):
        """`options`: those below listeners.tcp."""
        with open(self.config, "w", encoding="ascii") as file:
            for key, value in options.items():
                file.write(f"listeners.tcp.{key}: {value}\n")

    def reload(self, options):
        """Returns when it has been applied."""
        start = len(self.broker.lines)
        self.write(options)
        self.broker.signal(signal.SIGHUP)
        self.broker.await_line(r"config\.reloaded", PATIENCE, start)
        return start

    @staticmethod
    def free_port():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    def client_at(self, port):
        client = Client(("127.0.0.1", port))
        self.addCleanup(client.close)
        return client.connect(self.client_id())

    def test_come_and_go(self):
        """A new listener serves, a removed one closes its port; clients of
        both stay."""
        here = self.client_at(self.broker.port)
        port = self.free_port()
        self.reload({"second": f"127.0.0.1:{port}"})
        there = self.client_at(port)
        there.subscribe("t", 0)
        here.publish("t", "x")
        there.expect_message("t", "x")
        self.reload({})
        with self.assertRaises(ConnectionRefusedError):
            self.client_at(port)
        here.publish("t", "y")
        there.expect_message("t", "y")

    def test_change(self):
        """A mountpoint that changed is the next client's; the port stays."""
        port = self.free_port()
        address = {"second": f"127.0.0.1:{port}"}
        self.reload(address)
        early = self.client_at(port)
        early.subscribe("t", 0)
        self.reload({**address, "second.mountpoint": "apart"})
        late = self.client_at(port)
        late.subscribe("t", 0)
        self.client_at(self.broker.port).publish("t", "old")
        early.expect_message("t", "old")
        self.client_at(port).publish("t", "new")
        late.expect_message("t", "new")

    def test_by_hetzelctl(self):
        """An operator starts, stops, restarts and deletes a listener."""
        port = self.free_port()
        start = f"listener start tcp.third 127.0.0.1:{port} mountpoint=third"
        self.control(0, *start.split())
        client = self.client_at(port)
        self.assertRegex(
            self.control(0, "listener", "show"),
            rf"tcp\.third +mqtt +running +127\.0\.0\.1 +{port} +third")
        self.control(1, *start.split())
        self.control(0, "listener", "stop", "tcp.third")
        with self.assertRaises(ConnectionRefusedError):
            self.client_at(port)
        client.ping()
        self.control(0, "listener", "restart", "tcp.third")
        self.client_at(port)
        self.control(1, "listener", "delete", "tcp.third")
        self.control(0, "listener", "stop", "tcp.third")
        self.control(0, "listener", "delete", "tcp.third")
        self.assertNotIn("tcp.third", self.control(0, "listener", "show"))

    def control(self, expected, *words):
        """What hetzelctl says to these words."""
        code, said = self.broker.ask(*words)
        self.assertEqual(code, expected, said)
        return said

    def test_a_port_that_is_taken(self):
        """It is logged, the others go on, and the next SIGHUP tries again."""
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            holder.listen()
            port = holder.getsockname()[1]
            start = self.reload({"second": f"127.0.0.1:{port}"})
            self.broker.await_line(r"listener\.not_changed .*tcp\.second.*"
                                   "cannot listen", PATIENCE, start)
            self.client_at(self.broker.port).ping()
        self.reload({"second": f"127.0.0.1:{port}"})
        self.client_at(port).ping()


if __name__ == "__main__":
    unittest.main()
