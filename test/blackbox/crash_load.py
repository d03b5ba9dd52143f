"""Publishers and persistent subscribers that live through the broker's deaths.

All clients run in one thread, so that the order of events in the history is
the order in which they happened. Each follows the protocol to the letter over
its connections: what is not acknowledged is sent again with DUP and the same
packet id, or as PUBREL after PUBREC, in the order of the first time; a
subscriber keeps the ids of QoS 2 that it received until their PUBREL.
"""

import random
import select
import socket
import time

import mqtt_wire as wire
from mqtt_wire import (CONNACK, DISCONNECT, KIND_NAMES, PINGRESP, PUBACK,
                       PUBCOMP, PUBLISH, PUBREC, PUBREL, SUBACK, V311, V5)

TOPICS = tuple(f"crash/{number}" for number in range(6))

# A publisher uses few packet ids, so that each is soon used again.
IDS = 400

RECEIVE_MAX_DEFAULT = 65535


def payload_of(publisher, number):
    """What that message says; now and then it is large."""
    size = 6000 if number % 97 == 0 else number * 31 % 200
    return f"{publisher} {number} ".encode() + b"." * size


class LoadClient:
    """One client over all its connections. `tick` is called at every turn."""

    receive_maximum = RECEIVE_MAX_DEFAULT

    def __init__(self, name, version, history, chance):
        self.name, self.version = name, version
        self.history, self.chance = history, chance
        self.socket = None
        self.is_open = False
        self.away_until = 0.0
        self.deaf_until = 0.0
        self.pongs_due = 0
        self._inbox, self.outbox = bytearray(), bytearray()

    # -- the connection -------------------------------------------------------

    def connect(self, address):
        self._inbox, self.outbox = bytearray(), bytearray()
        self.pongs_due = 0
        self.socket = socket.socket()
        try:
            self.socket.connect(address)
        except ConnectionRefusedError:
            self.socket.close()
            self.socket = None
            self.away_until = time.monotonic() + 0.02
            return
        self.socket.setblocking(False)
        self.history.add("connect", self.name, self.receive_maximum)
        props = None
        if self.version == V5:
            props = {"session_expiry_interval": 36000,
                     "receive_maximum": self.receive_maximum}
        self.outbox += wire.connect(self.name, self.version, False, 0, props)

    def drop(self, event):
        """The connection is over, whoever ended it."""
        if self.socket is None:
            return
        self.history.add(event, self.name)
        if event == "end":
            self.away_until = time.monotonic() + 0.02
        self.socket.close()
        self.socket = None
        self.is_open = False

    def leave(self, seconds):
        """Goes away for that long, with DISCONNECT or without."""
        if self.chance.random() < 0.5 and not self.outbox:
            try:
                self.socket.send(wire.disconnect(version=self.version))
            except OSError:
                pass
        self.drop("leave")
        self.away_until = time.monotonic() + seconds

    def read(self, size=1 << 16):
        """False when nothing is there; at the end, drops the connection."""
        try:
            chunk = self.socket.recv(size)
        except BlockingIOError:
            return False
        except OSError:
            chunk = b""
        if not chunk:
            self.drop("end")
            return False
        self._inbox += chunk
        while self.socket is not None:
            packet = wire.read_packet(self._inbox, self.version)
            if packet is None:
                break
            self.on_packet(packet)
        return self.socket is not None

    def write(self):
        try:
            sent = self.socket.send(self.outbox)
        except BlockingIOError:
            return
        except OSError:
            # What the broker sent before it died is still to be read.
            self.outbox.clear()
            return
        del self.outbox[:sent]

    def on_broker_death(self, may_read=True):
        """Takes what had arrived, or, as a network may, loses it."""
        if may_read and self.chance.random() < 0.75:
            while self.socket is not None and self.read():
                pass
        self.drop("leave")
        self.away_until = 0.0

    # -- packets --------------------------------------------------------------

    def on_packet(self, packet):
        if packet.kind == CONNACK:
            if packet.code:
                return self.drop("end")
            self.is_open = True
            self.history.add("connack", self.name, packet.session_present)
            self.on_open(packet)
        elif packet.kind == PINGRESP:
            self.pongs_due -= 1
        elif packet.kind != DISCONNECT:
            self.on_exchange(packet)
        return None

    def ping(self):
        self.pongs_due += 1
        self.outbox += wire.pingreq()

    def reply(self, kind, packet_id):
        self.outbox += wire.reply(kind, packet_id, version=self.version)


class Sending:
    """A message of a publisher that is not done with."""
    __slots__ = ("number", "topic", "qos", "is_received")

    def __init__(self, number, topic, qos):
        self.number, self.topic, self.qos = number, topic, qos
        self.is_received = False


