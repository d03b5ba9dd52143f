"""Enhanced authentication (MQTT 5, 4.12) with the built-in test method, which
sends the challenge "challenge", wants it back reversed, and says "welcome".
"""

import unittest

import mqtt_wire as wire
from case import BlackboxTest
from mqtt_wire import AUTH, CONNACK

METHOD = "HETZEL-TEST"
ANSWER = b"egnellahc"


class Enhanced(BlackboxTest):

    settings = {"enhanced_auth_test_method": "on"}

    def begin(self, client_id=None, **options):
        """A client that has been challenged."""
        client = self.client()
        props = {"authentication_method": METHOD, **options.pop("props", {})}
        client.request_connect(client_id or self.client_id(), props=props,
                               **options)
        self.expect_challenge(client)
        return client

    def expect_challenge(self, client):
        packet = client.expect(AUTH, code=0x18)
        self.assertEqual(packet.props.get("authentication_method"), METHOD)
        self.assertEqual(packet.props.get("authentication_data"), b"challenge")

    def authenticated(self, client_id=None, **options):
        client = self.begin(client_id, **options)
        client.authenticate(METHOD, ANSWER)
        client.connack = client.expect(CONNACK, code=0)
        return client

    def test_the_whole_exchange(self):
        """CONNECT, AUTH 0x18 both ways, CONNACK with method and data
        [MQTT-4.12.0-2] [MQTT-4.12.0-3] [MQTT-4.12.0-5]."""
        client = self.authenticated()
        props = client.connack.props
        self.assertEqual(props.get("authentication_method"), METHOD)
        self.assertEqual(props.get("authentication_data"), b"welcome")
        client.ping()

    def test_a_wrong_answer(self):
        """A wrong answer is refused with 0x87 and closed [MQTT-4.12.0-4]."""
        for answer in (b"wrong", b"", None):
            client = self.begin()
            client.authenticate(METHOD, answer)
            client.expect(CONNACK, code=0x87)
            client.expect_closed()

    def test_an_unknown_method(self):
        """A method that the server does not have is refused with 0x8C
        [MQTT-4.12.0-1]."""
        for method in ("SCRAM-SHA-1", "hetzel-test", ""):
            client = self.client()
            client.request_connect(self.client_id(), props={
                "authentication_method": method})
            client.expect(CONNACK, code=0x8C)
            client.expect_closed()

    def test_another_method_in_auth(self):
        """All AUTH packets name the method of CONNECT [MQTT-4.12.0-5]."""
        client = self.begin()
        client.authenticate("OTHER", ANSWER)
        codes = [packet.code for packet in client.packets_until_closed()]
        self.assertIn(codes, ([], [0x82], [0x8C]))

    def test_auth_without_a_method(self):
        """The method must be in every AUTH (3.15.2.2.2)."""
        client = self.begin()
        client.send(wire.auth(0x18, None, ANSWER))
        codes = [packet.code for packet in client.packets_until_closed()]
        self.assertIn(codes, ([], [0x81], [0x82], [0x8C]))

    def test_a_wrong_code_in_auth(self):
        """A client answers with 0x18 and nothing else [MQTT-4.12.0-3]
        [MQTT-3.15.2-1]."""
        for code in (0x00, 0x19, 0x80):
            with self.subTest(hex(code)):
                client = self.begin()
                client.authenticate(METHOD, ANSWER, code)
                codes = [packet.code
                         for packet in client.packets_until_closed()]
                self.assertIn(codes, ([], [0x81], [0x82]))

    def test_other_packets_before_connack(self):
        """Before CONNACK only AUTH and DISCONNECT may come
        [MQTT-3.1.2-30]; the server sends no DISCONNECT yet
        [MQTT-3.14.0-1]."""
        topic = self.topic()
        watcher = self.subscriber(topic)
        for packet in (wire.publish(topic, "no"), wire.pingreq(),
                       wire.subscribe(1, [(topic, 0)]), wire.connect("x")):
            client = self.begin()
            client.send(packet)
            codes = [(packet.kind, packet.code)
                     for packet in client.packets_until_closed()]
            self.assertIn(codes, ([], [(CONNACK, 0x82)]))
        self.connect().publish(topic, "marker")
        watcher.expect_message(topic, "marker")

    def test_disconnect_before_connack(self):
        """A client may give up with DISCONNECT (4.12)."""
        client = self.begin()
        client.send(wire.disconnect())
        client.expect_closed()

    def test_nothing_happens_before_success(self):
        """The session is taken over, and the will exists, only when the
        client is authenticated (4.12)."""
        client_id, topic = self.client_id(), self.topic("will")
        witness = self.subscriber(topic)
        first = self.authenticated(client_id)
        failed = self.begin(client_id, will={"topic": topic, "payload": "no"})
        failed.authenticate(METHOD, b"wrong")
        failed.expect(CONNACK, code=0x87)
        failed.expect_closed()
        first.ping()
        first.publish(topic, "marker")
        witness.expect_message(topic, "marker")

    def test_the_session_is_resumed(self):
        """Enhanced authentication is no matter of the session
        [MQTT-3.2.2-3]."""
        client_id = self.client_id()
        props = {"session_expiry_interval": 60}
        self.authenticated(client_id, clean=False, props=props).disconnect()
        again = self.authenticated(client_id, clean=False, props=props)
        self.assertTrue(again.connack.session_present)

    def test_re_authentication(self):
        """AUTH 0x19 begins another exchange at any time; traffic goes on
        meanwhile [MQTT-4.12.1-1]."""
        topic = self.topic()
        client = self.authenticated()
        client.subscribe(topic)
        for _ in range(2):
            client.authenticate(METHOD, None, 0x19)
            self.expect_challenge(client)
            client.publish(topic, "meanwhile", 1)
            client.expect_message(topic, "meanwhile")
            client.authenticate(METHOD, ANSWER)
            packet = client.expect(AUTH, code=0x00)
            self.assertEqual(packet.props.get("authentication_method"), METHOD)
            self.assertEqual(packet.props.get("authentication_data"),
                             b"welcome")
        client.ping()

    def test_re_authentication_that_fails(self):
        """A failed one ends the connection with 0x87 [MQTT-4.12.1-2]."""
        client = self.authenticated()
        client.authenticate(METHOD, None, 0x19)
        self.expect_challenge(client)
        client.authenticate(METHOD, b"wrong")
        client.expect_disconnect(0x87)

    def test_re_authentication_by_another_method(self):
        """The method cannot be changed [MQTT-4.12.1-1]."""
        client = self.authenticated()
        client.authenticate("OTHER", None, 0x19)
        client.expect_disconnect(0x82, 0x8C)

    def test_continuing_what_was_not_begun(self):
        """AUTH 0x18 outside an exchange is a protocol error (4.12.1)."""
        client = self.authenticated()
        client.authenticate(METHOD, ANSWER, 0x18)
        client.expect_disconnect(0x82)

    def test_auth_without_enhanced_authentication(self):
        """A client that named no method in CONNECT may not send AUTH, and gets
        no method in CONNACK [MQTT-4.12.0-6] [MQTT-4.12.0-7]."""
        client = self.connect()
        self.assertIsNone(
            client.connack.props.get("authentication_method"))
        client.authenticate(METHOD, None, 0x19)
        client.expect_disconnect(0x82)

    def test_reserved_flags_of_auth(self):
        """Its flags must be 0 [MQTT-3.15.1-1]."""
        client = self.authenticated()
        client.send(wire.auth(0x19, METHOD, flags=1))
        client.expect_disconnect(0x81)

    def test_auth_is_for_5_alone(self):
        """3.1.1 has no packet type 15 [3.1.1 MQTT-4.8.0-1]."""
        client = self.connect(version=wire.V311)
        client.send(wire.auth(0x19, METHOD))
        client.expect_closed()


class SwitchedOff(BlackboxTest):

    def test_there_is_no_method_by_default(self):
        """Without configuration no method exists: 0x8C [MQTT-4.12.0-1]."""
        client = self.client()
        client.request_connect(self.client_id(), props={
            "authentication_method": METHOD})
        client.expect(CONNACK, code=0x8C)
        client.expect_closed()


class Credentials(BlackboxTest):

    settings = {"allow_anonymous": "off"}

    def test_nobody_is_admitted_unasked(self):
        """With `allow_anonymous` off and nobody to ask, a CONNECT is refused:
        5 in 3.x, 0x86 or 0x87 in 5.0 [MQTT-3.1.4-2]."""
        for version in wire.VERSIONS:
            for user in (None, "somebody"):
                with self.subTest(version=version, user=user):
                    client = self.client(version)
                    client.request_connect(self.client_id(), user=user,
                                           password=user)
                    code = client.expect(CONNACK).code
                    self.assertIn(code, (0x86, 0x87)
                                  if version == wire.V5 else (4, 5))
                    client.expect_closed()


if __name__ == "__main__":
    unittest.main()
