"""Copy a finished run of the data folder to where runs ship: ``python tools/ship_run.py NAME``.

Its weights, history and run.json travel; the checkpoint, which only further training needs, does
not. AELATENT_DATA says where the run is; it must not be the checkout's own ``data/``.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

from aelatent import Run, settings

LIMIT_MB = 7  # of a run in the repository
LIMIT_DECODER_MB = 3.3  # of its Decoder, which pages load
LIMIT_JUDGE_MB = 2  # of a NAME-judge


def main() -> None:
    """Copy one run, or say why not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run")
    run = Run.open(parser.parse_args().run)
    target = settings.SHIPPED / "runs" / run.name
    if run.path == target or run.status != "COMPLETED":
        sys.exit(f"{run!r} in {run.path} is not a finished run outside of {settings.SHIPPED}.")
    files = [run.path / Path(entry["file"]).name for entry in run.info["weights"].values()]
    size = sum(path.stat().st_size for path in files) / 1e6
    decoder = (run.path / Path(run.info["weights"]["decoder"]["file"]).name).stat().st_size / 1e6
    if decoder > LIMIT_DECODER_MB:
        sys.exit(f"the Decoder has {decoder:.1f} MB; at most {LIMIT_DECODER_MB} MB may ship.")
    limit = LIMIT_JUDGE_MB if run.name.endswith("-judge") else LIMIT_MB
    if size > limit:
        sys.exit(f"the weights of {run.name!r} have {size:.1f} MB; at most {limit} MB may ship.")
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for path in [*files, run.path / "history.csv"]:
        shutil.copyfile(path, target / path.name)
    text = json.dumps(run.info | {"checkpoint": None}, indent=2)
    (target / "run.json").write_text(text + "\n", encoding="utf-8")
    print(f"{target}: {size:.1f} MB of weights")


if __name__ == "__main__":
    main()
