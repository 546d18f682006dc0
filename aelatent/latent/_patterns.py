"""What `filament_test` measures: set up once by the data, then the same for data and draws."""

from collections.abc import Sequence

import numpy as np

from aelatent.latent.clumping import (
    KS,
    j_function,
    knn_cdf,
    landy_szalay,
    nearest,
    neighbor_distances,
    pair_counts,
)
from aelatent.latent.planes import Plane
from aelatent.latent.principal import PrincipalAxes
from aelatent.latent.spanning import spanning_tree

WINDOW = (
    1.5  # radius of the disk judged in a plane, standard deviations: 2/3 of a Gaussian's points
)
LOCATIONS = 4000  # random places in it at which neighbors are counted
STEPS = 12  # distances r
DEGREES = (1, 2, 3)  # edges at a vertex of the spanning tree; the last counts what has more too
QUANTILES = np.linspace(0.02, 0.98, STEPS)
PLANE_STATISTICS = "G", "F", "J", "kNN-CDF", "Landy-Szalay", "spanning tree"
FULL_STATISTICS = "nearest neighbor", "kNN-CDF"


class PlanePattern:
    """Clumping in one plane; `at` holds the places of each curve, r in whitened units."""

    def __init__(
        self,
        name: str,
        plane: Plane,
        z: np.ndarray,
        catalogue: np.ndarray,
        *,
        total: int,
        scale: float,
        wanted: Sequence[str],
        seed: int,
    ):
        self.name, self._plane, self._wanted = name, plane, wanted
        where = plane.project(z)
        # Draws are whitened by the data's fit, too: one r means one distance for all of them.
        self._axes = PrincipalAxes.fit(where)
        if self._axes.rank < 2:
            raise ValueError(
                f"the z-points of plane {name!r} lie on a line; expected points that vary in both "
                "directions. Choose another plane."
            )
        self._r = _distances(name, len(z), total, np.count_nonzero(self._inside(z)[1]), scale)
        rng = np.random.default_rng(seed)
        radius, turn = WINDOW * np.sqrt(rng.random(LOCATIONS)), rng.uniform(0, 2 * np.pi, LOCATIONS)
        self._locations = np.column_stack([radius * np.cos(turn), radius * np.sin(turn)])
        y, inside = self._inside(catalogue)
        self._catalogue = y[inside]
        self._pairs = pair_counts(self._catalogue, self._catalogue, self._r)
        self.at = {
            statistic: np.array(DEGREES, float) if statistic == "branches" else self._r
            for statistic in self.measure(z)
        }

    def measure(self, z: np.ndarray) -> dict[str, np.ndarray]:
        """Return the curves of the wanted statistics, always in the same order."""
        y, inside = self._inside(z)
        g = nearest(y, self._r, inside)
        f, *higher = knn_cdf(y, self._r, self._locations)
        found = {"G": g, "F": f, "J": j_function(g, f)}
        found = {name: curve for name, curve in found.items() if name in self._wanted}
        if "kNN-CDF" in self._wanted:
            found |= {_ordinal(k): curve for k, curve in zip(KS[1:], higher, strict=True)}
        if "Landy-Szalay" in self._wanted:
            found["Landy-Szalay"] = landy_szalay(
                y[inside], self._catalogue, self._r, rr=self._pairs
            )
        if "spanning tree" in self._wanted:
            lengths, degrees = spanning_tree(y[inside])
            found["spanning tree"] = np.searchsorted(lengths, self._r, "right") / len(lengths)
            shares = np.bincount(np.minimum(degrees, DEGREES[-1]), minlength=DEGREES[-1] + 1)
            found["branches"] = shares[1:] / len(degrees)
        return found

    def _inside(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return whitened positions in the plane, float64 (n, 2), and which are in the window."""
        y = self._axes.whiten(self._plane.project(z))
        return y, np.hypot(*y.T) <= WINDOW


class FullPattern:
    """Clumping in the whole space; `at` holds the distances of each curve, in whitened units."""

    name = "full space"

    def __init__(
        self,
        z: np.ndarray,
        reference: np.ndarray,
        *,
        landmarks: int,
        wanted: Sequence[str],
        seed: int,
    ):
        rank = PrincipalAxes.fit(z).rank
        if len(z) <= max(rank + 1, *KS):
            raise ValueError(
                f"{len(z)} z-points vary along {rank} axes; expected more of them than "
                f"{max(rank + 1, *KS)}. Pass more rows, a larger n, or planes."
            )
        n = min(landmarks, len(z))
        self._rows = np.random.default_rng(seed).choice(len(z), n, replace=False)
        names = {"nearest neighbor": 1, **{_ordinal(k): k for k in KS[1:]}}
        self._ks = {name: k for name, k in names.items() if _family(name) in wanted}
        at = np.quantile(self._distances(reference), QUANTILES, axis=0)
        self.at = dict(zip(self._ks, at.T, strict=True))

    def measure(self, z: np.ndarray) -> dict[str, np.ndarray]:
        """Return the curves of the wanted statistics, always in the same order."""
        within = np.sort(self._distances(z), axis=0)
        return {
            name: np.searchsorted(column, self.at[name], "right") / len(column)
            for name, column in zip(self._ks, within.T, strict=True)
        }

    def _distances(self, z: np.ndarray) -> np.ndarray:
        # Each cloud by its own fit. With the data's fit for all, the data alone would have exactly
        # unit covariance: in 128 dimensions its 4,000 points then lie farther apart than those of
        # matched Gaussians, by two standard deviations of these, although it is a Gaussian itself.
        y = PrincipalAxes.fit(z).whiten(z).astype(np.float32)
        return neighbor_distances(y, self._rows, tuple(self._ks.values()))


def _ordinal(k: int) -> str:
    return f"kNN-CDF {k}"


def _family(name: str) -> str:
    return "kNN-CDF" if name.startswith("kNN-CDF") else name


def _distances(name: str, n: int, total: int, inside: int, scale: float) -> np.ndarray:
    """Choose r from a quarter of the mean spacing in the window up to the scale, float64 (12,)."""
    spacing = WINDOW * np.sqrt(np.pi / max(inside, 1))
    if scale < 2 * spacing:
        least = int(np.ceil(n * (2 * spacing / scale) ** 2))
        more = f", or pass n={least:,}" if least <= total else ""
        raise ValueError(
            f"{n:,} of {total:,} points lie {spacing:.2g} standard deviations apart in plane "
            f"{name!r}; expected a scale of at least twice that, got {scale}. Raise the scale to "
            f"{np.ceil(200 * spacing) / 100:.2f}{more}."
        )
    return np.geomspace(spacing / 4, scale, STEPS)
