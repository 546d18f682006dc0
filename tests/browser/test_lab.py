"""JupyterLab as ``make lab`` starts it: it answers here, to those who hold the token, only."""

from urllib.parse import urlsplit

import psutil
import pytest

pytestmark = pytest.mark.browser


def listening(pid):
    """Return the addresses at which a process and its children accept connections."""
    server = psutil.Process(pid)
    return {
        connection.laddr.ip
        for process in [server, *server.children(recursive=True)]
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    }


def test_lab_answers(lab, page):
    asked = set()
    page.on("request", lambda request: asked.add(request.url))
    page.goto(lab.address())

    page.get_by_role("tab", name="00_start_here.ipynb").wait_for(timeout=60_000)
    page.locator(".jp-NotebookPanel .jp-MarkdownOutput h1").first.wait_for(timeout=60_000)
    page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").wait_for(timeout=60_000)

    assert page.locator(".jp-Dialog").count() == 0
    assert page.locator(".Toastify__toast").count() == 0  # would ask to fetch JupyterLab's news
    assert listening(lab.pid) == {"127.0.0.1"}
    hosts = {urlsplit(url).hostname for url in asked if url.startswith("http")}
    assert hosts == {"127.0.0.1"}


@pytest.mark.parametrize("path", ["/api/contents/notebooks", "/api/kernels", "/api/terminals"])
def test_without_the_token_requests_are_refused(lab, path):
    assert lab.ask(path, token=False)[0] == 403
    assert lab.ask(path)[0] == 200


def test_without_the_token_the_browser_sees_the_login_page(lab, page):
    page.goto(f"{lab.url}/lab")
    assert urlsplit(page.url).path == "/login"
