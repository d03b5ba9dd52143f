#!/usr/bin/env python3
"""What clients saw while the broker was killed again and again, and whether
it may be so.

    crash_history.py FILE      judges a history that was kept

Events come in the order in which they happened to the clients, which run in
one thread. The rules, each with its name in a fault:

lost          What was acknowledged to its publisher (PUBACK, or PUBREC) comes
              to every subscriber that had its SUBACK before it was first sent.
twice         What is published and subscribed to at QoS 2 comes once. The same
              packet id again, while the subscriber holds it, is the same
              message.
order         Per publisher, subscriber, topic and QoS, messages come for the
              first time in the order in which they were first sent. There is
              one exception: a message that its publisher sent again after a
              later one was sent may come after that one; the broker forgot
              the first sending with its process. Such cases are counted
              (`overtaken`). How often and when a message of QoS 1 comes
              again is free.
repeats       What is sent again on a new connection comes in the order in
              which it came at first, and not twice on one connection.
session       Session Present is 1 exactly when there was a session: after
              the CONNACK of an earlier connection [MQTT-3.2.2-2].
packet id     An id that the subscriber holds means the same message: of QoS 2
              until the broker's PUBREL, of QoS 1 until its PUBACK or the end
              of the connection.
dup           DUP is 0 on what cannot have been sent to the session before: it
              was published during this connection. It is 1 on what the
              subscriber still holds, and on what comes again without having
              been published again [MQTT-3.3.1-1].
window        No more than Receive Maximum are unacknowledged [MQTT-3.3.4-9].
answer        PUBACK, PUBREC, PUBCOMP and PUBREL name an exchange that is open
              and are never negative here.
unchanged     Topic, payload and QoS are as published and as granted.
unfinished    In the end nothing waits for an answer and no id is held.
connection    The broker closes none while it runs.

While the disk is in trouble a message may be refused, and its publisher be cut
off.
"""

import collections
import sys
import time
from typing import NamedTuple

# kind: the values that follow it, for whoever reads a kept history
EVENTS = {
    "start": "reactors",               # the node is ready
    "kill": "signal",
    "trouble": "begins",               # the disk fails, or did
    "connect": "client receive_maximum",
    "connack": "client present",
    "ask": "client filter qos",        # SUBSCRIBE
    "subscribe": "client filter qos",  # its SUBACK
    "leave": "client",                 # the client closes
    "end": "client",                   # the broker closes
    "send": "publisher number topic qos id dup",
    "ack": "publisher kind id number code",  # number -1: of nothing open
    "receive": "client publisher number topic qos id dup intact",
    "answer": "client kind id",        # PUBACK, PUBREC, PUBCOMP
    "release": "client id",            # PUBREL came
}

# A broker that breaks a rule breaks it again; the first tell enough.
FAULTS_PER_RULE = 20


class Fault(NamedTuple):
    rule: str
    event: int
    text: str

    def __str__(self):
        return f"{self.rule}: {self.text} (event {self.event})"


def matches(topic_filter, topic):
    """For the filters of the load: exact ones, `+` and a final `#`."""
    wanted, levels = topic_filter.split("/"), topic.split("/")
    if wanted[-1] == "#":
        wanted = wanted[:-1]
        levels = levels[:len(wanted)]
    return len(wanted) == len(levels) and all(
        one in ("+", level) for one, level in zip(wanted, levels))


class Message:
    """What one publisher sent, and who has it."""
    __slots__ = ("topic", "qos", "first", "last", "acknowledged", "is_done",
                 "seen")

    def __init__(self, topic, qos, event):
        self.topic, self.qos = topic, qos
        self.first = self.last = event
        self.acknowledged = None
        self.is_done = False
        self.seen = set()


class Held:
    """A packet id between PUBLISH and its end."""
    __slots__ = ("key", "qos", "connection", "event", "is_received")

    def __init__(self, key, qos, connection, event):
        self.key, self.qos = key, qos
        self.connection, self.event = connection, event
        self.is_received = False


