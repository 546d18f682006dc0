"""t-SNE maps: z-points, or their leading principal coordinates, embedded in two dimensions.

A map keeps neighbors, not distances nor densities; what it shows of voids it shows of a Gaussian,
too. Set it beside the same settings on a surrogate, and see `aelatent.latent.map_quality`.
"""

import time
from dataclasses import asdict, dataclass, replace
from typing import Self

import numpy as np
from scipy import sparse
from tqdm.auto import tqdm

from aelatent._checks import check_points, chunks
from aelatent.latent.principal import PrincipalAxes

LEAST = 10  # points: with fewer there is nothing to arrange
THREADED = 2000  # points from which on several threads are worth their while
EVERY = 10  # iterations between two looks at the progress


@dataclass(frozen=True)
class MapSettings:
    """Settings of a t-SNE map (van der Maaten & Hinton 2008).

    Attributes
    ----------
    perplexity : float
        Effective number of neighbors that each point attends to, above 1.
    exaggeration : float
        Factor of the attraction in the early iterations, at least 1.
    learning_rate : float or None
        Step size in the unit of openTSNE (scikit-learn's is a quarter of it); None: number of
        points / exaggeration (Belkina et al. 2019), at least 200.
    start : {"pca", "random"}
        First positions: two leading principal coordinates, or a tiny Gaussian.
    early, iterations : int
        Iterations with and without exaggeration.
    momenta : tuple of float
        Momentum in the early and the later iterations, 0 to below 1.
    axes : int or None
        Leading principal coordinates to embed, at least 2; None: the z-points as they are.
    """

    perplexity: float = 30
    exaggeration: float = 12
    learning_rate: float | None = None
    start: str = "pca"
    early: int = 250
    iterations: int = 500
    momenta: tuple[float, float] = (0.8, 0.8)
    axes: int | None = None

    def __post_init__(self):
        object.__setattr__(self, "momenta", tuple(self.momenta))
        whole = all(isinstance(i, int) for i in (self.early, self.iterations, self.axes or 1))
        usable = {
            "perplexity must be above 1": 1 < self.perplexity < np.inf,
            "exaggeration must be at least 1": 1 <= self.exaggeration < np.inf,
            "learning_rate must be above 0, or None": self.learning_rate is None
            or 0 < self.learning_rate < np.inf,
            "start must be 'pca' or 'random'": self.start in ("pca", "random"),
            "early, iterations and axes must be whole numbers": whole,
            "early and iterations must be 0 or more": whole
            and min(self.early, self.iterations) >= 0,
            "axes must be 2 or more, or None": self.axes is None or (whole and self.axes >= 2),
            "momenta must be two numbers in 0..1": len(self.momenta) == 2
            and all(0 <= m < 1 for m in self.momenta),
        }
        for rule, kept in usable.items():
            if not kept:
                raise ValueError(f"{rule}; got {self!r}. See PRESETS for settings that work.")

    def on_axes(self, axes: int | None) -> Self:
        """Return the same settings for that many leading principal coordinates, None for z."""
        return replace(self, axes=axes)

    def as_dict(self) -> dict:
        """Return the settings as JSON takes them: name -> value, `momenta` as a list."""
        return asdict(self) | {"momenta": list(self.momenta)}


_IN_2022 = MapSettings(
    learning_rate=800, start="random", iterations=750, momenta=(0.5, 0.8)
)  # scikit-learn's defaults until version 1.1; its learning rate of 200 is 800 in our unit


#: Name -> settings: those of the blog (Curse II), and today's defaults of openTSNE.
PRESETS = {
    "seed-2022-first": replace(_IN_2022, perplexity=10, exaggeration=16),
    "seed-2022": _IN_2022,
    "today": MapSettings(),
}


@dataclass(frozen=True, eq=False)
class Map:
    """A t-SNE map and how it came about."""

    coordinates: np.ndarray  # float32 (n, 2), no unit; row i is row i of what was embedded
    settings: MapSettings  # what was asked for
    seed: int
    done: int  # iterations, early ones included; fewer than asked for where it was stopped
    divergence: float  # Kullback-Leibler divergence reached, nats; NaN where it was stopped
    seconds: float
    engine: str = "openTSNE"  # or "scikit-learn"

    @property
    def complete(self) -> bool:
        """Whether all iterations were done."""
        return self.done == self.settings.early + self.settings.iterations


