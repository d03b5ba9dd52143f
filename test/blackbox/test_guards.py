"""The guards that ship with the broker: password and ACL files, SCRAM, JSON Web
Tokens, bans. Their files are edited as an operator does, while clients work."""

import base64
import hashlib
import hmac
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import broker as brokers
import mqtt_wire as wire
from case import BlackboxTest
from mqtt_wire import AUTH, CONNACK, DISCONNECT, PUBACK, SUBACK, V5, V311

SECRET = "correct-horse-battery"
USERS = ("ann", "bob")


def tool(name="hetzel-passwd"):
    """It stands beside the broker."""
    return os.path.join(os.path.dirname(brokers.hetzel_binary()), name)


def passwd(*words, password=SECRET):
    return subprocess.run([tool(), *words], input=f"{password}\n{password}\n",
                          capture_output=True, text=True, timeout=60,
                          check=True)


def replace(path, text):
    """As an editor does it: the file is whole at any moment."""
    with open(path + ".new", "w", encoding="utf-8") as fresh:
        fresh.write(text)
    os.rename(path + ".new", path)


class Guarded(BlackboxTest):
    """A broker that admits nobody unasked, with files of its own."""

    settings = None

    def setUp(self):
        super().setUp()
        self.folder = tempfile.mkdtemp(prefix="hetzel-guards-")
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, acl="topic #\n", **settings):
        replace(self.path("acl"), acl)
        self.broker = self.run_broker(**{
            "allow_anonymous": "off",
            "plugins__vmq_passwd": "on", "plugins__vmq_acl": "on",
            "vmq_passwd__password_file": self.path("passwd"),
            "vmq_acl__acl_file": self.path("acl"), **settings})

    def make_users(self, scheme="sha512"):
        replace(self.path("passwd"), "")
        for user in USERS:
            passwd("--hash", scheme, self.path("passwd"), user)

    def enter(self, user="ann", password=SECRET, **options):
        return self.connect(user=user, password=password, **options)

    def assert_refused(self, code, version=V5, **options):
        client = self.client(version)
        client.request_connect(self.client_id(), **options)
        client.expect(CONNACK, code=code)
        client.expect_closed()

    def reload(self, word=r"plugin\.loaded plugin=vmq_acl"):
        """SIGHUP, and waits until the files were read."""
        start = len(self.broker.lines)
        self.broker.signal(signal.SIGHUP)
        return self.broker.await_line(word, 10, start)

    def await_in_force(self, is_answered, what):
        """What was loaded decides soon after, not at once."""
        deadline = time.monotonic() + 10
        while not is_answered():
            self.assertLess(time.monotonic(), deadline, what)

    def refusal(self, **options):
        """The code of the CONNACK, 0 for one that enters."""
        client = self.client(V5)
        client.request_connect(self.client_id(), **options)
        code = client.expect(CONNACK).code
        client.close()
        return code

    def assert_silent_about(self, *secrets):
        for line in self.broker.lines:
            for secret in secrets:
                self.assertNotIn(secret, line)


