"""Topic names, topic filters and their matching (MQTT 5, 4.7)."""

import unittest

import mqtt_wire as wire
from case import BlackboxTest, each_version
from mqtt_wire import PUBACK, SUBACK, V5

# filter, topic names that match, topic names that do not. `@` stands for a
# first level of the test's own; a filter without it is tried as it is.
TABLE = (
    ("@/a", ["@/a"], ["@", "@/", "@/a/", "@/A", "@/b", "@/a/b", "@//a"]),
    ("@/+", ["@/a", "@/", "@/$x"], ["@", "@/a/b", "@/a/", "@//"]),
    ("@/+/c", ["@/b/c", "@//c"], ["@/c", "@/b/c/", "@/b/b/c", "@/b/d"]),
    ("@/+/+", ["@/a/b", "@//", "@/a/"], ["@/a", "@/a/b/c"]),
    ("@/#", ["@", "@/", "@/a", "@/a/b", "@//", "@/a/b/c/d/e"], []),
    ("@/a/#", ["@/a", "@/a/", "@/a/b", "@/a/b/c"], ["@", "@/ab", "@/b/a"]),
    ("@/+/#", ["@/a", "@/", "@/a/b", "@//b/c"], ["@"]),
    ("@/+/a/#", ["@/x/a", "@/x/a/y", "@//a"], ["@/a", "@/x/b", "@/x/y/a"]),
    ("@/", ["@/"], ["@", "@//", "@/a"]),
    ("@//b", ["@//b"], ["@/b", "@/a/b", "@///b"]),
    ("@/a b", ["@/a b"], ["@/a  b", "@/ab", "@/a%20b"]),
    ("@/é", ["@/é"], ["@/e\u0301", "@/e", "@/É"]),
    ("@/\ufeffx", ["@/\ufeffx"], ["@/x"]),
    ("@/\U0001F600/+", ["@/\U0001F600/y"], ["@/\U0001F601/y"]),
    ("+/@x", ["@/@x", "/@x"], ["@x", "@/@x/", "$a/@x"]),
    ("/@x", ["/@x"], ["@x", "//@x", "a/@x"]),
    ("/+/@x", ["/a/@x", "//@x"], ["/@x", "a/@x"]),
)

# Not a topic filter (4.7.1) (4.8.2).
BAD_FILTERS = ("", "a#", "a/#/b", "#/a", "##", "a/b#", "+a", "a+", "a/+b",
               "a/b+/c", "++", "a/#+", "#+", "$share/g", "$share/g/",
               "$share//a", "$share/+/a", "$share/#/a", "$share/a+b/c",
               "$share/g/a#")
GOOD_FILTERS = ("a", "/", "//", "+", "#", "+/+", "/#", "+/#", "a/+/b/#", " ",
                "$SYS/#", "$share/g/a", "$share/g/#", "$share/g/+/b",
                "$share/g//", "$shared/x", "a/$share/b")

BAD_TEXT = {
    "a byte that starts nothing": b"a\xff",
    "a lone continuation": b"a\x80",
    "cut short": b"a\xe2\x82",
    "over-long": b"a\xc0\xaf",
    "over-long NUL": b"a\xc0\x80",
    "surrogate": b"a\xed\xa0\x80",
    "beyond U+10FFFF": b"a\xf4\x90\x80\x80",
    "NUL": b"a\0b",
}


class Matching(BlackboxTest):

    def resolve(self, text):
        return text.replace("@", self.prefix)

    @each_version()
    def test_the_table(self, version):
        """Wildcards and levels match as in 4.7.1, names are compared byte by
        byte [MQTT-4.7.1-1] [MQTT-4.7.1-2] [MQTT-4.7.3-4]."""
        publisher = self.connect(version=version)
        for topic_filter, hits, misses in TABLE:
            with self.subTest(topic_filter):
                marker = self.topic("marker/x/y/z/1")
                client = self.connect(version=version)
                client.subscribe(self.resolve(topic_filter))
                client.subscribe(marker)
                for topic in map(self.resolve, hits + misses):
                    publisher.publish(topic, topic)
                publisher.publish(marker, "marker")
                got = [packet.topic
                       for packet in client.messages_until("marker")
                       if packet.topic != marker]
                self.assertEqual(got, [self.resolve(hit) for hit in hits])

    def test_leading_wildcards_and_dollar(self):
        """`#` and `+/…` do not match names that begin with `$`
        [MQTT-4.7.2-1]."""
        name = self.prefix
        client = self.connect()
        client.subscribe("#")
        client.subscribe(f"+/{name}")
        client.subscribe("+/#")
        client.packets_until_pong()
        publisher = self.connect()
        for topic in (f"$x/{name}", f"$SYS/{name}", f"$/{name}", f"${name}"):
            publisher.publish(topic, "no")
        publisher.publish(f"x/{name}", "marker")
        self.assertEqual(client.messages_until("marker"), [])

    def test_publishing_to_dollar_topics(self):
        """A PUBLISH to a `$` topic completes its handshake and hurts nobody
        (4.7.2)."""
        client = self.connect()
        for qos in (1, 2):
            code = client.publish(f"$x/{self.prefix}", "x", qos)
            self.assertIn(code, (0x00, 0x10, 0x87, 0x90))
        client.ping()


