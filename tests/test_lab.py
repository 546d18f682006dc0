import os
import shutil
from types import SimpleNamespace

import pytest

import aelatent
from aelatent import lab, settings
from aelatent.cli import main

NAMES = sorted(path.name for path in settings.NOTEBOOKS.glob("*.ipynb"))


@pytest.fixture
def became(monkeypatch):
    """Command line and environment of what the process would have become."""
    seen = SimpleNamespace()

    def execve(_, command, environment):
        seen.command, seen.environment = command, environment

    monkeypatch.setattr(lab.os, "execve", execve)
    monkeypatch.setattr(aelatent, "prepare", lambda name, **_: SimpleNamespace(store=f"of {name}"))
    return seen


def test_a_folder_gets_the_notebooks_that_it_lacks_and_keeps_the_others(tmp_path):
    folder = tmp_path / "deep" / "books"
    assert f"{len(NAMES)} of {len(NAMES)} notebooks copied to {folder}." in lab.put_notebooks(
        folder
    )
    (folder / NAMES[0]).write_text("changed")
    (folder / NAMES[1]).unlink()
    said = lab.put_notebooks(folder)
    assert said.startswith(f"1 of {len(NAMES)} notebooks copied to {folder}; those that were there")
    assert (folder / NAMES[0]).read_text() == "changed"
    assert (folder / NAMES[1]).read_bytes() == (settings.NOTEBOOKS / NAMES[1]).read_bytes()
    assert sorted(path.name for path in folder.iterdir()) == NAMES  # nothing temporary is left


def test_an_interrupted_copy_leaves_no_half_notebook(tmp_path, monkeypatch):
    def failing(source, target):
        target.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", failing)
    with pytest.raises(OSError, match="No space left"):
        lab.put_notebooks(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_file_in_the_way_is_named(tmp_path, below, capsys):
    (tmp_path / "file").touch()
    assert main(["lab", "--notebooks", str(tmp_path / "file" / below)]) == 1
    said = capsys.readouterr().err
    assert f"cannot be copied to {tmp_path / 'file' / below} (" in said
    assert "`aelatent lab --notebooks FOLDER`" in said


def test_a_checkout_opens_its_own_notebooks_and_passes_options_on(became, capsys):
    assert main(["lab", "--no-browser", "--port", "8889"]) == 0
    assert became.command[-2:] + became.command[1:3] == ["--port", "8889", "-Pm", "jupyterlab"]
    assert f"--ServerApp.root_dir={settings.CHECKOUT}" in became.command
    assert "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb" in became.command
    assert "of portraits" in capsys.readouterr().out


def test_installed_it_copies_to_the_current_folder_and_kernels_find_the_same_data(
    became, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(settings, "CHECKOUT", None)
    monkeypatch.setenv("AELATENT_DATA", "mine")
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "known")
    assert main(["lab"]) == 0
    assert sorted(path.name for path in (tmp_path / "aelatent-notebooks").iterdir()) == NAMES
    assert f"--ServerApp.root_dir={tmp_path}" in became.command
    assert became.environment["AELATENT_DATA"] == str(tmp_path / "mine")
    own, known = became.environment["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert (os.path.exists(f"{own}/labconfig"), known) == (True, "known")
    assert main(["lab", "--notebooks", "a b"]) == 0
    assert "--LabApp.default_url=/lab/tree/a%20b/00_start_here.ipynb" in became.command
