"""Malformed packets and protocol errors after CONNECT (MQTT 5, 4.13): the
connection ends, in 5.0 with a reason, and nobody else notices."""

import unittest

import mqtt_wire as wire
from case import BlackboxTest, each_version
from mqtt_wire import (CONNACK, PINGREQ, PUBACK, PUBCOMP, PUBLISH, PUBREC,
                       PUBREL, SUBACK, SUBSCRIBE, UNSUBACK, UNSUBSCRIBE, V31,
                       V311, V5)

MALFORMED, PROTOCOL = 0x81, 0x82


def faults_of_all_versions(version):
    """name: (bytes, the codes that may answer them in 5.0)"""
    none = wire.properties(()) if version == V5 else b""
    two, text, frame = wire.two, wire.text, wire.frame
    cases = {
        # -- fixed header -----------------------------------------------------
        "type 0": (b"\x00\x00", (MALFORMED, PROTOCOL)),
        "a length of five bytes": (b"\x30\xff\xff\xff\xff\x01", (MALFORMED,)),
        "flags of SUBSCRIBE": (
            wire.subscribe(1, [("a", 0)], version=version, flags=0),
            (MALFORMED,)),
        "flags of UNSUBSCRIBE": (
            wire.unsubscribe(1, ["a"], version=version, flags=0),
            (MALFORMED,)),
        "flags of PUBREL": (
            wire.reply(PUBREL, 1, version=version, flags=0), (MALFORMED,)),
        "flags of PUBACK": (
            wire.reply(PUBACK, 1, version=version, flags=2), (MALFORMED,)),
        "flags of PINGREQ": (frame(PINGREQ, 1, b""), (MALFORMED,)),
        "flags of DISCONNECT": (
            wire.disconnect(version=version, flags=1), (MALFORMED,)),
        # -- PUBLISH ----------------------------------------------------------
        "QoS 3": (frame(PUBLISH, 6, text("a") + two(1) + none + b"x"),
                  (MALFORMED,)),
        "identifier 0 in PUBLISH": (
            wire.publish("a", "x", 1, 0, version=version),
            (MALFORMED, PROTOCOL)),
        "DUP with QoS 0": (
            wire.publish("a", "x", dup=True, version=version),
            (MALFORMED, PROTOCOL)),
        "an empty PUBLISH": (frame(PUBLISH, 0, b""), (MALFORMED,)),
        "a topic past the end": (frame(PUBLISH, 0, two(50) + b"abc"),
                                 (MALFORMED,)),
        "no identifier": (frame(PUBLISH, 2, text("a")), (MALFORMED,)),
        "half an identifier": (frame(PUBLISH, 2, text("a") + b"\0"),
                               (MALFORMED,)),
        # -- acknowledgements -------------------------------------------------
        "an empty PUBACK": (frame(PUBACK, 0, b""), (MALFORMED,)),
        "half a PUBREL": (frame(PUBREL, 2, b"\0"), (MALFORMED,)),
        "identifier 0 in PUBREL": (wire.reply(PUBREL, 0, version=version),
                                   (MALFORMED, PROTOCOL)),
        # -- SUBSCRIBE and UNSUBSCRIBE ----------------------------------------
        "identifier 0 in SUBSCRIBE": (
            wire.subscribe(0, [("a", 0)], version=version),
            (MALFORMED, PROTOCOL)),
        "identifier 0 in UNSUBSCRIBE": (
            wire.unsubscribe(0, ["a"], version=version),
            (MALFORMED, PROTOCOL)),
        "no options": (frame(SUBSCRIBE, 2, two(1) + none + text("a")),
                       (MALFORMED,)),
        "a filter past the end": (
            frame(SUBSCRIBE, 2, two(1) + none + two(9) + b"abc\0"),
            (MALFORMED,)),
        "the second filter cut short": (
            frame(SUBSCRIBE, 2, two(1) + none + text("a") + b"\0\0\4ab"),
            (MALFORMED,)),
        "an empty SUBSCRIBE": (frame(SUBSCRIBE, 2, b""), (MALFORMED,)),
        "an empty UNSUBSCRIBE": (frame(UNSUBSCRIBE, 2, b""), (MALFORMED,)),
        "half a filter in UNSUBSCRIBE": (
            frame(UNSUBSCRIBE, 2, two(1) + none + b"\0"), (MALFORMED,)),
        # -- packets that only a server sends, and the rest -------------------
        "CONNACK": (frame(CONNACK, 0, b"\0\0" + none), (PROTOCOL, MALFORMED)),
        "SUBACK": (frame(SUBACK, 0, two(1) + none + b"\0"),
                   (PROTOCOL, MALFORMED)),
        "UNSUBACK": (frame(UNSUBACK, 0, two(1) + none + b"\0"),
                     (PROTOCOL, MALFORMED)),
        "PINGRESP": (frame(wire.PINGRESP, 0, b""), (PROTOCOL, MALFORMED)),
        "PINGREQ with a body": (frame(PINGREQ, 0, b"x"), (MALFORMED,)),
    }
    return cases


