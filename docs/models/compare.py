"""Set clouds of z-points side by side: ``python docs/models/compare.py plain vae --out t.csv``.

A column per run: the cloud's shape, whether it is normal, whether it clumps, how many decoded draws
show a face (missing where a run has no Decoder).
"""

import argparse

import numpy as np
import pandas as pd

from aelatent import NoDecoder, Run, latent
from aelatent.images import detect_faces
from aelatent.latent.normality_tests import two_sample_accuracy

FACES = "standard normal", "multivariate normal"


def measured(run: Run, n: int, draws: int) -> dict[str, float]:
    """Return the figures of one run, seed 0."""
    z = np.asarray(run.z)
    report = latent.normality_report(z, test=False).table["measured"]
    told = two_sample_accuracy(z, run.axes).loc["neural network", "accuracy"]
    scale = max(0.1, np.ceil(100 * 3 * np.sqrt(np.pi / (0.6 * len(z)))) / 100)  # the least there is
    planes = latent.seed_planes(run.axes, run.described)
    test = latent.filament_test(z, planes, scale=scale, draws=draws)
    found = {
        "n": len(z),
        "z_dim": z.shape[1],
        "mean length of z": latent.radii(z).mean(),
        "center, in widths a component": np.sqrt(np.mean((z.mean(axis=0) / z.std(axis=0)) ** 2)),
        "participation ratio": run.axes.participation_ratio,
        "spread of D² over its law": report["D² sd / its law's"],
        "correlation of squares": report["correlation of squares, mean"],
        "told from a normal, accuracy": told,
        "filaments: scale": scale,
        "filaments: p": test.p,
        "filaments: found": float(test.clumps),
        "filaments: largest excess": test.effects.xs("Landy-Szalay", level=1)["effect"].max(),
        **latent.from_prior(z).add_prefix("beside N(0, I): "),
    }
    shown = {f"faces: {law}": latent.SAMPLERS[law](z, n) for law in FACES}
    shown["faces: reconstructions"] = z[run.held_out[:n]]
    try:
        return found | {k: detect_faces(run.decode(np.float32(v))).mean() for k, v in shown.items()}
    except NoDecoder:
        return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--n", type=int, default=500, help="draws decoded (500)")
    parser.add_argument("--draws", type=int, default=39, help="of the test for filaments (39)")
    parser.add_argument("--out", help="a CSV file")
    o = parser.parse_args()
    table = pd.DataFrame({run: measured(Run.open(run), o.n, o.draws) for run in o.runs})
    print(table.to_string(float_format="{:.3f}".format))
    if o.out:
        table.to_csv(o.out, float_format="%.4g", lineterminator="\n", index_label="quantity")