class Publisher(LoadClient):
    """Sends in bursts, never more than `window` unacknowledged ones."""

    def __init__(self, *args, window=100):
        super().__init__(*args)
        self.is_done = False
        self.unacknowledged = {}    # id: Sending, in the order of sending
        self._window_max = self._window = window
        self._number = self._last_id = self._burst = 0
        self._next_burst = 0.0
        self._releases = []         # ids whose PUBREL is still to be sent

    def on_open(self, connack):
        self._window = min(self._window_max, connack.props.get(
            "receive_maximum", RECEIVE_MAX_DEFAULT))
        self._releases.clear()
        for packet_id, one in self.unacknowledged.items():
            if one.is_received:
                self.reply(PUBREL, packet_id)
            else:
                self._send(packet_id, one, True)

    def _send(self, packet_id, one, dup):
        self.history.add("send", self.name, one.number, one.topic, one.qos,
                         packet_id, dup)
        self.outbox += wire.publish(
            one.topic, payload_of(self.name, one.number), one.qos, packet_id,
            dup=dup, version=self.version)

    def _free_id(self):
        while True:
            self._last_id = self._last_id % IDS + 1
            if self._last_id not in self.unacknowledged:
                return self._last_id

    def tick(self, now):
        if self._releases and self.chance.random() < 0.5:
            for packet_id in self._releases:
                self.reply(PUBREL, packet_id)
            self._releases.clear()
        if self.is_done:
            return
        if now >= self._next_burst:
            self._burst = self.chance.randint(1, self._window_max)
            self._next_burst = now + self.chance.uniform(0.05, 0.6)
        while self._burst and len(self.unacknowledged) < self._window:
            self._burst -= 1
            one = Sending(self._number, self.chance.choice(TOPICS),
                          self.chance.randint(1, 2))
            self._number += 1
            packet_id = self._free_id()
            self.unacknowledged[packet_id] = one
            self._send(packet_id, one, False)

    def on_exchange(self, packet):
        one = self.unacknowledged.get(packet.id)
        self.history.add("ack", self.name, KIND_NAMES[packet.kind], packet.id,
                         one.number if one else -1, packet.code)
        if one is None:
            return
        if packet.kind == PUBREC and packet.code < 0x80:
            one.is_received = True
            self._releases.append(packet.id)
        else:
            del self.unacknowledged[packet.id]


class Subscriber(LoadClient):
    """Subscribes to its filters one after the other. `restless`: is away now
    and then. `slow`: reads little at a time. `lazy`: answers late, many at
    once."""

    def __init__(self, *args, filters, receive_maximum=RECEIVE_MAX_DEFAULT,
                 habit=""):
        super().__init__(*args)
        if self.version == V5:
            self.receive_maximum = receive_maximum
        self.habit = habit
        self.is_done = False
        self.held = set()
        self._filters = list(filters)
        self._asked = 0             # filters whose SUBSCRIBE was sent
        self._leave_at = 0.0
        self._answer_at = 0.0
        self._answers = []

    def on_open(self, connack):
        if not connack.session_present:
            self.held.clear()
        self._answers.clear()
        now = time.monotonic()
        self._leave_at = now + self.chance.uniform(0.1, 1.5)
        self._asked = 0
        self._subscribe_next()

    def _subscribe_next(self):
        """The first at once, the others when time has passed."""
        if self._filters and not self._asked:
            self._asked = 1
            topic_filter, qos = self._filters[0]
            self.history.add("ask", self.name, topic_filter, qos)
            self.outbox += wire.subscribe(1, [(topic_filter, qos)],
                                          version=self.version)

    def tick(self, now):
        if self._answers and now >= self._answer_at:
            for kind, packet_id in self._answers:
                self._answer(kind, packet_id)
            self._answers.clear()
        if self.is_done:
            return
        if self.habit == "restless" and now >= self._leave_at:
            self.leave(self.chance.uniform(0.1, 1.5))
        elif self.chance.random() < 0.01:
            self._subscribe_next()

    def read(self, size=1 << 16):
        if self.habit != "slow" or self.is_done:
            return super().read(size)
        self.deaf_until = time.monotonic() + 0.02
        return super().read(512)

    def _answer(self, kind, packet_id):
        self.history.add("answer", self.name, KIND_NAMES[kind], packet_id)
        self.reply(kind, packet_id)

    def _answer_soon(self, kind, packet_id):
        if self.habit != "lazy" or self.is_done:
            return self._answer(kind, packet_id)
        if not self._answers:
            self._answer_at = time.monotonic() + self.chance.uniform(0, 0.1)
        self._answers.append((kind, packet_id))
        return None

    def on_exchange(self, packet):
        if packet.kind == SUBACK:
            topic_filter, qos = self._filters.pop(0)
            if packet.codes != [qos]:
                raise AssertionError(f"{self.name}: {packet!r}")
            self._asked = 0
            self.history.add("subscribe", self.name, topic_filter, qos)
        elif packet.kind == PUBLISH:
            self._on_publish(packet)
        elif packet.kind == PUBREL:
            self.history.add("release", self.name, packet.id)
            self.held.discard(packet.id)
            self._answer_soon(PUBCOMP, packet.id)

    def _on_publish(self, packet):
        publisher, number, _ = packet.payload.split(b" ", 2)
        publisher, number = publisher.decode(), int(number)
        self.history.add(
            "receive", self.name, publisher, number, packet.topic, packet.qos,
            packet.id, packet.dup,
            packet.payload == payload_of(publisher, number))
        if packet.qos == 2:
            self.held.add(packet.id)
        self._answer_soon(PUBACK if packet.qos == 1 else PUBREC, packet.id)


