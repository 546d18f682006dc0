"""The report, and which figure of it sees which departure from an MVN."""

import re

import numpy as np
import pandas as pd
import pytest

from aelatent.latent import normality as module
from aelatent.latent.normality import HeldOut, normality_report
from aelatent.latent.normality_tests import shapiro_wilk, two_sample_accuracy

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
        name: normality_report(make(np.random.default_rng(7)).astype(np.float32), seed=1, draws=3)
        for name, make in CLOUDS.items()
    }


def verdict(row):
    """-1, 0 or 1: the figure lies below, within or above what MVN surrogates show."""
    if row.name.endswith("rejected"):
        return int(row["measured"] > 0)
    # A band of three draws is too narrow for a verdict; that of an accuracy is the binomial one.
    drawn = 0.05 + 1.5 * (row["MVN high"] - row["MVN low"])
    spare = 0.005 if "accuracy" in row.name else drawn
    above, below = row["measured"] - row["MVN high"], row["MVN low"] - row["measured"]
    return int(above > spare) - int(below > spare)


# None: not asked. The correlation of squares sees what is elliptical, the neural network what is
# at an angle to the components, gradient boosting and the tests by component what is along them.
EXPECTED = pd.DataFrame(
    {
        "D² mean / its law's": [0, None, 0, None],
        "D² sd / its law's": [0, 1, 0, 1],
        "D², Kolmogorov distance to its law": [0, 1, 0, 1],
        "Mardia kurtosis / MVN surrogate's": [0, 1, 0, 1],
        "correlation of squares, mean": [0, 1, 0, 0],
        "excess kurtosis along components, median": [0, 1, 0, 1],
        "excess kurtosis along principal axes, median": [0, 1, 0, 1],
        "excess kurtosis along random directions, median": [0, 1, 0, 1],
        "MCD core, width / whole cloud's": [0, -1, 0, -1],
        "MCD core, share inside": [0, -1, 0, -1],
        "iterative core, width / whole cloud's": [0, -1, 0, -1],
        "iterative core, share inside": [0, -1, 0, -1],
        "Shapiro-Wilk, share rejected": [0, 1, 0, 1],
        "Henze-Zirkler, share rejected": [0, 1, 0, 1],
        "accuracy, neural network": [0, None, 1, None],
        "accuracy, gradient boosting": [0, 1, 0, 1],
    },
    index=list(CLOUDS),
    dtype=object,
).T


@pytest.mark.parametrize("cloud", CLOUDS)
def test_which_test_sees_which_departure(reports, cloud):
    table = reports[cloud].table
    found = table.loc[EXPECTED.index].apply(verdict, axis=1)
    asked = EXPECTED[cloud].notna()
    pd.testing.assert_series_equal(
        found[asked], EXPECTED.loc[asked, cloud].astype(found.dtype), check_names=False
    )


def test_surrogates_of_every_cloud_look_like_an_mvn(reports):
    for report in reports.values():
        table = report.table.drop(index=[i for i in report.table.index if "|" in i])
        band = table[["MVN low", "MVN high"]].dropna()
        assert (band["MVN low"] <= table.loc[band.index, "MVN surrogate"] + 0.04).all()
        exact = table.loc[band.index, "exact MVN"]
        assert (band["MVN low"] < exact + 0.25).all()
        assert (band["MVN high"] > exact - 0.25).all()
        assert table.loc["accuracy, gradient boosting", "Laplace surrogate"] > 0.55
        laplace = table.loc["excess kurtosis along components, median", "Laplace surrogate"]
        assert laplace == pytest.approx(3, abs=1)


