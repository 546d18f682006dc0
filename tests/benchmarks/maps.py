"""t-SNE by openTSNE beside scikit-learn's: time at equal iterations, and neighbors kept.

``python tests/benchmarks/maps.py [--run portraits] [--n 20000] [--iterations 1000]``

Both get the same z-points, the same first positions, perplexity and step size; scikit-learn looks
for neighbors exactly, as `aelatent.latent.tsne` does. The two run one after the other, so let the
machine do nothing else.
"""

import argparse

from aelatent import prepare, rows_of
from aelatent.latent import MapSettings, neighbors_kept, tsne


def main() -> None:
    """Time both engines once and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", default="portraits", help="name of the run")
    parser.add_argument("--n", type=int, default=20_000, help="number of z-points")
    parser.add_argument("--iterations", type=int, default=1000, help="of each engine, above 250")
    asked = parser.parse_args()
    run = prepare(asked.run)
    z = run.z[rows_of(run, asked.n)]
    settings = MapSettings(iterations=asked.iterations - 250, momenta=(0.5, 0.8))
    print(f"{len(z):,} x {z.shape[1]}, {asked.iterations} iterations, perplexity 30")
    seconds = {}
    for engine in ("openTSNE", "scikit-learn"):
        made = tsne(z, settings, engine=engine)
        seconds[engine] = made.seconds
        kept = neighbors_kept(z, made.coordinates)
        print(
            f"{engine:12}  {made.seconds:6.1f} s  neighbors kept {kept:.3f}  "
            f"divergence {made.divergence:.3f}  {made.done} iterations"
        )
    print(f"ratio of times: {seconds['scikit-learn'] / seconds['openTSNE']:.2f}")


if __name__ == "__main__":
    main()
