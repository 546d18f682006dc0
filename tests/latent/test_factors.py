"""Each measure against SciPy or a closed form, its chance level, and what is left out."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from aelatent.latent import factor_correlations

N = 600
RNG = np.random.default_rng(2)
Z = RNG.normal(size=(N, 4))
FACTORS = pd.DataFrame(
    {
        "level": Z[:, 0] ** 3 + 0.5 * RNG.normal(size=N),
        "hue": np.degrees(2 * np.arctan(Z[:, 1])) % 360,
        "hat": np.where(np.abs(Z[:, 2]) > 1, "fez", np.where(Z[:, 2] > 0, "cap", "none")),
        "glasses": (RNG.normal(size=N) > 1).astype(int),
    }
)


def found(**changed):
    return factor_correlations(Z, FACTORS, circular=["hue", "elsewhere"], top=4, **changed)


def value(component, factor):
    rows = found().loc[component].set_index("factor")
    return rows.loc[factor, "correlation"]


def test_each_measure_agrees_with_its_reference():
    ranks = stats.rankdata(Z, axis=0)
    for component in range(4):
        for name in ("level", "glasses"):
            expected = stats.spearmanr(Z[:, component], FACTORS[name]).statistic
            assert value(component, name) == pytest.approx(expected, abs=1e-5)
        h = stats.kruskal(
            *(Z[FACTORS["hat"] == kind, component] for kind in "fez cap none".split())
        )
        assert value(component, "hat") == pytest.approx(np.sqrt(h.statistic / (N - 1)), abs=1e-5)
        # Mardia's closed form, of the three correlations of rank, cosine and sine.
        angle = np.deg2rad(FACTORS["hue"])
        c, s, cs = (
            np.corrcoef(a, b)[0, 1]
            for a, b in (
                (ranks[:, component], np.cos(angle)),
                (ranks[:, component], np.sin(angle)),
                (np.cos(angle), np.sin(angle)),
            )
        )
        expected = np.sqrt((c**2 + s**2 - 2 * c * s * cs) / (1 - cs**2))
        assert value(component, "hue") == pytest.approx(expected, abs=1e-5)


def test_the_strongest_comes_first_with_its_measure():
    first = found().groupby(level=0).head(1)
    assert first["factor"].to_list()[:3] == ["level", "hue", "hat"]
    assert first["measure"].to_list()[:3] == [
        "rank correlation", "circular-linear", "correlation ratio",
    ]  # fmt: skip
    assert (first["correlation"].abs() > first["chance"])[:3].all()
    some = factor_correlations(Z, FACTORS, [2, 0], circular=["hue"])
    assert some.index.to_list() == [2, 0]
    assert some["factor"].to_list() == ["hat", "level"]


def test_a_code_hides_from_ranks_what_names_show():
    even = pd.DataFrame({"code": FACTORS["hat"].map({"cap": 0, "fez": 1, "none": 2})})
    ordered = factor_correlations(np.abs(Z[:, [2]]), even)["correlation"].iloc[0]
    named = factor_correlations(np.abs(Z[:, [2]]), even.astype(str))["correlation"].iloc[0]
    assert abs(ordered) < 0.1 < 0.7 < named


def test_independent_factors_exceed_their_chance_level_in_one_cloud_of_twenty():
    factors = pd.DataFrame(
        {
            "number": RNG.normal(size=200),
            "angle": RNG.uniform(0, 360, 200),
            "kind": RNG.choice([*"abcdefgh"], 200),
        }
    )
    out = 0
    for seed in range(200):
        z = np.random.default_rng(seed).normal(size=(200, 3))
        table = factor_correlations(z, factors, circular=["angle"], top=3, seed=seed)
        out += (table["correlation"].abs() > table["chance"]).any()
    assert stats.binomtest(out, 200, 0.05).pvalue > 0.01


def test_missing_values_and_what_says_nothing_are_left_out():
    gaps = FACTORS.assign(rare=np.nan, same=1, key=[f"{k}" for k in range(N)])
    gaps.loc[0, "level"] = np.nan
    expected = factor_correlations(Z[1:], FACTORS[1:], circular=["hue"], top=9)
    pd.testing.assert_frame_equal(factor_correlations(Z, gaps, circular=["hue"], top=9), expected)
    nothing = factor_correlations(Z, gaps[["rare", "same", "key"]])
    assert list(nothing.columns) == ["factor", "correlation", "measure", "chance"]
    assert nothing.empty
    flat = np.column_stack([Z[:, 0], np.ones(N)])
    assert (factor_correlations(flat, FACTORS, [1])["correlation"] == 0).all()


def test_rows_that_do_not_belong_are_refused():
    with pytest.raises(ValueError, match="a row for each of 600 z-points; got 599"):
        factor_correlations(Z, FACTORS[1:])
