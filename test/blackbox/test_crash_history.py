"""The judge of crash histories: one made-up history per rule that breaks it,
beside one that only comes near."""

import unittest

from crash_history import judge, matches

# A subscriber `s` of t/+ at QoS 2, and a publisher `p`.
START = """
start 2
connect p 65535
connack p 0
connect s 65535
connack s 0
ask s t/+ 2
subscribe s t/+ 2
"""

# Everybody is thrown out and comes back.
DEATH = """
kill SIGKILL
leave p
leave s
start 2
connect p 65535
connack p 1
connect s 65535
connack s 1
"""


def first(number=0, qos=2, packet_id=1):
    return f"send p {number} t/a {qos} {packet_id} 0\n"


def again(number=0, qos=2, packet_id=1):
    return f"send p {number} t/a {qos} {packet_id} 1\n"


def acked(number=0, qos=2, packet_id=1, code=0):
    if qos == 1:
        return f"ack p PUBACK {packet_id} {number} {code}\n"
    return (f"ack p PUBREC {packet_id} {number} {code}\n"
            f"ack p PUBCOMP {packet_id} {number} 0\n")


def published(number=0, qos=2, packet_id=1):
    return first(number, qos, packet_id) + acked(number, qos, packet_id)


def got(number=0, qos=2, packet_id=1, dup=0):
    return f"receive s p {number} t/a {qos} {packet_id} {dup} 1\n"


def settled(qos=2, packet_id=1):
    if qos == 1:
        return f"answer s PUBACK {packet_id}\n"
    return (f"answer s PUBREC {packet_id}\nrelease s {packet_id}\n"
            f"answer s PUBCOMP {packet_id}\n")


def delivered(number=0, qos=2, packet_id=1, dup=0):
    return got(number, qos, packet_id, dup) + settled(qos, packet_id)


