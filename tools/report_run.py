"""Report on a trained run as Markdown: ``python tools/report_run.py NAME``.

The run's z-points must be there (``aelatent encode NAME``). Samplers, principal axes and readout
are fitted to the rows that the training used; errors, faces and R² are those of held-out rows.
``--sheet FILE.png`` draws what was decoded: of photos of people, for your own eyes only.
"""

import argparse
import sys

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy import stats
from sklearn.linear_model import RidgeCV
from sklearn.metrics import r2_score

from aelatent import Run, plots
from aelatent.images import detect_faces
from aelatent.latent import (
    Moments,
    PrincipalAxes,
    cycle_error,
    describe_components,
    dominant_components,
    matching_bound,
    origin_to_center,
    samplers_for,
)
from aelatent.model.fitting import split_rows
from aelatent.portraits import FACTORS

COLUMNS = 10  # pictures in a row of the sheet
MEAN_OF = 2000  # training pictures that the mean picture is made of
PENALTIES = np.logspace(-7, 1, 17)  # shares of the z-points' mean squared deviation per component


def markdown(table: pd.DataFrame) -> str:
    """Return a table as Markdown, its index first; floats get three digits, NaN a dash."""
    cells = table.reset_index().map(_cell)
    rows = [cells.columns.astype(str), ["---"] * len(cells.columns), *cells.to_numpy()]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(value) -> str:
    if not isinstance(value, (float, np.floating)):
        return str(value)
    return "–" if np.isnan(value) else f"{value:.3g}"


def settings_of(run: Run) -> str:
    """Return what the run was made with."""
    info, training = run.info, run.info["training"]
    files = [run.path / entry["file"] for entry in info["weights"].values()]
    settings = {
        "status": run.status,
        "trained on": f"{info['store']['train']:,} pictures of store {info['store']['name']}",
        "z-points of": f"{len(run.z):,} pictures of store {run.store.name}",
        "pictures": f"{run.config.size} x {run.config.size}",
        "filters": " ".join(map(str, run.config.filters)),
        "z_dim": run.config.z_dim,
        "epochs": f"{info['epochs_done']} of {training['epochs']}",
        "batch size": training["batch_size"],
        "learning rate": training["learning_rate"],
        "precision": info["precision"],
        "seed": training["seed"],
        "weights": f"{sum(file.stat().st_size for file in files) / 1e6:.2f} MB, "
        f"{training['weights_dtype']}",
    }
    return markdown(pd.Series(settings, name="value", dtype=object).rename_axis("").to_frame())


