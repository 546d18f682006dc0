from types import SimpleNamespace

import numpy as np

from aelatent.latent import describe_components
from aelatent.widgets._curves import STEPS, curves_of, span_of


def test_curves_are_density_and_share_below():
    z = np.random.default_rng(0).normal(size=(20_000, 3)) * [1, 0, 3] + [0, 2, -5]
    run = SimpleNamespace(z=z.astype(np.float32), described=describe_components(z))
    curves = curves_of(run, [2, 0, 1])
    assert (curves.shape, curves.dtype) == ((3, 165), np.float32)
    for curve, k in zip(curves, [2, 0, 1], strict=True):
        row = run.described.loc[k]
        center, low, high, width = curve[:4]
        assert np.allclose([center, low, high], span_of(row), atol=1e-5)
        assert np.isclose(width, row["fwhm"])
        density, below = curve[4 : 4 + STEPS], curve[4 + STEPS :]
        edges = np.linspace(low, high, STEPS + 1)
        for i in (0, 17, 40, 80):
            assert np.isclose(below[i], np.mean(run.z[:, k] < edges[i]), atol=2e-3) or k == 1
        assert np.isclose(density.sum() * (high - low) / STEPS, below[-1] - below[0], atol=1e-4)
    assert np.isclose(curves[1, 4 + STEPS // 2], 0.4, atol=0.02)  # N(0, 1) at its center
    assert curves[2, 4 + STEPS :].tolist() in ([0] * 40 + [1] * 41, [0] * 41 + [1] * 40)
