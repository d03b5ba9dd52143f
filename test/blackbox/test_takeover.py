"""Two connections with one client identifier (MQTT 5, 3.1.4)."""

import selectors
import threading
import unittest

import mqtt_wire as wire
from case import BlackboxTest, each_version
from mqtt_wire import CONNACK, DISCONNECT, PINGRESP, V311, V5
from wire_client import Closed, Silent


class Takeover(BlackboxTest):

    @each_version()
    def test_the_older_connection_ends(self, version):
        """The newer CONNECT wins; the older client is told 0x8E and closed
        [MQTT-3.1.4-3] [3.1.1 MQTT-3.1.4-2]."""
        client_id = self.client_id()
        old = self.connect(client_id, version)
        new = self.connect(client_id, version)
        old.expect_disconnect(0x8E)
        new.ping()

    def test_versions_may_differ(self):
        """A 3.1.1 client takes over from a 5.0 one and the reverse
        [MQTT-3.1.4-3]."""
        client_id = self.client_id()
        five = self.connect(client_id)
        three = self.connect(client_id, V311)
        five.expect_disconnect(0x8E)
        again = self.connect(client_id)
        three.expect_closed()
        again.ping()

    @each_version()
    def test_the_session_goes_with_the_client(self, version):
        """Without clean start the new connection has the old one's
        subscriptions [MQTT-3.1.2-5]."""
        client_id, topic = self.client_id(), self.topic()
        old = self.connect_persistent(client_id, version)
        old.subscribe(topic, 1)
        new = self.connect_persistent(client_id, version)
        self.assertEqual(new.connack.session_present, version != wire.V31)
        self.connect().publish(topic, "after", 1)
        new.expect_message(topic, "after", dup=False)
        old.expect_disconnect(0x8E)

    def test_an_expiry_of_zero_ends_the_session_at_takeover(self):
        """A session without expiry interval ends with its connection even if
        that is taken over (3.1.2.11.2) [MQTT-4.1.0-2]."""
        client_id = self.client_id()
        self.connect(client_id, clean=False).subscribe(self.topic(), 1)
        new = self.connect(client_id, clean=False)
        self.assertFalse(new.connack.session_present)

    def test_unacknowledged_messages_go_with_it(self):
        """What the old connection had not acknowledged is sent to the new one
        with DUP and the same identifier [MQTT-4.4.0-1]."""
        client_id, topic = self.client_id(), self.topic()
        old = self.connect_persistent(client_id)
        old.subscribe(topic, 2)
        publisher = self.connect()
        sent = []
        for number, qos in enumerate((1, 2, 1)):
            publisher.publish(topic, f"m{number}", qos)
            sent.append(old.expect_message(topic, f"m{number}", dup=False))
        new = self.connect_persistent(client_id)
        for message in sent:
            new.expect_message(topic, message.payload, dup=True,
                               id=message.id, qos=message.qos)

    def test_the_will_of_the_old_connection(self):
        """The old connection's will is published, for it was closed by the
        server [MQTT-3.1.2-8] (3.1.4)."""
        client_id, topic = self.client_id(), self.topic("will")
        witness = self.subscriber(topic)
        self.connect(client_id, will={"topic": topic, "payload": "old"})
        self.connect(client_id)
        witness.expect_message(topic, "old")

    def test_a_delayed_will_is_cancelled_by_resuming(self):
        """A will that waits is deleted when the session is resumed in time
        [MQTT-3.1.3-9]."""
        client_id, topic = self.client_id(), self.topic("will")
        witness = self.subscriber(topic)
        will = {"topic": topic, "payload": "old",
                "props": {"will_delay_interval": 1}}
        self.connect_persistent(client_id, will=will)
        new = self.connect_persistent(client_id)
        self.let_pass(1.5)
        new.publish(topic, "marker")
        witness.expect_message(topic, "marker")

    def test_a_delayed_will_is_published_by_a_clean_start(self):
        """A clean start ends the session, and that publishes the will that
        waits [MQTT-3.1.2-8] (3.1.3.2.2)."""
        client_id, topic = self.client_id(), self.topic("will")
        witness = self.subscriber(topic)
        self.connect_persistent(client_id, will={
            "topic": topic, "payload": "old",
            "props": {"will_delay_interval": 100}})
        self.connect(client_id)
        witness.expect_message(topic, "old")