def errors_of(run: Run, train: np.ndarray, held: np.ndarray) -> str:
    """Return how well held-out pictures are redrawn, beside the mean training picture."""
    images, best = run.store.images, run.info["best"]
    history = run.history.set_index("epoch")
    mean = images[train[:: -(-len(train) // MEAN_OF)]].mean(axis=0) / 255
    parts = np.array_split(held, -(-len(held) // MEAN_OF))
    plain = np.concatenate([np.mean((images[p] / 255 - mean) ** 2, axis=(1, 2, 3)) for p in parts])
    error = run.errors(images[held]).mean()
    return (
        f"Best epoch {best['epoch']}: validation {best['val_loss']:.5f}, training "
        f"{history.loss[best['epoch']]:.5f} (mean squared error, pixels in 0..1).\n"
        f"{len(held):,} held-out pictures: error {error:.5f}; of the mean picture "
        f"{plain.mean():.5f}; ratio {error / plain.mean():.3f}."
    )


def draw_vectors(z: np.ndarray, n: int, seed: int) -> dict[str, np.ndarray]:
    """Return the latent vectors to decode: those of the samplers, and of a narrower normal."""
    drawn = {name: draw(z, n, seed) for name, draw in samplers_for(z).items()}
    center = z.mean(axis=0)
    narrow = center + 0.7 * (drawn["multivariate normal"] - center)
    return drawn | {"multivariate normal x 0.7": narrow.astype(np.float32)}


def faces_of(run: Run, rows: np.ndarray, vectors: dict, principal: PrincipalAxes) -> str:
    """Return how many decoded vectors show a face, and how far they are from the z-points."""
    found = {"originals": [*_rate(run.store.images[rows]), np.nan, np.nan]}
    for name, z in ({"reconstructions": run.z[rows]} | vectors).items():
        pictures = run.decode(z)
        cycle = cycle_error(z, run.encode(pictures), run.axes.spread)
        d2 = np.median(principal.d2(z))
        found[name] = [*_rate(pictures), float(np.median(cycle)), float(d2)]
    columns = ["n", "faces found", "standard error", "median cycle error (spreads)", "median D²"]
    table = pd.DataFrame.from_dict(found, "index", columns=columns).rename_axis("pictures")
    return f"{markdown(table)}\n\n{_expected_d2(principal)}"


def _rate(pictures: np.ndarray) -> tuple[int, float, float]:
    """Return how many pictures there are, and the share with a face with its standard error."""
    rate, n = float(detect_faces(pictures).mean()), len(pictures)
    return n, rate, np.sqrt(rate * (1 - rate) / n)


def _expected_d2(principal: PrincipalAxes) -> str:
    """Say which D² to expect of held-out z-points, whose law is wider than that of draws."""
    m, d = principal.n, len(principal.mean)
    if m <= d:
        return f"D² of held-out z-points says nothing: {m} training rows, {d} components."
    median = d * (m**2 - 1) / (m * (m - d)) * stats.f.median(d, m - d)
    return f"Held-out z-points of an exact MVN would have a median D² of {median:.4g} (m = {m:,})."


def shape_of(z: np.ndarray, principal: PrincipalAxes) -> str:
    """Return radius, center and principal axes of z-points."""
    radius = np.linalg.norm(z, axis=1)
    values = {
        "radius, mean": radius.mean(),
        "radius, sd": radius.std(ddof=1),
        "distance of the center from the origin": np.linalg.norm(principal.mean),
        "b of uniform components with this mean radius": matching_bound(z),
        "share of variance along PC 1": principal.explained[0],
        "participation ratio": principal.participation_ratio,
        "axes with variance": str(principal.rank),
    }
    return markdown(pd.Series(values, name="value", dtype=object).rename_axis("").to_frame())


def dominant_of(z: np.ndarray) -> str:
    """Return the components whose density is off the origin, or wide."""
    dominant = dominant_components(describe_components(z))
    off = dominant.why.str.contains("origin").sum()
    stated = f"{off} of {z.shape[1]} off the origin, {len(dominant) - off} only wide."
    return f"{stated}\n\n{markdown(dominant)}" if len(dominant) else stated


def linear_readout(
    z: np.ndarray, targets: pd.DataFrame, held: np.ndarray, seed: int
) -> pd.DataFrame:
    """Return R² of a ridge regression of each target, and of shuffled ones, on held-out rows."""
    values = targets.to_numpy(dtype=np.float64)
    # Shuffled targets are the zero line: what the number of z-points and components alone brings.
    both = np.hstack([values, np.random.default_rng(seed).permutation(values)])
    train = np.setdiff1d(np.arange(len(z)), held)
    known, seen = z[train].astype(np.float64), both[train]
    # The penalty is the one of the smallest leave-one-out error (Hoerl & Kennard 1970).
    variation = np.trace(Moments.of(known).comoment) / z.shape[1]
    model = RidgeCV(alphas=variation * PENALTIES, alpha_per_target=True).fit(known, seen)
    read = model.predict(z[held].astype(np.float64))
    r2 = r2_score(both[held], read, multioutput="raw_values")
    r2[(np.ptp(seen, axis=0) == 0) | (np.ptp(both[held], axis=0) == 0)] = np.nan  # constant
    return pd.DataFrame(np.split(r2, 2), ["r2", "r2_shuffled"], targets.columns).T


def readout_of(run: Run, held: np.ndarray, seed: int) -> str:
    """Return how well each factor of drawn portraits is read from the z-points."""
    names = [factor.name for factor in FACTORS if factor.name in run.index]
    if not names:
        return f"Store {run.store.name} has no factors."
    targets = run.index[names].copy()
    for name in [name for name in names if name.endswith("_hue")]:  # an angle is no number
        turn = np.radians(targets.pop(name))
        targets[f"{name}, cosine"], targets[f"{name}, sine"] = np.cos(turn), np.sin(turn)
    table = linear_readout(run.z, targets, held, seed)
    table = table.sort_values("r2", ascending=False).rename_axis("factor")
    n_train, n_test = len(run.z) - len(held), len(held)
    return (
        f"Median R² {table.r2.median():.3f} over {len(table)} targets; of shuffled ones at most "
        f"{table.r2_shuffled.max():.3f} ({n_train:,} training, {n_test:,} held-out rows).\n\n"
        + markdown(table[["r2", "r2_shuffled"]])
    )


def save_sheet(run: Run, rows: np.ndarray, vectors: dict, file: str) -> None:
    """Write a contact sheet: originals, and what is decoded from each kind of vector."""
    strips = {"originals": run.store.images[rows[:COLUMNS]]}
    strips |= {name: run.decode(z[:COLUMNS]) for name, z in vectors.items()}
    figure = Figure(figsize=(1.1 * COLUMNS, 1.4 * len(strips)), layout="constrained")
    for ax, (title, pictures) in zip(figure.subplots(len(strips)), strips.items(), strict=True):
        plots.film_strip(pictures, title=title, ax=ax)
    figure.savefig(file, dpi=100)


def report(run: Run, n: int, seed: int, sheet: str | None) -> None:
    """Print the report, part by part."""
    train, held = split_rows(run.store, run.info["training"]["holdout"])
    z = run.z[train]
    principal = PrincipalAxes.fit(z)
    rows = np.sort(np.random.default_rng(seed).choice(held, min(n, len(held)), replace=False))
    vectors = draw_vectors(z, n, seed)
    print(f"# Run {run.name}\n\n{settings_of(run)}\n")
    print(f"## Reconstruction\n\n{errors_of(run, train, held)}\n")
    print(f"## Faces\n\n{faces_of(run, rows, vectors, principal)}\n")
    found = detect_faces(run.decode(origin_to_center(principal.mean, 6).z))
    marks = " ".join("face" if face else "none" for face in found)
    print(f"Origin to center in 6 points: {marks}. The last is the center.\n")
    print(f"## Latent space\n\n{len(z):,} training rows.\n\n{shape_of(z, principal)}\n")
    print(f"## Dominant components\n\n{dominant_of(z)}\n")
    print(f"## Linear readout of the factors\n\n{readout_of(run, held, seed)}")
    if sheet:
        save_sheet(run, rows, {"reconstructions": run.z[rows]} | vectors, sheet)


def main() -> None:
    """Report on one run, or say why not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run")
    parser.add_argument("--n", type=int, default=400, help="pictures of each kind (default 400)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sheet", metavar="FILE.png", help="also write a contact sheet")
    options = parser.parse_args()
    if options.n < 1:
        parser.error(f"--n must be at least 1; got {options.n}.")
    try:
        report(Run.open(options.run), options.n, options.seed, options.sheet)
    except (ValueError, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
