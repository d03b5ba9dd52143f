"""Topic aliases in both directions (MQTT 5, 3.3.2.3.4)."""

import unittest

import mqtt_wire as wire
from case import BlackboxTest
from mqtt_wire import PUBACK, V311


class Incoming(BlackboxTest):

    settings = {"topic_alias_max_client": "10"}

    def alias(self, topic, alias, payload="x", qos=0, packet_id=None):
        return wire.publish(topic, payload, qos, packet_id,
                            props={"topic_alias": alias})

    def test_the_maximum_is_announced(self):
        """CONNACK has the number of aliases that the server takes
        (3.2.2.3.8)."""
        client = self.connect()
        self.assertEqual(client.connack.props.get("topic_alias_maximum"), 10)

    def test_an_alias_stands_for_its_topic(self):
        """A PUBLISH without topic name goes to the topic its alias was set
        for; all values up to the maximum are taken [MQTT-3.3.2-12]."""
        topic = self.topic()
        watcher = self.subscriber(topic + "/#", 1)
        client = self.connect()
        for alias in (1, 5, 10):
            client.send(self.alias(f"{topic}/{alias}", alias, "set"))
            watcher.expect_message(f"{topic}/{alias}", "set")
        for alias in (10, 1, 5, 1):
            client.send(self.alias("", alias, "used", 1, 7))
            client.expect(PUBACK, id=7, code=0)
            watcher.acknowledge(
                watcher.expect_message(f"{topic}/{alias}", "used"))

    def test_an_alias_may_be_set_anew(self):
        """Sending it with another topic changes it (3.3.2.3.4)."""
        topic = self.topic()
        watcher = self.subscriber(topic + "/#")
        client = self.connect()
        client.send(self.alias(topic + "/a", 1, "1")
                    + self.alias(topic + "/b", 1, "2")
                    + self.alias("", 1, "3"))
        for suffix, payload in (("/a", "1"), ("/b", "2"), ("/b", "3")):
            watcher.expect_message(topic + suffix, payload)

    def test_aliases_are_not_passed_on(self):
        """The subscriber does not see the publisher's alias: it has asked for
        none [MQTT-3.1.2-27]."""
        topic = self.topic()
        watcher = self.subscriber(topic)
        self.connect().send(self.alias(topic, 3))
        message = watcher.expect_message(topic)
        self.assertIsNone(message.props.get("topic_alias"))

    def test_faulty_aliases(self):
        """0, more than the maximum, and one never set end the connection, and
        so does neither topic nor alias [MQTT-3.3.2-8] [MQTT-3.3.2-9]
        (3.3.2.3.4)."""
        topic = self.topic()
        faults = {
            "zero": (self.alias(topic, 0), (0x81, 0x82, 0x94)),
            "above the maximum": (self.alias(topic, 11), (0x94,)),
            "never set": (self.alias("", 4), (0x82, 0x94)),
            "no topic": (wire.publish("", "x"), (0x82, 0x81, 0x90)),
        }
        for name, (packet, codes) in faults.items():
            with self.subTest(name):
                client = self.connect()
                client.send(packet)
                client.expect_disconnect(*codes)

    def test_aliases_end_with_the_connection(self):
        """Aliases are not carried to the next connection of the session
        [MQTT-3.3.2-7]."""
        client_id = self.client_id()
        client = self.connect_persistent(client_id)
        client.send(self.alias(self.topic(), 1))
        client.ping()
        client.close()
        again = self.connect_persistent(client_id)
        again.send(self.alias("", 1))
        again.expect_disconnect(0x82, 0x94)

    def test_a_set_alias_with_wildcards(self):
        """A bad topic name stays one with an alias [MQTT-3.3.2-2]."""
        client = self.connect()
        client.send(self.alias("a/#", 1))
        client.expect_disconnect(0x90, 0x81, 0x82)

    def test_a_retained_message_by_alias(self):
        """The message is stored under the topic, not the alias
        [MQTT-3.3.1-5]."""
        topic = self.topic()
        client = self.connect()
        client.send(self.alias(topic, 2, "first"))
        client.send(wire.publish("", "kept", 1, 9, retain=True,
                                 props={"topic_alias": 2}))
        client.expect(PUBACK, id=9)
        self.subscriber(topic).expect_message(topic, "kept", retain=True)


