"""t-SNE maps: z-points, or their leading principal coordinates, embedded in two dimensions.

A map keeps neighbors, not distances nor densities; what it shows of voids it shows of a Gaussian,
too. Set it beside the same settings on a surrogate, and see `aelatent.latent.map_quality`.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Self

import numpy as np
from scipy import sparse

from aelatent import settings as places
from aelatent._checks import (
    check_each,
    check_enough,
    check_number,
    check_one_of,
    check_points,
    check_whole,
    chunks,
)
from aelatent._system import Bar
from aelatent.latent.neighbors import find_nearest, find_others
from aelatent.latent.principal import PrincipalAxes, check_rank

LEAST = 10  # points: with fewer there is nothing to arrange
THREADED = 2000  # points from which on several threads are worth their while
EVERY = 10  # iterations between two looks at the progress
NEAR = 25  # neighbors at whose median a new point starts (Poličar et al. 2021)
FALLING = 250  # iterations in which a new point finds its place
DRAWN_BY = 5  # z-points, effectively: so few that neighbors on a path can part


@dataclass(frozen=True)
class MapSettings:
    """Settings of a t-SNE map (van der Maaten & Hinton 2008)."""

    perplexity: float = 30  # effective number of neighbors that each point attends to, above 1
    exaggeration: float = 12  # factor of the attraction in the early iterations, at least 1
    # Step size in the unit of openTSNE (scikit-learn's is a quarter of it); None: number of points
    # / exaggeration (Belkina et al. 2019), at least 200.
    learning_rate: float | None = None
    start: str = "pca"  # two leading principal coordinates, or "random": a tiny Gaussian
    early: int = 250  # iterations with exaggeration
    iterations: int = 500  # and without
    momenta: tuple[float, float] = (0.8, 0.8)  # in early and later iterations, 0 to below 1
    axes: int | None = None  # principal coordinates to embed, at least 2; None: z as it is

    def __post_init__(self):
        for name, value in vars(self).items():  # numbers as JSON takes them
            if isinstance(value, np.generic):
                object.__setattr__(self, name, value.item())
        hint = "See PRESETS for settings that work."
        check_number("perplexity", self.perplexity, above=1, hint=hint)
        check_number("exaggeration", self.exaggeration, least=1, hint=hint)
        if self.learning_rate is not None:
            check_number("learning_rate", self.learning_rate, above=0, hint=hint)
        check_one_of("start", self.start, ("pca", "random"))
        check_whole("early", self.early, 0, hint=hint)
        check_whole("iterations", self.iterations, 0, hint=hint)
        object.__setattr__(self, "momenta", tuple(np.asarray(self.momenta).tolist()))
        if len(self.momenta) != 2 or not all(0 <= momentum < 1 for momentum in self.momenta):
            raise ValueError(
                f"momenta must be two numbers, 0 or more and below 1; got {self.momenta!r}. {hint}"
            )
        if self.axes is not None:
            check_whole("axes", self.axes, 2, hint=hint)

    def on_axes(self, axes: int | None) -> Self:
        """Return the same settings for that many leading principal coordinates, None for z."""
        return replace(self, axes=axes)

    def as_dict(self) -> dict:
        """Return the settings as JSON takes them: name -> value, `momenta` as a list."""
        return asdict(self) | {"momenta": list(self.momenta)}


_IN_2022 = MapSettings(
    learning_rate=800, start="random", iterations=750, momenta=(0.5, 0.8)
)  # scikit-learn's defaults until version 1.1; its learning rate of 200 is 800 in our unit. Unlike
# openTSNE it starts gains and momentum anew after the early iterations, which lowers the divergence
# by 1 to 2 %. Not imitated, for maps kept on disk under these settings would no longer be theirs.


#: Name -> settings: those of the posts (Curse II), and today's defaults of openTSNE.
PRESETS = {
    "seed-2022-first": replace(_IN_2022, perplexity=10, exaggeration=16),
    "seed-2022": _IN_2022,
    "today": MapSettings(),
}
SURROGATE = "multivariate normal"  # of notebook 06
#: Name -> settings of the maps of notebook 06, each made of z-points and of `SURROGATE`.
STORY = {
    "2 axes": _IN_2022.on_axes(2),
    "4 axes": _IN_2022.on_axes(4),
    "10 axes": _IN_2022.on_axes(10),
    "all axes, perplexity 10": PRESETS["seed-2022-first"],
    "all axes, of 2022": PRESETS["seed-2022"],
    "all axes, of today": PRESETS["today"],
}
POINTS = {"smoke": 300, "default": 20_000, "seed": 20_000}  # z-points of these maps, by scale
#: Those of each map at the posts' counts: they used more and more of their 170,000 z-points.
SEED_POINTS = dict.fromkeys(STORY, (165_000,)) | {
    "2 axes": (80_000, 165_000),
    "all axes, perplexity 10": (20_000,),
    "all axes, of 2022": (80_000, 165_000),
}
#: Maps whose voids are counted, and of what else they are made: surrogate, number of the draw.
COMPARED = ("2 axes", "10 axes", "all axes, of today")
DRAWS = ((None, 0), *((SURROGATE, k) for k in range(3)), ("elliptical", 0))


def story(total: int, rank: int, scale: str | None = None) -> dict[str, list[int]]:
    """Return the numbers of z-points of each map in `STORY` that has enough axes, ascending."""
    scale = places.scale(scale)
    counts = SEED_POINTS if scale == "seed" else dict.fromkeys(STORY, (POINTS[scale],))
    wide = [name for name, settings in STORY.items() if (settings.axes or 2) <= rank]
    return {name: sorted({min(n, total) for n in counts[name]}) for name in wide}


def compared(total: int, rank: int, scale: str | None = None) -> list[tuple]:
    """Return name, number of z-points, surrogate and draw of the maps whose voids are counted."""
    n = min(total, POINTS[places.scale(scale)])
    names = [name for name in COMPARED if name in story(total, rank, scale)]
    return [(name, n, *drawn) for name in names for drawn in DRAWS]


def named_settings(settings: str | MapSettings) -> MapSettings:
    """Return settings, or those of a preset by its name."""
    if isinstance(settings, MapSettings):
        return settings
    check_one_of("settings", settings, PRESETS)
    return PRESETS[settings]


@dataclass(frozen=True, eq=False)
class Map:
    """A t-SNE map and how it came about."""

    coordinates: np.ndarray  # float32 (n, 2), no unit; row i is row i of what was embedded
    settings: MapSettings  # what was asked for
    seed: int
    done: int  # iterations, early ones included; fewer than asked for where it was stopped
    divergence: float  # nats (Kullback-Leibler); NaN: stopped, or none (few points: below 0)
    seconds: float

    @property
    def complete(self) -> bool:
        """Whether all iterations were done."""
        return self.done == self.settings.early + self.settings.iterations


def tsne(
    z: np.ndarray,
    settings: str | MapSettings = "today",
    *,
    seed: int = 0,
    progress: bool = False,
    watch: Callable[[int, np.ndarray], None] | None = None,
) -> Map:
    """Embed z-points in two dimensions (van der Maaten & Hinton 2008).

    Neighbors are exact: in 256 components the usual approximate search misses about a fifth of
    them. Stopping (Ctrl-C) keeps what was reached. Maps of one seed agree on one machine; another
    number of cores may round differently, and t-SNE lets that grow.

    Parameters
    ----------
    settings : str or MapSettings
        A name in `PRESETS`, or settings.
    progress : bool
        Show a bar.
    watch : callable, optional
        Called after every tenth iteration with their number and a copy of the places reached,
        float32 (n, 2).

    Returns
    -------
    Map
        ``coordinates``, float32 (n, 2), row by row those of `z`, and how they came about.
    """
    settings = named_settings(settings)
    begun = time.perf_counter()
    embedded, start = _prepared(check_points(z), settings, seed)
    done, total = 0, settings.early + settings.iterations
    with Bar(total=total, desc="t-SNE", unit="iteration", disable=not progress) as bar:
        embedding = _embedding(embedded, start, settings.perplexity, seed)

        def reached(iterations: int) -> None:
            nonlocal done
            if watch is not None and iterations > done:
                watch(iterations, np.array(embedding, np.float32))
            bar.update(iterations - done)
            done = iterations

        try:
            _optimize(embedding, settings, reached)
            divergence = float(kl) if 0 <= (kl := embedding.kl_divergence) < np.inf else np.nan
        except KeyboardInterrupt:
            divergence = np.nan
    coordinates = np.asarray(embedding, np.float32)
    return Map(coordinates, settings, seed, done, divergence, time.perf_counter() - begun)


def _prepared(z: np.ndarray, settings: MapSettings, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what is to be embedded, float32 (n, k), and the first positions, float64 (n, 2)."""
    least = max(LEAST, int(settings.perplexity) + 2)
    what = f"a map of perplexity {settings.perplexity:g}"
    embedded = np.concatenate([part.astype(np.float32) for part in chunks(z)])
    hint = "Pass more rows that differ, or lower the perplexity."
    check_enough(len(np.unique(embedded, axis=0)), least, what, hint)
    start = np.random.default_rng(seed).normal(0, 1e-4, (len(z), 2))
    if settings.axes is not None or settings.start == "pca":
        principal = PrincipalAxes.fit(z)
        check_rank(principal, settings.axes or 2, "a map on as many axes")
        coordinates = principal.forward(z)
        if settings.axes is not None:
            embedded = coordinates[:, : settings.axes].astype(np.float32)
        if settings.start == "pca":
            start = coordinates[:, :2] * (1e-4 / coordinates[:, 0].std())
    return embedded, start


