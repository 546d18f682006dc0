import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from aelatent.latent.planes import Plane
from aelatent.widgets.path_explorer import PathCanvas, PathExplorer, save

from .stand_ins import asked, control, messages, parts, press, sent

D, N = 12, 400
MOVE = [[-1.0, 2.0], [3.0, -2.0]]


@pytest.fixture
def presets(run):
    return {"leading": Plane.principal(run.axes, 1, 2), "raw": Plane.components(D, 3, 7)}


@pytest.fixture
def explorer(run, presets, tmp_path):
    explorer = PathExplorer(run, presets, folder=tmp_path / "saved")
    run.seen.clear()
    return explorer


def canvas(explorer):
    (found,) = parts(explorer, PathCanvas)
    return found


def move(explorer, ends, n=8, epoch=None):
    """Move the path as the page does."""
    page, (start, end) = canvas(explorer), ends
    epoch = page.path["epoch"] if epoch is None else epoch
    sent(page, path={"epoch": epoch, "start": start, "end": end, "n": n})


def test_starts_in_the_first_plane_on_a_path_through_the_center(run, presets):
    explorer = PathExplorer(run, presets)
    np.testing.assert_allclose(explorer.path.z.mean(axis=0), run.axes.mean, rtol=1e-5)
    # all 400 points are drawn, and along PC 1 their standard deviation is that of the axis
    reach = 2 * run.axes.sd[0] * np.sqrt((N - 1) / N)
    np.testing.assert_allclose(explorer.ends, [[-reach, 0], [reach, 0]], atol=1e-5)
    np.testing.assert_array_equal(explorer.images, run.decode(explorer.path.z))
    assert (explorer.plane, explorer.n_points, explorer.kept) == ("leading", 8, [])


def test_a_move_of_the_page_moves_the_path(run, explorer):
    move(explorer, MOVE, 5)
    expected = run.axes.mean + np.linspace(*MOVE, 5) @ run.axes.axes[:2]
    np.testing.assert_allclose(explorer.path.z, expected, rtol=1e-5)
    np.testing.assert_array_equal(explorer.ends, MOVE)
    assert explorer.n_points == len(explorer.path) == len(explorer.images) == 5
    assert not run.seen[:-1]  # a page that decodes by itself would have asked for nothing


def test_a_page_that_cannot_decode_is_answered_with_all_points_at_once(run, explorer):
    path = {"epoch": 2, "start": [-40.0, 0], "end": [40.0, 10], "n": 7}
    answer, (strip,) = asked(canvas(explorer), "decode", path=path)
    (z,) = run.seen
    expected = run.axes.mean + np.linspace([-40, 0], [40, 10], 7) @ run.axes.axes[:2]
    np.testing.assert_allclose(z, expected, rtol=1e-5)
    assert answer == {"n": 7, "d2": run.core.axes.d2(z).tolist()}
    assert 0 < run.core.holds(z).sum() < 7
    # JPEG loses a little of noise
    off = np.abs(strip.reshape(7, 1, 8, 8, 3) / 255 - run.decode(z)).mean(axis=(2, 3, 4))
    assert (off.argmin(axis=0) == range(7)).all()
    assert off.diagonal().max() < 0.03


def test_moves_that_began_before_python_moved_the_path_are_void(run, explorer):
    late = canvas(explorer).path["epoch"]
    explorer.ends = MOVE
    explorer.ends[0] = 9  # of a copy
    move(explorer, [[9.0, 9], [8.0, 8]], epoch=late)
    np.testing.assert_array_equal(explorer.ends, MOVE)
    move(explorer, [[9.0, 9], [8.0, 8]])
    np.testing.assert_array_equal(explorer.ends, [[9, 9], [8, 8]])


def test_another_plane_is_sent_once_and_starts_anew(explorer):
    sent = []
    canvas(explorer).observe(lambda change: sent.append(change["new"]["labels"]), "scene")
    move(explorer, MOVE, 6)
    explorer.ends = [[0, 0], [1, 1]]
    assert not sent
    explorer.plane = "raw"
    assert sent == [["component 3 (units of z)", "component 7 (units of z)"]]
    first = explorer.ends
    assert (explorer.path.made["plane"], explorer.n_points) == ("components 3, 7", 6)
    assert canvas(explorer).path["start"] == first[0].tolist()
    explorer.ends = [[5, 5], [6, 6]]
    press(explorer, "Reset")
    np.testing.assert_array_equal(explorer.ends, first)


