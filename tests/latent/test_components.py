import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from aelatent.latent.components import Densities, describe_components, dominant_components

SHAPES = {  # law, FWHM, mode and its error; all with scale 1
    "off-center": (stats.norm(-7, 0.02), 0.04 * np.sqrt(2 * np.log(2)), -7, 0.01),
    "laplace": (stats.laplace(), 2 * np.log(2), 0, 0.01),
    "uniform": (stats.uniform(-1, 2), 2, 0, 2),
    # Linear interpolation puts a cliff half a bin off; and half a bin rounds off a cusp.
    "exponential": (stats.expon(), np.log(2), 0, 0.05),
    "triangular": (stats.triang(0.5, 3, 4), 2, 5, 0.01),
}


numbers = st.floats(-100, 100, width=32) | st.integers(-50, 50).map(lambda k: k * 0.1)
tables = st.tuples(st.integers(3, 30), st.integers(1, 4)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=numbers)
)


@given(tables, st.sampled_from([0.25, 0.1, 0.3, 0.7, 3]), st.data())
def test_counts_are_those_of_numpy_also_on_edges_and_in_parts(table, width, data):
    whole = Densities.of(table, width)
    assert whole.n == len(table)
    assert whole.edges[0] <= table.min() < whole.edges[1]  # no empty bins at the ends
    assert whole.edges[-2] <= table.max() < whole.edges[-1]
    # Multiples of 0.1 lie on edges, or a rounding beside them.
    expected = [np.histogram(column, whole.edges)[0] for column in table.T]
    np.testing.assert_array_equal(whole.counts, expected)
    cut = data.draw(st.integers(1, len(table) - 1))
    one, other = Densities.of(table[:cut], width), Densities.of(table[cut:], width)
    for merged in (one + other, other + one):
        assert (merged.n, merged.width, merged.first) == (whole.n, whole.width, whole.first)
        np.testing.assert_array_equal(merged.counts, whole.counts)


def test_figures_agree_with_scipy():
    rng = np.random.default_rng(2)
    z = rng.normal(size=(3000, 40)) * np.geomspace(9, 0.05, 40) + rng.normal(0, 3, 40)
    z[:, 5] = rng.exponential(size=3000)
    z[:, 38] = np.round(z[:, 38], 1)  # ties
    z = z.astype(np.float32).astype(float)
    found = describe_components(z)
    assert found.index.name == "component"
    assert list(found.index) == list(range(40))
    normal = [stats.norm(x.mean(), x.std(ddof=1)).cdf for x in z.T]
    expected = {
        "mean": z.mean(axis=0),
        "median": np.median(z, axis=0),
        "sd": z.std(axis=0, ddof=1),
        "skewness": stats.skew(z),
        "excess_kurtosis": stats.kurtosis(z),
        "outside_3_sigma": np.mean(np.abs(stats.zscore(z, ddof=1)) > 3, axis=0),
        "gaussian_distance": [
            stats.kstest(*pair).statistic for pair in zip(z.T, normal, strict=True)
        ],
        "half_width": found["fwhm"] / 2,
    }
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-8, atol=1e-10, err_msg=name)
    odd = describe_components(z[:-1])
    np.testing.assert_array_equal(odd["median"], np.median(z[:-1], axis=0))


@pytest.mark.parametrize("name", SHAPES)
def test_peaks_of_known_laws(name):
    law, fwhm, mode, error = SHAPES[name]
    # Quantiles of even shares: a sample without the noise of drawing.
    x = law.ppf((np.arange(400_000) + 0.5) / 400_000)
    found = describe_components(x[:, None]).loc[0]
    assert found["fwhm"] == pytest.approx(fwhm, abs=0.05 * law.std())
    assert found["mode"] == pytest.approx(mode, abs=error * law.std())


@pytest.mark.parametrize("n", [1000, 10_000])
def test_width_of_drawn_gaussians_whatever_their_scale(n):
    # 0.02: a bin of 0.25 would hold it all. Noise lifts the highest bin, which narrows a little.
    scales = np.repeat([0.02, 0.5, 13], 20)
    z = np.random.default_rng(n).normal(size=(n, 60)) * scales
    ratios = (describe_components(z)["fwhm"] / (2.3548 * scales)).to_numpy().reshape(3, 20)
    np.testing.assert_allclose(ratios.mean(axis=1), 1, atol=0.5 * n ** (-1 / 3) + 0.01)
    np.testing.assert_allclose(ratios, 1, atol=4 * n ** (-1 / 3))


def test_width_is_that_of_the_highest_hump_whatever_lies_far():
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(-8, 1, 60_000), rng.normal(8, 1, 40_000)])
    x[:20] = np.linspace(-1e9, 1e12, 20)  # the standard deviation is 1e10
    found = describe_components(x[:, None]).loc[0]
    assert found["mode"] == pytest.approx(-8, abs=0.5)
    assert found["fwhm"] == pytest.approx(2.3548, rel=0.15)


@pytest.mark.parametrize("value", [0, 0.1, 1e18])
def test_constant_component(value):
    found = describe_components(np.full((49, 1), value)).loc[0]
    assert (found[["mean", "median", "mode"]] == value).all()
    assert (found[["sd", "fwhm", "half_width", "outside_3_sigma"]] == 0).all()
    assert found[["skewness", "excess_kurtosis", "gaussian_distance"]].isna().all()


