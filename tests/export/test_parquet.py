import io
import json
import warnings

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from aelatent import Run, export_run, map_of
from aelatent.latent.maps import MapSettings

pq = pytest.importorskip("pyarrow.parquet")


@pytest.fixture
def table(run, tmp_path):
    return export_run(run, "parquet", tmp_path / "table", progress=False) / "run.parquet"


def seen(data):
    return np.asarray(Image.open(io.BytesIO(data)), np.int64)


def test_a_row_holds_a_z_point_its_picture_and_what_is_known_of_it(run, table):
    found, index = pd.read_parquet(table), run.index
    assert list(found)[: len(index.columns)] == list(index)
    pd.testing.assert_frame_equal(found[list(index)], index)
    assert np.array_equal(np.stack(found["z"]), run.z)
    assert found["z"][0].dtype == np.float32
    numbers = [f"pc_{k + 1}" for k in range(8)]
    assert list(found)[len(index.columns) :] == ["z", *numbers, "image"]  # of 8 components, no map
    assert np.allclose(found[numbers], run.axes.forward(run.z), atol=1e-5)
    for row in (0, 159):
        kept = found["image"][row]
        assert kept["path"] == f"{row:06d}.jpg"
        assert np.abs(seen(kept["bytes"]) - run.store.images[row]).mean() < 4


def test_the_file_is_written_by_groups_of_rows_and_says_what_it_is(run, tmp_path, monkeypatch):
    from aelatent.export import parquet

    monkeypatch.setattr(parquet, "ROWS", 70)
    out = export_run(run, "parquet", tmp_path / "table", progress=False)
    file = pq.ParquetFile(out / "run.parquet")
    assert [file.metadata.row_group(k).num_rows for k in range(3)] == [70, 70, 20]
    told = json.loads(file.schema_arrow.metadata[b"aelatent"])
    assert told["run"] == "small"
    assert "MIT" in told["terms"]
    assert np.array_equal(np.stack(file.read(["z"])["z"].to_pandas()), run.z)


def test_kept_maps_of_all_z_points_are_columns_and_no_others(world, tmp_path):
    run = Run.open("small")
    whole = map_of(run, "today", progress=False)
    other = map_of(run, MapSettings(perplexity=7, iterations=20), seed=3, progress=False)
    map_of(run, "seed-2022", n=100, progress=False)
    map_of(run, "today", surrogate="multivariate normal", progress=False)
    maps = run.path / "maps"
    (maps / "strange.json").write_text("{}")
    (maps / "torn.json").write_text("{")
    out = export_run(run, "parquet", tmp_path / "table", progress=False)
    found = pd.read_parquet(out / "run.parquet")
    names = [name for name in found if name.startswith("tsne_")]
    assert names[2:] == ["tsne_today_x", "tsne_today_y"]
    assert names[1].endswith("_seed_3_y")
    assert np.array_equal(found[names], np.hstack([other.coordinates, whole.coordinates]))
    assert "t-SNE maps: tsne_" in (out / "NOTICE.txt").read_text()


def test_an_attribute_gives_way_to_a_column_of_ours(run, tmp_path, monkeypatch):
    renamed = run.index.rename(columns={"yaw": "z", "smile": "image", "age": "pc_2"})
    monkeypatch.setattr(run.store, "index", renamed)
    found = pd.read_parquet(
        export_run(run, "parquet", tmp_path / "t", progress=False) / "run.parquet"
    )
    for name in ("z", "image", "pc_2"):
        assert np.array_equal(found[f"attribute_{name}"], renamed[name])


def test_polars_reads_it(run, table):
    found = pytest.importorskip("polars").read_parquet(table)
    assert np.array_equal(np.stack(found["z"].to_list()).astype(np.float32), run.z)
    assert np.abs(seen(found["image"][3]["bytes"]) - run.store.images[3]).mean() < 4


def test_datasets_decodes_its_pictures(run, table, tmp_path, monkeypatch):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        datasets = pytest.importorskip("datasets")
        found = datasets.Dataset.from_parquet(str(table), cache_dir=str(tmp_path / "cache"))
    assert isinstance(found.features["image"], datasets.Image)
    assert np.abs(np.asarray(found[7]["image"], int) - run.store.images[7]).mean() < 4
    assert np.allclose(found[7]["z"], run.z[7])
