"""Scores on a run: which sampler's vectors decode to faces, what they need, how a path does."""

import logging
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pandas as pd

from aelatent._checks import check_points, check_whole
from aelatent._system import Bar
from aelatent.images.detector import detect_faces
from aelatent.latent.conditions import COMBINATION_NAMES, COMBINATIONS, draw_with
from aelatent.latent.core import HeldOutCore
from aelatent.latent.neighbors import nearest_distance
from aelatent.latent.paths import LatentPath
from aelatent.latent.samplers import samplers_for
from aelatent.latent.scores import (
    cycle_error,
    frechet_distance,
    frechet_error,
    precision_recall,
    resampled,
    sharpness,
)
from aelatent.runs import Run

log = logging.getLogger("aelatent")
LEVEL = 0.95  # share of the test rows in the core
_BATCH = 256  # vectors decoded at a time: 28 MB of pictures

Sampler = Callable[[np.ndarray, int, int], np.ndarray]


def path_scores(
    run: Run, path: LatentPath | np.ndarray, core: HeldOutCore | None = None
) -> tuple[np.ndarray, pd.DataFrame]:
    """Decode a path and score each of its points.

    Parameters
    ----------
    run : Run
        With z-points.
    path : aelatent.latent.LatentPath, or float (n, d)
        In the run's latent space.
    core : HeldOutCore, optional
        Gives D² and the core; default: that of the run, `Run.core`.

    Returns
    -------
    float32 (n, size, size, 3), pandas.DataFrame
        The decoded pictures in 0..1; a row per point with ``d2``, ``in_core`` (bool),
        ``cycle_error``, ``cycle_error_whitened`` (every axis in its own standard deviation),
        ``face`` (bool, by `detect_faces`) and ``sharpness`` (mean
        change from a pixel to the next, gray levels of 255).
    """
    z = path.z if isinstance(path, LatentPath) else check_points(path, run.config.z_dim)
    images = run.decode(z)
    scores = _scores(run, core or run.core, z, images)
    scores.index = pd.RangeIndex(1, len(images) + 1, name="point")
    return images, scores.assign(sharpness=sharpness(images))


