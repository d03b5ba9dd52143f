"""Shared subscriptions (MQTT 5, 4.8.2)."""

import unittest

import mqtt_wire as wire
from case import BlackboxTest, each_version
from mqtt_wire import PUBACK, PUBLISH, PUBREC, PUBREL, SUBACK, V5


class Group:
    """The members of one share group, and what they got."""

    def __init__(self, test, count, qos=1, version=V5, topic=None, **connect):
        self.topic = topic or test.topic()
        self.filter = f"$share/g/{self.topic}"
        self.members = [test.connect(version=version, **connect)
                        for _ in range(count)]
        for member in self.members:
            test.assertEqual(member.subscribe(self.filter, qos), qos)

    def collect(self, acknowledge=True):
        """Payloads per member of what has come; the messages must have been
        acknowledged to their publisher."""
        got = []
        for member in self.members:
            messages = member.packets_until_pong()
            if acknowledge:
                for message in messages:
                    member.acknowledge(message)
            got.append([message.payload for message in messages])
        return got


class Share(BlackboxTest):

    def publish(self, topic, count, qos=1, publisher=None, start=0):
        publisher = publisher or self.connect()
        for number in range(start, start + count):
            publisher.publish(topic, f"m{number}", qos)
        return publisher

    def receive_all(self, group, count):
        """Waits until `count` messages have come to the group in all; per
        member, acknowledged."""
        got = [[] for _ in group.members]
        while sum(map(len, got)) < count:
            for place, payloads in enumerate(group.collect()):
                got[place] += payloads
        return got


class General(Share):

    @each_version()
    def test_one_member_gets_it(self, version):
        """Each message goes to one member of the group (4.8.2)."""
        group = Group(self, 3, version=version)
        self.publish(group.topic, 30)
        got = self.receive_all(group, 30)
        self.assertEqual(sorted(sum(got, [])),
                         sorted(b"m%d" % number for number in range(30)))
        group.members[0].expect_nothing()

    def test_groups_are_separate(self):
        """Every group, and every ordinary subscription, gets its copy
        (4.8.2)."""
        topic = self.topic()
        plain = self.subscriber(topic, 1)
        one = self.subscriber(f"$share/one/{topic}", 1)
        two = self.subscriber(f"$share/two/{topic}", 1)
        self.publish(topic, 5)
        for client in (plain, one, two):
            for number in range(5):
                client.acknowledge(client.expect_message(topic, f"m{number}"))

    def test_a_client_with_both(self):
        """A client with a shared and an ordinary subscription gets both
        deliveries (4.8.2)."""
        topic = self.topic()
        client = self.subscriber(topic, 1)
        client.subscribe(f"$share/g/{topic}", 1)
        self.publish(topic, 1)
        for _ in range(2):
            client.acknowledge(client.expect_message(topic, "m0"))
        client.expect_nothing()

    def test_the_topic_filter_makes_the_group(self):
        """Subscriptions of one name and different filters are different
        groups (4.8.2)."""
        base = self.topic()
        exact = self.subscriber(f"$share/g/{base}/a", 1)
        wild = self.subscriber(f"$share/g/{base}/+", 1)
        self.publish(f"{base}/a", 3)
        for client in (exact, wild):
            for number in range(3):
                client.acknowledge(client.expect_message(payload=f"m{number}"))

    def test_the_granted_qos_counts(self):
        """A member gets messages with the QoS it was granted
        [MQTT-4.8.2-3]."""
        topic = self.topic()
        for qos in range(3):
            member = self.subscriber(f"$share/q{qos}/{topic}", qos)
            self.publish(topic, 1, 2)
            member.acknowledge(member.expect_message(topic, qos=qos))
            member.unsubscribe(f"$share/q{qos}/{topic}")

    def test_no_retained_messages(self):
        """A shared subscription gets no retained messages, whatever its
        Retain Handling (4.8.2)."""
        topic = self.topic()
        self.connect().publish(topic, "kept", 1, retain=True)
        for handling in range(3):
            member = self.subscriber(f"$share/g/{topic}", 1,
                                     retain_handling=handling)
            self.assert_not_retained(member, topic)
            member.disconnect()

    def test_no_local_is_an_error(self):
        """No Local on a shared subscription is a protocol error
        [MQTT-3.8.3-4]."""
        client = self.connect()
        client.send(wire.subscribe(1, [(f"$share/g/{self.topic()}", 0x04)]))
        client.expect_disconnect(0x82)

    def test_subscription_identifiers(self):
        """The identifier of the member's own subscription comes with the
        message [MQTT-3.3.4-3]."""
        topic = self.topic()
        member = self.connect()
        member.subscribe(f"$share/g/{topic}", 1,
                         {"subscription_identifier": 5})
        self.publish(topic, 1)
        message = member.expect_message(topic)
        self.assertEqual(message.props.all("subscription_identifier"), [5])

    def test_unsubscribing_takes_the_whole_filter(self):
        """UNSUBSCRIBE names the filter with `$share`; the rest of the group
        goes on [MQTT-3.10.4-1]."""
        group = Group(self, 2)
        leaver, stayer = group.members
        self.assertEqual(leaver.unsubscribe(group.topic, group.filter),
                         [0x11, 0x00])
        self.publish(group.topic, 5)
        for number in range(5):
            stayer.acknowledge(stayer.expect_message(group.topic,
                                                     f"m{number}"))
        leaver.expect_nothing()

    def test_an_online_member_comes_first(self):
        """With a member absent the present one gets the messages."""
        group = Group(self, 2, clean=False,
                      props={"session_expiry_interval": 60})
        group.members[0].disconnect()
        self.publish(group.topic, 10)
        for number in range(10):
            group.members[1].acknowledge(
                group.members[1].expect_message(group.topic, f"m{number}"))

    def test_an_absent_member_is_better_than_none(self):
        """With all members absent a message waits in one of their sessions
        (4.8.2)."""
        group = Group(self, 2, clean=False,
                      props={"session_expiry_interval": 60})
        ids = [member.client_id for member in group.members]
        for member in group.members:
            member.disconnect()
        self.publish(group.topic, 6)
        group.members = [self.connect_persistent(client_id)
                         for client_id in ids]
        got = self.receive_all(group, 6)
        self.assertEqual(sorted(sum(got, [])),
                         [b"m%d" % number for number in range(6)])

    def test_the_publisher_may_be_a_member(self):
        """A member may get its own message: there is no No Local here
        (4.8.2)."""
        topic = self.topic()
        client = self.subscriber(f"$share/g/{topic}", 1)
        client.publish(topic, "own", 1)
        client.expect_message(topic, "own")