class Session:
    """What the checker knows of one client."""

    def __init__(self):
        self.attempts = 0
        self.connections = 0
        self.since = None           # the event of the last CONNACK
        self.life = -1
        self.window = 65535
        self.filters = []           # (filter, qos, event)
        self.asked = []             # likewise, at the SUBSCRIBE
        self.grants = {}            # topic: what `granted` found
        self.held = {}
        self.given_back = {}        # id: Held, of QoS 1
        self.finished = {}          # id: connection of its PUBREL
        self.unanswered = set()     # ids of this connection
        self.highest = {}           # (publisher, topic, qos): number
        self.repeated = -1          # the event of the last repeat's first

    def granted(self, topic):
        """(qos, event of the SUBACK) of the filter that matches, or None."""
        if topic not in self.grants:
            self.grants[topic] = next(
                ((qos, event) for topic_filter, qos, event in self.filters
                 if matches(topic_filter, topic)), None)
        return self.grants[topic]


class Checker:
    """Takes events one by one; `finish` adds what only the end can tell."""

    def __init__(self):
        self.faults = []
        self.counts = collections.Counter()
        self.overtaken = 0
        self.event = 0
        self.life = 0
        self.is_up = True
        self.is_in_trouble = False
        self.sessions = {}
        self.messages = {}

    def feed(self, kind, *values):
        self.event += 1
        getattr(self, "_on_" + kind)(*values)

    def fault(self, rule, text):
        self.counts[rule] += 1
        if self.counts[rule] <= FAULTS_PER_RULE:
            self.faults.append(Fault(rule, self.event, text))

    def session(self, client):
        return self.sessions.setdefault(client, Session())

    # -- connections ----------------------------------------------------------

    def _on_start(self, _reactors):
        self.is_up = True

    def _on_kill(self, _signal):
        self.is_up = False
        self.life += 1

    def _on_trouble(self, begins):
        self.is_in_trouble = bool(begins)

    def _on_connect(self, client, receive_maximum):
        one = self.session(client)
        one.attempts += 1
        one.life = self.life
        one.window = receive_maximum

    def _on_connack(self, client, present):
        one = self.session(client)
        if present and one.attempts == 1:
            self.fault("session", f"{client} never was here, and the broker "
                       "has a session of it")
        if not present and one.connections:
            self.fault("session", f"{client} came back and its session is "
                       "gone")
        if not present:
            one.held.clear()
            one.given_back.clear()
            one.finished.clear()
        # Who receives QoS 1 remembers nothing beyond the connection.
        for packet_id, held in list(one.held.items()):
            if held.qos == 1:
                one.given_back[packet_id] = one.held.pop(packet_id)
        one.connections += 1
        one.since = self.event
        one.unanswered.clear()
        one.repeated = -1

    def _on_ask(self, client, topic_filter, qos):
        self.session(client).asked.append((topic_filter, qos))

    def _on_subscribe(self, client, topic_filter, qos):
        one = self.session(client)
        one.filters.append((topic_filter, qos, self.event))
        one.grants.clear()

    def _on_leave(self, client):
        self.session(client).life = -1

    def _on_end(self, client):
        if self.is_up and not self.is_in_trouble \
                and self.session(client).life == self.life:
            self.fault("connection", f"{client} was cut off")

    # -- publishers -----------------------------------------------------------

    def _on_send(self, publisher, number, topic, qos, _id, dup):
        message = self.messages.get((publisher, number))
        if message is None:
            if dup:
                raise ValueError(f"{publisher} sends {number} first with DUP")
            message = Message(topic, qos, self.event)
            self.messages[publisher, number] = message
        message.last = self.event

    def _on_ack(self, publisher, kind, packet_id, number, code):
        what = f"{kind} {packet_id} to {publisher}"
        if number < 0:
            return self.fault("answer", f"{what} answers nothing")
        if code >= 0x80 and self.is_in_trouble:
            self.messages[publisher, number].is_done = True
            return None
        if code >= 0x80 and (kind, code) != ("PUBCOMP", 0x92):
            return self.fault("answer", f"{what} refuses {number} with "
                              f"{code:#x}")
        message = self.messages[publisher, number]
        message.is_done |= kind in ("PUBACK", "PUBCOMP")
        if kind in ("PUBACK", "PUBREC"):
            if message.acknowledged is None:
                message.acknowledged = self.event
            if kind != ("PUBACK", "PUBREC")[message.qos - 1]:
                self.fault("answer", f"{what}, which was of QoS "
                           f"{message.qos}")
        return None

    # -- subscribers ----------------------------------------------------------

    def _on_receive(self, client, publisher, number, topic, qos, packet_id,
                    dup, intact):
        one, key = self.session(client), (publisher, number)
        message = self.messages.get(key)
        if message is None:
            return self.fault("unchanged", f"{client} got {publisher}'s "
                              f"{number}, which was never sent")
        self._check_content(client, key, (topic, qos, intact))
        self._check_window(client, one, packet_id)
        if dup and message.first > one.since:
            self.fault("dup", f"{client} got {name_of(key)} with DUP, sent "
                       f"first at event {message.first} of this connection")
        held = one.held.get(packet_id)
        if held is not None and held.key == key and held.qos == qos:
            return self._on_repeat(client, one, held, (packet_id, dup))
        if held is not None:
            self.fault("packet id", f"{client} holds {packet_id} for "
                       f"{name_of(held.key)} since event {held.event} and "
                       f"got {name_of(key)} with it")
        one.held[packet_id] = held = Held(key, qos, one.connections,
                                          self.event)
        before = one.given_back.pop(packet_id, None)
        if before is not None and before.key == key \
                and before.connection != one.connections:
            held.event = before.event
            self._check_repeats(client, one, held)
        if client not in message.seen:
            self._check_order(client, one, key, qos)
            message.seen.add(client)
        elif qos == 2:
            self.fault("twice", f"{client} got {name_of(key)} again, with id "
                       f"{packet_id}")
        elif not dup and message.first == message.last:
            self.fault("dup", f"{client} got {name_of(key)}, which was sent "
                       f"once, again without DUP, id {packet_id}")
        return None

    def _check_content(self, client, key, got):
        topic, qos, intact = got
        message = self.messages[key]
        asked = next((at_most for topic_filter, at_most
                      in self.session(client).asked
                      if matches(topic_filter, topic)), None)
        if topic != message.topic or not intact:
            self.fault("unchanged", f"{client} got {name_of(key)} altered")
        elif asked is None:
            self.fault("unchanged", f"{client} got {name_of(key)} of a topic "
                       "it did not subscribe to")
        elif qos != min(asked, message.qos):
            self.fault("unchanged", f"{client} got {name_of(key)} with QoS "
                       f"{qos}")

    def _check_window(self, client, one, packet_id):
        one.unanswered.add(packet_id)
        if len(one.unanswered) > one.window:
            self.fault("window", f"{client} allows {one.window} and has "
                       f"{len(one.unanswered)}")

    def _on_repeat(self, client, one, held, packet):
        packet_id, dup = packet
        if held.connection == one.connections:
            self.fault("repeats", f"{client} got {name_of(held.key)} twice on "
                       f"one connection, id {packet_id}")
        elif not dup:
            self.fault("dup", f"{client} got {name_of(held.key)} again "
                       f"without DUP, id {packet_id}")
        self._check_repeats(client, one, held)
        held.connection = one.connections

    def _check_repeats(self, client, one, held):
        if held.event < one.repeated:
            self.fault("repeats", f"{client} got {name_of(held.key)} again "
                       "after one that had come later")
        one.repeated = held.event

    def _check_order(self, client, one, key, qos):
        (publisher, number), message = key, self.messages[key]
        line = (publisher, message.topic, qos)
        highest = one.highest.get(line, -1)
        if number > highest:
            one.highest[line] = number
        elif message.last > self.messages[publisher, highest].first:
            self.overtaken += 1
        else:
            self.fault("order", f"{client} got {name_of(key)} after "
                       f"{highest} on {message.topic}")

    def _on_answer(self, client, kind, packet_id):
        one = self.session(client)
        if kind == "PUBREC":
            if packet_id in one.held:
                one.held[packet_id].is_received = True
            return
        one.unanswered.discard(packet_id)
        if kind == "PUBACK" and packet_id in one.held:
            one.given_back[packet_id] = one.held.pop(packet_id)

    def _on_release(self, client, packet_id):
        one = self.session(client)
        held = one.held.pop(packet_id, None)
        before = one.finished.get(packet_id)
        one.finished[packet_id] = one.connections
        if held is not None and not (held.qos == 2 and held.is_received):
            self.fault("answer", f"PUBREL {packet_id} to {client} before its "
                       "PUBREC")
        # The PUBCOMP of an earlier connection may not have arrived.
        if held is None and before in (None, one.connections):
            self.fault("answer", f"PUBREL {packet_id} to {client} answers "
                       "nothing")

    # -- the end --------------------------------------------------------------

    def missing(self):
        """(client, key, event of the SUBACK) of what has not come."""
        subscribers = [(client, one) for client, one in self.sessions.items()
                       if one.filters]
        for key, message in self.messages.items():
            if message.acknowledged is None:
                continue
            for client, one in subscribers:
                granted = one.granted(message.topic)
                if granted and granted[1] < message.first \
                        and client not in message.seen:
                    yield client, key, granted[1]

    def finish(self):
        """All faults, once every client has got what there was to get."""
        for client, key, since in self.missing():
            message = self.messages[key]
            self.fault("lost", f"{name_of(key)} ({message.topic}, QoS "
                       f"{message.qos}, sent at events {message.first}…"
                       f"{message.last}, acknowledged at "
                       f"{message.acknowledged}) never came to {client}, "
                       f"subscribed at {since}")
        for key, message in self.messages.items():
            if not message.is_done:
                self.fault("unfinished", f"{name_of(key)} waits for its "
                           "answer")
        for client, one in self.sessions.items():
            for packet_id, held in one.held.items():
                self.fault("unfinished", f"{client} holds {packet_id} for "
                           f"{name_of(held.key)} since event {held.event}")
        return self.faults