class Rules(unittest.TestCase):

    def judge(self, *parts):
        lines = [line for line in "".join(parts).splitlines() if line]
        return judge(f"0.0 {line}" for line in lines)

    def assert_sound(self, *parts):
        self.assertEqual(self.judge(*parts).faults, [])

    def assert_fault(self, rule, *parts):
        faults = self.judge(*parts).faults
        self.assertEqual([fault.rule for fault in faults], [rule], faults)

    def test_nothing_special(self):
        self.assert_sound(START, published(), delivered(), DEATH,
                          published(1, 1), delivered(1, 1))

    def test_lost(self):
        """Only what was acknowledged, and only to who subscribed before."""
        self.assert_fault("lost", START, published())
        self.assert_fault("lost", START, published(0, 1), DEATH)
        self.assert_fault("lost", START, first(), "ack p PUBREC 1 0 0\n",
                          DEATH, "ack p PUBCOMP 1 0 0\n")
        late = START.replace("subscribe s t/+ 2\n", "")
        self.assert_sound(late, published(), "subscribe s t/+ 2\n")
        self.assert_sound(START, "send p 0 other 1 1 0\n", acked(0, 1))

    def test_twice(self):
        """QoS 2 once; QoS 1 as often as it may be."""
        self.assert_fault("twice", START, published(), delivered(), DEATH,
                          delivered(packet_id=2, dup=1))
        self.assert_fault("twice", START, first(), delivered(), DEATH,
                          again(), acked(), delivered(packet_id=1))
        self.assert_sound(START, published(), got(), DEATH, got(dup=1),
                          settled())
        self.assert_sound(START, published(0, 1), delivered(0, 1), DEATH,
                          delivered(0, 1, 2, 1))

    def test_order(self):
        """First deliveries, unless the earlier one was sent again later."""
        both = first(0, 1, 1) + first(1, 1, 2)
        acks = acked(0, 1, 1) + acked(1, 1, 2)
        one, two = delivered(0, 1, 1), delivered(1, 1, 2)
        self.assert_sound(START, both, acks, one, two)
        self.assert_fault("order", START, both, acks, two, one)
        checker = self.judge(START, both, acked(1, 1, 2), two, DEATH,
                             again(0, 1, 1), acked(0, 1, 1), one)
        self.assertEqual((checker.faults, checker.overtaken), ([], 1))

    def test_repeats(self):
        """In the old order, and once per connection."""
        both = published(0, 2, 1) + published(1, 2, 2)
        ends = settled(2, 1) + settled(2, 2)
        came = got(0, 2, 1) + got(1, 2, 2)
        self.assert_sound(START, both, came, DEATH, got(0, 2, 1, 1),
                          got(1, 2, 2, 1), ends)
        self.assert_fault("repeats", START, both, came, DEATH,
                          got(1, 2, 2, 1), got(0, 2, 1, 1), ends)
        # Between the two, one of QoS 1 that comes again each time.
        some = (got(0, 2, 1), delivered(1, 1, 2), got(2, 2, 3))
        more = (got(0, 2, 1, 1), delivered(1, 1, 2, 1), got(2, 2, 3, 1))
        sent = "".join(published(number, quality, number + 1)
                       for number, quality in ((0, 2), (1, 1), (2, 2)))
        ends = settled(2, 1) + settled(2, 3)
        self.assert_sound(START, sent, *some, DEATH, *more, DEATH, *more,
                          ends)
        self.assert_fault("repeats", START, sent, *some, DEATH, more[1],
                          more[0], more[2], ends)
        self.assert_fault("repeats", START, published(), got(), got(),
                          settled())

    def test_session_present(self):
        self.assert_fault("session", START, DEATH.replace("connack s 1",
                                                          "connack s 0"))
        self.assert_fault("session", START.replace("connack s 0",
                                                   "connack s 1"))
        # Nobody knows whether that CONNECT arrived.
        unknown = START.replace("connack s 0", "leave s\nconnect s 65535\n"
                                "connack s 1")
        self.assert_sound(unknown)

    def test_packet_ids(self):
        """Another message with an id that is held, before or after a death."""
        both = published(0, 2, 1) + published(1, 2, 2)
        self.assert_fault("packet id", START, both, got(0, 2, 1), DEATH,
                          delivered(1, 2, 1, 1))
        self.assert_fault("packet id", START, both, got(0, 2, 1),
                          delivered(1, 2, 1))
        self.assert_sound(START, both, delivered(0, 2, 1),
                          delivered(1, 2, 1))
        # The broker may forget what nobody was told that it has.
        self.assert_sound(START, first(0, 1, 1), got(0, 1, 1), DEATH,
                          published(1, 1, 2), delivered(1, 1, 1),
                          again(0, 1, 1), acked(0, 1, 1))

    def test_dup(self):
        """Not on what is new, always on what is held."""
        self.assert_fault("dup", START, published(), delivered(dup=1))
        self.assert_fault("dup", START, published(), got(), DEATH, got(),
                          settled())
        self.assert_fault("dup", START, published(0, 1), delivered(0, 1),
                          DEATH, delivered(0, 1))
        # It may have been sent before the death; nobody knows.
        for dup in (0, 1):
            self.assert_sound(START, published(), DEATH, delivered(dup=dup))
        # The publisher's second one is another message for the broker.
        self.assert_sound(START, first(0, 1), delivered(0, 1), DEATH,
                          again(0, 1), acked(0, 1), delivered(0, 1))

    def test_window(self):
        narrow = START.replace("connect s 65535", "connect s 1")
        both = published(0, 1, 1) + published(1, 1, 2)
        self.assert_sound(narrow, both, delivered(0, 1, 1),
                          delivered(1, 1, 2))
        self.assert_fault("window", narrow, both, got(0, 1, 1), got(1, 1, 2),
                          settled(1, 1), settled(1, 2))

    def test_answers(self):
        """To what was asked, and not negative."""
        self.assert_fault("answer", START, "ack p PUBACK 9 -1 0\n")
        self.assert_fault("answer", START, published(0, 1),
                          delivered(0, 1), "ack p PUBREC 1 0 135\n")
        self.assert_fault("answer", START, first(0, 2), "ack p PUBACK 1 0 0\n",
                          delivered())
        self.assert_fault("answer", START, published(), got(),
                          "release s 1\n")
        self.assert_fault("answer", START, published(), delivered(),
                          "release s 1\n")
        self.assert_fault("answer", START, "release s 5\n")
        # PUBCOMP was lost with the connection.
        self.assert_sound(START, published(), delivered(), DEATH,
                          "release s 1\nanswer s PUBCOMP 1\n")

    def test_unchanged(self):
        self.assert_fault("unchanged", START, published(0, 1),
                          "receive s p 0 t/a 1 1 0 0\n", settled(1))
        self.assert_fault("unchanged", START, published(0, 1),
                          "receive s p 0 t/b 1 1 0 1\n", settled(1))
        self.assert_fault("unchanged", START, published(0, 1),
                          got(0, 2), settled(2))
        self.assert_fault("unchanged", START, "send p 0 u 1 1 0\n",
                          acked(0, 1), "receive s p 0 u 1 1 0 1\n",
                          settled(1))
        self.assert_fault("unchanged", START, got(7))

    def test_unfinished(self):
        self.assert_fault("unfinished", START, first(), delivered())
        self.assert_fault("unfinished", START, first(),
                          "ack p PUBREC 1 0 0\n", delivered())
        self.assert_fault("unfinished", START, published(), got())

    def test_connection(self):
        self.assert_fault("connection", START, "end s\n")
        self.assert_sound(START, "kill SIGTERM\nend s\n")

    def test_trouble(self):
        """What was refused is done with, and nobody need get it."""
        refused = first() + "ack p PUBREC 1 0 151\n"
        self.assert_sound(START, "trouble 1\n", refused, "end p\n")
        self.assert_fault("answer", START, "trouble 1\ntrouble 0\n", refused,
                          "ack p PUBCOMP 1 0 0\n", delivered())
        self.assert_fault("connection", START, "trouble 1\ntrouble 0\nend p\n")
        self.assert_fault("lost", START, "trouble 1\n", published())


class Filters(unittest.TestCase):

    def test_matches(self):
        for topic_filter, topic, expected in (
                ("a/b", "a/b", True), ("a/b", "a/c", False),
                ("a/+", "a/b", True), ("a/+", "a/b/c", False),
                ("a/#", "a/b/c", True), ("a/#", "b/c", False),
                ("#", "a", True), ("a", "a/b", False)):
            self.assertIs(matches(topic_filter, topic), expected,
                          (topic_filter, topic))


if __name__ == "__main__":
    unittest.main()
