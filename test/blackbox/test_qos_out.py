"""Delivery to subscribers with QoS 0, 1 and 2, and its order (MQTT 5, 4.3
and 4.6)."""

import unittest

import mqtt_wire as wire
from case import BlackboxTest, each_version
from mqtt_wire import PUBACK, PUBCOMP, PUBREC, PUBREL, V5
from wire_client import payloads


class Outbound(BlackboxTest):

    @each_version()
    def test_the_lower_qos_counts(self, version):
        """Delivered is the lesser of the publisher's QoS and the granted one
        [MQTT-3.8.4-8] [3.1.1 MQTT-3.8.4-6]."""
        publisher = self.connect(version=version)
        for granted in range(3):
            topic = self.topic(f"q{granted}")
            subscriber = self.subscriber(topic, granted, version)
            for published in range(3):
                publisher.publish(topic, f"p{published}", published)
                subscriber.acknowledge(subscriber.expect_message(
                    topic, f"p{published}", qos=min(granted, published)))

    @each_version()
    def test_qos_2_step_by_step(self, version):
        """PUBREL follows PUBREC, the exchange ends with PUBCOMP
        [MQTT-4.3.3-4] [MQTT-4.3.3-5]."""
        topic = self.topic()
        subscriber = self.subscriber(topic, 2, version)
        self.connect().publish(topic, "two", 2)
        message = subscriber.expect_message(topic, "two", qos=2)
        subscriber.expect_nothing()
        subscriber.reply(PUBREC, message.id)
        subscriber.expect(PUBREL, id=message.id, code=0)
        subscriber.reply(PUBCOMP, message.id)
        subscriber.expect_nothing()

    @each_version()
    def test_identifiers_in_flight_differ(self, version):
        """Every PUBLISH in flight has an identifier of its own
        [MQTT-2.2.1-4] [MQTT-4.3.2-1]."""
        topic = self.topic()
        subscriber = self.subscriber(topic, 2, version)
        publisher = self.connect()
        for number in range(20):
            publisher.publish(topic, str(number), 1 + number % 2)
        ids = [subscriber.expect_message(topic).id for _ in range(20)]
        self.assertEqual(len(set(ids)), 20)

    def test_an_error_in_pubrec_ends_the_exchange(self):
        """PUBREC with an error is the last of it: no PUBREL [MQTT-4.4.0-2]
        [MQTT-4.3.3-4]."""
        topic = self.topic()
        subscriber = self.connect(props={"receive_maximum": 1})
        subscriber.subscribe(topic, 2)
        publisher = self.connect()
        publisher.publish(topic, "one", 2)
        publisher.publish(topic, "two", 2)
        for payload in ("one", "two"):
            message = subscriber.expect_message(topic, payload, dup=False)
            subscriber.reply(PUBREC, message.id, 0x97)
        subscriber.expect_nothing()

    def test_no_matching_subscribers_in_pubrec_is_no_error(self):
        """PUBREC 0x10 goes on to PUBREL [MQTT-4.3.3-4]."""
        topic = self.topic()
        subscriber = self.subscriber(topic, 2)
        self.connect().publish(topic, "x", 2)
        message = subscriber.expect_message(topic, "x")
        subscriber.reply(PUBREC, message.id, 0x10)
        subscriber.expect(PUBREL, id=message.id)

    def test_a_repeated_pubrec(self):
        """PUBREC repeated before PUBCOMP is answered with PUBREL again
        (4.3.3)."""
        topic = self.topic()
        subscriber = self.subscriber(topic, 2)
        self.connect().publish(topic, "x", 2)
        message = subscriber.expect_message(topic, "x")
        for _ in range(2):
            subscriber.reply(PUBREC, message.id)
            subscriber.expect(PUBREL, id=message.id, code=0)
        subscriber.reply(PUBCOMP, message.id)
        subscriber.expect_nothing()

    def test_acknowledgements_with_properties(self):
        """Reason String and User Property in acknowledgements are read and
        kept (3.4.2.2)."""
        topic = self.topic()
        subscriber = self.subscriber(topic, 2)
        publisher = self.connect()
        publisher.publish(topic, "one", 1)
        publisher.publish(topic, "two", 2)
        props = [("reason_string", "so"), ("user_property", ("k", "v"))]
        one = subscriber.expect_message(topic, "one")
        subscriber.send(wire.reply(PUBACK, one.id, 0, props))
        two = subscriber.expect_message(topic, "two")
        subscriber.send(wire.reply(PUBREC, two.id, 0, props))
        subscriber.expect(PUBREL, id=two.id)
        subscriber.send(wire.reply(PUBCOMP, two.id, 0, props))
        subscriber.expect_nothing()

    def test_the_long_forms_of_acknowledgements(self):
        """A reason code without properties, and with none, are as good as the
        short form (3.4.2.1) (3.4.2.2.1)."""
        topic = self.topic()
        subscriber = self.subscriber(topic, 1)
        publisher = self.connect()
        for form in ({}, {"code": 0}, {"code": 0, "props": []}):
            publisher.publish(topic, "x", 1)
            message = subscriber.expect_message(topic, "x")
            subscriber.send(wire.reply(PUBACK, message.id, **form))
        subscriber.expect_nothing()


