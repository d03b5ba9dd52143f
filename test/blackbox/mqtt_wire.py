"""Control packets of MQTT 3.1, 3.1.1 and 5.0 as bytes, and back.

Building is permissive: every field can be set to what the specification
forbids, for that is what half of the tests send. Reading is strict: a packet
that a server may not send is a `WireError`, so each test also checks the
shape of all it receives [MQTT-2.1.3-1] [MQTT-1.5.5-1] [MQTT-2.2.2-1].
"""

import struct

V31, V311, V5 = 3, 4, 5
VERSIONS = (V31, V311, V5)

(CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBSCRIBE, SUBACK,
 UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT, AUTH) = range(1, 16)

KIND_NAMES = ("RESERVED CONNECT CONNACK PUBLISH PUBACK PUBREC PUBREL PUBCOMP "
              "SUBSCRIBE SUBACK UNSUBSCRIBE UNSUBACK PINGREQ PINGRESP "
              "DISCONNECT AUTH").split()

ACKS = (CONNACK, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK, DISCONNECT,
        AUTH)

# name: (identifier, coding, the packets in which a server may send it)
PROPERTIES = {
    "payload_format_indicator": (0x01, "byte", (PUBLISH,)),
    "message_expiry_interval": (0x02, "four", (PUBLISH,)),
    "content_type": (0x03, "text", (PUBLISH,)),
    "response_topic": (0x08, "text", (PUBLISH,)),
    "correlation_data": (0x09, "bytes", (PUBLISH,)),
    "subscription_identifier": (0x0B, "variable", (PUBLISH,)),
    "session_expiry_interval": (0x11, "four", (CONNACK,)),
    "assigned_client_identifier": (0x12, "text", (CONNACK,)),
    "server_keep_alive": (0x13, "two", (CONNACK,)),
    "authentication_method": (0x15, "text", (CONNACK, AUTH)),
    "authentication_data": (0x16, "bytes", (CONNACK, AUTH)),
    "request_problem_information": (0x17, "byte", ()),
    "will_delay_interval": (0x18, "four", ()),
    "request_response_information": (0x19, "byte", ()),
    "response_information": (0x1A, "text", (CONNACK,)),
    "server_reference": (0x1C, "text", (CONNACK, DISCONNECT)),
    "reason_string": (0x1F, "text", ACKS),
    "receive_maximum": (0x21, "two", (CONNACK,)),
    "topic_alias_maximum": (0x22, "two", (CONNACK,)),
    "topic_alias": (0x23, "two", (PUBLISH,)),
    "maximum_qos": (0x24, "byte", (CONNACK,)),
    "retain_available": (0x25, "byte", (CONNACK,)),
    "user_property": (0x26, "pair", ACKS + (PUBLISH,)),
    "maximum_packet_size": (0x27, "four", (CONNACK,)),
    "wildcard_subscription_available": (0x28, "byte", (CONNACK,)),
    "subscription_identifier_available": (0x29, "byte", (CONNACK,)),
    "shared_subscription_available": (0x2A, "byte", (CONNACK,)),
}
NAME_OF = {entry[0]: name for name, entry in PROPERTIES.items()}

# The reason codes that a server may put into each packet of 5.0.
_PUB = {0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99}
REASONS = {
    CONNACK: {0x00, 0x8C, 0x90, 0x95, 0x97, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F}
    | set(range(0x80, 0x8B)),
    PUBACK: _PUB,
    PUBREC: _PUB,
    PUBREL: {0x00, 0x92},
    PUBCOMP: {0x00, 0x92},
    SUBACK: {0, 1, 2, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2},
    UNSUBACK: {0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91},
    DISCONNECT: {0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8C, 0x8D,
                 0x8E, 0x8F, 0x90} | set(range(0x93, 0xA3)),
    AUTH: {0x00, 0x18},
}


class WireError(AssertionError):
    """The server sent bytes that the specification forbids."""


def check(condition, text):
    if not condition:
        raise WireError(text)


# -- primitives ---------------------------------------------------------------

def two(number):
    return struct.pack(">H", number)


def four(number):
    return struct.pack(">I", number)


def variable(number):
    """Variable Byte Integer (MQTT 5, 1.5.5)."""
    coded = bytearray()
    while True:
        number, low = divmod(number, 128)
        coded.append(low | (0x80 if number else 0))
        if not number:
            return bytes(coded)


