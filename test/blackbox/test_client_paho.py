"""Eclipse Paho for Python (python3-paho-mqtt) as publisher and subscriber."""

import queue
import threading
import unittest

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from case import BlackboxTest
from wire_client import PATIENCE

VERSIONS = {"3.1": paho.MQTTv31, "3.1.1": paho.MQTTv311, "5.0": paho.MQTTv5}


class PahoClient:
    """Paho with its callbacks turned into queues."""

    def __init__(self, test, version, client_id, clean=True, will=None,
                 expiry=None):
        options = {} if version == paho.MQTTv5 else {"clean_session": clean}
        self.paho = paho.Client(client_id, protocol=version, **options)
        self.version = version
        self.messages = queue.Queue()
        self.subscribed = queue.Queue()
        self.connected = queue.Queue()
        self.gone = threading.Event()
        self.paho.on_message = lambda *args: self.messages.put(args[2])
        self.paho.on_subscribe = lambda *args: self.subscribed.put(args[3])
        self.paho.on_connect = lambda *args: self.connected.put(args[2:4])
        self.paho.on_disconnect = lambda *args: self.gone.set()
        if will:
            self.paho.will_set(*will)
        extra = {}
        if version == paho.MQTTv5:
            extra["clean_start"] = clean
            if expiry:
                extra["properties"] = Properties(PacketTypes.CONNECT)
                extra["properties"].SessionExpiryInterval = expiry
        self.paho.connect(*test.broker.address, **extra)
        self.paho.loop_start()
        test.addCleanup(self.stop)
        flags, code = self.connected.get(timeout=PATIENCE)
        test.assertEqual(int(getattr(code, "value", code)), 0)
        self.session_present = bool(flags["session present"])

    def subscribe(self, *args, **options):
        """The granted codes as numbers."""
        self.paho.subscribe(*args, **options)
        granted = self.subscribed.get(timeout=PATIENCE)
        return [int(getattr(code, "value", code)) for code in granted]

    def publish(self, *args, **options):
        """Returns when the handshake is complete."""
        sent = self.paho.publish(*args, **options)
        sent.wait_for_publish(PATIENCE)
        if not sent.is_published():
            raise AssertionError("the PUBLISH was not acknowledged")

    def receive(self):
        return self.messages.get(timeout=PATIENCE)

    def vanish(self):
        """Ends without DISCONNECT."""
        self.paho.on_disconnect = None
        self.paho.loop_stop()
        self.paho._sock_close()  # Paho has no public way to be rude.

    def stop(self):
        self.paho.disconnect()
        self.paho.loop_stop()


