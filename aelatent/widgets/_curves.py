"""What the reader sees of a component while walking along it, as numbers for a browser."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

REACH = 2.0  # widths that a walk spans to each side of the center
STEPS = 80  # of a walk, and bins of its density


def span_of(row: pd.Series) -> tuple[float, float, float]:
    """Return the center in a row of `describe_components`, and the ends of the walk about it."""
    center, reach = float(row["median"]), REACH * max(row["fwhm"], 1e-3)
    return center, center - reach, center + reach


def curves_of(run, components: Sequence[int]) -> np.ndarray:
    """Return what there is along each of k components, float32 (k, 4 + 80 + 81)."""
    # Center, low end, high end and width; the density in 80 equal bins from end to end, per unit
    # of z; and the share of the z-points below each of the 81 edges.
    curves = np.empty((len(components), 4 + STEPS + STEPS + 1), np.float32)
    for curve, component in zip(curves, components, strict=True):
        row = run.described.loc[component]
        center, low, high = span_of(row)
        edges = np.linspace(low, high, STEPS + 1)
        values = np.sort(np.asarray(run.z[:, component], np.float64))
        below = np.searchsorted(values, edges) / len(values)
        curve[:4] = center, low, high, row["fwhm"]
        curve[4 : 4 + STEPS] = np.diff(below) / (edges[1] - edges[0])
        curve[4 + STEPS :] = below
    return curves
