"""Wills of sessions that outlive their connection, when the process does not:
they are published by the next one, at their time, once."""

import signal
import time
import unittest

from case import BlackboxTest, each_version
from mqtt_wire import V311, V5


class StoredWill(BlackboxTest):

    settings = None

    def setUp(self):
        super().setUp()
        self.broker = self.run_broker()

    def mourner(self, topic):
        """A subscriber that is away, so that the node has to remember."""
        client_id = self.client_id("mourner")
        client = self.connect_persistent(client_id)
        client.subscribe(topic, 1)
        client.disconnect()
        return client_id

    def doomed(self, topic, delay=0, client_id=None, version=V5, **will):
        if version == V5:
            will["props"] = {"will_delay_interval": delay}
        return self.connect_persistent(
            client_id or self.client_id("doomed"), version,
            will={"topic": topic, "payload": "gone", "qos": 1, **will})

    def heard(self, mourner, topic):
        """What that client gets, up to a message that is sent now. But what
        comes again because the process died before it had noted the PUBACK
        [MQTT-4.4.0-1]."""
        client = self.connect_persistent(mourner)
        self.connect().publish(topic, "marker", 1)
        messages = client.messages_until(b"marker")
        client.disconnect()
        return [message.payload for message in messages if not message.dup]

    def await_will(self, mourner, topic):
        client = self.connect_persistent(mourner)
        client.acknowledge(client.expect_message(topic, "gone", qos=1))
        client.disconnect()

    @each_version(V311, V5)
    def test_the_process_dies_with_an_open_connection(self, version):
        """The connection broke: the will is published by the next life, and by
        none after that [MQTT-3.1.2-8] [MQTT-3.1.2-10]."""
        topic = self.topic("will")
        mourner = self.mourner(topic)
        self.doomed(topic, version=version)
        self.broker.restart()
        self.await_will(mourner, topic)
        for _ in range(2):
            self.broker.restart()
            self.assertEqual(self.heard(mourner, topic), [])

    def test_a_delay_goes_on(self):
        """The will of a connection that is gone is published at its time,
        counted from the close, however often the process dies
        (3.1.3.2.2)."""
        topic = self.topic("will")
        mourner = self.mourner(topic)
        client = self.doomed(topic, 3)
        start = time.monotonic()
        client.close()
        self.let_pass(0.5) # so that the node has seen it
        for _ in range(2):
            self.broker.restart()
            witness = self.connect_persistent(mourner)
        witness.acknowledge(witness.expect_message(topic, "gone"))
        self.assert_elapsed(start, 2.9, 10)
        witness.disconnect()
        self.broker.restart()
        self.assertEqual(self.heard(mourner, topic), [])

    def test_a_time_that_passed_without_a_process(self):
        """It is published as soon as there is one again."""
        topic = self.topic("will")
        mourner = self.mourner(topic)
        self.doomed(topic, 4).close()
        self.broker.restart(signal.SIGTERM, lambda: self.let_pass(4.1))
        start = time.monotonic()
        self.await_will(mourner, topic)
        self.assert_elapsed(start, 0, 3)

    def test_the_session_ended_without_a_process(self):
        """The end of the session publishes it, though nobody saw that end
        [MQTT-3.1.2-8]."""
        topic = self.topic("will")
        mourner = self.mourner(topic)
        self.connect_persistent(self.client_id(), expiry=1, will={
            "topic": topic, "payload": "gone", "qos": 1,
            "props": {"will_delay_interval": 100}}).close()
        self.broker.restart(signal.SIGTERM, lambda: self.let_pass(1.1))
        self.await_will(mourner, topic)

    def test_coming_back_in_time(self):
        """A client that connects to the next life before its will is due
        cancels it [MQTT-3.1.3-9]."""
        for how in ("open", "closed"):
            with self.subTest(how):
                topic, client_id = self.topic(how), self.client_id()
                mourner = self.mourner(topic)
                client = self.doomed(topic, 4, client_id)
                if how == "closed":
                    client.close()
                self.broker.restart()
                again = self.connect_persistent(client_id)
                self.assertTrue(again.connack.session_present)
                self.let_pass(4.2)
                self.assertEqual(self.heard(mourner, topic), [])
                self.broker.restart()
                self.assertEqual(self.heard(mourner, topic), [])

    def test_a_normal_disconnect(self):
        """What DISCONNECT discarded does not come back [MQTT-3.14.4-3]."""
        topic, client_id = self.topic("will"), self.client_id()
        mourner = self.mourner(topic)
        self.doomed(topic, 0, client_id).disconnect()
        # Behind what the node wrote of the DISCONNECT.
        self.connect_persistent(client_id).disconnect()
        self.broker.restart()
        self.assertEqual(self.heard(mourner, topic), [])

    def test_an_orderly_end(self):
        """A node that is told to stop publishes wills without delay, once, and
        leaves the others to its next life."""
        topic, later = self.topic("will"), self.topic("later")
        mourner, patient = self.mourner(topic), self.mourner(later)
        self.doomed(topic)
        self.doomed(later, 4)
        self.broker.restart(signal.SIGTERM)
        self.assertEqual(self.heard(mourner, topic), [b"gone"])
        self.assertEqual(self.heard(patient, later), [])
        self.await_will(patient, later)

    def test_a_retained_will(self):
        """The next life's subscribers find it [MQTT-3.3.1-5]."""
        topic, client_id = self.topic("will"), self.client_id()
        self.doomed(topic, client_id=client_id, retain=True)
        self.broker.restart()
        witness = self.connect()
        witness.subscribe(topic, 1)
        witness.expect_message(topic, "gone")
        self.connect_persistent(client_id) # the node has no will of it any more
        self.broker.restart()
        witness = self.connect()
        witness.subscribe(topic, 1)
        witness.expect_message(topic, "gone", retain=True)

    def test_a_clean_session(self):
        """A session that ends with its connection takes its will along."""
        topic = self.topic("will")
        mourner = self.mourner(topic)
        self.connect(will={"topic": topic, "payload": "gone", "qos": 1})
        self.broker.restart()
        self.assertEqual(self.heard(mourner, topic), [])

    def test_what_travels_with_it(self):
        """Properties, expiry and flags are those of CONNECT."""
        topic = self.topic("will")
        mourner = self.mourner(topic)
        self.connect_persistent(self.client_id(), will={
            "topic": topic, "payload": "gone", "qos": 1, "props": [
                ("content_type", "text/plain"),
                ("user_property", ("a", "b")),
                ("message_expiry_interval", 1000)]})
        self.broker.restart()
        client = self.connect_persistent(mourner)
        message = client.expect_message(topic, "gone", qos=1)
        self.assertEqual(message.props.get("content_type"), "text/plain")
        self.assertEqual(message.props.get("user_property"), ("a", "b"))
        self.assertIn(message.props.get("message_expiry_interval"),
                      range(990, 1001))


if __name__ == "__main__":
    unittest.main()
