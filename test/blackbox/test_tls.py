"""TLS listeners, by clients of others: mosquitto's, openssl's, Python's."""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest

from broker import hetzel_binary
from case import BlackboxTest
from tls_files import Authority
from wire_client import PATIENCE, Client

_home = {}


def setUpModule():
    folder = tempfile.mkdtemp(prefix="hetzel-tls-")
    unittest.addModuleCleanup(shutil.rmtree, folder)
    _home["folder"] = folder
    _home["authority"] = Authority(folder)
    _home["server"] = _home["authority"].issue("server", "localhost")


class TlsTest(BlackboxTest):
    """A broker with a TLS listener beside the plain one."""

    settings = None

    def setUp(self):
        super().setUp()
        self.authority = _home["authority"]

    def run_tls(self, certificate=None, node=None, **options):
        """`options` are those of the listener, `node` has other keys."""
        certfile, keyfile = certificate or _home["server"]
        given = {"certfile": certfile, "keyfile": keyfile, **options}
        settings = {"listeners.ssl.default": "127.0.0.1:0", **(node or {})}
        for key, value in given.items():
            settings["listeners.ssl.default." + key] = value
        self.broker = self.run_broker(**settings)
        self.tls_port = self.broker.address_of("ssl.default")[1]
        return self.broker

    def log_line(self, pattern):
        return self.broker.await_line(pattern, PATIENCE)

    # -- clients --------------------------------------------------------------

    def context(self, own=None, **options):
        context = ssl.create_default_context(
            cafile=self.authority.certificate)
        for key, value in options.items():
            setattr(context, key, value)
        if own:
            context.load_cert_chain(*own)
        return context

    def tls_client(self, context=None, host="localhost"):
        client = Client(("127.0.0.1", self.tls_port))
        self.addCleanup(client.close)
        client.socket = (context or self.context()).wrap_socket(
            client.socket, server_hostname=host)
        return client

    def shown_name(self, host="localhost"):
        """The common name of the certificate that a new client gets."""
        context = self.context()
        context.check_hostname = False
        subject = self.tls_client(context, host).socket.getpeercert()["subject"]
        return dict(pair[0] for pair in subject)["commonName"]

    def mosquitto_pub(self, *words):
        return subprocess.run(
            ["mosquitto_pub", "-h", "localhost", "-p", str(self.tls_port),
             "-t", "t", "-m", "x", "-q", "1", *words],
            capture_output=True, text=True, timeout=20, check=False)

    def s_client(self, *words, say=b""):
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{self.tls_port}",
             "-CAfile", self.authority.certificate, *words], input=say,
            capture_output=True, timeout=20, check=False)
        return (done.stdout + done.stderr).decode("utf-8", "replace")

    def assert_refused(self, context, fault):
        """The handshake fails, in 1.3 when its answer is read."""
        with self.assertRaises((ssl.SSLError, ConnectionResetError)):
            self.tls_client(context).socket.recv(1)
        self.log_line(r"transport\.failed .*listener=ssl\.default "
                      f"fault={fault} ")


