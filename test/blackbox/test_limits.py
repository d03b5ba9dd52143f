"""Configured limits and their verdicts. (Packet size, windows, aliases,
queues, depth and client ids have files of their own.)"""

import selectors
import time
import unittest

import mqtt_wire as wire
from case import BlackboxTest
from mqtt_wire import CONNACK, PUBACK, SUBACK, V311
from wire_client import Closed


class Connections(BlackboxTest):

    settings = {"listeners.tcp.default.max_connections": "3"}

    def test_connections_per_listener(self):
        """Beyond `max_connections` a connection is closed at once; when one
        ends there is room again."""
        clients = [self.connect() for _ in range(3)]
        extra = self.client()
        extra.send_to_closing(wire.connect("extra"))
        codes = [packet.code for packet in extra.packets_until_closed()]
        self.assertIn(codes, ([], [0x89], [0x97], [0x88]))
        for client in clients:
            client.ping()
        clients.pop().disconnect()
        self.connect_when_there_is_room().ping()

    def test_room_after_the_broker_closed(self):
        """Who sees that the broker ended a connection finds its place free."""
        others = [self.connect() for _ in range(2)]
        for _ in range(300):
            client = self.connect()
            client.send_to_closing(b"\x00\x00")
            client.packets_until_closed()
            client.close()
        for client in others:
            client.ping()

    def connect_when_there_is_room(self):
        """The broker may see the end of the old connection a little later
        than its peer does."""
        deadline = time.monotonic() + 5
        while True:
            client = self.client()
            try:
                return client.connect(self.client_id())
            except Closed:
                client.close()
                self.assertLess(time.monotonic(), deadline)


class PendingConnects(BlackboxTest):

    # The limit is divided among the reactors and rounded up.
    settings = {"max_pending_connects": "10", "reactors": "2"}

    def test_sockets_without_connect(self):
        """Beyond `max_pending_connects` a new socket is closed; those that
        have connected do not count."""
        connected = [self.connect() for _ in range(20)]
        silent = [self.client() for _ in range(40)]
        waiting = selectors.DefaultSelector()
        for client in silent:
            waiting.register(client.socket, selectors.EVENT_READ, client)
        closed = set()
        while len(closed) < 28:
            ready = waiting.select(5)
            self.assertTrue(ready, f"only {len(closed)} were closed")
            for key, _ in ready:
                key.data.expect_closed()
                waiting.unregister(key.fileobj)
                closed.add(key.data)
        for client in connected:
            client.ping()
        left = [client for client in silent if client not in closed]
        left[0].request_connect(self.client_id())
        left[0].expect(CONNACK, code=0)


class Sessions(BlackboxTest):

    settings = {"max_sessions": "2"}

    def test_sessions_of_a_node(self):
        """Beyond `max_sessions` CONNECT is refused with 0x97, in 3.x with 3;
        an existing session can be resumed."""
        kept = self.client_id()
        self.connect_persistent(kept).disconnect()
        other = self.connect()
        for version, code in ((wire.V5, 0x97), (V311, 3)):
            client = self.client(version)
            client.request_connect(self.client_id())
            client.expect(CONNACK, code=code)
            client.expect_closed()
        self.connect_persistent(kept).ping()
        other.disconnect()
        self.connect().ping()


class Subscriptions(BlackboxTest):

    settings = {"max_subscriptions_per_client": "3"}

    def fill(self, version=wire.V5):
        client = self.connect(version=version)
        for number in range(3):
            self.assertEqual(
                client.subscribe(f"{self.prefix}/{number}", 1), 1)
        return client

    def test_one_too_many(self):
        """One subscription more is refused with 0x97, in 3.x with 0x80."""
        for version, code in ((wire.V5, 0x97), (V311, 0x80)):
            client = self.fill(version)
            self.assertEqual(client.subscribe(f"{self.prefix}/3", 1), code)
            client.ping()

    def test_replacing_is_allowed(self):
        """At the limit a subscription can still be replaced."""
        client = self.fill()
        self.assertEqual(client.subscribe(f"{self.prefix}/1", 2), 2)

    def test_removing_makes_room(self):
        """UNSUBSCRIBE makes room for another."""
        client = self.fill()
        client.unsubscribe(f"{self.prefix}/0")
        self.assertEqual(client.subscribe(f"{self.prefix}/3", 1), 1)

    def test_shared_ones_count(self):
        """Shared subscriptions count as well."""
        client = self.fill()
        self.assertEqual(client.subscribe(f"$share/g/{self.prefix}", 1), 0x97)

    def test_others_have_their_own(self):
        """The limit is one client's."""
        self.fill()
        self.assertEqual(self.connect().subscribe(self.topic(), 1), 1)

    def test_a_packet_across_the_limit(self):
        """A SUBSCRIBE that crosses it is answered filter by filter
        [MQTT-3.8.4-5]."""
        client = self.connect()
        client.send(wire.subscribe(1, [
            (f"{self.prefix}/{number}", 0) for number in range(5)]))
        client.expect(SUBACK, codes=[0, 0, 0, 0x97, 0x97])


