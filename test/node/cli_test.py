#!/usr/bin/env python3
"""The executables as an operator meets them: cli_test.py [HETZEL HETZELCTL].
"""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BINARY = os.path.join(ROOT, "build", "release", "hetzel")
CTL = os.path.join(ROOT, "build", "release", "hetzelctl")
DEADLINE = 30
READY = re.compile(r"node\.ready .*127\.0\.0\.1:(\d+)")


class CliTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.environment = {name: text for name, text in os.environ.items()
                            if not name.startswith("HETZEL_")}

    def run_hetzel(self, *words, binary=None):
        return subprocess.run([binary or BINARY, *words], text=True,
                              timeout=DEADLINE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=self.environment,
                              cwd=self.folder.name, check=False)

    def ask(self, *words):
        """Exit code, output and complaint of hetzelctl."""
        done = self.run_hetzel(*words, binary=CTL)
        return done.returncode, done.stdout, done.stderr

    def write(self, text):
        path = os.path.join(self.folder.name, "hetzel.yaml")
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def start(self, *words):
        """A node on a free port; returns the process and its log so far."""
        node = subprocess.Popen([BINARY, *words], text=True,
                                stderr=subprocess.PIPE, env=self.environment,
                                cwd=self.folder.name)
        self.addCleanup(node.stderr.close)
        self.addCleanup(node.wait)
        self.addCleanup(node.kill)
        self.await_line(node, READY)
        return node

    def await_line(self, node, pattern):
        for line in node.stderr:
            match = re.search(pattern, line)
            if match:
                return match
        self.fail(f"ended with {node.wait()} before {pattern}")

    # -- the configuration ----------------------------------------------------

    def test_the_shipped_configuration_is_ok(self):
        done = self.run_hetzel("--check-config", "--config",
                               os.path.join(ROOT, "etc", "hetzel.yaml"))
        self.assertEqual((done.returncode, done.stdout),
                         (0, "config is OK\n"), done.stderr)

    def test_all_faults_are_reported_with_file_and_line(self):
        path = self.write("queu_type: lifo\n\nretry_interval: soon\n")
        self.environment["HETZEL_REACTORS"] = "many"
        done = self.run_hetzel("--config", path, "--set", "max_sessions=0")
        self.assertEqual(done.returncode, 2)
        lines = done.stderr.splitlines()
        self.assertEqual(len(lines), 4, done.stderr)
        self.assertEqual(lines[0], f"{path}:1: queu_type: unknown key, did you"
                                   " mean queue_type?")
        self.assertTrue(lines[1].startswith(f"{path}:3: retry_interval: "))
        self.assertTrue(lines[2].startswith("HETZEL_REACTORS: reactors: "))
        self.assertTrue(lines[3].startswith("--set: max_sessions: "))

    def test_the_effective_configuration_names_its_sources(self):
        path = self.write("queue_type: lifo\n")
        self.environment["HETZEL_LISTENERS__TCP__A"] = "127.0.0.1:0"
        done = self.run_hetzel("--print-config", "--config", path,
                               "--set", "reactors=2")
        for line in (f"queue_type: lifo  # {path}:1", "reactors: 2  # --set",
                     "listeners.tcp.a.address: 127.0.0.1:0  # "
                     "HETZEL_LISTENERS__TCP__A", "max_sessions: 1000000"):
            self.assertIn(line, done.stdout.splitlines())

    def test_a_key_is_described(self):
        done = self.run_hetzel("--describe-config", "max_client_id_size")
        self.assertEqual(done.returncode, 0)
        self.assertIn("default: 100", done.stdout)
        done = self.run_hetzel("--describe-config", "max_client_id")
        self.assertEqual(done.returncode, 2)
        self.assertIn("did you mean max_client_id_size?", done.stderr)

    def test_version_and_mistakes(self):
        self.assertRegex(self.run_hetzel("--version").stdout,
                         r"^hetzel \d+\.\d+\.\d+\n$")
        self.assertEqual(self.run_hetzel("--confg").returncode, 2)

    # -- start ----------------------------------------------------------------

    def test_a_taken_port_is_one_line_and_exit_code_1(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            done = self.run_hetzel(
                "--set", f"listeners.tcp.default=127.0.0.1:{port}",
                "--set", "log.console=off")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertIn(str(port), done.stderr)

    def test_a_folder_that_cannot_be_made_is_one_line_and_exit_code_1(self):
        path = self.write("")
        done = self.run_hetzel("--set", f"data_dir={path}/data")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, f"hetzel: data_dir: cannot use "
                                      f"{path}/data: Not a directory\n")

    # -- life -----------------------------------------------------------------

    PORT = ("--set", "listeners.tcp.default=127.0.0.1:0")

    def test_a_node_makes_its_folder_and_stops_at_sigterm_and_sigint(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            node = self.start(*self.PORT, "--set", "data_dir=a/b")
            self.assertTrue(os.path.isdir(os.path.join(self.folder.name,
                                                       "a", "b")))
            node.send_signal(number)
            self.assertEqual(node.wait(DEADLINE), 0)

    def test_the_log_can_go_to_a_file(self):
        node = self.start(*self.PORT, "--set", "log.console=both",
                          "--set", "log.console.file=l/hetzel.log")
        node.send_signal(signal.SIGTERM)
        self.assertEqual(node.wait(DEADLINE), 0)
        with open(os.path.join(self.folder.name, "l", "hetzel.log"),
                  encoding="utf-8") as log:
            self.assertRegex(log.read(), READY)

    def test_sighup_applies_what_is_live_and_names_what_is_not(self):
        path = self.write("max_client_id_size: 10\n")
        node = self.start("--config", path, *self.PORT)
        self.write("max_client_id_size: 20\nreactors: 7\n")
        node.send_signal(signal.SIGHUP)
        self.assertEqual(
            self.await_line(node, r"config\.reloaded applied=(\S+)")[1],
            "max_client_id_size")
        self.assertEqual(
            self.await_line(node, r"config\.needs_restart keys=(\S+)")[1],
            "reactors")
        node.send_signal(signal.SIGTERM)
        self.assertEqual(node.wait(DEADLINE), 0)

    def test_a_faulty_file_at_sighup_changes_nothing(self):
        path = self.write("max_client_id_size: 10\n")
        node = self.start("--config", path, *self.PORT)
        self.write("max_client_id_size: none\n")
        node.send_signal(signal.SIGHUP)
        self.await_line(node, r"config\.rejected .*max_client_id_size")
        self.write("max_client_id_size: 11\n")
        node.send_signal(signal.SIGHUP)
        self.await_line(node, r"config\.reloaded applied=max_client_id_size")
        node.send_signal(signal.SIGTERM)
        self.assertEqual(node.wait(DEADLINE), 0)

    # -- hetzelctl ------------------------------------------------------------

    def test_hetzelctl_asks_a_running_node(self):
        node = self.start(*self.PORT)
        code, told, _ = self.ask("status")
        self.assertEqual(code, 0)
        self.assertIn(f"pid: {node.pid}\n", told)
        self.assertIn("storage #", self.ask("tree")[1])
        code, told, _ = self.ask("kill", "storage/store_writer-0")
        self.assertEqual(code, 0)
        self.assertRegex(told, r"^killed messaging\.store_writer #\d+\n$")
        self.await_line(node, r"control\.command command=\"kill storage/store")
        node.send_signal(signal.SIGTERM)
        self.assertEqual(node.wait(DEADLINE), 0)
        self.assertFalse(os.path.exists(
            os.path.join(self.folder.name, "data", "control.sock")))

    def test_hetzelctl_reloads_and_tells_what_became_of_it(self):
        path = self.write("max_client_id_size: 10\n")
        self.start("--config", path, *self.PORT)
        self.write("max_client_id_size: 20\nreactors: 7\n")
        self.assertEqual(self.ask("reload"), (
            0, "applied: max_client_id_size\nneeds_restart: reactors\n", ""))
        self.write("max_client_id_size: none\n")
        code, told, complaint = self.ask("reload")
        self.assertEqual(code, 1)
        self.assertIn("max_client_id_size", told)
        self.assertIn("nothing has changed", complaint)

    def test_hetzelctl_tells_a_mistake_from_a_node_that_is_not_there(self):
        self.assertEqual(self.ask()[0], 2)
        self.assertEqual(self.ask("--version")[0], 0)
        code, _, complaint = self.ask("status")
        self.assertEqual(code, 3)
        self.assertIn("./data/control.sock", complaint)
        self.start(*self.PORT)
        self.assertEqual(self.ask("statis"), (
            2, "", "hetzelctl: no command statis; see help\n"))

    def test_a_node_takes_over_the_socket_of_one_that_was_killed(self):
        node = self.start(*self.PORT)
        node.kill()
        node.wait()
        self.assertEqual(self.ask("status")[0], 3)
        self.start(*self.PORT)
        self.assertEqual(self.ask("status")[0], 0)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        CTL = os.path.abspath(sys.argv.pop(2))
    if len(sys.argv) > 1:
        BINARY = os.path.abspath(sys.argv.pop(1))
    unittest.main()
