"""The workflow that publishes the book: zizmor finds no fault in it, and would find some."""

import os
import re
import shutil
import subprocess
import sysconfig

import pytest
import yaml

WORKFLOW = ".github/workflows/pages.yml"


@pytest.fixture
def text(checkout):
    return (checkout / WORKFLOW).read_text(encoding="utf-8")


@pytest.fixture
def lint(tmp_path):
    """Return a function of a workflow's text -> exit status and what zizmor says."""
    program = shutil.which(
        "zizmor", path=sysconfig.get_path("scripts") + os.pathsep + os.environ["PATH"]
    )

    def lint(text):
        (tmp_path / "pages.yml").write_text(text, encoding="utf-8")
        command = [program, "--offline", "--no-config", "--strict-collection", "pages.yml"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    return lint


def test_the_workflow_is_sound(checkout, text, lint):
    status, said = lint(text)
    assert status == 0, said
    jobs = yaml.safe_load(text)["jobs"]
    assert {job["needs"] for job in jobs.values() if "needs" in job} <= jobs.keys()
    makefile = (checkout / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"make (\w+)", text)
    assert targets == ["book"]
    assert re.search(rf"^{targets[0]}: ", makefile, re.MULTILINE)


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("runs-on:", "runs_on:", "runs-on"),
        ("  book:\n", "  book\n", "pages.yml"),
        ("@[0-9a-f]{40}", "@v6", "unpinned-uses"),
        ("make book", "make ${{ github.head_ref }}", "template-injection"),
        ("persist-credentials: false", "fetch-depth: 1", "artipacked"),
    ],
)
def test_faults_are_seen(text, lint, right, wrong, told):
    broken = re.sub(right, wrong, text)
    status, said = lint(broken)
    assert broken != text
    assert status != 0
    assert told in said
