"""What the documentation promises of each result: shapes, types and ranges."""

import numpy as np

from aelatent import latent

from .cases import CASES
from .results import array, in_range, number, path, vectors


def per_component(*columns):
    return lambda z, r: (
        (r.index.name, list(r.columns)) == ("component", list(columns))
        and sorted(r.index) == list(range(z.shape[1]))
    )


def correlations(z, r):
    values = r.to_numpy()
    return (
        array(values, (z.shape[1],) * 2, np.float64)
        and np.nanmax(np.abs(values), initial=0) <= 1  # to the last bit
        and np.array_equal(values, values.T, equal_nan=True)
    )


def moments(z, r):
    d = z.shape[1]
    return (
        r.n == len(z)
        and array(r.mean, (d,), np.float64, z.min(), z.max())
        and array(r.comoment, (d, d), np.float64)
        and in_range(np.diag(r.comoment), 0)
    )


def principal(z, r):
    d = z.shape[1]
    return (
        np.allclose(r.axes @ r.axes.T, np.eye(d))
        and array(r.sd, (d,), np.float64, 0)
        and bool(np.all(np.diff(r.sd) <= 0))
        and bool(np.all(r.axes[range(d), np.abs(r.axes).argmax(axis=1)] > 0))
        and abs(r.explained.sum() - 1) < 1e-9
        and 1 - 1e-9 <= r.participation_ratio <= r.rank + 1e-9
    )


def densities(z, r):
    d, bins = r.counts.shape
    low, high = r.edges[0], r.edges[-1]
    return (
        (d, r.n, r.counts.dtype) == (z.shape[1], len(z), np.int64)
        and bool(np.all(r.counts.sum(axis=1) == len(z)))
        and r.edges.shape == (bins + 1,)
        and low <= z.min() <= z.max() < high * (1 + np.sign(high) * 1e-15) + 1e-300
        and np.allclose(r.density.sum(axis=1) * r.width, 1)
    )


def described(z, r):
    x = z.astype(float)
    near = 1e-9 * np.abs(x).max() + np.spacing(0)
    return (
        per_component(*latent.components.FIGURES)(z, r)
        and bool(np.all(np.abs(r["median"] - np.median(x, axis=0)) <= near))
        and bool(np.all((r["mean"] >= x.min(axis=0) - near) & (r["mean"] <= x.max(axis=0) + near)))
        and in_range(r[["sd", "fwhm", "half_width"]], 0)
        and in_range(r[["outside_3_sigma", "gaussian_distance"]], 0, 1)
        and in_range(r["excess_kurtosis"], -2)
    )


def ellipses(z, r):
    shapes, table = r
    return (
        all(one.radii[0] >= one.radii[1] > 0 and -90 < one.angle <= 90 for one in shapes)
        and in_range(table["measured"], 0, 1)
        and bool(np.all(np.diff(table["measured"]) >= 0))
        and len(shapes) == len(table) == 3
    )


def core(z, r):
    half = len(z) // 2
    return (
        array(r.rows, (half,), np.int64, 0, len(z) - 1)
        and array(r.d2, (half,), np.float64, 0)
        and bool(np.all(np.diff(r.rows) > 0))
        and 0 <= np.mean(r.d2 <= r.border) <= 1
    )


def dimensions(z, r):
    shares = in_range(r["near_duplicates"], 0, 1)
    return (
        len(r) == 4
        and (r["n"] == len(z)).all()
        and in_range(r[["dimension", "error"]], 0)
        and shares
    )


def envelope(z, r):
    return (
        in_range(r.p, r.smallest_p, 1)
        and bool(np.all(r.lower <= r.upper))
        and (r.lower.shape, r.outside.dtype) == (z.shape[1:], bool)
    )


def filaments(z, r):
    return (
        in_range(r.p, r.smallest_p, 1)
        and r.simulated.shape == (19, len(r.curves))
        and bool(np.all(r.curves["lower"] <= r.curves["upper"]))
        and in_range(r.effects["p"], 0, 1)
        and isinstance(r.clumps, bool)
        and ("points clump" in repr(r)) == r.clumps
    )


