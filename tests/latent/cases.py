"""Every public name of the latent floor: its call with a cloud alone, and what it promises."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, is_dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from aelatent import latent
from aelatent.latent.maps import MapSettings

from .strategies import normal, shares

QUICK = MapSettings(perplexity=3, early=2, iterations=2, start="random")
OTHER = np.random.default_rng(7).normal(size=(60, 6))  # another cloud; its first columns are taken
ALL = "value", "type", "shape"
ROW, AT = [0.0, 1, 2, 0], [0.0, 1]  # of the latent space; of a plane


@dataclass(frozen=True, eq=False)
class Case:
    """A function of z and of other arguments; `holds` judges its result.

    `least` is the number of normal z-points, with 4 components or as many as `d` says, that it
    needs; `args` are good values of other arguments, `also` more of them for 4 components only;
    `finite` says whether all numbers of its result are finite; `refuses` what it refuses in
    z-points; `made` makes a cloud that suits it.
    """

    call: Callable
    holds: Callable
    least: int = 1
    args: dict = field(default_factory=dict)
    also: dict = field(default_factory=dict)
    d: int = 4
    finite: bool = True
    slow: bool = False
    refuses: tuple = ALL
    made: Callable = normal

    def __call__(self, z, **changed):
        return self.call(z, **{**self.args, **changed})


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


def array(r, shape, kind=np.float64, low=-np.inf, high=np.inf):
    return r.shape == shape and r.dtype == kind and in_range(r, low, high)


def positive(z, r):
    return in_range(r, 0)


def number(low=-np.inf, high=np.inf):
    return lambda z, r: isinstance(r, float) and in_range(r, low, high)


def vectors(n):
    """Return a check of n latent vectors; 0 stands for as many as there are z-points."""
    return lambda z, r: array(r, (n or len(z), z.shape[1]), np.float32)


def row_by_row(*shape, kind=np.float64, low=-np.inf):
    """Return a check of a result with a row for each z-point."""
    return lambda z, r: array(r, (len(z), *shape), kind, low)


def path(unit):
    return lambda z, r: (
        array(r.z, (len(r), z.shape[1]), np.float32)
        and array(r.t, (len(r),))
        and bool(np.all(np.diff(r.t) >= 0))
        and r.unit == unit
    )


def orthogonal(z, r):
    return all(np.allclose(plane.basis.T @ plane.basis, np.eye(2)) for plane in r.values())


def matrix(z, r):
    values = r.to_numpy()
    return (
        array(values, (z.shape[1],) * 2)
        and np.nanmax(np.abs(values), initial=0) <= 1  # to the last bit
        and np.array_equal(values, values.T, equal_nan=True)
    )


def principal(z, r):
    d = z.shape[1]
    turn = np.allclose(r.axes @ r.axes.T, np.eye(d))
    sd = array(r.sd, (d,), low=0) and bool(np.all(np.diff(r.sd) <= 0))
    signs = bool(np.all(r.axes[range(d), np.abs(r.axes).argmax(axis=1)] > 0))
    shares = abs(r.explained.sum() - 1) < 1e-9
    return turn and sd and signs and shares and in_range(r.participation_ratio, 1, r.rank)


def densities(z, r):
    low, high = r.edges[0], r.edges[-1]
    counted = r.counts.dtype == np.int64 and bool(np.all(r.counts.sum(axis=1) == len(z)))
    inside = low <= z.min() <= z.max() < high * (1 + np.sign(high) * 1e-15) + 1e-300
    return counted and inside and np.allclose(r.density.sum(axis=1) * r.width, 1)


def ellipses(z, r):
    shapes, table = r
    good = all(one.radii[0] >= one.radii[1] > 0 and -90 < one.angle <= 90 for one in shapes)
    return good and in_range(table["measured"], 0, 1) and table["measured"].is_monotonic_increasing


def clumps(z, r):
    ranges = in_range(r.p, r.smallest_p, 1) and in_range(r.effects["p"], 0, 1)
    return ranges and bool(np.all(r.curves["lower"] <= r.curves["upper"]))


def probes(z, r):
    n = len(r.z)
    return vectors(n)(z, r.z) and array(r.d2, (n,), low=0) and array(r.distance, (n,), low=0)


def of(call, *made, **named):
    """Return a call of what is made of the z-points, in part by name where that is not given."""

    def called(z, **k):
        return call(*(make(z) for make in made), **{n: make(z) for n, make in named.items()} | k)

    return called


def center(z):
    return latent.Moments.of(z).mean


def plane(z):
    return latent.Plane.components(max(np.shape(z)[-1], 2), 0, 1)


def second(z):
    return OTHER[:, : max(np.shape(z)[-1], 1)]


def backward(z):
    return np.asarray(z)[::-1]


def pictures(z):
    """Return each z-point of three components as a picture of one pixel."""
    return np.asanyarray(z)[:, None, None]


def causes(z):
    """Return a factor of each kind for every z-point."""
    number = np.arange(len(z)) * 7 % 5
    names = [f"{k}" for k in number]
    return pd.DataFrame({"number": number, "angle": number * 50.0, "name": names})


def first(z):
    z = np.atleast_1d(z)
    return z[0] if len(z) else z


def last(z):
    return first(z[::-1])


C, itself = Case, np.asanyarray
axes, table, pearson = latent.PrincipalAxes.fit, latent.describe_components, latent.pearson
each_point, yes_or_no, in_the_plane = row_by_row(low=0), row_by_row(kind=bool), row_by_row(2)
PAIR = pd.DataFrame({"i": [0], "j": [1]})
STEPS, SEED = {"n": 3, "reach": 1.0}, {"seed": 0}
SHUFFLED = {"shuffled": latent.SAMPLERS["column shuffle"]}
NEAR = {"k": 2, "landmarks": 20, **SEED}
DRAWN = {"Gaussian mixture": {"least": 50, "slow": True}, "independent normal": {"least": 2}}
DRAWN |= {"standard normal": {"refuses": ALL[1:]}, "uniform": {"also": {"bound": 1.5}}}
WITH = {
    "measured ranges": {"share": 0.9},
    "method X": {"share": 0.9},
    "elliptical core": {"level": 0.9},
    "smoothed bootstrap": {"scale": 0.1},
}
#: Label -> case; a label begins with the public name.
CASES = {
    "Moments": C(
        latent.Moments.of, lambda z, r: array(r.mean, z.shape[1:], low=z.min(), high=z.max())
    ),
    "PrincipalAxes": C(axes, principal, 2),
    "PrincipalAxes: D²": C(lambda z: axes(z).d2(z), each_point, 2),
    "PrincipalAxes: there and back": C(
        lambda z: axes(z).back(axes(z).forward(z)), lambda z, r: array(r, z.shape), 2
    ),
    "PrincipalAxes: whitened": C(
        lambda z: axes(z).unwhiten(axes(z).whiten(z)), lambda z, r: array(r, z.shape), 2
    ),
    "d2_by_axis": C(
        lambda z: latent.d2_by_axis(axes(z), np.asarray(z)[0])["d2"].sum(), number(0), 2
    ),
    "Densities": C(latent.Densities.of, densities, args={"width": 0.5}),
    "describe_components": C(
        table,
        lambda z, r: in_range(r["gaussian_distance"], 0, 1) and in_range(r["excess_kurtosis"], -2),
        least=2,
        finite=False,
    ),
    "dominant_components": C(
        of(latent.dominant_components, table),
        lambda z, r: set(r["why"]) <= {"off the origin", "wide", "off the origin, wide"},
        *(2, {"offset": 0.01, "width": 0.5}),
    ),
    "pearson": C(pearson, matrix, 2, finite=False),
    "spearman": C(latent.spearman, matrix, 2, finite=False),
    "strongest_pairs": C(
        of(latent.strongest_pairs, pearson),
        lambda z, r: bool((r["correlation"].abs().diff().dropna() <= 0).all()),
        *(2, {"count": 2}),
    ),
    "seriate": C(of(latent.seriate, pearson), lambda z, r: sorted(r) == list(range(z.shape[1])), 2),
    "pair_ellipses": C(
        latent.pair_ellipses, ellipses, 3, {"i": 0, "j": 1, "shares": [0.5, 0.9]}, d=2
    ),
    "pair_wedges": C(
        lambda z, **k: latent.pair_wedges(z, PAIR, **k),
        lambda z, r: in_range(r["ratio"], 1) and in_range(r["chance"], 1),
        *(20, {"draws": 2, **SEED}),
        finite=False,
    ),
    "factor_correlations": C(
        lambda z, **k: latent.factor_correlations(z, causes(z), **k),
        lambda z, r: in_range(r["correlation"], -1, 1) and in_range(r["chance"], 0, 1),
        *(2, {"top": 1, "draws": 19, **SEED}, {"components": [1, 0]}),
        refuses=("value", "type"),
    ),
    "radii": C(latent.radii, each_point, also={"center": ROW}),
    "radius_density": C(
        latent.radius_density,
        lambda z, r: r.counts.sum() == len(z) == r.n,
        *(1, {"width": 0.5}, {"center": ROW}),
    ),
    "matching_sd": C(latent.matching_sd, number(0)),
    "matching_bound": C(latent.matching_bound, number(0)),
    "from_prior": C(latent.from_prior, lambda z, r: r["nats"] > -1e-6, 2, finite=False),
    "squared_radius_by_component": C(latent.squared_radius_by_component, positive, finite=False),
    "core_border": C(
        latent.core_border,
        lambda z, r: array(r.rows, (len(z) // 2,), np.int64, 0, len(z) - 1),
        *(9, {"level": 0.9, **SEED}),
    ),
    "core_border: holds": C(lambda z, **k: latent.core_border(z, **k).holds(z), yes_or_no, 9, SEED),
    "compare_radii": C(
        latent.compare_radii, positive, 9, {"n": 9, "level": 0.9, **SEED}, finite=False
    ),
    "normality_report": C(
        latent.normality_report,
        lambda z, r: (r.n, r.d) == z.shape,
        *(18, {"draws": 2, **SEED}),
        **{"finite": False, "slow": True},
    ),
    "Plane": C(lambda z: plane(z).project(z), in_the_plane),
    "Plane: lifted": C(
        lambda z, **k: plane(z).lift(**{"where": plane(z).project(z), "at": first(z), **k}),
        vectors(0),
        also={"where": [AT], "at": ROW},
    ),
    "Plane: principal": C(
        lambda z, **k: latent.Plane.principal(axes(z), **k).project(z),
        *(in_the_plane, 3, {"i": 1, "j": 2}),
    ),
    "path_planes": C(of(latent.path_planes, table), orthogonal, 2, SEED),
    "seed_planes": C(of(latent.seed_planes, axes, table), orthogonal, 2),
    "inject_filaments": C(
        latent.inject_filaments,
        lambda z, r: vectors(0)(z, r[0]),
        *(3, {"share": 0.5, "curves": 2, "thickness": 0.1, **SEED}),
    ),
    "global_envelope": C(
        of(latent.global_envelope, last, lambda z: np.asarray(z)[:-1]),
        lambda z, r: in_range(r.p, r.smallest_p, 1) and bool(np.all(r.lower <= r.upper)),
        *(2, {"level": 0.5}),
        refuses=(),
    ),
    "filament_test": C(
        lambda z, **k: latent.filament_test(z, draws=39, landmarks=20, scale=0.9, **k),
        *(clumps, 9, SEED),
        slow=True,
    ),
    "filament_test: plane": C(
        lambda z, **k: latent.filament_test(z, [plane(z)], statistics=["G"], **k),
        *(clumps, 56, {"draws": 39, "landmarks": 30, "scale": 0.9, "n": 60, **SEED}),
        slow=True,
    ),
    "dimension_scan": C(
        of(latent.dimension_scan, itself, lambda z: SHUFFLED),
        lambda z, r: in_range(r[["dimension", "error", "near_duplicates"]], 0),
        *(3, {"scales": [2], "landmarks": 20, "near": 0.1, **SEED}),
    ),
    "clark_evans": C(latent.clark_evans, positive, 30, {"count": 30}, {"center": AT}, d=2),
    "side_for_count": C(latent.side_for_count, number(0), 1, {"count": 1, "center": AT}, d=2),
    "inside": C(latent.inside, yes_or_no, 1, {"center": AT, "side": 1.0}, d=2),
    "core_voids": C(latent.core_voids, probes, 9, {"n": 5, "candidates": 4, **SEED}),
    "beside_points": C(latent.beside_points, probes, 9, {"d2": [1.0, 2], "step": 0.1, **SEED}),
    "segments": C(
        latent.segments,
        lambda z, r: array(r, (5, 9, z.shape[1]), np.float32),
        *(2, {"pairs": 5, "steps": 9, **SEED}),
    ),
    "cycle_error": C(of(latent.cycle_error, itself, backward), each_point, 1, {"spread": 0.5}),
    "linear": C(
        of(latent.linear, a=first, b=last),
        *(path("share"), 1, {"n": 3}, {"a": ROW, "b": ROW}),
        refuses=(),
    ),
    "origin_to_center": C(
        of(latent.origin_to_center, center=center), path("share"), 1, {"n": 3}, {"center": ROW}
    ),
    **{
        f"attribute_direction: {method}": C(
            of(
                latent.attribute_direction,
                itself,
                values=lambda z: np.arange(len(z)) % 2,
                method=lambda z, method=method: method,
            ),
            lambda z, r: r.shape == z.shape[1:] and abs(np.linalg.norm(r) - 1) < 1e-9,
            *(2, {}, {"values": np.arange(60) % 2, "method": method}),
        )
        for method in ("means", "logistic")
    },
    "along_axis": C(of(latent.along_axis, axes), path("sd"), 2, {"k": 1, **STEPS}),
    "between": C(
        of(latent.between, plane, center=center),
        *(path("units of z"), 1, {"start": AT, "end": [2.0, 2], "n": 3}, {"center": ROW}),
    ),
    "circle": C(
        of(latent.circle, plane, center=center),
        *(path("degrees"), 1, {"radius": 2.0, "n": 3}, {"center": ROW}),
    ),
    "in_plane": C(
        of(latent.in_plane, plane, center=center),
        *(path("units of z"), 1, {"length": 3.0, "angle": 30.0, "offset": 1.0, "shift": 1.0}),
        {"center": ROW, "n": 3},
    ),
    **{
        f"along_ellipse: {others}": C(
            latent.along_ellipse,
            *(path("sd"), 3, {"i": 0, "j": 1, "axis": "major", "others": others, **STEPS}),
        )
        for others in ("center", "conditional")
    },
    "core_section": C(
        of(latent.core_section, axes, plane, at=center),
        lambda z, r: array(r, (5, 2)),
        *(3, {"d2": 2.0, "points": 5}, {"at": ROW}),
    ),
    "core_path": C(
        of(latent.core_path, axes, plane, at=center),
        *(path("units of z"), 2, {"d2": 1e6, "angle": 30.0, "n": 3}, {"at": ROW}),
    ),
    "whitened_slerp": C(
        of(latent.whitened_slerp, axes, a=first, b=last),
        *(path("share"), 3, {"n": 3}, {"a": ROW, "b": [1.0, 0, 0, 0]}),
    ),
    "neighbor_graph": C(
        latent.neighbor_graph,
        lambda z, r: len(z) * r.k / 2 <= r.costs.nnz <= len(z) * r.k and in_range(r.costs.data, 0),
        *(4, {"k": 3, "power": 2.0}),
    ),
    "densest": C(
        of(latent.densest, itself, lambda z: latent.neighbor_graph(z, 3)),
        *(path("share"), 4, {"start": 0, "end": 1, "n": 3}),
    ),
    "samplers_for": C(
        lambda z: len(latent.samplers_for(z)), lambda z, r: r in (9, 10), refuses=ALL[1:]
    ),
    "frechet_distance": C(of(latent.frechet_distance, itself, second), number(0), 2),
    "memorization": C(
        of(latent.memorization, itself, second, lambda z: second(z)[:7]),
        lambda z, r: in_range(r, 0) and r.closer <= 1,
    ),
    "nearest_distance": C(
        of(latent.nearest_distance, second, itself),
        lambda z, r: array(r, (60,), low=0),
        args={"k": 1},
    ),
    "region_errors": C(
        of(latent.region_errors, pictures, lambda z: backward(pictures(z)), masks=pictures),
        *(positive, 1, {"names": ["a", "b", "c"]}, {"masks": np.full((60, 1, 1, 3), 0.5)}),
        **{"d": 3, "finite": False, "refuses": (), "made": shares},
    ),
    "tsne": C(
        lambda z, **k: latent.tsne(z, QUICK, **k).coordinates,
        lambda z, r: array(r, (len(z), 2), np.float32),
        *(10, SEED),
        slow=True,
    ),
    "place": C(
        lambda z, **k: latent.place(latent.tsne(z, QUICK, **k), z, np.asarray(z)[:3]),
        lambda z, r: array(r, (3, 2), np.float32),
        *(10, SEED),
        slow=True,
    ),
    "neighbors_kept": C(
        of(latent.neighbors_kept, itself, coordinates=lambda z: np.sort(z, axis=-1)),
        *(number(0, 1), 3, NEAR, {"coordinates": OTHER[:, :2]}),
        d=2,
    ),
    "void_probability": C(latent.void_probability, number(0, 1), 10, {"circles": 50, **SEED}, d=2),
    "neighbor_correlation": C(
        of(latent.neighbor_correlation, itself, itself),
        lambda z, r: in_range(r, -1, 1),
        *(3, NEAR),
        **{"d": 2, "finite": False},
    ),
    **{
        f"{'SAMPLERS' if name in latent.SAMPLERS else 'SURROGATES'}: {name}": C(
            draw,
            vectors(50),
            args={"n": 50, **SEED, **WITH.get(name, {})},
            **{"least": 1 if k < 5 else 2, **DRAWN.get(name, {})},
        )
        for k, (name, draw) in enumerate({**latent.SAMPLERS, **latent.SURROGATES}.items())
    },
}