class Clients(TlsTest):

    def test_mosquitto_clients(self):
        """mosquitto_sub and mosquitto_pub speak TLS with the broker."""
        self.run_tls()
        plain = self.connect(broker=self.broker)
        plain.subscribe("t", 1)
        done = self.mosquitto_pub("--cafile", self.authority.certificate)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        plain.expect_message("t", "x")
        with subprocess.Popen(
                ["stdbuf", "-oL", "mosquitto_sub", "-h", "localhost",
                 "-p", str(self.tls_port),
                 "--cafile", self.authority.certificate, "-t", "u", "-C", "1",
                 "-d", "-W", "20"], stdout=subprocess.PIPE, text=True) as sub:
            for line in sub.stdout:
                if line.startswith("Subscribed"):
                    break
            plain.publish("u", "hello")
            self.assertIn("hello\n", sub.stdout.readlines())

    def test_large_messages(self):
        """A message of 3 MB goes in and comes back, byte for byte."""
        self.run_tls()
        payload = os.urandom(1 << 20) * 3
        client = self.tls_client().connect("large")
        client.subscribe("t", 0)
        client.publish("t", payload)
        client.expect_message("t", payload)

    def test_versions_and_applications(self):
        """1.2 and 1.3 are served with ALPN mqtt; 1.1 and h2 are not."""
        self.run_tls()
        for version, name in (("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")):
            said = self.s_client(version, "-alpn", "mqtt")
            self.assertIn("ALPN protocol: mqtt", said)
            self.assertIn(name, said)
            self.assertIn("Verify return code: 0 (ok)", said)
        self.assertIn("alert", self.s_client("-tls1_1", "-cipher",
                                             "ALL:@SECLEVEL=0"))
        self.assertIn("no application protocol", self.s_client("-alpn", "h2"))
        self.log_line(r"transport\.failed .*fault=no_common")

    def test_resumption(self):
        """A client goes on from its session, in either version."""
        self.run_tls(node={"mqtt_connect_timeout": "300"})
        file = self.authority.path("session")
        for version in ("-tls1_2", "-tls1_3"):
            # In 1.3 the ticket comes behind the handshake. Without CONNECT the
            # broker closes, and the client has seen all by then.
            with subprocess.Popen(
                    ["openssl", "s_client", "-connect",
                     f"127.0.0.1:{self.tls_port}", version, "-sess_out", file],
                    stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL) as client:
                client.wait(20)
            said = self.s_client(version, "-sess_in", file)
            self.assertIn("Reused, ", said)

    def test_names(self):
        """SNI chooses among several certificates."""
        other = self.authority.issue("other", "other", "DNS:other.example")
        self.run_tls(sni_certificates=";".join(other))
        self.assertEqual(self.shown_name(), "localhost")
        self.assertEqual(self.shown_name("other.example"), "other")
        self.assertEqual(self.shown_name("unknown.example"), "localhost")

    def test_psk(self):
        """mosquitto_pub with a pre-shared key, without any certificate."""
        psks = self.authority.path("psk")
        with open(psks, "w", encoding="ascii") as file:
            file.write("jules:nautilus\n")
        self.run_tls(("off", "off"), psk_support="on", pskfile=psks)
        key = b"nautilus".hex()
        for version in ("tlsv1.2", "tlsv1.3"):
            done = self.mosquitto_pub("--psk-identity", "jules", "--psk", key,
                                      "--tls-version", version)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        done = self.mosquitto_pub("--psk-identity", "jules", "--psk", "00")
        self.assertNotEqual(done.returncode, 0)
        self.log_line(r"transport\.failed .*fault=psk_refused")


class Certificates(TlsTest):

    def run_verifying(self, **options):
        self.run_tls(cafile=self.authority.certificate,
                     require_certificate="on", **options)

    def test_required(self):
        """A client without a certificate is refused, one with is served."""
        self.run_verifying()
        good = self.authority.issue("client", "jules")
        done = self.mosquitto_pub("--cafile", self.authority.certificate,
                                  "--cert", good[0], "--key", good[1])
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assert_refused(self.context(), "certificate_missing")

    def test_expired_and_revoked(self):
        """Neither gets in; the log says which, others go on."""
        revoked = self.authority.issue("revoked", "nemo")
        self.authority.revoke(revoked[0])
        self.run_verifying(crlfile=self.authority.write_revocations())
        good = self.context(self.authority.issue("good", "jules"))
        client = self.tls_client(good).connect("good")
        self.assert_refused(
            self.context(self.authority.issue_expired("expired", "ned")),
            "certificate_expired")
        self.assert_refused(self.context(revoked), "certificate_revoked")
        client.ping()

    def test_revoked_later(self):
        """A list that is replaced counts for the next client."""
        client = self.authority.issue("later", "conseil")
        self.run_verifying(crlfile=self.authority.write_revocations(),
                           node={"crl_refresh_interval": "50"})
        early = self.tls_client(self.context(client)).connect("early")
        self.authority.revoke(client[0])
        self.authority.write_revocations()
        self.log_line(r"tls\.reloaded listener=ssl\.default")
        self.assert_refused(self.context(client), "certificate_revoked")
        early.ping()