def mixture(z, r):
    k, rank = len(r.weights), r.axes.rank
    return (
        1 <= k <= 10
        and abs(r.weights.sum() - 1) < 1e-9
        and array(r.means, (k, rank), np.float64)
        and array(r.covariances, (k, rank, rank), np.float64)
        and 1 <= r.rounds <= 15
    )


def changed(z, r):
    cloud, moved = r
    kept = cloud[~moved] == z[~moved].astype(np.float32)
    some = max(round(0.5 * len(z)), 1)
    return vectors(0)(z, cloud) and bool(kept.all()) and np.count_nonzero(moved) == some


def probes(z, r):
    n = len(r.z)
    return (
        array(r.z, (n, z.shape[1]), np.float32)
        and array(r.d2, (n,), np.float64, 0)
        and array(r.distance, (n,), np.float64, 0)
    )


def graph(k):
    return lambda z, r: (
        r.costs.shape == (len(z),) * 2
        and in_range(r.costs.data, 0)
        and len(z) * k / 2 <= r.costs.nnz <= len(z) * k
    )


def report(z, r):
    shares = [name for name in r.table.index if "share" in name or "accuracy" in name]
    return (r.n, r.d) == z.shape and in_range(r.table.loc[shares, "measured"], 0, 1)


planes = lambda z, r: all(np.allclose(p.basis.T @ p.basis, np.eye(2)) for p in r.values())  # noqa: E731
in_the_plane = lambda z, r: array(r, (len(z), 2), np.float64)  # noqa: E731
as_z = lambda z, r: array(r, z.shape, np.float64)  # noqa: E731
each_point = lambda z, r: array(r, (len(z),), np.float64, 0)  # noqa: E731
yes_or_no = lambda z, r: array(r, (len(z),), bool)  # noqa: E731
direction = lambda z, r: r.shape == z.shape[1:] and abs(np.linalg.norm(r) - 1) < 1e-9  # noqa: E731
shares = lambda z, r: array(r, (2,), np.float64, 0, 1)  # noqa: E731

