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

CHECKOUT = Path(__file__).resolve().parents[1]
MARK = "book.json"  # in every finished book: what it was made of
RUN_FILES = ["run.json", "calibration.csv"]  # run.json holds the hashes of weights and store
TRAVELING = ["README.md", "CONTRIBUTING.md", "CITATION.cff", "LICENSE", "data/README.md"]


class NotebookFailed(RuntimeError):
    """A notebook did not run to its end; the message names the notebook and the cell."""


class SiteFailed(RuntimeError):
    """Sphinx found faults in the pages; it has named them."""


def execute(notebook, name: str, folder: Path) -> None:
    """Run all cells of a notebook in place.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Its outputs are replaced.
    name : str
        Name of its file, for messages.
    folder : pathlib.Path
        The kernel's working directory.

    Raises
    ------
    NotebookFailed
        If a cell raises an error or the kernel dies.
    """
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
    except CellExecutionError as error:
        reason = f"{error.ename}: {error.evalue}"
        raise NotebookFailed(
            f"{strip_ansi(str(error))}\n{name}, cell {started[-1] + 1} failed: {strip_ansi(reason)}"
        ) from error
    except DeadKernelError as error:
        raise NotebookFailed(f"{name}, cell {started[-1] + 1} failed: its kernel died.") from error


def surroundings(checkout: Path) -> bytes:
    """Return a hash of what all notebooks depend on: package, versions, run, scale, pictures."""
    run, found = settings.default_run(), []
    folders = [settings.data_dir() / "runs", settings.SHIPPED / "runs"]
    for path in (f"{name}/{file}" for name in (run, f"{run}-judge") for file in RUN_FILES):
        found += [folder / path for folder in folders if (folder / path).is_file()][:1]
    package = (
        path for path in (checkout / "aelatent").rglob("*") if "__pycache__" not in path.parts
    )
    found += sorted(path for path in package if path.is_file())
    found += [path for path in [checkout / "requirements.lock"] if path.is_file()]
    words = [run, settings.scale(), os.environ.get("AELATENT_CELEBA", ""), sys.version]
    digest = hashlib.sha256("\0".join(words).encode())
    for path in found:
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.digest()


def kept(path: Path):
    """Return an executed notebook from the cache, or None where it is not there or not whole."""
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        return None
    except NotJSONError:
        print(f"{path} is damaged; its notebook is executed again.", file=sys.stderr)
        return None


def executed(path: Path, around: bytes, scratch: Path, cache: Path):
    """Return a notebook with its outputs, from the cache if nothing it depends on has changed.

    jupyter-cache, which MyST-NB would use, looks at the source of the cells only: it would show
    yesterday's figures after a change of the package or of the run.
    """
    # The other notebooks do not count: each opens what is on the disk, and makes what is not.
    key = hashlib.sha256(around + path.read_bytes()).hexdigest()[:32]
    entry = cache / f"{path.stem}.{key}.ipynb"
    notebook = kept(entry)
    if notebook is None:
        notebook = nbformat.read(path, as_version=4)
        execute(notebook, path.name, scratch)
        write_text(entry, nbformat.writes(notebook))
    for older in cache.glob(f"{path.stem}.*.ipynb"):
        if older != entry:
            older.unlink()
    return notebook


def put_up(checkout: Path, source: Path) -> None:
    """Put up what Sphinx reads: ``docs/``, and what its pages link to, as in the checkout."""
    shutil.copytree(checkout / "docs", source)
    for name in TRAVELING:
        if (checkout / name).is_file():
            (source / name).parent.mkdir(exist_ok=True)
            text = (checkout / name).read_text(encoding="utf-8")
            text = re.sub(r"\]\((\.\./)?docs/", r"](\1", text)  # docs/ is the root of the site
            (source / name).write_text(text, encoding="utf-8")
    (source / "notebooks").mkdir(exist_ok=True)
    (source / "_executed").mkdir()


def run_sphinx(source: Path, made: Path) -> None:
    """Build the site; warnings are errors, so that no link within it is broken.

    Raises
    ------
    SiteFailed
        If Sphinx has found faults.
    """
    doctrees = source.parent / "doctrees"
    options = ["-b", "html", "-W", "--keep-going", "-q", "-d", doctrees]
    command = [sys.executable, "-m", "sphinx", *options, source, made]
    done = subprocess.run(command, cwd=source.parent)
    if done.returncode:
        raise SiteFailed(f"Sphinx ended with status {done.returncode}; its faults stand above.")


def refuse_what_is_no_book(out: Path) -> None:
    """Refuse a folder that holds something else: it would be removed.

    Raises
    ------
    FileExistsError
        If it is not empty and no book.
    """
    if out.exists() and not (out / MARK).is_file() and (out.is_file() or any(out.iterdir())):
        raise FileExistsError(
            f"{out} exists and holds no finished book ({MARK} is not in it). "
            "Remove it, or name another folder with OUT=... (--out)."
        )


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


def make_book(checkout: Path, out: Path) -> None:
    """Execute the notebooks of a checkout, or take what is kept of them, and build the site.

    Parameters
    ----------
    checkout : pathlib.Path
        Holds ``notebooks/NN_name.ipynb`` and ``docs/``.
    out : pathlib.Path
        Folder of the site; a finished book there is replaced.

    Raises
    ------
    FileNotFoundError
        If the folder holds no numbered notebook.
    FileExistsError
        If `out` holds something that is no book.
    NotebookFailed, SiteFailed
        If a cell fails, or Sphinx finds a fault; what was in `out` is untouched.
    RuntimeError
        If another process is making the book.
    """
    out, cache = Path(out).absolute(), checkout / "build" / "book"
    paths = sorted((checkout / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    if not paths:
        raise FileNotFoundError(f"{checkout / 'notebooks'} holds no notebooks named NN_name.ipynb.")
    refuse_what_is_no_book(out)
    beside = out.parent / f".{out.name}.tmp"  # on the same disk, so that it can be renamed
    with only_one(cache / "lock", "making the book"), tempfile.TemporaryDirectory() as folder:
        scratch, source = Path(folder) / "notebooks", Path(folder) / "source"
        shutil.copytree(checkout / "notebooks", scratch)
        put_up(checkout, source)
        around = surroundings(checkout)
        for path in tqdm(paths, desc="notebooks", unit="notebook"):
            notebook = executed(path, around, scratch, cache)
            nbformat.write(notebook, source / "_executed" / path.name)
        shutil.rmtree(beside, ignore_errors=True)  # left by one that was killed
        try:
            run_sphinx(source, beside / "site")
            made_of = {"run": settings.default_run(), "scale": settings.scale()}
            write_json(beside / "site" / MARK, {"aelatent": aelatent.__version__, **made_of})
            replace(out, beside / "site")
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        names = {path.stem for path in paths}
        for entry in cache.glob("*.ipynb"):
            if entry.name.partition(".")[0] not in names:
                entry.unlink()


def main() -> None:
    """Read the command line and make the book."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", help="run that the notebooks open (sets AELATENT_RUN)")
    parser.add_argument("--out", type=Path, default=CHECKOUT / "book", help="folder of the site")
    options = parser.parse_args()
    if options.run:
        os.environ["AELATENT_RUN"] = options.run
    try:
        make_book(CHECKOUT, options.out)
    except (RuntimeError, FileNotFoundError, FileExistsError, ValueError) as error:
        sys.exit(f"{error}\nThe book is not complete.")
    print(f"{options.out / 'index.html'} is ready.")


if __name__ == "__main__":
    main()