def named_settings(settings: str | MapSettings) -> MapSettings:
    """Return settings, or those of a preset by its name."""
    if isinstance(settings, MapSettings):
        return settings
    if settings not in PRESETS:
        raise ValueError(f"settings must be one of {', '.join(PRESETS)}; got {settings!r}.")
    return PRESETS[settings]


def tsne(
    z: np.ndarray,
    settings: str | MapSettings = "today",
    *,
    seed: int = 0,
    engine: str = "openTSNE",
    progress: bool = False,
) -> Map:
    """Embed z-points in two dimensions (van der Maaten & Hinton 2008).

    Neighbors are exact: in 256 components the usual approximate search misses about a fifth of
    them. Stopping (Ctrl-C) keeps what was reached. With openTSNE maps of one seed agree on one
    machine; another number of cores may round differently, and t-SNE lets that grow.

    Parameters
    ----------
    settings : str or MapSettings
        A name in `PRESETS`, or settings.
    engine : {"openTSNE", "scikit-learn"}
        What computes it. scikit-learn is there to compare with: its momenta are 0.5 and 0.8
        whatever is asked for, it shows no bar, and stopping it leaves nothing.
    progress : bool
        Show a bar.

    Returns
    -------
    Map
        ``coordinates``, float32 (n, 2), row by row those of `z`, and how they came about.
    """
    settings = named_settings(settings)
    if engine not in ("openTSNE", "scikit-learn"):
        raise ValueError(f"engine must be 'openTSNE' or 'scikit-learn'; got {engine!r}.")
    begun = time.perf_counter()
    embedded, start = _prepared(z, settings, seed)
    compute = _with_opentsne if engine == "openTSNE" else _with_scikit_learn
    coordinates, done, divergence = compute(embedded, start, settings, seed, progress)
    coordinates = np.asarray(coordinates, np.float32)
    spent = time.perf_counter() - begun
    return Map(coordinates, settings, seed, done, float(divergence), spent, engine)


def _prepared(z, settings, seed):
    """Return what is to be embedded, float32 (n, k), and the first positions, float64 (n, 2)."""
    z = check_points(z)
    least = max(LEAST, int(settings.perplexity) + 2)
    if len(z) < least:
        raise ValueError(
            f"expected at least {least} z-points for a map of perplexity {settings.perplexity:g}; "
            f"got {len(z)}. Pass more rows, or settings with a smaller perplexity."
        )
    embedded = np.concatenate([part.astype(np.float32) for part in chunks(z)])
    rng = np.random.default_rng(seed)
    start = rng.normal(0, 1e-4, (len(z), 2))
    if settings.axes is not None or settings.start == "pca":
        principal = PrincipalAxes.fit(z)
        if (settings.axes or 2) > principal.rank:
            raise ValueError(
                f"expected z-points that vary along at least {settings.axes or 2} axes; got "
                f"{principal.rank}. Ask for fewer axes."
            )
        coordinates = principal.forward(z)
        if settings.axes is not None:
            embedded = coordinates[:, : settings.axes].astype(np.float32)
        if settings.start == "pca":
            start = coordinates[:, :2] * (1e-4 / coordinates[:, 0].std())
    return embedded, start


def _with_opentsne(embedded, start, settings, seed, progress):
    from openTSNE import TSNEEmbedding  # half a second, for those who want no map
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    from aelatent.latent.neighbors import exact_neighbors  # two seconds, as above

    total = settings.early + settings.iterations
    with tqdm(total=total, desc="t-SNE", unit="iteration", disable=not progress) as bar:
        threads = -1 if len(embedded) >= THREADED else 1
        count = min(len(embedded) - 1, int(3 * settings.perplexity))
        distances, rows = exact_neighbors(embedded, count)
        affinities = PerplexityBasedNN(
            knn_index=PrecomputedNeighbors(rows, distances),
            perplexity=settings.perplexity,
            n_jobs=threads,
        )
        embedding = TSNEEmbedding(start.copy(), affinities, random_state=seed, n_jobs=threads)
        phases = zip(
            (settings.early, settings.iterations),
            (settings.exaggeration, 1),
            settings.momenta,
            strict=True,
        )
        done = reached = 0  # iterations up to the phase at work, and up to the last look

        def look(iteration, *_):
            nonlocal reached
            bar.update(done + iteration - reached)
            reached = done + iteration

        try:
            for iterations, exaggeration, momentum in phases:
                embedding.optimize(
                    iterations,
                    inplace=True,
                    exaggeration=exaggeration,
                    momentum=momentum,
                    learning_rate=_step(settings, len(start), exaggeration),
                    callbacks=[look],
                    callbacks_every_iters=EVERY,
                )
                done += iterations
                bar.update(done - reached)
                reached = done
        except KeyboardInterrupt:
            return embedding, reached, np.nan
    return embedding, done, embedding.kl_divergence