def octets(value):
    return value.encode() if isinstance(value, str) else bytes(value)


def text(value):
    """Length-prefixed string; bytes go out as they are, valid or not."""
    value = octets(value)
    return two(len(value)) + value


def frame(kind, flags, body, remaining_length=None):
    """A packet; `remaining_length` (bytes) overrules the true one."""
    length = variable(len(body)) if remaining_length is None \
        else remaining_length
    return bytes([kind << 4 | flags]) + length + body


def property_bytes(name, value):
    identifier, coding, _ = PROPERTIES[name]
    coded = {
        "byte": lambda: bytes([value]),
        "two": lambda: two(value),
        "four": lambda: four(value),
        "variable": lambda: variable(value),
        "text": lambda: text(value),
        "bytes": lambda: text(value),
        "pair": lambda: text(value[0]) + text(value[1]),
    }[coding]()
    return bytes([identifier]) + coded


def properties(entries):
    """Property Length and properties. `entries` is bytes (taken as the coded
    properties), a dict, or a list of (name, value)."""
    if entries is None:
        entries = ()
    if isinstance(entries, dict):
        entries = entries.items()
    coded = entries if isinstance(entries, bytes) \
        else b"".join(property_bytes(*entry) for entry in entries)
    return variable(len(coded)) + coded


def _properties_of(version, entries):
    return properties(entries) if version == V5 else b""


# -- building -----------------------------------------------------------------

def connect(client_id="", version=V5, clean=True, keep_alive=60, props=None,
            will=None, user=None, password=None, name=None, level=None,
            flags=None):
    """`will` is a dict of topic, payload, qos, retain, props. `flags`
    overrules the connect flags, `name` and `level` those of the version."""
    if name is None:
        name = "MQIsdp" if version == V31 else "MQTT"
    bits = 0x02 if clean else 0
    payload = text(client_id)
    if will is not None:
        bits |= 0x04 | will.get("qos", 0) << 3
        bits |= 0x20 if will.get("retain") else 0
        payload += _properties_of(version, will.get("props"))
        payload += text(will["topic"]) + text(will.get("payload", b""))
    if user is not None:
        bits |= 0x80
        payload += text(user)
    if password is not None:
        bits |= 0x40
        payload += text(password)
    head = text(name) + bytes([version if level is None else level,
                               bits if flags is None else flags])
    head += two(keep_alive) + _properties_of(version, props)
    return frame(CONNECT, 0, head + payload)


def publish(topic, payload=b"", qos=0, packet_id=None, retain=False, dup=False,
            props=None, version=V5):
    flags = (8 if dup else 0) | qos << 1 | (1 if retain else 0)
    body = text(topic)
    if packet_id is not None:
        body += two(packet_id)
    body += _properties_of(version, props)
    return frame(PUBLISH, flags, body + octets(payload))


def reply(kind, packet_id, code=None, props=None, version=V5, flags=None):
    """PUBACK, PUBREC, PUBREL or PUBCOMP; without `code` the short form."""
    body = two(packet_id)
    if version == V5 and (code is not None or props is not None):
        body += bytes([code or 0])
        if props is not None:
            body += properties(props)
    if flags is None:
        flags = 2 if kind == PUBREL else 0
    return frame(kind, flags, body)


def options_byte(qos=0, no_local=False, retain_as_published=False,
                 retain_handling=0):
    """Subscription Options (MQTT 5, 3.8.3.1)."""
    return (qos | (4 if no_local else 0) | (8 if retain_as_published else 0)
            | retain_handling << 4)


def subscribe(packet_id, entries, props=None, version=V5, flags=2):
    """`entries`: (topic filter, options byte) each."""
    body = two(packet_id) + _properties_of(version, props)
    for topic_filter, options in entries:
        body += text(topic_filter) + bytes([options])
    return frame(SUBSCRIBE, flags, body)


def unsubscribe(packet_id, filters, props=None, version=V5, flags=2):
    body = two(packet_id) + _properties_of(version, props)
    return frame(UNSUBSCRIBE, flags, body + b"".join(map(text, filters)))


def pingreq():
    return frame(PINGREQ, 0, b"")


