"""MQTT.js (npm package mqtt), protocol versions 3, 4 and 5, in both
directions. The package is installed below build/npm when it is not there."""

import json
import os
import queue
import shutil
import subprocess
import threading
import unittest

from broker import ROOT
from case import BlackboxTest
from wire_client import PATIENCE

NPM = os.path.join(ROOT, "build", "npm")
SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "mqttjs_client.js")
VERSIONS = {"3.1": {"protocolVersion": 3, "protocolId": "MQIsdp"},
            "3.1.1": {"protocolVersion": 4},
            "5.0": {"protocolVersion": 5}}
# Node itself takes a moment to start.
START_SECONDS = 30


def setUpModule():
    if not shutil.which("node") or not shutil.which("npm"):
        raise unittest.SkipTest("node and npm are not installed")
    if os.path.isdir(os.path.join(NPM, "node_modules", "mqtt")):
        return
    os.makedirs(NPM, exist_ok=True)
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent",
                    "--prefix", NPM, "mqtt@5"], check=True, timeout=180,
                   stdout=subprocess.DEVNULL)


class JsClient:
    """A node process with one MQTT.js client."""

    def __init__(self, test, version, **options):
        self.test = test
        self.child = subprocess.Popen(
            ["node", SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, env={**os.environ, "NODE_PATH":
                            os.path.join(NPM, "node_modules")})
        test.addCleanup(self.kill)
        self.events = queue.Queue()
        self.kept = []
        threading.Thread(target=self.read, daemon=True).start()
        self.say("connect", url=test.url(), options={
            "clientId": test.client_id("js"), **VERSIONS[version], **options})
        self.connack = self.expect("connect", START_SECONDS)

    def read(self):
        for line in self.child.stdout:
            self.events.put(json.loads(line))

    def say(self, verb, **fields):
        self.child.stdin.write(json.dumps({"do": verb, **fields}) + "\n")
        self.child.stdin.flush()

    def expect(self, event, seconds=PATIENCE):
        """The next event of that name; other ones are kept for later."""
        skipped = []
        try:
            while True:
                got = self.next_event(seconds)
                if got["event"] == event:
                    self.test.assertFalse(got.get("error"), got)
                    return got
                skipped.append(got)
        except queue.Empty:
            raise AssertionError(f"no {event}, but {skipped}") from None
        finally:
            self.kept = skipped + self.kept

    def next_event(self, seconds=PATIENCE):
        if self.kept:
            return self.kept.pop(0)
        return self.events.get(timeout=seconds)

    def subscribe(self, topic_filter, **options):
        self.say("subscribe", filter=topic_filter, options=options)
        return self.expect("suback")["codes"]

    def publish(self, topic, payload, **options):
        self.say("publish", topic=topic, payload=payload, options=options)
        return self.expect("published")

    def message(self):
        return self.expect("message")

    def kill(self):
        self.child.kill()
        self.child.wait()
        self.child.stdin.close()


class MqttJs(BlackboxTest):

    def url(self):
        return f"mqtt://127.0.0.1:{self.broker.port}"

    def test_each_version_publishes(self):
        """MQTT.js publishes in each version and QoS, and we receive (4.3)."""
        for version in VERSIONS:
            with self.subTest(version):
                topic = self.topic(version)
                subscriber = self.subscriber(topic, 2)
                client = JsClient(self, version)
                for qos in range(3):
                    client.publish(topic, f"q{qos}", qos=qos)
                    subscriber.acknowledge(subscriber.expect_message(
                        topic, f"q{qos}", qos=qos))

    def test_each_version_subscribes(self):
        """MQTT.js receives in each version and QoS what we publish (4.3)."""
        for version in VERSIONS:
            with self.subTest(version):
                topic = self.topic(version)
                client = JsClient(self, version)
                self.assertEqual(client.subscribe(topic, qos=2), [2])
                publisher = self.connect()
                for qos in range(3):
                    publisher.publish(topic, f"q{qos}", qos)
                    got = client.message()
                    self.assertEqual((got["topic"], got["payload"],
                                      got["qos"]), (topic, f"q{qos}", qos))

    def test_one_to_another(self):
        """MQTT.js 5.0 to MQTT.js 3.1.1 and back, 200 messages each
        (4.6)."""
        topic = self.topic()
        four, five = JsClient(self, "3.1.1"), JsClient(self, "5.0")
        four.subscribe(topic + "/4", qos=1)
        five.subscribe(topic + "/5", qos=1)
        for number in range(200):
            five.say("publish", topic=topic + "/4", payload=str(number),
                     options={"qos": 1})
        for number in range(200):
            self.assertEqual(four.message()["payload"], str(number))
            five.expect("published")
        for number in range(200):
            four.publish(topic + "/5", str(number), qos=1)
        for number in range(200):
            self.assertEqual(five.message()["payload"], str(number))

    def test_wills_and_retained(self):
        """A retained will of a vanished MQTT.js client (3.1.2.5)."""
        for version in ("3.1.1", "5.0"):
            with self.subTest(version):
                topic = self.topic(version)
                witness = self.subscriber(topic, 1)
                client = JsClient(self, version, will={
                    "topic": topic, "payload": "gone", "qos": 1,
                    "retain": True})
                client.say("vanish")
                witness.expect_message(topic, "gone", qos=1)
                late = JsClient(self, version)
                late.say("subscribe", filter=topic, options={"qos": 1})
                late.expect("suback")
                self.assertTrue(late.message()["retain"])

    def test_properties(self):
        """Properties go through in both directions (3.3.2.3)."""
        topic = self.topic()
        client = JsClient(self, "5.0")
        client.subscribe(topic, qos=1, properties={
            "subscriptionIdentifier": 77})
        client.publish(topic, "x", qos=1, properties={
            "payloadFormatIndicator": True, "contentType": "text/plain",
            "responseTopic": "answers", "correlationData": "c7",
            "userProperties": {"k": ["1", "2"], "l": "3"}})
        got = client.message()["properties"]
        self.assertEqual(
            (got["payloadFormatIndicator"], got["contentType"],
             got["responseTopic"], got["correlationData"],
             got["userProperties"], got["subscriptionIdentifier"]),
            (True, "text/plain", "answers", "c7",
             {"k": ["1", "2"], "l": "3"}, 77))

    def test_topic_aliases(self):
        """MQTT.js resolves the broker's aliases, and the broker those that
        MQTT.js assigns (3.3.2.3.4)."""
        topic = self.topic()
        client = JsClient(self, "5.0", autoAssignTopicAlias=True,
                          autoUseTopicAlias=True,
                          properties={"topicAliasMaximum": 5})
        client.subscribe(topic + "/#", qos=1)
        for number in range(4):
            for name in "ab":
                client.publish(f"{topic}/{name}", str(number), qos=1)
                got = client.message()
                self.assertEqual((got["topic"], got["payload"]),
                                 (f"{topic}/{name}", str(number)))

    def test_a_persistent_session(self):
        """MQTT.js finds its session again with what waited (4.1)."""
        for version in ("3.1.1", "5.0"):
            with self.subTest(version):
                topic = self.topic(version)
                options = {"clientId": self.client_id(), "clean": False}
                if version == "5.0":
                    options["properties"] = {"sessionExpiryInterval": 60}
                first = JsClient(self, version, **options)
                first.subscribe(topic, qos=2)
                first.say("end")
                first.expect("end")
                publisher = self.connect()
                for number in range(3):
                    publisher.publish(topic, str(number), 2)
                again = JsClient(self, version, **options)
                self.assertTrue(again.connack["session_present"])
                for number in range(3):
                    self.assertEqual(again.message()["payload"], str(number))

    def test_reasons_reach_it(self):
        """MQTT.js sees 0x10 in PUBACK, the codes of UNSUBACK, and 0x8E when
        it is taken over (3.4.2.1) (3.11.3) (3.1.4)."""
        client_id = self.client_id()
        client = JsClient(self, "5.0", clientId=client_id)
        client.publish(self.topic("none"), "x", qos=1)
        self.assertEqual(client.expect("puback")["code"], 0x10)
        client.say("unsubscribe", filter=self.topic("none"))
        self.assertEqual(client.expect("unsuback")["codes"], [0x11])
        self.connect(client_id)
        self.assertEqual(client.expect("disconnect")["code"], 0x8E)


class MqttJsWebSocket(MqttJs):
    """All of it through WebSockets."""

    settings = {"listeners.ws.web": "127.0.0.1:0"}

    def url(self):
        host, port = self.broker.address_of("ws.web")
        return f"ws://{host}:{port}/mqtt"

    def test_a_large_message(self):
        """A payload of a megabyte, both ways."""
        topic = self.topic()
        client = JsClient(self, "5.0")
        client.subscribe(topic, qos=1)
        payload = "0123456789abcdef" * 65_536
        client.publish(topic, payload, qos=1)
        self.assertEqual(client.message()["payload"], payload)


class MqttJsCompressed(MqttJsWebSocket):
    """And through permessage-deflate, which its library offers."""

    settings = {**MqttJsWebSocket.settings,
                "listeners.ws.web.ws_compression": "on"}


if __name__ == "__main__":
    unittest.main()
