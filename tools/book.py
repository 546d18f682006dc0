"""Execute all notebooks in their order and build the book: a static site, made by Sphinx.

The notebooks are executed in a copy of their folder and are not changed. What came out is kept in
``build/book/`` and used again as long as nothing that it depends on has changed. The site replaces
the one before when it is finished; nothing in it needs a network or a kernel.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert.filters import strip_ansi
from nbformat.reader import NotJSONError
from tqdm import tqdm

import aelatent
from aelatent import settings
from aelatent._files import only_one, write_json, write_text
from aelatent._system import show_all_letters
from aelatent.export.notice import ships
from aelatent.export.page import write_data
from aelatent.widgets._bundle import key_of
from aelatent.widgets._front import STATIC

CHECKOUT = Path(__file__).resolve().parents[1]
MARK = "book.json"  # in every finished book: what it was made of
RUN_FILES = ["run.json", "calibration.csv"]  # run.json holds the hashes of weights and store
TRAVELING = ["README.md", "CONTRIBUTING.md", "CITATION.cff", "LICENSE", "data/README.md"]
TRAVELING += [f"aelatent/widgets/static/network.{kind}" for kind in ("c", "js")]


class BookFailed(RuntimeError):
    """A notebook did not run to its end, or Sphinx found faults; the message says where."""


def execute(notebook, name: str, folder: Path) -> None:
    """Run all cells of a notebook in place; `folder` is the kernel's working directory."""
    started = [0]  # index of each cell so far
    client = NotebookClient(
        notebook,
        timeout=None,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],  # it warns that the loopback is not encrypted
        resources={"metadata": {"path": str(folder)}},
        store_widget_state=False,
        on_cell_start=lambda cell, cell_index: started.append(cell_index),
    )
    try:
        client.execute()
    except (CellExecutionError, DeadKernelError) as error:
        died = isinstance(error, DeadKernelError)
        reason = "its kernel died." if died else f"{error.ename}: {error.evalue}"
        text = f"{error}\n{name}, cell {started[-1] + 1} failed: {reason}"
        raise BookFailed(strip_ansi(text)) from error


def surroundings(checkout: Path) -> bytes:
    """Return a hash of what all notebooks depend on: package, versions, run, scale, pictures."""
    run, files = settings.default_run(), [checkout / "requirements.lock"]
    for path in (f"{name}/{file}" for name in (run, f"{run}-judge") for file in RUN_FILES):
        places = [folder / "runs" / path for folder in (settings.data_dir(), settings.SHIPPED)]
        files += [place for place in places if place.is_file()][:1]
    for folder in dict.fromkeys([settings.data_dir(), settings.SHIPPED]):
        files += sorted((folder / "runs" / run).glob("filaments/*/made_of.json"))
    files += sorted(settings.SHIPPED.glob("*.csv"))  # what chapters show of other runs
    package = (checkout / "aelatent").rglob("*")
    files += sorted(path for path in package if "__pycache__" not in path.parts)
    words = [run, settings.scale(), os.environ.get("AELATENT_CELEBA", ""), sys.version]
    digest = hashlib.sha256("\0".join(words).encode())
    for path in (path for path in files if path.is_file()):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.digest()


def executed(path: Path, around: bytes, scratch: Path, cache: Path):
    """Return a notebook with its outputs, from the cache if nothing it depends on has changed."""
    # jupyter-cache, which MyST-NB would use, looks at the source of the cells only: it would show
    # yesterday's figures after a change of the package or of the run. The other notebooks do not
    # count: each opens what is on the disk, and makes what is not.
    key = hashlib.sha256(around + path.read_bytes()).hexdigest()[:32]
    entry, notebook = cache / f"{path.stem}.{key}.ipynb", None
    if entry.exists():
        try:
            notebook = nbformat.read(entry, as_version=4)
        except NotJSONError:
            print(f"{entry} is damaged; its notebook is executed again.", file=sys.stderr)
    if notebook is None:
        notebook = nbformat.read(path, as_version=4)
        execute(notebook, path.name, scratch)
        write_text(entry, nbformat.writes(notebook))
    for older in {*cache.glob(f"{path.stem}.*.ipynb")} - {entry}:
        older.unlink()
    return notebook


