"""Will messages without delay (MQTT 5, 3.1.2.5 and 3.1.3.2-4)."""

import unittest

import mqtt_wire as wire
from case import BlackboxTest, each_version
from mqtt_wire import V5


class Will(BlackboxTest):

    def doomed(self, version=V5, topic=None, **will):
        """A client with a will, and its topic."""
        topic = topic or self.topic("will")
        return self.connect(version=version,
                            will={"topic": topic, **will}), topic

    @each_version()
    def test_a_lost_connection(self, version):
        """A connection that ends without DISCONNECT publishes the will, once
        [MQTT-3.1.2-8] [MQTT-3.1.2-10]."""
        topic = self.topic("will")
        witness = self.subscriber(topic, version=version)
        client, _ = self.doomed(version, topic, payload="gone")
        client.close()
        witness.expect_message(topic, "gone", qos=0, retain=False)
        self.connect().publish(topic, "marker")
        witness.expect_message(topic, "marker")

    @each_version()
    def test_a_normal_disconnect(self, version):
        """A normal DISCONNECT discards the will [MQTT-3.14.4-3]."""
        topic = self.topic("will")
        witness = self.subscriber(topic)
        client, _ = self.doomed(version, topic, payload="gone")
        client.disconnect()
        self.connect().publish(topic, "marker")
        witness.expect_message(topic, "marker")

    def test_disconnect_with_will_message(self):
        """DISCONNECT 0x04 and every other code but 0x00 publish the will
        (3.14.2.1) [MQTT-3.1.2-8]."""
        for code in (0x04, 0x80, 0x81, 0x82, 0x83, 0x93, 0x95, 0x99):
            with self.subTest(hex(code)):
                topic = self.topic(f"will{code}")
                witness = self.subscriber(topic)
                client, _ = self.doomed(topic=topic, payload="gone")
                client.disconnect(code)
                witness.expect_message(topic, "gone")

    @each_version()
    def test_a_protocol_error(self, version):
        """A connection that the server ends publishes the will (3.1.2.5)."""
        topic = self.topic("will")
        witness = self.subscriber(topic)
        client, _ = self.doomed(version, topic, payload="gone")
        client.send(b"\xf7\x00" if version != V5 else b"\x05\x00")
        client.packets_until_closed()
        witness.expect_message(topic, "gone")

    @each_version()
    def test_its_qos(self, version):
        """The will is published with its own QoS [MQTT-3.1.2-12]
        [3.1.1 MQTT-3.1.2-14]."""
        topic = self.topic("will")
        witness = self.subscriber(topic, 2)
        for qos in range(3):
            client, _ = self.doomed(version, topic, payload=f"q{qos}", qos=qos)
            client.close()
            witness.acknowledge(witness.expect_message(topic, f"q{qos}",
                                                       qos=qos))

    @each_version()
    def test_a_retained_will(self, version):
        """A will with Will Retain is published as a retained message
        [MQTT-3.1.2-15] [3.1.1 MQTT-3.1.2-17]."""
        topic = self.topic("will")
        witness = self.subscriber(topic)
        client, _ = self.doomed(version, topic, payload="kept", retain=True)
        client.close()
        witness.expect_message(topic, "kept", retain=False)
        self.subscriber(topic).expect_message(topic, "kept", retain=True)

    @each_version()
    def test_a_will_that_is_not_retained(self, version):
        """A will without it leaves no retained message [MQTT-3.1.2-14]
        [3.1.1 MQTT-3.1.2-16]."""
        topic = self.topic("will")
        witness = self.subscriber(topic)
        client, _ = self.doomed(version, topic, payload="passing")
        client.close()
        witness.expect_message(topic, "passing")
        self.assert_not_retained(self.subscriber(topic), topic)

    def test_an_empty_retained_will_clears(self):
        """A retained will without payload removes the retained message
        [MQTT-3.3.1-6]."""
        topic = self.topic("will")
        self.connect().publish(topic, "old", 1, retain=True)
        witness = self.subscriber(topic)
        witness.expect_message(topic, "old", retain=True)
        client, _ = self.doomed(topic=topic, retain=True)
        client.close()
        witness.expect_message(topic, "", retain=False)
        self.assert_not_retained(self.subscriber(topic), topic)

    def test_will_properties(self):
        """Will properties are those of the PUBLISH [MQTT-3.3.2-4]
        [MQTT-3.3.2-15] [MQTT-3.3.2-16] [MQTT-3.3.2-18] [MQTT-3.3.2-20]
        (3.1.3.2)."""
        props = [("payload_format_indicator", 1),
                 ("content_type", "text/plain"),
                 ("response_topic", "answers/here"),
                 ("correlation_data", b"\0\xff17"),
                 ("user_property", ("b", "1")), ("user_property", ("a", "2")),
                 ("user_property", ("b", "3"))]
        topic = self.topic("will")
        witness = self.subscriber(topic)
        client, _ = self.doomed(topic=topic, payload="text", props=props)
        client.close()
        message = witness.expect_message(topic, "text")
        self.assertEqual(sorted(message.props), sorted(props))
        self.assertEqual(message.props.all("user_property"),
                         [("b", "1"), ("a", "2"), ("b", "3")])

    def test_will_message_expiry(self):
        """The will's Message Expiry Interval counts from its publication
        (3.1.3.2.4)."""
        topic = self.topic("will")
        witness = self.subscriber(topic)
        client, _ = self.doomed(topic=topic, props={
            "message_expiry_interval": 100})
        self.let_pass(1.2)
        client.close()
        message = witness.expect_message(topic)
        self.assertIn(message.props.get("message_expiry_interval"), (99, 100))

    def test_an_offline_subscriber_gets_it(self):
        """A will is a message like others: QoS 1 waits for an absent
        subscriber [MQTT-4.5.0-1]."""
        client_id, topic = self.client_id(), self.topic("will")
        absent = self.connect_persistent(client_id)
        absent.subscribe(topic, 1)
        absent.disconnect()
        witness = self.subscriber(topic)
        client, _ = self.doomed(topic=topic, payload="gone", qos=1)
        client.close()
        witness.expect_message(topic, "gone")
        again = self.connect_persistent(client_id)
        again.expect_message(topic, "gone", qos=1)

    def test_the_client_s_own_subscription(self):
        """A persistent session whose filter matches its own will gets it at
        its return [MQTT-4.5.0-1]."""
        client_id, topic = self.client_id(), self.topic("will")
        witness = self.subscriber(topic)
        client = self.connect_persistent(client_id, will={
            "topic": topic, "payload": "mine", "qos": 1})
        client.subscribe(topic, 1)
        client.close()
        witness.expect_message(topic, "mine")
        self.connect_persistent(client_id).expect_message(topic, "mine")

    @each_version()
    def test_faulty_wills(self, version):
        """A will topic with wildcards, empty, or not UTF-8 refuses the
        CONNECT [MQTT-3.1.3-11] [MQTT-3.3.2-2] [MQTT-4.7.3-1]."""
        for topic in ("a/#", "+", "", b"\xff", b"a\0"):
            with self.subTest(topic):
                client = self.client(version)
                client.request_connect(self.client_id(), will={"topic": topic})
                codes = [packet.code
                         for packet in client.packets_until_closed()]
                self.assertIn(codes, ([], [0x81], [0x82], [0x90], [5], [2]))

    def test_faulty_will_properties(self):
        """Properties that no will has refuse the CONNECT [MQTT-3.1.4-1]."""
        coded = wire.property_bytes
        for name, bad in {
                "topic alias": coded("topic_alias", 1),
                "subscription identifier": coded("subscription_identifier", 1),
                "delay twice": coded("will_delay_interval", 1) * 2,
                "wildcard": coded("response_topic", "a/#")}.items():
            with self.subTest(name):
                client = self.client()
                client.request_connect(self.client_id(), will={
                    "topic": self.topic(), "props": bad})
                codes = [packet.code
                         for packet in client.packets_until_closed()]
                self.assertIn(codes, ([], [0x81], [0x82], [0x90]))


if __name__ == "__main__":
    unittest.main()