class Reload(TlsTest):

    def issue(self, common_name):
        return self.authority.issue(self.prefix, common_name)

    def test_under_traffic(self):
        """A new certificate is shown at SIGHUP, and no message is lost."""
        self.run_tls(self.issue("first"))
        receiver = self.tls_client().connect("receiver")
        receiver.subscribe("t", 1)
        sender = self.tls_client().connect("sender")
        count = 300

        def publish():
            for number in range(count):
                sender.publish("t", str(number), qos=1)

        traffic = threading.Thread(target=publish)
        traffic.start()
        self.issue("second")
        self.broker.signal(signal.SIGHUP)
        self.log_line(r"tls\.reloaded listener=ssl\.default")
        self.assertEqual(self.shown_name(), "second")
        for number in range(count):
            receiver.expect_message("t", str(number))
        traffic.join()

    def test_watched_files(self):
        """A new certificate is found without a signal."""
        self.run_tls(self.issue("first"), {"crl_refresh_interval": "50"})
        self.assertEqual(self.shown_name(), "first")
        self.issue("second")
        self.log_line(r"tls\.reloaded listener=ssl\.default")
        self.assert_becomes("second", self.shown_name)

    def test_broken_file(self):
        """What is broken is named and changes nothing."""
        certificate, key = self.issue("first")
        self.run_tls((certificate, key))
        with open(certificate, "w", encoding="ascii") as file:
            file.write("nothing\n")
        self.broker.signal(signal.SIGHUP)
        self.log_line(r"tls\.reload_failed listener=ssl\.default "
                      rf'why="certfile {certificate}: ')
        self.assertEqual(self.shown_name(), "first")

    def test_broken_at_the_start(self):
        """With a file that is not there the broker says so and ends."""
        done = subprocess.run(
            [hetzel_binary(), "--set",
             "listeners.ssl.a=127.0.0.1:0", "--set",
             "listeners.ssl.a.certfile=/nowhere", "--set",
             "data_dir=" + self.authority.path("data")],
            capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("listener ssl.a: certfile /nowhere: No such file",
                      done.stderr)


class BadInput(TlsTest):

    def plain_socket(self):
        raw = socket.create_connection(("127.0.0.1", self.tls_port), PATIENCE)
        self.addCleanup(raw.close)
        return raw

    def test_plaintext(self):
        """MQTT and HTTP without TLS are closed, with a line that says so."""
        self.run_tls()
        for begin, name in ((b"\x10\x0c\x00\x04MQTT", "MQTT without TLS"),
                            (b"GET / HTTP/1.1\r\n\r\n", "HTTP without TLS")):
            raw = self.plain_socket()
            raw.sendall(begin)
            self.assertEqual(raw.recv(1), b"")
            self.log_line(r"transport\.failed .*fault=foreign "
                          rf'why="the client speaks {name}"')

    def test_tls_on_the_plain_listener(self):
        """TLS where MQTT is expected is told from other noise."""
        self.run_tls()
        with socket.create_connection(self.broker.address, PATIENCE) as raw:
            with self.assertRaises((ssl.SSLError, OSError)):
                self.context().wrap_socket(raw, server_hostname="localhost")
        self.log_line(r"transport\.tls_on_plain_listener .*"
                      r"listener=tcp\.default")

    def test_half_handshakes(self):
        """Who stops within the handshake is closed, and logged."""
        self.run_tls(tls_handshake_timeout="300")
        hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
        raw = self.plain_socket()
        raw.sendall(hello)
        self.assertEqual(raw.recv(1), b"")
        self.log_line(r"transport\.timeout .*listener=ssl\.default")
        raw = self.plain_socket()
        raw.sendall(hello)
        raw.close()
        self.log_line(r"transport\.unfinished .*listener=ssl\.default")

    def test_noise(self):
        """A record of noise is answered by an alert and the end."""
        self.run_tls()
        raw = self.plain_socket()
        raw.sendall(b"\x16\x03\x01\x00\x40" + b"\x20" * 0x40)
        self.assertEqual(raw.recv(1), b"\x15")
        self.log_line(r"transport\.failed .*fault=malformed")
        self.tls_client().connect("after").ping()


if __name__ == "__main__":
    unittest.main()