class Redistribution(Share):

    def hold(self, group, count, qos=1):
        """Publishes `count`; nobody acknowledges. Payloads by member."""
        self.publish(group.topic, count, qos)
        got = [[] for _ in group.members]
        while sum(map(len, got)) < count:
            for place, payloads in enumerate(group.collect(False)):
                got[place] += payloads
        return got

    def test_a_dead_member_s_messages_go_to_the_others(self):
        """QoS 1 messages that a member had not acknowledged when its session
        ended go to another (4.8.2)."""
        group = Group(self, 3)
        held = self.hold(group, 30)
        dead = group.members.pop(0)
        orphans = held.pop(0)
        self.assertTrue(orphans, "the first member got nothing")
        dead.close()
        rest = []
        while len(rest) < len(orphans):
            for payloads in group.collect():
                rest += payloads
        self.assertEqual(sorted(rest), sorted(orphans))

    def test_leaving_in_good_order_is_the_same(self):
        """It makes no difference that the member said DISCONNECT (4.8.2)."""
        group = Group(self, 2)
        held = self.hold(group, 20)
        self.assertTrue(held[0])
        group.members.pop(0).disconnect()
        rest = []
        while len(rest) < len(held[0]):
            rest += group.collect()[0]
        self.assertEqual(sorted(rest), sorted(held[0]))

    def test_a_qos_2_message_that_was_sent_stays(self):
        """A QoS 2 message under way belongs to its member: when the session
        ends it is sent to nobody else [MQTT-4.8.2-5]."""
        group = Group(self, 2, qos=2)
        held = self.hold(group, 20, 2)
        self.assertTrue(held[0] and held[1])
        group.members[0].disconnect()
        self.publish(group.topic, 1, 2, start=99)
        group.members[1].expect_message(group.topic, "m99")
        group.members[1].expect_nothing()

    def test_a_qos_2_message_is_completed_after_a_break(self):
        """A QoS 2 delivery broken by the connection is completed with the
        same member when it is back [MQTT-4.8.2-4]."""
        topic, client_id = self.topic(), self.client_id()
        member = self.connect_persistent(client_id)
        member.subscribe(f"$share/g/{topic}", 2)
        self.publish(topic, 1, 2)
        message = member.expect_message(topic, qos=2)
        other = self.subscriber(f"$share/g/{topic}", 2)
        member.close()
        again = self.connect_persistent(client_id)
        again.expect_message(topic, id=message.id, dup=True)
        again.reply(PUBREC, message.id)
        again.expect(PUBREL, id=message.id)
        other.expect_nothing()

    def test_what_waits_for_a_dead_member_goes_too(self):
        """Messages that were not sent yet go to another member, of any QoS
        but 0 (4.8.2)."""
        group = Group(self, 1, qos=2, props={"receive_maximum": 1})
        self.publish(group.topic, 5, 2)
        first = group.members[0].expect_message(group.topic, "m0")
        heir = self.subscriber(group.filter, 2)
        heir.expect_nothing()
        group.members[0].close()
        for number in range(1, 5):
            heir.acknowledge(heir.expect_message(group.topic, f"m{number}"))
        self.assertEqual(first.qos, 2)

    def test_an_error_from_the_member_discards(self):
        """PUBACK or PUBREC with an error ends it: nobody else gets the
        message [MQTT-4.8.2-6]."""
        group = Group(self, 2, qos=2)
        publisher = self.connect()
        for qos, kind in ((1, PUBACK), (2, PUBREC)):
            publisher.publish(group.topic, f"q{qos}", qos)
            taken = []
            while not taken:
                taken = [(member, message) for member in group.members
                         for message in member.packets_until_pong()]
            (member, message), = taken
            member.reply(kind, message.id, 0x83)
            member.ping()
        for member in group.members:
            member.expect_nothing()

    def test_the_group_ends_with_its_last_member(self):
        """When nobody is left the messages are gone, and nobody matches
        (4.8.2)."""
        group = Group(self, 1)
        publisher = self.publish(group.topic, 1)
        group.members[0].expect_message(group.topic)
        group.members[0].disconnect()
        self.assert_becomes(0x10, lambda: publisher.publish(group.topic, "x",
                                                            1))
        self.subscriber(group.filter, 1).expect_nothing()


