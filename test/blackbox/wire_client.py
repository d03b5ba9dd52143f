"""A blocking MQTT client that hides nothing.

Every wait has a deadline. Nothing is answered, repeated or reordered behind
the test's back, except where a method says so.
"""

import os
import socket
import time

import mqtt_wire as wire
from mqtt_wire import (ACKS, AUTH, CONNACK, DISCONNECT, KIND_NAMES, PINGRESP,
                       PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, SUBACK,
                       UNSUBACK, V5)

# Seconds a broker may take for anything that it does at once.
PATIENCE = float(os.environ.get("BLACKBOX_PATIENCE", "5"))


class Silent(AssertionError):
    """Nothing came before the deadline."""


class Closed(AssertionError):
    """The connection ended where a packet was expected."""


class Client:
    """One network connection. `patience` bounds each wait in seconds;
    `connected` is a socket, or what stands in for one, to use."""

    def __init__(self, address, version=V5, patience=PATIENCE,
                 receive_buffer=None, connected=None):
        self.version = version
        self.patience = patience
        self.client_id = None
        self.connack = None
        self._received = bytearray()
        self._set_aside = []
        self._last_id = 0
        self.socket = connected or self._connect(address, receive_buffer)

    def _connect(self, address, receive_buffer):
        fresh = socket.socket()
        if receive_buffer:
            fresh.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF,
                             receive_buffer)
        fresh.settimeout(self.patience)
        fresh.connect(address)
        fresh.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return fresh

    # -- bytes ----------------------------------------------------------------

    def send(self, packet_bytes):
        self.socket.settimeout(self.patience)
        try:
            self.socket.sendall(packet_bytes)
        except (BrokenPipeError, ConnectionResetError) as why:
            raise Closed("closed while sending") from why

    def send_to_closing(self, packet_bytes):
        """For bytes whose sender may be cut off half-way."""
        try:
            self.send(packet_bytes)
        except Closed:
            pass

    def close(self):
        """Ends the connection without DISCONNECT."""
        self.socket.close()

    def _fill(self, deadline):
        """Reads once; False at the end of the stream."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise Silent(f"nothing for {self.patience} s")
        self.socket.settimeout(left)
        try:
            chunk = self.socket.recv(1 << 18)
        except socket.timeout as why:
            raise Silent(f"nothing for {self.patience} s") from why
        except (ConnectionResetError, BrokenPipeError):
            return False
        self._received += chunk
        return bool(chunk)

    # -- packets --------------------------------------------------------------

    def receive(self, patience=None):
        """The next packet: raises `Silent` or `Closed` instead of None."""
        if self._set_aside:
            return self._set_aside.pop(0)
        return self._read(patience)

    def _read(self, patience=None):
        deadline = time.monotonic() + (patience or self.patience)
        while True:
            packet = wire.read_packet(self._received, self.version)
            if packet is not None:
                return packet
            if not self._fill(deadline):
                raise Closed("the broker closed the connection")

    def expect(self, kind, patience=None, **fields):
        """The next packet, which must be of that kind with those fields."""
        wanted = f"{KIND_NAMES[kind]} {fields}"
        try:
            packet = self.receive(patience)
        except (Silent, Closed) as why:
            raise type(why)(f"{why}; expected {wanted}") from None
        if packet.kind != kind:
            raise AssertionError(f"expected {wanted}, got {packet!r}")
        for name, value in fields.items():
            actual = getattr(packet, name)
            actual_text = hex(actual) if name == "code" else repr(actual)
            if actual != value:
                raise AssertionError(f"expected {name}={value!r}, "
                                     f"got {actual_text} in {packet!r}")
        return packet

    def await_reply(self, kind, packet_id):
        """The reply of that kind and id; what comes before it is kept, in
        order, for later `receive`s."""
        skipped, self._set_aside = self._set_aside, []
        try:
            for place, packet in enumerate(skipped):
                if packet.kind == kind and packet.id == packet_id:
                    return skipped.pop(place)
            while True:
                packet = self._read()
                if packet.kind == kind and packet.id == packet_id:
                    return packet
                if packet.kind == DISCONNECT:
                    raise AssertionError(f"disconnected with {packet!r} while "
                                         f"waiting for {KIND_NAMES[kind]}")
                skipped.append(packet)
        finally:
            self._set_aside = skipped

    def expect_message(self, topic=None, payload=None, **fields):
        """The next packet, which must be that PUBLISH."""
        if topic is not None:
            fields["topic"] = topic
        if payload is not None:
            fields["payload"] = wire.octets(payload)
        return self.expect(PUBLISH, **fields)

    def expect_closed(self, patience=None):
        """No further packet, only the end of the connection."""
        try:
            packet = self.receive(patience)
        except Closed:
            return
        raise AssertionError(f"expected the connection to close, "
                             f"got {packet!r}")

    def expect_disconnect(self, *codes, patience=None):
        """5.0: DISCONNECT with one of the codes, then the end [MQTT-3.14.4-2].
        3.x: the end alone."""
        packet = None
        if self.version == V5:
            packet = self.expect(DISCONNECT, patience)
            if codes and packet.code not in codes:
                wanted = ", ".join(map(hex, codes))
                raise AssertionError(f"expected {wanted}, got {packet!r}")
        self.expect_closed(patience)
        return packet

    def packets_until_closed(self):
        """Everything up to the end of the connection."""
        packets = []
        try:
            while True:
                packets.append(self.receive())
        except Closed:
            return packets

    def ping(self):
        """PINGREQ, and PINGRESP as the very next packet."""
        self.send(wire.pingreq())
        self.expect(PINGRESP)

    def packets_until_pong(self):
        """What was on its way here: all packets before the second PINGRESP.
        (What the packets before the first PINGREQ set free may be written
        after its PINGRESP.)"""
        packets = []
        for _ in range(2):
            self.send(wire.pingreq())
            packet = self.receive()
            while packet.kind != PINGRESP:
                packets.append(packet)
                packet = self.receive()
        return packets

    def packets_until_pong_or_end(self):
        """As `packets_until_pong`, where the broker may also close."""
        self.send_to_closing(wire.pingreq())
        packets = []
        try:
            while True:
                packet = self.receive()
                if packet.kind == PINGRESP:
                    return packets
                packets.append(packet)
        except Closed:
            return packets

    def expect_nothing(self):
        packets = self.packets_until_pong()
        if packets:
            raise AssertionError(f"expected nothing, got {packets!r}")

    # -- exchanges ------------------------------------------------------------

    def next_id(self):
        self._last_id = self._last_id % 0xFFFF + 1
        return self._last_id

    def request_connect(self, client_id, **options):
        """CONNECT, whatever the answer; options as in `mqtt_wire.connect`."""
        self.client_id = client_id
        self.send(wire.connect(client_id, self.version, **options))

    def connect(self, client_id, **options):
        """CONNECT and a CONNACK with success; returns self."""
        self.request_connect(client_id, **options)
        self.connack = self.expect(CONNACK, code=0)
        return self

    def disconnect(self, code=None, props=None):
        """DISCONNECT; returns when the broker has closed, hence is done with
        the connection."""
        self.send(wire.disconnect(code, props, version=self.version))
        self.packets_until_closed()
        self.close()

    def subscribe(self, topic_filter, qos=0, props=None, **options):
        """SUBSCRIBE to one filter; returns the code in SUBACK."""
        packet_id = self.next_id()
        entry = (topic_filter, wire.options_byte(qos, **options))
        self.send(wire.subscribe(packet_id, [entry], props, self.version))
        codes = self.await_reply(SUBACK, packet_id).codes
        if len(codes) != 1:
            raise AssertionError(f"{len(codes)} codes for one filter "
                                 "[MQTT-3.8.4-6]")
        return codes[0]

    def unsubscribe(self, *filters):
        """UNSUBSCRIBE; returns the codes in UNSUBACK, None for 3.x."""
        packet_id = self.next_id()
        self.send(wire.unsubscribe(packet_id, filters, version=self.version))
        reply = self.await_reply(UNSUBACK, packet_id)
        return reply.codes if self.version == V5 else None

    def publish(self, topic, payload=b"", qos=0, retain=False, props=None):
        """PUBLISH and its whole handshake; returns the reason code of PUBACK
        or PUBREC, None for QoS 0."""
        packet_id = self.next_id() if qos else None
        self.send(wire.publish(topic, payload, qos, packet_id, retain,
                               props=props, version=self.version))
        if qos == 0:
            return None
        reply = self.await_reply(PUBACK if qos == 1 else PUBREC, packet_id)
        if qos == 2 and reply.code < 0x80:
            self.send(wire.reply(PUBREL, packet_id, version=self.version))
            self.await_reply(PUBCOMP, packet_id)
        return reply.code

    def reply(self, kind, packet_id, code=None):
        self.send(wire.reply(kind, packet_id, code, version=self.version))

    def acknowledge(self, packet):
        """Completes the exchange of a received PUBLISH."""
        if packet.qos == 1:
            self.reply(PUBACK, packet.id)
        elif packet.qos == 2:
            self.reply(PUBREC, packet.id)
            self.await_reply(PUBREL, packet.id)
            self.reply(PUBCOMP, packet.id)

    def messages_until(self, payload, acknowledge=True):
        """The PUBLISH packets before the one with that payload, which is
        acknowledged too; all other packets are failures."""
        payload = wire.octets(payload)
        messages = []
        while True:
            packet = self.receive()
            if packet.kind != PUBLISH:
                raise AssertionError(f"expected PUBLISH, got {packet!r}")
            if acknowledge or packet.payload == payload:
                self.acknowledge(packet)
            if packet.payload == payload:
                return messages
            messages.append(packet)

    def authenticate(self, method, answer, code=0x18):
        self.send(wire.auth(code, method, answer))


def payloads(packets):
    return [packet.payload for packet in packets]


__all__ = ["ACKS", "AUTH", "Client", "Closed", "PATIENCE", "Silent",
           "payloads"]