class Order(BlackboxTest):

    COUNT = 500

    @each_version()
    def test_one_publisher_is_heard_in_order(self, version):
        """Messages of one publisher come in the order sent, per QoS, across
        topics [MQTT-4.6.0-5] [MQTT-4.6.0-6]."""
        for qos in range(3):
            with self.subTest(qos=qos):
                self.burst(version, qos)

    def burst(self, version, qos):
        topic = self.topic(f"q{qos}")
        subscriber = self.subscriber(topic + "/#", qos, version)
        publisher = self.connect(version=version)
        for start in range(0, self.COUNT, 20):
            batch = range(start, start + 20)
            publisher.send(b"".join(
                wire.publish(f"{topic}/{number % 7}", str(number), qos,
                             number + 1 if qos else None, version=version)
                for number in batch))
            self.finish(publisher, qos, batch)
            for number in batch:
                message = subscriber.expect_message(
                    f"{topic}/{number % 7}", str(number), qos=qos)
                subscriber.acknowledge(message)

    @staticmethod
    def finish(publisher, qos, batch):
        for number in batch:
            if qos == 1:
                publisher.expect(PUBACK, id=number + 1)
            elif qos == 2:
                publisher.expect(PUBREC, id=number + 1)
        if qos == 2:
            for number in batch:
                publisher.reply(PUBREL, number + 1)
            for number in batch:
                publisher.expect(PUBCOMP, id=number + 1)

    def test_two_publishers_each_keep_theirs(self):
        """Interleaved publishers are each heard in order [MQTT-4.6.0-5]."""
        topic = self.topic()
        subscriber = self.subscriber(topic, 1)
        publishers = [self.connect(), self.connect()]
        for number in range(100):
            for place, publisher in enumerate(publishers):
                publisher.send(wire.publish(topic, f"{place} {number}", 1,
                                            number + 1))
        heard = [[], []]
        for _ in range(200):
            message = subscriber.expect_message(topic)
            subscriber.acknowledge(message)
            place, number = message.payload.split()
            heard[int(place)].append(int(number))
        self.assertEqual(heard, [list(range(100))] * 2)

    def test_order_across_qos_1_and_0_markers(self):
        """A QoS 1 stream keeps its order with QoS 0 in between
        [MQTT-4.6.0-5]."""
        topic = self.topic()
        subscriber = self.subscriber(topic, 1)
        publisher = self.connect()
        for number in range(50):
            publisher.publish(topic, f"zero{number}", 0)
            publisher.publish(topic, f"one{number}", 1)
        heard = subscriber.messages_until("one49")
        for name, count in ((b"one", 49), (b"zero", 50)):
            stream = [payload for payload in payloads(heard)
                      if payload.startswith(name)]
            self.assertEqual(stream, [name + str(number).encode()
                                      for number in range(count)])

    def test_a_publisher_that_leaves_is_heard_out(self):
        """What was sent before DISCONNECT is delivered [MQTT-4.5.0-1]."""
        topic = self.topic()
        subscriber = self.subscriber(topic)
        publisher = self.connect(version=V5)
        publisher.send(b"".join(wire.publish(topic, str(number))
                                for number in range(200))
                       + wire.disconnect())
        for number in range(200):
            subscriber.expect_message(topic, str(number))


if __name__ == "__main__":
    unittest.main()
