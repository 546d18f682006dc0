"""The report, and which figure of it sees which departure from an MVN."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from aelatent._checks import some_rows
from aelatent.latent import PrincipalAxes, normality as module, normality_tests
from aelatent.latent.normality import STATISTICS, Cloud, normality_report

N, D = 2000, 8


def exact_mvn(rng):
    return rng.normal(size=(N, D)) @ rng.normal(size=(D, D)) + 5


def heavy_tails(rng):
    """Multivariate t, 5 degrees of freedom: elliptical, wide and narrow along all axes together."""
    return exact_mvn(rng) / np.sqrt(rng.chisquare(5, (N, 1)) / 5)


def mixture(rng):
    """Two clusters at an angle to all components, whose covariance shows nothing of them."""
    z, u = rng.normal(size=(N, D)), np.full(D, D**-0.5)
    return z - np.outer(z @ u, u) * 0.8 + np.outer(rng.choice([-1, 1], N) * np.sqrt(0.96), u)


def laplace_columns(rng):
    return rng.laplace(size=(N, D)) * np.geomspace(4, 1, D)


CLOUDS = {f.__name__: f for f in (exact_mvn, heavy_tails, mixture, laplace_columns)}


@pytest.fixture(scope="module")
def reports():
    """One report of each cloud."""
    return {
        name: normality_report(make(np.random.default_rng(7)).astype(np.float32), seed=1, draws=6)
        for name, make in CLOUDS.items()
    }


@pytest.fixture(scope="module")
def z():
    """float32 z-points of an MVN: correlated, off the origin."""
    rng = np.random.default_rng(3)
    return (rng.normal(size=(801, 6)) @ rng.normal(size=(6, 6)) + 5).astype(np.float32)


def verdict(row):
    """-1, 0 or 1: the figure lies below, within or above what MVN surrogates show."""
    if row.name.endswith("rejected"):
        return int(row["measured"] > 0)
    spare = 0.005 if "accuracy" in row.name else 0.02  # many rows are looked at
    above, below = row["measured"] - row["MVN high"], row["MVN low"] - row["measured"]
    return int(above > spare) - int(below > spare)


#: Figures, by a pattern of their names -> verdicts of `CLOUDS`, None where it is not asked. The
#: correlation of squares sees what is elliptical, the neural network what is at an angle to the
#: components, gradient boosting and the tests by component what is along them.
SEEN = {
    "D² mean": (0, None, 0, None),
    "D² sd|Kolmogorov|Mardia|^excess kurtosis.*median|rejected|boosting": (0, 1, 0, 1),
    "correlation of squares": (0, 1, 0, 0),
    "core, (width|share)": (0, -1, 0, -1),
    "neural": (0, None, 1, None),
}


@pytest.mark.parametrize("figures", SEEN)
def test_which_figure_sees_which_departure(reports, figures):
    for report, expected in zip(reports.values(), SEEN[figures], strict=True):
        found = report.table.filter(regex=figures, axis=0).apply(verdict, axis=1)
        assert expected is None or set(found) == {expected}


def test_report_holds_what_its_parts_give(reports):
    z = CLOUDS["laplace_columns"](np.random.default_rng(7)).astype(np.float32)
    report, cloud = reports["laplace_columns"], Cloud(z, 1)
    table = report.table
    for statistic in STATISTICS:
        if not statistic.relative:
            assert table.loc[statistic.name, "measured"] == statistic.of(cloud)
    assert table.loc["accuracy, gradient boosting", "Laplace surrogate"] > 0.55
    laplace = table.loc["excess kurtosis along components, median", "Laplace surrogate"]
    assert laplace == pytest.approx(3, abs=1)
    ratio = table.loc["Mardia kurtosis / MVN surrogate's"]
    assert ratio["MVN low"] < ratio["MVN surrogate"] == 1 < ratio["MVN high"]
    drawn = table[~table.index.str.startswith("accuracy")].dropna(subset=["MVN low"])
    assert len(drawn) == 20
    assert drawn["MVN surrogate"].between(drawn["MVN low"], drawn["MVN high"]).all()
    shapes = cloud.shapes.loc["random directions"]
    greatest, middle = shapes.abs().max(), shapes.abs().median()
    for name, expected in {
        "|skewness| along random directions, median": middle["skewness"],
        "|skewness| along random directions, greatest": greatest["skewness"],
        "|excess kurtosis| along random directions, greatest": greatest["excess_kurtosis"],
        "excess kurtosis along random directions, median": shapes["excess_kurtosis"].median(),
    }.items():
        assert table.loc[name, "measured"] == expected
    words = report.in_words()
    assert (words.shape, words.columns[0]) == ((5, 4), "z-points")
    spread = words.loc["spread of D², its law's = 1", "z-points"]
    assert spread == table.loc["D² sd / its law's", "measured"]
    assert set(report.qq.index.levels[0]) == {"measured", "MVN surrogate", "Laplace surrogate"}
    pd.testing.assert_frame_equal(report.shapes.loc["measured"], cloud.shapes)
    np.testing.assert_array_equal(report.qq.loc["measured", "measured"], np.sort(cloud.d2))
    for name, row in cloud.accuracy.iterrows():
        found = table.loc[f"accuracy, {name}", ["measured", "MVN low", "MVN high"]]
        assert found.to_list() == row[["accuracy", "low", "high"]].to_list()
    assert table["exact MVN"].value_counts().to_dict() == {0: 17, 1: 4, 0.975: 1, 0.5: 2}
    assert table.loc["Shapiro-Wilk, share rejected", ["MVN low", "MVN high"]].isna().all()


def test_report_prints_a_table_with_its_sizes_and_seed(reports):
    text = repr(reports["exact_mvn"])
    for part in (
        *(
            "2,000 z-points of 8 components, which vary along 8 axes; seed 1",
            "with probability 0.95",
        ),
        *("1,000 points, measured on the other 1,000", "6 MVN surrogates", " 1,000 held out"),
        *("n = 2,000, Holm 5 %", "pairs: 20, n = 1,000, Holm 5 %", "n = 2,000, 8 axes"),
        "2,000 to train on, 2,000 judged",
    ):
        assert part in text
    assert "nan" not in text.lower()
    assert not re.search(r"\d\.\d{4}", text.partition("\n\n")[2])


def test_small_odd_clouds_and_the_seed():
    z = np.random.default_rng(0).normal(size=(90, 3)).astype(np.float16)
    z[:, 1] = 7
    report = normality_report(z, seed=2, draws=2)
    assert (report.n, report.d, report.m, report.axes, report.draws) == (90, 3, 45, 2, 2)
    assert "pairs: 1, n = 90" in repr(report)
    again = normality_report(np.asfortranarray(z), seed=2, draws=2)
    pd.testing.assert_frame_equal(again.table, report.table)
    assert not normality_report(z, seed=3, draws=2).table.equals(report.table)
    one = normality_report(z[:, :1], draws=2).table
    assert np.isnan(one.loc["correlation of squares, mean", "measured"])
    assert np.isnan(one.loc["Henze-Zirkler, share rejected", "measured"])
    same = z[:, [0, 2]].copy()
    same[:70] = 0
    cores = normality_report(same, draws=2).table.filter(like=" core, ", axis="index")
    assert cores["measured"].isna().all()
    assert cores["MVN surrogate"].notna().all()


def test_interrupted_report_has_the_draws_that_were_done(monkeypatch, capsys):
    z = np.random.default_rng(0).normal(size=(60, 2))
    left = [module.normal_along] * 2

    def drawn(*args):
        if not left:
            raise KeyboardInterrupt
        return left.pop()(*args)

    monkeypatch.setattr(module, "normal_along", drawn)
    report = normality_report(z, draws=5, progress=True)
    assert report.draws == 2
    assert "2 MVN surrogates" in repr(report)
    assert "normality" in capsys.readouterr().err
    with pytest.raises(KeyboardInterrupt):
        normality_report(z, draws=5)


@pytest.mark.parametrize(
    ("bad", "match"),
    [
        (np.ones((1, 3)), "at least 2 z-points; got 1"),
        (np.full((40, 3), 2.5), "all 40 z-points are the same"),
        (np.random.default_rng(0).normal(size=(30, 40)), "at least 38 z-points; got 30"),
    ],
)
def test_report_refuses(bad, match):
    with pytest.raises(ValueError, match=match):
        normality_report(bad)


def test_effect_sizes_agree_with_scipy(z):
    cloud = Cloud(z, 0)
    d2, law = cloud.core.d2, cloud.core.law
    np.testing.assert_allclose(np.sum(cloud.y**2, axis=1), d2)
    expected = {
        "D² mean / its law's": d2.mean() / law.mean(),
        "D² sd / its law's": np.std(d2, ddof=1) / law.std(),
        "D², Kolmogorov distance to its law": stats.kstest(d2, law.cdf).statistic,
        "Mardia kurtosis / MVN surrogate's": np.mean(d2**2) / 48,
    }
    found = {s.name: s.of(cloud) for s in STATISTICS if s.name in expected}
    assert found == pytest.approx(expected)


def test_shapes_agree_with_scipy_along_every_axis(z):
    cloud = Cloud(z, 6)
    for along, x, first in [("components", cloud.held, 0), ("principal axes", cloud.y, 1)]:
        part = cloud.shapes.loc[along]
        assert part.index.to_list() == list(range(first, first + 6))
        np.testing.assert_allclose(part["skewness"], stats.skew(x.astype(float)), rtol=1e-9)
        kurtosis = stats.kurtosis(x.astype(float))
        np.testing.assert_allclose(part["excess_kurtosis"], kurtosis, rtol=1e-9)
    assert cloud.shapes.loc["random directions"].index.to_list() == list(range(1, 201))


def test_constant_huge_and_rare_components(z):
    odd = z.astype(np.float64)
    odd[:, 1] = 0.1
    odd[:, 2] *= 1e16
    cloud = Cloud(odd, 0)
    part = cloud.shapes.loc["components"]
    assert part.loc[1].isna().all()
    expected = Cloud(z, 0).shapes.loc["components", "excess_kurtosis"]
    np.testing.assert_allclose(part["excess_kurtosis"].drop(1), expected.drop(1), rtol=1e-9)
    rare = z.copy()
    rare[:, 0] = 0
    rare[np.setdiff1d(np.arange(801), cloud.core.rows)[0], 0] = 1  # in the fitted half only
    cloud = Cloud(rare, 0)
    assert cloud.y.shape == (401, 6)
    assert np.isfinite(normality_tests.squares_correlation(cloud.y))
    assert cloud.shapes.loc["components"].loc[0].isna().all()


def test_tests_take_no_more_than_their_fixed_numbers():
    z = np.random.default_rng(1).standard_t(8, size=(30_000, 12))
    cloud = Cloud(z, 3)
    assert (cloud.shapiro["n"] == 2000).all()
    np.testing.assert_array_equal(cloud.sample, some_rows(z, 2000, 3))
    whole = PrincipalAxes.fit(cloud.sample).whiten(cloud.sample)
    np.testing.assert_array_equal(cloud.leading, whole)
    wide = Cloud(np.random.default_rng(1).normal(size=(200, 30)), 3)
    assert wide.leading.shape == (200, 20)
    assert Cloud(wide.z[:90], 3).leading.shape == (90, 18)
    expected = [normality_tests.henze_zirkler(z[:50, p])[1] for p in ([0, 1], [0, 2], [1, 2])]
    assert sorted(Cloud(z[:50, :3], 3).pairs) == pytest.approx(sorted(expected))


@pytest.mark.parametrize("draws", [2, 5, 19])
def test_one_draw_in_twenty_lies_outside_the_band_of_others(draws):
    x = np.random.default_rng(draws).normal(3, 2, size=(draws + 1, 8000))
    low, high = module.band(pd.DataFrame(x[1:]))
    out = np.count_nonzero((x[0] < low) | (x[0] > high))
    assert stats.binomtest(out, 8000, 0.05).pvalue > 0.01


def test_without_tests_the_report_has_effect_sizes_only():
    z = np.random.default_rng(0).normal(size=(200, 3))
    whole, part = normality_report(z, draws=2).table, normality_report(z, draws=2, test=False).table
    pd.testing.assert_frame_equal(part, whole.loc[part.index])
    left = whole.index.difference(part.index)
    assert all("rejected" in name or "accuracy" in name for name in left)
    assert len(left) == 4
