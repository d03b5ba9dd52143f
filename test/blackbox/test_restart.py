"""What a node still has after its process has ended, in order or killed:
persistent sessions with their subscriptions, and retained messages."""

import os
import signal
import subprocess
import time
import unittest

from broker import environment, hetzel_binary
from case import BlackboxTest, each_version, start_broker
from mqtt_wire import V311, V5


class Restart(BlackboxTest):

    settings = None

    def setUp(self):
        super().setUp()
        self.broker = self.run_broker()

    def both_ways(self):
        """The signals that end a node, each after what the caller prepares."""
        for how in (signal.SIGKILL, signal.SIGTERM):
            with self.subTest(how.name):
                yield how

    @each_version(V311, V5)
    def test_a_session_and_its_subscriptions(self, version):
        """Once SUBACK was sent, the subscription outlives the process
        [MQTT-4.1.0-1] [3.1.1 MQTT-3.1.2-4] [MQTT-3.1.2-5]."""
        for how in self.both_ways():
            client_id, topic = self.client_id(), self.topic(how.name)
            client = self.connect_persistent(client_id, version)
            client.subscribe(topic + "/+", 1)
            client.subscribe(topic + "/a/#", 2)
            self.broker.restart(how)
            publisher = self.connect()
            publisher.publish(topic + "/x", "while away", 1)
            client = self.connect_persistent(client_id, version)
            self.assertTrue(client.connack.session_present)
            client.acknowledge(
                client.expect_message(topic + "/x", "while away", qos=1))
            publisher.publish(topic + "/a/b", "back", 2)
            client.expect_message(topic + "/a/b", "back", qos=2)

    def test_the_options_of_a_subscription(self):
        """Retain As Published, No Local, the maximum QoS and the Subscription
        Identifier come back too [MQTT-3.8.3-3] [MQTT-3.3.4-3]."""
        client_id, topic = self.client_id(), self.topic()
        client = self.connect_persistent(client_id)
        client.subscribe(topic, 1, no_local=True, retain_as_published=True,
                         props={"subscription_identifier": 7})
        self.broker.restart()
        client = self.connect_persistent(client_id)
        client.publish(topic, "mine", 1)
        self.connect().publish(topic, "kept", 2, True)
        message = client.expect_message(topic, "kept", qos=1, retain=True)
        self.assertEqual(message.props.all("subscription_identifier"), [7])

    def test_a_shared_subscription(self):
        """A member of a group is one after the restart."""
        client_id, topic = self.client_id(), self.topic()
        client = self.connect_persistent(client_id)
        client.subscribe(f"$share/g/{topic}", 1)
        self.broker.restart()
        client = self.connect_persistent(client_id)
        self.connect().publish(topic, "job", 1)
        client.expect_message(topic, "job", qos=1)

    def test_an_unsubscribe(self):
        """Once UNSUBACK was sent, the subscription does not come back
        [MQTT-3.10.4-2]."""
        for how in self.both_ways():
            client_id, topic = self.client_id(), self.topic(how.name)
            client = self.connect_persistent(client_id)
            client.subscribe(topic, 1)
            client.unsubscribe(topic)
            self.broker.restart(how)
            client = self.connect_persistent(client_id)
            self.assertTrue(client.connack.session_present)
            self.connect().publish(topic, "unwanted", 1)
            self.assertEqual(client.packets_until_pong(), [])

    @each_version(V311, V5)
    def test_a_clean_session_leaves_nothing(self, version):
        """A Session that ends with its connection is not stored, and Clean
        Start ends one that is [MQTT-3.1.2-4] [3.1.1 MQTT-3.1.2-6]."""
        client_id, topic = self.client_id(), self.topic()
        client = self.connect_persistent(client_id, version)
        client.subscribe(topic, 1)
        client.disconnect()
        client = self.connect(client_id, version, clean=True)
        client.subscribe(topic + "/other", 1)
        self.broker.restart()
        client = self.connect_persistent(client_id, version)
        self.assertFalse(client.connack.session_present)
        self.connect().publish(topic, "unwanted", 1)
        self.connect().publish(topic + "/other", "unwanted", 1)
        self.assertEqual(client.packets_until_pong(), [])

    def test_a_session_that_expired_meanwhile(self):
        """The Session Expiry Interval goes on while no process runs
        [MQTT-4.1.0-2]."""
        client_id = self.client_id()
        client = self.connect_persistent(client_id, expiry=1)
        client.subscribe(self.topic(), 1)
        client.disconnect()
        lasting = self.connect_persistent(lasting_id := self.client_id())
        lasting.disconnect()
        self.broker.restart(signal.SIGTERM, lambda: self.let_pass(1.1))
        self.assertFalse(self.connect_persistent(client_id)
                         .connack.session_present)
        self.assertTrue(self.connect_persistent(lasting_id)
                        .connack.session_present)

    @each_version(V311, V5)
    def test_a_retained_message(self, version):
        """Once PUBACK was sent, the retained message outlives the process
        [MQTT-3.3.1-5]."""
        for how in self.both_ways():
            topic = self.topic(how.name)
            publisher = self.connect(version=version)
            publisher.publish(topic + "/a", "first", 1, True)
            publisher.publish(topic + "/a", "last", 1, True)
            publisher.publish(topic + "/b", "gone", 1, True)
            publisher.publish(topic + "/b", "", 1, True)
            publisher.publish(topic + "/c", "exactly", 2, True)
            self.broker.restart(how)
            subscriber = self.connect(version=version)
            subscriber.subscribe(topic + "/#", 2)
            found = [subscriber.expect_message(retain=True) for _ in "ac"]
            self.assertEqual({one.topic: one.payload for one in found},
                             {topic + "/a": b"last",
                              topic + "/c": b"exactly"})
            self.assert_not_retained(subscriber, topic + "/d")

    def test_the_properties_of_a_retained_message(self):
        """User properties, content type and what is left of the expiry come
        back [MQTT-3.3.2-6] [MQTT-3.3.2-17]."""
        topic = self.topic()
        self.connect().publish(topic, "x", 1, True, [
            ("content_type", "text/plain"), ("user_property", ("a", "b")),
            ("message_expiry_interval", 1000)])
        self.broker.restart()
        subscriber = self.connect()
        subscriber.subscribe(topic, 1)
        message = subscriber.expect_message(topic, "x", retain=True)
        self.assertEqual(message.props.get("content_type"), "text/plain")
        self.assertEqual(message.props.get("user_property"), ("a", "b"))
        self.assertLessEqual(message.props.get("message_expiry_interval"), 1000)
        self.assertGreater(message.props.get("message_expiry_interval"), 900)

    def test_many_sessions_and_retained_messages(self):
        """A node with thousands of each is back within seconds, and whoever
        publishes at once reaches all of them."""
        topic, sessions, retained = self.topic(), 5000, 10000
        for number in range(sessions):
            client = self.connect_persistent(f"{self.prefix}-{number}")
            client.subscribe(f"{topic}/{number}", 1)
            client.close()
        publisher = self.connect()
        for number in range(retained - 1):
            publisher.publish(f"{topic}/r/{number}", "kept", 0, True)
        publisher.publish(f"{topic}/r/{retained - 1}", "kept", 1, True)
        publisher.packets_until_pong()
        self.broker.restart(signal.SIGTERM)
        start = time.monotonic()
        self.broker.restart(signal.SIGKILL)
        self.assert_elapsed(start, 0, 10)
        publisher = self.connect()
        for number in range(sessions - 50, sessions):
            publisher.publish(f"{topic}/{number}", "away", 1)
        for number in range(sessions - 50, sessions):
            client = self.connect_persistent(f"{self.prefix}-{number}")
            self.assertTrue(client.connack.session_present)
            client.expect_message(f"{topic}/{number}", "away")
        subscriber = self.subscriber(f"{topic}/+/#")
        found = {subscriber.expect_message(retain=True).topic
                 for _ in range(1000)}
        self.assertEqual(len(found), 1000)

    def test_a_client_of_a_mountpoint(self):
        """Sessions and retained messages of a mountpoint stay in it."""
        here = "listeners.tcp.default.mountpoint"
        broker = start_broker({here: "mp"})
        self.addCleanup(broker.stop)
        client_id, topic = self.client_id(), self.topic()
        client = self.connect_persistent(client_id, broker=broker)
        client.subscribe(topic, 1)
        client.publish(topic + "/r", "inside", 1, True)
        client.close()
        broker.settings[here] = "other"
        broker.restart()
        other = self.connect_persistent(client_id, broker=broker)
        self.assertFalse(other.connack.session_present)
        other.subscribe(topic + "/#")
        self.assertEqual(other.packets_until_pong(), [])
        broker.settings[here] = "mp"
        broker.restart()
        client = self.connect_persistent(client_id, broker=broker)
        self.assertTrue(client.connack.session_present)
        client.subscribe(topic + "/r", 1)
        client.expect_message(topic + "/r", "inside", retain=True)

    def test_many_restarts_in_a_row(self):
        """What each life of the node added is there in the next."""
        topic = self.topic()
        for life in range(6):
            client = self.connect_persistent(f"{self.prefix}-{life}")
            client.subscribe(f"{topic}/{life}", 1)
            self.connect().publish(f"{topic}/r/{life}", "kept", 1, True)
            self.broker.restart(signal.SIGKILL if life % 2 else signal.SIGTERM)
        for life in range(6):
            client = self.connect_persistent(f"{self.prefix}-{life}")
            self.assertTrue(client.connack.session_present)
            self.connect().publish(f"{topic}/{life}", "hello", 1)
            client.expect_message(f"{topic}/{life}", "hello")
        subscriber = self.connect()
        subscriber.subscribe(topic + "/r/#")
        found = {subscriber.expect_message(retain=True).topic
                 for _ in range(6)}
        self.assertEqual(len(found), 6)


