import numpy as np
import pandas as pd
import pytest

from aelatent import portraits
from aelatent.images.drawn import Portraits
from aelatent.portraits import drawing


def test_the_source_is_a_prefix_of_a_longer_one():
    short, long = Portraits(45, seed=6), Portraits(1000, seed=6)
    assert len(short) == 45
    assert short.image_ids == long.image_ids[:45]
    assert short.image_ids[44] == "portrait-000044"
    pd.testing.assert_frame_equal(short.table, long.table[:45])
    one, other = short.read(38, 50, 96, "center"), long.read(38, 45, 96, "center")
    np.testing.assert_array_equal(one.images, other.images)
    assert one.image_ids == short.image_ids[38:]
    assert one.skipped == []


@pytest.mark.parametrize("aligned", [True, False])
def test_the_table_holds_split_factors_and_attributes_of_the_pictures(aligned):
    source = Portraits(60, seed=1, aligned=aligned)
    assert source.table.index.tolist() == source.image_ids
    assert np.flatnonzero(source.table["split"] == "val").tolist() == [19, 39, 59]
    factors = portraits.sample_factors(60, seed=1, aligned=aligned)
    wanted = pd.concat([factors, portraits.attributes(factors)], axis=1)
    wanted.index = source.image_ids
    pd.testing.assert_frame_equal(source.table.drop(columns="split"), wanted)
    drawn = portraits.draw(factors[10:13])
    np.testing.assert_array_equal(source.read(10, 13, 96, "center").images, drawn)


def test_a_source_iterates_over_its_portraits():
    source = Portraits(70, seed=2)
    items = list(source)
    assert [item[0] for item in items] == source.image_ids
    np.testing.assert_array_equal(items[66][1], source.read(66, 67, 96, "center").images[0])
    assert items[66][2] == source.table.drop(columns="split").iloc[66].to_dict()


def test_identity_tells_generator_seed_alignment_and_count():
    assert Portraits(5, seed=1).identity() == {
        "kind": "portraits",
        "generator": drawing.VERSION,
        "seed": 1,
        "aligned": True,
        "candidates": 5,
    }
    assert Portraits(5, aligned=False).identity()["aligned"] is False


def test_a_senseless_source_is_refused():
    for n in (0, -1, 2.0, "many"):
        with pytest.raises(ValueError, match=r"n must be a whole number, at least 1; got"):
            Portraits(n)
    with pytest.raises(ValueError, match=r"crop must be 'center', got 0\.5"):
        Portraits(2).read(0, 1, 96, 0.5)
