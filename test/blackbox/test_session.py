"""Sessions: clean start, session present, their lifetime (MQTT 5, 3.1.2.4,
3.1.2.11.2, 3.2.2.1.1, 4.1; MQTT 3.1.1, 3.1.2.4)."""

import unittest

import mqtt_wire as wire
from case import BlackboxTest, each_version
from mqtt_wire import CONNACK, V31, V311, V5


class Session(BlackboxTest):

    @each_version()
    def test_a_session_is_found_again(self, version):
        """Without clean start an existing session is resumed, and CONNACK
        says so [MQTT-3.1.2-5] [MQTT-3.2.2-3]."""
        client_id = self.client_id()
        first = self.connect_persistent(client_id, version)
        self.assertFalse(first.connack.session_present)
        topic = self.topic()
        first.subscribe(topic, 1)
        first.disconnect()
        again = self.connect_persistent(client_id, version)
        # 3.1 has a reserved byte where Session Present is.
        self.assertEqual(again.connack.session_present, version != V31)
        self.connect().publish(topic, "still subscribed", 1)
        again.expect_message(topic, "still subscribed")

    @each_version()
    def test_a_clean_start_discards_it(self, version):
        """A clean start ends the existing session with its subscriptions and
        messages [MQTT-3.1.2-4] [MQTT-3.2.2-2]."""
        client_id, topic = self.client_id(), self.topic()
        first = self.connect_persistent(client_id, version)
        first.subscribe(topic, 1)
        first.disconnect()
        publisher = self.connect()
        publisher.publish(topic, "offline", 1)
        clean = self.connect(client_id, version)
        self.assertFalse(clean.connack.session_present)
        clean.subscribe(topic + "/marker", 1)
        publisher.publish(topic, "live", 1)
        publisher.publish(topic + "/marker", "marker", 1)
        clean.expect_message(topic + "/marker", "marker")

    @each_version(V31, V311)
    def test_a_clean_session_leaves_nothing(self, version):
        """In 3.x a session begun with Clean Session ends with its connection
        [3.1.1 MQTT-3.1.2-6]."""
        client_id, topic = self.client_id(), self.topic()
        client = self.connect(client_id, version)
        client.subscribe(topic, 1)
        client.disconnect()
        again = self.connect_persistent(client_id, version)
        self.assertFalse(again.connack.session_present)
        again.subscribe(self.topic("marker"), 1)
        publisher = self.connect()
        publisher.publish(topic, "gone", 1)
        publisher.publish(self.topic("marker"), "marker", 1)
        again.expect_message(self.topic("marker"), "marker")

    def test_without_an_expiry_interval_it_ends_at_once(self):
        """Session Expiry Interval absent or 0 ends the session with the
        connection [MQTT-4.1.0-2]."""
        for props in (None, {"session_expiry_interval": 0}):
            with self.subTest(props):
                client_id = self.client_id()
                client = self.connect(client_id, clean=False, props=props)
                client.subscribe(self.topic(), 1)
                client.disconnect()
                again = self.connect(client_id, clean=False)
                self.assertFalse(again.connack.session_present)

    def test_a_lost_connection_keeps_it_too(self):
        """The session is stored however the connection ends
        [MQTT-3.1.2-23]."""
        client_id = self.client_id()
        client = self.connect_persistent(client_id)
        client.subscribe(self.topic(), 1)
        client.close()
        again = self.connect_persistent(client_id)
        self.assertTrue(again.connack.session_present)

    def test_clean_start_with_an_expiry_interval_begins_one(self):
        """Clean Start says nothing of the end: the new session is kept
        (3.1.2.11.2)."""
        client_id = self.client_id()
        props = {"session_expiry_interval": 60}
        self.connect(client_id, props=props).disconnect()
        again = self.connect(client_id, clean=False, props=props)
        self.assertTrue(again.connack.session_present)

    def test_no_session_present_with_refusal(self):
        """A refused CONNECT has no session present [MQTT-3.2.2-6]."""
        client_id = self.client_id()
        self.connect_persistent(client_id).disconnect()
        client = self.client()
        client.request_connect(client_id, clean=False, props={
            "authentication_method": "no such method"})
        connack = client.expect(CONNACK)
        self.assertGreaterEqual(connack.code, 0x80)
        self.assertFalse(connack.session_present)
        client.expect_closed()

    @each_version()
    def test_messages_wait_in_the_session(self, version):
        """QoS 1 and 2 messages for an absent client wait in its session and
        come in order [3.1.1 MQTT-3.1.2-5] [MQTT-4.5.0-1]."""
        client_id, topic = self.client_id(), self.topic()
        client = self.connect_persistent(client_id, version)
        client.subscribe(topic, 2)
        client.disconnect()
        publisher = self.connect()
        for number in range(10):
            publisher.publish(topic, f"m{number}", 1 + number % 2)
        again = self.connect_persistent(client_id, version)
        for number in range(10):
            message = again.expect_message(topic, f"m{number}",
                                           qos=1 + number % 2, dup=False)
            again.acknowledge(message)

    def test_the_version_may_change(self):
        """A session belongs to the client identifier, not to a protocol
        version [MQTT-3.1.3-2]."""
        client_id, topic = self.client_id(), self.topic()
        client = self.connect_persistent(client_id, V311)
        client.subscribe(topic, 1)
        client.disconnect()
        self.connect().publish(topic, "x", 1)
        again = self.connect_persistent(client_id, V5)
        self.assertTrue(again.connack.session_present)
        again.acknowledge(again.expect_message(topic, "x", qos=1))