def test_component_that_is_mostly_one_value():
    x = np.zeros((1000, 1))
    x[:300, 0] = np.linspace(1, 2, 300)
    found = describe_components(x).loc[0]
    assert found["fwhm"] == 0
    assert found["mode"] == 0
    assert found["sd"] > 0.5


# The table of the blog post the project grew from: component -> center, full width.
SEED = {52: (5, 8), 61: (1, 3), 73: (0, 5.5), 83: (-0.5, 5), 94: (0, 4), 116: (0, 4)}
SEED |= {119: (1, 3), 130: (-2, 9), 171: (0.7, 5), 188: (0.75, 2.75), 200: (0.5, 11), 221: (-1, 8)}


def test_seeds_table_is_found_again():
    # The seed's 12 dominant components among 256, the others of width 2.
    sd, centers = np.full(256, 0.85), np.zeros(256)
    for component, (center, width) in SEED.items():
        centers[component], sd[component] = center, width / 2.3548
    z = np.random.default_rng(4).normal(centers, sd, size=(10_000, 256)).astype(np.float32)
    found = dominant_components(describe_components(z))
    assert list(found.columns) == ["center", "width", "why"]
    assert sorted(found.index) == sorted(SEED)
    for component, (center, width) in SEED.items():
        assert found.loc[component, "center"] == pytest.approx(center, abs=0.05 * width)
        assert found.loc[component, "width"] == pytest.approx(width, rel=0.15)
    assert list(found.index[:3]) == [52, 130, 200]  # 5 / 0.5, 2 / 0.5, 11 / 3
    assert found["why"][[52, 130, 221]].to_list() == ["off the origin, wide"] * 3
    assert found["why"][[73, 94, 116]].to_list() == ["wide"] * 3
    assert found["why"][188] == "off the origin"


def table(centers, widths):
    return pd.DataFrame({"median": centers, "fwhm": widths}).rename_axis("component")


def test_thresholds_are_those_of_the_docstring():
    centers, widths = np.zeros(100), np.full(100, 4.0)
    assert len(dominant_components(table(centers, widths))) == 0
    centers[[10, 11, 12, 13]] = [0.99, -0.99, 1.01, -1.01]
    widths[[20, 21]] = [5.99, 6.01]
    found = dominant_components(table(centers, widths))
    assert found["why"].to_dict() == {12: "off the origin", 13: "off the origin", 21: "wide"}
    narrow = dominant_components(table(centers, widths), offset=0.253, width=1.49)
    assert narrow["why"].to_dict() == {21: "wide", 20: "wide"}


def test_only_exceptions_are_listed_where_all_components_differ():
    # Offsets as large as the widths, widths between 1 and 5: no floor would tell them apart.
    rng = np.random.default_rng(0)
    centers, widths = rng.normal(0, 3, 256), rng.uniform(1, 5, 256)
    assert len(dominant_components(table(centers, widths))) < 10
    centers[100], widths[200] = -30, 20
    assert list(dominant_components(table(centers, widths)).index[:2]) == [100, 200]


def test_constant_components_are_no_reference():
    centers, widths = np.ones(100), np.zeros(100)
    centers[:30], widths[:30], widths[0] = 0.0, 2.0, 5.0
    found = dominant_components(table(centers, widths))
    assert list(found.index) == [*range(30, 100), 0]  # equals stay in order
    assert list(found["why"]) == ["off the origin"] * 70 + ["wide"]


def test_one_point_and_far_bins_are_counted():
    assert Densities.of([[0.3, -0.3]]).counts.tolist() == [[0, 0, 0, 1], [1, 0, 0, 0]]
    found = Densities.of(np.array([[1e12], [1e12 + 3]]), 1.0)
    assert found.first == 10**12
    assert found.counts.tolist() == [[1, 0, 0, 1]]


GOOD = table([0.0, 1], [1.0, 2])
EYE, WIDE = Densities.of(np.eye(3)), np.zeros((5, 256))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Densities.of(np.eye(3), 1e-9), "need too many bins of width"),
        (lambda: Densities.of(np.eye(3), 1e-320), "need too many bins"),
        (lambda: Densities.of(np.diag([1e7, 1.0])), "need too many bins"),
        (lambda: Densities.of(np.full((2, 2), -2e12), 1.0), "too many bins"),  # 2^40 bins from 0
        (lambda: Densities.of(np.full((2, 2), 1e18)), "too many bins"),  # less than between floats
        (lambda: Densities.of(WIDE) + Densities.of(WIDE + 1e7), "values from 0 to 1e"),
        (lambda: EYE + Densities.of(np.eye(2)), r"3 components in bins of 0.25 and 2 in"),
        (lambda: EYE + Densities.of(np.eye(3), 0.5), r"3 components .* and 3 in bins of 0.5"),
        (lambda: EYE + 1, "unsupported operand"),
        (lambda: Densities.of(np.eye(3), 0), "width must be"),
        (lambda: dominant_components(GOOD[["median"]]), r"describe_components\(z\) gives; got"),
        (lambda: dominant_components(None), r"describe_components\(z\) gives; got"),
        (lambda: dominant_components(table([0.0, 1], [0.0, 0])), "got 2 of width 0"),
        (lambda: dominant_components(GOOD, offset=0), "offset must be"),
        (lambda: dominant_components(GOOD, width=0), "width must be"),
    ],
)
def test_refuses(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()
