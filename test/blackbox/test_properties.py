"""Properties that travel from publisher to subscriber, request and response,
problem information (MQTT 5, 3.3.2.3, 4.10, 3.1.2.11.7)."""

import unittest

import mqtt_wire as wire
from case import BlackboxTest
from mqtt_wire import PUBACK, SUBACK, UNSUBACK, V311

ALL = [
    ("payload_format_indicator", 1),
    ("content_type", "application/json; ü"),
    ("response_topic", "answers/to/me"),
    ("correlation_data", bytes(range(256))),
]
USER = [("user_property", pair) for pair in (
    ("b", "1"), ("a", "2"), ("b", "1"), ("", ""), ("é", "\U0001F600"),
    ("a", "3"), ("long", "x" * 3000))]


class EndToEnd(BlackboxTest):

    def travel(self, props, topic=None, qos=1):
        topic = topic or self.topic()
        client = self.subscriber(topic, qos)
        self.connect().publish(topic, "{}", qos, props=props)
        return client.expect_message(topic, "{}").props

    def test_each_is_unaltered(self):
        """Payload Format Indicator, Content Type, Response Topic and
        Correlation Data arrive as they were sent [MQTT-3.3.2-4]
        [MQTT-3.3.2-15] [MQTT-3.3.2-16] [MQTT-3.3.2-20]."""
        for entry in ALL + [("payload_format_indicator", 0),
                            ("correlation_data", b""), ("content_type", "")]:
            with self.subTest(entry[0]):
                got = self.travel([entry])
                if entry != ("payload_format_indicator", 0):
                    self.assertEqual(list(got), [entry])
                else:
                    self.assertIn(list(got), ([entry], []))

    def test_all_together(self):
        """Together they arrive whole (3.3.2.3)."""
        got = self.travel(ALL + USER)
        self.assertEqual(sorted(got, key=str), sorted(ALL + USER, key=str))

    def test_user_properties_keep_their_order(self):
        """User Properties arrive all, in order, repeated ones too
        [MQTT-3.3.2-17] [MQTT-3.3.2-18]."""
        mixed = USER[:3] + [ALL[0]] + USER[3:5] + [ALL[2]] + USER[5:]
        got = self.travel(mixed)
        self.assertEqual(got.all("user_property"),
                         [value for _, value in USER])

    def test_all_of_it_without_loss_in_each_qos(self):
        """The QoS makes no difference (3.3.2.3)."""
        for qos in range(3):
            got = self.travel(USER, self.topic(f"q{qos}"), qos)
            self.assertEqual(got.all("user_property"),
                             [value for _, value in USER])

    def test_retained_and_stored(self):
        """Retained messages and those that waited keep them
        [MQTT-3.3.2-17]."""
        topic, client_id = self.topic(), self.client_id()
        client = self.connect_persistent(client_id)
        client.subscribe(topic, 1)
        client.disconnect()
        self.connect().publish(topic, "x", 1, True, ALL + USER)
        late = self.subscriber(topic).expect_message(topic, retain=True)
        waited = self.connect_persistent(client_id).expect_message(topic)
        for message in (late, waited):
            self.assertEqual(sorted(message.props, key=str),
                             sorted(ALL + USER, key=str))

    def test_3_x_subscribers_get_the_payload(self):
        """A 3.1.1 subscriber gets the message without properties, and a 5.0
        one gets none from a 3.1.1 publisher."""
        topic = self.topic()
        old = self.subscriber(topic, 1, V311)
        new = self.subscriber(topic, 1)
        self.connect().publish(topic, "x", 1, props=ALL + USER)
        old.expect_message(topic, "x")
        new.expect_message(topic, "x")
        self.connect(version=V311).publish(topic, "y", 1)
        message = new.expect_message(topic, "y")
        self.assertEqual(list(message.props), [])

    def test_faults_in_publish(self):
        """Properties that are misplaced, repeated or not text are errors
        (2.2.2.2) [MQTT-1.5.7-1] [MQTT-3.3.2-13] [MQTT-3.3.2-14]
        [MQTT-3.3.2-19]."""
        coded = wire.property_bytes
        faults = {
            "misplaced": (coded("session_expiry_interval", 1), ()),
            "unknown": (b"\x00\x01", ()),
            "format twice": (coded("payload_format_indicator", 1) * 2, ()),
            "expiry twice": (coded("message_expiry_interval", 1) * 2, ()),
            "content type twice": (coded("content_type", "a") * 2, ()),
            "wildcard": (coded("response_topic", "a/+"), (0x90,)),
            "content type": (coded("content_type", b"\xff"), (0x99,)),
            "response topic": (coded("response_topic", b"\xff"), (0x90,)),
            "user name": (coded("user_property", (b"\xc0\x80", "x")), ()),
            "user value": (coded("user_property", ("x", b"a\0")), ()),
            "cut short": (b"\x02\x00\x00", ()),
            "past the end": (b"\x03\x00\x09abc", ()),
        }
        topic = self.topic()
        for name, (bad, codes) in faults.items():
            with self.subTest(name):
                client = self.connect()
                client.send(wire.publish(topic, "x", props=bad))
                client.expect_disconnect(0x81, 0x82, *codes)