class Suppressed(BlackboxTest):

    settings = {"suppress_lwt_on_session_takeover": "on"}

    def test_the_will_can_be_suppressed(self):
        """`suppress_lwt_on_session_takeover` keeps the will back when the
        same client has connected again."""
        client_id, topic = self.client_id(), self.topic("will")
        witness = self.subscriber(topic)
        old = self.connect(client_id, will={"topic": topic})
        new = self.connect(client_id)
        old.expect_disconnect(0x8E)
        new.publish(topic, "marker")
        witness.expect_message(topic, "marker")


class Crowd(BlackboxTest):

    def rush(self, client_id, version=V5, count=50, **options):
        """Connects `count` sockets with one client identifier at once; the
        one client whose connection stays open."""
        clients = [self.client(version) for _ in range(count)]
        packets = wire.connect(client_id, version, **options) + wire.pingreq()
        gate = threading.Barrier(5)

        def send(share):
            gate.wait()
            for client in share:
                client.send_to_closing(packets)
        threads = [threading.Thread(target=send, args=(clients[place::5],))
                   for place in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.survivor(clients)

    def survivor(self, clients):
        """Reads until one connection is left and has its PINGRESP."""
        waiting = selectors.DefaultSelector()
        for client in clients:
            waiting.register(client.socket, selectors.EVENT_READ, client)
        answered = set()
        while len(waiting.get_map()) != 1 or not answered:
            ready = waiting.select(10)
            self.assertTrue(ready, f"{len(waiting.get_map())} connections are "
                            "still open after 10 s")
            for key, _ in ready:
                client = key.data
                kinds = self.read_kinds(client)
                if PINGRESP in kinds:
                    answered.add(client)
                if None in kinds:
                    waiting.unregister(key.fileobj)
                    answered.discard(client)
        return next(iter(waiting.get_map().values())).data

    @staticmethod
    def read_kinds(client):
        """The kinds of the packets that are there; None for the end."""
        kinds = []
        try:
            while True:
                packet = client.receive(0.001)
                if packet.kind == DISCONNECT and packet.code != 0x8E:
                    raise AssertionError(f"ended with {packet!r}")
                if packet.kind == CONNACK and packet.code:
                    raise AssertionError(f"refused with {packet!r}")
                kinds.append(packet.kind)
        except Silent:
            return kinds
        except Closed:
            return kinds + [None]

    @each_version(V311, V5)
    def test_fifty_connects_end_with_one(self, version):
        """Of 50 simultaneous CONNECTs with one identifier exactly one
        connection stays, and it works [MQTT-3.1.4-3]."""
        client_id, topic = self.client_id(), self.topic()
        alive = self.rush(client_id, version)
        alive.subscribe(topic, 1)
        self.connect().publish(topic, "x", 1)
        alive.expect_message(topic, "x")
        self.connect(client_id, version).ping()
        alive.expect_disconnect(0x8E)

    def test_fifty_resumptions_keep_the_messages(self):
        """Messages that waited survive 50 takeovers that acknowledge none
        [MQTT-4.4.0-1]."""
        client_id, topic = self.client_id(), self.topic()
        client = self.connect_persistent(client_id)
        client.subscribe(topic, 1)
        client.disconnect()
        publisher = self.connect()
        for number in range(5):
            publisher.publish(topic, f"m{number}", 1)
        props = {"session_expiry_interval": 300}
        self.rush(client_id, clean=False, props=props).disconnect()
        final = self.connect_persistent(client_id)
        for number in range(5):
            final.acknowledge(final.expect_message(topic, f"m{number}",
                                                   dup=True))
        final.expect_nothing()


if __name__ == "__main__":
    unittest.main()
