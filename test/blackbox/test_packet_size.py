"""Maximum Packet Size in both directions (MQTT 5, 3.1.2.11.4, 3.2.2.3.6)."""

import unittest

import mqtt_wire as wire
from case import BlackboxTest, each_version
from mqtt_wire import PUBACK, SUBACK, V31, V311


class ClientMaximum(BlackboxTest):

    def small_client(self, size, client_id=None, **props):
        return self.connect(client_id,
                            props={"maximum_packet_size": size, **props})

    def test_too_large_is_dropped(self):
        """A PUBLISH above the client's maximum is not sent to it; the next
        one is [MQTT-3.1.2-24] [MQTT-3.1.2-25]."""
        topic = self.topic()
        for qos in range(3):
            client = self.small_client(100)
            client.subscribe(topic, qos)
            publisher = self.connect()
            publisher.publish(topic, "x" * 200, qos)
            publisher.publish(topic, "small", qos)
            client.acknowledge(client.expect_message(topic, "small"))

    def test_the_limit_is_exact(self):
        """A packet of exactly the maximum is sent, of one byte more is not
        [MQTT-3.1.2-24]."""
        topic = self.topic()
        size = 100
        fits = size - len(wire.publish(topic, b""))
        client = self.small_client(size)
        client.subscribe(topic)
        publisher = self.connect()
        publisher.publish(topic, "x" * (fits + 1))
        publisher.publish(topic, "y" * fits)
        message = client.expect_message(topic, "y" * fits)
        self.assertEqual(message.size, size)

    def test_others_still_get_it(self):
        """The maximum is one client's affair [MQTT-3.1.2-25]."""
        topic = self.topic()
        small = self.small_client(60)
        small.subscribe(topic, 1)
        large = self.subscriber(topic, 1)
        publisher = self.connect()
        publisher.publish(topic, "x" * 500, 1)
        large.expect_message(topic, "x" * 500)
        small.expect_nothing()

    def test_a_dropped_message_frees_the_window(self):
        """A message that is too large counts as sent and acknowledged
        [MQTT-3.1.2-25] [MQTT-4.9.0-2]."""
        topic = self.topic()
        client = self.small_client(100, receive_maximum=1)
        client.subscribe(topic, 1)
        publisher = self.connect()
        for number in range(5):
            publisher.publish(topic, "x" * 200, 1)
            publisher.publish(topic, f"m{number}", 1)
            client.acknowledge(client.expect_message(topic, f"m{number}"))

    def test_retained_and_stored_messages_too(self):
        """It holds for retained messages and for those that waited
        [MQTT-3.1.2-24]."""
        topic, client_id = self.topic(), self.client_id()
        publisher = self.connect()
        publisher.publish(topic + "/kept", "x" * 300, 1, retain=True)
        client = self.connect_persistent(client_id)
        client.subscribe(topic + "/live", 1)
        client.disconnect()
        publisher.publish(topic + "/live", "x" * 300, 1)
        publisher.publish(topic + "/live", "small", 1)
        again = self.connect_persistent(client_id, props={
            "maximum_packet_size": 100})
        again.expect_message(topic + "/live", "small")
        again.subscribe(topic + "/kept", 1)
        self.assert_not_retained(again, topic + "/kept")

    def test_optional_properties_give_way(self):
        """Acknowledgements leave out Reason String and User Property rather
        than exceed the maximum [MQTT-3.4.2-2] [MQTT-3.9.2-1]."""
        client = self.small_client(20)
        client.send(wire.publish(self.topic(), "x", 1, 1))
        self.assertLessEqual(client.expect(PUBACK, id=1).size, 20)
        client.send(wire.subscribe(2, [("a/#/b", 0), ("$share/g", 0)]))
        packet = client.receive()
        self.assertLessEqual(packet.size, 20)


class ServerMaximum(BlackboxTest):

    settings = {"max_message_size": "1000"}

    def sized(self, size, version=wire.V5, qos=0):
        """A PUBLISH of that many bytes in all."""
        topic = self.topic()
        identifier = 1 if qos else None
        base = len(wire.publish(topic, b"x" * 200, qos, identifier,
                                version=version)) - 200
        packet = wire.publish(topic, b"x" * (size - base), qos, identifier,
                              version=version)
        self.assertEqual(len(packet), size)
        return packet

    def announced(self, client):
        return client.connack.props.get("maximum_packet_size")

    def test_it_is_announced(self):
        """CONNACK has the server's Maximum Packet Size, which counts the
        fixed header that `max_message_size` does not (3.2.2.3.6)."""
        self.assertIn(self.announced(self.connect()), range(1000, 1006))

    def test_up_to_it(self):
        """A packet of exactly the announced size is taken (3.2.2.3.6)."""
        client = self.connect()
        client.send(self.sized(self.announced(client), qos=1))
        client.expect(PUBACK, id=1)

    def test_above_it(self):
        """One byte more ends the connection with 0x95 [MQTT-3.2.2-15]
        (4.13.1)."""
        for more in (1, 4000):
            client = self.connect()
            client.send_to_closing(self.sized(self.announced(client) + more))
            client.expect_disconnect(0x95)

    def test_the_header_is_enough(self):
        """The server need not wait for the bytes of a packet that is too
        large (4.13.1)."""
        client = self.connect()
        client.send(b"\x30" + wire.variable(100_000_000))
        client.expect_disconnect(0x95)

    @each_version(V31, V311)
    def test_above_it_in_3_x(self, version):
        """3.x clients are closed."""
        client = self.connect(version=version)
        client.send(self.sized(900, version, qos=1))
        client.expect(PUBACK, id=1)
        client.send_to_closing(self.sized(1010, version))
        client.expect_closed()

    def test_any_packet_counts(self):
        """The limit is one of packets, not of payloads (3.2.2.3.6)."""
        client = self.connect()
        client.send(wire.subscribe(1, [("x" * 900, 0)]))
        client.expect(SUBACK, id=1)
        client.send_to_closing(wire.subscribe(2, [("y" * 1000, 0)]))
        client.expect_disconnect(0x95)

    def test_a_connect_that_is_too_large(self):
        """A CONNECT above the limit is refused or closed (4.13.1)."""
        client = self.client()
        client.send_to_closing(wire.connect("x", user="u" * 2000))
        codes = [packet.code for packet in client.packets_until_closed()]
        self.assertIn(codes, ([], [0x95]))


if __name__ == "__main__":
    unittest.main()
