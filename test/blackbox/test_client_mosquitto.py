"""mosquitto_pub and mosquitto_sub (package mosquitto-clients)."""

import subprocess
import unittest

from case import BlackboxTest
from wire_client import PATIENCE

VERSIONS = ("mqttv31", "mqttv311", "mqttv5")


class Subscription:
    """A running mosquitto_sub; ready when its SUBACK has come."""

    def __init__(self, test, *words):
        self.child = subprocess.Popen(
            ["stdbuf", "-oL", "mosquitto_sub", "-d", "-h", "127.0.0.1", "-p",
             str(test.broker.port), "-W", "20", *words],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        test.addCleanup(self.end)
        self.wait_for("Subscribed")

    def lines(self):
        """Its output without the debug lines."""
        for line in self.child.stdout:
            line = line.rstrip("\n")
            if line.startswith(("Client ", "Subscribed")):
                continue
            yield line

    def wait_for(self, word):
        for line in self.child.stdout:
            if line.startswith(word):
                return
        raise AssertionError(f"mosquitto_sub ended before {word!r}")

    def rest(self):
        """All its messages, when it has ended by -C or by itself."""
        lines = list(self.lines())
        self.child.wait(PATIENCE)
        return lines

    def end(self):
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()
        self.child.stdout.close()


class Mosquitto(BlackboxTest):

    def publish(self, *words, version="mqttv5", stdin=None):
        done = subprocess.run(
            ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.broker.port),
             "-V", version, *words], input=stdin, capture_output=True,
            text=True, timeout=20, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def run_sub(self, *words, version="mqttv5"):
        """mosquitto_sub to its end: output lines and exit code."""
        done = subprocess.run(
            ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.broker.port),
             "-V", version, "-W", "5", *words], capture_output=True,
            text=True, timeout=20, check=False)
        return done.stdout.splitlines(), done.returncode

    def test_each_version_and_qos(self):
        """Publisher and subscriber of each version, in each QoS (4.3)."""
        for version in VERSIONS:
            for qos in "012":
                with self.subTest(version, qos=qos):
                    topic = self.topic(version + qos)
                    sub = Subscription(self, "-V", version, "-q", qos, "-t",
                                       topic, "-C", "1", "-F", "%t %q %p")
                    self.publish("-q", qos, "-t", topic, "-m", "hello",
                                 version=version)
                    self.assertEqual(sub.rest(), [f"{topic} {qos} hello"])

    def test_many_lines(self):
        """-l publishes each line; they arrive in order (4.6)."""
        topic = self.topic()
        sub = Subscription(self, "-q", "1", "-t", topic, "-C", "300")
        lines = [f"line {number}" for number in range(300)]
        self.publish("-q", "1", "-t", topic, "-l", stdin="\n".join(lines))
        self.assertEqual(sub.rest(), lines)

    def test_properties(self):
        """-D properties arrive with the message (3.3.2.3)."""
        topic = self.topic()
        sub = Subscription(self, "-V", "mqttv5", "-t", topic, "-C", "1", "-F",
                           "%p|%C|%R|%D|%P|%E|%F")
        self.publish("-t", topic, "-m", "x", "-q", "1",
                     "-D", "publish", "content-type", "text/plain",
                     "-D", "publish", "response-topic", "answers/here",
                     "-D", "publish", "correlation-data", "c7",
                     "-D", "publish", "user-property", "b", "1",
                     "-D", "publish", "user-property", "a", "2",
                     "-D", "publish", "payload-format-indicator", "1",
                     "-D", "publish", "message-expiry-interval", "300")
        line, = sub.rest()
        payload, content, response, correlation, user, expiry, form = \
            line.split("|")
        self.assertEqual((payload, content, response, correlation, form),
                         ("x", "text/plain", "answers/here", "c7", "1"))
        self.assertEqual(user, "b:1 a:2")
        self.assertIn(expiry, ("299", "300"))

    def test_retained_only(self):
        """--retained-only prints the retained message, not the live ones
        (3.3.1.3)."""
        topic = self.topic()
        for version in VERSIONS:
            self.publish("-t", topic, "-m", version, "-r", "-q", "1",
                         version=version)
            lines, code = self.run_sub("-t", topic, "--retained-only", "-C",
                                       "1", version=version)
            self.assertEqual((lines, code), ([version], 0))

    def test_removing_retained(self):
        """--remove-retained clears what it finds (3.3.1.3)."""
        base = self.topic()
        for name in "ab":
            self.publish("-t", f"{base}/{name}", "-m", "kept", "-r", "-q", "1")
        lines, _ = self.run_sub("-t", base + "/#", "--remove-retained",
                                "--retained-only", "-C", "2", "-W", "1")
        self.assertEqual(lines, ["kept", "kept"])
        self.assert_not_retained(self.subscriber(base + "/#"), base)

    def test_a_will(self):
        """--will-topic: killed without DISCONNECT, the will comes
        (3.1.2.5)."""
        for version in VERSIONS:
            with self.subTest(version):
                will = self.topic("will" + version)
                witness = self.subscriber(will, 1)
                doomed = Subscription(self, "-V", version, "-t", "none",
                                      "--will-topic", will, "--will-payload",
                                      "killed", "--will-qos", "1")
                doomed.end()
                witness.acknowledge(witness.expect_message(will, "killed",
                                                           qos=1))

    def test_shared(self):
        """Two mosquitto_sub in one share group divide the messages
        (4.8.2)."""
        topic = self.topic()
        subs = [Subscription(self, "-V", "mqttv5", "-q", "1", "-t",
                             f"$share/g/{topic}", "-t", topic + "/end", "-C",
                             "101") for _ in range(2)]
        lines = [str(number) for number in range(100)]
        self.publish("-q", "1", "-t", topic, "-l", stdin="\n".join(lines))
        got = []
        for sub in subs:
            self.publish("-q", "1", "-t", topic + "/end", "-m", "end")
            for line in sub.lines():
                if line == "end":
                    break
                got.append(line)
        self.assertEqual(sorted(got, key=int), lines)

    def test_a_persistent_session(self):
        """-c keeps the session; what was missed comes (4.1)."""
        for version in ("mqttv311", "mqttv5"):
            with self.subTest(version):
                topic, name = self.topic(version), self.client_id()
                words = ["-c", "-i", name, "-q", "1", "-t", topic]
                if version == "mqttv5":
                    words += ["-x", "60"]
                # -E: exit when subscribed.
                self.run_sub(*words, "-E", version=version)
                for number in range(3):
                    self.publish("-q", "1", "-t", topic, "-m", str(number))
                lines, code = self.run_sub(*words, "-C", "3", version=version)
                self.assertEqual((lines, code), (["0", "1", "2"], 0))

    def test_a_large_file(self):
        """-f: 1 MB arrives whole (3.3.3)."""
        topic = self.topic()
        subscriber = self.subscriber(topic, 1)
        payload = "0123456789abcdef" * (1 << 16)
        self.publish("-q", "1", "-t", topic, "-s", stdin=payload)
        self.assertEqual(len(subscriber.receive().payload), 1 << 20)

    def test_request_and_response(self):
        """mosquitto_rr asks, a client of ours answers (4.10)."""
        service, answers = self.topic("service"), self.topic("answers")
        responder = self.subscriber(service, 1)
        asking = subprocess.Popen(
            ["mosquitto_rr", "-h", "127.0.0.1", "-p", str(self.broker.port),
             "-V", "mqttv5", "-q", "1", "-t", service, "-e", answers, "-m",
             "6 x 7", "-W", "10"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(asking.kill)
        request = responder.expect_message(service, "6 x 7")
        responder.acknowledge(request)
        responder.publish(request.props.get("response_topic"), "42", 1)
        said, _ = asking.communicate(timeout=10)
        self.assertEqual(said.strip(), "42")


if __name__ == "__main__":
    unittest.main()