def subscribers(history, chance):
    """Of every kind, so that a message goes to most of them."""
    def one(name, version, *filters, **options):
        return Subscriber(name, version, history, chance, filters=filters,
                          **options)
    return [
        one("all", V5, ("crash/#", 2)),
        one("once", V311, ("crash/+", 1)),
        one("grows", V311, *((topic, 2) for topic in TOPICS)),
        one("slow", V5, ("crash/0", 2), ("crash/1", 1), receive_maximum=7,
            habit="slow"),
        one("lazy", V5, ("crash/+", 2), habit="lazy"),
        one("narrow", V5, ("crash/2", 2), ("crash/3", 2), ("crash/4", 1),
            receive_maximum=1),
        one("guest", V5, ("crash/#", 2), habit="restless"),
        one("visitor", V311, ("crash/1", 1), ("crash/2", 2), ("crash/5", 2),
            habit="restless"),
    ]


class Load:
    """All clients. The broker's address is None while it is down."""

    def __init__(self, history, seed):
        chance = random.Random(seed)
        self.history = history
        self.publishers = [
            Publisher(f"p{number}", version, history, chance, window=window)
            for number, (version, window) in enumerate(
                ((V5, 100), (V311, 100), (V5, 20), (V311, 1)))]
        self.subscribers = subscribers(history, chance)
        self.clients = self.publishers + self.subscribers
        self.address = None

    def run(self, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.turn()

    def run_until_acknowledged(self, seconds):
        """Returns at the moment at which something arrives for a publisher,
        before it is read: what the broker says is now to be true."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            waiting = [one.socket for one in self.publishers
                       if one.is_open and one.unacknowledged]
            if waiting and select.select(waiting, [], [], 0.001)[0]:
                return
            self.turn()

    def turn(self):
        """Waits a moment for something to happen and does what is due.
        Returns whether anything came."""
        now = time.monotonic()
        for client in self.clients:
            if client.socket is None and self.address \
                    and now >= client.away_until:
                client.connect(self.address)
            if client.is_open:
                client.tick(now)
        there = {client.socket: client for client in self.clients
                 if client.socket}
        readable, writable, _ = select.select(
            [one for one, client in there.items() if now >= client.deaf_until],
            [one for one, client in there.items() if client.outbox], [], 0.01)
        for one in writable:
            there[one].write()
        for one in readable:
            if there[one].socket:
                there[one].read()
        return bool(readable)

    def on_broker_death(self, may_read=True):
        self.address = None
        for client in self.clients:
            client.on_broker_death(may_read)

    def close(self):
        for client in self.clients:
            client.drop("leave")

    # -- the end --------------------------------------------------------------

    def drain(self, patience):
        """Publishers end, everybody comes and reads, until nothing is left
        to come or nothing came for `patience` seconds."""
        for client in self.clients:
            client.is_done = True
            client.away_until = client.deaf_until = 0.0
        last = looked = time.monotonic()
        while time.monotonic() - last < patience:
            if self.turn():
                last = time.monotonic()
            if time.monotonic() - looked > 0.3:
                looked = time.monotonic()
                if self._is_answered() and not self._is_missing():
                    break
        # What comes too often comes now.
        self._ping_all(patience)
        self._ping_all(patience)

    def _is_missing(self):
        return any(True for _ in self.history.checker.missing())

    def _is_answered(self):
        return not any(one.unacknowledged for one in self.publishers) \
            and not any(one.held for one in self.subscribers)

    def _ping_all(self, patience):
        for client in self.clients:
            if client.is_open:
                client.ping()
        deadline = time.monotonic() + patience
        while any(client.pongs_due for client in self.clients) \
                and time.monotonic() < deadline:
            self.turn()


__all__ = ["Load", "TOPICS", "payload_of"]
