"""What is resent when a session is resumed, and what is not (MQTT 5, 4.4)."""

import unittest

import mqtt_wire as wire
from case import BlackboxTest, each_version
from mqtt_wire import PUBACK, PUBCOMP, PUBREC, PUBREL, V31, V311, V5
from wire_client import payloads


class Resume(BlackboxTest):

    def begin(self, version, qos=2):
        """A persistent subscriber, a publisher, their topic."""
        client_id, topic = self.client_id(), self.topic()
        client = self.connect_persistent(client_id, version)
        client.subscribe(topic, qos)
        return client_id, client, self.connect(), topic

    @each_version()
    def test_unacknowledged_messages_are_resent(self, version):
        """QoS 1 and 2 messages without PUBACK or PUBREC are resent in order,
        with DUP and their identifiers [MQTT-4.4.0-1] [MQTT-3.3.1-1]
        [3.1.1 MQTT-4.6.0-1]."""
        client_id, client, publisher, topic = self.begin(version)
        sent = []
        for number in range(6):
            publisher.publish(topic, f"m{number}", 1 + number % 2)
            sent.append(client.expect_message(topic, f"m{number}", dup=False))
        client.close()
        again = self.connect_persistent(client_id, version)
        for message in sent:
            again.acknowledge(again.expect_message(
                topic, message.payload, id=message.id, qos=message.qos,
                dup=True))
        again.expect_nothing()

    @each_version()
    def test_acknowledged_messages_are_not(self, version):
        """A message with PUBACK is not sent again [MQTT-4.4.0-1]."""
        client_id, client, publisher, topic = self.begin(version)
        for number in range(4):
            publisher.publish(topic, f"m{number}", 1)
        messages = [client.expect_message(topic) for _ in range(4)]
        client.reply(PUBACK, messages[0].id)
        client.reply(PUBACK, messages[2].id)
        client.ping()
        client.close()
        again = self.connect_persistent(client_id, version)
        for place in (1, 3):
            again.acknowledge(again.expect_message(
                topic, messages[place].payload, id=messages[place].id,
                dup=True))
        again.expect_nothing()

    @each_version()
    def test_after_pubrec_only_pubrel_is_resent(self, version):
        """A QoS 2 message whose PUBREC came is continued with PUBREL and
        never published again [MQTT-4.3.3-6] [MQTT-4.4.0-1]."""
        client_id, client, publisher, topic = self.begin(version)
        publisher.publish(topic, "two", 2)
        message = client.expect_message(topic, "two", qos=2)
        client.reply(PUBREC, message.id)
        client.expect(PUBREL, id=message.id, code=0)
        client.close()
        for _ in range(2):
            again = self.connect_persistent(client_id, version)
            again.expect(PUBREL, id=message.id, code=0)
            again.close()
        last = self.connect_persistent(client_id, version)
        last.expect(PUBREL, id=message.id)
        last.reply(PUBCOMP, message.id)
        last.expect_nothing()
        last.close()
        self.connect_persistent(client_id, version).expect_nothing()

    @each_version()
    def test_a_received_qos_2_identifier_is_remembered(self, version):
        """A PUBLISH of QoS 2 repeated in the resumed session is answered with
        PUBREC and delivered no second time [MQTT-4.3.3-10]."""
        topic, client_id = self.topic(), self.client_id()
        watcher = self.subscriber(topic, 2)
        client = self.connect_persistent(client_id, version)
        client.send(wire.publish(topic, "once", 2, 77, version=version))
        client.expect(PUBREC, id=77)
        client.close()
        again = self.connect_persistent(client_id, version)
        again.send(wire.publish(topic, "once", 2, 77, dup=True,
                                version=version))
        again.expect(PUBREC, id=77)
        again.reply(PUBREL, 77)
        again.expect(PUBCOMP, id=77, code=0)
        again.publish(topic, "marker", 2)
        self.assertEqual(payloads(watcher.messages_until("marker")),
                         [b"once"])

    @each_version()
    def test_pubrel_may_come_in_the_resumed_session(self, version):
        """PUBREL in the next connection completes the exchange, after which
        the identifier is new again [MQTT-4.3.3-11] [MQTT-4.3.3-12]."""
        topic, client_id = self.topic(), self.client_id()
        watcher = self.subscriber(topic, 2)
        client = self.connect_persistent(client_id, version)
        client.send(wire.publish(topic, "one", 2, 5, version=version))
        client.expect(PUBREC, id=5)
        client.close()
        again = self.connect_persistent(client_id, version)
        again.reply(PUBREL, 5)
        again.expect(PUBCOMP, id=5, code=0)
        again.send(wire.publish(topic, "two", 2, 5, version=version))
        again.expect(PUBREC, id=5)
        again.reply(PUBREL, 5)
        watcher.acknowledge(watcher.expect_message(topic, "one"))
        watcher.acknowledge(watcher.expect_message(topic, "two"))

    def test_a_clean_start_forgets_identifiers(self):
        """A clean start forgets the identifiers received before: the same
        PUBLISH is a new message [MQTT-3.1.2-4]."""
        topic, client_id = self.topic(), self.client_id()
        watcher = self.subscriber(topic, 2)
        client = self.connect_persistent(client_id)
        client.send(wire.publish(topic, "first", 2, 9))
        client.expect(PUBREC, id=9)
        client.close()
        clean = self.connect(client_id)
        clean.send(wire.publish(topic, "second", 2, 9))
        clean.expect(PUBREC, id=9)
        clean.reply(PUBREL, 9)
        # The first may be lost with its session or delivered: 4.3.3 allows
        # onward delivery before PUBREL and after it.
        self.assertIn(payloads(watcher.messages_until("second")),
                      ([], [b"first"]))

    def test_what_was_not_sent_has_no_dup(self):
        """Messages beyond the window were never sent: they follow the resent
        ones without DUP [MQTT-3.3.1-1] [MQTT-4.9.0-2]."""
        client_id, topic = self.client_id(), self.topic()
        props = {"receive_maximum": 2}
        client = self.connect_persistent(client_id, props=props)
        client.subscribe(topic, 1)
        publisher = self.connect()
        for number in range(5):
            publisher.publish(topic, f"m{number}", 1)
        client.expect_message(topic, "m0")
        client.expect_message(topic, "m1")
        client.close()
        again = self.connect_persistent(client_id, props=props)
        for number in range(5):
            again.acknowledge(again.expect_message(
                topic, f"m{number}", dup=number < 2))

    def test_new_messages_come_after_the_resent(self):
        """Order holds over the gap: resent, then those that waited, then live
        ones [MQTT-4.6.0-6]."""
        client_id, client, publisher, topic = self.begin(V5, 1)
        publisher.publish(topic, "sent", 1)
        client.expect_message(topic, "sent")
        # Its end is seen before the next message comes, which otherwise might
        # still be sent to it.
        client.disconnect()
        publisher.publish(topic, "waited", 1)
        again = self.connect_persistent(client_id)
        publisher.publish(topic, "live", 1)
        again.expect_message(topic, "sent", dup=True)
        again.expect_message(topic, "waited", dup=False)
        again.expect_message(topic, "live", dup=False)

    def test_a_smaller_window_holds_for_the_resent(self):
        """The Receive Maximum of the new connection counts, also for what is
        resent [MQTT-3.3.4-9]."""
        client_id, client, publisher, topic = self.begin(V5, 1)
        for number in range(4):
            publisher.publish(topic, f"m{number}", 1)
            client.expect_message(topic, f"m{number}")
        client.close()
        again = self.connect_persistent(client_id,
                                        props={"receive_maximum": 1})
        for number in range(4):
            message = again.expect_message(topic, f"m{number}")
            again.expect_nothing()
            again.reply(PUBACK, message.id)
        again.expect_nothing()

    def test_errors_from_the_client_end_the_exchange(self):
        """A PUBACK or PUBREC with an error acknowledges: nothing is resent
        [MQTT-4.4.0-2]."""
        client_id, client, publisher, topic = self.begin(V5)
        publisher.publish(topic, "one", 1)
        publisher.publish(topic, "two", 2)
        client.reply(PUBACK, client.expect_message(topic, "one").id, 0x83)
        client.reply(PUBREC, client.expect_message(topic, "two").id, 0x83)
        client.expect_nothing()
        client.close()
        self.connect_persistent(client_id).expect_nothing()

    def test_a_live_5_0_connection_sees_nothing_twice(self):
        """5.0 resends only after a reconnect, however long the client takes
        [MQTT-4.4.0-1]."""
        _, client, publisher, topic = self.begin(V5, 1)
        publisher.publish(topic, "slow", 1)
        message = client.expect_message(topic, "slow")
        self.let_pass(2.5)
        client.expect_nothing()
        client.reply(PUBACK, message.id)


class Retry(BlackboxTest):

    settings = {"retry_interval": "1"}

    @each_version(V31, V311)
    def test_3_x_resends_after_the_retry_interval(self, version):
        """With `retry_interval` a 3.x client that is silent gets PUBLISH with
        DUP, and PUBREL, once more (3.1, 4.2)."""
        topic = self.topic()
        client = self.subscriber(topic, 2, version)
        self.connect().publish(topic, "two", 2)
        message = client.expect_message(topic, "two", dup=False)
        client.expect_message(topic, "two", dup=True, id=message.id)
        client.reply(PUBREC, message.id)
        client.expect(PUBREL, id=message.id)
        client.expect(PUBREL, id=message.id)
        client.reply(PUBCOMP, message.id)
        client.expect_nothing()

    def test_5_0_does_not(self):
        """`retry_interval` is nothing to 5.0 clients [MQTT-4.4.0-1]."""
        topic = self.topic()
        client = self.subscriber(topic, 1)
        self.connect().publish(topic, "one", 1)
        message = client.expect_message(topic, "one", dup=False)
        self.let_pass(2.5)
        client.expect_nothing()
        client.reply(PUBACK, message.id)


if __name__ == "__main__":
    unittest.main()