class VernemqPolicies(Share):

    settings = None

    def test_the_names_are_known(self):
        """VerneMQ's policies give each message to exactly one member."""
        for policy in ("prefer_local", "random", "local_only",
                       "prefer_online_before_local"):
            with self.subTest(policy):
                self.broker = self.run_broker(
                    shared_subscription_policy=policy)
                group = Group(self, 4)
                self.publish(group.topic, 200)
                got = self.receive_all(group, 200)
                self.assertEqual(len(set(sum(got, []))), 200)
                # 4 × 0.75^200: never, with a random choice.
                self.assertTrue(all(got), list(map(len, got)))
                self.broker.check()


class RoundRobin(Share):

    settings = {"shared_subscription_policy": "round_robin"}

    def test_members_take_turns(self):
        """`round_robin` gives each member every n-th message."""
        group = Group(self, 3)
        self.publish(group.topic, 12)
        got = self.receive_all(group, 12)
        self.assertEqual([len(payloads) for payloads in got], [4, 4, 4])
        for payloads in got:
            numbers = [int(payload[1:]) for payload in payloads]
            self.assertEqual({b - a for a, b in zip(numbers, numbers[1:])},
                             {3})


class Sticky(Share):

    settings = {"shared_subscription_policy": "sticky"}

    def test_one_member_until_it_leaves(self):
        """`sticky` stays with one member, whoever publishes; another follows
        when that leaves."""
        group = Group(self, 3)
        for start in (0, 5, 10):
            self.publish(group.topic, 5, start=start)
        got = self.receive_all(group, 15)
        self.assertEqual(sorted(map(len, got)), [0, 0, 15])
        group.members.pop(got.index(max(got, key=len))).disconnect()
        self.publish(group.topic, 10)
        got = self.receive_all(group, 10)
        self.assertEqual(sorted(map(len, got)), [0, 10])


class Hash(Share):

    settings = {"shared_subscription_policy": "hash"}

    def test_a_publisher_has_its_member(self):
        """`hash` gives all messages of a publisher to one member, and those
        of many publishers to many."""
        group = Group(self, 3)
        takers = set()
        for _ in range(30):
            self.publish(group.topic, 4)
            got = self.receive_all(group, 4)
            self.assertEqual(sorted(map(len, got)), [0, 0, 4])
            takers.add(got.index(max(got, key=len)))
        self.assertGreater(len(takers), 1)


class HashTopic(Share):

    settings = {"shared_subscription_policy": "hash_topic"}

    def test_a_topic_has_its_member(self):
        """`hash_topic` gives all messages of a topic to one member, whoever
        publishes them."""
        base = self.topic()
        group = Group(self, 3, topic=base + "/#")
        takers = set()
        for number in range(30):
            for _ in range(2):
                self.publish(f"{base}/{number}", 2)
            got = self.receive_all(group, 4)
            self.assertEqual(sorted(map(len, got)), [0, 0, 4])
            takers.add(got.index(max(got, key=len)))
        self.assertGreater(len(takers), 1)


class LeastLoaded(Share):

    settings = {"shared_subscription_policy": "least_loaded"}

    def test_a_slow_member_gets_less(self):
        """`least_loaded` prefers the members that keep up."""
        group = Group(self, 2)
        slow, fast = group.members
        publisher = self.connect()
        held, quick = 0, 0
        for number in range(20):
            publisher.publish(group.topic, f"m{number}", 1)
            held += len(slow.packets_until_pong())
            for message in fast.packets_until_pong():
                self.assertEqual(message.kind, PUBLISH)
                fast.acknowledge(message)
                quick += 1
        self.assertLessEqual(held, 2)
        self.assertGreaterEqual(quick, 17)

    def test_subscribing_is_plain(self):
        """The policy is no matter of the members: SUBACK is as ever."""
        client = self.connect()
        client.send(wire.subscribe(3, [(f"$share/g/{self.topic()}", 2)]))
        client.expect(SUBACK, id=3, codes=[2])


if __name__ == "__main__":
    unittest.main()
