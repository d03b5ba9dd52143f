"""A disk under the broker that can fail and lose power.

`faulty_disk.cpp`, loaded into the broker, tells what is synced and what becomes
of names. `lose_power`, when the broker is dead, leaves of its files what a
power loss may leave:

- Of a file that grew since it was last synced, the end may be gone, or a part
  of it, or be there and mean nothing.
- Changes of names (files made, removed, renamed) reach the disk in their order,
  as on file systems with a journal, and all before a sync with it. Of those
  since the last sync some are undone, the last ones first.
- The machine has another boot id.
"""

import errno
import mmap
import os
import shutil
import struct
import subprocess
import tempfile
import uuid

from broker import environment, hetzel_binary

# The shape of `fault_switch`.
SWITCH = struct.Struct("iiii")

# What a power loss makes of the end of a file that was not synced: chances.
GONE, PARTLY_GONE = 0.5, 0.3

# These are written without the broker caring for their end.
NO_RECORDS = ("LOG", "LOG.old", "LOCK", "hetzel.lock")


def library():
    return os.path.join(os.path.dirname(hetzel_binary()), "libfaulty_disk.so")


def why_not():
    """Why the disk cannot be put under this binary, or None."""
    if not os.path.exists(library()):
        return "no libfaulty_disk.so beside the binary"
    asked = subprocess.run(
        [hetzel_binary(), "--version"], stdin=subprocess.DEVNULL,
        env={**environment(), "LD_PRELOAD": library()},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    # A sanitizer wants to be loaded first.
    return "the binary bears no preload" if asked.returncode else None


class FaultyDisk:
    """The disk of one data directory, over all lives of its broker."""

    def __init__(self, root, chance):
        self._root, self._chance = root, chance
        self._home = tempfile.mkdtemp(prefix="hetzel-disk-")
        self._log = os.path.join(self._home, "log")
        self._graves = os.path.join(self._home, "graves")
        os.mkdir(self._graves)
        self._boot = os.path.join(self._home, "boot")
        with open(os.path.join(self._home, "switch"), "wb") as switch:
            switch.write(bytes(SWITCH.size))
        with open(switch.name, "r+b") as switch:
            self._switch = mmap.mmap(switch.fileno(), SWITCH.size)
        self.environment = {
            "LD_PRELOAD": library(), "FAULTY_DISK_ROOT": root,
            "FAULTY_DISK_LOG": self._log, "FAULTY_DISK_GRAVES": self._graves,
            "FAULTY_DISK_BOOT": self._boot,
            "FAULTY_DISK_SWITCH": switch.name}
        # Bytes that were taken, and names.
        self.lost_bytes = self.lost_names = 0
        self._failures_at_end = 0
        self._power_up()

    def close(self):
        self._failures_at_end = self.failures
        self._switch.close()
        shutil.rmtree(self._home, ignore_errors=True)

    # -- faults ---------------------------------------------------------------

    def fail(self, writes=0, syncs=0, after=0):
        """From now on writes and syncs end with these errnos, writes once
        `after` more have succeeded; 0: they succeed."""
        self._switch[:] = SWITCH.pack(writes, syncs, after, self.failures)

    def heal(self):
        self.fail()

    @property
    def failures(self):
        """Calls that were made to fail."""
        if self._switch.closed:
            return self._failures_at_end
        return SWITCH.unpack(self._switch[:])[3]

    # -- power ----------------------------------------------------------------

    def _power_up(self):
        """All that is there is on the disk."""
        shutil.rmtree(self._graves)
        os.mkdir(self._graves)
        with open(self._boot, "w", encoding="ascii") as boot:
            boot.write(f"{uuid.UUID(int=self._chance.getrandbits(128))}\n")
        with open(self._log, "w", encoding="utf-8") as log:
            for path in self._files():
                seen = os.stat(path)
                log.write(f"sync {seen.st_ino} {seen.st_size}\n")

    def _files(self):
        for folder, _, names in os.walk(self._root):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    yield path

    def lose_power(self):
        """While no process has the files open."""
        synced, names = {}, []
        with open(self._log, encoding="utf-8") as log:
            for line in log:
                kind, *words = line.split()
                if kind == "born":
                    synced[int(words[0])] = 0
                elif kind == "sync":
                    synced[int(words[0])] = int(words[1])
                    names.clear()
                else:
                    names.append((kind, words))
        for kind, words in reversed(names[self._chance.randint(
                0, len(names)):]):
            self._undo(kind, *words)
        for path in self._files():
            if os.path.basename(path) not in NO_RECORDS:
                self._cut(path, synced.get(os.stat(path).st_ino, 0))
        self._power_up()

    def _undo(self, kind, path, *words):
        """Told before it was done: it may not have been."""
        self.lost_names += 1
        if kind == "create" and os.path.exists(path):
            os.unlink(path)
        elif kind == "unlink" and not os.path.exists(path):
            os.link(words[0], path)
        elif kind == "rename" and not os.path.exists(path) \
                and os.path.exists(words[0]):
            os.rename(words[0], path)
            if words[1] != "-":
                os.link(words[1], words[0])

    def _cut(self, path, synced):
        size = os.path.getsize(path)
        if size <= synced:
            return
        chance = self._chance.random()
        kept = synced if chance < GONE \
            else self._chance.randint(synced, size)
        self.lost_bytes += size - kept
        os.truncate(path, kept)
        if chance > GONE + PARTLY_GONE and path.endswith(".log"):
            # Blocks that were given out and never written.
            os.truncate(path, size)


def tear_newest_log(store, chance):
    """The last record of the newest log of a store ends too early. Returns
    how many bytes were cut; 0: there was no record."""
    logs = sorted(name for name in os.listdir(store)
                  if name.endswith(".log"))
    if not logs:
        return 0
    path = os.path.join(store, logs[-1])
    size = os.path.getsize(path)
    # A header has seven bytes; less than one whole record is cut.
    cut = min(chance.randint(1, 7), size)
    os.truncate(path, size - cut)
    return cut


NO_ROOM, BROKEN = errno.ENOSPC, errno.EIO

__all__ = ["BROKEN", "FaultyDisk", "NO_ROOM", "library", "tear_newest_log",
           "why_not"]
