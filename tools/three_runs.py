"""Measure the same on several runs: ``python tools/three_runs.py NAME ...``; numbers, no pictures.

Writes ``data/three-runs.csv``, which notebook 10 shows. The runs' z-points must be there.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from aelatent import Run, score_conditions, settings
from aelatent._files import replacing
from aelatent.images import detect_faces
from aelatent.latent import CONDITIONS, PrincipalAxes, credits, heldout_law

RUNS = ("alignment-aligned", "alignment-free", "celeba-10k")


def share(found: np.ndarray) -> tuple[float, float, int]:
    """Return a share of pictures with a face, its standard error and their number."""
    rate = float(np.mean(found))
    return rate, np.sqrt(rate * (1 - rate) / len(found)), len(found)


def measured(run: Run, n: int, seed: int) -> dict[str, tuple[float, float, int]]:
    """Return name -> value, standard error (NaN: none), n (pictures, vectors or z-points)."""
    held = run.held_out
    axes = PrincipalAxes.fit(np.delete(run.z, held, axis=0))
    spread = axes.d2(run.z[held]).std(ddof=1) / heldout_law(axes.n, axes.rank).std()
    origin = axes.whiten(np.zeros((1, len(axes.mean))))[0] ** 2
    narrow = origin[-20:].sum() / origin.sum()
    wide = np.searchsorted(axes.explained.cumsum(), 0.9) + 1
    tried = score_conditions(run, n=n, seed=seed)["face"]
    gains = credits(tried, seed=seed)
    some = np.random.default_rng(seed).permutation(held)[:n]
    (center,) = detect_faces(run.decode(axes.mean[None].astype(np.float32)))
    return {
        "faces: originals": share(detect_faces(run.store.images[some])),
        "faces: reconstructions": share(detect_faces(run.decode(run.z[some]))),
        "faces: multivariate normal": share(tried["center + spread + correlation"]),
        "faces: N(0, I)": share(tried["nothing"]),
        "face at the center": (float(center), np.nan, 1),
        **{f"credit: {c}": (*gains.loc[c, ["mean", "mean error"]], n) for c in CONDITIONS},
        "spread of D² over its law": (spread, np.nan, len(held)),
        "origin's D² from the 20 narrowest axes": (narrow, np.nan, axes.n),
        "axes for 90 % of the variance": (float(wide), np.nan, axes.n),
    }


def main() -> None:
    """Measure, write and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="*", default=RUNS)
    parser.add_argument("--n", type=int, default=400, help="vectors judged (400)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=settings.SHIPPED / "three-runs.csv")
    o = parser.parse_args()
    rows = []
    for run in o.runs:
        found = measured(Run.open(run), o.n, o.seed)
        rows += [(run, what, *values, o.seed) for what, values in found.items()]
    table = pd.DataFrame(rows, columns=["run", "quantity", "value", "error", "n", "seed"])
    with replacing(o.out) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n", float_format="%.6g")
    print(table.to_string())


if __name__ == "__main__":
    main()
