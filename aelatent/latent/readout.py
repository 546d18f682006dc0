"""Readout: what a linear map can tell from z-points about the pictures behind them."""

import numpy as np
import pandas as pd
from sklearn.linear_model import RidgeCV
from sklearn.metrics import r2_score

from aelatent._checks import SMALLEST, check_points, chunks
from aelatent.latent.principal import Moments

# Penalties tried, as shares of the training z-points' mean squared deviation per component.
PENALTIES = np.logspace(-7, 1, 17)


def linear_readout(
    z: np.ndarray,
    targets: pd.DataFrame,
    seed: int = 0,
    *,
    held_out: np.ndarray | None = None,
    share: float = 0.25,
) -> pd.DataFrame:
    """Measure how well a linear map of z reads each target, on rows that it was not fitted to.

    A ridge regression per target (Hoerl & Kennard, *Technometrics* 12, 55, 1970), with the penalty
    of the smallest leave-one-out error in training. ``r2_shuffled``, the same for targets whose
    rows were shuffled, is the zero line: what the number of z-points and components alone brings.
    A linear map reads an angle badly where it wraps: pass its sine and cosine.

    Parameters
    ----------
    targets : pandas.DataFrame
        n rows in the order of `z`, one numeric or boolean column per target, no missing values.
    held_out : bool (n,) or int (k,), optional
        Mask or row numbers of the rows to measure on; default: drawn.
    share : float
        Share of the rows to draw for that, between 0 and 1; without effect if `held_out` is given.

    Returns
    -------
    pandas.DataFrame
        Index: the targets' names. Columns: ``r2``, ``r2_shuffled`` (float64, at most 1; 0 is as
        good as the mean of the held-out rows) and ``n_train``, ``n_test`` (int). An R² is NaN where
        its target (shuffled or not) is constant in the training or in the held-out rows.

    Examples
    --------
    >>> z = np.random.default_rng(0).normal(size=(800, 6))
    >>> linear_readout(z, pd.DataFrame({"seen": 3 * z[:, 1] + 1}))["r2"].round(1).to_dict()
    {'seen': 1.0}
    """
    z = check_points(z)
    values = _values(targets, len(z))
    rng = np.random.default_rng(seed)
    test = _held_out(held_out, share, len(z), rng)
    both = np.hstack([values, rng.permutation(values)])
    scores = np.full(both.shape[1], np.nan)
    known = (np.ptp(both[test], axis=0) > 0) & (np.ptp(both[~test], axis=0) > 0)
    if known.any():
        train_z, test_z = (np.concatenate(list(chunks(z[rows]))) for rows in (~test, test))
        model = _fit(train_z, both[~test][:, known])
        read = model.predict(test_z).reshape(len(test_z), -1)
        scores[known] = r2_score(both[test][:, known], read, multioutput="raw_values")
    r2, shuffled = np.split(scores, 2)
    return pd.DataFrame(
        {
            "r2": r2,
            "r2_shuffled": shuffled,
            "n_train": np.count_nonzero(~test),
            "n_test": np.count_nonzero(test),
        },
        index=targets.columns,
    )


def _fit(z: np.ndarray, values: np.ndarray) -> RidgeCV:
    """Fit a ridge regression per column of `values`, each with its own penalty."""
    moments = Moments.of(z)
    variation = np.trace(moments.comoment) / z.shape[1]
    if variation <= SMALLEST**2:
        raise ValueError(
            f"all {len(z)} training z-points are the same; expected points that vary. "
            "Check the run: its encoder maps every picture to one point."
        )
    return RidgeCV(alphas=variation * PENALTIES, alpha_per_target=True).fit(z, values)


def _values(targets: pd.DataFrame, n: int) -> np.ndarray:
    """Return the targets as float64 (n, targets), refused where they are no complete numbers."""
    if not isinstance(targets, pd.DataFrame) or targets.shape[1] == 0 or len(targets) != n:
        raise ValueError(
            f"targets must be a DataFrame with one row per z-point ({n}) and at least one column; "
            f"got {type(targets).__name__} of shape {getattr(targets, 'shape', None)}. "
            "Pass for instance run.index[names]."
        )
    for name, column in targets.items():
        if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_complex_dtype(column):
            raise ValueError(
                f"target {name!r} must be real numbers; got {column.dtype}. "
                "Leave the column out, or turn it into numbers."
            )
    values = targets.to_numpy(dtype=np.float64, na_value=np.nan)
    bad = ~np.isfinite(values)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise ValueError(
            f"target {targets.columns[column]!r} must be finite in every row; got "
            f"{values[row, column]} in row {row}. Leave these rows out, of z as well."
        )
    return values


def _held_out(held_out, share: float, n: int, rng: np.random.Generator) -> np.ndarray:
    """Return the mask (n,) of the rows to measure on; at least 2 rows lie in either part."""
    test = np.zeros(n, bool)
    if held_out is None:
        if not 0 < share < 1:
            raise ValueError(f"share must lie between 0 and 1; got {share!r}. Try share=0.25.")
        test[rng.choice(n, round(share * n), replace=False)] = True
    else:
        rows = np.asarray(held_out)
        is_mask = rows.dtype == bool and rows.shape == (n,)
        are_rows = rows.dtype.kind in "iu" and rows.ndim == 1
        if not is_mask and not (are_rows and rows.size and rows.min() >= 0 and rows.max() < n):
            raise ValueError(
                f"held_out must be a mask of {n} booleans or row numbers from 0 to {n - 1}; got "
                f"{rows.dtype} of shape {rows.shape}. Pass for instance run.held_out."
            )
        test[rows] = True
    if not 2 <= np.count_nonzero(test) <= n - 2:
        raise ValueError(
            f"training and held-out part must have at least 2 rows each; got "
            f"{np.count_nonzero(test)} of {n} rows held out. Hold out another number of rows."
        )
    return test
