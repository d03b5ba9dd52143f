"""The base of all test cases: a broker, clients of it, names nobody else has.
"""

import functools
import itertools
import os
import signal
import sys
import time
import unittest

import mqtt_wire as wire
from broker import broker_class
from mqtt_wire import V5
from wire_client import PATIENCE, Client

# Seconds; a test that waits longer hangs.
TEST_DEADLINE = float(os.environ.get("BLACKBOX_TEST_DEADLINE", "60"))

_serial = itertools.count(1)
_brokers = {}


def shared_broker(settings=None):
    """The module's broker of these settings, started at first use and stopped,
    and judged, at the module's end."""
    key = tuple(sorted((settings or {}).items()))
    if key not in _brokers:
        _brokers[key] = start_broker(settings)
        unittest.addModuleCleanup(_stop_shared, key)
    return _brokers[key]


def _stop_shared(key):
    _brokers.pop(key).stop()


def start_broker(settings=None, **options):
    folder = os.environ.get("BLACKBOX_LOG_DIR")
    log = None
    if folder:
        main = getattr(sys.modules["__main__"], "module_name", "blackbox")
        log = os.path.join(folder, f"{main}.{next(_serial)}.log")
    return broker_class()(settings, log, **options)


def each_version(*versions):
    """Runs the test once per version: `test(self, version)`."""
    names = {wire.V31: "3.1", wire.V311: "3.1.1", wire.V5: "5.0"}

    def decorate(test):
        @functools.wraps(test)
        def run(self):
            for version in versions or wire.VERSIONS:
                self.prefix = f"t{next(_serial)}"
                with self.subTest(mqtt=names[version]):
                    test(self, version)
        return run
    return decorate


def _on_alarm(_number, _frame):
    raise AssertionError(f"the test ran longer than {TEST_DEADLINE} s")


class BlackboxTest(unittest.TestCase):
    """`settings` are the config keys of the broker; None: no broker."""

    settings = {}

    def setUp(self):
        signal.signal(signal.SIGALRM, _on_alarm)
        signal.setitimer(signal.ITIMER_REAL, TEST_DEADLINE)
        self.addCleanup(signal.setitimer, signal.ITIMER_REAL, 0)
        self.prefix = f"t{next(_serial)}"
        self._names = itertools.count(1)
        self.broker = None
        if self.settings is not None:
            self.broker = shared_broker(self.settings)
            self.addCleanup(self.broker.check)

    def run_broker(self, **settings):
        """A broker for this test alone; dots of keys are double underscores.
        """
        broker = start_broker({key.replace("__", "."): value
                               for key, value in settings.items()})
        self.addCleanup(broker.stop)
        return broker

    # -- clients --------------------------------------------------------------

    def client(self, version=V5, broker=None, **options):
        """A TCP connection without CONNECT."""
        client = Client((broker or self.broker).address, version, **options)
        self.addCleanup(client.close)
        return client

    def client_id(self, name="c"):
        return f"{self.prefix}{name}{next(self._names)}"

    def connect(self, client_id=None, version=V5, broker=None, **options):
        """A connected client; options as in `mqtt_wire.connect`."""
        return self.client(version, broker).connect(
            client_id or self.client_id(), **options)

    def connect_persistent(self, client_id, version=V5, expiry=300, props=None,
                           **options):
        """Clean Start 0 with a session that outlives the connection."""
        if version == V5:
            props = {"session_expiry_interval": expiry, **(props or {})}
        return self.connect(client_id, version, clean=False, props=props,
                            **options)

    def topic(self, suffix="t"):
        """A topic that no other test uses."""
        return f"{self.prefix}/{suffix}"

    def subscriber(self, topic_filter, qos=0, version=V5, **options):
        client = self.connect(version=version)
        self.assertEqual(client.subscribe(topic_filter, qos, **options), qos)
        return client

    def assert_not_retained(self, client, topic):
        """Nothing retained comes to the client, which has just subscribed:
        retained messages come before live ones, and a live one comes."""
        self.connect().publish(topic, "marker")
        client.expect_message(topic, "marker", retain=False)

    def assert_becomes(self, expected, ask):
        """Asks until the answer is the expected one. For what the broker may
        do a moment after it has answered, such as forgetting a session."""
        deadline = time.monotonic() + PATIENCE
        while ask() != expected and time.monotonic() < deadline:
            pass
        self.assertEqual(ask(), expected)

    # -- time -----------------------------------------------------------------

    @staticmethod
    def let_pass(seconds):
        """Lets time pass where its passing is what is tested, as with an
        expiry. Never for waiting until something has happened."""
        time.sleep(seconds)

    def assert_elapsed(self, start, least, most):
        elapsed = time.monotonic() - start
        self.assertGreaterEqual(elapsed, least)
        self.assertLessEqual(elapsed, most)
