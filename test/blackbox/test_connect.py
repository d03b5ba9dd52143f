"""CONNECT and CONNACK (MQTT 5, 3.1 and 3.2; MQTT 3.1.1, 3.1 and 3.2)."""

import unittest

import mqtt_wire as wire
from case import BlackboxTest, each_version
from mqtt_wire import CONNACK, SUBACK, V31, V311, V5


class Accepted(BlackboxTest):

    @each_version()
    def test_a_connect_is_answered(self, version):
        """A CONNECT is acknowledged with success and without a session
        [MQTT-3.1.4-5] [MQTT-3.2.0-1]."""
        client = self.connect(version=version)
        self.assertFalse(client.connack.session_present)
        client.ping()

    @each_version()
    def test_packets_may_follow_connect_at_once(self, version):
        """A client need not wait for CONNACK before it sends more
        [MQTT-3.1.4-5]."""
        client = self.client(version)
        topic = self.topic()
        client.send(wire.connect(self.client_id(), version)
                    + wire.subscribe(7, [(topic, 0)], version=version)
                    + wire.publish(topic, "early", version=version)
                    + wire.pingreq())
        client.expect(CONNACK, code=0)
        client.expect(SUBACK, id=7)
        client.expect_message(topic, "early")
        client.expect(wire.PINGRESP)

    @each_version()
    def test_one_byte_at_a_time(self, version):
        """Packets may arrive in pieces of any size [MQTT-4.2.0-1]."""
        client = self.client(version)
        for byte in wire.connect(self.client_id(), version) + wire.pingreq():
            client.send(bytes([byte]))
        client.expect(CONNACK, code=0)
        client.expect(wire.PINGRESP)

    @each_version()
    def test_user_name_and_password_are_read(self, version):
        """User Name and Password stand at the end of the payload, after the
        will [MQTT-3.1.3-1]."""
        self.connect(version=version, user="u", password="p", will={
            "topic": self.topic(), "payload": "w"}).ping()

    def test_password_without_user_name_in_5(self):
        """5.0 allows a Password without a User Name (3.1.2.9)."""
        self.connect(password="p").ping()

    def test_the_bridge_level_of_3_1(self):
        """Level 131 is 3.1 spoken by a bridge (allowed by default)."""
        client = self.client(V31).connect(self.client_id(), level=0x83)
        client.ping()

    def test_connack_announces_only_what_is_limited(self):
        """With no limit configured CONNACK says nothing of Maximum QoS,
        retained, wildcard, identifier or shared support, for all of it is
        there (3.2.2.3)."""
        props = self.connect().connack.props
        for name in ("maximum_qos", "retain_available",
                     "wildcard_subscription_available",
                     "subscription_identifier_available",
                     "shared_subscription_available"):
            with self.subTest(name):
                self.assertIn(props.get(name), (None, 1 if name !=
                                                "maximum_qos" else 2))