def put_up(checkout: Path, source: Path) -> None:
    """Put up what Sphinx reads: ``docs/``, and what its pages link to, as in the checkout."""
    shutil.copytree(checkout / "docs", source)
    for name in TRAVELING:
        if (checkout / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            text = (checkout / name).read_text(encoding="utf-8")
            text = re.sub(r"\]\((\.\./)?docs/", r"](\1", text)  # docs/ is the root of the site
            (source / name).write_text(text, encoding="utf-8")
    (source / "notebooks").mkdir(exist_ok=True)
    (source / "_executed").mkdir()


def put_live(source: Path, publish: bool) -> None:
    """Put what pages decode by themselves with beside them, if the run may be published."""
    try:
        run = aelatent.Run.open(settings.default_run())
    except FileNotFoundError:
        return
    if not (publish or ships(run)):
        return  # the explorers' stills stay
    live = source / "_static" / "live"
    write_data(run, live, publish=publish)
    shutil.copy(STATIC / "loader.js", live)
    size = sum((live / name).stat().st_size for name in ("run.js", "code.js")) / 1e6
    write_json(live / "about.json", {"key": key_of(run), "size": f"{size:.1f}"})


def run_sphinx(source: Path, made: Path) -> None:
    """Build the site; warnings are errors, so that no link within it is broken."""
    options = ["-b", "html", "-W", "--keep-going", "-q", "-d", source.parent / "doctrees"]
    command = [sys.executable, "-m", "sphinx", *options, source, made]
    done = subprocess.run(command, cwd=source.parent)
    if done.returncode:
        raise BookFailed(f"Sphinx ended with status {done.returncode}; its faults stand above.")


def replace(out: Path, made: Path) -> None:
    """Rename a finished site to `out`; the one before is removed, or put back where that fails."""
    old = made.parent / "old"
    if out.exists():
        os.replace(out, old)
    try:
        os.replace(made, out)
    except OSError:
        if old.exists():
            os.replace(old, out)
        raise


def make_book(checkout: Path, out: Path, publish: bool = False) -> None:
    """Execute the notebooks of a checkout, or take what is kept of them, and build the site.

    A book in the folder `out` is replaced when the new one is finished.
    """
    out, cache = Path(out).absolute(), checkout / "build" / "book"
    paths = sorted((checkout / "notebooks").glob("[0-9][0-9]*_*.ipynb"))
    if not paths:
        raise FileNotFoundError(f"{checkout / 'notebooks'} holds no notebooks named NN_name.ipynb.")
    if out.exists() and not (out / MARK).is_file() and (out.is_file() or any(out.iterdir())):
        raise FileExistsError(
            f"{out} exists and holds no finished book ({MARK} is not in it). "
            "Remove it, or name another folder with OUT=... (--out)."
        )
    beside = out.parent / f".{out.name}.tmp"  # on the same disk, so that it can be renamed
    with only_one(cache / "lock", "making the book"), tempfile.TemporaryDirectory() as folder:
        scratch, source = Path(folder) / "notebooks", Path(folder) / "source"
        shutil.copytree(checkout / "notebooks", scratch)
        put_up(checkout, source)
        around = surroundings(checkout)
        for path in tqdm(paths, desc="notebooks", unit="notebook"):
            notebook = executed(path, around, scratch, cache)
            nbformat.write(notebook, source / "_executed" / path.name)
        put_live(source, publish)
        shutil.rmtree(beside, ignore_errors=True)  # left by one that was killed
        try:
            run_sphinx(source, beside / "site")
            made_of = {"run": settings.default_run(), "scale": settings.scale()}
            write_json(beside / "site" / MARK, {"aelatent": aelatent.__version__, **made_of})
            replace(out, beside / "site")
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        names = {path.stem for path in paths}
        for entry in (e for e in cache.glob("*.ipynb") if e.name.partition(".")[0] not in names):
            entry.unlink()


def main() -> None:
    """Read the command line and make the book."""
    show_all_letters()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", help="run that the notebooks open (sets AELATENT_RUN)")
    parser.add_argument("--out", type=Path, default=CHECKOUT / "book", help="folder of the site")
    parser.add_argument(
        "--publish",
        action="store_true",
        help="let the pages decode also for a run that does not ship: they then hold its networks, "
        "statistics and some of its pictures, which must not be done with CelebA",
    )
    options = parser.parse_args()
    if options.run:
        os.environ["AELATENT_RUN"] = options.run
    try:
        make_book(CHECKOUT, options.out, options.publish)
    except (RuntimeError, FileNotFoundError, FileExistsError, ValueError) as error:
        sys.exit(f"{error}\nThe book is not complete.")
    print(f"{options.out / 'index.html'} is ready.")


if __name__ == "__main__":
    main()