class RequestResponse(BlackboxTest):

    def test_response_information_for_those_who_ask(self):
        """CONNACK has Response Information when it was asked for
        (3.1.2.11.6) (3.2.2.3.15)."""
        client = self.connect(props={"request_response_information": 1})
        base = client.connack.props.get("response_information")
        self.assertTrue(base, "no Response Information")
        self.assertNotRegex(base, "[+#]")

    def test_none_for_others(self):
        """It is not sent unasked [MQTT-3.1.2-28]."""
        for props in (None, {"request_response_information": 0}):
            client = self.connect(props=props)
            self.assertIsNone(client.connack.props.get("response_information"))

    def test_a_request_and_its_response(self):
        """A requester gets its answer at the Response Topic with its
        Correlation Data (4.10.1)."""
        responder = self.subscriber(self.topic("service"), 1)
        requester, answers = self.connect(), self.topic("answers")
        self.assertEqual(requester.subscribe(answers, 1), 1)
        requester.publish(self.topic("service"), "6 x 7", 1, props=[
            ("response_topic", answers), ("correlation_data", b"\0q1")])
        request = responder.expect_message(self.topic("service"))
        responder.acknowledge(request)
        responder.publish(request.props.get("response_topic"), "42", 1, props=[
            ("correlation_data", request.props.get("correlation_data"))])
        answer = requester.expect_message(answers, "42")
        self.assertEqual(answer.props.get("correlation_data"), b"\0q1")


class ProblemInformation(BlackboxTest):

    def test_not_for_those_who_decline(self):
        """With Request Problem Information 0 no packet but PUBLISH, CONNACK
        and DISCONNECT has Reason String or User Property
        [MQTT-3.1.2-29]."""
        client = self.connect(props={"request_problem_information": 0})
        client.send(wire.publish(self.topic(), "x", 1, 1))
        client.send(wire.unsubscribe(2, [self.topic()]))
        client.send(wire.subscribe(3, [(self.topic(), 0)]))
        client.send(wire.reply(wire.PUBREL, 4))
        for kind in (PUBACK, UNSUBACK, SUBACK, wire.PUBCOMP):
            packet = client.expect(kind)
            self.assertIsNone(packet.props.get("reason_string"))
            self.assertEqual(packet.props.all("user_property"), [])

    def test_user_properties_of_messages_stay(self):
        """It does not touch the User Properties of messages
        [MQTT-3.1.2-29]."""
        topic = self.topic()
        client = self.connect(props={"request_problem_information": 0})
        client.subscribe(topic)
        client.publish(topic, "x", props=USER)
        self.assertEqual(client.expect_message().props.all("user_property"),
                         [value for _, value in USER])

    def test_a_reason_string_is_for_people(self):
        """Where a Reason String comes, it is text and small enough
        (3.14.2.2.3)."""
        client = self.connect(props={"request_problem_information": 1})
        client.send(wire.publish("a/#", "x"))
        packet = client.expect_disconnect()
        self.assertNotEqual(packet.props.get("reason_string"), "")


if __name__ == "__main__":
    unittest.main()
