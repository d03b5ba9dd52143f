"""The executable: starting, signals, stopping, its command line."""

import os
import re
import signal
import socket
import subprocess
import tempfile
import unittest

import mqtt_wire as wire
from broker import START_SECONDS, environment, hetzel_binary
from case import BlackboxTest, each_version
from mqtt_wire import V311


class NodeTest(BlackboxTest):

    settings = None

    def setUp(self):
        super().setUp()
        if os.environ.get("BLACKBOX_REFERENCE"):
            self.skipTest("this is about Hetzel itself")

    def run_binary(self, *words, env=None):
        """Runs it to its end: exit code, standard output and error."""
        done = subprocess.run([hetzel_binary(), *words], check=False,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=START_SECONDS,
                              env={**environment(), **(env or {})})
        return done.returncode, done.stdout, done.stderr


class Stopping(NodeTest):

    def test_sigterm_drains(self):
        """SIGTERM ends the node with 0; 5.0 clients are told 0x8B, 3.x
        clients closed (4.13)."""
        broker = self.run_broker()
        five = self.connect(broker=broker)
        three = self.connect(version=V311, broker=broker)
        idle = self.client(broker=broker)
        broker.signal(signal.SIGTERM)
        five.expect_disconnect(0x8B)
        three.expect_closed()
        idle.expect_closed()
        broker.await_exit()

    def test_sigint_is_the_same(self):
        """SIGINT too ends it in order."""
        broker = self.run_broker()
        client = self.connect(broker=broker)
        broker.signal(signal.SIGINT)
        client.expect_disconnect(0x8B)
        broker.await_exit()

    def test_no_new_connections_while_stopping(self):
        """A stopped node listens no more."""
        broker = self.run_broker()
        address = broker.address
        broker.signal(signal.SIGTERM)
        broker.await_exit()
        with socket.socket() as probe:
            self.assertNotEqual(probe.connect_ex(address), 0)

    def test_what_was_routed_is_delivered_first(self):
        """Messages that were acknowledged before SIGTERM reach their
        connected subscribers before 0x8B."""
        broker = self.run_broker()
        topic = self.topic()
        subscriber = self.connect(broker=broker)
        subscriber.subscribe(topic, 1)
        publisher = self.connect(broker=broker)
        publisher.publish(topic, "last words", 1)
        broker.signal(signal.SIGTERM)
        subscriber.expect_message(topic, "last words")
        subscriber.expect_disconnect(0x8B)
        broker.await_exit()

    def test_under_load(self):
        """Stopping under traffic is as clean."""
        broker = self.run_broker()
        clients = [self.connect(broker=broker) for _ in range(50)]
        for number, client in enumerate(clients):
            client.subscribe("load/#", number % 3)
        for client in clients:
            client.send_to_closing(wire.publish("load/x", "x" * 100) * 200)
        broker.signal(signal.SIGTERM)
        for client in clients:
            client.packets_until_closed()
        broker.await_exit()


