"""Queues of absent and of slow clients: limits and what is dropped."""

import unittest

from case import BlackboxTest, each_version
from mqtt_wire import V311, V5
from wire_client import payloads


class QueueTest(BlackboxTest):

    def absent(self, topic, qos=1, version=V5, **props):
        client_id = self.client_id()
        client = self.connect_persistent(client_id, version, **(
            {"props": props} if props else {}))
        client.subscribe(topic, qos)
        client.disconnect()
        return client_id

    def publish(self, topic, count, qos=1):
        publisher = self.connect()
        for number in range(count):
            publisher.publish(topic, f"m{number}", qos)
        return publisher

    def fetch(self, client_id, version=V5, **options):
        """What waits for that client, acknowledged."""
        client = self.connect_persistent(client_id, version, **options)
        messages = client.packets_until_pong()
        for message in messages:
            client.acknowledge(message)
        return [payload.decode() for payload in payloads(messages)]


class Fifo(QueueTest):

    settings = {"max_offline_messages": "3"}

    @each_version(V311, V5)
    def test_the_newest_are_dropped(self, version):
        """A full fifo queue drops the new message and keeps the old."""
        topic = self.topic()
        client_id = self.absent(topic, version=version)
        self.publish(topic, 6)
        self.assertEqual(self.fetch(client_id, version), ["m0", "m1", "m2"])

    def test_the_publisher_is_not_troubled(self):
        """A dropped message is acknowledged all the same."""
        topic = self.topic()
        self.absent(topic)
        publisher = self.publish(topic, 3)
        self.assertIn(publisher.publish(topic, "x", 1), (0x00, 0x97))
        publisher.ping()

    def test_there_is_room_again_afterwards(self):
        """A queue that was emptied takes messages again."""
        topic = self.topic()
        client_id = self.absent(topic)
        for _ in range(3):
            self.publish(topic, 5)
            client = self.connect_persistent(client_id)
            messages = client.packets_until_pong()
            self.assertEqual(len(messages), 3)
            for message in messages:
                client.acknowledge(message)
            client.disconnect()

    def test_qos_0_is_not_stored(self):
        """Neither a QoS 0 message nor one for a QoS 0 subscription waits for
        an absent client (4.1)."""
        topic = self.topic()
        one, zero = self.absent(topic, 1), self.absent(topic, 0)
        self.publish(topic, 3, 0).publish(topic, "one", 1)
        self.assertEqual(self.fetch(one), ["one"])
        self.assertEqual(self.fetch(zero), [])

    def test_one_full_queue_is_nobody_else_s(self):
        """Each client has its own limit."""
        topic = self.topic()
        full = self.absent(topic)
        self.publish(topic, 5)
        live = self.subscriber(topic, 1)
        self.publish(topic, 5)
        for number in range(5):
            live.acknowledge(live.expect_message(topic, f"m{number}"))
        self.assertEqual(len(self.fetch(full)), 3)


class Lifo(QueueTest):

    settings = {"max_offline_messages": "3", "queue_type": "lifo"}

    def test_the_oldest_are_dropped(self):
        """A full lifo queue drops the oldest, and delivers the newest
        first."""
        topic = self.topic()
        client_id = self.absent(topic)
        self.publish(topic, 6)
        self.assertEqual(self.fetch(client_id), ["m5", "m4", "m3"])


class BytesTest(QueueTest):
    """Messages of a thousand bytes, of which three fit."""

    def publish(self, topic, count, qos=1):
        publisher = self.connect()
        for number in range(count):
            publisher.publish(topic, f"m{number}" + "x" * 1000, qos)

    def fetch(self, client_id, version=V5, **options):
        return [payload.rstrip("x")
                for payload in super().fetch(client_id, version, **options)]


class Bytes(BytesTest):

    settings = {"max_offline_queue_bytes": "3500"}

    def test_the_newest_are_dropped(self):
        """A fifo queue with so many bytes drops what comes."""
        topic = self.topic()
        client_id = self.absent(topic)
        self.publish(topic, 6)
        self.assertEqual(self.fetch(client_id), ["m0", "m1", "m2"])


class LifoBytes(BytesTest):

    settings = {"max_offline_queue_bytes": "3500", "queue_type": "lifo"}

    def test_the_oldest_are_dropped(self):
        """A lifo queue drops its oldest instead."""
        topic = self.topic()
        client_id = self.absent(topic)
        self.publish(topic, 6)
        self.assertEqual(self.fetch(client_id), ["m5", "m4", "m3"])


