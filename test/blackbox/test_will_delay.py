"""Will Delay Interval (MQTT 5, 3.1.3.2.2)."""

import time
import unittest

from case import BlackboxTest


class WillDelay(BlackboxTest):

    def doomed(self, delay, expiry, topic, client_id=None, payload="gone"):
        return self.connect_persistent(
            client_id or self.client_id(), expiry=expiry, will={
                "topic": topic, "payload": payload, "qos": 1,
                "props": {"will_delay_interval": delay}})

    def test_it_is_published_after_the_delay(self):
        """The will is published when the delay has passed since the close,
        not earlier [MQTT-3.1.2-8]."""
        topic = self.topic("will")
        witness = self.subscriber(topic)
        client = self.doomed(1, 300, topic)
        client.close()
        start = time.monotonic()
        witness.expect_message(topic, "gone")
        self.assert_elapsed(start, 0.9, 3)

    def test_the_session_s_end_comes_first(self):
        """A session that ends before the delay publishes the will
        [MQTT-3.1.2-8]."""
        topic = self.topic("will")
        witness = self.subscriber(topic)
        client = self.doomed(100, 1, topic)
        client.close()
        start = time.monotonic()
        witness.expect_message(topic, "gone")
        self.assert_elapsed(start, 0.9, 3)

    def test_a_session_that_ends_at_once(self):
        """Without a session to come back to there is no delay
        [MQTT-3.1.2-8]."""
        topic = self.topic("will")
        witness = self.subscriber(topic)
        self.doomed(100, 0, topic).close()
        witness.expect_message(topic, "gone")

    def test_coming_back_in_time_cancels_it(self):
        """A new connection to the session within the delay cancels the will
        [MQTT-3.1.3-9]."""
        topic, client_id = self.topic("will"), self.client_id()
        witness = self.subscriber(topic)
        self.doomed(1, 300, topic, client_id).close()
        again = self.connect_persistent(client_id)
        self.let_pass(1.6)
        again.publish(topic, "marker")
        witness.expect_message(topic, "marker")

    def test_coming_back_too_late(self):
        """A session resumed after its will changes nothing about it; the will
        is published once [MQTT-3.1.2-10]."""
        topic, client_id = self.topic("will"), self.client_id()
        witness = self.subscriber(topic)
        self.doomed(1, 300, topic, client_id).close()
        witness.expect_message(topic, "gone")
        again = self.connect_persistent(client_id)
        again.disconnect()
        self.connect().publish(topic, "marker")
        witness.expect_message(topic, "marker")

    def test_the_new_connection_s_will_replaces_it(self):
        """Each connection has its own will: the second one's is published,
        the first one's is not [MQTT-3.1.3-9]."""
        topic, client_id = self.topic("will"), self.client_id()
        witness = self.subscriber(topic)
        self.doomed(1, 300, topic, client_id, "first").close()
        self.doomed(1, 300, topic, client_id, "second").close()
        witness.expect_message(topic, "second")
        self.connect().publish(topic, "marker")
        witness.expect_message(topic, "marker")

    def test_a_clean_start_publishes_it(self):
        """A clean start ends the session that the will waits for
        [MQTT-3.1.2-8]."""
        topic, client_id = self.topic("will"), self.client_id()
        witness = self.subscriber(topic)
        self.doomed(100, 300, topic, client_id).close()
        self.connect(client_id)
        witness.expect_message(topic, "gone")

    def test_disconnect_with_will_message_waits_too(self):
        """DISCONNECT 0x04 publishes the will after its delay
        [MQTT-3.1.2-8]."""
        topic = self.topic("will")
        witness = self.subscriber(topic)
        client = self.doomed(1, 300, topic)
        start = time.monotonic()
        client.disconnect(0x04)
        witness.expect_message(topic, "gone")
        self.assert_elapsed(start, 0.9, 3)

    def test_a_normal_disconnect_has_none(self):
        """DISCONNECT 0x00 discards a will with a delay as well
        [MQTT-3.14.4-3]."""
        topic = self.topic("will")
        witness = self.subscriber(topic)
        self.doomed(1, 300, topic).disconnect()
        self.let_pass(1.6)
        self.connect().publish(topic, "marker")
        witness.expect_message(topic, "marker")

    def test_ending_the_session_by_disconnect(self):
        """DISCONNECT 0x04 with a session expiry of 0 ends the session and
        publishes the will now [MQTT-3.1.2-8] (3.14.2.2.2)."""
        topic = self.topic("will")
        witness = self.subscriber(topic)
        client = self.doomed(100, 300, topic)
        client.disconnect(0x04, {"session_expiry_interval": 0})
        witness.expect_message(topic, "gone")


class CappedDelay(BlackboxTest):

    settings = {"max_last_will_delay": "1s"}

    def test_the_server_may_cap_the_delay(self):
        """`max_last_will_delay` bounds what clients ask for."""
        topic = self.topic("will")
        witness = self.subscriber(topic)
        self.connect_persistent(self.client_id(), will={
            "topic": topic, "payload": "gone",
            "props": {"will_delay_interval": 100}}).close()
        start = time.monotonic()
        witness.expect_message(topic, "gone")
        self.assert_elapsed(start, 0.9, 3)


if __name__ == "__main__":
    unittest.main()
