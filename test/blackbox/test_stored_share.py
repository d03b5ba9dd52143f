"""Messages of share groups that came back from disk."""

import signal
import unittest

from case import BlackboxTest


class StoredShare(BlackboxTest):

    settings = None

    def setUp(self):
        super().setUp()
        self.broker = self.run_broker()

    def test_they_go_to_another_member(self):
        """What a member was left by a former process goes to another one when
        it goes, sent or not (MQTT 5, 4.8.2)."""
        topic, client_id = self.topic(), self.client_id()
        shared = f"$share/g/{topic}"
        member = self.connect_persistent(client_id)
        member.subscribe(shared, 1)
        member.disconnect()
        publisher = self.connect()
        for word in ("a", "b", "c"):
            publisher.publish(topic, word, 1)
        self.broker.restart()

        member = self.connect_persistent(client_id,
                                         props={"receive_maximum": 1})
        member.expect_message(topic, "a")
        other = self.connect()
        other.subscribe(shared, 1)
        member.close()
        got = set()
        for _ in "abc":
            message = other.expect_message(topic)
            other.acknowledge(message)
            got.add(message.payload)
        self.assertEqual(got, {b"a", b"b", b"c"})
        other.expect_nothing()

        member = self.connect_persistent(client_id)
        self.assertEqual(member.packets_until_pong(), [])
        member.disconnect()
        # Nobody waits for the erasing: a kill may come before it.
        self.broker.restart(signal.SIGTERM)
        member = self.connect_persistent(client_id)
        self.assertEqual(member.packets_until_pong(), [])


if __name__ == "__main__":
    unittest.main()
