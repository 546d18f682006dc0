import numpy as np
import pandas as pd
import pytest

from aelatent import portraits
from aelatent.portraits import drawing


def test_the_typical_portrait_has_the_median_of_each_factor():
    typical = drawing.typical()
    medians = portraits.sample_factors(20_000).median()
    for factor in portraits.FACTORS:
        if factor.name != "texture":
            off = abs(typical[factor.name].item() - medians[factor.name])
            assert off < 0.02 * (factor.high - factor.low), factor.name
    assert (typical.dtypes == portraits.sample_factors(1).dtypes).all()


def test_one_factor_runs_and_the_others_rest():
    series = portraits.sweep("smile", [-0.4, 0.3, 1])
    np.testing.assert_allclose(series.factors["smile"], [-0.4, 0.3, 1])
    rest = series.factors.drop(columns="smile")
    assert (rest == rest.iloc[0]).all(axis=None)
    np.testing.assert_array_equal(series.images, portraits.draw(series.factors))


def test_a_count_spreads_over_the_range():
    series = portraits.sweep("yaw", 5, size=32)
    np.testing.assert_allclose(series.factors["yaw"], [-35, -17.5, 0, 17.5, 35])
    assert series.images.shape == (5, 32, 32, 3)
    assert portraits.sweep("glasses", 7, size=32).factors["glasses"].tolist() == [0, 1]


def test_the_rest_may_be_any_portrait():
    row = portraits.sample_factors(1, seed=9)
    series = portraits.sweep("hair_tone", [row["hair_tone"].item()], rest=row)
    pd.testing.assert_frame_equal(series.factors, row, check_dtype=False)
    np.testing.assert_array_equal(series.images, portraits.draw(row))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"factor": "mood"}, r"factor must be one of 'yaw', .*; got 'mood'"),
        ({"factor": "yaw", "values": 0}, "values must be a whole number, at least 1; got 0"),
        ({"factor": "yaw", "values": []}, r"values must be .* got \[\]"),
        ({"factor": "yaw", "values": ["left"]}, "values must be a count, or a list of numbers"),
        ({"factor": "yaw", "values": [90]}, "'yaw' must be numbers from -35 to 35"),
        ({"factor": "glasses", "values": [0.5]}, "'glasses' must be whole numbers"),
        ({"factor": "yaw", "rest": portraits.sample_factors(2)}, "rest must be one row .* got 2"),
    ],
)
def test_senseless_series_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        portraits.sweep(**arguments)