class BytesOverRestart(BytesTest):

    settings = None

    def test_what_is_on_disk_counts(self):
        """A node that was killed knows how many bytes wait."""
        self.broker = self.run_broker(max_offline_queue_bytes="3500")
        topic = self.topic()
        client_id = self.absent(topic)
        self.publish(topic, 2)
        self.broker.restart()
        self.publish(topic, 3)
        self.assertEqual(self.fetch(client_id), ["m0", "m1", "m0"])


class Nothing(QueueTest):

    settings = {"max_offline_messages": "0"}

    def test_nothing_is_stored(self):
        """`max_offline_messages` 0 keeps nothing but the session."""
        topic = self.topic()
        client_id = self.absent(topic)
        self.publish(topic, 2)
        client = self.connect_persistent(client_id)
        self.assertTrue(client.connack.session_present)
        client.expect_nothing()


class Unlimited(QueueTest):

    settings = {"max_offline_messages": "-1", "max_online_messages": "-1"}

    def test_everything_is_stored(self):
        """-1 keeps all of 3,000 messages, in order."""
        topic = self.topic()
        client_id = self.absent(topic)
        self.publish(topic, 3000)
        client = self.connect_persistent(client_id)
        for number in range(3000):
            client.acknowledge(client.expect_message(topic, f"m{number}"))


class Upgraded(QueueTest):

    settings = {"upgrade_outgoing_qos": "on"}

    def test_the_subscription_s_qos(self):
        """`upgrade_outgoing_qos` delivers with the subscription's QoS."""
        topic = self.topic()
        live = self.subscriber(topic, 2)
        self.publish(topic, 1, 0)
        live.expect_message(topic, "m0", qos=2)

    def test_qos_0_waits_then(self):
        """A QoS 0 message for a QoS 1 subscription waits for an absent
        client."""
        topic = self.topic()
        client_id = self.absent(topic)
        self.publish(topic, 2, 0).publish(self.topic("sync"), "x", 1)
        client = self.connect_persistent(client_id)
        for number in range(2):
            client.acknowledge(
                client.expect_message(topic, f"m{number}", qos=1))


class Online(QueueTest):

    settings = {"max_online_messages": "3"}

    def slow(self, topic):
        """A subscriber with one message in flight that it holds back."""
        client = self.connect(props={"receive_maximum": 1})
        client.subscribe(topic, 1)
        publisher = self.publish(topic, 1)
        held = client.expect_message(topic, "m0")
        return client, publisher, held

    def test_what_waits_is_limited(self):
        """`max_online_messages` bounds what waits behind a full window; the
        newest are dropped."""
        topic = self.topic()
        client, publisher, held = self.slow(topic)
        for number in range(1, 9):
            publisher.publish(topic, f"m{number}", 1)
        client.acknowledge(held)
        for number in range(1, 4):
            client.acknowledge(client.expect_message(topic, f"m{number}"))
        client.expect_nothing()
        publisher.publish(topic, "later", 1)
        client.acknowledge(client.expect_message(topic, "later"))

    def test_coming_back_keeps_no_more(self):
        """Of what waited offline only that many come online."""
        topic = self.topic()
        client_id = self.absent(topic, receive_maximum=1)
        self.publish(topic, 6)
        client = self.connect_persistent(client_id,
                                         props={"receive_maximum": 1})
        got = []
        messages = client.packets_until_pong()
        while messages:
            for message in messages:
                got.append(message.payload)
                client.acknowledge(message)
            messages = client.packets_until_pong()
        self.assertIn(got, [[b"m%d" % number for number in range(count)]
                            for count in (3, 4)])


class OnlineOverride(QueueTest):

    settings = {"max_online_messages": "3",
                "override_max_online_messages": "on"}

    def test_coming_back_keeps_all(self):
        """`override_max_online_messages` keeps all that waited offline."""
        topic = self.topic()
        client_id = self.absent(topic)
        self.publish(topic, 6)
        client = self.connect_persistent(client_id,
                                         props={"receive_maximum": 1})
        for number in range(6):
            client.acknowledge(client.expect_message(topic, f"m{number}"))


if __name__ == "__main__":
    unittest.main()