def _embedding(embedded: np.ndarray, start: np.ndarray, perplexity: float, seed: int):
    """Return openTSNE's embedding of points, float32 (n, k), as yet at its first positions."""
    from openTSNE import TSNEEmbedding  # half a second, for those who want no map
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    threads = -1 if len(embedded) >= THREADED else 1
    distances, rows = find_others(embedded, min(len(embedded) - 1, int(3 * perplexity)))
    affinities = PerplexityBasedNN(
        knn_index=PrecomputedNeighbors(rows, distances), perplexity=perplexity, n_jobs=threads
    )
    return TSNEEmbedding(start.copy(), affinities, random_state=seed, n_jobs=threads)


def _optimize(embedding, settings: MapSettings, reached: Callable[[int], None]) -> None:
    """Do the early and the later iterations in place, and tell how many have been `reached`."""
    begun = 0
    early = settings.early, settings.exaggeration, settings.momenta[0]
    later = settings.iterations, 1, settings.momenta[1]
    for iterations, exaggeration, momentum in (early, later):
        embedding.optimize(
            iterations, inplace=True, exaggeration=exaggeration, momentum=momentum,
            learning_rate=settings.learning_rate or max(len(embedding) / exaggeration, 200),
            callbacks=[lambda i, *_, begun=begun: reached(begun + i)], callbacks_every_iters=EVERY,
        )  # fmt: skip
        begun += iterations
        reached(begun)


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

    z, new = check_points(z), check_points(new, np.shape(z)[1])
    check_each("a row of z", z, len(made.coordinates), "points of the map")
    if made.settings.axes is not None:
        principal = PrincipalAxes.fit(z)
        z, new = (principal.forward(part)[:, : made.settings.axes] for part in (z, new))
    else:
        z, new = (np.concatenate(list(chunks(part))) for part in (z, new))
    distances, rows = find_nearest(z, new, min(len(z), NEAR))
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
