"""What was acknowledged is not lost, whenever the broker is killed.

    HETZEL_KILLS=200 HETZEL_CRASH_SEED=7 python3 test/blackbox/test_crash.py

A run that fails keeps its history, the broker's log and its data directory
below build/crash, and says where.
"""

import os
import random
import shutil
import signal
import subprocess
import time
import unittest

from broker import ROOT, Broker, environment, hetzel_binary
from case import BlackboxTest
from crash_history import History
from crash_load import Load

KILLS = int(os.environ.get("HETZEL_KILLS", "20"))
SEED = os.environ.get("HETZEL_CRASH_SEED")

# Seconds in which nothing came, after which nothing more is expected.
PATIENCE = 8
# Runs until the loss of a message that was not stored must have been seen.
RELAXED_RUNS_MAX = 12

SETTINGS = {"max_online_messages": "-1", "max_offline_messages": "-1"}


def knows_durability():
    """Whether the binary stores messages at all."""
    asked = subprocess.run(
        [hetzel_binary(), "--check-config", "--set",
         "message_durability=written"],
        env=environment(), stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return asked.returncode == 0


def why_not():
    if os.environ.get("BLACKBOX_REFERENCE"):
        return "the reference broker is not killed"
    if not os.path.exists(hetzel_binary()):
        return "no binary"
    if not knows_durability():
        return "the broker does not know message_durability"
    return None


# How a broker ends whose successor starts from a copy of its data.
COPIED = "copied"


class CrashRun:
    """The load, and a broker that ends again and again by `how`. The seed
    decides what clients do and when the broker dies, as far as one process
    can decide it for two."""

    def __init__(self, name, seed, settings, how=signal.SIGKILL):
        self.folder = os.path.join(ROOT, "build", "crash", f"{name}-{seed}")
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        self.seed = seed
        self._how = how
        self._chance = random.Random(f"{seed} broker")
        self.history = History(os.path.join(self.folder, "history.txt"))
        self._load = Load(self.history, f"{seed} load")
        self._settings = {
            **SETTINGS, "reactors": "2",
            "message_store_shards": str(self._chance.randint(1, 4)),
            **settings}

    def run(self, ends, patience=PATIENCE):
        """The faults found in a run with so many deaths."""
        self.broker = self._start_broker(
            os.path.join(self.folder, "broker.log"))
        try:
            self._on_start()
            for _ in range(ends):
                self._await_moment()
                self._end_broker()
                self._on_start()
            self._load.run(0.3)
            self._load.drain(patience)
            self.broker.check()
            faults = self.history.checker.finish()
            if not faults:
                self.broker.stop()
                shutil.rmtree(self.folder)
            return faults
        finally:
            self._keep()

    def _start_broker(self, log):
        return Broker(self._settings, log)

    def _on_start(self):
        self.history.add("start", self.broker.settings["reactors"])
        self._load.address = self.broker.address

    def _await_moment(self):
        """Until the next death: some while all clients come back, every
        other when an acknowledgement has just been sent."""
        soon = self._chance.random() < 0.25
        self._load.run(self._chance.uniform(0, 0.1) if soon
                       else self._chance.uniform(0.1, 1.0))
        if self._chance.random() < 0.5:
            self._load.run_until_acknowledged(0.3)

    def _end_broker(self):
        if self._how == COPIED:
            return self._go_on_with_copy()
        self.broker.signal(self._how)
        self.history.add("kill", self._how.name)
        self._load.address = None
        while self.broker.child.poll() is None:
            self._load.turn()
        self._load.on_broker_death()
        if self._chance.random() < 0.3:
            self.broker.settings["reactors"] = str(self._chance.randint(1, 4))
        self.broker.restart(self._how, self._die_while_starting)
        return None

    def _go_on_with_copy(self):
        """The clients stand still from the moment at which the copy is asked
        for, and never see what the broker did after it."""
        copy = self.broker.data_dir + ".copy"
        code, told = self.broker.ask("checkpoint", copy)
        if code != 0:
            raise AssertionError(f"no copy: {told}")
        self.history.add("kill", COPIED)

        def take_copy():
            shutil.rmtree(self.broker.data_dir)
            os.rename(copy, self.broker.data_dir)

        self._load.on_broker_death(may_read=False)
        self.broker.restart(signal.SIGKILL, take_copy)

    def _die_while_starting(self):
        """Now and then a start is cut short, before anybody is served."""
        if self._how != signal.SIGKILL or self._chance.random() > 0.2:
            return
        self.history.add("kill", "early")
        with subprocess.Popen(
                self.broker.command(), env=environment(),
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL) as child:
            time.sleep(self._chance.uniform(0, 0.1))
            child.kill()

    def _keep(self):
        """What is left is of a failure."""
        self._load.close()
        self.history.close()
        if not os.path.isdir(self.broker.data_dir):
            return
        self.broker.child.kill()
        self.broker.child.wait()
        shutil.copytree(self.broker.data_dir,
                        os.path.join(self.folder, "data"),
                        ignore=shutil.ignore_patterns("*.sock"))
        self.broker.kill()


@unittest.skipIf(why_not(), why_not())
class Crash(BlackboxTest):

    settings = None

    def setUp(self):
        super().setUp()
        signal.setitimer(signal.ITIMER_REAL, 120 + 10 * KILLS)

    def seed(self):
        return int(SEED) if SEED else random.randrange(1 << 31)

    def hold(self, name, ends, settings, how=signal.SIGKILL):
        """Runs, and fails with what to look at."""
        run = CrashRun(name, self.seed(), settings, how)
        faults = None
        try:
            faults = run.run(ends)
        finally:
            if faults != []:
                print(f"HETZEL_CRASH_SEED={run.seed}, kept in {run.folder}")
        if faults:
            self.fail(f"seed {run.seed}, kept in {run.folder}:\n"
                      + "\n".join(map(str, faults)))
        print(f"{name}: seed {run.seed}, {ends} ends, "
              f"{len(run.history.checker.messages)} messages, "
              f"{run.history.checker.event} events, "
              f"{run.history.checker.overtaken} overtaken")

    def test_written(self):
        """A message that was acknowledged outlives the process, killed at any
        moment; one of QoS 2 comes once [MQTT-4.3.3-8] [MQTT-4.4.0-1]."""
        self.hold("written", KILLS, {"message_durability": "written"})

    def test_synced(self):
        """The same with each commit brought to the disk."""
        self.hold("synced", max(1, KILLS // 5),
                  {"message_durability": "synced"})

    def test_in_order(self):
        """A stop in order loses nothing and repeats nothing either."""
        self.hold("in-order", max(1, KILLS // 5),
                  {"message_durability": "written"}, signal.SIGTERM)

    def test_relaxed_in_order(self):
        """A stop in order takes along what is stored later."""
        self.hold("relaxed-in-order", max(1, KILLS // 10),
                  {"message_durability": "relaxed"}, signal.SIGTERM)

    def test_copied(self):
        """A copy of a running broker has all that was acknowledged before it
        was asked for, and is as good to start from as what a kill leaves."""
        self.hold("copied", max(1, KILLS // 4),
                  {"message_durability": "written"}, COPIED)

    def test_that_loss_is_found(self):
        """This test can fail: a broker that acknowledges before it stores
        loses messages, and the history shows it."""
        first = self.seed()
        for seed in range(first, first + RELAXED_RUNS_MAX):
            run = CrashRun("relaxed", seed, {"message_durability": "relaxed"})
            faults = run.run(8, patience=2)
            shutil.rmtree(run.folder, ignore_errors=True)
            if any(fault.rule == "lost" for fault in faults):
                return
        self.fail(f"nothing was lost with seeds from {first} on")


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