class NoneIncoming(BlackboxTest):

    settings = {"topic_alias_max_client": "0"}

    def test_without_a_maximum_no_alias_is_taken(self):
        """Where CONNACK has no Topic Alias Maximum any alias is an error
        [MQTT-3.2.2-18]."""
        client = self.connect()
        self.assertIn(client.connack.props.get("topic_alias_maximum"),
                      (None, 0))
        client.send(wire.publish(self.topic(), "x", props={"topic_alias": 1}))
        client.expect_disconnect(0x94)


class Outgoing(BlackboxTest):

    settings = {"topic_alias_max_broker": "3"}

    def deliver(self, client_maximum, topics, rounds=3):
        """What a client with that maximum gets; topics are resolved."""
        base = self.topic()
        props = {"topic_alias_maximum": client_maximum} \
            if client_maximum is not None else None
        client = self.connect(props=props)
        client.subscribe(base + "/#")
        publisher = self.connect()
        known, seen = {}, []
        for number in range(rounds):
            for topic in topics:
                publisher.publish(f"{base}/{topic}", f"{number}")
                message = client.expect_message(payload=f"{number}")
                alias = message.props.get("topic_alias")
                name = message.topic or known[alias]
                if alias:
                    known[alias] = name
                self.assertEqual(name, f"{base}/{topic}")
                seen.append((message.topic, alias))
        return seen

    def test_a_topic_is_named_once(self):
        """From the second message on the alias stands for the topic
        (3.3.2.3.4)."""
        seen = self.deliver(5, ["a", "b"])
        self.assertEqual([alias for _, alias in seen[2:]],
                         [seen[0][1], seen[1][1]] * 2)
        self.assertEqual({topic for topic, _ in seen[2:]}, {""})

    def test_never_more_than_the_client_allows(self):
        """No alias is greater than the client's maximum [MQTT-3.1.2-26]
        [MQTT-3.3.2-11]."""
        for maximum in (1, 2):
            seen = self.deliver(maximum, ["a", "b", "c", "d"])
            aliases = {alias for _, alias in seen if alias}
            self.assertLessEqual(max(aliases), maximum)

    def test_never_more_than_configured(self):
        """`topic_alias_max_broker` caps it."""
        seen = self.deliver(100, ["a", "b", "c", "d", "e"])
        self.assertLessEqual(max(alias for _, alias in seen if alias), 3)

    def test_none_unless_the_client_wants_them(self):
        """A client without a Topic Alias Maximum gets none
        [MQTT-3.1.2-27]."""
        for maximum in (None, 0):
            seen = self.deliver(maximum, ["a", "b"])
            self.assertEqual({alias for _, alias in seen}, {None})

    def test_a_new_connection_starts_anew(self):
        """In the next connection topics are named again [MQTT-3.3.2-7]."""
        client_id, topic = self.client_id(), self.topic()
        props = {"topic_alias_maximum": 5}
        client = self.connect_persistent(client_id, props=props)
        client.subscribe(topic)
        publisher = self.connect()
        publisher.publish(topic, "1")
        client.expect_message(topic, "1")
        client.close()
        again = self.connect_persistent(client_id, props=props)
        publisher.publish(topic, "2")
        again.expect_message(topic, "2")

    def test_resent_messages_name_their_topic(self):
        """A message resent in a new connection cannot rely on an old alias
        [MQTT-3.3.2-7]."""
        client_id, topic = self.client_id(), self.topic()
        props = {"topic_alias_maximum": 5}
        client = self.connect_persistent(client_id, props=props)
        client.subscribe(topic, 1)
        publisher = self.connect()
        publisher.publish(topic, "1", 1)
        publisher.publish(topic, "2", 1)
        client.expect_message(topic, "1")
        client.expect_message(payload="2")
        client.close()
        again = self.connect_persistent(client_id, props=props)
        again.expect_message(topic, "1", dup=True)
        message = again.expect_message(payload="2", dup=True)
        self.assertIn(message.topic, ("", topic))

    def test_3_x_clients_get_topics(self):
        """Aliases are a matter of 5.0 alone [MQTT-3.1.2-27]."""
        topic = self.topic()
        client = self.subscriber(topic, 0, V311)
        publisher = self.connect()
        for _ in range(3):
            publisher.publish(topic, "x")
            client.expect_message(topic, "x")


if __name__ == "__main__":
    unittest.main()
