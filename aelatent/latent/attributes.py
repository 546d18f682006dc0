"""Attributes of pictures as steps in the latent space, and whether a step moves what it names."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from sklearn.linear_model import RidgeClassifier

from aelatent._checks import check_each, check_points, check_whole
from aelatent.latent.core import halves
from aelatent.latent.guided_paths import attribute_direction
from aelatent.latent.principal import PrincipalAxes

#: What a face may show, those first whose step is easily seen.
USUAL = "Smiling Eyeglasses Mouth_Slightly_Open Young Wearing_Hat Blond_Hair".split()
LEAST = 0.03  # of the pictures have an attribute, or lack it, for a step to have a direction
MOST = 4  # attributes


@dataclass(frozen=True, eq=False)
class AttributeSteps:
    """Steps of one gap between the classes of an attribute, with random ones beside.

    Attributes
    ----------
    steps : dict of str to float64 (1 + r, d)
        By attribute: the difference of the mean z-points with and without it, found on one half of
        the pictures, then r random steps of the same length in whitened coordinates.
    weights : float64 (k, d)
        Linear readouts of the k attributes (ridge regression on the other half); the unit of each
        is the gap between its classes.
    """

    steps: dict[str, np.ndarray]
    weights: np.ndarray

    @classmethod
    def of(
        cls, z: np.ndarray, index: pd.DataFrame, axes: PrincipalAxes, *, r: int = 8, seed: int = 0
    ) -> Self:
        """Take up to four usual attributes, columns of 1 and -1 or 0; there may be none.

        Parameters
        ----------
        index, axes : pandas.DataFrame, PrincipalAxes
            Of the store and the z-points; pictures without a value are left out.
        r : int
            Random steps for each attribute, at least 1.
        """
        z = check_points(z, len(axes.mean))
        check_each("a row of the index", index, len(z), "z-points")
        check_whole("r", r, 1)
        steps, weights, rng = {}, [], np.random.default_rng(seed)
        for name, has in _usable(index).items():
            fitted, read = (rows[~np.isnan(has[rows])] for rows in halves(len(z), seed))
            step = _gap(z[fitted], has[fitted] > 0)
            length = np.linalg.norm(axes.whiten((axes.mean + step)[None]))
            drawn = rng.standard_normal((r, axes.rank))
            drawn *= length / np.linalg.norm(drawn, axis=1, keepdims=True)
            steps[name] = np.vstack([step, axes.unwhiten(drawn) - axes.mean])
            weight = RidgeClassifier(alpha=1.0).fit(z[read], has[read] > 0).coef_.ravel()
            weights.append(weight / (_gap(z[read], has[read] > 0) @ weight))
        return cls(steps, np.reshape(weights, (-1, z.shape[1])))

    def compare(self, before: np.ndarray, after: dict[str, np.ndarray]) -> pd.DataFrame:
        """Tell how far each attribute moves with its own step, with others, and with random ones.

        Parameters
        ----------
        before : float (n, d)
            Latent vectors: pictures as decoded and encoded again.
        after : mapping of str to float (n, 1 + r, d)
            The same after each of `steps`.

        Returns
        -------
        pandas.DataFrame
            Index attribute; in gaps between classes ``own`` (how far its readout moves),
            ``others`` (how far that of another one moves at most), ``another`` (which), ``random``
            (how far its own moves at most with a random step), and ``lead``: of ``own`` over the
            larger of the two, in standard errors over the n vectors.
        """
        names, rows = list(self.steps), {}
        for k, name in enumerate(names):
            moved = (after[name] - before[:, None]) @ self.weights.T  # (n, 1 + r, k)
            own, others = moved[:, 0, k], np.delete(moved[:, 0], k, axis=1)
            rivals = [*others.T, *moved[:, 1:, k].T]
            rivals = [rival * np.sign(rival.mean()) for rival in rivals]
            sizes = np.array([rival.mean() for rival in rivals])
            apart = own - rivals[sizes.argmax()]
            error = apart.std(ddof=1) / np.sqrt(len(apart))
            most = sizes[: len(names) - 1].max(initial=0.0)
            rest = [*names[:k], *names[k + 1 :], "none"]
            rows[name] = {
                "own": own.mean(),
                "others": most,
                "another": rest[sizes[: len(names) - 1].argmax() if len(names) > 1 else -1],
                "random": sizes[len(names) - 1 :].max(),
                "lead": apart.mean() / error,
            }
        columns = ["own", "others", "another", "random", "lead"]
        return pd.DataFrame.from_dict(rows, "index", columns=columns).rename_axis("attribute")


def _usable(index: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return by attribute 1 for pictures that have it, 0 without, NaN where that is not known."""
    found = {}
    for name in USUAL:
        if name in index and pd.api.types.is_numeric_dtype(index[name]):
            value = index[name].to_numpy(float, na_value=np.nan)
            has = np.where(np.isnan(value), np.nan, value > 0)
            if LEAST < np.nanmean(has) < 1 - LEAST and len(found) < MOST:
                found[name] = has
    return found


def _gap(z: np.ndarray, has: np.ndarray) -> np.ndarray:
    """Return the step from the mean z-point without an attribute to that with it."""
    direction = attribute_direction(z, has)
    return direction * ((z[has].mean(axis=0) - z[~has].mean(axis=0)) @ direction)
