"""A copy of the data directory of a running broker, and a broker that starts
from it."""

import os
import resource
import shutil
import signal
import tempfile
import threading
import time
import unittest

import mqtt_wire as wire
from case import BlackboxTest, start_broker
from mqtt_wire import PUBACK, PUBCOMP, PUBREC
from wire_client import Client

SETTINGS = {"max_online_messages": "-1", "max_offline_messages": "-1"}
UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)

# Messages of one publisher that are on their way.
WINDOW = 50


class Flood(threading.Thread):
    """Publishes numbers to its topic until it is told to stop."""

    def __init__(self, address, name, qos):
        super().__init__(daemon=True)
        self.topic, self._qos = f"copy/{name}", qos
        self.acknowledged = 0       # how many, which are the first ones
        self.longest = 0.0          # seconds without an acknowledgement
        self._is_wanted = True
        self._client = Client(address, patience=30).connect(name)

    def run(self):
        number = 0
        last = time.monotonic()
        while self._is_wanted:
            ids = [self._send(number + step) for step in range(WINDOW)]
            for packet_id in ids:
                self._await(packet_id)
                self.acknowledged += 1
                now = time.monotonic()
                self.longest = max(self.longest, now - last)
                last = now
            number += WINDOW
        self._client.close()

    def _send(self, number):
        packet_id = self._client.next_id()
        self._client.send(wire.publish(self.topic, str(number), self._qos,
                                       packet_id))
        return packet_id

    def _await(self, packet_id):
        if self._qos == 1:
            self._client.await_reply(PUBACK, packet_id)
            return
        self._client.await_reply(PUBREC, packet_id)
        self._client.reply(wire.PUBREL, packet_id)
        self._client.await_reply(PUBCOMP, packet_id)

    def stop(self):
        self._is_wanted = False
        self.join()


