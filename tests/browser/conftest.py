"""A headless Chromium, and a server or a JupyterLab of the test's own for it to open."""

import contextlib
import functools
import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
START_SECONDS = 120  # JupyterLab answers after 3 s on an idle machine
SERVE = """import os, pathlib, sys
from aelatent.lab import serve
serve(pathlib.Path(sys.argv[1]), sys.argv[2:], dict(os.environ))"""
spec = importlib.util.spec_from_file_location("headless", CHECKOUT / "tools" / "headless.py")
BROWSER = importlib.util.module_from_spec(spec)
spec.loader.exec_module(BROWSER)


def find_chromium():
    """Return the path of the browser, or skip (or, where a browser is required, fail)."""
    try:
        return BROWSER.find_chromium()
    except FileNotFoundError as missing:
        if os.environ.get("AELATENT_REQUIRE_BROWSER") == "1":
            pytest.fail(str(missing))
        pytest.skip(str(missing))


# One browser and one JupyterLab per module, not per session: Playwright keeps an event loop
# running, and other tests start loops of their own.
@pytest.fixture(scope="module")
def chromium():
    find_chromium()
    with BROWSER.chromium() as browser:
        yield browser


@pytest.fixture
def page(chromium):
    with chromium.new_context() as context:
        yield context.new_page()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(folder):
    """Serve an exported page on this machine only; yield its address."""
    serve = functools.partial(Quiet, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()


@dataclass
class Lab:
    """A running JupyterLab."""

    url: str
    token: str
    root: Path  # holds notebooks/, as a checkout does
    data: Path  # AELATENT_DATA of the server and its kernels
    pid: int = 0

    def address(self, path="notebooks/00_start_here.ipynb"):
        """Return the address of a file, in a workspace of its own."""
        return f"{self.url}/lab/workspaces/{secrets.token_hex(4)}/tree/{path}?token={self.token}"

    def ask(self, path, token=True, method="GET"):
        """Return (status, body) of a request to the server, with or without the token."""
        headers = {"Authorization": f"token {self.token}"} if token else {}
        request = urllib.request.Request(self.url + path, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read()

    def answers(self):
        try:
            return self.ask("/api/status")[0] == 200
        except (urllib.error.URLError, ConnectionError):
            return False


@contextlib.contextmanager
def running_lab(folder):
    """Start JupyterLab as ``make lab`` does, on copies of the notebooks, and stop it at the end."""
    root, data, log = folder / "checkout", folder / "aelatent-data", folder / "lab.log"
    shutil.copytree(CHECKOUT / "notebooks", root / "notebooks")
    data.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    lab = Lab(f"http://127.0.0.1:{port}", secrets.token_hex(16), root, data)
    own = {"AELATENT_DATA": data, "AELATENT_SCALE": "smoke", "JUPYTER_TOKEN": lab.token}
    own |= {f"JUPYTER_{kind}_DIR": folder / kind.lower() for kind in ("CONFIG", "DATA", "RUNTIME")}
    own |= {f"JUPYTERLAB_{kind}_DIR": folder / kind for kind in ("SETTINGS", "WORKSPACES")}
    own["IPYTHONDIR"] = folder / "ipython"  # nothing of the user's is touched
    options = ["--no-browser", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    with open(log, "wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(root / "notebooks"), *options],
            env={**os.environ, **{name: str(value) for name, value in own.items()}},
            cwd=root,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    lab.pid = server.pid
    try:
        patience = time.monotonic() + START_SECONDS
        while not lab.answers():
            if server.poll() is not None or time.monotonic() > patience:
                pytest.fail(f"JupyterLab did not start:\n{log.read_text()}")
            time.sleep(0.2)
        yield lab
    finally:
        stop(server, lab)


def stop(server, lab):
    """Ask the server to end with its kernels; end what is left of them by force."""
    if server.poll() is None and lab.answers():
        for kernel in json.loads(lab.ask("/api/kernels")[1]):
            lab.ask(f"/api/kernels/{kernel['id']}", method="DELETE")
    server.terminate()
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with running_lab(tmp_path_factory.mktemp("lab")) as started:
        yield started