class Paho(BlackboxTest):

    def each_pair(self):
        """All pairs of publishing and subscribing version."""
        for publishing, one in VERSIONS.items():
            for subscribing, other in VERSIONS.items():
                yield publishing, one, subscribing, other

    def paho(self, version, **options):
        return PahoClient(self, version, self.client_id(), **options)

    def test_each_version_to_each(self):
        """Every version's publisher reaches every version's subscriber, in
        each QoS (4.3)."""
        for publishing, one, subscribing, other in self.each_pair():
            with self.subTest(publisher=publishing, subscriber=subscribing):
                topic = self.topic(f"{publishing}/{subscribing}")
                subscriber = self.paho(other)
                self.assertEqual(subscriber.subscribe(topic, 2), [2])
                publisher = self.paho(one)
                for qos in range(3):
                    publisher.publish(topic, f"q{qos}", qos)
                    message = subscriber.receive()
                    self.assertEqual(
                        (message.topic, message.payload, message.qos),
                        (topic, b"q%d" % qos, qos))

    def test_a_thousand_of_qos_2(self):
        """1,000 QoS 2 messages arrive once each, in order (4.3.3)."""
        topic = self.topic()
        subscriber = self.paho(paho.MQTTv311)
        subscriber.subscribe(topic, 2)
        publisher = self.paho(paho.MQTTv5)
        sent = [publisher.paho.publish(topic, str(number), 2)
                for number in range(1000)]
        got = [int(subscriber.receive().payload) for _ in range(1000)]
        self.assertEqual(got, list(range(1000)))
        sent[-1].wait_for_publish(PATIENCE)
        publisher.publish(topic, "end", 2)
        self.assertEqual(subscriber.receive().payload, b"end")

    def test_wills(self):
        """A Paho client that vanishes has its will published (3.1.2.5)."""
        for name, version in VERSIONS.items():
            with self.subTest(name):
                topic = self.topic(f"will{name}")
                witness = self.paho(paho.MQTTv5)
                witness.subscribe(topic, 1)
                self.paho(version, will=(topic, "gone", 1, False)).vanish()
                self.assertEqual(witness.receive().payload, b"gone")

    def test_retained(self):
        """Retained messages reach later Paho subscribers (3.3.1.3)."""
        for name, version in VERSIONS.items():
            with self.subTest(name):
                topic = self.topic(f"kept{name}")
                self.paho(version).publish(topic, "kept", 1, retain=True)
                late = self.paho(version)
                late.subscribe(topic, 1)
                message = late.receive()
                self.assertEqual((message.payload, message.retain),
                                 (b"kept", True))

    def test_persistent_sessions(self):
        """A Paho client finds its session and what waited in it (4.1)."""
        for name, version in VERSIONS.items():
            with self.subTest(name):
                topic = self.topic(f"queue{name}")
                client_id = self.client_id()

                def connect():
                    return PahoClient(self, version, client_id, clean=False,
                                      expiry=60)
                first = connect()
                first.subscribe(topic, 2)
                first.stop()
                publisher = self.paho(paho.MQTTv5)
                for number in range(5):
                    publisher.publish(topic, f"m{number}", 2)
                again = connect()
                self.assertEqual(again.session_present, name != "3.1")
                for number in range(5):
                    self.assertEqual(again.receive().payload,
                                     b"m%d" % number)

    def test_properties_of_5(self):
        """Paho's properties arrive as they were set (3.3.2.3)."""
        topic = self.topic()
        subscriber = self.paho(paho.MQTTv5)
        subscriber.subscribe(topic, options=SubscribeOptions(qos=1))
        props = Properties(PacketTypes.PUBLISH)
        props.PayloadFormatIndicator = 1
        props.ContentType = "text/plain"
        props.ResponseTopic = "answers"
        props.CorrelationData = b"7"
        props.UserProperty = [("b", "1"), ("a", "2"), ("b", "3")]
        props.MessageExpiryInterval = 50
        self.paho(paho.MQTTv5).publish(topic, "x", 1, properties=props)
        got = subscriber.receive().properties
        self.assertEqual(got.UserProperty, [("b", "1"), ("a", "2"),
                                            ("b", "3")])
        self.assertEqual((got.PayloadFormatIndicator, got.ContentType,
                          got.ResponseTopic, got.CorrelationData),
                         (1, "text/plain", "answers", b"7"))
        self.assertIn(got.MessageExpiryInterval, (49, 50))

    def test_options_of_5(self):
        """No Local and Retain Handling as Paho sets them (3.8.3.1)."""
        topic = self.topic()
        client = self.paho(paho.MQTTv5)
        client.publish(topic, "kept", 1, retain=True)
        client.subscribe(topic, options=SubscribeOptions(
            qos=1, noLocal=True, retainHandling=2))
        client.publish(topic, "own", 1)
        self.paho(paho.MQTTv5).publish(topic, "theirs", 1)
        self.assertEqual(client.receive().payload, b"theirs")

    def test_takeover(self):
        """A Paho client that is taken over learns it (3.1.4)."""
        client_id = self.client_id()
        first = PahoClient(self, paho.MQTTv5, client_id)
        first.paho.reconnect_delay_set(60, 60)
        second = PahoClient(self, paho.MQTTv5, client_id)
        self.assertTrue(first.gone.wait(PATIENCE))
        topic = self.topic()
        second.subscribe(topic, 1)
        second.publish(topic, "x", 1)
        self.assertEqual(second.receive().payload, b"x")

    def test_many_topics(self):
        """A Paho client with several filters and wildcards gets each message
        once (4.7)."""
        base = self.topic()
        client = self.paho(paho.MQTTv311)
        self.assertEqual(client.subscribe([(f"{base}/+/a", 1),
                                           (f"{base}/b/#", 2),
                                           (f"{base}/c", 0)]), [1, 2, 0])
        for suffix in ("x/a", "b", "b/y/z", "c", "none"):
            client.publish(f"{base}/{suffix}", suffix, 1)
        client.publish(f"{base}/c", "end", 1)
        got = []
        while not got or got[-1] != "end":
            got.append(client.receive().payload.decode())
        self.assertEqual(sorted(got), sorted(["x/a", "b", "b/y/z", "c",
                                              "end"]))


if __name__ == "__main__":
    unittest.main()
