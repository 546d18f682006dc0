"""Calibrate the filament test on clouds like those of a run: ``python tools/calibrate.py NAME``.

Writes ``calibration.csv`` beside the run after each case, so that it can be stopped and goes on
from there; then it prints the rates. ``make calibrate`` runs it with the sizes of the shipped
table.
"""

import argparse

from aelatent import calibration, kept, prepare


def main() -> None:
    """Simulate, keep and print."""
    plan = calibration.Plan()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", help="name of the run")
    for name, what in (
        ("n", "points per cloud"),
        ("draws", "surrogates per test"),
        ("nulls", "simulations per null law"),
        ("powers", "simulations of each kind of shapes put in"),
        ("seed", "of everything drawn"),
    ):
        default = getattr(plan, name)
        parser.add_argument(f"--{name}", type=int, default=default, help=f"{what} ({default})")
    asked = vars(parser.parse_args())
    run = prepare(asked.pop("run"))
    try:
        done = kept.read_calibration(run)
    except FileNotFoundError:
        done = None
    table = calibration.calibrate(
        run,
        calibration.Plan(**asked),
        done=done,
        keep=lambda part: kept.write_calibration(run, part),
    )
    columns = [
        "question",
        "kind",
        "law",
        "share",
        "count",
        "simulations",
        "rate",
        "low",
        "high",
        "allowed",
    ]
    print(calibration.rates(table)[columns].to_string(float_format="{:.3f}".format))


if __name__ == "__main__":
    main()