def faults_of_5():
    coded, frame, two = wire.property_bytes, wire.frame, wire.two
    return {
        "a padded length": (b"\xc0\x80\x00", (MALFORMED,)),
        "a code that PUBACK has not": (wire.reply(PUBACK, 1, 0x01),
                                       (MALFORMED, PROTOCOL)),
        "a code that PUBREL has not": (wire.reply(PUBREL, 1, 0x10),
                                       (MALFORMED, PROTOCOL)),
        "a code of no one in DISCONNECT": (wire.disconnect(0x01),
                                           (MALFORMED, PROTOCOL)),
        "a server's code in DISCONNECT": (wire.disconnect(0x8E),
                                          (MALFORMED, PROTOCOL)),
        "a reason string twice": (
            wire.reply(PUBACK, 1, 0, coded("reason_string", "x") * 2),
            (PROTOCOL, MALFORMED)),
        "a property that PUBACK has not": (
            wire.reply(PUBACK, 1, 0, coded("topic_alias", 1)),
            (PROTOCOL, MALFORMED)),
        "bytes after the properties of PUBACK": (
            frame(PUBACK, 0, two(1) + b"\0\0x"), (MALFORMED,)),
        "properties past the end": (frame(PUBACK, 0, two(1) + b"\0\5"),
                                    (MALFORMED,)),
        "an endless property length": (
            frame(PUBLISH, 0, wire.text("a") + b"\xff\xff\xff\xff\x01"),
            (MALFORMED,)),
        "no property length": (frame(PUBLISH, 0, wire.text("a")),
                               (MALFORMED,)),
        "a reason string in PUBLISH": (
            wire.publish("a", "x", props=coded("reason_string", "x")),
            (PROTOCOL, MALFORMED)),
        "a subscription identifier of five bytes": (
            wire.subscribe(1, [("a", 0)], b"\x0b\xff\xff\xff\xff\x01"),
            (MALFORMED, PROTOCOL)),
        "a reason string in SUBSCRIBE": (
            wire.subscribe(1, [("a", 0)], coded("reason_string", "x")),
            (PROTOCOL, MALFORMED)),
        "a server reference in DISCONNECT": (
            wire.disconnect(0, coded("server_reference", "x")),
            (PROTOCOL, MALFORMED)),
        "an AUTH of nobody": (frame(wire.AUTH, 0, b""), (PROTOCOL,)),
    }


