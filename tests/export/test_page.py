import base64
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from aelatent import ImageStore, Run, export_page, settings
from aelatent.cli import main
from aelatent.export import page
from aelatent.latent import seed_planes
from aelatent.model import ModelConfig
from aelatent.widgets import _front


@pytest.fixture
def run(small_world):
    return Run.open("small", data=small_world)


@pytest.fixture
def shipped(world, tmp_path, monkeypatch):
    """Let the tiny run be the one that ships; its store is of drawn portraits."""
    for data in (world, tmp_path / "shipped"):
        shutil.copytree(world / "runs" / "small", data / "runs" / "portraits")
    monkeypatch.setattr(settings, "SHIPPED", tmp_path / "shipped")
    return world / "runs" / "portraits"


def opened(file):
    """Return what a data script holds: info, and arrays by name."""
    text = file.read_text()
    found = re.fullmatch(r"\(.*?\)\.\w+ = \{info: (\{.*\}), data: \"(.*)\"\};\n", text)
    info, data = json.loads(found[1]), zlib.decompress(base64.b64decode(found[2]))
    arrays = {}
    for name, entry in info["arrays"].items():
        kind = np.dtype(f"<{entry['dtype']}")
        count = int(np.prod(entry["shape"]))
        raw = np.frombuffer(data, np.uint8, count * kind.itemsize, entry["at"])
        numbers = raw.reshape(kind.itemsize, count).T.tobytes()
        arrays[name] = np.frombuffer(numbers, kind).reshape(entry["shape"])
    return info, arrays


def picture(url, kind):
    head, _, data = url.partition(",")
    assert head == f"data:image/{kind};base64"
    return Image.open(io.BytesIO(base64.b64decode(data)))


def test_a_page_is_five_files_and_says_what_it_holds(run, tmp_path):
    out = export_page(run, tmp_path / "site" / "page", publish=True)
    assert sorted(path.name for path in out.iterdir()) == sorted(page.FILES)
    assert [path.name for path in out.parent.iterdir()] == ["page"]
    index = (out / "index.html").read_text()
    for name in _front.EXPLORERS:
        assert f'<div class="aelatent-live" data-aelatent="{name}">' in index
    assert "160 of them with thumbnails, 6 pictures" in index
    assert "whoever made the page has said" in index
    assert "$" not in index
    assert re.findall(r'(?:src|href)="(.*?)"', index) == [
        "data:,",
        "style.css",
        "run.js",
        "code.js",
    ]
    assert (out / "code.js").read_text() == _front.classic()
    assert sum(path.stat().st_size for path in out.iterdir()) < 500_000
    data = tmp_path / "live"
    page.write_data(run, data, publish=True)
    assert sorted(path.name for path in data.iterdir()) == sorted({*page.FILES} - {"index.html"})
    for name in ("run.js", "encoder.js"):
        assert (data / name).read_text() == (out / name).read_text()


