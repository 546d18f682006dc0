import pytest
from matplotlib.figure import Figure
from PIL import Image

from aelatent.widgets import path_explorer
from aelatent.widgets.path_explorer import save


@pytest.fixture(autouse=True)
def coarse(monkeypatch):
    monkeypatch.setattr(path_explorer, "DPI", 20)


def names(folder):
    return sorted(file.name for file in folder.iterdir())


def test_numbers_go_on_above_all_that_are_there(tmp_path):
    folder = tmp_path / "new" / "deep"
    assert names(tmp_path) == []
    first = save(folder, {"plane": Figure(), "strip": Figure()})
    assert [file.name for file in first] == ["path-001-plane.png", "path-001-strip.png"]
    (folder / "path-1007-strip.txt").write_text("mine")
    (folder / "path-x.png").write_text("mine")
    (second,) = save(folder, {"plane": Figure()})
    assert second == folder / "path-1008-plane.png"
    with Image.open(second) as picture:
        assert picture.format == "PNG"
    assert (folder / "path-1007-strip.txt").read_text() == "mine"


def test_a_picture_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def broken(file, **_):
        file.write_bytes(b"half")
        raise OSError("the disk is full")

    figure = Figure()
    monkeypatch.setattr(figure, "savefig", broken)
    with pytest.raises(OSError, match="full"):
        save(tmp_path, {"plane": figure})
    assert names(tmp_path) == []
