"""What was acknowledged is not lost when the disk fails, or the power.

    HETZEL_KILLS=100 python3 test/blackbox/test_disk_faults.py

As test_crash.py, with a disk under the broker that does what disks do:
`faulty_disk.py` says how.
"""

import os
import random
import shutil
import signal
import unittest

import faulty_disk
import test_crash
from broker import Broker
from case import BlackboxTest
from faulty_disk import BROKEN, NO_ROOM, FaultyDisk, tear_newest_log
from test_crash import KILLS, SEED, CrashRun
from wire_client import Client

# Runs until the loss of what was only written must have been seen.
WRITTEN_RUNS_MAX = 8

STORE_FAILED = r"\bstore\.failed\b"


class FaultRun(CrashRun):
    """A run on a faulty disk. `below` is the part of the data directory that
    is on it."""

    below = ""
    starts = 0

    def _start_broker(self, log):
        def preload(data_dir):
            self.disk = FaultyDisk(os.path.join(data_dir, self.below)
                                   .rstrip("/"), self._chance)
            return self.disk.environment
        broker = Broker(self._settings, log, preload=preload)
        broker.expected_errors = STORE_FAILED
        return broker

    def _end_broker(self):
        self.broker.signal(signal.SIGKILL)
        self.history.add("kill", signal.SIGKILL.name)
        self._load.address = None
        while self.broker.child.poll() is None:
            self._load.turn()
        self._load.on_broker_death()
        self.broker.restart(signal.SIGKILL, self._while_down)

    def _while_down(self):
        pass

    def _on_start(self):
        """Whatever was lost, a session is served from the first moment on."""
        self.starts += 1
        client = Client(self.broker.address)
        client.connect("fresh", clean=False,
                       props={"session_expiry_interval": 3600})
        client.subscribe("fresh", 2)
        client.publish("fresh", f"start {self.starts}", 2)
        client.messages_until(f"start {self.starts}")
        client.disconnect()
        super()._on_start()

    def run(self, ends, patience=test_crash.PATIENCE):
        try:
            return super().run(ends, patience)
        finally:
            self.disk.close()

    def has_logged(self, event):
        return any(event in line for line in self.broker.lines)


class PowerRun(FaultRun):
    """The broker ends with the machine."""

    def _while_down(self):
        self.disk.lose_power()


class TornRun(FaultRun):
    """The broker ends in the midst of a record."""

    def __init__(self, *args):
        super().__init__(*args)
        self.torn = 0

    def _while_down(self):
        messages = os.path.join(self.broker.data_dir, "messages")
        stores = [os.path.join(messages, name)
                  for name in sorted(os.listdir(messages))]
        stores.append(os.path.join(self.broker.data_dir, "metadata"))
        self.torn += tear_newest_log(self._chance.choice(stores),
                                     self._chance) > 0


class FailingRun(FaultRun):
    """Writes of messages fail now and then, for a while or until the broker
    is killed."""

    below = "messages"

    def _await_moment(self):
        self._load.run(self._chance.uniform(0.05, 0.3))
        self.history.add("trouble", True)
        error = self._chance.choice((BROKEN, NO_ROOM))
        self.disk.fail(error, self._chance.choice((0, error)),
                       self._chance.randint(0, 30))
        self._load.run(self._chance.uniform(0.1, 0.8))
        if self._chance.random() < 0.5:
            self.disk.heal()
            self._await_recovery()
            self.history.add("trouble", False)
            self._load.run(self._chance.uniform(0.05, 0.3))

    def _await_recovery(self):
        """And until everybody has read what was said before."""
        while "message_store: ok\n" not in self.broker.ask("status")[1]:
            self._load.run(0.1)
        self._load.run(0.3)

    def _while_down(self):
        self.disk.heal()

    def _on_start(self):
        self.history.add("trouble", False)
        super()._on_start()


def why_not():
    return test_crash.why_not() or faulty_disk.why_not()


@unittest.skipIf(why_not(), why_not())
class DiskFaults(BlackboxTest):

    settings = None

    def setUp(self):
        super().setUp()
        signal.setitimer(signal.ITIMER_REAL, 180 + 10 * KILLS)
        self.seed = int(SEED) if SEED else random.randrange(1 << 31)

    def hold(self, run, ends):
        """Runs, and fails with what to look at."""
        faults = None
        try:
            faults = run.run(ends)
        finally:
            if faults != []:
                print(f"HETZEL_CRASH_SEED={run.seed}, kept in {run.folder}")
        if faults:
            self.fail(f"seed {run.seed}, kept in {run.folder}:\n"
                      + "\n".join(map(str, faults)))
        print(f"{ends} ends, {len(run.history.checker.messages)} messages, "
              f"{run.disk.failures} failed calls, {run.disk.lost_bytes} bytes "
              f"and {run.disk.lost_names} names lost")

    def test_power_loss_of_a_synced_store(self):
        """`synced` loses nothing that it acknowledged, and repeats nothing of
        QoS 2."""
        run = PowerRun("power-synced", self.seed, {
            "message_durability": "synced", "metadata_durability": "synced"})
        self.hold(run, max(2, KILLS // 4))
        self.assertGreater(run.disk.lost_bytes, 0)

    def test_power_loss_of_a_written_store(self):
        """`written` may lose then what was acknowledged, which can be seen
        here; it starts all the same, and says what was torn."""
        lost = torn = False
        for seed in range(self.seed, self.seed + WRITTEN_RUNS_MAX):
            run = PowerRun("power-written", seed,
                           {"message_durability": "written"})
            faults = run.run(4, patience=1)
            shutil.rmtree(run.folder, ignore_errors=True)
            lost |= any(fault.rule == "lost" for fault in faults)
            torn |= run.has_logged("messages.torn")
            if lost and torn:
                return
        self.fail(f"lost: {lost}, torn: {torn}, seeds from {self.seed} on")

    def test_a_torn_record(self):
        """A record that ends too early is reported and dropped; the broker
        goes on with what was before it."""
        run = TornRun("torn", self.seed, {"message_durability": "written"})
        run.run(max(3, KILLS // 5), patience=1)
        shutil.rmtree(run.folder, ignore_errors=True)
        self.assertGreater(run.torn, 0)
        self.assertTrue(run.has_logged(".torn"))

    def test_failed_writes(self):
        """What is acknowledged while writes fail and work again is there, and
        what was refused is said to be."""
        run = FailingRun("failing", self.seed,
                         {"message_durability": "written"})
        self.hold(run, max(3, KILLS // 3))
        self.assertGreater(run.disk.failures, 0)

    def test_failed_syncs(self):
        """The same where each commit is brought to the disk."""
        run = FailingRun("failing-synced", self.seed,
                         {"message_durability": "synced"})
        self.hold(run, max(2, KILLS // 6))
        self.assertGreater(run.disk.failures, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
