"""SUBSCRIBE, its options and identifiers; UNSUBSCRIBE (MQTT 5, 3.8-3.11)."""

import unittest

import mqtt_wire as wire
from case import BlackboxTest, each_version
from mqtt_wire import PUBACK, SUBACK, UNSUBACK, V5


class Subscribe(BlackboxTest):

    @each_version()
    def test_suback_has_a_code_per_filter(self, version):
        """SUBACK has the identifier of SUBSCRIBE and one code per filter, in
        order [MQTT-3.8.4-1] [MQTT-3.8.4-2] [MQTT-3.8.4-5] [MQTT-3.8.4-6]
        [MQTT-3.9.3-1]."""
        client = self.connect(version=version)
        base = self.topic()
        entries = [(f"{base}/{place}", qos)
                   for place, qos in enumerate((2, 0, 1, 1, 2, 0))]
        client.send(wire.subscribe(0x1234, entries, version=version))
        client.expect(SUBACK, id=0x1234, codes=[2, 0, 1, 1, 2, 0])

    @each_version()
    def test_subscribing_again_replaces(self, version):
        """The same filter replaces the subscription: one delivery, with the
        new QoS [MQTT-3.8.4-3] [3.1.1 MQTT-3.8.4-3]."""
        topic = self.topic()
        client = self.subscriber(topic, 2, version)
        client.subscribe(topic, 0)
        publisher = self.connect()
        publisher.publish(topic, "x", 2)
        publisher.publish(topic, "marker", 2)
        client.expect_message(topic, "x", qos=0)
        client.expect_message(topic, "marker", qos=0)

    def test_nothing_is_lost_by_replacing(self):
        """Messages keep flowing while a subscription is replaced
        [MQTT-3.8.4-4]."""
        topic = self.topic()
        client = self.subscriber(topic, 1)
        publisher = self.connect()
        publisher.send(b"".join(wire.publish(topic, str(number), 1, number)
                                for number in range(1, 201)))
        for packet_id in range(1, 21):
            client.send(wire.subscribe(packet_id, [(topic, 1)]))
        seen = []
        while len(seen) < 200:
            packet = client.receive()
            if packet.kind == wire.PUBLISH:
                client.acknowledge(packet)
                seen.append(int(packet.payload))
        self.assertEqual(seen, list(range(1, 201)))

    @each_version()
    def test_overlapping_subscriptions_deliver_once(self, version):
        """A message that matches several filters of a client comes once, with
        the highest QoS. (3.3.4 allows copies; Hetzel sends one)
        [MQTT-3.3.4-2] [3.1.1 MQTT-3.3.5-1]."""
        base = self.topic()
        client = self.connect(version=version)
        for topic_filter, qos in ((f"{base}/a", 0), (f"{base}/+", 2),
                                  (f"{base}/#", 1)):
            client.subscribe(topic_filter, qos)
        publisher = self.connect()
        publisher.publish(f"{base}/a", "x", 2)
        publisher.publish(f"{base}/a", "marker", 2)
        client.acknowledge(client.expect_message(f"{base}/a", "x", qos=2))
        client.expect_message(f"{base}/a", "marker")

    def test_a_filter_twice_in_one_packet(self):
        """The later of two equal filters counts [MQTT-3.8.4-5]
        [MQTT-3.8.4-3]."""
        topic = self.topic()
        client = self.connect()
        client.send(wire.subscribe(1, [(topic, 0), (topic, 1)]))
        client.expect(SUBACK, codes=[0, 1])
        self.connect().publish(topic, "x", 2)
        client.expect_message(topic, "x", qos=1)

    @each_version()
    def test_a_bad_filter_among_good_ones(self, version):
        """A filter that is invalid fails alone, with 0x8F or in 3.x 0x80, or
        the connection ends [MQTT-3.8.4-7] [MQTT-4.7.1-1]."""
        topic = self.topic()
        client = self.connect(version=version)
        client.send(wire.subscribe(1, [(topic, 1), ("a/#/b", 1),
                                       (topic + "/2", 0)], version=version))
        packet = client.receive() if version == V5 else None
        if packet is not None and packet.kind == wire.DISCONNECT:
            self.assertIn(packet.code, (0x8F, 0x81, 0x82))
        elif packet is not None:
            self.assertEqual(packet.codes, [1, 0x8F, 0])
        else:
            packets = self.until_answer(client)
            self.assertIn(packets, ([1, 0x80, 0], []))

    @staticmethod
    def until_answer(client):
        """The codes of SUBACK, or none when the connection ends."""
        try:
            return client.receive().codes
        except AssertionError:
            return []

    def test_no_local(self):
        """No Local keeps a client's own messages from it, and nobody else's
        [MQTT-3.8.3-3]."""
        topic = self.topic()
        client = self.subscriber(topic, 1, no_local=True)
        other = self.subscriber(topic, 1)
        client.publish(topic, "own", 1)
        other.expect_message(topic, "own")
        other.publish(topic, "theirs", 1)
        client.expect_message(topic, "theirs")

    def test_without_no_local(self):
        """A client hears itself otherwise [MQTT-3.8.3-3]."""
        topic = self.topic()
        client = self.subscriber(topic)
        client.publish(topic, "own")
        client.expect_message(topic, "own")

    def test_no_local_knows_the_client_id(self):
        """No Local is a matter of the client identifier, so it holds in the
        next connection too [MQTT-3.8.3-3]."""
        topic, client_id = self.topic(), self.client_id()
        client = self.connect_persistent(client_id)
        client.subscribe(topic, 1, no_local=True)
        client.disconnect()
        again = self.connect_persistent(client_id)
        again.publish(topic, "own", 1)
        self.connect().publish(topic, "marker", 1)
        again.expect_message(topic, "marker")

    def test_an_unknown_option_bit(self):
        """Reserved bits in the options are malformed [MQTT-3.8.3-5]
        [3.1.1 MQTT-3-8.3-4]."""
        for bits in (0x40, 0x80, 0x03):
            client = self.connect()
            client.send(wire.subscribe(1, [(self.topic(), bits)]))
            client.expect_disconnect(0x81, 0x82)
        for bits in (0x04, 0x08, 0x10, 0x80, 0x03):
            client = self.connect(version=wire.V311)
            client.send(wire.subscribe(1, [(self.topic(), bits)],
                                       version=wire.V311))
            client.expect_closed()


