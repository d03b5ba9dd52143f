"""Client identifiers (MQTT 5, 3.1.3.1; MQTT 3.1.1, 3.1.3.1)."""

import string
import unittest

from case import BlackboxTest, each_version
from mqtt_wire import CONNACK, V31, V311, V5


class ClientId(BlackboxTest):

    def answer(self, client_id, version, **options):
        client = self.client(version)
        client.request_connect(client_id, **options)
        connack = client.expect(CONNACK)
        if connack.code:
            client.expect_closed()
        return client, connack

    @each_version()
    def test_the_characters_everybody_must_allow(self, version):
        """1 to 23 bytes of letters and digits are always allowed
        [MQTT-3.1.3-5]."""
        letters = string.digits + string.ascii_letters
        for client_id in ("0", letters[:23], letters[23:46], letters[39:]):
            _, connack = self.answer(client_id, version)
            self.assertEqual(connack.code, 0)

    @each_version()
    def test_any_utf_8_up_to_the_limit(self, version):
        """Longer identifiers of any UTF-8 are allowed up to the configured
        100 bytes (3.1.3.1)."""
        for client_id in ("é" * 50, "a/b+#c d", "x" * 100):
            _, connack = self.answer(client_id, version)
            self.assertEqual(connack.code, 0)

    @each_version()
    def test_longer_than_the_limit(self, version):
        """A longer one is refused: 2 in 3.x, 0x85 in 5.0, and closed
        [MQTT-3.1.3-8]."""
        _, connack = self.answer("x" * 101, version)
        self.assertEqual(connack.code, 0x85 if version == V5 else 2)

    def test_zero_length_in_5(self):
        """A zero-length identifier is replaced by a unique one, which CONNACK
        tells [MQTT-3.1.3-6] [MQTT-3.1.3-7] [MQTT-3.2.2-16]."""
        for clean in (True, False):
            with self.subTest(clean=clean):
                first, one = self.answer("", V5, clean=clean)
                second, two = self.answer("", V5, clean=clean)
                names = {connack.props.get("assigned_client_identifier")
                         for connack in (one, two)}
                self.assertEqual(len(names - {None, ""}), 2)
                first.ping()
                second.ping()

    def test_an_assigned_identifier_is_the_client_s_own(self):
        """The server takes CONNECT as if the client had sent the identifier
        it was given: the session is found under it [MQTT-3.1.3-7]."""
        props = {"session_expiry_interval": 60}
        first, connack = self.answer("", V5, clean=False, props=props)
        assigned = connack.props.get("assigned_client_identifier")
        first.subscribe(self.topic(), 1)
        first.disconnect()
        again = self.connect(assigned, clean=False)
        self.assertTrue(again.connack.session_present)
        self.assertIsNone(
            again.connack.props.get("assigned_client_identifier"))

    def test_zero_length_in_3_1_1_with_clean_session(self):
        """3.1.1 gives a unique identifier to a client with Clean Session
        [3.1.1 MQTT-3.1.3-6] [3.1.1 MQTT-3.1.3-7]."""
        clients = [self.answer("", V311)[0] for _ in range(3)]
        for client in clients:
            client.ping()

    def test_zero_length_in_3_1_1_without_clean_session(self):
        """Without Clean Session it is refused with 2 and closed
        [3.1.1 MQTT-3.1.3-8]."""
        _, connack = self.answer("", V311, clean=False)
        self.assertEqual(connack.code, 2)

    def test_zero_length_in_3_1(self):
        """3.1 wants at least one character: refused with 2 (3.1, 3.1)."""
        for clean in (True, False):
            _, connack = self.answer("", V31, clean=clean)
            self.assertEqual(connack.code, 2)

    @each_version()
    def test_ill_formed_utf_8(self, version):
        """The identifier must be UTF-8 without NUL [MQTT-3.1.3-4]
        [MQTT-1.5.4-1] [MQTT-1.5.4-2]."""
        for client_id in (b"a\xff", b"\xc0\x80", b"a\0b", b"\xed\xa0\x80"):
            with self.subTest(client_id):
                client = self.client(version)
                client.request_connect(client_id)
                codes = [packet.code
                         for packet in client.packets_until_closed()]
                self.assertIn(codes, ([], [2], [0x81], [0x85]))

    def test_identifiers_are_not_normalised(self):
        """Identifiers that differ in one byte are different clients
        [MQTT-3.1.3-2]."""
        clients = [self.connect(self.prefix + name)
                   for name in ("a", "A", "a ", "é", "e\u0301", "\ufeffa")]
        for client in clients:
            client.ping()


class ShortLimit(BlackboxTest):

    settings = {"max_client_id_size": "5"}

    def test_the_limit_is_configured_in_bytes(self):
        """`max_client_id_size` counts bytes [MQTT-3.1.3-8]."""
        client = self.client()
        client.request_connect("ééa")
        client.expect(CONNACK, code=0)
        client = self.client()
        client.request_connect("ééab")
        client.expect(CONNACK, code=0x85)
        client.expect_closed()


if __name__ == "__main__":
    unittest.main()
