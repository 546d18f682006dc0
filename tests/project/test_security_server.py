"""JupyterLab as ``make lab`` starts it: here only, for those who hold the token only."""

import json
import os
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PATIENCE = 120  # s; it takes 3 on an idle machine
SERVE = """import os, pathlib, sys
from aelatent.lab import serve
serve(pathlib.Path(sys.argv[1]), sys.argv[2:], dict(os.environ))"""
FOLDERS = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")


class Server:
    """A server with a token that it chose itself."""

    def __init__(self, process, folder, described):
        self.process, self.folder = process, folder
        self.token, self.port = described["token"], described["port"]

    def ask(self, path, headers=(), host="127.0.0.1"):
        """Return status, address and body of an answer, refusals included."""
        request = urllib.request.Request(f"http://{host}:{self.port}{path}", headers=dict(headers))
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.url, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.url, refusal.read().decode()


def described(folder):
    """Return what the server wrote about itself, None where it has not yet."""
    for path in folder.glob("runtime_dir/jpserver-*.json"):
        try:
            return json.loads(path.read_text())
        except json.JSONDecodeError:  # it is being written
            return None
    return None


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    own = {f"JUPYTER_{name}": str(folder / name.lower()) for name in FOLDERS}
    own |= {"HOME": str(folder), "AELATENT_DATA": str(folder / "aelatent")}
    kept = {k: v for k, v in os.environ.items() if not k.startswith("JUPYTER")}
    options = ["--no-browser", "--ServerApp.port=0"]
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(CHECKOUT / "notebooks"), *options],
            env={**kept, **own},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        end = time.monotonic() + PATIENCE
        while (found := described(folder)) is None:
            if process.poll() is not None or time.monotonic() > end:
                pytest.fail(f"JupyterLab did not start:\n{(folder / 'log').read_text()}")
            time.sleep(0.1)
        server = Server(process, folder, found)
        while True:
            try:
                server.ask("/api")
                break
            except urllib.error.URLError:
                assert time.monotonic() < end
                time.sleep(0.1)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_it_listens_on_the_loopback_only(server):
    family = [psutil.Process(server.process.pid)]
    family += family[0].children(recursive=True)
    listening = [
        connection.laddr.ip
        for process in family
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert set(listening) == {"127.0.0.1"}


@pytest.mark.parametrize(
    "path", ["/lab", "/api/contents", "/api/kernels", "/api/terminals", "/files/README.md"]
)
def test_only_the_token_opens_it(server, path):
    assert (len(server.token) >= 32, len({*server.token}) > 8) == (True, True)
    status, url, body = server.ask(path)
    assert status == 403 or "/login" in url
    assert server.token not in body
    status, url, _ = server.ask(path, {"Authorization": "token 0000"})
    assert status == 403 or "/login" in url
    assert server.ask(path, {"Authorization": f"token {server.token}"})[0] == 200


def test_other_names_of_this_machine_are_refused(server):
    """A page of a stranger may give its own name this machine's address (DNS rebinding)."""
    token = {"Authorization": f"token {server.token}"}
    assert server.ask("/api/contents", {**token, "Host": "evil.example"})[0] == 403


def test_pages_of_others_cannot_use_the_cookie(server):
    """The browser that is logged in sends it along, whoever's page it shows."""
    jar = urllib.request.HTTPCookieProcessor()
    browser = urllib.request.build_opener(jar)
    there = f"http://127.0.0.1:{server.port}"
    with browser.open(f"{there}/lab?token={server.token}", timeout=30) as page:
        assert page.status == 200
    with browser.open(f"{there}/api/kernels", timeout=30) as answer:  # the cookie is as good
        assert answer.status == 200
    stranger = {"Origin": "http://evil.example", "Referer": "http://evil.example/"}
    for data in (b"{}", None):  # POST and GET
        with pytest.raises(urllib.error.HTTPError) as refused:
            browser.open(urllib.request.Request(f"{there}/api/kernels", data, stranger), timeout=30)
        with refused.value as answer:
            assert answer.code in (403, 404)


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_nobody_else_can_read_the_token(server):
    """Files that hold it are the user's alone; the command line, which all can read, has none."""
    holding = [
        path
        for path in server.folder.rglob("*")
        if path.is_file() and path.name != "log" and server.token.encode() in path.read_bytes()
    ]
    assert holding
    for path in holding:
        ways = [path, *path.parents[: len(path.relative_to(server.folder).parts) - 1]]
        # Closed for others: the file itself, or a folder that leads to it.
        assert any(not stat.S_IMODE(way.stat().st_mode) & 0o077 for way in ways), path.name
    family = [psutil.Process(server.process.pid)]
    for process in [*family, *family[0].children(recursive=True)]:
        assert server.token not in " ".join(process.cmdline())