class TopicLength(BlackboxTest):

    settings = {"max_topic_length": "20"}

    def test_names_and_filters(self):
        """Beyond `max_topic_length` a name is 0x90 and a filter 0x8F."""
        client = self.connect()
        client.send(wire.publish("x" * 20, "", 1, 1))
        client.expect(PUBACK, id=1)
        client.send(wire.subscribe(2, [("x" * 20, 0)]))
        client.expect(SUBACK, codes=[0])
        client.send(wire.subscribe(3, [("x" * 21, 0)]))
        packet = client.receive()
        self.assertEqual(packet.codes if packet.kind == SUBACK
                         else [packet.code], [0x8F])
        client = self.connect()
        client.send(wire.publish("x" * 21, "", 1, 1))
        self.assertEqual(client.receive().code, 0x90)


class RetainedTest(BlackboxTest):

    def kept(self, base):
        """The retained messages below `base`: payloads by topic. They come
        before a live message."""
        client = self.connect()
        client.subscribe(base + "/#")
        self.connect().publish(base, "marker")
        return {message.topic: message.payload
                for message in client.messages_until("marker")}


class RetainedMessages(RetainedTest):

    settings = {"max_retained_messages": "10", "reactors": "1"}

    def test_their_number(self):
        """A message beyond `max_retained_messages` is routed and not kept;
        replacing and clearing are always possible."""
        base = self.topic()
        live = self.subscriber(base + "/#", 1)
        publisher = self.connect()
        for number in range(60):
            publisher.publish(f"{base}/{number}", "old", 1, True)
            live.acknowledge(live.expect_message(f"{base}/{number}", "old"))
        kept = self.kept(base)
        self.assertIn(len(kept), range(10, 13))
        for topic in kept:
            self.assertEqual(publisher.publish(topic, "new", 1, True), 0)
        self.assertEqual(self.kept(base), {topic: b"new" for topic in kept})
        for topic in kept:
            publisher.publish(topic, "", 1, True)
        self.assertEqual(self.kept(base), {})


class RetainedMessagesOfSeveralReactors(RetainedTest):

    settings = {"max_retained_messages": "10", "reactors": "4"}

    def test_the_limit_is_the_node_s(self):
        """The limit is one of the node: topics below one first level may use
        all of it, however many reactors there are."""
        base = self.topic()
        publisher = self.connect()
        for number in range(60):
            publisher.publish(f"{base}/{number}", "x", 1, True)
        self.assertIn(len(self.kept(base)), range(10, 15))


class RetainedSize(RetainedTest):

    settings = {"max_retained_size": "100KB", "reactors": "1"}

    def test_their_size(self):
        """A message beyond `max_retained_size` is routed and not kept."""
        base = self.topic()
        live = self.subscriber(base + "/#")
        publisher = self.connect()
        for number in range(60):
            publisher.publish(f"{base}/{number}", "x" * 4000, 1, True)
            live.expect_message(f"{base}/{number}")
        self.assertIn(len(self.kept(base)), range(22, 27))


class MessageRate(BlackboxTest):

    settings = {"max_message_rate": "20"}

    def test_a_fast_publisher_is_slowed(self):
        """`max_message_rate` bounds the PUBLISHes of a client per second by
        not reading its socket; nothing is lost."""
        topic = self.topic()
        subscriber = self.subscriber(topic)
        publisher = self.connect()
        start = time.monotonic()
        publisher.send(b"".join(wire.publish(topic, str(number))
                                for number in range(60)))
        for number in range(60):
            subscriber.expect_message(topic, str(number))
        self.assert_elapsed(start, 1, 10)

    def test_a_slow_one_is_not(self):
        """A client below the rate is not held up."""
        topic = self.topic()
        subscriber = self.subscriber(topic)
        start = time.monotonic()
        subscriber.publish(topic, "x", 1)
        subscriber.expect_message(topic, "x")
        self.assert_elapsed(start, 0, 1)


if __name__ == "__main__":
    unittest.main()
