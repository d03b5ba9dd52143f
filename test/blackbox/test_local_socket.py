"""Listeners on local (Unix domain) sockets."""

import os
import socket
import stat
import subprocess
import tempfile
import unittest

from case import BlackboxTest, each_version
from mqtt_wire import V5
from wire_client import Client


class LocalSocket(BlackboxTest):

    settings = None

    def setUp(self):
        super().setUp()
        self.folder = tempfile.TemporaryDirectory(prefix="hetzel-local-")
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "mqtt.sock")

    def start(self, **settings):
        self.broker = self.run_broker(
            listeners__tcp__local=f"local:{self.path}:0", **settings)
        return self.broker

    def over_local(self, version=V5):
        plain = socket.socket(socket.AF_UNIX)
        plain.settimeout(5)
        plain.connect(self.path)
        client = Client(None, version, connected=plain)
        self.addCleanup(client.close)
        return client

    def mode(self):
        return stat.S_IMODE(os.lstat(self.path).st_mode)

    @each_version()
    def test_a_client(self, version):
        """Clients of a local socket and of TCP are clients of one broker,
        and the log names process and user."""
        if self.broker is None:
            self.start()
        topic = self.topic()
        subscriber = self.connect()
        subscriber.subscribe(topic, 2)
        client = self.over_local(version).connect(self.client_id())
        for qos in range(3):
            client.publish(topic, f"q{qos}", qos)
            subscriber.acknowledge(
                subscriber.expect_message(topic, f"q{qos}", qos=qos))
        client = self.over_local()
        client.send(b"\x10\x00")
        client.packets_until_closed()
        self.broker.await_line(rf"unix:{os.getpid()}/{os.getuid()}\b", 5)

    def test_mosquitto(self):
        """mosquitto_pub --unix reaches it."""
        self.start()
        topic = self.topic()
        subscriber = self.connect()
        subscriber.subscribe(topic, 1)
        done = subprocess.run(
            ["mosquitto_pub", "--unix", self.path, "-t", topic, "-m", "hello",
             "-q", "1", "-V", "mqttv5"], capture_output=True, text=True,
            timeout=20, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        subscriber.expect_message(topic, "hello")

    def test_its_file(self):
        """The file has the permissions configured, and goes with the broker;
        what a killed one left behind is replaced."""
        broker = self.start(listeners__tcp__local__socket_mode="0600")
        self.assertEqual(self.mode(), 0o600)
        broker.restart()
        self.over_local().connect(self.client_id())
        broker.stop()
        self.assertFalse(os.path.exists(self.path))

    def test_ready_names_it(self):
        """The line node.ready names the path."""
        broker = self.start()
        broker.await_line(r"node\.ready.*tcp\.local=unix:"
                          + self.path.replace(".", r"\."), 5)
        self.assertEqual(self.mode(), 0o660)


if __name__ == "__main__":
    unittest.main()