def test_report_holds_what_its_parts_give(reports):
    z = CLOUDS["laplace_columns"](np.random.default_rng(7)).astype(np.float32)
    report = reports["laplace_columns"]
    held, figures = HeldOut.of(z, 1), report.table["measured"]
    assert figures["D² sd / its law's"] == held.sd_ratio
    assert figures["correlation of squares, mean"] == held.squares_correlation
    pd.testing.assert_frame_equal(report.shapes.loc["measured"], held.shapes(1))
    kurtosis = held.shapes(1)["excess_kurtosis"].groupby(level="along")
    assert (
        figures["excess kurtosis along principal axes, median"]
        == (kurtosis.median()["principal axes"])
    )
    assert (
        figures["|excess kurtosis| along components, greatest"]
        == (kurtosis.agg(lambda k: k.abs().max())["components"])
    )
    pd.testing.assert_frame_equal(report.qq.loc["measured"], held.qq())
    pd.testing.assert_frame_equal(report.shapiro.loc["measured"], shapiro_wilk(z, 1))
    clouds = {"measured", "MVN surrogate", "Laplace surrogate"}
    for table in (report.qq, report.shapes, report.shapiro):
        assert set(table.index.get_level_values("cloud")) == clouds
    accuracy = two_sample_accuracy(z, 1)
    for name, row in accuracy.iterrows():
        found = report.table.loc[f"accuracy, {name}", ["measured", "MVN low", "MVN high"]]
        assert found.to_list() == row[["accuracy", "low", "high"]].to_list()


def test_report_prints_a_table_with_its_sizes_and_seed(reports):
    text = repr(reports["exact_mvn"])
    assert text == str(reports["exact_mvn"])
    for part in (
        "2,000 z-points of 8 components, which vary along 8 axes; seed 1",
        "Mean and covariance from 1,000 points, measured on the other 1,000",
        "3 MVN surrogates",
        "with probability 0.5",
        "n = 2,000, Holm 5 %",
        "pairs: 20, n = 1,000, Holm 5 %",
        "2,000 to train on, 2,000 judged",
        " 1,000 held out",
        "n = 2,000, 8 axes",
        *module.COLUMNS,
        *EXPECTED.index,
    ):
        assert part in text
    assert "nan" not in text.lower()
    assert not re.search(r"\d\.\d{4}", text.partition("\n\n")[2])
    kurtosis = "excess kurtosis along components, median"
    assert f"{reports['exact_mvn'].table.loc[kurtosis, 'measured']:.3f}" in text


def test_small_odd_clouds_and_the_seed():
    z = np.random.default_rng(0).normal(size=(90, 3)).astype(np.float16)
    z[:, 1] = 7
    report = normality_report(z, seed=2, draws=2)
    assert (report.n, report.d, report.m, report.axes, report.draws) == (90, 3, 45, 2, 2)
    assert "vary along 2 axes" in repr(report)
    assert "pairs: 1, n = 90" in repr(report)
    again = normality_report(np.asfortranarray(z), seed=2, draws=2)
    pd.testing.assert_frame_equal(again.table, report.table)
    assert not normality_report(z, seed=3, draws=2).table.equals(report.table)
    one = normality_report(z[:, :1], draws=1).table
    assert np.isnan(one.loc["correlation of squares, mean", "measured"])
    assert np.isnan(one.loc["Henze-Zirkler, share rejected", "measured"])
    same = z[:, [0, 2]].copy()
    same[:70] = 0
    cores = normality_report(same, draws=1).table.filter(like=" core, ", axis="index")
    assert cores["measured"].isna().all()
    assert cores["MVN surrogate"].notna().all()


def test_interrupted_report_has_the_draws_that_were_done(monkeypatch, capsys):
    z = np.random.default_rng(0).normal(size=(60, 2))
    draw, left = module.multivariate_normal, [None, None]

    def interrupted(*args):
        if not left:
            raise KeyboardInterrupt
        left.pop()
        return draw(*args)

    monkeypatch.setattr(module, "multivariate_normal", interrupted)
    report = normality_report(z, draws=5, progress=True)
    assert report.draws == 2
    assert "2 MVN surrogates" in repr(report)
    assert "normality" in capsys.readouterr().err
    with pytest.raises(KeyboardInterrupt):
        normality_report(z, draws=5)


@pytest.mark.parametrize("draws", [0, -1, 2.0, True, None])
def test_report_refuses_draws(draws):
    with pytest.raises(ValueError, match="draws must be a whole number"):
        normality_report(np.eye(40), draws=draws)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.zeros(5), r"got shape \(5,\)"),
        (np.ones((1, 3)), "0 of 1; expected at least 6"),
        (np.full((40, 3), 2.5), "all 20 z-points are the same"),
        (np.random.default_rng(0).normal(size=(30, 40)), "15 of 30; expected at least 19"),
        (np.array([[1.0, np.nan]] * 30), "got nan in row 0, column 1"),
    ],
)
def test_report_refuses(bad, message):
    with pytest.raises(ValueError, match=message):
        normality_report(bad)
