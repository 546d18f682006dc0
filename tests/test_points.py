import numpy as np
import pandas as pd
import pytest

import aelatent
from aelatent import NoDecoder, Run, map_of, widgets
from aelatent._lacking import Lacking, NoPictures
from aelatent.images import open_source, pack

RNG = np.random.default_rng(0)
Z = RNG.normal(size=(200, 5)).astype(np.float32)
INDEX = pd.DataFrame({"age": RNG.integers(9, size=200), "glasses": Z[:, 0] > 0})


def test_z_points_alone_are_a_run_but_for_pictures_and_decoder(own_data):
    Run.of_points(Z, INDEX)
    run = aelatent.prepare("points", progress=False)
    np.testing.assert_array_equal(run.z, Z)
    assert list(run.index) == ["row", "image_id", "split", "age", "glasses"]
    assert list(run.store.attributes) == ["age", "glasses"]
    assert (run.config.z_dim, run.status, len(run.held_out)) == (5, "COMPLETED", 10)
    assert run.axes.rank == 5
    assert run.history.empty
    assert "z-points only, z_dim 5" in str(run)
    assert len(map_of(run, n=100, progress=False).coordinates) == 100
    for use in (
        lambda: run.decode(run.z),
        lambda: run.encode(np.zeros((1, 8, 8, 3))),
        lambda: widgets.FaceMixer(run),
        lambda: aelatent.path_scores(run, Z[:4]),
    ):
        with pytest.raises(NoDecoder, match=r"'points' has z-points only, .* needs a Decoder"):
            use()
    for use in (lambda: run.store.images, lambda: run.store.size, lambda: run.config.size):
        with pytest.raises(NoPictures, match="without pictures"):
            use()
    with pytest.raises(Lacking):
        _ = run.autoencoder


@pytest.mark.parametrize("kind", ["npy", "parquet", "frame", "list"])
def test_z_points_come_in_several_forms(own_data, tmp_path, kind):
    frame = pd.DataFrame(Z, columns=[f"z{k}" for k in range(5)])
    if kind == "parquet":
        pytest.importorskip("pyarrow")
        frame.to_parquet(tmp_path / "z.parquet")
    np.save(tmp_path / "z.npy", Z.astype(float))
    given = {"frame": frame, "list": Z.tolist()}.get(kind, tmp_path / f"z.{kind}")
    np.testing.assert_array_equal(Run.of_points(given, name="mine").z, Z)


@pytest.mark.parametrize("kind", ["array", "float", "store"])
def test_pictures_beside_z_points_are_its_store(own_data, kind):
    few = drawn(160, "few")
    images = {"array": few.images, "float": few.images / 255, "store": few}[kind]
    index = None if kind == "store" else pd.DataFrame({"own": np.arange(160)})
    Run.of_points(np.resize(Z, (160, 5)), index, images)
    run = Run.open("points")
    np.testing.assert_array_equal(run.store.images, few.images)
    assert run.store.name == ("few" if kind == "store" else "points")
    assert ("own" in run.index) == (kind != "store")
    assert run.config.size == 32
    run.encode_store(progress=False)  # there is nothing to do
    with pytest.raises(NoDecoder):
        run.encode_store(drawn(4, "other"))


def drawn(n, name):
    return pack(open_source("portraits", n=n), name, size=32, progress=False)


BAD = Z.copy()
BAD[3, 2] = np.nan


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"z": BAD}, "got nan in row 3, column 2"),
        ({"z": Z[0]}, r"shape \(n, d\)"),
        ({"z": Z[:9]}, "a run needs at least 40 z-points; got 9"),
        ({"z": np.ones((60, 3))}, "all 60 z-points are the same"),
        ({"z": Z.astype(complex)}, "real numbers"),
        ({"z": pd.DataFrame({"a": Z[:, 0], "who": ["x"] * 200})}, r"columns \['who'\] are not"),
        ({"z": "z.csv"}, r"as \.npy or \.parquet"),
        ({"z": Z, "index": INDEX[:9]}, "a row of the index for each of 200 z-points; got 9"),
        ({"z": Z, "index": INDEX.assign(who="x")}, "column 'who' of the index holds"),
        ({"z": Z, "index": INDEX.assign(image_id="x")}, "name each z-point once"),
        ({"z": Z, "images": np.zeros((9, 8, 8, 3), np.uint8)}, "a picture for each of 200"),
        ({"z": Z, "images": np.zeros((200, 8, 8), np.uint8)}, r"\(n, h, w, 3\)"),
        ({"z": Z, "name": "../x"}, "run name"),
    ],
)
def test_unusable_z_points_are_refused_and_nothing_is_left(own_data, given, said):
    with pytest.raises(ValueError, match=said):
        Run.of_points(**given)
    assert not list(own_data.glob("*/*points*/*"))


def test_a_name_is_taken_once_and_a_damaged_file_is_noticed(own_data):
    run = Run.of_points(Z)
    with pytest.raises(ValueError, match="there is a run 'points' already"):
        Run.of_points(Z)
    path = run.path / "z_points.npy"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(ValueError, match="is damaged"):
        _ = Run.open("points").z