class Malformed(BlackboxTest):

    def assert_refused(self, client, name, packet, codes):
        with self.subTest(name):
            client.send_to_closing(packet)
            if name.endswith("in DISCONNECT"):
                # It has said good-bye: an answer may be spared.
                got = client.packets_until_closed()
                self.assertLessEqual({packet.code for packet in got},
                                     set(codes))
            else:
                client.expect_disconnect(*codes)

    @each_version()
    def test_the_table(self, version):
        """Each malformed packet ends its connection; 5.0 clients are told why
        [MQTT-4.13.1-1] [MQTT-2.1.3-1] [MQTT-3.3.1-4] [MQTT-3.8.1-1]
        [MQTT-3.10.1-1] [MQTT-3.6.1-1] [MQTT-3.14.1-1] [MQTT-2.2.1-3]
        [3.1.1 MQTT-4.8.0-1]."""
        bystander = self.subscriber(self.topic())
        for name, (packet, codes) in faults_of_all_versions(version).items():
            if version == V31 and name.startswith(("flags", "DUP")):
                continue  # 3.1 leaves these bits unused and unchecked.
            self.assert_refused(self.connect(version=version), name, packet,
                                codes)
        self.connect().publish(self.topic(), "unharmed")
        bystander.expect_message(self.topic(), "unharmed")

    def test_the_table_of_5(self):
        """The same for what only 5.0 has [MQTT-1.5.5-1] [MQTT-3.4.2-1]
        [MQTT-3.6.2-1] (2.2.2.2)."""
        for name, (packet, codes) in faults_of_5().items():
            self.assert_refused(self.connect(), name, packet, codes)

    @each_version(V311, V5)
    def test_the_good_ones_before_are_done(self, version):
        """What came before the malformed packet is handled, what comes after
        is not [MQTT-4.13.1-1]."""
        topic = self.topic()
        watcher = self.subscriber(topic, 1)
        client = self.connect(version=version)
        client.send_to_closing(
            wire.publish(topic, "before", version=version)
            + wire.publish("a", "x", 1, 0, version=version)
            + wire.publish(topic, "after", version=version))
        client.packets_until_closed()
        self.connect().publish(topic, "marker", 1)
        got = [packet.payload for packet in watcher.messages_until("marker")]
        self.assertEqual(got, [b"before"])

    @each_version()
    def test_every_truncation_of_a_packet(self, version):
        """A packet whose Remaining Length is too small for its fields is
        malformed, wherever it is cut [MQTT-4.13.1-1]."""
        whole = {
            PUBLISH: (0x32, wire.publish("ab", b"", 1, 7, version=version)),
            SUBSCRIBE: (0x82, wire.subscribe(7, [("ab", 1)],
                                             version=version)),
            UNSUBSCRIBE: (0xA2, wire.unsubscribe(7, ["ab"],
                                                 version=version)),
        }
        for kind, (first, packet) in whole.items():
            body = packet[2:]
            for size in range(len(body)):
                with self.subTest(wire.KIND_NAMES[kind], size=size):
                    client = self.connect(version=version)
                    client.send(bytes([first, size]) + body[:size])
                    client.expect_disconnect(MALFORMED, PROTOCOL)

    @each_version()
    def test_a_connection_that_ends_inside_a_packet(self, version):
        """Half a packet and the end of the stream is a lost connection: the
        will is published [MQTT-3.1.2-8]."""
        topic = self.topic("will")
        witness = self.subscriber(topic)
        client = self.connect(version=version, will={"topic": topic,
                                                     "payload": "cut"})
        client.send(wire.publish(topic, "x" * 50, version=version)[:20])
        client.close()
        witness.expect_message(topic, "cut")

    @each_version()
    def test_many_packets_in_one_segment(self, version):
        """However packets are cut into segments, each is handled once
        [MQTT-4.2.0-1]."""
        topic = self.topic()
        client = self.subscriber(topic, 0, version)
        stream = b"".join(wire.publish(topic, str(number), version=version)
                          for number in range(100)) + wire.pingreq()
        for size in (1, 7, 100, len(stream)):
            for start in range(0, len(stream), size):
                client.send(stream[start:start + size])
            for number in range(100):
                client.expect_message(topic, str(number))
            client.expect(wire.PINGRESP)

    def test_a_retained_message_survives_its_publisher_s_fault(self):
        """A later fault of the publisher takes nothing back
        [MQTT-3.3.1-5]."""
        topic = self.topic()
        client = self.connect()
        client.publish(topic, "kept", 1, retain=True)
        client.send(b"\x00\x00")
        client.packets_until_closed()
        self.subscriber(topic).expect_message(topic, "kept", retain=True)

    def test_unknown_acknowledgements_are_no_malformed_packets(self):
        """PUBACK, PUBREC and PUBCOMP of unknown identifiers do no harm to
        what is in flight (4.3)."""
        topic = self.topic()
        client = self.subscriber(topic, 2)
        self.connect().publish(topic, "x", 2)
        message = client.expect_message(topic, "x")
        client.reply(PUBREC, message.id + 1)
        client.expect(PUBREL, id=message.id + 1, code=0x92)
        client.reply(PUBREC, message.id)
        client.expect(PUBREL, id=message.id, code=0)
        client.reply(PUBCOMP, message.id)
        client.ping()


if __name__ == "__main__":
    unittest.main()