class Reloading(NodeTest):

    def test_sighup_keeps_connections(self):
        """SIGHUP re-reads the configuration; connections and sessions stay."""
        broker = self.run_broker()
        topic = self.topic()
        clients = [self.connect(version=version, broker=broker)
                   for version in wire.VERSIONS]
        for client in clients:
            client.subscribe(topic, 1)
        broker.signal(signal.SIGHUP)
        broker.await_line(r"config\.reload", START_SECONDS)
        self.connect(broker=broker).publish(topic, "x", 1)
        for client in clients:
            client.expect_message(topic, "x")
            client.reply(wire.PUBACK, 1)

    def test_a_live_change_applies(self):
        """A key that can change live does, for sessions that begin later; a
        file with an error changes nothing."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "hetzel.yaml")
            self.write(path, 3)
            broker = self.run_broker_with(path)
            self.assert_client_id_limit(broker, 3)
            self.write(path, 5)
            self.reload(broker, r"config\.reloaded")
            self.assert_client_id_limit(broker, 5)
            self.write(path, "many")
            self.reload(broker, r"config\.rejected")
            self.assert_client_id_limit(broker, 5)

    @staticmethod
    def write(path, limit):
        with open(path, "w", encoding="utf-8") as config:
            config.write("allow_anonymous: on\n"
                         f"max_client_id_size: {limit}\n")

    @staticmethod
    def reload(broker, answer):
        seen = len(broker.lines)
        broker.signal(signal.SIGHUP)
        broker.await_line(answer, START_SECONDS, seen)

    def run_broker_with(self, path):
        from broker import Broker

        class FileBroker(Broker):
            def command(self):
                return super().command() + ["--config", path]
        broker = FileBroker()
        self.addCleanup(broker.stop)
        return broker

    def assert_client_id_limit(self, broker, limit):
        for size, code in ((limit, 0), (limit + 1, 0x85)):
            client = self.client(broker=broker)
            client.request_connect("x" * size)
            client.expect(wire.CONNACK, code=code)


class Starting(NodeTest):

    def test_a_port_that_is_taken(self):
        """A port in use is a clear error, with the address, and an exit code
        other than 0."""
        with socket.socket() as taken, tempfile.TemporaryDirectory() as folder:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            code, _, err = self.run_binary(
                "--set", f"listeners.tcp.default=127.0.0.1:{port}",
                "--set", f"data_dir={folder}")
            self.assertNotEqual(code, 0)
            self.assertRegex(err, rf"127\.0\.0\.1\b.*\b{port}\b")
            self.assertRegex(err.lower(), "in use")

    def test_several_listeners(self):
        """Several listeners serve one broker."""
        broker = self.run_broker(listeners__tcp__second="127.0.0.1:0")
        found = broker.await_line(r"node\.ready.*tcp\.second=127\.0\.0\.1:"
                                  r"(\d+)", START_SECONDS)
        default = broker.await_line(r"node\.ready.*tcp\.default=127\.0\.0\.1:"
                                    r"(\d+)", START_SECONDS)
        topic = self.topic()
        broker.address = ("127.0.0.1", int(default.group(1)))
        first = self.connect(broker=broker)
        first.subscribe(topic)
        broker.address = ("127.0.0.1", int(found.group(1)))
        self.connect(broker=broker).publish(topic, "x")
        first.expect_message(topic, "x")

    def test_a_data_dir_that_cannot_be(self):
        """A data directory that cannot be made is a clear error."""
        with tempfile.NamedTemporaryFile() as occupied:
            code, _, err = self.run_binary(
                "--set", "listeners.tcp.default=127.0.0.1:0",
                "--set", f"data_dir={occupied.name}/below")
            self.assertNotEqual(code, 0)
            self.assertIn(occupied.name, err)

    def test_one_reactor_is_a_broker_too(self):
        """`reactors` 1 serves as well as one per core."""
        broker = self.run_broker(reactors="1")
        topic = self.topic()
        client = self.connect(broker=broker)
        client.subscribe(topic, 1)
        client.publish(topic, "x", 1)
        client.expect_message(topic, "x")


class CommandLine(NodeTest):

    def check(self, text, *words, env=None):
        """--check-config of a file: exit code and all output."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "hetzel.yaml")
            with open(path, "w", encoding="utf-8") as config:
                config.write(text)
            code, out, err = self.run_binary("--config", path,
                                             "--check-config", *words, env=env)
            return code, (out + err).replace(path, "FILE")

    def test_a_good_file(self):
        """--check-config of a good file says so and exits with 0."""
        code, said = self.check("allow_anonymous: on\nlisteners:\n  tcp:\n"
                                "    default: 127.0.0.1:1883\n")
        self.assertEqual(code, 0, said)

    def test_all_faults_at_once(self):
        """Unknown keys, wrong types and bad values are all reported, with
        file and line, and the nearest key there is."""
        code, said = self.check("allow_anonymus: on\n"
                                "max_inflight_messages: many\n"
                                "queue_type: filo\n")
        self.assertNotEqual(code, 0)
        for line in (1, 2, 3):
            self.assertIn(f"FILE:{line}", said)
        self.assertIn("allow_anonymous", said)

    def test_set_is_checked_too(self):
        """--set of an unknown key is an error that names the nearest."""
        code, said = self.check("", "--set", "max_offline_mesages=3")
        self.assertNotEqual(code, 0)
        self.assertIn("max_offline_messages", said)

    def test_the_environment(self):
        """HETZEL_… variables set keys."""
        code, said = self.check("", env={"HETZEL_QUEUE_TYPE": "filo"})
        self.assertNotEqual(code, 0)
        self.assertTrue(re.search("queue_type|HETZEL_QUEUE_TYPE", said), said)

    def test_a_file_that_is_not_there(self):
        """A missing file is an error that names it."""
        code, out, err = self.run_binary("--config", "/nowhere/hetzel.yaml",
                                         "--check-config")
        self.assertNotEqual(code, 0)
        self.assertIn("/nowhere/hetzel.yaml", out + err)

    def test_help_and_version(self):
        """--help and --version answer and exit with 0."""
        for word in ("--help", "--version"):
            code, out, _ = self.run_binary(word)
            self.assertEqual(code, 0)
            self.assertTrue(out.strip())


class TwoMountpoints(NodeTest):

    def test_they_are_apart(self):
        """Listeners with different mountpoints share neither topics nor
        retained messages nor client ids."""
        broker = self.run_broker(
            listeners__tcp__second="127.0.0.1:0",
            listeners__tcp__second__mountpoint="other")
        ports = [int(broker.await_line(rf"node\.ready.*tcp\.{name}="
                                       r"127\.0\.0\.1:(\d+)",
                                       START_SECONDS).group(1))
                 for name in ("default", "second")]
        topic, clients = self.topic(), []
        for port in ports:
            broker.address = ("127.0.0.1", port)
            clients.append(self.connect("twin", broker=broker))
        for number, client in enumerate(clients):
            client.subscribe("#", 1)
            client.publish(topic, f"m{number}", 1, True)
        for number, client in enumerate(clients):
            client.acknowledge(client.expect_message(topic, f"m{number}"))
            client.expect_nothing()
            client.subscribe(topic)
            client.expect_message(topic, f"m{number}", retain=True)


class Mountpoints(BlackboxTest):

    settings = {"listeners.tcp.default.mountpoint": "house"}

    @each_version()
    def test_they_are_not_seen(self, version):
        """A listener's mountpoint is a name space that its clients never
        see."""
        topic = self.topic()
        client = self.connect(version=version)
        client.subscribe(self.prefix + "/#", 1)
        client.subscribe(f"house/{self.prefix}/#", 1)
        client.publish(topic, "x", 1, True)
        client.acknowledge(client.expect_message(topic, "x"))
        client.expect_nothing()
        late = self.connect(version=version)
        late.subscribe(topic)
        late.expect_message(topic, "x", retain=True)


if __name__ == "__main__":
    unittest.main()