class Checkpoint(BlackboxTest):

    settings = None

    def setUp(self):
        super().setUp()
        self.broker = start_broker(SETTINGS)
        self.addCleanup(self.broker.kill)
        self.place = tempfile.mkdtemp(prefix="hetzel-copies-")
        self.addCleanup(shutil.rmtree, self.place, ignore_errors=True)

    def copy_path(self, name="copy"):
        return os.path.join(self.place, name)

    def assert_copied(self, path):
        code, told = self.broker.ask("checkpoint", path)
        self.assertEqual(code, 0, told)
        self.assertIn(f"to: {path}\n", told)

    def broker_of(self, path):
        """A second broker, from a copy."""
        second = start_broker(SETTINGS, data_dir=path)
        self.addCleanup(second.stop)
        return second

    def absent(self, client_id, *filters):
        """A session of somebody who is not there."""
        client = self.connect_persistent(client_id)
        for topic_filter, qos in filters:
            client.subscribe(topic_filter, qos)
        client.disconnect()

    def fill(self, client_id, count, size=20_000):
        """That many messages wait for the client."""
        self.absent(client_id, ("fill", 1))
        publisher = self.connect()
        for number in range(count):
            publisher.publish("fill", f"{number} " + "x" * size, 1)

    def numbers(self, broker, client_id):
        """What waits for the client, by topic."""
        client = self.client(broker=broker)
        client.connect(client_id, clean=False,
                       props={"session_expiry_interval": 300})
        self.assertTrue(client.connack.session_present)
        publisher = self.connect(broker=broker)
        publisher.publish("copy/end", "end", 1)
        waiting = {}
        for message in client.messages_until("end"):
            waiting.setdefault(message.topic, []).append(int(message.payload))
        return waiting

    def test_under_load(self):
        """What was acknowledged before the command is in the copy, in order
        and once, and of what came later at most a beginning. Publishers go
        on meanwhile."""
        for client_id, qos in (("one", 1), ("two", 2)):
            self.absent(client_id, ("copy/#", qos))
        self.absent("gone", ("copy/#", 1))
        self.connect("gone", clean=True).disconnect()
        self.connect().publish("kept", "retained", 1, True)
        floods = [Flood(self.broker.address, f"p{number}", qos)
                  for number, qos in enumerate((1, 1, 2))]
        for one in floods:
            one.start()
        self.assert_becomes(True, lambda: all(
            one.acknowledged > 2 * WINDOW for one in floods))
        before = [one.acknowledged for one in floods]
        for name in ("first", "second"):
            self.assert_copied(self.copy_path(name))
        after = [one.acknowledged for one in floods]
        self.assert_becomes(True, lambda: all(
            one.acknowledged > count + WINDOW
            for one, count in zip(floods, after)))
        for one in floods:
            one.stop()
        self.broker.check()

        second = self.broker_of(self.copy_path("first"))
        for client_id in ("one", "two"):
            waiting = self.numbers(second, client_id)
            for one, count in zip(floods, before):
                got = waiting[one.topic]
                self.assertEqual(got, list(range(len(got))))
                self.assertGreaterEqual(len(got), count)
        fresh = self.connect_persistent("gone", broker=second)
        self.assertFalse(fresh.connack.session_present)
        fresh.subscribe("kept", 1)
        fresh.expect_message("kept", "retained", retain=True)
        print(f"{sum(before)} messages acknowledged before, longest wait "
              f"{max(one.longest for one in floods):.3f} s")

    def test_a_copy_is_made_of_a_copy(self):
        """Each start of a copy is a start like any other."""
        self.fill("absent", 3, size=1)
        self.assert_copied(self.copy_path("first"))
        self.broker.kill()
        self.broker = self.broker_of(self.copy_path("first"))
        self.assert_copied(self.copy_path("second"))
        self.broker.restart(signal.SIGKILL)
        third = self.broker_of(self.copy_path("second"))
        for broker in (self.broker, third):
            client = self.connect_persistent("absent", broker=broker)
            for number in range(3):
                client.acknowledge(
                    client.expect_message("fill", f"{number} x"))

    def test_a_place_that_will_not_do(self):
        """It is said, and nothing is there or changed."""
        os.mkdir(self.copy_path("there"))
        for path, why in (
                (self.copy_path("there"), "it exists already"),
                (self.copy_path("nowhere/copy"), "there is no directory"),
                (os.path.join(self.broker.data_dir, "messages", "7"),
                 "it is in the data directory itself")):
            code, told = self.broker.ask("checkpoint", path)
            self.assertEqual(code, 1, told)
            self.assertIn(why, told)
        self.assertEqual(os.listdir(self.place), ["there"])
        self.assertEqual(os.listdir(self.copy_path("there")), [])

    def test_a_disk_without_room(self):
        """The command fails and says why, nothing is left of the copy, and
        the broker goes on."""
        self.fill("absent", 100)
        resource.prlimit(self.broker.child.pid, resource.RLIMIT_FSIZE,
                         (500_000, resource.RLIM_INFINITY))
        code, told = self.broker.ask("checkpoint", self.copy_path())
        resource.prlimit(self.broker.child.pid, resource.RLIMIT_FSIZE,
                         UNLIMITED)
        self.assertEqual(code, 1, told)
        self.assertIn("there is no room left on the disk", told)
        self.assertEqual(os.listdir(self.place), [])
        self.broker.await_line(r"checkpoint\.failed", 5)
        self.assertLess(self.connect().publish("fill", "more", 1), 0x80)
        self.assert_copied(self.copy_path())

    def test_a_broker_that_dies_meanwhile(self):
        """What it had begun is no copy, and the next one replaces it."""
        self.fill("absent", 1500)
        asking = self.broker.start_asking("checkpoint", self.copy_path())
        growing = self.copy_path() + ".copying"
        self.assert_becomes(True, lambda: os.path.exists(growing))
        self.broker.signal(signal.SIGKILL)
        told, complaint = asking.communicate()
        self.assertEqual(asking.returncode, 3, told + complaint)
        self.assertEqual(os.listdir(self.place), ["copy.copying"])
        self.broker.restart(signal.SIGKILL)
        self.assert_copied(self.copy_path())
        self.assertEqual(os.listdir(self.place), ["copy"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