def test_what_the_page_gets_is_what_the_run_says(run, tmp_path):
    out = export_page(run, tmp_path / "page", publish=True)
    info, arrays = opened(out / "run.js")
    z, d = run.z, run.config.z_dim
    assert {name: arrays[name].shape for name in ("quantiles", "range", "component_sd", "d2")} == {
        "quantiles": (d, 256),
        "range": (d, 2),
        "component_sd": (d,),
        "d2": (257,),
    }
    middles = np.quantile(z, [0.5 / 256, 128.5 / 256], axis=0)
    assert np.allclose(arrays["quantiles"][:, [0, 128]].T, middles, rtol=1e-3)
    assert np.allclose(arrays["range"].T, np.quantile(z, [0.05, 0.95], axis=0), atol=1e-5)
    assert np.allclose(arrays["component_sd"], z.std(axis=0, ddof=1), rtol=1e-5)
    assert np.allclose(arrays["d2"][[0, 128, -1]], np.quantile(run.axes.d2(z), [0, 0.5, 1]))
    assert info["samplers"][:2] == ["uniform", "standard normal"]
    drawn = {name for name in arrays if name.startswith("drawn/")}
    assert drawn == {"drawn/method X", "drawn/Gaussian mixture"}
    assert {arrays[name].shape for name in drawn} == {(100, d)}
    assert np.allclose(info["explained"], run.axes.explained[:8])

    for i, (role, plane) in enumerate(seed_planes(run.axes, run.described).items()):
        told = info["planes"][i]
        assert (told["role"], told["name"]) == (role, plane.name)
        assert {"box", "core_box", "labels"} <= told["scene"].keys()
        assert np.shape(told["first"]) == (2, 2)
        assert arrays[f"plane{i}/cloud"].shape == (160, 2)
        assert np.allclose(arrays[f"plane{i}/basis"], plane.basis, atol=1e-6)
        assert np.allclose(arrays[f"plane{i}/offset"], plane.offset, atol=1e-6)
    assert f"plane{i + 1}/cloud" not in arrays

    widths = run.described["fwhm"]
    assert info["components"] == widths.sort_values(ascending=False).index.tolist()
    assert arrays["curves"].shape == (d, 165)
    rows = info["near"]["rows"]
    assert np.allclose(arrays["near/z"], z[rows], atol=0.01)
    sprite, side = picture(info["near"]["sprite"], "jpeg"), info["near"]["side"]
    assert sprite.size == (20 * side, 8 * side)
    small = Image.fromarray(run.store.images[rows[25]]).resize((side, side))
    seen = np.asarray(sprite.crop((5 * side, side, 6 * side, 2 * side))).astype(int)
    assert np.abs(seen - np.asarray(small)).mean() < 6
    assert len(info["samples"]) == 6
    assert picture(info["samples"][0], "png").size == (32, 32)

    probe = np.stack([run.axes.mean, run.axes.mean + 2 * run.axes.sd[0] * run.axes.axes[0]])
    assert np.allclose(arrays["probe"], probe, atol=1e-5)
    blocks = run.decode(probe).reshape(2, 4, 8, 4, 8, 3).mean(axis=(2, 4))
    assert np.allclose(arrays["expected"], blocks, atol=1e-5)
    assert 0 < info["rounding"] < 1e-2
    assert {name: a.dtype for name, a in opened(out / "encoder.js")[1].items()} == {
        f"encoder/{name}": np.float16 for name in run.weights("encoder")
    }