def _step(settings, n, exaggeration):
    return settings.learning_rate or max(n / exaggeration, 200)


def _with_scikit_learn(embedded, start, settings, seed, progress):
    if settings.early != 250:
        raise ValueError(
            f"scikit-learn always does 250 early iterations; got early={settings.early}. "
            "Ask for 250, or use openTSNE."
        )
    from sklearn.manifold import TSNE  # a second, for those who want no comparison

    total = settings.early + settings.iterations
    model = TSNE(
        perplexity=settings.perplexity,
        early_exaggeration=settings.exaggeration,
        learning_rate=_step(settings, len(start), settings.exaggeration) / 4,
        max_iter=total,
        n_iter_without_progress=total,
        init=start.astype(np.float32),
        random_state=seed,
        n_jobs=-1,
    )
    coordinates = model.fit_transform(embedded)
    return coordinates, model.n_iter_ + 1, model.kl_divergence_


NEAR = 25  # neighbors at whose median a new point starts (Poličar et al. 2021)
FALLING = 250  # iterations in which a new point finds its place
DRAWN_BY = 5  # z-points, effectively: so few that neighbors on a path can part


def place(made: Map, z: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Give new latent vectors their places in an existing map, which stays as it is.

    A vector far from all z-points gets a place, too: the map cannot show that it is far. Each
    starts at the median of its nearest z-points and is then drawn by them alone (Poličar, Stražar &
    Zupan 2021, *Embedding to reference t-SNE space*).

    Parameters
    ----------
    made : Map
        Of all the z-points `z`, in their order.
    z, new : float (n, d), (m, d)
        The z-points that the map was made of, and latent vectors, for instance along a path.

    Returns
    -------
    float32 (m, 2)
        Places on the map; they have no unit.
    """
    from openTSNE import PartialTSNEEmbedding, TSNEEmbedding
    from openTSNE.affinity import Affinities, joint_probabilities_nn

    from aelatent.latent.neighbors import exact_neighbors

    z, new = check_points(z), check_points(new, np.shape(z)[1])
    if len(z) != len(made.coordinates):
        raise ValueError(
            f"the map has {len(made.coordinates):,} points, z has {len(z):,}. Pass the z-points "
            "that the map was made of."
        )
    if made.settings.axes is not None:
        principal = PrincipalAxes.fit(z)
        z, new = (principal.forward(part)[:, : made.settings.axes] for part in (z, new))
    else:
        z, new = (np.concatenate(list(chunks(part))) for part in (z, new))
    count = min(len(z), NEAR)
    distances, rows = exact_neighbors(z, count, new)
    attraction = joint_probabilities_nn(
        rows, distances, [DRAWN_BY], symmetrize=False, normalization="point-wise",
        n_reference_samples=len(z),
    )  # fmt: skip
    middle = made.coordinates.mean(axis=0, dtype=float)
    among_old = Affinities()
    among_old.P = sparse.csr_array((len(z), len(z)))  # the old points do not move
    reference = TSNEEmbedding(made.coordinates - middle, among_old)
    begin = np.median(np.asarray(reference)[rows], axis=1)
    placed = PartialTSNEEmbedding(begin, reference, P=attraction)
    placed.optimize(
        FALLING, inplace=True, learning_rate=0.1, exaggeration=1.5, momentum=0.8,
        max_grad_norm=0.25, negative_gradient_method="bh",
    )  # fmt: skip
    return (np.asarray(placed) + middle).astype(np.float32)
