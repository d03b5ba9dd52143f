"""Message Expiry Interval (MQTT 5, 3.3.2.3.3)."""

import unittest

from case import BlackboxTest
from mqtt_wire import PUBREC, PUBREL, V311


class Expiry(BlackboxTest):

    def absent(self, topic, version=5):
        """A client id whose session is subscribed and offline."""
        client_id = self.client_id()
        client = self.connect_persistent(client_id, version)
        client.subscribe(topic, 2)
        client.disconnect()
        return client_id

    @staticmethod
    def expiry(message):
        return message.props.get("message_expiry_interval")

    def test_a_live_delivery(self):
        """The interval is passed on, less the time spent here
        [MQTT-3.3.2-6]."""
        topic = self.topic()
        client = self.subscriber(topic)
        for interval in (1, 100, 0xFFFFFFFF):
            client.publish(topic, "x", props={
                "message_expiry_interval": interval})
            self.assertIn(self.expiry(client.expect_message(topic)),
                          (interval, interval - 1))

    def test_without_an_interval(self):
        """A message without one gets none (3.3.2.3.3)."""
        topic = self.topic()
        client = self.subscriber(topic)
        client.publish(topic, "x")
        self.assertIsNone(self.expiry(client.expect_message(topic)))

    def test_waiting_counts_down(self):
        """A message that waited in a session or as retained has its waiting
        time taken off [MQTT-3.3.2-6]."""
        topic = self.topic()
        client_id = self.absent(topic)
        publisher = self.connect()
        publisher.publish(topic, "x", 1, True, {
            "message_expiry_interval": 100})
        self.let_pass(2.1)
        again = self.connect_persistent(client_id)
        self.assertIn(self.expiry(again.expect_message(topic)), (97, 98))
        late = self.subscriber(topic)
        self.assertIn(self.expiry(late.expect_message(topic, retain=True)),
                      (97, 98))

    def test_what_has_expired_is_not_delivered(self):
        """A message whose interval has passed before its delivery began is
        deleted [MQTT-3.3.2-5]."""
        topic = self.topic()
        client_id = self.absent(topic)
        old = self.absent(topic, V311)
        publisher = self.connect()
        short = {"message_expiry_interval": 1}
        publisher.publish(topic, "short", 1, False, short)
        publisher.publish(topic, "long", 1, False,
                          {"message_expiry_interval": 60})
        publisher.publish(topic, "short too", 2, False, short)
        publisher.publish(topic, "for ever", 1)
        self.let_pass(2.1)
        for client in (self.connect_persistent(client_id),
                       self.connect_persistent(old, V311)):
            for payload in ("long", "for ever"):
                client.acknowledge(client.expect_message(topic, payload))
            client.expect_nothing()

    def test_an_expired_retained_message(self):
        """An expired retained message is sent to no new subscriber
        [MQTT-3.3.2-5]."""
        topic = self.topic()
        self.connect().publish(topic, "x", 1, True,
                               {"message_expiry_interval": 1})
        self.subscriber(topic).expect_message(topic, "x", retain=True)
        self.let_pass(2.1)
        for topic_filter in (topic, topic.replace("/t", "/#")):
            self.assert_not_retained(self.subscriber(topic_filter), topic)

    def test_a_full_window_lets_it_expire(self):
        """A message that waits for the window expires as well
        [MQTT-3.3.2-5]."""
        topic = self.topic()
        client = self.connect(props={"receive_maximum": 1})
        client.subscribe(topic, 1)
        publisher = self.connect()
        publisher.publish(topic, "first", 1)
        publisher.publish(topic, "short", 1, False,
                          {"message_expiry_interval": 1})
        publisher.publish(topic, "last", 1)
        message = client.expect_message(topic, "first")
        self.let_pass(2.1)
        client.acknowledge(message)
        client.acknowledge(client.expect_message(topic, "last"))
        client.expect_nothing()

    def test_what_was_sent_does_not_expire(self):
        """A QoS 2 message that was sent is completed, expired or not
        [MQTT-4.3.3-7]."""
        topic, client_id = self.topic(), self.client_id()
        client = self.connect_persistent(client_id)
        client.subscribe(topic, 2)
        self.connect().publish(topic, "x", 2, False,
                               {"message_expiry_interval": 1})
        message = client.expect_message(topic, "x", qos=2)
        client.close()
        self.let_pass(2.1)
        again = self.connect_persistent(client_id)
        again.expect_message(topic, "x", id=message.id, dup=True)
        again.reply(PUBREC, message.id)
        again.expect(PUBREL, id=message.id)

    def test_the_interval_of_a_retained_replacement(self):
        """A new retained message has its own interval, or none
        [MQTT-3.3.1-5]."""
        topic = self.topic()
        publisher = self.connect()
        publisher.publish(topic, "short", 1, True,
                          {"message_expiry_interval": 1})
        publisher.publish(topic, "kept", 1, True)
        self.let_pass(2.1)
        late = self.subscriber(topic)
        self.assertIsNone(self.expiry(late.expect_message(topic, "kept")))


if __name__ == "__main__":
    unittest.main()