class Identifiers(BlackboxTest):

    def subscribe(self, client, topic_filter, identifier, qos=0):
        props = {"subscription_identifier": identifier} if identifier else None
        client.subscribe(topic_filter, qos, props)

    def ids(self, message):
        return sorted(message.props.all("subscription_identifier"))

    def test_the_identifier_comes_with_the_message(self):
        """A message carries the identifier of the subscription that matched
        [MQTT-3.3.4-3]."""
        topic = self.topic()
        client = self.connect()
        for identifier in (1, 127, 128, 268_435_455):
            self.subscribe(client, f"{topic}/{identifier}", identifier)
            client.publish(f"{topic}/{identifier}", "x")
            self.assertEqual(self.ids(client.expect_message()), [identifier])

    def test_all_that_match(self):
        """One copy carries the identifiers of all matching subscriptions that
        have one [MQTT-3.3.4-4]."""
        base = self.topic()
        client = self.connect()
        self.subscribe(client, f"{base}/a/b", 1)
        self.subscribe(client, f"{base}/a/+", 2)
        self.subscribe(client, f"{base}/#", 3)
        self.subscribe(client, f"{base}/+/b", 0)
        self.subscribe(client, f"{base}/c", 4)
        client.publish(f"{base}/a/b", "x")
        self.assertEqual(self.ids(client.expect_message()), [1, 2, 3])
        client.publish(f"{base}/c", "x")
        self.assertEqual(self.ids(client.expect_message()), [3, 4])

    def test_none_without_one(self):
        """A subscription without identifier adds none (3.3.2.3.8)."""
        topic = self.topic()
        client = self.subscriber(topic)
        client.publish(topic, "x")
        self.assertEqual(self.ids(client.expect_message()), [])

    def test_replacing_changes_it(self):
        """Subscribing again replaces or removes the identifier
        [MQTT-3.8.4-3]."""
        topic = self.topic()
        client = self.connect()
        for identifier, expected in ((1, [1]), (2, [2]), (0, [])):
            self.subscribe(client, topic, identifier)
            client.publish(topic, "x")
            self.assertEqual(self.ids(client.expect_message()), expected)

    def test_one_for_all_filters_of_a_packet(self):
        """The identifier belongs to every filter of its SUBSCRIBE
        (3.8.2.1.2)."""
        base = self.topic()
        client = self.connect()
        client.send(wire.subscribe(1, [(base + "/a", 0), (base + "/b", 0)],
                                   {"subscription_identifier": 9}))
        client.expect(SUBACK)
        for name in "ab":
            client.publish(f"{base}/{name}", "x")
            self.assertEqual(self.ids(client.expect_message()), [9])

    def test_retained_and_stored_messages_have_it(self):
        """Retained messages and those that waited carry it [MQTT-3.3.4-3]."""
        topic, client_id = self.topic(), self.client_id()
        publisher = self.connect()
        publisher.publish(topic, "kept", 1, retain=True)
        client = self.connect_persistent(client_id)
        self.subscribe(client, topic, 42, 1)
        message = client.expect_message(topic, "kept", retain=True)
        self.assertEqual(self.ids(message), [42])
        client.acknowledge(message)
        client.disconnect()
        publisher.publish(topic, "waited", 1)
        again = self.connect_persistent(client_id)
        self.assertEqual(self.ids(again.expect_message(topic, "waited")), [42])

    def test_faults(self):
        """An identifier of 0, two of them, and one sent by a client in
        PUBLISH are errors (3.8.2.1.2) [MQTT-3.3.4-6]."""
        coded = wire.property_bytes
        topic = self.topic()
        for packet in (
                wire.subscribe(1, [(topic, 0)],
                               coded("subscription_identifier", 0)),
                wire.subscribe(1, [(topic, 0)],
                               coded("subscription_identifier", 1) * 2),
                wire.publish(topic, "x",
                             props={"subscription_identifier": 1})):
            client = self.connect()
            client.send(packet)
            client.expect_disconnect(0x82, 0x81)


