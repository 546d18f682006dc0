import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from aelatent.latent.planes import Plane
from aelatent.widgets._path_canvas import PathCanvas
from aelatent.widgets.path_explorer import PathExplorer, save

from .stand_ins import control, failing, messages, parts, press

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
    """Move the path as the browser does."""
    page, (start, end) = canvas(explorer), ends
    last = max(page.state["serial"], page.asked.get("serial", 0))
    count = {"epoch": page.state["epoch"] if epoch is None else epoch, "serial": last + 1}
    page.set_state({"asked": {**count, "start": start, "end": end, "n": n}})


def strip(explorer):
    answer = canvas(explorer).answer
    sheet = np.asarray(Image.open(io.BytesIO(answer["jpeg"])))
    return np.stack(np.split(sheet, answer["n"], axis=1))


def test_starts_in_the_first_plane_on_a_path_through_the_center(run, presets):
    explorer = PathExplorer(run, presets)
    assert [z.shape for z in run.seen] == [(8, D)]
    np.testing.assert_allclose(explorer.path.z.mean(axis=0), run.axes.mean, rtol=1e-5)
    # all 400 points are drawn, and along PC 1 their standard deviation is that of the axis
    reach = 2 * run.axes.sd[0] * np.sqrt((N - 1) / N)
    np.testing.assert_allclose(explorer.ends, [[-reach, 0], [reach, 0]], atol=1e-5)
    np.testing.assert_array_equal(explorer.images, run.decode(explorer.path.z))
    assert (explorer.plane, explorer.n_points, explorer.kept) == ("leading", 8, [])


def test_a_move_of_the_browser_decodes_the_whole_path_once(run, explorer):
    move(explorer, MOVE, 5)
    assert [z.shape for z in run.seen] == [(5, D)]
    expected = run.axes.mean + np.linspace(*MOVE, 5) @ run.axes.axes[:2]
    np.testing.assert_allclose(run.seen[0], expected, rtol=1e-5)
    np.testing.assert_array_equal(explorer.ends, MOVE)
    assert explorer.n_points == len(explorer.path) == len(explorer.images) == 5
    # JPEG loses a little of noise
    off = np.abs(strip(explorer)[:, None] / 255 - explorer.images).mean(axis=(2, 3, 4))
    assert (off.argmin(axis=0) == range(5)).all()
    assert off.diagonal().max() < 0.03
    assert canvas(explorer).answer["serial"] == canvas(explorer).asked["serial"]


def test_distances_and_shares_of_the_core_are_told(run, explorer):
    move(explorer, [[-40.0, 0], [40.0, 10]], 7)
    d2 = run.core.axes.d2(explorer.path.z)
    answer = canvas(explorer).answer
    np.testing.assert_allclose(answer["d2"], d2)
    assert answer["inside"] == (d2 <= run.core.border).tolist()
    assert 0 < sum(answer["inside"]) < 7
    assert (
        f"D² is {d2[0]:.0f} at the start, {d2[3]:.0f} in the middle and {d2[-1]:.0f} at the end; "
        f"{sum(answer['inside'])} of 7 points lie in the core, where it is at most "
        f"{run.core.border:.0f}."
    ) in messages(explorer)
    move(explorer, [[0.0, 0], [1.0, 0]], 2)  # the middle is no point of it
    half = run.core.axes.d2(explorer.path.z.mean(axis=0, keepdims=True))[0]
    assert f"{half:.0f} in the middle" in messages(explorer)


def test_moves_that_began_before_python_moved_the_path_are_void(run, explorer):
    late = canvas(explorer).state["epoch"]
    explorer.ends = MOVE
    explorer.ends[0] = 9  # of a copy
    run.seen.clear()
    move(explorer, [[9.0, 9], [8.0, 8]], epoch=late)
    assert not run.seen
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
    assert canvas(explorer).state["start"] == first[0].tolist()
    explorer.ends = [[5, 5], [6, 6]]
    press(explorer, "Reset")
    np.testing.assert_array_equal(explorer.ends, first)


def test_axes_along_which_nothing_varies_are_refused(run):
    run.z[:, 5] = 2
    explorer = PathExplorer(run, {"raw": Plane.components(D, 3, 7)})
    control(explorer, "second").value = 5
    assert "along some direction" in messages(explorer)
    assert explorer.path.made["plane"] == "components 3, 7"


@pytest.mark.parametrize("act", ["move", "plane", "Reset", "Save PNG"])
def test_errors_of_the_decoder_are_told_and_go_with_the_next_success(run, explorer, act):
    acts = {
        "move": lambda: move(explorer, MOVE),
        "plane": lambda: setattr(control(explorer, "plane"), "value", "raw"),
    }
    good = canvas(explorer).answer
    mend = acts["move"] if act == "plane" else None
    with failing(run, explorer, acts.get(act, lambda: press(explorer, act)), mend):
        assert canvas(explorer).answer is good  # the strip stays


def test_kept_paths_are_listed(explorer):
    press(explorer, "Keep path")
    move(explorer, MOVE, 3)
    press(explorer, "Keep path")
    assert [len(path) for path in explorer.kept] == [8, 3]
    assert explorer.kept[1] is explorer.path
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
    before = explorer.path
    with pytest.raises(ValueError, match=r"ends|start|string"):
        explorer.ends = ends
    assert explorer.path is before
    assert not run.seen


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
