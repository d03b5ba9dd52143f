#!/usr/bin/env python3
"""Writes the corpus of the target `session`, one file for each scenario below.

    test/fuzz/session_corpus.py [FOLDER]

FOLDER is corpus/session beside this file by default; files that are there stay,
for they may be findings. The form of an input is that of session_fuzz.cpp.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "blackbox"))

import mqtt_wire as wire  # noqa: E402

V31, V311, V5 = 0, 1, 2
(RECEIVE_MAXIMUM, PACKET_SIZE, ALIAS_MAXIMUM, NO_REASONS, AUTH, EXPIRY,
 RESPONSE) = (1 << bit for bit in range(7))
AUTH_DATA = ("ok", "step", "no", "odd", "long", "")
ANSWERS_AT_ONCE, ANSWERS_REQUESTS, DELIVERS_BACK, HOLDS, REASONS = (
    1 << bit for bit in range(5))


# -- steps --------------------------------------------------------------------

def raw(data):
    """Bytes from the client, at most 255 in a step."""
    return b"".join(bytes([0, len(part)]) + part for part in
                    (data[at:at + 255] for at in range(0, len(data), 255)))


def connect(version, clean=False, no_id=False, keep_alive=False, bridge=False,
            second=False, given=0, values=()):
    options = (version | clean << 2 | no_id << 3 | keep_alive << 4
               | bridge << 5 | second << 6 | bool(given) << 7)
    # options % 3 is the version: step over what the other bits add to it.
    while options % 3 != version:
        options = (options & ~3) | (options + 1) & 3
    return bytes([1, options]) + (bytes([given, *values]) if given else b"")


def deliver(qos, size=1, retain=False, life=None, properties=False, ids=False,
            topic=0):
    flags = (retain << 2 | (life is not None) << 3 | properties << 4
             | ids << 5 | topic << 6)
    low = next(low for low in range(4) if (flags | low) % 3 == qos)
    return bytes([2, flags | low, size]) + (b"" if life is None
                                            else bytes([life]))


def publish(qos, identifier=1, topic=0, dup=False, retain=False, hop=None):
    flags = (dup << 2 | retain << 3 | (hop is not None) << 4
             | (identifier - 1) << 5)
    low = next(low for low in range(4) if (flags | low) % 3 == qos)
    return bytes([3, flags | low, topic]) + (b"" if hop is None
                                             else bytes([hop]))


def reply(kind, identifier, refused=False):
    which = {wire.PUBACK: 0, wire.PUBREC: 1, wire.PUBREL: 2, wire.PUBCOMP: 3}
    return bytes([4, which[kind] | (identifier - 1) << 3 | refused << 7])


def request(which, bit_64=False, bit_128=False, data=None):
    flags = bit_64 << 6 | bit_128 << 7
    flags += (which - flags) % 5
    return bytes([5, flags]) + (b"" if data is None
                                else bytes([AUTH_DATA.index(data)]))


def subscribe(no_local=False):
    return request(0, bit_64=no_local)


def unsubscribe():
    return request(1)


def ping():
    return request(2)


def goodbye(keep_will=False, expiry=False):
    return request(3, bit_64=expiry, bit_128=keep_will)


def auth(data, going_on=False):
    return request(4, bit_64=going_on, data=data)


def seconds(count):
    return bytes([6, count << 1 | 1])


def manners(flags, code=0):
    return bytes([7, flags | code << 6])


def complete(which=0, code=0):
    return bytes([8, which, code])


def complete_request(code=0):
    return bytes([9, code])


def hold(on):
    return bytes([10, on])


BREAK = bytes([11])


def end(code):
    return bytes([12, code])


# -- scenarios ----------------------------------------------------------------

ROOMY = bytes([0, 0b10101111, 0])      # aliases, receive maximum 65,535
TIGHT = bytes([4, 0b01010101, 1])      # windows of one, aliases of one
ANNOUNCING = bytes([2, 0b10101010, 3])

PUBACK, PUBREC, PUBREL, PUBCOMP = (wire.PUBACK, wire.PUBREC, wire.PUBREL,
                                   wire.PUBCOMP)


def outbound(version):
    return (connect(version) + deliver(0) + deliver(1) + deliver(2)
            + reply(PUBACK, 1) + reply(PUBREC, 2) + reply(PUBCOMP, 2))


def inbound(version):
    return (connect(version) + publish(0) + publish(1) + publish(2, 2)
            + publish(2, 2, dup=True) + reply(PUBREL, 2) + reply(PUBREL, 2))


def resume(version):
    return (connect(version) + deliver(2) + deliver(1) + deliver(2)
            + publish(2, 1) + reply(PUBREC, 1) + connect(version)
            + publish(2, 1, dup=True) + reply(PUBREL, 1) + reply(PUBCOMP, 1)
            + reply(PUBACK, 2) + BREAK + connect(version) + reply(PUBREC, 3)
            + reply(PUBCOMP, 3))


def resume_in_a_smaller_window():
    return (connect(V5) + deliver(1) * 5
            + connect(V5, given=RECEIVE_MAXIMUM, values=[1])
            + reply(PUBACK, 2) + reply(PUBACK, 1) + reply(PUBACK, 3)
            + reply(PUBACK, 5) + reply(PUBACK, 4) + deliver(1))


def late_answers(version):
    return (connect(version) + manners(0) + publish(1) + publish(2, 2)
            + publish(1, 3) + complete(2) + complete(0, 2) + complete(0, 1)
            + reply(PUBREL, 2) + publish(2, 4) + connect(version)
            + publish(2, 4, dup=True) + complete() + subscribe() + ping()
            + complete_request() + unsubscribe() + complete_request(1))


def retry():
    return (connect(V311) + deliver(1) + deliver(2) + seconds(20)
            + reply(PUBREC, 2) + seconds(20) + seconds(20) + reply(PUBACK, 1)
            + reply(PUBCOMP, 2) + seconds(20))


def keep_alive(version):
    return (connect(version, keep_alive=True) + seconds(14) + ping()
            + seconds(14) + raw(b"\x30\xff\x7f") + raw(bytes(200)) + seconds(14)
            + seconds(2))


def aliases():
    return (connect(V5, given=ALIAS_MAXIMUM, values=[2])
            + deliver(0, topic=1) + deliver(1, topic=1) + deliver(0, topic=2)
            + deliver(0, topic=3) + publish(0, topic=1, hop=1)
            + publish(0, topic=5, hop=1) + publish(0, topic=2, hop=129)
            + publish(0, topic=5, hop=4))


def packet_sizes():
    return (connect(V5, given=PACKET_SIZE, values=[39]) + deliver(0, size=3)
            + deliver(1, size=2) + deliver(1, size=3) + deliver(2, size=5)
            + subscribe() + connect(V5, given=PACKET_SIZE, values=[4])
            + ping() + connect(V5, given=PACKET_SIZE, values=[3]))


def expiry():
    return (connect(V5) + deliver(1, life=20, properties=True, ids=True)
            + deliver(0, life=0) + seconds(3) + connect(V5)
            + reply(PUBACK, 1) + deliver(0, life=255))


def large():
    return (connect(V5) + deliver(1, size=5) + deliver(0) + ping()
            + deliver(2, size=5, retain=True) + connect(V311))


def authentication(first, *steps):
    return (connect(V5, given=AUTH, values=[AUTH_DATA.index(first)])
            + b"".join(steps))


def wire_client(version):
    """A client's own bytes, cut where packets are not."""
    stream = (wire.connect("raw", version, clean=False)
              + wire.publish("a", b"x", 1, 1, version=version)
              + wire.publish("a", b"y", 2, 2, version=version)
              + wire.reply(wire.PUBREL, 2, version=version)
              + wire.subscribe(3, [("a/#", 1), ("+/b", 2)], version=version)
              + wire.unsubscribe(4, ["a/#"], version=version)
              + wire.pingreq() + wire.disconnect(version=version))
    return raw(stream[:7]) + raw(stream[7:40]) + raw(stream[40:])


