"""Starts the broker under test and watches it.

The binary is named by HETZEL_BINARY. The broker binds port 0 and says where
in its `node.ready` line. Stopping is part of every test: SIGTERM, an exit
code of zero, nothing of a sanitizer and no line of level error in between.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

# A build with sanitizers starts and stops slower than the shipped one.
START_SECONDS = 30
STOP_SECONDS = 20

KILL = signal.SIGKILL

READY = re.compile(r"\bnode\.ready\b.*?tcp\.default=127\.0\.0\.1:(\d+)")
ERROR_LEVEL = re.compile(r"\[(error|critical)\]|\blevel=(error|critical)\b")
SANITIZER = re.compile(r"(Address|Leak|Thread|UndefinedBehavior|Memory)"
                       r"Sanitizer|: runtime error: ")

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def hetzel_binary():
    return os.environ.get("HETZEL_BINARY",
                          os.path.join(ROOT, "build", "release", "hetzel"))


def ctl_binary():
    return os.path.join(os.path.dirname(hetzel_binary()), "hetzelctl")


def environment():
    """Ours without what the broker would take for its configuration."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith("HETZEL_")}


class BrokerFault(AssertionError):
    """The broker broke a promise about itself, not about a packet."""


class Broker:
    """One broker on its own data directory and a free port of 127.0.0.1."""

    ready = READY

    def __init__(self, settings=None, log=None, data_dir=None,
                 preload=None, words=()):
        """`settings`: config keys to --set. `log`: path to keep stderr in.
        `data_dir` is that of a former broker; it goes with this one. `preload`:
        makes the environment for its data directory. `words`: more of the
        command line."""
        self.settings = dict(settings or {})
        self.words = list(words)
        # A pattern of lines of level error that are to come.
        self.expected_errors = None
        self.data_dir = data_dir or tempfile.mkdtemp(
            prefix="hetzel-blackbox-")
        self.environment = {**environment(),
                            **(preload(self.data_dir) if preload else {})}
        self.lines = []
        self._judged = 0
        self._log = open(log, "a", encoding="utf-8") if log else None
        self._changed = threading.Condition()
        self._start()

    def _start(self):
        self._stopped = False
        start = len(self.lines)
        self.child = subprocess.Popen(
            self.command(), stdin=subprocess.DEVNULL, env=self.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        try:
            self.address = self._await_address(start)
        except BaseException:
            self.kill()
            raise

    def command(self):
        words = [hetzel_binary(), *self.words]
        keys = {"listeners.tcp.default": "127.0.0.1:0",
                "data_dir": self.data_dir,
                "allow_anonymous": "on", **self.settings}
        for key, value in keys.items():
            words += ["--set", f"{key}={value}"]
        return words

    def _await_address(self, start):
        ready = self.await_line(self.ready, START_SECONDS, start)
        return ("127.0.0.1", int(ready.group(1)))

    @property
    def port(self):
        return self.address[1]

    def start_asking(self, *words):
        """hetzelctl with these words, as a process."""
        return subprocess.Popen(
            [ctl_binary(), "--data-dir", self.data_dir, *words], text=True,
            stdin=subprocess.DEVNULL, env=environment(),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def ask(self, *words):
        """The exit code and all that hetzelctl says."""
        with self.start_asking(*words) as asking:
            told, complaint = asking.communicate()
            return asking.returncode, told + complaint

    def reading(self, name):
        """What a node has counted under that name."""
        code, told = self.ask("metrics", name)
        for line in told.splitlines():
            if line.startswith(name + " "):
                return int(line.split()[1])
        raise BrokerFault(f"no reading {name} (exit code {code}):\n{told}")

    def await_reading(self, name, value, seconds):
        """Until it has counted so much."""
        deadline = time.monotonic() + seconds
        while self.reading(name) < value:
            if time.monotonic() > deadline:
                raise BrokerFault(f"{name} is {self.reading(name)}, not "
                                  f"{value}, after {seconds} s")

    def address_of(self, listener):
        """Of one of several, such as "ws.web"."""
        found = self.await_line(
            r"\bnode\.ready\b.*\b" + re.escape(listener)
            + r"=127\.0\.0\.1:(\d+)", START_SECONDS)
        return ("127.0.0.1", int(found.group(1)))

    # -- its log --------------------------------------------------------------

    def _read_log(self):
        for raw in self.child.stderr:
            line = raw.decode("utf-8", "replace").rstrip("\n")
            if self._log:
                self._log.write(line + "\n")
                self._log.flush()
            with self._changed:
                self.lines.append(line)
                self._changed.notify_all()
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def await_line(self, pattern, seconds, start=0):
        """The match of the first line from `start` on that has one."""
        deadline = time.monotonic() + seconds
        pattern = re.compile(pattern)
        with self._changed:
            while True:
                for line in self.lines[start:]:
                    match = pattern.search(line)
                    if match:
                        return match
                start = len(self.lines)
                left = deadline - time.monotonic()
                if self._stopped or left <= 0:
                    raise BrokerFault(f"no line like {pattern.pattern!r}:\n"
                                      + self.tail())
                self._changed.wait(left)

    def tail(self, count=30):
        return "\n".join(self.lines[-count:])

    def check(self):
        """Raises if it died or complained since the last check."""
        with self._changed:
            fresh, self._judged = self.lines[self._judged:], len(self.lines)
        if self.child.poll() is not None:
            raise BrokerFault(f"the broker ended with {self.child.returncode}:"
                              f"\n{self.tail()}")
        self._complain_about(fresh)

    def _complain_about(self, lines):
        bad = [line for line in lines
               if SANITIZER.search(line) or ERROR_LEVEL.search(line)
               and not (self.expected_errors
                        and re.search(self.expected_errors, line))]
        if bad:
            raise BrokerFault("the broker logged:\n" + "\n".join(bad[:20]))

    # -- its process ----------------------------------------------------------

    def signal(self, number):
        self.child.send_signal(number)

    def resident_bytes(self):
        with open(f"/proc/{self.child.pid}/statm", encoding="ascii") as statm:
            pages = int(statm.read().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def await_exit(self, seconds=STOP_SECONDS):
        """Waits for the end and judges it."""
        try:
            code = self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise BrokerFault(f"still there {seconds} s after being told to "
                              f"stop:\n{self.tail()}") from None
        self._reader.join(STOP_SECONDS)
        self._clean()
        self._complain_about(self.lines[self._judged:])
        if code != 0:
            raise BrokerFault(f"exit code {code}:\n{self.tail()}")

    def stop(self):
        """SIGTERM and `await_exit`; nothing when it was awaited before."""
        if not os.path.isdir(self.data_dir):
            return
        if self.child.poll() is None:
            self.signal(signal.SIGTERM)
        self.await_exit()

    def restart(self, how=KILL, while_down=lambda: None):
        """Ends it by that signal and starts it again on the same data."""
        self.signal(how)
        self.child.wait(STOP_SECONDS)
        self._reader.join(STOP_SECONDS)
        self._complain_about(self.lines[self._judged:])
        self._judged = len(self.lines)
        if how != KILL and self.child.returncode != 0:
            raise BrokerFault(f"exit code {self.child.returncode}:\n"
                              + self.tail())
        while_down()
        self._start()

    def kill(self):
        self.child.kill()
        self.child.wait()
        self._reader.join(STOP_SECONDS)
        self._clean()

    def _clean(self):
        shutil.rmtree(self.data_dir, ignore_errors=True)
        if self._log:
            self._log.close()
            self._log = None


def broker_class():
    """Hetzel, or the broker that the tests themselves are checked against."""
    if os.environ.get("BLACKBOX_REFERENCE") == "mosquitto":
        from reference_broker import ReferenceBroker
        return ReferenceBroker
    return Broker