def name_of(key):
    return f"{key[0]}'s {key[1]}"


class History:
    """Keeps events in a file and lets the checker see them at once."""

    def __init__(self, path):
        self.path = path
        self.checker = Checker()
        self._file = open(path, "w", encoding="utf-8")
        self._start = time.monotonic()

    def add(self, kind, *values):
        words = " ".join(str(int(value) if isinstance(value, bool) else value)
                         for value in values)
        ms = (time.monotonic() - self._start) * 1000
        self._file.write(f"{ms:.1f} {kind} {words}\n")
        self.checker.feed(kind, *values)

    def close(self):
        self._file.close()


def judge(lines):
    """The checker of a kept history, finished."""
    checker = Checker()
    for line in lines:
        _, kind, *words = line.split()
        checker.feed(kind, *[int(word) if word.lstrip("-").isdigit() else word
                             for word in words])
    checker.finish()
    return checker


def main():
    if len(sys.argv) != 2:
        return __doc__
    with open(sys.argv[1], encoding="utf-8") as lines:
        checker = judge(lines)
    for fault in checker.faults:
        print(fault)
    print(f"{checker.event} events, {len(checker.messages)} messages, "
          f"{len(checker.faults)} faults, {checker.overtaken} overtaken")
    return 1 if checker.faults else 0


if __name__ == "__main__":
    sys.exit(main())