def disconnect(code=None, props=None, version=V5, flags=0):
    body = b""
    if version == V5 and (code is not None or props is not None):
        body = bytes([code or 0])
        if props is not None:
            body += properties(props)
    return frame(DISCONNECT, flags, body)


def auth(code=0x18, method=None, challenge=None, props=None, flags=0):
    entries = list((props or {}).items())
    if method is not None:
        entries.append(("authentication_method", method))
    if challenge is not None:
        entries.append(("authentication_data", challenge))
    return frame(AUTH, flags, bytes([code]) + properties(entries))


# -- reading ------------------------------------------------------------------

class Properties(list):
    """(name, value) in the order received."""

    def get(self, name, otherwise=None):
        return next((value for key, value in self if key == name), otherwise)

    def all(self, name):
        return [value for key, value in self if key == name]

    def names(self):
        return [key for key, _ in self]


class Packet:
    """A packet from the server: `kind`, `size` of the whole packet, and the
    fields of that kind as attributes."""

    def __init__(self, kind, size, **fields):
        self.kind = kind
        self.size = size
        self.props = Properties()
        self.__dict__.update(fields)

    def __repr__(self):
        fields = {key: value for key, value in self.__dict__.items()
                  if key not in ("kind", "size") and value != []}
        if len(fields.get("payload", b"")) > 64:
            fields["payload"] = fields["payload"][:64] + b"..."
        inner = ", ".join(f"{key}={hex(value) if key == 'code' else value!r}"
                          for key, value in fields.items())
        return f"{KIND_NAMES[self.kind]}({inner})"


class Reader:
    """Takes fields from the front of a packet body."""

    def __init__(self, body):
        self.rest = body

    def take(self, count):
        check(len(self.rest) >= count, "packet ends inside a field")
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def byte(self):
        return self.take(1)[0]

    def two(self):
        return struct.unpack(">H", self.take(2))[0]

    def four(self):
        return struct.unpack(">I", self.take(4))[0]

    def bytes(self):
        return self.take(self.two())

    def text(self):
        value = self.bytes()
        try:
            decoded = value.decode("utf-8")
        except UnicodeDecodeError as why:
            raise WireError(f"ill-formed UTF-8 {value!r} [MQTT-1.5.4-1]") \
                from why
        check("\0" not in decoded, "U+0000 in a string [MQTT-1.5.4-2]")
        return decoded

    def pair(self):
        return self.text(), self.text()

    def variable(self):
        value = 0
        for place in range(4):
            digit = self.byte()
            value |= (digit & 0x7F) << 7 * place
            if digit < 0x80:
                check(place == 0 or digit, "padded integer [MQTT-1.5.5-1]")
                return value
        raise WireError("variable byte integer of five bytes")

    def properties(self, kind):
        inner = Reader(self.take(self.variable()))
        found = Properties()
        while inner.rest:
            identifier = inner.variable()
            check(identifier in NAME_OF, f"property {identifier:#x}")
            name = NAME_OF[identifier]
            _, coding, allowed = PROPERTIES[name]
            check(kind in allowed, f"{name} in {KIND_NAMES[kind]}")
            repeats = name == "user_property" or name == \
                "subscription_identifier"
            check(repeats or name not in found.names(), f"{name} twice")
            found.append((name, getattr(inner, coding)()))
        return found

    def end(self):
        check(not self.rest, f"bytes after the packet's end: {self.rest!r}")


def packet_length(buffer):
    """(header size, remaining length) or None while incomplete."""
    value = 0
    for place in range(4):
        if len(buffer) < place + 2:
            return None
        digit = buffer[place + 1]
        value |= (digit & 0x7F) << 7 * place
        if digit < 0x80:
            check(place == 0 or digit, "padded length [MQTT-1.5.5-1]")
            return place + 2, value
    raise WireError("remaining length of five bytes")


def read_packet(buffer, version):
    """Removes the first packet from the bytearray `buffer`; None while it is
    incomplete."""
    length = packet_length(buffer) if buffer else None
    if length is None or len(buffer) < sum(length):
        return None
    header, remaining = length
    first = buffer[0]
    body = bytes(buffer[header:header + remaining])
    del buffer[:header + remaining]
    kind, flags = first >> 4, first & 0x0F
    read = _READERS.get(kind)
    check(read is not None, f"a server may not send {KIND_NAMES[kind]}")
    if kind != PUBLISH:
        check(flags == (2 if kind == PUBREL else 0),
              f"flags {flags:#x} of {KIND_NAMES[kind]} [MQTT-2.1.3-1]")
    reader = Reader(body)
    packet = Packet(kind, header + remaining, **read(reader, version, flags))
    reader.end()
    return packet


