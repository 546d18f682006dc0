"""Draw the pictures of README from the run that ships: ``python docs/figures.py``.

They hold drawn portraits and what the Decoder makes of them; nothing else is shown.
"""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

import aelatent
from aelatent import kept, plots, portraits
from aelatent.latent import (
    Moments,
    PrincipalAxes,
    along_ellipse,
    pearson,
    strongest_pairs,
    whitened_slerp,
)

OUT = Path(__file__).parent / "images"
SEED, COUNT = 3, 8
SHEET = 6, 12  # rows and columns of the contact sheet


def save(figure: Figure, name: str) -> None:
    """Write one picture, without the date that would change it on every call."""
    figure.savefig(OUT / name, dpi=100, metadata={"Software": None}, facecolor="white")
    print(f"{OUT.name}/{name}: {(OUT / name).stat().st_size / 1000:.0f} kB")


def contact_sheet() -> None:
    """Write the first portraits of a seed, without choosing."""
    rows, columns = SHEET
    drawn = portraits.draw(portraits.sample_factors(rows * columns, SEED))
    sheet = drawn.reshape(rows, columns, *drawn.shape[1:]).swapaxes(1, 2)
    sheet = sheet.reshape(rows * drawn.shape[1], -1, 3)
    path = OUT / "portraits.jpg"
    Image.fromarray(sheet).save(path, quality=88)
    print(f"{OUT.name}/{path.name}: {path.stat().st_size / 1000:.0f} kB")


def two_maps(run) -> None:
    """Draw the map of two principal axes, and with the same settings that of a Gaussian."""
    settings = kept.STORY["2 axes"]
    pair = [
        aelatent.map_of(run, settings, n=20_000, surrogate=of).coordinates
        for of in (None, kept.SURROGATE)
    ]
    figure = Figure(figsize=(9.6, 5.1), layout="constrained")
    maps = dict(zip(("z-points", kept.SURROGATE), pair, strict=True))
    plots.map_panels(maps, voids=True, axes=figure.subplots(1, 2))
    save(figure, "maps.png")


def paths(run) -> None:
    """Draw a path that leaves all other components behind, one that takes them along, a turn."""
    z = run.z
    i, j = strongest_pairs(pearson(Moments.of(z)), 1)[["i", "j"]].iloc[0].astype(int)
    start, end = np.random.default_rng(SEED).choice(run.held_out, 2, replace=False)
    reached = {"reach": 4, "n": 9}
    strips = {
        "two correlated components move, all others stay": along_ellipse(z, i, j, **reached),
        "the same two move, the others follow": along_ellipse(
            z, i, j, others="conditional", **reached
        ),
        "from one portrait to another": whitened_slerp(PrincipalAxes.fit(z), z[start], z[end], n=9),
    }
    figure = Figure(figsize=(9.6, 4.2), layout="constrained")
    for ax, (title, path) in zip(figure.subplots(len(strips)), strips.items(), strict=True):
        plots.film_strip(run.decode(path.z), title=title, ax=ax)
    save(figure, "paths.png")


def main() -> None:
    """Draw them all."""
    OUT.mkdir(exist_ok=True)
    contact_sheet()
    run = aelatent.prepare("portraits", "default")
    two_maps(run)
    paths(run)
    rng = np.random.default_rng(SEED)
    principal = PrincipalAxes.fit(run.z)
    rows = np.sort(rng.choice(run.held_out, COUNT, replace=False))
    ladder = {
        "portraits that the training did not see": run.store.images[rows],
        "decoded from their z-points": run.decode(run.z[rows]),
        "decoded from random vectors, each component N(0, 1)": run.decode(
            rng.standard_normal((COUNT, run.config.z_dim))
        ),
        "decoded from random vectors with the mean and covariance of the z-points": run.decode(
            principal.unwhiten(rng.standard_normal((COUNT, principal.rank)))
        ),
    }
    figure = Figure(figsize=(9.6, 6.2), layout="constrained")
    for ax, (title, images) in zip(figure.subplots(len(ladder)), ladder.items(), strict=True):
        plots.film_strip(images, title=title, ax=ax)
    save(figure, "random-vectors.png")

    figure = Figure(figsize=(8.0, 5.0), layout="constrained")
    steps = np.linspace(-3, 3, 7)
    for axis, ax in enumerate(figure.subplots(3)):
        stops = np.zeros((len(steps), principal.rank))
        stops[:, axis] = steps
        labels = [f"{step:+.2g} sd" if step else "center" for step in steps]
        faces = run.decode(principal.unwhiten(stops))
        plots.film_strip(faces, labels=labels, title=f"along PC {axis + 1}", ax=ax)
    save(figure, "principal-axes.png")


if __name__ == "__main__":
    main()
