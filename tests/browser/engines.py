"""Firefox and WebKit, driven by WebDriver: one speaks it on a socket, the other has a server.

Playwright drives builds of its own only, and no build of a distribution.
"""

import contextlib
import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

PATIENCE = 60  # seconds to start, and for each command
MINI = "/usr/lib/*/webkit2gtk-4.*/MiniBrowser"
PREFERENCES = {  # Firefox asks nobody for anything
    "marionette.port": 0,  # a free one
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.safebrowsing.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "privacy.reduceTimerPrecision": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.server": "data:,",
}
WHERE = {  # of the commands used here, at a server
    "NewSession": "",
    "Navigate": "/url",
    "ExecuteAsyncScript": "/execute/async",
    "PerformActions": "/actions",
    "SetTimeouts": "/timeouts",
}


class Absent(Exception):
    """The engine is not installed, or does not start."""


class Engine:
    """A browser with one window; `command(name, parameters)` is WebDriver's."""

    def __init__(self, command):
        self.command = command
        command("SetTimeouts", {"script": 1000 * PATIENCE, "pageLoad": 1000 * PATIENCE})

    def goto(self, address):
        self.command("Navigate", {"url": address})

    def run(self, script, *args):
        """Return what the body of an async function returns."""
        body = (
            "const done = arguments[arguments.length - 1];"
            f"(async (...args) => {{ {script} }})(...arguments).then("
            "(value) => done({ value }), (error) => done({ error: `${error}\\n${error.stack}` }));"
        )
        answer = self.command("ExecuteAsyncScript", {"script": body, "args": list(args)})
        if "error" in (found := answer["value"]):
            raise AssertionError(found["error"])
        return found.get("value")

    def drag(self, here, by, steps=8):
        """Press the mouse, move it in steps, and let go."""
        (x, y), (dx, dy) = here, by
        places = [(x, y)] + [(x + dx * k / steps, y + dy * k / steps) for k in range(1, steps + 1)]
        moves = [
            {"type": "pointerMove", "x": round(x), "y": round(y), "duration": 20} for x, y in places
        ]
        down, up = ({"type": f"pointer{way}", "button": 0} for way in ("Down", "Up"))
        mouse = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}}
        self.command(
            "PerformActions", {"actions": [mouse | {"actions": [moves[0], down, *moves[1:], up]}]}
        )


@contextlib.contextmanager
def running(command, log, **environment):
    """Run a program whose home is the log's folder, and end it with all that it has started."""
    with open(log, "wb") as output:
        process = subprocess.Popen(
            command,
            env={**os.environ, "HOME": str(log.parent), "TMPDIR": str(log.parent), **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        for ends in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(process.pid, ends)
                process.wait(timeout=10)


def once(ready, process, log):
    """Return what `ready` returns, as soon as it is not None."""
    patience = time.monotonic() + PATIENCE
    while (found := ready()) is None:
        if process.poll() is not None or time.monotonic() > patience:
            raise Absent(f"{process.args[0]} does not start: {log.read_text()[-500:]}")
        time.sleep(0.05)
    return found


@contextlib.contextmanager
def firefox(folder, **preferences):
    """Yield a headless Firefox with a profile of its own."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if not program:
        raise Absent("no Firefox found (firefox-esr, firefox)")
    profile, log = folder / "profile", folder / "firefox.log"
    profile.mkdir()
    asked = PREFERENCES | preferences
    lines = (f'user_pref("{key}", {json.dumps(value)});' for key, value in asked.items())
    (profile / "user.js").write_text("\n".join(lines))
    options = ["--headless", "--marionette", "--no-remote", "--profile", str(profile)]
    with running([program, *options], log) as process:
        port = profile / "MarionetteActivePort"
        number = once(
            lambda: int(port.read_text() or 0) or None if port.exists() else None, process, log
        )
        with socket.create_connection(("127.0.0.1", number), PATIENCE) as link:
            stream = link.makefile("rwb")
            received(stream)
            send = functools.partial(ask, stream)
            send("NewSession", {})
            yield Engine(send)


def received(stream):
    """Return a message of Firefox: its length, a colon, JSON."""
    length = b""
    while (byte := stream.read(1)) != b":":
        length += byte
    return json.loads(stream.read(int(length)))


def ask(stream, name, parameters):
    text = json.dumps([0, 1, f"WebDriver:{name}", parameters]).encode()
    stream.write(b"%d:%s" % (len(text), text))
    stream.flush()
    _, _, error, answer = received(stream)
    if error:
        raise AssertionError(f"{name}: {error['message']}")
    return answer


@contextlib.contextmanager
def webkit(folder):
    """Yield WebKit's small browser, on a screen that nobody sees."""
    (browser, *_) = [*Path("/").glob(MINI[1:]), None]
    needed = {
        "xvfb-run": shutil.which("xvfb-run"),
        "WebKitWebDriver": shutil.which("WebKitWebDriver"),
    }
    if lacking := [name for name, found in (needed | {MINI: browser}).items() if not found]:
        raise Absent(f"no WebKit found: it takes {', '.join(lacking)}")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log, url = folder / "webkit.log", f"http://127.0.0.1:{port}"
    command = ["xvfb-run", "-a", "WebKitWebDriver", f"--port={port}"]
    with running(command, log, WEBKIT_DISABLE_COMPOSITING_MODE="1") as process:
        once(lambda: answers(url), process, log)
        options = {"binary": str(browser), "args": ["--automation"]}
        wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        try:
            session = post(f"{url}/session", "NewSession", wanted)["value"]["sessionId"]
        except (AssertionError, OSError) as reason:
            raise Absent(f"WebKit does not start: {reason}") from None
        yield Engine(functools.partial(post, f"{url}/session/{session}"))


def answers(url):
    try:
        with urllib.request.urlopen(f"{url}/status", timeout=PATIENCE):
            return True
    except OSError:
        return None


def post(url, name, parameters):
    data = json.dumps(parameters).encode()
    where = "" if name == "NewSession" else WHERE[name]
    request = urllib.request.Request(url + where, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=2 * PATIENCE) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refusal:
        with refusal:
            raise AssertionError(f"{name}: {refusal.read().decode()[:500]}") from None
