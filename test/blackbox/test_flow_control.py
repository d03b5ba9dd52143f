"""Windows: Receive Maximum both ways and the 3.x in-flight window (MQTT 5,
4.9)."""

import unittest

import mqtt_wire as wire
from case import BlackboxTest, each_version
from mqtt_wire import (PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, SUBACK, V31,
                       V311)
from wire_client import payloads


class ClientWindow(BlackboxTest):

    def slow_subscriber(self, window, topic, qos=2):
        client = self.connect(props={"receive_maximum": window})
        client.subscribe(topic, qos)
        return client

    def fill(self, topic, count, qos=1):
        publisher = self.connect()
        for number in range(count):
            publisher.publish(topic, f"m{number}", qos)
        return publisher

    def test_no_more_than_receive_maximum(self):
        """The server has at most Receive Maximum QoS 1 and 2 messages out
        [MQTT-3.3.4-9] [MQTT-4.9.0-2]."""
        topic = self.topic()
        client = self.slow_subscriber(3, topic)
        self.fill(topic, 8)
        first = [client.expect_message(topic, f"m{n}") for n in range(3)]
        client.expect_nothing()
        client.reply(PUBACK, first[0].id)
        client.expect_message(topic, "m3")
        client.expect_nothing()
        client.reply(PUBACK, first[2].id)
        client.reply(PUBACK, first[1].id)
        client.expect_message(topic, "m4")
        client.expect_message(topic, "m5")
        client.expect_nothing()

    def test_qos_2_holds_its_place_until_pubcomp(self):
        """PUBREC frees nothing, PUBCOMP does [MQTT-3.3.4-9] (4.9)."""
        topic = self.topic()
        client = self.slow_subscriber(1, topic)
        self.fill(topic, 2, qos=2)
        message = client.expect_message(topic, "m0")
        client.reply(PUBREC, message.id)
        client.expect(PUBREL, id=message.id)
        client.expect_nothing()
        client.reply(PUBCOMP, message.id)
        client.expect_message(topic, "m1")

    def test_a_pubrec_with_an_error_frees_its_place(self):
        """PUBREC of 0x80 or more gives the place back [MQTT-3.3.4-9]."""
        topic = self.topic()
        client = self.slow_subscriber(1, topic)
        self.fill(topic, 2, qos=2)
        message = client.expect_message(topic, "m0")
        client.reply(PUBREC, message.id, 0x80)
        client.expect_message(topic, "m1")

    def test_other_packets_are_not_held(self):
        """A full window delays PUBLISH alone (those of QoS 0 may pass it or
        wait in order) [MQTT-3.3.4-10] [MQTT-4.9.0-3]."""
        topic = self.topic()
        client = self.slow_subscriber(1, topic)
        publisher = self.fill(topic, 2)
        message = client.expect_message(topic, "m0")
        other = self.topic("other")
        self.assertEqual(client.subscribe(other), 0)
        publisher.publish(other, "zero")
        client.publish(self.topic("mine"), "x", 1)
        client.publish(self.topic("mine"), "x", 2)
        client.unsubscribe(other)
        passed = payloads(client.packets_until_pong())
        self.assertIn(passed, ([], [b"zero"]))
        client.acknowledge(message)
        passed += payloads(client.packets_until_pong())
        self.assertEqual(sorted(passed), [b"m1", b"zero"])

    def test_the_window_lasts_for_the_connection(self):
        """Credit does not grow beyond what was announced, however often it is
        used [MQTT-4.9.0-1]."""
        topic = self.topic()
        client = self.slow_subscriber(2, topic)
        publisher = self.connect()
        for start in range(0, 60, 3):
            for number in range(start, start + 3):
                publisher.publish(topic, f"m{number}", 1)
            one = client.expect_message(topic, f"m{start}")
            two = client.expect_message(topic, f"m{start + 1}")
            client.expect_nothing()
            client.reply(PUBACK, one.id)
            three = client.expect_message(topic, f"m{start + 2}")
            client.reply(PUBACK, two.id)
            client.reply(PUBACK, three.id)

    def test_the_default_is_65535(self):
        """Without Receive Maximum the window is 65,535 (3.1.2.11.3): 1,000
        messages come without an acknowledgement."""
        topic = self.topic()
        client = self.connect()
        client.subscribe(topic, 1)
        publisher = self.connect()
        publisher.send(b"".join(wire.publish(topic, str(number), 1, number)
                                for number in range(1, 1001)))
        for number in range(1, 1001):
            client.expect_message(topic, str(number), dup=False)


