"""New latent vectors in an existing t-SNE map, so that a path can be drawn through it."""

import numpy as np
from scipy import sparse

from aelatent._checks import chunks, points
from aelatent.latent.maps import Map, exact_neighbors
from aelatent.latent.principal import PrincipalAxes

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

    z, new = points(z), points(new, np.shape(z)[1])
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
