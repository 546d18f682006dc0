"""How well a run redraws pictures: error and face detector, on its held-out pictures.

    python tests/benchmarks/reconstruction.py --run celeba-10k [--n 400] [--sheet sheet.png]

Prints the mean squared error (pixels in 0..1) over all held-out pictures, beside that of the mean
picture, and the detector's rate on originals and reconstructions of n held-out and n training
pictures (the first n of each, in the order of the store). ``--sheet`` writes pairs to look at:
of CelebA, for your own eyes only.
"""

import argparse

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib.figure import Figure

from aelatent import Run, plots
from aelatent.images import detect_faces


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", default="portraits")
    parser.add_argument("--n", type=int, default=400)
    parser.add_argument("--sheet")
    arguments = parser.parse_args()
    run = Run.open(arguments.run)
    images, held = run.store.images, run.held_out
    training = np.setdiff1d(np.arange(len(images)), held)
    mean_picture = images[training[::10]].mean(axis=0) / 255
    plain = np.mean((images[held] / 255 - mean_picture) ** 2)
    errors = run.errors(images[held])
    print(f"{run!r}")
    print(f"mean squared error: {errors.mean():.5f} (n = {len(held)}), mean picture {plain:.5f}")
    for name, rows in (("held-out", held[: arguments.n]), ("training", training[: arguments.n])):
        originals = detect_faces(images[rows]).mean()
        decoded = detect_faces(run.decode(run.z[rows])).mean()
        print(f"faces found, {name}: originals {originals:.3f}, decoded {decoded:.3f}", end="")
        print(f" (n = {len(rows)})")
    if arguments.sheet:
        figure = Figure(figsize=(16, 10), layout="constrained")
        for part, ax in zip(np.split(held[:48], 3), figure.subplots(3), strict=True):
            plots.before_after(images[part], run.decode(run.z[part]), ax=ax)
        figure.savefig(arguments.sheet, dpi=100)


if __name__ == "__main__":
    main()
