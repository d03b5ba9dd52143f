"""Retained messages (MQTT 5, 3.3.1.3 and 3.8.3.1)."""

import unittest

import mqtt_wire as wire
from case import BlackboxTest, each_version
from mqtt_wire import PUBACK, V31


class Retained(BlackboxTest):

    def retain(self, topic, payload, qos=1, version=wire.V5, props=None):
        self.connect(version=version).publish(topic, payload, qos, True, props)

    @each_version()
    def test_a_new_subscriber_gets_it(self, version):
        """A retained message is sent to later subscribers, with RETAIN
        [MQTT-3.3.1-5] [3.1.1 MQTT-3.3.1-6] [3.1.1 MQTT-3.3.1-8]."""
        topic = self.topic()
        self.retain(topic, "kept", version=version)
        for topic_filter in (topic, topic.replace("/t", "/+"),
                             topic.split("/")[0] + "/#"):
            subscriber = self.subscriber(topic_filter, 1, version)
            subscriber.acknowledge(subscriber.expect_message(
                topic, "kept", retain=True, dup=False, qos=1))
            self.assert_not_retained(subscriber, topic)

    @each_version()
    def test_a_live_subscriber_sees_no_retain_flag(self, version):
        """An established subscription gets it as a live message
        [MQTT-3.3.1-12] [3.1.1 MQTT-3.3.1-9]."""
        topic = self.topic()
        subscriber = self.subscriber(topic, 1, version)
        self.retain(topic, "live", version=version)
        subscriber.expect_message(topic, "live", retain=False)

    @each_version()
    def test_the_last_one_is_kept(self, version):
        """A retained message replaces the one before, whatever the QoS
        [MQTT-3.3.1-5] [3.1.1 MQTT-3.3.1-7]."""
        topic = self.topic()
        for qos in (2, 1, 0):
            self.retain(topic, f"q{qos}", qos, version)
            marker = self.connect()
            marker.publish(topic + "/sync", "x", 1)
            subscriber = self.subscriber(topic, 2, version)
            message = subscriber.expect_message(topic, retain=True)
            if qos:
                self.assertEqual((message.payload, message.qos),
                                 (b"q%d" % qos, qos))

    def test_the_last_of_a_burst_is_kept(self):
        """Messages sent in one go with different QoS replace each other in
        the order sent [MQTT-3.3.1-5]."""
        orders = ((0, 1), (1, 0, 1), (2, 0, 1), (0, 0, 2), (0, 1, 0, 1))
        for place, order in enumerate(orders * 4):
            topic = self.topic(str(place))
            publisher = self.connect()
            publisher.send(b"".join(
                wire.publish(topic, f"m{number}", qos, number + 1 if qos
                             else None, retain=True)
                for number, qos in enumerate(order)))
            last = len(order) - 1
            publisher.await_reply(PUBACK if order[-1] == 1 else wire.PUBREC,
                                  last + 1)
            late = self.subscriber(topic)
            late.expect_message(topic, f"m{last}", retain=True)
            publisher.disconnect()

    def test_a_message_without_retain_leaves_it(self):
        """A PUBLISH without RETAIN neither stores nor replaces
        [MQTT-3.3.1-8]."""
        topic = self.topic()
        self.retain(topic, "kept")
        self.connect().publish(topic, "passing", 1)
        self.subscriber(topic).expect_message(topic, "kept", retain=True)

    @each_version()
    def test_an_empty_payload_clears(self, version):
        """A retained message without payload removes the stored one, is not
        stored, and is delivered to live subscribers [MQTT-3.3.1-6]
        [MQTT-3.3.1-7] [3.1.1 MQTT-3.3.1-10] [3.1.1 MQTT-3.3.1-11]."""
        topic = self.topic()
        self.retain(topic, "kept", version=version)
        live = self.subscriber(topic, 1, version)
        live.expect_message(topic, "kept", retain=True)
        self.retain(topic, "", version=version)
        live.expect_message(topic, "", retain=False)
        self.assert_not_retained(self.subscriber(topic, 1, version), topic)

    def test_its_qos_is_the_lesser(self):
        """The QoS is the lesser of the stored and the granted one
        [MQTT-3.8.4-8]."""
        topic = self.topic()
        for stored in (1, 2):
            self.retain(topic, "kept", stored)
            for granted in range(3):
                subscriber = self.subscriber(topic, granted)
                subscriber.acknowledge(subscriber.expect_message(
                    topic, "kept", qos=min(stored, granted), retain=True))

    @each_version()
    def test_subscribing_again_sends_it_again(self, version):
        """A repeated SUBSCRIBE sends it again (Retain Handling 0)
        [MQTT-3.8.4-4] [3.1.1 MQTT-3.8.4-3]."""
        topic = self.topic()
        self.retain(topic, "kept", version=version)
        subscriber = self.subscriber(topic, 0, version)
        for _ in range(3):
            subscriber.expect_message(topic, "kept", retain=True)
            subscriber.subscribe(topic)
        subscriber.expect_message(topic, "kept", retain=True)

    def test_each_matching_topic_once(self):
        """A wildcard filter gets every retained message that matches
        [MQTT-3.3.1-9]."""
        base = self.topic()
        topics = [base, f"{base}/a", f"{base}/a/b", f"{base}//c", f"{base}/"]
        for topic in topics:
            self.retain(topic, topic)
        self.retain(self.topic("elsewhere"), "no")
        for wildcard, matching in (("#", topics), ("+", [f"{base}/a",
                                                         f"{base}/"])):
            subscriber = self.subscriber(f"{base}/{wildcard}")
            self.connect().publish(f"{base}/x", "marker")
            got = [packet.topic
                   for packet in subscriber.messages_until("marker")]
            self.assertEqual(sorted(got), sorted(matching))

    def test_dollar_topics_stay_out_of_wildcards(self):
        """A filter that begins with a wildcard gets no retained message of a
        `$` topic [MQTT-4.7.2-1]."""
        subscriber = self.connect()
        subscriber.subscribe("#")
        self.connect().publish(self.topic(), "marker")
        for packet in subscriber.messages_until("marker"):
            self.assertFalse(packet.topic.startswith("$"), packet)

    def test_in_a_resumed_session_there_is_no_new_subscription(self):
        """Resuming a session is no SUBSCRIBE: retained messages are not sent
        again (3.3.1.3)."""
        topic, client_id = self.topic(), self.client_id()
        self.retain(topic, "kept")
        client = self.connect_persistent(client_id)
        client.subscribe(topic)
        client.expect_message(topic, "kept")
        client.disconnect()
        self.assert_not_retained(self.connect_persistent(client_id), topic)

    def test_retained_come_in_the_window(self):
        """Retained messages of QoS 1 respect Receive Maximum
        [MQTT-3.3.4-9]."""
        base = self.topic()
        for number in range(5):
            self.retain(f"{base}/{number}", "kept")
        client = self.connect(props={"receive_maximum": 2})
        client.subscribe(base + "/#", 1)
        seen = set()
        held = [client.expect_message(retain=True) for _ in range(2)]
        client.expect_nothing()
        while held:
            message = held.pop(0)
            seen.add(message.topic)
            client.reply(PUBACK, message.id)
            if len(seen) + len(held) < 5:
                held.append(client.expect_message(retain=True))
        self.assertEqual(len(seen), 5)