class Store(BlackboxTest):
    """Stores that cannot be opened: one line says why, nothing is changed."""

    settings = None

    def start_on(self, data_dir):
        """Exit code and last line of a node that cannot start there."""
        ended = subprocess.run(
            [hetzel_binary(), "--set", "listeners.tcp.default=127.0.0.1:0",
             "--set", f"data_dir={data_dir}"],
            env=environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=30,
            text=True, check=False)
        return ended.returncode, ended.stderr.strip().splitlines()[-1]

    def test_a_second_process_on_the_same_data(self):
        """Two nodes never share a data directory."""
        broker = self.run_broker()
        code, line = self.start_on(broker.data_dir)
        self.assertNotEqual(code, 0)
        self.assertIn(os.path.join(broker.data_dir, "metadata"), line)
        broker.check()

    def test_a_file_in_the_place_of_the_store(self):
        """It is named, and left alone."""
        broker = self.run_broker()
        broker.signal(signal.SIGTERM)
        broker.child.wait(20)
        path = os.path.join(broker.data_dir, "metadata")
        os.rename(path, path + "-kept")
        with open(path, "w", encoding="ascii") as file:
            file.write("mine")
        code, line = self.start_on(broker.data_dir)
        self.assertNotEqual(code, 0)
        self.assertIn(path, line)
        with open(path, encoding="ascii") as file:
            self.assertEqual(file.read(), "mine")


if __name__ == "__main__":
    unittest.main()