def test_axes_along_which_nothing_varies_are_refused(run):
    run.z[:, 5] = 2
    explorer = PathExplorer(run, {"raw": Plane.components(D, 3, 7)})
    control(explorer, "second").value = 5
    assert "along some direction" in messages(explorer)
    assert explorer.path.made["plane"] == "components 3, 7"


def test_errors_are_told(run, explorer):
    run.problem = RuntimeError("the weights <are> gone")
    answer, _ = asked(canvas(explorer), "decode", path=canvas(explorer).path)
    assert answer == {"error": "RuntimeError: the weights <are> gone"}
    press(explorer, "Save PNG")
    assert "RuntimeError: the weights &lt;are&gt; gone" in messages(explorer)
    run.problem = None
    press(explorer, "Save PNG")
    assert "RuntimeError" not in messages(explorer)


def test_kept_paths_are_listed(explorer):
    press(explorer, "Keep path")
    move(explorer, MOVE, 3)
    press(explorer, "Keep path")
    assert [len(path) for path in explorer.kept] == [8, 3]
    np.testing.assert_array_equal(explorer.kept[1].z, explorer.path.z)
    assert "kept[1]: PC 1, PC 2: 3 points from (-1, 2) to (3, -2)<br>kept[0]" in messages(explorer)


def test_plane_and_strip_are_saved_as_they_are(explorer, tmp_path):
    canvas(explorer).equal = canvas(explorer).whole = True
    explorer.n_points = 2
    saved = explorer.save()
    names = ["path-001-plane.png", "path-001-strip.png"]
    assert [file.name for file in saved] == names
    assert f"Saved {names[0]} and {names[1]} in {tmp_path / 'saved'}" in messages(explorer)
    for file, size in zip(saved, [(1050, 825), (1200, 277)], strict=True):
        with Image.open(file) as picture:
            assert (picture.format, picture.size) == ("PNG", size)


@pytest.mark.parametrize(
    "ends",
    [[0, 1], [[0, 0], [0, 0]], [[0, np.nan], [1, 1]], [[0, 0, 0], [1, 1, 1]], [["a", 0], [1, 1]]],
)
def test_bad_ends_are_refused_and_change_nothing(run, explorer, ends):
    before = explorer.ends
    with pytest.raises(ValueError, match=r"ends|start|string"):
        explorer.ends = ends
    np.testing.assert_array_equal(explorer.ends, before)


@pytest.mark.parametrize("n", [1, 13, True])
def test_bad_numbers_of_points_are_refused(run, presets, explorer, n):
    for set_n in (
        lambda: setattr(explorer, "n_points", n),
        lambda: PathExplorer(run, presets, n=n),
    ):
        with pytest.raises(ValueError, match=r"n, the number of points, .* from 2 to 12"):
            set_n()
    assert explorer.n_points == 8


def test_numbers_of_files_go_on_above_all_that_are_there(tmp_path):
    folder = tmp_path / "new" / "deep"
    assert save(folder, {"strip": Figure()}) == [folder / "path-001-strip.png"]
    (folder / "path-1007-strip.txt").write_text("mine")
    (folder / "path-x.png").write_text("mine")
    assert save(folder, {"plane": Figure()}) == [folder / "path-1008-plane.png"]
    assert (folder / "path-1007-strip.txt").read_text() == "mine"


def test_a_picture_that_fails_leaves_nothing_and_is_told(explorer, tmp_path, monkeypatch):
    def broken(_, file, **__):
        file.write_bytes(b"half")
        raise OSError("the disk is full")

    monkeypatch.setattr(Figure, "savefig", broken)
    press(explorer, "Save PNG")
    folder = tmp_path / "saved"
    assert f"OSError: cannot write to {folder}: the disk is full. Make" in messages(explorer)
    assert "Saved" not in messages(explorer)
    assert list(folder.iterdir()) == []
