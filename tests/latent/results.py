"""Reading results: their numbers, and whether shapes, types and ranges are the right ones."""

from dataclasses import fields, is_dataclass

import numpy as np
import pandas as pd
from scipy import sparse


def numbers(result) -> np.ndarray:
    """Return all numbers in a result, in a row."""
    if isinstance(result, pd.DataFrame | pd.Series):
        result = result.select_dtypes(["number", "bool"]) if result.ndim == 2 else result
        return result.to_numpy(dtype=float, na_value=np.nan).ravel()
    if sparse.issparse(result):
        return result.toarray().ravel()
    if is_dataclass(result):
        result = [getattr(result, field.name) for field in fields(result)]
    if isinstance(result, dict):
        result = list(result.values())
    if isinstance(result, list | tuple):
        return np.concatenate([[], *map(numbers, result)])
    if isinstance(result, str) or result is None:
        return np.empty(0)
    return np.asarray(result, dtype=float).ravel()


def in_range(values, low=-np.inf, high=np.inf):
    """Tell whether all numbers but NaN lie in a range, to rounding."""
    values = np.asarray(values, float)
    values = values[~np.isnan(values)]
    below, above = (1e-9 * max(1, abs(end)) for end in (low, high))
    return bool(np.all((values >= low - below) & (values <= high + above)))


def array(r, shape, kind, low=-np.inf, high=np.inf):
    return r.shape == shape and r.dtype == kind and in_range(r, low, high)


def number(low=-np.inf, high=np.inf):
    return lambda z, r: isinstance(r, float) and in_range(r, low, high)


def vectors(n):
    """Return a check of n latent vectors; 0 stands for as many as there are z-points."""
    return lambda z, r: array(r, (n or len(z), z.shape[1]), np.float32)


def path(n, unit):
    return lambda z, r: (
        array(r.z, (n, z.shape[1]), np.float32)
        and array(r.t, (n,), np.float64)
        and bool(np.all(np.diff(r.t) >= 0))
        and r.unit == unit
        and len(r) == n
    )
