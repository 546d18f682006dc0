"""Ask what alignment does: train one network on aligned and one on free portraits, and compare.

``make alignment`` draws the same persons twice, trains both with the same settings, and writes
``data/alignment.csv``, which notebooks 09 and 11 show. Stopped, it goes on from the last epoch.
AELATENT_DATA says where stores and runs go (``alignment-aligned`` and ``alignment-free``).
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from aelatent import Run, settings, train
from aelatent._files import replacing
from aelatent.images import detect_faces, open_source, pack
from aelatent.latent import SAMPLERS, PrincipalAxes
from aelatent.model import ModelConfig, TrainConfig

TABLE = settings.SHIPPED / "alignment.csv"
FILTERS = (24, 48, 96, 152)


def measured(run: Run, n: int, seed: int) -> dict[str, float]:
    """Return what alignment may change in a run: errors, shares with a face, shape of the cloud."""
    held = run.held_out
    seen = np.delete(run.z, held, axis=0)
    axes = PrincipalAxes.fit(seen)
    pictures = run.store.images[held[:n]]
    mean = run.store.images[np.setdiff1d(np.arange(len(run.z)), held)[:n]].mean(axis=0) / 255
    (m, d), d2 = seen.shape, axes.d2(run.z[held])
    law = d * (m**2 - 1) / (m * (m - d)) * stats.f.std(d, m - d)  # of an exact normal, held out
    rates = {
        "originals": pictures,
        "reconstructions": run.decode(run.z[held[:n]]),
        "multivariate normal": run.decode(SAMPLERS["multivariate normal"](seen, n, seed)),
        "center": run.decode(axes.mean[None].astype(np.float32)),
    }
    return {
        "trained on": run.info["store"]["train"],
        "epochs": run.info["epochs_done"],
        "n": len(pictures),
        "draws": n,
        "error": float(run.errors(run.store.images[held]).mean()),
        "error of the mean picture": float(np.mean((pictures / 255 - mean) ** 2)),
        **{f"faces: {name}": float(detect_faces(shown).mean()) for name, shown in rates.items()},
        "participation ratio": axes.participation_ratio,
        "spread of D² over its law": float(d2.std(ddof=1) / law),
    }


def main() -> None:
    """Train both, measure, write and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--portraits", type=int, default=20_000, help="of each kind (20,000)")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--n", type=int, default=1000, help="pictures and draws judged (1,000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--filters", type=int, nargs="+", default=FILTERS)
    parser.add_argument("--size", type=int, default=96, help="side in pixels (96)")
    parser.add_argument("--z-dim", type=int, default=256, help="components (256)")
    parser.add_argument("--out", type=Path, default=TABLE, help="the table (data/alignment.csv)")
    o = parser.parse_args()
    model = ModelConfig(size=o.size, filters=tuple(o.filters), z_dim=o.z_dim)
    config = TrainConfig(epochs=o.epochs, learning_rate=1e-3, schedule="cosine", seed=o.seed)
    rows = {}
    for kind in ("aligned", "free"):
        name, aligned = f"alignment-{kind}", kind == "aligned"
        source = open_source("portraits", n=o.portraits, seed=o.seed, aligned=aligned)
        store = pack(source, name, size=model.size)
        run = train(store, name, model, config)
        run.encode_store(store)
        rows[kind] = measured(run, o.n, o.seed) | {"seed": o.seed}
    table = pd.DataFrame.from_dict(rows, "index").rename_axis("portraits")
    with replacing(o.out) as temporary:
        table.to_csv(temporary, lineterminator="\n")
    print(table.T.to_string())


if __name__ == "__main__":
    main()
