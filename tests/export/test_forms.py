import json
import shutil
import sys

import pytest

from aelatent import Run, export_run, settings
from aelatent.cli import main
from aelatent.export import notice
from aelatent.export.forms import FORMS

FILES = {
    "onnx": {"encoder.onnx", "decoder.onnx"},
    "keras": {"encoder.keras", "decoder.keras"},
    "parquet": {"run.parquet"},
    "projector": {"vectors.tsv", "metadata.tsv", "sprite.png", "projector_config.pbtxt"},
}


@pytest.fixture(params=FORMS)
def kind(request):
    if request.param == "onnx":
        pytest.importorskip("onnx")
    return request.param


def test_a_folder_holds_its_files_and_a_notice_and_only_an_earlier_one_is_replaced(
    run, kind, tmp_path
):
    out = tmp_path / "new" / "folder"
    assert export_run(run, kind, str(out), progress=False) == out
    names = FILES[kind] | {"NOTICE.txt"}
    assert {path.name for path in out.iterdir()} == names
    assert "of run 'small'" in (out / "NOTICE.txt").read_text()
    assert "MIT license" in (out / "NOTICE.txt").read_text()
    (out / "NOTICE.txt").write_text("old")
    export_run(run, kind, out, progress=False)
    assert (out / "NOTICE.txt").read_text() != "old"
    (out / "mine.txt").touch()
    with pytest.raises(ValueError, match=r"holds .*mine\.txt.*Choose another folder"):
        export_run(run, kind, out, progress=False)
    with pytest.raises(ValueError, match=r"holds mine\.txt: expected a new folder"):
        export_run(run, kind, out / "mine.txt", progress=False)
    (link := tmp_path / "link").symlink_to(out)
    with pytest.raises(ValueError, match="link leads elsewhere"):
        export_run(run, kind, link, progress=False)
    assert [path.name for path in out.parent.iterdir()] == ["folder"]


def test_a_full_disk_leaves_what_was_there(run, kind, tmp_path):
    resource = pytest.importorskip("resource")
    run.autoencoder, run.axes, run.store  # noqa: B018 - read before
    out = tmp_path / "folder"
    out.mkdir()
    (out / "NOTICE.txt").write_text("old")
    _, most = before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, most))  # bytes of a file
    try:
        with pytest.raises(OSError, match=r"full.*Make room.*nothing is left of this one"):
            export_run(run, kind, out, progress=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
    assert (out / "NOTICE.txt").read_text() == "old"


def test_a_stopped_export_leaves_what_was_there(run, tmp_path, monkeypatch):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    out = export_run(run, "projector", tmp_path / "folder", progress=False)
    monkeypatch.setattr(notice, "terms", stopped)
    with pytest.raises(KeyboardInterrupt):
        export_run(run, "projector", out, progress=False)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
    assert len([*out.iterdir()]) == 5


@pytest.mark.parametrize(("kind", "package"), [("onnx", "onnx"), ("parquet", "pyarrow.parquet")])
def test_a_missing_extra_is_named(run, tmp_path, monkeypatch, kind, package):
    monkeypatch.delitem(sys.modules, f"aelatent.export.{kind}", raising=False)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=rf'`pip install "aelatent\[{kind}\]"`'):
        export_run(run, kind, tmp_path / "folder")
    assert [*tmp_path.iterdir()] == []


def test_another_kind_is_refused(run, tmp_path):
    with pytest.raises(ValueError, match=r"kind must be one of 'onnx'.*got 'safetensors'"):
        export_run(run, "safetensors", tmp_path / "folder")


@pytest.mark.parametrize("kind", ["parquet", "projector"])
def test_without_pictures_or_z_points_it_is_said_what_to_do(world, tmp_path, kind):
    (world / "stores" / "few").rename(world / "stores" / "gone")
    with pytest.raises(FileNotFoundError, match=r"there is no store.*aelatent data"):
        export_run(Run.open("small"), kind, tmp_path / "folder")
    (world / "runs" / "small" / "z_points.json").unlink()
    with pytest.raises(FileNotFoundError, match="aelatent encode small"):
        export_run(Run.open("small"), kind, tmp_path / "folder")
    assert [*tmp_path.iterdir()] == []


def test_networks_need_neither(world, tmp_path):
    shutil.rmtree(world / "stores")
    (world / "runs" / "small" / "z_points.json").unlink()
    out = export_run(Run.open("small"), "keras", tmp_path / "folder")
    assert "not at hand" in (out / "NOTICE.txt").read_text()


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("celeba", "non-commercial research alone, and neither to publish nor to pass on"),
        ("lfw", "Labeled Faces in the Wild"),
        ("folder", "a folder of yours"),
        ("film", "not at hand"),
        ("portraits", "show nobody"),
    ],
)
def test_the_terms_are_those_of_the_pictures(world, kind, said):
    file = world / "stores" / "few" / "store.json"
    file.write_text(file.read_text().replace('"kind": "portraits"', f'"kind": "{kind}"', 1))
    for pictures in (True, False):
        told = notice.terms(Run.open("small"), pictures=pictures)
        assert said in told
        assert ("show nobody" in told) == (kind == "portraits")


def test_photos_encoded_by_the_run_that_ships_keep_their_terms(world, tmp_path, monkeypatch):
    for data in (world, tmp_path / "shipped"):
        shutil.copytree(world / "runs" / "small", data / "runs" / "portraits")
    monkeypatch.setattr(settings, "SHIPPED", tmp_path / "shipped")
    file = world / "stores" / "few" / "store.json"
    info = json.loads(file.read_text())
    file.write_text(json.dumps(info | {"kind": "celeba"}))
    run = Run.open("portraits")
    assert "CelebA" in notice.terms(run, pictures=True)
    assert notice.terms(run, pictures=False) == notice.DRAWN


def test_the_command_says_what_it_wrote_and_on_what_terms(world, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["export", "small", "projector", "--quiet"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("projector of run small, 0.")
    assert "160 of 160 z-points" in said
    assert "MIT license" in said
    assert (tmp_path / "small-projector" / "NOTICE.txt").is_file()
    assert main(["export", "small", "onnx", "--publish"]) == 1
    assert "--publish belongs to page" in capsys.readouterr().err