def scenarios():
    names = {V31: "v3_1", V311: "v3_1_1", V5: "v5"}
    for version, name in names.items():
        yield f"{name}-outbound", ROOMY + outbound(version)
        yield f"{name}-inbound", ROOMY + inbound(version)
        yield f"{name}-inbound-tight", TIGHT + inbound(version)
        yield f"{name}-resume", ROOMY + resume(version)
        yield f"{name}-late-answers", ROOMY + late_answers(version)
        yield f"{name}-keep-alive", ROOMY + keep_alive(version)
        yield (f"{name}-clean-start",
               ROOMY + connect(version) + deliver(1) + publish(2)
               + connect(version, clean=True) + publish(2) + deliver(1))
        yield (f"{name}-no-client-id",
               ROOMY + connect(version, clean=True, no_id=True) + ping())
        yield (f"{name}-second-connect",
               ROOMY + connect(version) + connect(version, second=True))
    for version, name in ((wire.V31, "v3_1"), (wire.V311, "v3_1_1"),
                          (wire.V5, "v5")):
        yield f"{name}-wire", ROOMY + wire_client(version)
    yield "resume-in-a-smaller-window", ROOMY + resume_in_a_smaller_window()
    yield "retry", ROOMY + retry()
    yield "aliases", ROOMY + aliases()
    yield "packet-sizes", ROOMY + packet_sizes()
    yield "expiry", ROOMY + expiry()
    yield "large", bytes([3, 0b10101111, 0]) + large()
    yield ("announcing",
           ANNOUNCING + connect(V5, no_id=True, given=RESPONSE) + ping())
    yield "bridge", (bytes([0, 0, 8]) + connect(V311, bridge=True)
                     + subscribe())
    yield "delivers-back", (
        ROOMY + manners(ANSWERS_AT_ONCE | DELIVERS_BACK | REASONS)
        + connect(V5) + publish(1, retain=True) + publish(2, 2)
        + reply(PUBACK, 1) + reply(PUBREC, 2) + reply(PUBCOMP, 2))
    yield "holds", (ROOMY + manners(ANSWERS_AT_ONCE | HOLDS) + connect(V311)
                    + publish(1) + publish(1, 2) + hold(0) + ping() + hold(0)
                    + hold(1) + seconds(100) + deliver(0) + end(0x8E))
    yield "refusals", (
        ROOMY + manners(ANSWERS_AT_ONCE | REASONS, code=2) + connect(V5)
        + publish(1) + publish(2, 2) + publish(2, 2)
        + connect(V5, given=NO_REASONS) + publish(2, 2) + deliver(2)
        + reply(PUBREC, 1, refused=True))
    yield "refusals-tight", (
        TIGHT + manners(ANSWERS_AT_ONCE, code=2) + connect(V5)
        + publish(1, 1) + publish(1, 2) + publish(2, 3) + publish(2, 4))
    yield "receive-maximum-exceeded", (
        TIGHT + manners(0) + connect(V5) + publish(1, 1) + publish(1, 2))
    yield "receive-maximum-anew", (
        TIGHT + connect(V5) + publish(2) + connect(V5)
        + publish(2, dup=True) + reply(PUBREL, 1) + publish(1, 2))
    yield "answers-for-an-earlier-connection", (
        ROOMY + manners(0) + connect(V5) + publish(2, 1) + publish(2, 2)
        + connect(V5) + publish(2, 2, dup=True) + complete(0) + complete(0))
    yield "v5-no-retry", ROOMY + connect(V5) + deliver(1) + seconds(60)
    yield "alias-of-a-dropped-message", (
        ROOMY + connect(V5, given=PACKET_SIZE | ALIAS_MAXIMUM, values=[39, 2])
        + deliver(0, size=3) + deliver(0) + deliver(0))
    yield "unknown-ids", (ROOMY + connect(V5) + reply(PUBACK, 9)
                          + reply(PUBREC, 9) + reply(PUBREL, 9)
                          + reply(PUBCOMP, 9) + reply(PUBREC, 9, refused=True))
    yield "wrong-replies", (ROOMY + connect(V5) + deliver(1) + deliver(2)
                            + reply(PUBREC, 1) + reply(PUBACK, 2)
                            + reply(PUBCOMP, 1) + reply(PUBCOMP, 2)
                            + reply(PUBACK, 1) + reply(PUBREC, 2)
                            + reply(PUBREC, 2) + reply(PUBCOMP, 2))
    yield "premature-pubrel", (ROOMY + connect(V5) + manners(0) + publish(2)
                               + reply(PUBREL, 1))
    yield "goodbyes", (ROOMY + connect(V5) + goodbye() + ping()
                       + connect(V5) + goodbye(keep_will=True)
                       + connect(V5) + goodbye(expiry=True)
                       + connect(V5, given=EXPIRY, values=[5])
                       + goodbye(expiry=True))
    yield "no-local-shared", ROOMY + connect(V5) + subscribe(no_local=True)
    yield "ends", (ROOMY + connect(V5) + end(0x8E) + connect(V5) + end(0x04)
                   + connect(V311) + end(0x8B) + ping())
    yield "auth-at-once", ROOMY + authentication("ok", ping())
    yield "auth-steps", ROOMY + authentication(
        "step", auth("step", True), auth("ok", True), ping(), auth("step"),
        publish(1), auth("ok", True), auth("no"))
    yield "auth-refused", ROOMY + authentication("no")
    yield "auth-odd-code", ROOMY + authentication("odd")
    yield "auth-too-long", ROOMY + connect(
        V5, given=PACKET_SIZE | AUTH, values=[99, 0]) + auth("long")
    yield "auth-interrupted", ROOMY + authentication("step", publish(0))
    yield "auth-unasked", ROOMY + connect(V5) + auth("ok")
    yield "not-mqtt", ROOMY + raw(b"GET / HTTP/1.1\r\n\r\n")
    yield "malformed", (ROOMY + connect(V5) + raw(b"\x36\x07\0\1a\0\1\0x")
                        + connect(V311) + raw(b"\xc1\0"))
    yield "too-large", (bytes([1, 0, 0]) + connect(V5) + raw(b"\x30\x7f")
                        + raw(wire.connect("c" * 80)))


def main(arguments):
    folder = arguments[0] if arguments else os.path.join(HERE, "corpus",
                                                         "session")
    os.makedirs(folder, exist_ok=True)
    count = 0
    for name, content in scenarios():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content)
        count += 1
    print(f"{count} files in {folder}")


if __name__ == "__main__":
    main(sys.argv[1:])