class Filters(BlackboxTest):

    @each_version()
    def test_good_filters(self, version):
        """Every form of 4.7.1 and 4.8.2 is granted [MQTT-4.7.1-1]
        [MQTT-4.7.1-2] [MQTT-4.8.2-1]."""
        for topic_filter in GOOD_FILTERS:
            with self.subTest(topic_filter):
                client = self.connect(version=version)
                client.send(wire.subscribe(1, [(topic_filter, 0)],
                                           version=version))
                client.expect(SUBACK, codes=[0])
                client.disconnect()

    def test_bad_filters_in_5(self):
        """Everything else is 0x8F, in SUBACK or DISCONNECT; an empty filter
        may be malformed [MQTT-4.7.1-1] [MQTT-4.7.1-2] [MQTT-4.7.3-1]
        [MQTT-4.8.2-1] [MQTT-4.8.2-2]."""
        for topic_filter in BAD_FILTERS:
            with self.subTest(topic_filter):
                client = self.connect()
                client.send(wire.subscribe(1, [(topic_filter, 0)]))
                packet = client.receive()
                if packet.kind == SUBACK:
                    self.assertEqual(packet.codes, [0x8F])
                else:
                    self.assertIn(packet.code, (0x8F,) if topic_filter else
                                  (0x8F, 0x81, 0x82))
                    client.expect_closed()

    @each_version(wire.V31, wire.V311)
    def test_bad_filters_in_3_x(self, version):
        """3.x answers 0x80 or closes [3.1.1 MQTT-4.7.1-2]
        [3.1.1 MQTT-4.7.1-3] [3.1.1 MQTT-4.7.3-1]."""
        for topic_filter in BAD_FILTERS:
            with self.subTest(topic_filter):
                client = self.connect(version=version)
                client.send(wire.subscribe(1, [(topic_filter, 0)],
                                           version=version))
                packets = client.packets_until_pong_or_end()
                self.assertIn([packet.codes for packet in packets],
                              ([[0x80]], []))

    @each_version()
    def test_filters_that_are_not_text(self, version):
        """A filter must be UTF-8 without NUL [MQTT-3.8.3-1] [MQTT-1.5.4-1]
        [MQTT-1.5.4-2] [MQTT-4.7.3-2]."""
        for name, bad in BAD_TEXT.items():
            for build in (lambda: wire.subscribe(1, [(bad, 0)],
                                                 version=version),
                          lambda: wire.unsubscribe(1, [bad],
                                                   version=version)):
                with self.subTest(name):
                    client = self.connect(version=version)
                    client.send(build())
                    client.expect_disconnect(0x81, 0x8F)


class Names(BlackboxTest):

    @each_version()
    def test_wildcards_in_a_name(self, version):
        """A topic name with a wildcard ends the connection, in 5.0 with 0x90
        [MQTT-3.3.2-2] [MQTT-4.7.0-1]."""
        for topic in ("#", "+", "a/#", "a/+/b", "a+", "a#b"):
            for qos in (0, 1):
                with self.subTest(topic, qos=qos):
                    client = self.connect(version=version)
                    client.send(wire.publish(topic, "x", qos, 1 if qos
                                             else None, version=version))
                    client.expect_disconnect(0x90)

    @each_version()
    def test_an_empty_name(self, version):
        """A topic name has at least one character [MQTT-4.7.3-1]."""
        client = self.connect(version=version)
        client.send(wire.publish("", "x", version=version))
        client.expect_disconnect(0x81, 0x82, 0x90)

    @each_version()
    def test_names_that_are_not_text(self, version):
        """A topic name must be UTF-8 without NUL [MQTT-3.3.2-1]
        [MQTT-1.5.4-1] [MQTT-1.5.4-2] [MQTT-4.7.3-2]."""
        for name, bad in BAD_TEXT.items():
            with self.subTest(name):
                client = self.connect(version=version)
                client.send(wire.publish(bad, "x", version=version))
                client.expect_disconnect(0x81, 0x90)

    @each_version()
    def test_odd_names_that_are_fine(self, version):
        """Names are any other text: control characters aside nothing is
        forbidden or changed [MQTT-1.5.4-3] [MQTT-4.7.3-4]."""
        client = self.connect(version=version)
        client.subscribe(self.prefix + "/#")
        for name in ("/", "//", " ", "ÿ", "\ufeff", "\U0010FFFD", "a\\b",
                     "%2F", "'\";--", "$SYS", "share", "Ω/ω"):
            topic = f"{self.prefix}/{name}"
            client.publish(topic, name)
            client.expect_message(topic, name)

    def test_a_long_name(self):
        """Names may have 65,535 bytes, and arrive whole [MQTT-4.7.3-3]."""
        topic = self.prefix + "/" + "x" * (65535 - len(self.prefix) - 1)
        client = self.subscriber(topic, 1)
        client.publish(topic, "long", 1)
        client.expect_message(topic, "long")


class Depth(BlackboxTest):

    settings = {"topic_max_depth": "4"}

    def test_names(self):
        """A name of more than `topic_max_depth` levels is refused with 0x90.
        """
        client = self.connect()
        client.send(wire.publish("a/b/c/d", "x", 1, 1))
        client.expect(PUBACK, id=1)
        client.send(wire.publish("a/b/c/d/e", "x", 1, 2))
        packet = client.receive()
        self.assertEqual(packet.code, 0x90)

    def test_names_in_3_x(self):
        """3.x clients are closed for it."""
        client = self.connect(version=wire.V311)
        client.send(wire.publish("////", "x", version=wire.V311))
        client.expect_closed()

    def test_filters(self):
        """A filter of more levels gets 0x8F."""
        client = self.connect()
        client.send(wire.subscribe(1, [("a/b/c/#", 0)]))
        client.expect(SUBACK, codes=[0])
        client.send(wire.subscribe(2, [("a/+/+/d/#", 0)]))
        packet = client.receive()
        self.assertEqual(packet.codes if packet.kind == SUBACK
                         else [packet.code], [0x8F])
        self.assertEqual(client.version, V5)


if __name__ == "__main__":
    unittest.main()
