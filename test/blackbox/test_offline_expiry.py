"""Messages that expire while their queue is on disk and nobody loads it."""

import unittest

from case import BlackboxTest
from wire_client import payloads


class OfflineExpiry(BlackboxTest):

    settings = None

    def setUp(self):
        super().setUp()
        self.broker = self.run_broker(max_offline_messages="3")

    def absent(self, topic, qos=1):
        client_id = self.client_id()
        client = self.connect_persistent(client_id)
        client.subscribe(topic, qos)
        client.disconnect()
        return client_id

    def publish(self, topic, words, expiry=None, qos=1):
        props = expiry and {"message_expiry_interval": expiry}
        publisher = self.connect()
        for word in words.split():
            publisher.publish(topic, word, qos, False, props)

    def fetch(self, client_id):
        client = self.connect_persistent(client_id)
        messages = client.packets_until_pong()
        for message in messages:
            client.acknowledge(message)
        client.disconnect()
        return b" ".join(payloads(messages)).decode()

    def test_it_makes_room(self):
        """A queue that was full of what has expired takes messages again,
        though its client never came."""
        topic = self.topic()
        client_id = self.absent(topic)
        self.publish(topic, "a b", 1)
        self.publish(topic, "c dropped")
        self.let_pass(3.5)
        self.publish(topic, "d e dropped")
        self.assertEqual(self.fetch(client_id), "c d e")

    def test_over_the_death_of_the_process(self):
        """The deadline is kept, and what passed without a process is found
        [MQTT-3.3.2-5]."""
        topic = self.topic()
        client_id = self.absent(topic, 2)
        self.publish(topic, "a b", 1, 2)
        self.publish(topic, "c", 1000, 2)
        self.broker.restart(while_down=lambda: self.let_pass(1.2))
        self.broker.await_reading("queue_message_expired", 2, 5)
        self.publish(topic, "d e dropped", None, 2)
        self.assertEqual(self.fetch(client_id), "c d e")

    def test_what_is_in_flight_stays(self):
        """A message that was sent does not expire, in the next life neither
        as far as its client keeps it [MQTT-4.3.3-7]."""
        topic, client_id = self.topic(), self.client_id()
        client = self.connect_persistent(client_id)
        client.subscribe(topic, 1)
        self.publish(topic, "a", 1)
        message = client.expect_message(topic, "a")
        client.close()
        self.let_pass(3.5)
        client = self.connect_persistent(client_id)
        client.expect_message(topic, "a", id=message.id, dup=True)


if __name__ == "__main__":
    unittest.main()
