import numpy as np
import pytest
from scipy import stats
from sklearn.mixture import GaussianMixture

from aelatent.latent import mixture
from aelatent.latent.mixture import fit_mixture, gaussian_mixture


@pytest.fixture(scope="module")
def clusters():
    """float32 z-points in two clusters, 30 % of them in the narrow one, off the origin."""
    rng = np.random.default_rng(2)
    wide = rng.normal([50, 0, 0, 7], [1, 9, 1, 0.1], size=(2800, 4))
    narrow = rng.normal([40, 5, 0, 7.5], [0.5, 2, 1, 0.05], size=(1200, 4))
    return rng.permutation(np.concatenate([wide, narrow])).astype(np.float32)


@pytest.fixture(scope="module")
def fitted(clusters):
    return fit_mixture(clusters)


def test_two_clusters_stay_two_where_a_gaussian_fills_the_gap(clusters, fitted):
    drawn = gaussian_mixture(clusters, 4000, 1, model=fitted)
    assert np.mean((drawn[:, 0] > 43) & (drawn[:, 0] < 46)) < 0.01
    assert np.mean(drawn[:, 0] < 44.5) == pytest.approx(0.3, abs=0.03)


def test_mean_and_covariance_of_the_model_are_those_of_the_points(fitted):
    weights, means = fitted.weights, fitted.means
    assert weights.sum() == pytest.approx(1)
    np.testing.assert_allclose(weights @ means, 0, atol=1e-4)
    second = np.einsum("k,kij->ij", weights, fitted.covariances)
    second += np.einsum("k,ki,kj->ij", weights, means, means)
    np.testing.assert_allclose(second, np.eye(4), atol=2e-3)


def test_draws_follow_the_density_of_the_model(clusters, fitted):
    """Each axis against the closed form of the mixture; and the covariance of all."""
    y = fitted.axes.whiten(gaussian_mixture(clusters, 20_000, 4, model=fitted))
    np.testing.assert_allclose(np.cov(y.T), np.eye(4), atol=0.06)
    for x, mean, variance in zip(
        y.T, fitted.means.T, np.diagonal(fitted.covariances, axis1=1, axis2=2).T, strict=True
    ):
        law = stats.norm(mean, np.sqrt(variance))
        shares = law.cdf(np.sort(x)[:, None]) @ fitted.weights
        assert stats.kstest(shares, "uniform").pvalue > 1e-4


def log_density(model, y):
    """Return the log-density of whitened points, (n,)."""
    laws = [
        w * stats.multivariate_normal(m, c).pdf(y)
        for w, m, c in zip(model.weights, model.means, model.covariances, strict=True)
    ]
    return np.log(np.sum(laws, axis=0))


def test_it_is_about_as_likely_as_scikit_learns_own_fit(clusters, fitted):
    y = fitted.axes.whiten(clusters)
    own = GaussianMixture(10, random_state=0, max_iter=500).fit(y).score(y)
    assert log_density(fitted, y).mean() == pytest.approx(own, abs=0.15)


def test_in_many_dimensions_it_suits_unseen_points_as_well_as_a_gaussian():
    """With 50 rows a component for 30 axes the covariances alone would not."""
    rng = np.random.default_rng(4)
    mixing = rng.normal(size=(30, 30)) * np.geomspace(5, 0.05, 30)
    seen, unseen = (rng.normal(size=(500, 30)) @ mixing for _ in range(2))
    model = fit_mixture(seen)
    y = model.axes.whiten(unseen)
    gaussian = stats.multivariate_normal(np.zeros(30)).logpdf(y).mean()
    assert log_density(model, y).mean() > gaussian - 3
    plain = GaussianMixture(10, random_state=0).fit(model.axes.whiten(seen))
    assert plain.score(y) < gaussian - 8


def test_a_fit_serves_many_draws_and_is_what_the_call_makes_itself(clusters, fitted):
    drawn = gaussian_mixture(clusters, 30, 0, model=fitted)
    np.testing.assert_array_equal(gaussian_mixture(clusters, 30, 0), drawn)
    assert (gaussian_mixture(clusters, 30, 1, model=fitted) != drawn).all()


def test_no_more_rows_than_the_limit_are_fitted(clusters, monkeypatch):
    seen = []

    def start(y, labels, shrinkage, start=mixture._start):
        seen.append(y)
        return start(y, labels, shrinkage)

    monkeypatch.setattr(mixture, "ROWS", 300)
    monkeypatch.setattr(mixture, "_start", start)
    assert fit_mixture(clusters, 5).axes.n == len(clusters)
    assert seen[0].shape == (300, 4)


def test_an_early_end_is_told_and_no_warning_leaves(clusters, monkeypatch):
    monkeypatch.setattr(mixture, "_ROUNDS", 1)
    monkeypatch.setattr(mixture, "_TOLERANCE", 0)
    model = fit_mixture(clusters)
    assert (model.rounds, model.converged) == (1, False)


def test_few_places_give_few_components():
    corners = np.tile([[0.0, 0], [0, 8], [8, 0]], (50, 1))
    np.testing.assert_allclose(fit_mixture(corners).weights, 1 / 3)


def test_too_few_rows_and_another_space_are_refused(clusters, fitted):
    assert np.isfinite(gaussian_mixture(clusters[:50], 20)).all()
    with pytest.raises(ValueError, match="along 4 axes needs at least 50 z-points; got 49"):
        fit_mixture(clusters[:49])
    with pytest.raises(ValueError, match=r"3 components; got .* 4"):
        gaussian_mixture(clusters[:, :3], 5, model=fitted)