class Refused(BlackboxTest):

    def refused(self, packet_bytes, version=V5):
        """The packets that come before the connection closes."""
        client = self.client(version)
        client.send_to_closing(packet_bytes)
        return client.packets_until_closed()

    def test_an_unknown_protocol_name(self):
        """A protocol name other than the two closes the connection
        [MQTT-3.1.2-1]."""
        for name, level in (("MQTX", 5), ("MQTX", 4), ("mqtt", 4), ("", 5),
                            ("MQIsdX", 3), ("HTTP", 1), ("MQTTT", 5)):
            with self.subTest(name, level=level):
                packets = self.refused(wire.connect(
                    "x", wire.V5 if level == 5 else V311, name=name,
                    level=level))
                self.assertIn([packet.code for packet in packets],
                              ([], [0x84], [0x01]))

    def test_an_unknown_protocol_level(self):
        """A level that is not offered is refused with 0x84 or, as in 3.1.1,
        0x01, and closed [MQTT-3.1.2-2]."""
        for name, level in (("MQTT", 6), ("MQTT", 3), ("MQTT", 0),
                            ("MQTT", 127), ("MQIsdp", 4), ("MQTT", 0x84),
                            ("MQTT", 0x85)):
            with self.subTest(name, level=level):
                answer = self.raw_answer(wire.connect("x", V311, name=name,
                                                      level=level))
                self.assertIn(answer, self.REFUSALS + (b"",))

    # In the form of 3.x, and in that of 5.0 with and without properties: a
    # client of an unknown level may know either.
    REFUSALS = (b"\x20\2\0\1", b"\x20\2\0\x84", b"\x20\3\0\x84\0")

    def raw_answer(self, packet_bytes):
        """All bytes until the connection closes."""
        client = self.client()
        client.send(packet_bytes)
        answer = b""
        while chunk := client.socket.recv(100):
            answer += chunk
        return answer

    def test_an_unknown_level_is_explained(self):
        """For a name that is known a CONNACK says what is wrong
        (3.1.2.2)."""
        self.assertIn(self.raw_answer(wire.connect("x", V311, level=9)),
                      self.REFUSALS)

    @each_version(V311, V5)
    def test_the_reserved_connect_flag(self, version):
        """Bit 0 of the connect flags must be 0 [MQTT-3.1.2-3]."""
        packets = self.refused(wire.connect("x", version, flags=0x03), version)
        self.assertIn([packet.code for packet in packets], ([], [0x81]))

    @each_version(V311, V5)
    def test_will_qos_3(self, version):
        """Will QoS 3 is malformed [MQTT-3.1.2-12] [3.1.1 MQTT-3.1.2-14]."""
        bits = 0x02 | 0x04 | 0x18
        packets = self.refused(wire.connect(
            "x", version, flags=bits, will={"topic": "w"}), version)
        self.assertIn([packet.code for packet in packets], ([], [0x81]))

    @each_version(V311, V5)
    def test_will_flags_without_a_will(self, version):
        """Will QoS and Will Retain must be 0 when there is no will
        [MQTT-3.1.2-11] [MQTT-3.1.2-13]."""
        for bits in (0x02 | 0x08, 0x02 | 0x10, 0x02 | 0x20):
            with self.subTest(hex(bits)):
                packets = self.refused(wire.connect("x", version, flags=bits),
                                       version)
                self.assertIn([packet.code for packet in packets],
                              ([], [0x81], [0x82]))

    def test_password_without_user_name_in_3_1_1(self):
        """3.1.1 forbids a password without a user name
        [3.1.1 MQTT-3.1.2-22]."""
        self.assertEqual(self.refused(wire.connect(
            "x", V311, password="p"), V311), [])

    @each_version()
    def test_flags_that_promise_missing_fields(self, version):
        """A field that the flags announce must be there [MQTT-3.1.2-17]
        [MQTT-3.1.2-19] [MQTT-3.1.2-9]."""
        for bits in (0x06,) if version == V31 else (0x82, 0xC2, 0x06):
            with self.subTest(hex(bits)):
                packets = self.refused(wire.connect("x", version, flags=bits),
                                       version)
                self.assertIn([packet.code for packet in packets],
                              ([], [0x81]))

    def test_3_1_lets_user_name_and_password_be_missing(self):
        """In 3.1 the remaining length beats the flags: a user name that is
        announced and missing is allowed (3.1, 3.1)."""
        for bits in (0x82, 0xC2):
            with self.subTest(hex(bits)):
                self.connect(version=V31, flags=bits).ping()

    @each_version()
    def test_fields_that_no_flag_announces(self, version):
        """Bytes after the last field make it malformed [MQTT-3.1.4-1]
        [MQTT-3.1.2-16]."""
        packets = self.refused(wire.connect("x", version, user="u",
                                            flags=0x02), version)
        self.assertIn([packet.code for packet in packets], ([], [0x81]))

    @each_version()
    def test_the_first_packet_must_be_connect(self, version):
        """Anything else before CONNECT closes, without an answer
        [MQTT-3.1.0-1] [MQTT-3.14.0-1]."""
        firsts = {
            "PINGREQ": wire.pingreq(),
            "PUBLISH": wire.publish("t", "x", version=version),
            "SUBSCRIBE": wire.subscribe(1, [("t", 0)], version=version),
            "DISCONNECT": wire.disconnect(version=version),
            "AUTH": wire.auth(0x18, "m"),
            "PUBACK": wire.reply(wire.PUBACK, 1, version=version),
            "garbage": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        }
        for name, first in firsts.items():
            with self.subTest(name):
                self.assertEqual(self.refused(first, version), [])

    @each_version()
    def test_a_second_connect(self, version):
        """A second CONNECT is a protocol error and closes [MQTT-3.1.0-2]."""
        client = self.connect(version=version)
        client.send(wire.connect(client.client_id, version))
        client.expect_disconnect(0x82)

    def test_nothing_after_a_refused_connect_is_done(self):
        """What follows a refused CONNECT is not handled [MQTT-3.1.4-6]."""
        topic = self.topic()
        watcher = self.subscriber("#")
        client = self.client(V311)
        client.send_to_closing(wire.connect("", V311, clean=False)
                               + wire.publish(topic, "no", version=V311))
        packets = client.packets_until_closed()
        self.assertEqual([packet.code for packet in packets], [2])
        self.connect().publish(topic, "marker")
        watcher.expect_message(topic, "marker")

    def test_property_faults(self):
        """Properties that are unknown, misplaced, repeated or out of range
        are refused: 0x81 or 0x82 [MQTT-3.1.4-1]."""
        coded = wire.property_bytes
        faults = {
            "unknown identifier": b"\x7f\x00",
            "property of PUBLISH": coded("topic_alias", 1),
            "property of CONNACK": coded("server_keep_alive", 1),
            "twice": coded("receive_maximum", 5) * 2,
            "receive maximum 0": coded("receive_maximum", 0),
            "packet size 0": coded("maximum_packet_size", 0),
            "request problem 2": coded("request_problem_information", 2),
            "request response 2": coded("request_response_information", 2),
            "auth data without method": coded("authentication_data", b"x"),
            "ends inside a value": b"\x11\x00\x00",
            "bad UTF-8": coded("user_property", (b"\xff", b"v")),
        }
        for name, bad in faults.items():
            with self.subTest(name):
                packets = self.refused(wire.connect("x", props=bad))
                self.assertIn([packet.code for packet in packets],
                              ([], [0x81], [0x82]))

    def test_a_malformed_connect_of_5_gets_a_reason(self):
        """CONNACK says why a CONNECT of 5.0 was malformed (4.13.1)."""
        packets = self.refused(wire.connect("x", flags=0x03))
        self.assertEqual([(packet.kind, packet.code) for packet in packets],
                         [(CONNACK, 0x81)])


class ClosedVersions(BlackboxTest):

    settings = {"listeners.tcp.default.allowed_protocol_versions": "4"}

    def test_a_version_that_is_not_allowed(self):
        """A known version that is switched off is refused as unsupported:
        CONNACK 1 in 3.1, 0x84 in 5.0 [MQTT-3.1.2-2]."""
        for version, code in ((V31, 1), (V5, 0x84)):
            with self.subTest(version):
                client = self.client(version)
                client.request_connect("x")
                client.expect(CONNACK, code=code)
                client.expect_closed()
        self.connect(version=V311).ping()


if __name__ == "__main__":
    unittest.main()