def scoreboard(
    run: Run,
    samplers: Mapping[str, Sampler] | None = None,
    n: int = 400,
    seed: int = 0,
    *,
    n_frechet: int = 2000,
    judge: Run | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Score samplers of latent vectors beside pictures and their reconstructions.

    Interrupted, it returns the rows that are done.

    Parameters
    ----------
    run : Run
        With at least 4 (d + 1) z-points.
    samplers : mapping of str to sampler, optional
        Each ``(z, n, seed)`` to float (n, d); default: `samplers_for` the rows they are fitted to.
    n : int
        Vectors for the face detector and the cycle, at least 1; no more than compared as a set.
    n_frechet : int
        Vectors to compare as a set, more than d; at most a quarter of the rows are taken. The
        Fréchet distance falls with it: compare at equal n only.
    judge : Run, optional
        Default: the run ``NAME-judge``; where there is none, the columns that need it are NaN.

    Returns
    -------
    pandas.DataFrame
        Index ``vectors``: ``originals`` (the test pictures), ``reconstructions`` (what their
        z-points decode to), then the samplers. Columns:

        - ``faces``: share in which the detector finds a face; it rewards bland averages, so read
          it beside that of the originals, and with the next columns;
        - ``cycle_error`` (in spreads of the cloud), ``d2``: medians; ``in_core``: share below the
          held-out border of D²;
        - ``frechet``: Fréchet distance to the reference pictures; ``originals`` is the zero line;
        - ``frechet_decoded``, ``precision``, ``recall``: against *decoded* reference pictures,
          which leaves out what the Decoder blurs; ``reconstructions`` is the zero line, or of the
          last two the same-law baseline;
        - ``nearest``: median distance to the nearest z-point that the samplers saw, over that of
          unseen z-points: near 0 for copies, somewhat below 1 for what stays near the center;
        - ``faces error``, ``cycle_error error``, ``frechet_decoded error``: standard errors that
          come from the draws; the first not 0 even where all n show a face.

        ``attrs``: ``n``, ``n_frechet``, ``seed``, ``judge``, ``fitted`` (rows), ``border`` (of D²).

    Notes
    -----
    The rows are split at random into *reference* and *test*, of `n_frechet` rows each, and the
    rest, to which samplers are fitted. D² has mean and covariance of the reference and its core
    ends at the 95 % quantile of the test rows, so that it knows nothing that a sampler saw.
    Features are latent vectors of a second autoencoder, the judge: in the run's own ones a
    Gaussian draw would have the right mean and covariance by construction. Most rows, those of
    the test among them, took part in the training of the run. The shipped judge, trained on
    portraits of another seed, has seen none of them; a judge trained on the run's own store, as is
    advised where there is none, has seen most.

    Examples
    --------
    >>> scoreboard(Run.open("portraits"), n=100)[["faces", "cycle_error"]]   # doctest: +SKIP
    """
    d = run.config.z_dim
    check_whole("n", n, 1)
    check_whole("n_frechet", n_frechet, d + 1)
    judge = _judge_of(run) if judge is None else judge
    if judge is not None and judge.config.size != run.config.size:
        raise ValueError(
            f"judge {judge.name!r} takes pictures of {judge.config.size} pixels, run {run.name!r} "
            f"makes them of {run.config.size}. Train a judge on the same store."
        )
    m = min(n_frechet, len(run.z) // 4)
    if m <= d:
        raise ValueError(
            f"a scoreboard in {d} components needs more than {4 * d + 3} z-points; run "
            f"{run.name!r} has {len(run.z)}. Take more pictures, or train with a smaller --z-dim."
        )
    order = np.random.default_rng(seed).permutation(len(run.z))
    reference, test, fitted = np.split(order, [m, 2 * m])  # test rows stay in random order
    board = _Board(run, judge, min(n, m), np.sort(reference), test, run.z[np.sort(fitted)])
    rows = {
        "originals": lambda: board.of_pictures(run.store.images[test]),
        "reconstructions": lambda: board.of_vectors(run.z[test]),
    }
    for name, sampler in (samplers_for(board.seen) if samplers is None else samplers).items():
        if name in rows:
            raise ValueError(f"a sampler cannot be called {name!r}, a zero line; rename it.")
        rows[name] = lambda name=name, sampler=sampler: board.of_vectors(
            _drawn(name, sampler(board.seen, m, seed), (m, d))
        )
    found = {}
    try:
        for name in (bar := Bar(rows, disable=not progress)):
            bar.set_description(name)
            found[name] = rows[name]()
    except KeyboardInterrupt:
        log.warning("scoreboard stopped: %d of %d rows are done.", len(found), len(rows))
    table = pd.DataFrame.from_dict(found, "index", columns=_COLUMNS).rename_axis("vectors")
    likely = (board.n * table["faces"] + 1) / (board.n + 2)  # Laplace's rule: never 0 or 1
    table["faces error"] = np.sqrt(likely * (1 - likely) / board.n)
    if "reconstructions" in table.index:
        table["nearest"] /= table.loc["reconstructions", "nearest"]
    table.attrs = {"n": board.n, "n_frechet": m, "seed": seed, "fitted": len(fitted)}
    table.attrs |= {"judge": judge.name if judge else None, "border": board.core.border}
    return table


_COLUMNS = "faces cycle_error d2 in_core frechet frechet_decoded precision recall nearest".split()
_COLUMNS += ["faces error", "cycle_error error", "frechet_decoded error"]


class _Board:
    """What the rows of a scoreboard are measured against."""

    def __init__(self, run, judge, n, reference, test, seen):
        self.run, self.judge, self.n, self.seen = run, judge, n, seen
        self.core = HeldOutCore.of(run.z, reference, test, LEVEL)
        if judge:
            self.pictures = judge.encode(run.store.images[reference])
            decoded = _decoded(run, run.z[reference])
            self.decoded = np.concatenate([judge.encode(images) for _, images in decoded])

    def of_pictures(self, images: np.ndarray) -> dict[str, float]:
        row = {"faces": detect_faces(images[: self.n]).mean()}
        if self.judge:
            row["frechet"] = frechet_distance(self.pictures, self.judge.encode(images))
        return row

    def of_vectors(self, z: np.ndarray) -> dict[str, float]:
        """Score the first n latent vectors one by one, and all of them as a set."""
        scores, features = [], []
        for start, (part, images) in enumerate(_decoded(self.run, z)):
            left = max(self.n - start * _BATCH, 0)
            if left:
                scores.append(_scores(self.run, self.core, part[:left], images[:left]))
            if self.judge:
                features.append(self.judge.encode(images))
        scores = pd.concat(scores)
        cycle = scores[["cycle_error"]].to_numpy()
        row = {
            "faces": scores["face"].mean(),
            **scores[["cycle_error", "d2"]].median(),
            "cycle_error error": resampled(cycle, np.median, 200, 0).std(ddof=1),
            "in_core": scores["in_core"].mean(),
            "nearest": np.median(nearest_distance(z, self.seen)),
        }
        if self.judge:
            features = np.concatenate(features)
            row["frechet"] = frechet_distance(self.pictures, features)
            row["frechet_decoded"] = frechet_distance(self.decoded, features)
            row["frechet_decoded error"] = frechet_error(self.decoded, features)
            row["precision"], row["recall"] = precision_recall(self.decoded, features)
        return row


def score_conditions(
    run: Run, n: int = 400, seed: int = 0, *, core: HeldOutCore | None = None, progress: bool = True
) -> pd.DataFrame:
    """Score vectors that keep each combination of four conditions of the z-points.

    A full factorial design of `aelatent.latent.conditions`: from N(0, I), which keeps nothing, to
    center, spread, correlations and radius all kept. All 16 start from the same draws.
    Interrupted, it returns the combinations that are done.

    Parameters
    ----------
    run : Run
        With z-points.
    core : HeldOutCore, optional
        Gives D²; default: that of the run, `Run.core`.

    Returns
    -------
    pandas.DataFrame
        A row per draw, which is the same in all combinations. Columns have two levels: ``face``
        (bool), ``cycle_error``, ``cycle_error_whitened`` (every axis in its own standard
        deviation), ``d2`` and ``in_core``; then the combination, "nothing" to "center + spread +
        correlation + radius". So ``scores["face"].mean()`` are shares, and
        ``latent.credits(scores["face"])`` says what each condition brings.
    """
    check_whole("n", n, 1)
    core = core or run.core
    found = {}
    try:
        named = list(zip(COMBINATION_NAMES, COMBINATIONS, strict=True))
        for name, keep in Bar(named, desc="conditions", disable=not progress):
            z = draw_with(run.z, n, seed, keep=keep)
            parts = [_scores(run, core, *part) for part in _decoded(run, z)]
            found[name] = pd.concat(parts, ignore_index=True)
    except KeyboardInterrupt:
        log.warning("stopped: %d of %d combinations are done.", len(found), len(COMBINATIONS))
    return pd.concat(found, axis=1, names=["kept", "score"]).swaplevel(axis=1)


def _drawn(name: str, z: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return a sampler's draws, refused unless they are finite vectors, as many as asked for."""
    z = np.asarray(z)
    if z.shape != shape or not np.issubdtype(z.dtype, np.number) or not np.isfinite(z).all():
        raise ValueError(
            f"sampler {name!r} must return finite numbers of shape {shape}; got {z.dtype} of shape "
            f"{z.shape}{', not all finite' if z.shape == shape else ''}. It is called (z, n, seed)."
        )
    return z.astype(np.float32)


def _decoded(run: Run, z: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield latent vectors and what they decode to, a batch at a time."""
    for start in range(0, len(z), _BATCH):
        part = z[start : start + _BATCH]
        yield part, run.decode(part)


def _scores(run: Run, core: HeldOutCore, z: np.ndarray, images: np.ndarray) -> pd.DataFrame:
    """Score latent vectors and what they decode to, a row each."""
    axes, again = core.axes, run.encode(images)
    scores = pd.DataFrame({"d2": axes.d2(z)})
    scores["in_core"] = scores["d2"] <= core.border
    scores["cycle_error"] = cycle_error(z, again, run.axes.spread)
    white = (axes.whiten(vectors) for vectors in (z, again))
    scores["cycle_error_whitened"] = cycle_error(*white, np.sqrt(axes.rank))
    scores["face"] = detect_faces(images)
    return scores


def _judge_of(run: Run) -> Run | None:
    """Open the run that judges pictures of this one, or say how to train it."""
    name = f"{run.name}-judge"
    try:
        return Run.open(name, data=run.path.parents[1])
    except FileNotFoundError:
        log.warning(
            f"no run {name!r}: the scoreboard goes without Fréchet distance, precision and recall. "
            f"Train it with `aelatent train {name} --store {run.store.name} --filters 8 16 32 64 "
            "--z-dim 128 --seed 1`."
        )
        return None
