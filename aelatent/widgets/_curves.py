"""What a browser shows of components: where each lies, its density, and the shares below."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

REACH = 2.0  # widths that the walk along a component spans to each side of its center
BINS = 80  # of its density


def span_of(row: pd.Series) -> tuple[float, float, float]:
    """Return the center in a row of `describe_components`, and the ends of the walk about it."""
    center, reach = float(row["median"]), REACH * max(row["fwhm"], 1e-3)
    return center, center - reach, center + reach


def curves_of(run, components: Sequence[int]) -> np.ndarray:
    """Return a row for each component, float32 (k, 4 + 80 + 81)."""
    # Center, both ends and the width; the density in bins from end to end, per unit of z; the
    # shares of z-points below the bins' edges.
    rows = []
    for c in components:
        row, values = run.described.loc[c], np.sort(run.z[:, c])
        center, low, high = span_of(row)
        edges = np.linspace(low, high, BINS + 1)
        below = np.searchsorted(values, edges) / len(values)
        density = np.diff(below) / (edges[1] - edges[0])
        rows.append(np.concatenate([[center, low, high, row["fwhm"]], density, below]))
    return np.array(rows, np.float32)