class ExpiryAtDisconnect(BlackboxTest):

    def test_disconnect_may_shorten_it(self):
        """A Session Expiry Interval of 0 in DISCONNECT ends the session now
        (3.14.2.2.2) [MQTT-4.1.0-2]."""
        client_id = self.client_id()
        client = self.connect_persistent(client_id)
        client.disconnect(0, {"session_expiry_interval": 0})
        again = self.connect(client_id, clean=False)
        self.assertFalse(again.connack.session_present)

    def test_disconnect_may_lengthen_it(self):
        """A greater one in DISCONNECT replaces that of CONNECT
        (3.14.2.2.2)."""
        client_id = self.client_id()
        client = self.connect_persistent(client_id, expiry=1)
        client.disconnect(0, {"session_expiry_interval": 300})
        # A will that is due when the first interval would have passed.
        will_topic = self.topic("will")
        clock = self.subscriber(will_topic)
        self.connect(props={"session_expiry_interval": 60}, will={
            "topic": will_topic, "props": {"will_delay_interval": 2}}).close()
        clock.expect_message(will_topic)
        again = self.connect(client_id, clean=False)
        self.assertTrue(again.connack.session_present)

    def test_zero_cannot_become_more(self):
        """An interval in DISCONNECT after 0 in CONNECT is a protocol error
        (3.14.2.2.2)."""
        client = self.connect()
        client.send(wire.disconnect(0, {"session_expiry_interval": 5}))
        client.expect_disconnect(0x82)

    def test_zero_may_stay_zero(self):
        """0 after 0 is no error (3.14.2.2.2)."""
        client = self.connect()
        client.send(wire.disconnect(0, {"session_expiry_interval": 0}))
        client.expect_closed()


class ExpiryOverTime(BlackboxTest):

    def test_it_ends_when_the_interval_has_passed(self):
        """The session and its subscriptions end when the interval has passed
        since the close [MQTT-4.1.0-2]. Its will marks that moment."""
        client_id, topic = self.client_id(), self.topic()
        witness = self.subscriber(self.topic("will"))
        client = self.connect_persistent(client_id, expiry=1, will={
            "topic": self.topic("will"), "payload": "ended",
            "props": {"will_delay_interval": 100}})
        client.subscribe(topic, 1)
        client.close()
        witness.expect_message(self.topic("will"), "ended")
        again = self.connect(client_id, clean=False)
        self.assertFalse(again.connack.session_present)

    def test_the_interval_counts_from_the_close(self):
        """Time spent connected does not count (3.1.2.11.2)."""
        client_id = self.client_id()
        client = self.connect_persistent(client_id, expiry=1)
        self.let_pass(1.5)
        client.ping()
        client.close()
        again = self.connect_persistent(client_id, expiry=1)
        self.assertTrue(again.connack.session_present)

    def test_reconnecting_stops_the_clock(self):
        """A session in use does not expire, whatever was set before
        [MQTT-4.1.0-1]."""
        client_id, topic = self.client_id(), self.topic()
        client = self.connect_persistent(client_id, expiry=1)
        client.subscribe(topic, 1)
        client.close()
        again = self.connect_persistent(client_id, expiry=1)
        self.let_pass(1.5)
        self.connect().publish(topic, "here", 1)
        again.expect_message(topic, "here")


class ExpiryLimits(BlackboxTest):

    settings = {"persistent_client_expiration": "1s"}

    def test_3_x_sessions_end_by_configuration(self):
        """`persistent_client_expiration` bounds the life of 3.x sessions
        without Clean Session."""
        client_id = self.client_id()
        self.connect_persistent(client_id, V311).disconnect()
        self.let_pass(2.5)
        again = self.connect_persistent(client_id, V311)
        self.assertFalse(again.connack.session_present)
        again.disconnect()
        third = self.connect_persistent(client_id, V311)
        self.assertTrue(third.connack.session_present)


class ExpiryMaximum(BlackboxTest):

    settings = {"max_session_expiry": "10s"}

    def test_the_server_may_grant_less(self):
        """A server that uses another Session Expiry Interval than asked for
        says so in CONNACK (3.2.2.3.2)."""
        for asked in (11, 0xFFFFFFFF):
            client = self.connect_persistent(self.client_id(), expiry=asked)
            self.assertEqual(
                client.connack.props.get("session_expiry_interval"), 10)
        client = self.connect_persistent(self.client_id(), expiry=9)
        self.assertIn(client.connack.props.get("session_expiry_interval"),
                      (None, 9))


if __name__ == "__main__":
    unittest.main()