class Options(BlackboxTest):

    def retained_topic(self):
        topic = self.topic()
        self.connect().publish(topic, "kept", 1, retain=True)
        return topic

    def test_retain_handling_0(self):
        """0 sends at every SUBSCRIBE [MQTT-3.3.1-9]."""
        topic = self.retained_topic()
        client = self.connect()
        for _ in range(2):
            client.subscribe(topic, retain_handling=0)
            client.expect_message(topic, "kept", retain=True)

    def test_retain_handling_1(self):
        """1 sends when the subscription is new, also after UNSUBSCRIBE
        [MQTT-3.3.1-10]."""
        topic = self.retained_topic()
        client = self.connect()
        client.subscribe(topic, retain_handling=1)
        client.expect_message(topic, "kept", retain=True)
        client.subscribe(topic, 1, retain_handling=1)
        self.assert_not_retained(client, topic)
        client.unsubscribe(topic)
        client.subscribe(topic, retain_handling=1)
        client.expect_message(topic, "kept", retain=True)

    def test_retain_handling_1_in_a_resumed_session(self):
        """A subscription of the resumed session exists already
        [MQTT-3.3.1-10]."""
        topic, client_id = self.retained_topic(), self.client_id()
        client = self.connect_persistent(client_id)
        client.subscribe(topic, retain_handling=1)
        client.expect_message(topic, "kept")
        client.disconnect()
        again = self.connect_persistent(client_id)
        again.subscribe(topic, retain_handling=1)
        self.assert_not_retained(again, topic)

    def test_retain_handling_2(self):
        """2 never sends [MQTT-3.3.1-11]."""
        topic = self.retained_topic()
        client = self.connect()
        client.subscribe(topic, retain_handling=2)
        self.assert_not_retained(client, topic)

    def test_retain_handling_3(self):
        """3 is a protocol error (3.8.3.1)."""
        client = self.connect()
        client.send(wire.subscribe(1, [(self.topic(), 0x30)]))
        client.expect_disconnect(0x82, 0x81)

    def test_retain_as_published(self):
        """With Retain As Published live messages keep their flag
        [MQTT-3.3.1-13] [MQTT-3.3.1-12]."""
        topic = self.topic()
        as_published = self.subscriber(topic, retain_as_published=True)
        plain = self.subscriber(topic)
        publisher = self.connect()
        for payload, retain in (("kept", True), ("passing", False)):
            publisher.publish(topic, payload, retain=retain)
            as_published.expect_message(topic, payload, retain=retain)
            plain.expect_message(topic, payload, retain=False)

    def test_retained_has_the_flag_without_it(self):
        """What is sent because of SUBSCRIBE has RETAIN either way
        (3.3.1.3)."""
        topic = self.retained_topic()
        for option in (False, True):
            self.subscriber(topic, retain_as_published=option) \
                .expect_message(topic, "kept", retain=True)

    def test_a_bridge_sees_it_as_published(self):
        """A bridge (level 131) keeps RETAIN and does not hear itself."""
        topic = self.topic()
        bridge = self.client(V31).connect(self.client_id(), level=0x83)
        bridge.subscribe(topic, 1)
        bridge.publish(topic, "own", 1)
        self.connect().publish(topic, "kept", 1, retain=True)
        bridge.expect_message(topic, "kept", retain=True)


if __name__ == "__main__":
    unittest.main()