def test_the_run_that_ships_is_written_unasked_and_no_other(shipped, world, tmp_path):
    out = export_page(Run.open("portraits"), tmp_path / "page")
    assert "drawn by a program and show nobody" in (out / "index.html").read_text()
    small = Run.open("small")
    said = (
        r"publishes.*the Decoder and the Encoder of run 'small', statistics of its 160 z-points, "
        r"160 of them with thumbnails, 6 pictures.*CelebA.*its license.*publish=True"
    )
    for write in (export_page, page.write_data):
        with pytest.raises(ValueError, match=said):
            write(small, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_the_name_alone_does_not_ship(shipped, world, tmp_path):
    """Neither other weights under that name, nor its z-points of other pictures."""
    store = world / "stores" / "few" / "store.json"
    whole = store.read_text()
    store.write_text(whole.replace('"kind": "portraits"', '"kind": "celeba"', 1))
    assert ImageStore.open("few").info["kind"] == "celeba"
    with pytest.raises(ValueError, match="publishes"):
        export_page(Run.open("portraits"), tmp_path / "page")
    store.unlink()
    with pytest.raises(ValueError, match=r"publishes.*no pictures"):
        export_page(Run.open("portraits"), tmp_path / "page")
    store.write_text(whole)
    file = settings.SHIPPED / "runs" / "portraits" / "run.json"
    info = json.loads(file.read_text())
    info["weights"]["decoder"]["sha256"] = "0" * 64
    file.write_text(json.dumps(info))
    with pytest.raises(ValueError, match="publishes"):
        export_page(Run.open("portraits"), tmp_path / "page")
    file.unlink()
    with pytest.raises(ValueError, match="publishes"):
        export_page(Run.open("portraits"), tmp_path / "page")


def test_without_its_store_a_page_has_no_pictures(world, tmp_path):
    shutil.rmtree(world / "stores")
    out = export_page(Run.open("small"), tmp_path / "page", publish=True)
    info, arrays = opened(out / "run.js")
    assert (info["samples"], "near" in info, "near/z" in arrays) == ([], False, False)
    assert "no pictures" in info["notice"]


def test_of_too_few_z_points_there_are_no_planes(world, tmp_path, monkeypatch):
    few = Run.open("small")
    monkeypatch.setattr(Run, "z", few.z[:16])
    info, arrays = opened(export_page(few, tmp_path / "page", publish=True) / "run.js")
    assert info["planes"] == []
    assert "why" in info["core"]
    assert "Gaussian mixture" not in info["samplers"]
    assert "drawn/Gaussian mixture" not in arrays


def test_what_no_browser_decodes_is_refused(run, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "config", ModelConfig(size=32, activation="elu"))
    with pytest.raises(ValueError, match="cannot decode for run 'small': its activation is elu"):
        export_page(run, tmp_path / "page", publish=True)


def test_damaged_weights_and_missing_z_points_leave_nothing_behind(world, tmp_path):
    (file,) = (world / "runs" / "small").glob("encoder-*.npz")
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    with pytest.raises(ValueError, match=r"encoder-.*does not belong to its run"):
        export_page(Run.open("small"), tmp_path / "site" / "page", publish=True)
    assert [*(tmp_path / "site").iterdir()] == []
    file.write_bytes(whole)
    (world / "runs" / "small" / "z_points.json").unlink()
    with pytest.raises(FileNotFoundError, match="aelatent encode small"):
        export_page(Run.open("small"), tmp_path / "site" / "page", publish=True)
    assert [*(tmp_path / "site").iterdir()] == []


def test_an_earlier_page_is_replaced_and_nothing_else(run, tmp_path, monkeypatch):
    out = tmp_path / "page"
    out.mkdir()
    export_page(run, out, publish=True)
    (out / "code.js").write_text("old")
    export_page(run, out, publish=True)
    assert (out / "code.js").read_text() == _front.classic()
    (out / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"holds code\.js.*notes\.txt.*Choose another folder"):
        export_page(run, out, publish=True)
    with pytest.raises(ValueError, match=r"holds notes\.txt"):
        export_page(run, out / "notes.txt", publish=True)
    (out / "notes.txt").unlink()

    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(page, "_index", stopped)
    (out / "code.js").write_text("old")
    with pytest.raises(KeyboardInterrupt):
        export_page(run, out, publish=True)
    assert (out / "code.js").read_text() == "old"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_names_stay_text_in_the_page(world, tmp_path, monkeypatch):
    run = Run.open("small")
    monkeypatch.setattr(run, "name", "<img src=x onerror=alert(1)></script>")
    out = export_page(run, tmp_path / "page", publish=True)
    assert "<img" not in (out / "index.html").read_text()
    assert "<" not in (out / "run.js").read_text()


def test_the_command_writes_it_without_tensorflow(small_world, tmp_path):
    code = (
        "import sys; from aelatent.cli import main; "
        "code = main(sys.argv[1:]); assert 'tensorflow' not in sys.modules; sys.exit(code)"
    )
    line = [sys.executable, "-c", code, "export", "small", "page", "--publish"]
    done = subprocess.run(
        line,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ
        | {"AELATENT_DATA": str(small_world), "PYTHONPATH": str(Path(page.__file__).parents[2])},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("page of run small, 0.")
    assert (tmp_path / "small-page" / "index.html").is_file()


def test_the_command_takes_a_folder_and_refuses_as_python_does(world, tmp_path, capsys):
    out = str(tmp_path / "here")
    assert main(["export", "small", "page", "--out", out, "--publish"]) == 0
    assert f"open {out}" in capsys.readouterr().out
    assert main(["export", "small", "page"]) == 1
    assert "(--publish)" in capsys.readouterr().err