class Tool(unittest.TestCase):
    """hetzel-passwd as a script meets it."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="hetzel-passwd-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.file = os.path.join(self.folder, "passwd")

    def exit_code(self, *words, lines="x\nx\n"):
        return subprocess.run([tool(), *words], input=lines, text=True,
                              capture_output=True, timeout=60,
                              check=False).returncode

    def text(self):
        with open(self.file, encoding="utf-8") as users:
            return users.read()

    def test_exit_codes(self):
        """0: done; 1: could not; 2: asked for what there is not."""
        self.assertEqual(self.exit_code(self.file, "ann"), 1)
        self.assertEqual(self.exit_code("-c", self.file, "ann"), 0)
        self.assertEqual(self.exit_code("-c", self.file, "ann"), 1)
        self.assertEqual(self.exit_code("-cf", self.file, "ann"), 0)
        self.assertEqual(self.exit_code(self.file, "bob", lines="x\ny\n"), 1)
        self.assertEqual(self.exit_code(self.file, "bob", lines=""), 1)
        self.assertEqual(self.exit_code("-D", self.file, "ann"), 0)
        self.assertEqual(self.exit_code("-x", self.file), 2)
        self.assertEqual(self.exit_code(), 2)
        self.assertEqual(self.exit_code("--help"), 0)
        self.assertEqual(self.text(), "")

    def test_the_file_is_its_owners(self):
        """A new file has mode 0600, and nothing is left beside it."""
        self.exit_code("-c", self.file, "ann")
        self.assertEqual(os.stat(self.file).st_mode & 0o777, 0o600)
        self.assertEqual(os.listdir(self.folder), ["passwd"])
        self.assertTrue(self.text().startswith("ann:$scrypt$ln=15,r=8,p=1$"))

    def test_conversion(self):
        """-U hashes what is not hashed yet, and shows no password."""
        replace(self.file, "ann:plain-text\nbob:other\n")
        self.assertEqual(self.exit_code("-U", "--hash", "sha512", self.file),
                         0)
        once = self.text()
        self.assertNotIn("plain-text", once)
        self.exit_code("-U", "--hash", "sha512", self.file)
        self.assertEqual(self.text(), once)


class Passwords(Guarded):

    def test_who_enters(self):
        """The right password enters; a wrong one is refused with 4 or 0x86, an
        unknown user and none with 5 or 0x86 [MQTT-3.1.4-2]."""
        for scheme in ("sha512", "scrypt"):
            with self.subTest(scheme):
                self.make_users(scheme)
                self.start()
                for version, wrong, other in ((V311, 4, 5), (V5, 0x86, 0x86)):
                    self.enter(version=version).ping()
                    self.assert_refused(wrong, version, user="ann",
                                        password="guess-what")
                    self.assert_refused(other, version, user="eve",
                                        password=SECRET)
                    self.assert_refused(other, version)
                self.assert_silent_about(SECRET, "guess-what", "$scrypt$",
                                         "$6$")

    def test_mosquitto_clients(self):
        """mosquitto_pub and mosquitto_sub with user and password."""
        self.make_users()
        self.start()
        words = ["-h", "127.0.0.1", "-p", str(self.broker.port), "-u", "ann",
                 "-t", self.topic()]
        subprocess.run(["mosquitto_pub", *words, "-P", SECRET, "-r", "-q", "1",
                        "-m", "hello"], check=True, timeout=20)
        heard = subprocess.run(["mosquitto_sub", *words, "-P", SECRET, "-C",
                                "1", "-W", "10"], check=True, timeout=20,
                               capture_output=True, text=True)
        self.assertEqual(heard.stdout, "hello\n")
        refused = subprocess.run(["mosquitto_pub", *words, "-P", "no", "-m",
                                  "x"], timeout=20, check=False,
                                 capture_output=True)
        self.assertNotEqual(refused.returncode, 0)

    def test_users_come_and_go(self):
        """A new user enters and a deleted one does not, without a restart and
        without disturbing who is connected."""
        self.make_users()
        self.start()
        client = self.enter("bob")
        passwd("--hash", "sha512", self.path("passwd"), "new")
        passwd("-D", self.path("passwd"), "bob")
        self.reload(r"plugin\.loaded plugin=vmq_passwd")
        self.await_in_force(
            lambda: self.refusal(user="bob", password=SECRET) == 0x86,
            "bob still enters")
        self.enter("new").ping()
        client.ping()

    def test_a_broken_file(self):
        """A broken file is told with its line, and the users before it stay."""
        self.make_users()
        self.start()
        with open(self.path("passwd"), "a", encoding="utf-8") as users:
            users.write("eve:hunter2-in-clear\n")
        line = self.reload(r"plugin\.file_refused.*").group(0)
        self.assertIn(self.path("passwd") + ":3: ", line)
        self.enter("ann").ping()
        self.assert_silent_about("hunter2")


class Rules(Guarded):

    RULES = ("topic read news/#\ndeny read news/secret\n"
             "user ann\ntopic write up/ann/#\npattern readme/%c/#\n")

    def setUp(self):
        super().setUp()
        self.make_users()

    def test_publishing(self):
        """What no rule allows is answered with 0x87 in 5.0 and ends the
        connection in 3.1.1; the rest is delivered."""
        self.start(self.RULES + "topic read up/#\n")
        reader = self.enter("ann")
        self.assertEqual(reader.subscribe("up/#"), 0)
        client = self.enter("ann")
        client.send(wire.publish("up/bob/x", "no", 1, 7))
        client.expect(PUBACK, id=7, code=0x87)
        client.publish("up/ann/x", "yes", 1)
        reader.expect_message("up/ann/x", "yes")
        old = self.enter("ann", version=V311)
        old.send(wire.publish("up/bob/x", "no", 1, 7, version=V311))
        old.expect_closed()
        self.enter("bob").ping()

    def test_subscribing(self):
        """Filters are allowed when a rule covers them whole and none denies a
        part of them."""
        self.start(self.RULES)
        client = self.enter("ann")
        self.assertEqual(client.subscribe("news/sport"), 0)
        for topic_filter in ("news/#", "news/secret", "#", "other"):
            with self.subTest(topic_filter):
                self.assertEqual(client.subscribe(topic_filter), 0x87)
        client.send(wire.subscribe(9, [("news/a", 0), ("news/secret", 0)]))
        self.assertEqual(client.expect(SUBACK, id=9).codes, [0, 0x87])

    def test_reload_under_load(self):
        """Rules change under load and no message is lost; a denial holds from
        then on."""
        self.start("topic #\n")
        reader = self.enter("bob")
        reader.subscribe("load/#", 1)
        writer = self.enter("ann")
        sent = 0
        for turn in range(10):
            replace(self.path("acl"), f"# turn {turn}\ntopic load/#\n"
                                      f"topic turn{turn}\n")
            self.broker.signal(signal.SIGHUP)
            for _ in range(40):
                writer.publish("load/x", str(sent), 1)
                sent += 1
        for number in range(sent):
            message = reader.receive()
            self.assertEqual(message.payload, str(number).encode())
            reader.acknowledge(message)
        replace(self.path("acl"), "topic read load/#\n")
        self.reload()

        def is_denied():
            writer.send(wire.publish("load/x", "no", 1, 7))
            return writer.expect(PUBACK, id=7).code == 0x87

        self.await_in_force(is_denied, "load/x is still allowed")
        for _ in range(40):
            self.assertTrue(is_denied())

    def test_revocation(self):
        """By choice, subscriptions that new rules do not allow are taken away
        while the client is connected."""
        self.start("topic #\n", vmq_acl__revoke_subscriptions="on")
        reader = self.enter("bob")
        for topic in ("secret/x", "open/x"):
            reader.subscribe(topic)
        writer = self.enter("ann")
        replace(self.path("acl"), "topic #\ndeny read secret/#\n")
        self.reload()
        deadline = time.monotonic() + 10
        heard = ["secret/x"]
        while "secret/x" in heard and time.monotonic() < deadline:
            writer.publish("secret/x", "")
            writer.publish("open/x", "")
            heard = [reader.receive().topic]
            while heard[-1] != "open/x":
                heard.append(reader.receive().topic)
        self.assertEqual(heard, ["open/x"])
        writer.publish("open/x", "still there")
        reader.expect_message("open/x", "still there")

    def test_a_broken_file(self):
        """A broken file is told with its line, and the rules before it stay."""
        self.start("topic a\n")
        replace(self.path("acl"), "topic #\nnonsense\n")
        line = self.reload(r"plugin\.file_refused.*").group(0)
        self.assertIn(self.path("acl") + ":2: ", line)
        client = self.enter()
        self.assertEqual(client.subscribe("a"), 0)
        self.assertEqual(client.subscribe("b"), 0x87)


def scram_proof(password, first_bare, challenge, name="sha256"):
    """client-final-message (RFC 5802, 3)."""
    fields = dict(part.split("=", 1) for part in challenge.split(","))
    salted = hashlib.pbkdf2_hmac(name, password.encode(),
                                 base64.b64decode(fields["s"]),
                                 int(fields["i"]))
    key = hmac.digest(salted, b"Client Key", name)
    last = f"c=biws,r={fields['r']}"
    text = f"{first_bare},{challenge},{last}".encode()
    stored = hashlib.new(name, key).digest()
    signature = hmac.digest(stored, text, name)
    proof = bytes(a ^ b for a, b in zip(key, signature))
    server = hmac.digest(hmac.digest(salted, b"Server Key", name), text, name)
    return (f"{last},p={base64.b64encode(proof).decode()}",
            f"v={base64.b64encode(server).decode()}")


class Scram(Guarded):

    FIRST = "n=ann,r=fyko+d2lbbFgONRv9qkxdawL"

    def setUp(self):
        super().setUp()
        replace(self.path("passwd"), "")
        for name in ("scram-sha-256", "scram-sha-512"):
            passwd("--hash", name, self.path("passwd"), "ann")
        self.start("pattern write up/%u\n", plugins__vmq_passwd="off",
                   plugins__scram="on", scram__user_file=self.path("passwd"))

    def begin(self, method, first=None):
        client = self.client()
        client.request_connect(self.client_id(), props={
            "authentication_method": method,
            "authentication_data": ("n,," + (first or self.FIRST)).encode()})
        return client, client.expect(AUTH, code=0x18).props.get(
            "authentication_data").decode()

    def test_both_methods(self):
        """A client that proves its password enters, sees that the server knows
        it too, and is that user (4.12)."""
        for method, name in (("SCRAM-SHA-256", "sha256"),
                             ("SCRAM-SHA-512", "sha512")):
            with self.subTest(method):
                client, challenge = self.begin(method)
                last, expected = scram_proof(SECRET, self.FIRST, challenge,
                                             name)
                client.authenticate(method, last.encode())
                connack = client.expect(CONNACK, code=0)
                self.assertEqual(connack.props.get("authentication_data"),
                                 expected.encode())
                client.publish("up/ann", "mine", 1)
                client.send(wire.publish("up/bob", "no", 1, 7))
                client.expect(PUBACK, id=7, code=0x87)

    def test_a_wrong_password_and_an_unknown_user(self):
        """Both are refused at the same step with the same code."""
        for first in (self.FIRST, "n=eve,r=abcdefgh"):
            client, challenge = self.begin("SCRAM-SHA-256", first)
            self.assertIn(",i=15000", challenge)
            last, _ = scram_proof("wrong", first, challenge)
            client.authenticate("SCRAM-SHA-256", last.encode())
            client.expect(CONNACK, code=0x87)
            client.expect_closed()

    def test_re_authentication(self):
        """The same user may prove itself again; a failure ends the connection
        [MQTT-4.12.1-1] [MQTT-4.12.1-2]."""
        method = "SCRAM-SHA-256"
        client, challenge = self.begin(method)
        last, _ = scram_proof(SECRET, self.FIRST, challenge)
        client.authenticate(method, last.encode())
        client.expect(CONNACK, code=0)
        for password, code in ((SECRET, 0x00), ("wrong", None)):
            client.authenticate(method, ("n,," + self.FIRST).encode(), 0x19)
            challenge = client.expect(AUTH, code=0x18).props.get(
                "authentication_data").decode()
            last, _ = scram_proof(password, self.FIRST, challenge)
            client.authenticate(method, last.encode())
            if code is not None:
                client.expect(AUTH, code=code)
        client.expect_disconnect(0x87)


def coded(part):
    return base64.urlsafe_b64encode(part).rstrip(b"=")


def token(secret, header=None, **claims):
    text = coded(json.dumps(header or {"alg": "HS256"}).encode()) + b"." \
        + coded(json.dumps(claims).encode())
    return (text + b"." + coded(hmac.digest(secret.encode(), text,
                                            "sha256"))).decode()


class Tokens(Guarded):

    KEY = "a-secret-of-at-least-32-bytes-for-HS256"

    def setUp(self):
        super().setUp()
        replace(self.path("secret"), self.KEY + "\n")
        self.start("topic #\n", plugins__vmq_passwd="off", plugins__jwt="on",
                   jwt__secret_file=self.path("secret"), jwt__leeway="0s")

    def token(self, key=KEY, header=None, **claims):
        return token(key, header, **{"sub": "ann", "exp": time.time() + 60,
                                     **claims})

    def test_who_enters(self):
        """A token of the right key enters; another key, `none` and an expired
        one do not."""
        self.enter("x", self.token()).ping()
        self.enter("x", self.token(), version=V311).ping()
        for bad in (self.token("another-secret-of-at-least-32-bytes!"),
                    self.token(header={"alg": "none"}).rsplit(".", 1)[0] + ".",
                    self.token(exp=time.time() - 5)):
            self.assert_refused(0x86, user="x", password=bad)
        self.assert_silent_about(self.KEY)

    def test_the_acl_claim(self):
        """It is the only word on what its bearer may do."""
        client = self.enter("x", self.token(acl={"publish": ["up/%u"],
                                                 "subscribe": ["down/#"]}))
        client.publish("up/ann", "yes", 1)
        client.send(wire.publish("up/bob", "no", 1, 7))
        client.expect(PUBACK, id=7, code=0x87)
        self.assertEqual(client.subscribe("down/x"), 0)
        self.assertEqual(client.subscribe("up/ann"), 0x87)

    def test_the_end_of_a_token(self):
        """It is the end of the connection."""
        client = self.enter("x", self.token(exp=time.time() + 2))
        start = time.monotonic()
        client.expect(DISCONNECT, patience=10, code=0xA0)
        self.assert_elapsed(start, 0.5, 8)

    def test_renewal(self):
        """AUTH with a new token puts the end off; one for another user ends the
        connection."""
        client = self.client()
        client.request_connect(self.client_id(), props={
            "authentication_method": "JWT",
            "authentication_data": self.token(exp=time.time() + 2).encode()})
        client.expect(CONNACK, code=0)
        client.authenticate("JWT", self.token().encode(), 0x19)
        client.expect(AUTH, code=0)
        self.let_pass(4)
        client.ping()
        client.authenticate("JWT", self.token(sub="bob").encode(), 0x19)
        client.expect_disconnect(0x87)


class Bans(Guarded):

    def ban(self, *lines):
        """Edits the list while the broker is down."""
        def write():
            replace(os.path.join(self.broker.data_dir, "bans"),
                    "".join(line + "\n" for line in lines))
        self.broker.restart(signal.SIGTERM, write)

    def test_client_ids_users_and_networks(self):
        """Who is banned is refused with 5 or 0x8A, a network at once."""
        self.start(allow_anonymous="on")
        self.ban("client_id\tbad\t-\treason", "user_name\teve\t-\t",
                 "client_id\tgone\t1\tit is over")
        for version, code in ((V311, 5), (V5, 0x8A)):
            client = self.client(version)
            client.request_connect("bad")
            client.expect(CONNACK, code=code)
            client.expect_closed()
            self.assert_refused(code, version, user="eve", password="x")
            self.connect("gone", version).disconnect()
            self.connect(version=version).ping()
        self.ban("network\t127.0.0.0/8\t-\t")
        self.client().expect_closed()

    def test_flapping(self):
        """A client that connects and disconnects all the time is banned for a
        while; others are not."""
        self.start(allow_anonymous="on", bans__flapping__max_disconnects="3",
                   bans__flapping__ban_time="1h")
        start = len(self.broker.lines)
        for _ in range(4):
            self.connect("flap").disconnect()
        self.broker.await_line(r"ban\.flapping client_id=flap", 10, start)
        client = self.client()
        client.request_connect("flap")
        client.expect(CONNACK, code=0x8A)
        self.connect().ping()


if __name__ == "__main__":
    unittest.main()
