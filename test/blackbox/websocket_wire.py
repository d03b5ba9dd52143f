"""WebSocket (RFC 6455) as a client writes and reads it.

Building allows every fault; reading allows none, so that each test also checks
the shape of all it receives. `WebSocket` stands in for a socket, so that the
clients of all other tests work over it.
"""

import base64
import hashlib
import os
import socket
import struct
import time
import zlib

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
NORMAL, PROTOCOL_ERROR, UNSUPPORTED, INVALID, TOO_LARGE = (
    1000, 1002, 1003, 1007, 1009)
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TAIL = b"\x00\x00\xff\xff"


def frame(payload=b"", kind=BINARY, last=True, masked=True, reserved=0):
    head = bytes([0x80 * last | reserved | kind])
    mask = 0x80 * masked
    if len(payload) < 126:
        head += bytes([mask | len(payload)])
    elif len(payload) < 1 << 16:
        head += bytes([mask | 126]) + struct.pack(">H", len(payload))
    else:
        head += bytes([mask | 127]) + struct.pack(">Q", len(payload))
    if not masked:
        return head + payload
    key = os.urandom(4)
    mask_bytes = key * (len(payload) // 4 + 1)
    mixed = (int.from_bytes(payload, "big")
             ^ int.from_bytes(mask_bytes[:len(payload)], "big"))
    return head + key + mixed.to_bytes(len(payload), "big")


def message(payload, sizes, between=b""):
    """`payload` in frames of these sizes, over and over; `between` is sent
    behind each frame but the last."""
    parts, place, turn = [], 0, 0
    while place < len(payload) or not parts:
        size = sizes[turn % len(sizes)]
        parts.append(payload[place:place + size])
        place, turn = place + size, turn + 1
    frames = [frame(part, BINARY if number == 0 else CONTINUATION,
                    number == len(parts) - 1)
              for number, part in enumerate(parts)]
    return between.join(frames)


def deflated(payload):
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = packer.compress(payload) + packer.flush(zlib.Z_SYNC_FLUSH)
    return packed[:-len(TAIL)]


def inflated(payload):
    return zlib.decompressobj(-15).decompress(payload + TAIL)


def request(path="/mqtt", method="GET", drop=(), **headers):
    """An upgrade; names in `headers` with _ for -, None leaves one out."""
    lines = {"Host": "localhost", "Upgrade": "websocket",
             "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
             "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
             "Sec-WebSocket-Protocol": "mqtt"}
    lines.update({name.replace("_", "-"): value
                  for name, value in headers.items()})
    text = f"{method} {path} HTTP/1.1\r\n" + "".join(
        f"{name}: {value}\r\n" for name, value in lines.items()
        if value is not None and name not in drop)
    return (text + "\r\n").encode(), lines["Sec-WebSocket-Key"]


class Response:
    """Head of an HTTP answer."""

    def __init__(self, head):
        first, *lines = head.decode("latin-1").split("\r\n")
        self.status = int(first.split(" ")[1])
        self.headers = {}
        for line in lines:
            if line:
                name, value = line.split(": ", 1)
                self.headers[name.lower()] = value


def ask(address, data, patience=5):
    """Sends `data` as it is; the answer to it, the socket, and what came
    behind the answer."""
    plain = socket.create_connection(address, patience)
    plain.sendall(data)
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = plain.recv(65536)
        if not chunk:
            raise AssertionError(f"closed behind {received!r}")
        received += chunk
    head, rest = received.split(b"\r\n\r\n", 1)
    return Response(head), plain, rest


class WebSocket:
    """An open WebSocket. `sizes` are those of the frames it sends in."""

    def __init__(self, address, sizes=(1 << 30,), patience=5, wrap=None,
                 **headers):
        data, key = request(**headers)
        self.plain = None
        if wrap:
            self.plain = wrap(socket.create_connection(address, patience))
            self.answer, _, rest = self._ask_through(data)
        else:
            self.answer, self.plain, rest = ask(address, data, patience)
        if self.answer.status != 101:
            self.plain.close()
            raise AssertionError(f"refused with {self.answer.status}")
        accept = hashlib.sha1((key + GUID).encode()).digest()
        assert (self.answer.headers["sec-websocket-accept"]
                == base64.b64encode(accept).decode())
        self.compressed = "sec-websocket-extensions" in self.answer.headers
        self.sizes = sizes
        self.received = bytearray(rest)
        self.payload = bytearray()
        self.pongs = []
        self.closed_with = None
        self.frames = 0

    def _ask_through(self, data):
        self.plain.sendall(data)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self.plain.recv(65536)
        head, rest = received.split(b"\r\n\r\n", 1)
        return Response(head), self.plain, rest

    # -- as a socket ----------------------------------------------------------

    def settimeout(self, seconds):
        self.plain.settimeout(seconds)

    def setsockopt(self, *option):
        self.plain.setsockopt(*option)

    def shutdown(self, how):
        self.plain.shutdown(how)

    def getsockname(self):
        return self.plain.getsockname()

    def close(self):
        self.plain.close()

    def sendall(self, data):
        if self.compressed:
            return self.plain.sendall(frame(deflated(data), reserved=0x40))
        return self.plain.sendall(message(bytes(data), self.sizes))

    def recv(self, size):
        """Bytes of messages; none behind a close."""
        while not self.payload:
            if self.closed_with is not None or not self._fill():
                return b""
        taken = bytes(self.payload[:size])
        del self.payload[:size]
        return taken

    # -- frames ---------------------------------------------------------------

    def send_raw(self, data):
        self.plain.sendall(data)

    def _fill(self):
        chunk = self.plain.recv(1 << 18)
        self.received += chunk
        while self._take_frame():
            pass
        return bool(chunk)

    def _take_frame(self):
        if len(self.received) < 2:
            return False
        first, short = self.received[0], self.received[1]
        assert short < 0x80, "a server's frame is masked"
        extra = {126: 2, 127: 8}.get(short, 0)
        if len(self.received) < 2 + extra:
            return False
        size = (int.from_bytes(self.received[2:2 + extra], "big") if extra
                else short)
        assert size >= {0: 0, 2: 126, 8: 1 << 16}[extra], "not the shortest"
        if len(self.received) < 2 + extra + size:
            return False
        payload = bytes(self.received[2 + extra:2 + extra + size])
        del self.received[:2 + extra + size]
        self._on_frame(first, payload)
        return True

    def _on_frame(self, first, payload):
        assert self.closed_with is None, "a frame behind a close"
        assert first & 0x80, "a server's message in several frames"
        kind = first & 0x0F
        if kind == BINARY:
            self.frames += 1
            if first & 0x40:
                assert self.compressed, "compressed without agreement"
                payload = inflated(payload)
            self.payload += payload
        elif kind == PONG:
            self.pongs.append(payload)
        elif kind == CLOSE:
            self.closed_with = (int.from_bytes(payload[:2], "big")
                                if payload else 0)
        else:
            raise AssertionError(f"a frame that begins with {first:#x}")

    def await_pong(self, patience=5):
        self._await(lambda: self.pongs, patience)
        return self.pongs.pop(0)

    def await_close(self, patience=5):
        """The code of the server's close; the end of the stream follows."""
        self._await(lambda: self.closed_with is not None, patience)
        deadline = time.monotonic() + patience
        self.plain.settimeout(patience)
        while self.plain.recv(1 << 16):
            assert time.monotonic() < deadline, "not closed behind its close"
        return self.closed_with

    def _await(self, condition, patience):
        deadline = time.monotonic() + patience
        while not condition():
            self.plain.settimeout(max(deadline - time.monotonic(), 0.001))
            if not self._fill() and not condition():
                raise AssertionError("the connection ended")
