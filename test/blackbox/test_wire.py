"""The tools themselves: packets against the specification's own examples, and
a reader that lets nothing pass."""

import unittest

import mqtt_wire as wire
from mqtt_wire import CONNACK, PUBACK, PUBLISH, V31, V311, V5


def read(coded, version=V5):
    buffer = bytearray(coded)
    packet = wire.read_packet(buffer, version)
    if buffer:
        raise AssertionError(f"{buffer!r} is left")
    return packet


class Building(unittest.TestCase):

    def test_variable_byte_integers(self):
        """The limits of each length (1.5.5)."""
        for number, coded in ((0, "00"), (127, "7f"), (128, "8001"),
                              (16_383, "ff7f"), (16_384, "808001"),
                              (2_097_151, "ffff7f"), (2_097_152, "80808001"),
                              (268_435_455, "ffffff7f")):
            self.assertEqual(wire.variable(number).hex(), coded)
            self.assertEqual(wire.Reader(bytes.fromhex(coded)).variable(),
                             number)

    def test_connect(self):
        """The variable header of the example in 3.1.2.12 and its like in
        3.1.1 and 3.1."""
        self.assertEqual(
            wire.connect("", V5, props={"session_expiry_interval": 10},
                         keep_alive=10, user="", password="", will={
                             "topic": "", "qos": 1}).hex(),
            "101b" "00044d515454" "05" "ce" "000a" "05110000000a" "0000"
            "00" "0000" "0000" "0000" "0000")
        self.assertEqual(wire.connect("a", V311, clean=False).hex(),
                         "100d00044d51545404" "00" "003c" "000161")
        self.assertEqual(wire.connect("a", V31).hex(),
                         "100f00064d5149736470" "03" "02" "003c" "000161")

    def test_publish(self):
        """Topic, identifier, properties, payload (3.3)."""
        self.assertEqual(wire.publish("a/b", "x", 1, 10).hex(),
                         "3209" "0003612f62" "000a" "00" "78")
        self.assertEqual(wire.publish("a/b", "x", version=V311).hex(),
                         "3006" "0003612f62" "78")

    def test_subscribe(self):
        """Options hold QoS, No Local, Retain As Published and Retain Handling
        (3.8.3.1)."""
        self.assertEqual(wire.options_byte(2, True, True, 2), 0x2E)
        self.assertEqual(
            wire.subscribe(10, [("a/b", 1), ("c/d", 2)], version=V311).hex(),
            "820e000a" "0003612f6201" "0003632f6402")


class Reading(unittest.TestCase):

    def test_one_packet_at_a_time(self):
        """A packet is taken when it is whole, and no byte more."""
        stream = wire.publish("a", "x") + wire.publish("b", "y")
        buffer = bytearray()
        topics = []
        for byte in stream:
            buffer.append(byte)
            packet = wire.read_packet(buffer, V5)
            if packet:
                topics.append(packet.topic)
        self.assertEqual((topics, buffer), (["a", "b"], b""))

    def test_what_was_built_is_read(self):
        """Every field of a PUBLISH survives."""
        props = [("user_property", ("a", "1")), ("topic_alias", 7),
                 ("subscription_identifier", 200_000),
                 ("correlation_data", b"\0\1"), ("content_type", "é"),
                 ("user_property", ("a", "0"))]
        packet = read(wire.publish("t", b"\xff", 2, 9, True, True, props))
        self.assertEqual(
            (packet.topic, packet.payload, packet.qos, packet.id,
             packet.retain, packet.dup, list(packet.props)),
            ("t", b"\xff", 2, 9, True, True, props))

    def test_nothing_forbidden_passes(self):
        """What a server may not send is an error here."""
        coded = wire.property_bytes
        def connack(body):
            return wire.frame(CONNACK, 0, body)
        forbidden = {
            "a client's packet": (wire.pingreq(), V5),
            "reserved flags": (wire.frame(PUBACK, 1, b"\0\1"), V311),
            "CONNACK flags": (connack(b"\2\0"), V311),
            "session present on refusal": (connack(b"\1\5"), V311),
            "a 5.0 code in 3.1.1": (connack(b"\0\x87"), V311),
            "an unknown code": (connack(b"\0\x01\0")[:-1] + b"\1", V5),
            "a client's property": (connack(
                b"\0\0\x05" + coded("will_delay_interval", 1)), V5),
            "a property twice": (connack(
                b"\0\0\x06" + coded("receive_maximum", 1) * 2), V5),
            "bytes too many": (connack(b"\0\0\0\0"), V5),
            "QoS 3": (wire.frame(PUBLISH, 6, b"\0\1a\0\1\0"), V5),
            "DUP with QoS 0": (wire.publish("a", dup=True), V5),
            "identifier 0": (wire.publish("a", "", 1, 0), V5),
            "wildcard": (wire.publish("a/#"), V5),
            "no topic": (wire.publish(""), V5),
            "bad UTF-8": (wire.publish(b"\xff"), V5),
            "NUL": (wire.publish("\0"), V5),
            "alias 0": (wire.publish("a", props={"topic_alias": 0}), V5),
            "a reason of another packet": (wire.reply(PUBACK, 1, 0x92), V5),
            "a padded length": (b"\xd0\x80\x00", V5),
            "DISCONNECT in 3.1.1": (wire.disconnect(version=V311), V311),
            "AUTH in 3.1.1": (wire.frame(wire.AUTH, 0, b""), V311),
            "SUBACK code 3": (wire.frame(wire.SUBACK, 0, b"\0\1\3"), V311),
        }
        for name, (packet, version) in forbidden.items():
            with self.subTest(name), self.assertRaises(wire.WireError):
                read(packet, version)


if __name__ == "__main__":
    unittest.main()
