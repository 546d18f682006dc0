"""A wheel carries what ships and nothing of its maker's; installed, it leaves that as it is."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from .tiny_book import CHECKOUT

GIT = shutil.which("git")
pytestmark = pytest.mark.skipif(
    not (GIT and (CHECKOUT / ".git").exists()), reason="needs git and a checkout that it tracks"
)
MINE = [
    "data/stores/mine/images.npy",
    "data/runs/mine/run.json",
    "data/runs/portraits/z_points.npy",
    "data/runs/portraits/.z_points.partial/journal.txt",
    "data/runs/portraits/maps/0123456789abcdef.npy",
    "notebooks/mine.ipynb",
]


def call(*command, cwd, **environment):
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AELATENT")}
    done = subprocess.run(
        command, cwd=cwd, env=kept | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(kind, source, out):
    code = f"import sys, setuptools.build_meta as b; b.build_{kind}(sys.argv[1])"
    out.mkdir()
    call(sys.executable, "-c", code, str(out), cwd=source)
    (made,) = out.iterdir()
    return made


@pytest.fixture(scope="module")
def tracked():
    return call(GIT, "ls-files", "-z", cwd=CHECKOUT).rstrip("\0").split("\0")


@pytest.fixture(scope="module")
def source(tmp_path_factory, tracked):
    """A checkout in which somebody has worked."""
    folder = tmp_path_factory.mktemp("source")
    for name in tracked:
        if name.startswith(("aelatent/", "data/", "notebooks/")) or "/" not in name:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(CHECKOUT / name, folder / name)
    call(GIT, "init", "--quiet", cwd=folder)
    call(GIT, "-c", "core.autocrlf=false", "add", "--force", ".", cwd=folder)
    for name in MINE:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


@pytest.fixture(scope="module")
def wheel(source):
    return build("wheel", source, source.parent / "wheel")


@pytest.fixture
def site(wheel, tmp_path):
    """A folder that the wheel is installed in."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    return tmp_path / "site"


def names_in(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_what_git_tracks_of_data_and_notebooks_is_in_it_and_nothing_else(wheel, tracked):
    ships = {name for name in tracked if name.startswith(("data/", "notebooks/"))}
    head = "aelatent/_shipped/"
    carried = {name.removeprefix(head) for name in names_in(wheel) if name.startswith(head)}
    assert carried == ships - {"data/README.md"}
    assert {"data/runs/portraits/run.json", "notebooks/00_start_here.ipynb"} < carried
    assert "aelatent/labconfig/default_setting_overrides.json" in names_in(wheel)
    assert wheel.stat().st_size < 12e6


def test_by_way_of_an_sdist_it_is_the_same(source, wheel, tmp_path):
    with tarfile.open(build("sdist", source, tmp_path / "sdist")) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.glob("aelatent-*")
    assert sorted(names_in(build("wheel", unpacked, tmp_path / "again"))) == sorted(names_in(wheel))


CODE = """import pathlib
from aelatent import Run, lab, settings
lab.put_notebooks(pathlib.Path("books"))
print(settings.data_dir(), Run.open("portraits").path, sep="\\n")"""


def test_what_is_made_goes_to_the_users_data_and_the_package_stays_as_it_is(site, tmp_path):
    home, cwd = tmp_path / "home", tmp_path / "cwd"
    home.mkdir()
    cwd.mkdir()
    own = {"HOME": home, "XDG_DATA_HOME": home / "data", "PYTHONPATH": site}
    own = {name: str(path) for name, path in own.items()} | {"PYTHONDONTWRITEBYTECODE": "1"}

    def packed():
        return {path: path.stat().st_mtime_ns for path in site.rglob("*")}

    before, module = packed(), (sys.executable, "-m", "aelatent")
    told = call(*module, "info", cwd=cwd, **own)
    assert "run portraits: COMPLETED" in told
    assert not any(home.iterdir())  # nothing is made to say it
    data, run = map(Path, call(sys.executable, "-c", CODE, cwd=cwd, **own).splitlines())
    call(*module, "data", "portraits", "--n", "8", "--size", "16", "--quiet", cwd=cwd, **own)
    assert data.is_relative_to(home)
    assert (data / "stores/portraits/store.json").is_file()
    assert run == data / "runs/portraits"
    assert (run / "run.json").is_file()
    shown = {path.name: path.read_bytes() for path in (cwd / "books").iterdir()}
    assert shown == {p.name: p.read_bytes() for p in (CHECKOUT / "notebooks").glob("*.ipynb")}
    assert packed() == before