def _reason(kind, code):
    check(code in REASONS[kind], f"reason {code:#x} in {KIND_NAMES[kind]}")
    return code


def _read_connack(reader, version, _flags):
    flags, code = reader.byte(), reader.byte()
    check(flags & 0xFE == 0, "CONNACK flags [MQTT-3.2.2-1]")
    check(not (code and flags), "session present on refusal [MQTT-3.2.2-6]")
    fields = {"session_present": bool(flags), "code": code}
    if version == V5 and code not in (0x01, 0x84):
        _reason(CONNACK, code)
        fields["props"] = reader.properties(CONNACK)
    elif version == V5 and reader.rest:
        fields["props"] = reader.properties(CONNACK)
    else:
        check(code <= 5 or code == 0x84, f"CONNACK return code {code}")
    return fields


def _read_publish(reader, version, flags):
    qos = flags >> 1 & 3
    check(qos < 3, "QoS 3 [MQTT-3.3.1-4]")
    dup = bool(flags & 8)
    check(not (dup and qos == 0), "DUP with QoS 0 [MQTT-3.3.1-2]")
    fields = {"topic": reader.text(), "qos": qos, "dup": dup,
              "retain": bool(flags & 1), "id": None}
    check("+" not in fields["topic"] and "#" not in fields["topic"],
          "wildcard in a topic name [MQTT-3.3.2-2]")
    if qos:
        fields["id"] = reader.two()
        check(fields["id"], "packet identifier 0 [MQTT-2.2.1-4]")
    if version == V5:
        fields["props"] = reader.properties(PUBLISH)
        check(fields["props"].get("topic_alias") != 0,
              "topic alias 0 [MQTT-3.3.2-8]")
    check(fields["topic"] or (version == V5
                              and fields["props"].get("topic_alias")),
          "no topic name [MQTT-4.7.3-1]")
    fields["payload"], reader.rest = reader.rest, b""
    return fields


def _read_reply(kind):
    def read(reader, version, _flags):
        fields = {"id": reader.two(), "code": 0}
        if version == V5 and reader.rest:
            fields["code"] = _reason(kind, reader.byte())
            if reader.rest:
                fields["props"] = reader.properties(kind)
        return fields
    return read


def _read_suback(reader, version, _flags):
    fields = {"id": reader.two()}
    if version == V5:
        fields["props"] = reader.properties(SUBACK)
    fields["codes"] = list(reader.take(len(reader.rest)))
    for code in fields["codes"]:
        check(code in (REASONS[SUBACK] if version == V5
                       else (0, 1, 2, 0x80)), f"SUBACK code {code:#x}")
    return fields


def _read_unsuback(reader, version, _flags):
    fields = {"id": reader.two()}
    if version == V5:
        fields["props"] = reader.properties(UNSUBACK)
        fields["codes"] = [_reason(UNSUBACK, code)
                           for code in reader.take(len(reader.rest))]
    return fields


def _read_disconnect(reader, version, _flags):
    check(version == V5, "DISCONNECT from a server of 3.x")
    fields = {"code": 0}
    if reader.rest:
        fields["code"] = _reason(DISCONNECT, reader.byte())
    if reader.rest:
        fields["props"] = reader.properties(DISCONNECT)
    return fields


def _read_auth(reader, version, _flags):
    check(version == V5, "AUTH in 3.x")
    fields = {"code": 0}
    if reader.rest:
        fields["code"] = _reason(AUTH, reader.byte())
        fields["props"] = reader.properties(AUTH)
    return fields


_READERS = {
    CONNACK: _read_connack,
    PUBLISH: _read_publish,
    SUBACK: _read_suback,
    UNSUBACK: _read_unsuback,
    PINGRESP: lambda reader, version, flags: {},
    DISCONNECT: _read_disconnect,
    AUTH: _read_auth,
    **{kind: _read_reply(kind) for kind in (PUBACK, PUBREC, PUBREL, PUBCOMP)},
}