#: Label of a case -> whether a result is what the documentation says.
DOCUMENTED = {
    "Moments": moments,
    "PrincipalAxes": principal,
    "PrincipalAxes: D²": each_point,
    "PrincipalAxes: there and back": lambda z, r: (
        as_z(z, r) and np.allclose(r, z, rtol=0, atol=1e-9 * np.abs(z.astype(float)).max())
    ),
    "PrincipalAxes: whitened": as_z,
    "Densities": densities,
    "Densities: own width": densities,
    "describe_components": described,
    "dominant_components": lambda z, r: set(r["why"]) <= {"off-center", "wide", "off-center, wide"},
    "pearson": correlations,
    "spearman": correlations,
    "strongest_pairs": lambda z, r: (
        bool((r["i"] < r["j"]).all()) and bool((r["correlation"].abs().diff().dropna() <= 0).all())
    ),
    "seriate": lambda z, r: sorted(r) == list(range(z.shape[1])),
    "Ellipse": lambda z, r: array(r, (5, 2), np.float64) and np.allclose(r[0], r[-1]),
    "Ellipse: holds": yes_or_no,
    "ellipse": lambda z, r: r.radii[0] >= r.radii[1] > 0,
    "pair_ellipses": ellipses,
    "radii": each_point,
    "radii: from a center": lambda z, r: each_point(z, r) and r[0] == 0,
    "radius_density": lambda z, r: r.counts.sum() == len(z) == r.n and r.edges[-1] > 0,
    "uniform_shell": number(0),
    "matching_sd": number(0),
    "matching_bound": number(0),
    "squared_radius_by_component": lambda z, r: in_range(r, 0) and in_range(r["share"], 0, 1),
    "core_border: holds": yes_or_no,
    "core_border": core,
    "compare_radii": lambda z, r: in_range(r, 0) and in_range(r["in_core"], 0, 1) and len(r) == 5,
    "normality: figures": lambda z, r: in_range(r[:4], 0) and r[2] <= 1 and in_range(r[4], -1, 1),
    "normality: shapes": lambda z, r: len(r) == 12 and in_range(r[0::4] + r[1::4] + r[3::4], 0),
    "heldout_law": lambda z, r: r > 0,
    "normality_report": report,
    "Plane": in_the_plane,
    "Plane: lifted": vectors(0),
    "Plane: principal": in_the_plane,
    "path_planes": planes,
    "seed_planes": planes,
    "inject_filaments": changed,
    "inject_strings": changed,
    "fit_mixture": mixture,
    "Envelope": envelope,
    "global_envelope": envelope,
    "filament_test": filaments,
    "filament_test: plane": filaments,
    "dimension_scan": dimensions,
    "expected_count": lambda z, r: in_range(r, 0, len(z)),
    "side_for_count": number(0),
    "inside": yes_or_no,
    "poisson_field": lambda z, r: array(r, (len(z), 2), np.float64, -1, 1),
    "core_voids": lambda z, r: probes(z, r) and bool(np.all(np.diff(r.distance) <= 0)),
    "beside_points": lambda z, r: probes(z, r) and len(r.z) == 2,
    "segments": lambda z, r: array(r, (5, 9, z.shape[1]), np.float32),
    "cycle_error": each_point,
    "Path": lambda z, r: r == 8,
    "linear": path(8, "share"),
    "origin_to_center": path(6, "share"),
    "along_attribute": path(7, "sd"),
    "attribute_direction": direction,
    "attribute_direction: logistic": direction,
    "along_axis": path(7, "sd"),
    "between": path(6, "units of z"),
    "circle": path(8, "degrees"),
    "ends": lambda z, r: array(r, (2, 2), np.float64),
    "in_plane": path(6, "units of z"),
    "line_of": lambda z, r: -180 < r["angle"] <= 180 and r["length"] > 0,
    "along_ellipse": path(7, "sd"),
    "along_ellipse: conditional": path(7, "sd"),
    "core_section": lambda z, r: array(r, (5, 2), np.float64),
    "reach": lambda z, r: np.isnan(r).all() or r[0] <= r[1],
    "whitened_slerp": path(8, "share"),
    "neighbor_graph": graph(3),
    "NeighborGraph": graph(1),
    "densest": path(8, "share"),
    "samplers_for": lambda z, r: r in (9, 10),
    "draw_with": vectors(9),
    "draw_with: nothing": vectors(9),
    "shares_of": lambda z, r: bool((r["low"] <= r["mean"] + 1e-9 * r["high"].abs().max()).all()),
    "frechet_distance": number(0),
    "memorization": lambda z, r: in_range(r, 0) and r.closer <= 1,
    # Far off the origin another row than the copy may be taken for the nearest.
    "memorization: of copies": lambda z, r: (
        in_range(r, 0) and r.held_out <= 1e-6 * np.abs(z.astype(float)).max()
    ),
    "nearest_distance": lambda z, r: array(r, (40,), np.float64, 0),
    "precision_recall": lambda z, r: in_range(r, 0, 1),
    "picture_steps": lambda z, r: array(r, (len(z),), np.float64, 0, 1) and np.isnan(r[0]),
    "region_errors": lambda z, r: list(r.index) == [*"abc", "all"] and in_range(r, 0),
    "tsne": lambda z, r: array(r, (len(z), 2), np.float32),
    "place": lambda z, r: array(r, (3, 2), np.float32),
    "neighbors_kept": number(0, 1),
    "void_probability": number(0, 1),
    "neighbor_correlation": lambda z, r: array(r, (2,), np.float64, -1, 1),
    "normality: subsample": lambda z, r: array(r, (min(5, len(z)), z.shape[1]), np.float64),
    **{label: vectors(50) for label in CASES if label.startswith(("SAMPLERS", "SURROGATES"))},
}
