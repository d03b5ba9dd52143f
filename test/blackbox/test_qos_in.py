"""Publishing to the broker with QoS 0, 1 and 2 (MQTT 5, 4.3)."""

import unittest

import mqtt_wire as wire
from case import BlackboxTest, each_version
from mqtt_wire import PUBACK, PUBCOMP, PUBREC, PUBREL, V31, V5
from wire_client import payloads


class Inbound(BlackboxTest):

    def pair(self, version, qos=2):
        """A subscriber, a publisher, the topic between them."""
        topic = self.topic()
        return (self.subscriber(topic, qos, version),
                self.connect(version=version), topic)

    @each_version()
    def test_qos_0(self, version):
        """QoS 0 is delivered and not acknowledged [MQTT-4.3.1-1]."""
        subscriber, publisher, topic = self.pair(version)
        publisher.send(wire.publish(topic, "zero", version=version))
        publisher.ping()
        subscriber.expect_message(topic, "zero", qos=0, dup=False)

    @each_version()
    def test_qos_1(self, version):
        """QoS 1 is answered with PUBACK of the same identifier
        [MQTT-4.3.2-4] [MQTT-2.2.1-5]."""
        subscriber, publisher, topic = self.pair(version)
        publisher.send(wire.publish(topic, "one", 1, 0xFFFF, version=version))
        publisher.expect(PUBACK, id=0xFFFF, code=0)
        subscriber.expect_message(topic, "one", qos=1, dup=False)

    @each_version()
    def test_qos_1_identifiers_are_free_after_puback(self, version):
        """After PUBACK the same identifier is a new message, DUP or not
        [MQTT-4.3.2-5]."""
        subscriber, publisher, topic = self.pair(version)
        for payload, dup in (("a", False), ("b", True), ("c", False)):
            publisher.send(wire.publish(topic, payload, 1, 3, dup=dup,
                                        version=version))
            publisher.expect(PUBACK, id=3)
            subscriber.acknowledge(
                subscriber.expect_message(topic, payload, dup=False))

    @each_version()
    def test_qos_2(self, version):
        """QoS 2 is PUBREC, PUBREL, PUBCOMP with one identifier
        [MQTT-4.3.3-8] [MQTT-4.3.3-11]."""
        subscriber, publisher, topic = self.pair(version)
        publisher.send(wire.publish(topic, "two", 2, 11, version=version))
        publisher.expect(PUBREC, id=11, code=0)
        publisher.reply(PUBREL, 11)
        publisher.expect(PUBCOMP, id=11, code=0)
        subscriber.acknowledge(subscriber.expect_message(topic, "two", qos=2))
        subscriber.expect_nothing()

    @each_version()
    def test_a_qos_2_publish_seen_twice_is_routed_once(self, version):
        """Until PUBREL the same identifier is the same message
        [MQTT-4.3.3-10]."""
        subscriber, publisher, topic = self.pair(version)
        for dup in (False, True, True):
            publisher.send(wire.publish(topic, "two", 2, 4, dup=dup,
                                        version=version))
            publisher.expect(PUBREC, id=4)
        publisher.reply(PUBREL, 4)
        publisher.expect(PUBCOMP, id=4)
        publisher.publish(topic, "marker", 2)
        self.assertEqual(payloads(subscriber.messages_until("marker")),
                         [b"two"])

    @each_version()
    def test_a_qos_2_identifier_is_free_after_pubcomp(self, version):
        """After PUBCOMP the identifier is a new message [MQTT-4.3.3-12]."""
        subscriber, publisher, topic = self.pair(version)
        for number in range(3):
            publisher.send(wire.publish(topic, f"m{number}", 2, 4,
                                        version=version))
            publisher.expect(PUBREC, id=4)
            publisher.reply(PUBREL, 4)
            publisher.expect(PUBCOMP, id=4)
            subscriber.acknowledge(
                subscriber.expect_message(topic, f"m{number}"))

    @each_version()
    def test_pubrel_repeated(self, version):
        """PUBREL is always answered with PUBCOMP; in 5.0 an identifier that is
        not known says 0x92 [MQTT-4.3.3-11] (3.7.2.1)."""
        _, publisher, topic = self.pair(version)
        publisher.publish(topic, "two", 2)
        for packet_id in (1, 999):
            publisher.reply(PUBREL, packet_id)
            publisher.expect(PUBCOMP, id=packet_id,
                             code=0x92 if version == V5 else 0)

    @each_version()
    def test_exchanges_overlap(self, version):
        """Several exchanges may be open at once and close in any order
        [MQTT-2.2.1-5]."""
        subscriber, publisher, topic = self.pair(version)
        for packet_id in (1, 2, 3):
            publisher.send(wire.publish(topic, f"m{packet_id}", 2, packet_id,
                                        version=version))
        for packet_id in (1, 2, 3):
            publisher.expect(PUBREC, id=packet_id)
        for packet_id in (3, 1, 2):
            publisher.reply(PUBREL, packet_id)
            publisher.expect(PUBCOMP, id=packet_id, code=0)
        received = []
        for _ in range(3):
            message = subscriber.expect_message(topic)
            subscriber.acknowledge(message)
            received.append(message.payload)
        self.assertEqual(sorted(received), [b"m1", b"m2", b"m3"])

    def test_puback_says_when_nobody_subscribes(self):
        """PUBACK and PUBREC are 0x10 when no subscription matches and 0x00
        when one does (3.4.2.1) (3.5.2.1)."""
        topic = self.topic()
        publisher = self.connect()
        for qos in (1, 2):
            self.assertEqual(publisher.publish(topic, "x", qos), 0x10)
        subscriber = self.subscriber(topic.replace("/t", "/+"))
        for qos in (1, 2):
            self.assertEqual(publisher.publish(topic, "x", qos), 0x00)
        subscriber.disconnect()
        self.assert_becomes(0x10, lambda: publisher.publish(topic, "x", 1))

    def test_puback_counts_absent_subscribers(self):
        """A session without a connection is a matching subscriber
        (3.4.2.1)."""
        topic = self.topic()
        absent = self.connect_persistent(self.client_id())
        absent.subscribe(topic, 1)
        absent.disconnect()
        self.assertEqual(self.connect().publish(topic, "x", 1), 0x00)

    def test_puback_counts_shared_subscribers(self):
        """A share group is a matching subscriber (3.4.2.1)."""
        topic = self.topic()
        self.subscriber(f"$share/g/{topic}", 1)
        self.assertEqual(self.connect().publish(topic, "x", 1), 0x00)

    @each_version()
    def test_an_empty_payload(self, version):
        """A PUBLISH without payload is a message (3.3.3)."""
        subscriber, publisher, topic = self.pair(version)
        publisher.publish(topic, b"", 1)
        subscriber.expect_message(topic, b"")

    @each_version()
    def test_a_large_payload(self, version):
        """A payload of 3 MB arrives unaltered (3.3.3)."""
        subscriber, publisher, topic = self.pair(version)
        payload = bytes(range(256)) * (3 << 12)
        publisher.publish(topic, payload, 1)
        message = subscriber.receive()
        self.assertTrue(message.payload == payload, "the payload differs")
        subscriber.acknowledge(message)
        publisher.publish(topic, "marker", 1)
        subscriber.expect_message(topic, "marker")

    @each_version()
    def test_dup_is_not_passed_on(self, version):
        """DUP of an incoming PUBLISH says nothing of the outgoing one
        [MQTT-3.3.1-3]."""
        subscriber, publisher, topic = self.pair(version)
        publisher.send(wire.publish(topic, "x", 1, 8, dup=True,
                                    version=version))
        publisher.expect(PUBACK, id=8)
        subscriber.expect_message(topic, "x", dup=False)

    @each_version()
    def test_acknowledgements_come_in_order(self, version):
        """PUBACK and PUBREC come in the order of the PUBLISHes
        [MQTT-4.6.0-2] [MQTT-4.6.0-3]."""
        _, publisher, topic = self.pair(version)
        burst = b"".join(wire.publish(topic, str(packet_id),
                                      1 + packet_id % 2, packet_id,
                                      version=version)
                         for packet_id in range(1, 101))
        publisher.send(burst)
        replies = [publisher.receive() for _ in range(100)]
        for kind, parity in ((PUBACK, 0), (PUBREC, 1)):
            ids = [reply.id for reply in replies if reply.kind == kind]
            self.assertEqual(ids, [packet_id for packet_id in range(1, 101)
                                   if packet_id % 2 == parity])

    def test_an_unknown_puback_and_pubcomp(self):
        """Acknowledgements of nothing hurt nobody: 3.x goes on, 5.0 goes on or
        is told 0x82 (4.13.1)."""
        for kind in (PUBACK, PUBCOMP):
            with self.subTest(wire.KIND_NAMES[kind]):
                client = self.connect()
                client.reply(kind, 500)
                client.send(wire.pingreq())
                packet = client.receive()
                if packet.kind == wire.DISCONNECT:
                    self.assertIn(packet.code, (0x00, 0x82))
                else:
                    self.assertEqual(packet.kind, wire.PINGRESP)

    def test_an_unknown_pubrec_in_5(self):
        """PUBREC of an unknown identifier is answered with PUBREL 0x92
        (3.6.2.1)."""
        client = self.connect()
        client.reply(PUBREC, 501)
        client.expect(PUBREL, id=501, code=0x92)
        client.ping()

    def test_other_clients_see_nothing_of_unknown_ids(self):
        """An unknown PUBREC of a 3.1 client closes it at most
        (3.1, 4.1)."""
        bystander, publisher, topic = self.pair(V31)
        client = self.connect(version=V31)
        client.send_to_closing(wire.reply(PUBREC, 502, version=V31)
                               + wire.pingreq())
        try:
            client.receive()
        except AssertionError:
            pass
        publisher.publish(topic, "x")
        bystander.expect_message(topic, "x")


if __name__ == "__main__":
    unittest.main()
