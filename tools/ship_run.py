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
from aelatent._system import show_all_letters

LIMIT_MB, LIMIT_JUDGE_MB = 7, 2  # of a run in the repository, and of a NAME-judge
LIMIT_DECODER_MB = 3.3  # which pages load


def main() -> None:
    """Copy one run, or say why not."""
    show_all_letters()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run")
    run = Run.open(parser.parse_args().run)
    target = settings.SHIPPED / "runs" / run.name
    if run.path == target or run.status != "COMPLETED":
        sys.exit(f"{run!r} in {run.path} is not a finished run outside of {settings.SHIPPED}.")
    files = {k: run.path / Path(entry["file"]).name for k, entry in run.info["weights"].items()}
    sizes = {part: path.stat().st_size / 1e6 for part, path in files.items()}
    limit = LIMIT_JUDGE_MB if run.name.endswith("-judge") else LIMIT_MB
    if (size := sum(sizes.values())) > limit or sizes["decoder"] > LIMIT_DECODER_MB:
        sys.exit(
            f"the weights of {run.name!r} have {size:.1f} MB, of them the Decoder "
            f"{sizes['decoder']:.1f}; at most {limit} and {LIMIT_DECODER_MB} MB may ship."
        )
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for path in [*files.values(), run.path / "history.csv"]:
        shutil.copyfile(path, target / path.name)
    text = json.dumps(run.info | {"checkpoint": None}, indent=2)
    (target / "run.json").write_text(text + "\n", encoding="utf-8")
    print(f"{target}: {size:.1f} MB of weights")


if __name__ == "__main__":
    main()
