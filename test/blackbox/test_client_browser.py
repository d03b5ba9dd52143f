"""A page in Chromium that runs MQTT.js over WebSocket (playwright-core).

Chromium is no package that the tests need: it takes 120 MB to fetch and 400 MB
to keep. `apt-get install --no-install-recommends chromium`, and this runs.
"""

import functools
import http.server
import json
import os
import shutil
import subprocess
import tempfile
import threading
import unittest

from broker import ROOT
from case import BlackboxTest

NPM = os.path.join(ROOT, "build", "npm")
SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "browser_client.js")
PAGE = "<!doctype html><title>MQTT</title><script src=mqtt.min.js></script>"
# A browser takes its time to start.
BROWSER_SECONDS = 50


def setUpModule():
    if not shutil.which("chromium"):
        raise unittest.SkipTest("chromium is not installed (apt-get install "
                                "chromium, 120 MB)")
    if not shutil.which("node") or not shutil.which("npm"):
        raise unittest.SkipTest("node and npm are not installed")
    missing = [package for package in ("mqtt", "playwright-core")
               if not os.path.isdir(os.path.join(NPM, "node_modules",
                                                 package))]
    if missing:
        os.makedirs(NPM, exist_ok=True)
        subprocess.run(["npm", "install", "--no-audit", "--no-fund",
                        "--silent", "--prefix", NPM, "mqtt@5",
                        "playwright-core@1"], check=True, timeout=180,
                       stdout=subprocess.DEVNULL)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Browser(BlackboxTest):

    settings = {"listeners.ws.web": "127.0.0.1:0"}

    def serve_page(self):
        """The page and MQTT.js from a web server of our own; its origin."""
        folder = tempfile.TemporaryDirectory(prefix="hetzel-page-")
        self.addCleanup(folder.cleanup)
        shutil.copy(os.path.join(NPM, "node_modules", "mqtt", "dist",
                                 "mqtt.min.js"), folder.name)
        with open(os.path.join(folder.name, "index.html"), "w",
                  encoding="ascii") as page:
            page.write(PAGE)
        server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0),
            functools.partial(Quiet, directory=folder.name))
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    def visit(self, origin, address):
        return subprocess.run(
            ["node", SCRIPT, shutil.which("chromium"), origin + "/",
             f"ws://{address[0]}:{address[1]}/mqtt", self.topic()],
            env={**os.environ, "NODE_PATH": os.path.join(NPM, "node_modules")},
            capture_output=True, text=True, timeout=BROWSER_SECONDS,
            check=False)

    def test_a_page(self):
        """A page connects, subscribes and gets what it publishes."""
        done = self.visit(self.serve_page(), self.broker.address_of("ws.web"))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        got = json.loads(done.stdout)
        self.assertEqual(got["code"], 0)
        self.assertEqual([(one["size"], one["qos"]) for one in got["got"]],
                         [(11, 0), (11, 1), (11, 2), (300_000, 1)])

    def test_origins(self):
        """A page of an origin that is not allowed does not get in, one that
        is allowed does."""
        origin = self.serve_page()
        broker = self.run_broker(
            listeners__ws__web="127.0.0.1:0",
            listeners__ws__web__ws_allowed_origins="http://app.example")
        self.assertNotEqual(
            self.visit(origin, broker.address_of("ws.web")).returncode, 0)
        broker = self.run_broker(
            listeners__ws__web="127.0.0.1:0",
            listeners__ws__web__ws_allowed_origins=origin)
        self.assertEqual(
            self.visit(origin, broker.address_of("ws.web")).returncode, 0)


if __name__ == "__main__":
    unittest.main()
