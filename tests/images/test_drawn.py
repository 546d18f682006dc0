import numpy as np
import pandas as pd
import pytest

from aelatent import portraits
from aelatent.images import open_source, pack
from aelatent.images.drawn import example_folder
from aelatent.portraits import drawing


def test_the_source_is_a_prefix_of_a_longer_one():
    short, long = (open_source("portraits", n=n, seed=6) for n in (45, 1000))
    assert short.image_ids == long.image_ids[:45]
    assert short.image_ids[44] == "portrait-000044"
    pd.testing.assert_frame_equal(short.table, long.table[:45])
    one, other = short.read(38, 50, 96, "center"), long.read(38, 45, 96, "center")
    np.testing.assert_array_equal(one.images, other.images)
    assert one.image_ids == short.image_ids[38:]
    assert one.skipped == []


@pytest.mark.parametrize("aligned", [True, False])
def test_table_and_items_are_split_factors_attributes_and_pictures(aligned):
    source = open_source("portraits", n=70, seed=1, aligned=aligned)
    assert np.flatnonzero(source.table["split"] == "val").tolist() == [19, 39, 59]
    factors = portraits.sample_factors(70, seed=1, aligned=aligned)
    wanted = pd.concat([factors, portraits.attributes(factors)], axis=1)
    wanted.index = source.image_ids
    pd.testing.assert_frame_equal(source.table.drop(columns="split"), wanted)
    items = list(source)
    assert [item[0] for item in items] == source.image_ids
    np.testing.assert_array_equal(items[66][1], portraits.draw(factors[66:67])[0])
    assert items[66][2] == wanted.iloc[66].to_dict()
    assert source.identity() == {
        "kind": "portraits",
        "generator": drawing.VERSION,
        "seed": 1,
        "aligned": aligned,
        "candidates": 70,
    }


def test_only_the_named_factors_vary_and_all_others_rest_at_their_median():
    few = open_source("portraits", n=25, seed=4, vary=["yaw", "glasses"])
    factors, all_vary = few.table[list(drawing.typical())], portraits.sample_factors(25, seed=4)
    for name, column in factors.items():
        wanted = all_vary[name] if name in few.vary else drawing.typical()[name].repeat(25)
        np.testing.assert_array_equal(column, wanted, err_msg=name)
    pictures = few.read(20, 25, 32, "center").images
    np.testing.assert_array_equal(pictures, portraits.draw(factors[20:], size=32))
    assert few.identity()["vary"] == ["yaw", "glasses"]


def test_a_senseless_source_is_refused():
    with pytest.raises(ValueError, match=r"each of vary must be one of .*; got 'nose'"):
        open_source("portraits", n=2, vary=["yaw", "nose"])
    for n in (0, -1, 2.0, "many"):
        with pytest.raises(ValueError, match=r"n must be a whole number, at least 1; got"):
            open_source("portraits", n=n)
    with pytest.raises(ValueError, match=r"crop must be 'center', got 0\.5"):
        open_source("portraits", n=2).read(0, 1, 96, 0.5)


def test_an_example_folder_holds_pictures_and_a_file_that_is_none(tmp_path):
    source = open_source("folder", example_folder(tmp_path / "pictures", 5, seed=2))
    store = pack(source, "examples", size=32, data=tmp_path, progress=False)
    assert len(store) == 5
    assert store.skipped["file"].tolist() == ["damaged.jpg"]
