#!/usr/bin/env python3
"""Runs the black-box tests: run.py [-j N] [-k WORD] [module...]

Modules run in processes of their own, N at a time, the slowest first. Exit
code 0 when all passed. HETZEL_BINARY names the broker; a test that runs
longer than BLACKBOX_TEST_DEADLINE seconds fails; brokers' logs go to
BLACKBOX_LOG_DIR when it is set.
"""

import argparse
import concurrent.futures
import glob
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

# No module takes this long; what hangs beyond its tests' deadlines is killed.
MODULE_DEADLINE = 300

# Modules that wait for time to pass start first, for the shortest total.
SLOW_FIRST = ("test_crash", "test_will_delay", "test_keep_alive",
              "test_hostile_peer", "test_expiry", "test_session_expiry",
              "test_client_paho", "test_client_mqttjs")


class Result(unittest.TextTestResult):
    """Remembers what the parent prints in the summary."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.durations = []
        self._started = 0.0

    def startTest(self, test):
        self._started = time.monotonic()
        super().startTest(test)

    def stopTest(self, test):
        self.durations.append((time.monotonic() - self._started, test.id()))
        super().stopTest(test)

    def summary(self):
        return {
            "run": self.testsRun,
            "bad": [test.id() for test, _ in self.failures + self.errors]
            + [test.id() for test in self.unexpectedSuccesses],
            "skipped": [(test.id(), why) for test, why in self.skipped],
            "durations": self.durations,
        }


def expect_deviations(suite):
    """Marks what the reference broker is known to do wrong."""
    if os.environ.get("BLACKBOX_REFERENCE") != "mosquitto":
        return
    from reference_deviations import DEVIATIONS
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            expect_deviations(test)
        elif test.id() in DEVIATIONS:
            method = getattr(test, test._testMethodName)
            setattr(test, test._testMethodName,
                    unittest.skip(DEVIATIONS[test.id()])(method))


def run_module(name, words, summary_path):
    """In the child: one module, its summary as JSON."""
    sys.modules["__main__"].module_name = name
    loader = unittest.TestLoader()
    if words:
        loader.testNamePatterns = [f"*{word}*" for word in words]
    suite = loader.loadTestsFromModule(importlib.import_module(name))
    expect_deviations(suite)
    runner = unittest.TextTestRunner(verbosity=2, resultclass=Result)
    result = runner.run(suite)
    with open(summary_path, "w", encoding="utf-8") as out:
        json.dump(result.summary(), out)
    return 0 if result.wasSuccessful() else 1


def run_child(name, words):
    """(name, output, summary or None, seconds)"""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "summary.json")
        command = [sys.executable, os.path.abspath(__file__), "--child", path]
        for word in words:
            command += ["-k", word]
        try:
            done = subprocess.run(command + [name], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True,
                                  timeout=MODULE_DEADLINE, check=False)
            output = done.stdout
        except subprocess.TimeoutExpired as late:
            output = (late.stdout or b"").decode("utf-8", "replace")
            output += f"\nkilled after {MODULE_DEADLINE} s\n"
        summary = None
        if os.path.exists(path):
            with open(path, encoding="utf-8") as stored:
                summary = json.load(stored)
    return name, output, summary, time.monotonic() - start


def module_names():
    found = sorted(os.path.basename(path)[:-3]
                   for path in glob.glob(os.path.join(HERE, "test_*.py")))
    slow = [name for name in SLOW_FIRST if name in found]
    return slow + [name for name in found if name not in slow]


def run_all(names, words, jobs):
    start = time.monotonic()
    totals, bad, skipped, durations = 0, [], [], []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        runs = [pool.submit(run_child, name, words) for name in names]
        for finished in concurrent.futures.as_completed(runs):
            name, output, summary, seconds = finished.result()
            if summary is None:
                bad.append(f"{name} (no summary)")
                print(output)
                continue
            totals += summary["run"]
            bad += summary["bad"]
            skipped += summary["skipped"]
            durations += summary["durations"]
            verdict = "FAILED" if summary["bad"] else "ok"
            print(f"{verdict:6} {name}: {summary['run']} tests, "
                  f"{seconds:.1f} s", flush=True)
            if summary["bad"]:
                print(output, flush=True)
    for test, why in skipped:
        print(f"skipped {test}: {why}")
    print("slowest:", ", ".join(f"{test.split('.', 1)[1]} {seconds:.1f} s"
                                for seconds, test in
                                sorted(durations, reverse=True)[:5]))
    for test in bad:
        print(f"FAILED {test}")
    print(f"{totals} tests, {len(bad)} failed, {len(skipped)} skipped, "
          f"{time.monotonic() - start:.1f} s")
    return 1 if bad or not totals else 0


def use_interpreter_with_paho():
    """The distribution's package serves the distribution's interpreter, which
    may not be the first python3 in PATH."""
    try:
        importlib.import_module("paho.mqtt.client")
    except ImportError:
        other = shutil.which("python3", path="/usr/bin")
        if other and os.path.realpath(other) != \
                os.path.realpath(sys.executable):
            os.execv(other, [other, os.path.abspath(__file__), *sys.argv[1:]])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*")
    parser.add_argument("-j", type=int, default=2, dest="jobs",
                        help="modules at a time")
    parser.add_argument("-k", action="append", default=[], dest="words",
                        help="only tests whose name has this in it")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    names = [os.path.basename(name).removesuffix(".py")
             for name in options.modules]
    if options.child:
        return run_module(names[0], options.words, options.child)
    use_interpreter_with_paho()
    return run_all(names or module_names(), options.words, options.jobs)


if __name__ == "__main__":
    sys.exit(main())