class ServerCap(BlackboxTest):

    settings = {"receive_max_client": "2"}

    def test_the_server_may_use_less_of_it(self):
        """`receive_max_client` caps what the server has out at once, whatever
        the client allows (4.9) [MQTT-4.9.0-1]."""
        topic = self.topic()
        client = self.connect(props={"receive_maximum": 100})
        client.subscribe(topic, 1)
        publisher = self.connect()
        for number in range(4):
            publisher.publish(topic, f"m{number}", 1)
        first = client.expect_message(topic, "m0")
        client.expect_message(topic, "m1")
        client.expect_nothing()
        client.reply(PUBACK, first.id)
        client.expect_message(topic, "m2")
        client.expect_nothing()


class InFlight(BlackboxTest):

    settings = {"max_inflight_messages": "3"}

    @each_version(V31, V311)
    def test_the_window_of_3_x(self, version):
        """`max_inflight_messages` bounds what a 3.x client has not
        acknowledged."""
        topic = self.topic()
        client = self.subscriber(topic, 1, version)
        publisher = self.connect()
        for number in range(6):
            publisher.publish(topic, f"m{number}", 1)
        first = [client.expect_message(topic, f"m{n}") for n in range(3)]
        client.expect_nothing()
        for message in first:
            client.reply(PUBACK, message.id)
        for number in range(3, 6):
            client.expect_message(topic, f"m{number}")
        client.expect_nothing()


class DefaultInFlight(BlackboxTest):

    def test_twenty_unless_configured(self):
        """The window of 3.x is 20 by default."""
        topic = self.topic()
        client = self.subscriber(topic, 1, V311)
        publisher = self.connect()
        for number in range(25):
            publisher.publish(topic, f"m{number}", 1)
        for number in range(20):
            client.expect_message(topic, f"m{number}")
        client.expect_nothing()


class ServerWindow(BlackboxTest):

    settings = {"receive_max_broker": "2"}

    def test_it_is_announced(self):
        """CONNACK has the server's Receive Maximum (3.2.2.3.3)."""
        client = self.connect()
        self.assertEqual(client.connack.props.get("receive_maximum"), 2)

    def test_exceeding_it(self):
        """More QoS 2 messages without PUBREL than the server allows end the
        connection with 0x93 (3.3.4) [MQTT-3.3.4-7]."""
        client = self.connect()
        topic = self.topic()
        for packet_id in (1, 2):
            client.send(wire.publish(topic, "x", 2, packet_id))
            client.expect(PUBREC, id=packet_id)
        client.send(wire.publish(topic, "x", 2, 3))
        client.expect_disconnect(0x93)

    def test_using_all_of_it(self):
        """The window may be full, and is free again after PUBCOMP
        [MQTT-3.3.4-7]."""
        client = self.connect()
        topic = self.topic()
        for start in (1, 3, 5):
            for packet_id in (start, start + 1):
                client.send(wire.publish(topic, "x", 2, packet_id))
                client.expect(PUBREC, id=packet_id)
            for packet_id in (start, start + 1):
                client.reply(PUBREL, packet_id)
                client.expect(PUBCOMP, id=packet_id)

    def test_repeating_is_not_exceeding(self):
        """A PUBLISH repeated with DUP is one message still [MQTT-3.3.4-7]."""
        client_id, topic = self.client_id(), self.topic()
        client = self.connect_persistent(client_id)
        for packet_id in (1, 2):
            client.send(wire.publish(topic, "x", 2, packet_id))
            client.expect(PUBREC, id=packet_id)
        client.close()
        again = self.connect_persistent(client_id)
        for packet_id in (1, 2):
            again.send(wire.publish(topic, "x", 2, packet_id, dup=True))
            again.expect(PUBREC, id=packet_id)
        again.ping()

    def test_other_packets_are_not_counted(self):
        """QoS 0, SUBSCRIBE and PINGREQ pass the full window [MQTT-3.3.4-8]."""
        client = self.connect()
        topic = self.topic()
        for packet_id in (1, 2):
            client.send(wire.publish(topic, "x", 2, packet_id))
            client.expect(PUBREC, id=packet_id)
        client.send(wire.subscribe(7, [(topic, 0)]))
        client.expect(SUBACK, id=7)
        client.send(wire.publish(topic, "zero"))
        client.expect(PUBLISH)
        client.ping()


if __name__ == "__main__":
    unittest.main()
