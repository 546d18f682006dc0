"""Nothing gets out of the data folder: not through archives, and not through names."""

import io
import json
import stat
import tarfile
import zipfile

import numpy as np
import pytest
from PIL import Image

from aelatent import ImageStore, Run, cli, prepare, train
from aelatent.images import open_source, pack

from .forged import a_run, describe_z_points

# ---- archives: nothing is written outside ----

CLIMBING = ["../out.jpg", "a/../../../out.jpg", "..\\out.jpg", "a\\..\\..\\out.jpg", "C:\\out.jpg"]


def files_below(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def test_pictures_of_a_zip_go_nowhere_but_into_the_store(tmp_path, photo_bytes):
    """Members are read where they lie (see tests/images/test_archives.py); here to the end."""
    archive, data = tmp_path / "a.zip", tmp_path / "data"
    absolute = str(tmp_path / "absolute.jpg")
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(archive, "w") as file:
        for name in [*CLIMBING, absolute, "good.jpg", "link/through.jpg"]:
            file.writestr(name, photo_bytes)
        file.writestr(link, str(tmp_path))
    before = files_below(tmp_path)
    store = pack(
        open_source("celeba", archive), "few", size=16, data=data, workers=1, progress=False
    )
    assert store.index["image_id"].tolist() == ["good.jpg", "through.jpg"]
    assert len(store.skipped) == 6
    made = files_below(tmp_path) - before
    assert made == {f"data/stores/few/{name}" for name in files_below(store.path)} | {
        "data/stores/.few.lock"
    }


@pytest.fixture
def photo_bytes():
    file = io.BytesIO()
    Image.new("RGB", (40, 40), (120, 90, 60)).save(file, "jpeg")
    return file.getvalue()


@pytest.mark.parametrize(
    "members",
    [
        [("../../../out.jpg", tarfile.REGTYPE, "")],
        [("{tmp}/out.jpg", tarfile.REGTYPE, "")],
        [("way", tarfile.SYMTYPE, "{tmp}"), ("way/out.jpg", tarfile.REGTYPE, "")],
        [("way", tarfile.SYMTYPE, "../../.."), ("way/out.jpg", tarfile.REGTYPE, "")],
        [("way", tarfile.LNKTYPE, "../../../treasure"), ("way", tarfile.REGTYPE, "")],
        [("device", tarfile.CHRTYPE, "")],
    ],
    ids=["climbs", "absolute", "link", "relative link", "hard link", "device"],
)
def test_a_tar_archive_of_lfw_writes_nothing_outside(own_data, members):
    """It is scikit-learn that unpacks it; a newer one must still refuse these."""
    home = own_data / "lfw" / "lfw_home"
    home.mkdir(parents=True)
    for name in ("pairsDevTrain.txt", "pairsDevTest.txt", "pairs.txt"):
        (home / name).write_text("0\n")  # nothing is left to be downloaded
    (own_data / "treasure").write_text("gold")
    with tarfile.open(home / "lfw-funneled.tgz", "w:gz") as archive:
        for name, kind, target in members:
            info = tarfile.TarInfo(name.replace("{tmp}", str(own_data)))
            info.type, info.linkname = kind, target.replace("{tmp}", str(own_data))
            archive.addfile(info)
    before = files_below(own_data)
    with pytest.raises((RuntimeError, ValueError)):
        open_source("lfw")
    made = files_below(own_data) - before
    assert all(name.startswith("lfw/lfw_home/") for name in made), made
    assert (own_data / "treasure").read_text() == "gold"


# ---- names: no way out of the data folder ----

NAMES = ["../few", "..", ".", "", " ", "/etc", "a/b", "a\\b", "a\0b", ".hidden", "~", "é", "CON:"]


@pytest.fixture
def outside(own_data, monkeypatch):
    """Return a folder above the data folder, all that a name could climb to."""
    monkeypatch.setenv("AELATENT_DATA", str(own_data / "deep" / "data"))
    return own_data


BOUNDARIES = {
    "ImageStore.open": lambda name: ImageStore.open("." if {*"/\\"} & {*name} else name),  # a path
    "Run.open": Run.open,
    "prepare": lambda name: prepare(name or " "),  # with "" it opens the default run
    "pack": lambda name: pack(open_source("portraits", n=1), name, size=16, workers=1),
    "train": lambda name: train(object(), name),
    "info of a store": lambda name: forged_store(name).store,
    "info of a run": lambda name: forged_default(name),
}


def forged_store(name):
    run = Run.open("forged")
    (run.path / "z_points.json").unlink(missing_ok=True)
    np.save(run.path / "z_points.npy", np.ones((1, 2), np.float32))
    describe_z_points(run.path, store=name)
    return run


def forged_default(name):
    info = json.loads((Run.open("forged").path / "run.json").read_text())
    info["store"]["name"] = name
    (Run.open("forged").path / "run.json").write_text(json.dumps(info))
    Run.open("forged").encode_store(progress=False)


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_names_stay_inside_the_data_folder(outside, boundary):
    a_run(outside / "deep" / "data")
    before = files_below(outside)
    for name in NAMES:
        with pytest.raises(ValueError, match=r"name .* is not usable: expected letters"):
            BOUNDARIES[boundary](name)
    new = files_below(outside) - before
    assert new <= {f"deep/data/runs/forged/z_points.{kind}" for kind in ("npy", "json")}


@pytest.mark.parametrize(
    "command",
    [
        ["train", "{}"],
        ["encode", "{}"],
        ["map", "{}"],
        ["data", "portraits", "--n", "1", "--size", "16", "--workers", "1", "--name", "{}"],
    ],
    ids=lambda command: command[0],
)
def test_command_line_and_environment_refuse_such_names(outside, capsys, monkeypatch, command):
    before = files_below(outside)
    for name in filter(str.strip, NAMES):
        assert cli.main([word.format(name) for word in [*command, "--quiet"]]) == 1
        assert "is not usable" in capsys.readouterr().err
        if "\0" not in name:
            monkeypatch.setenv("AELATENT_RUN", f" {name} ")
            with pytest.raises(ValueError, match="is not usable"):
                prepare()
    assert files_below(outside) == before