class Unsubscribe(BlackboxTest):

    @each_version()
    def test_it_stops_delivery(self, version):
        """After UNSUBACK nothing new comes [MQTT-3.10.4-1] [MQTT-3.10.4-2]
        [MQTT-3.10.4-4] [MQTT-3.10.4-5]."""
        base = self.topic()
        client = self.subscriber(f"{base}/a", 1, version)
        client.subscribe(f"{base}/b", 1)
        client.send(wire.unsubscribe(0x4321, [f"{base}/a"], version=version))
        client.expect(UNSUBACK, id=0x4321)
        publisher = self.connect()
        publisher.publish(f"{base}/a", "no", 1)
        publisher.publish(f"{base}/b", "marker", 1)
        client.expect_message(f"{base}/b", "marker")

    def test_codes_tell_what_there_was(self):
        """0x00 for a subscription that existed, 0x11 for one that did not, in
        order [MQTT-3.11.3-1] [MQTT-3.11.3-2] [MQTT-3.10.4-6]."""
        base = self.topic()
        client = self.subscriber(f"{base}/+")
        client.subscribe(f"{base}/a")
        self.assertEqual(
            client.unsubscribe(f"{base}/a", f"{base}/none", f"{base}/+",
                               f"{base}/a", f"{base}/#"),
            [0x00, 0x11, 0x00, 0x11, 0x11])

    @each_version()
    def test_one_that_never_was(self, version):
        """UNSUBACK comes even if nothing was subscribed [MQTT-3.10.4-5]."""
        client = self.connect(version=version)
        client.unsubscribe(self.topic())

    def test_filters_are_compared_as_text(self):
        """Filters are compared character by character: a wildcard removes
        only itself [MQTT-3.10.4-1]."""
        base = self.topic()
        client = self.subscriber(f"{base}/a")
        self.assertEqual(client.unsubscribe(f"{base}/+", f"{base}/#",
                                            f"{base}/A"), [0x11] * 3)
        client.publish(f"{base}/a", "x")
        client.expect_message(f"{base}/a", "x")

    def test_what_was_begun_is_finished(self):
        """A delivery under way is completed after UNSUBSCRIBE
        [MQTT-3.10.4-3]."""
        topic = self.topic()
        client = self.subscriber(topic, 2)
        self.connect().publish(topic, "x", 2)
        message = client.expect_message(topic, "x")
        self.assertEqual(client.unsubscribe(topic), [0])
        client.reply(wire.PUBREC, message.id)
        client.expect(wire.PUBREL, id=message.id, code=0)
        client.reply(wire.PUBCOMP, message.id)
        client.expect_nothing()

    def test_one_of_overlapping_ones(self):
        """Removing one of two that match leaves the other, with its QoS
        [MQTT-3.10.4-1]."""
        base = self.topic()
        client = self.subscriber(f"{base}/a", 2)
        client.subscribe(f"{base}/+", 1)
        client.unsubscribe(f"{base}/a")
        self.connect().publish(f"{base}/a", "x", 2)
        message = client.expect_message(f"{base}/a", "x", qos=1)
        client.reply(PUBACK, message.id)
        client.expect_nothing()

    @each_version(wire.V311, V5)
    def test_no_filter_at_all(self, version):
        """SUBSCRIBE and UNSUBSCRIBE without a filter are errors
        [MQTT-3.8.3-2] [MQTT-3.10.3-2]."""
        for packet in (wire.subscribe(1, [], version=version),
                       wire.unsubscribe(1, [], version=version)):
            client = self.connect(version=version)
            client.send(packet)
            client.expect_disconnect(0x82, 0x81)


if __name__ == "__main__":
    unittest.main()
