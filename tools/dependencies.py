"""Write docs/dependencies.md: what aelatent depends on, what for, and under which licenses.

Names come from pyproject.toml and requirements.lock, licenses from the metadata of the installed
packages. Call it in the environment that ``make`` sets up, after ``make lock``.
"""

import re
import sys
import textwrap
import tomllib
from importlib.metadata import PackageNotFoundError, metadata, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).resolve().parents[1]
PAGE = CHECKOUT / "docs" / "dependencies.md"

#: What each package that pyproject.toml names is there for.
PURPOSE = {
    "anywidget": "widgets with scripts of their own",
    "axe-playwright-python": "checks that pages are accessible, with axe-core",
    "filelock": "one process at a time on a store or a run",
    "hypothesis": "tests on made-up input",
    "ipywidgets": "sliders, menus and buttons in notebooks",
    "joblib": "work on all cores",
    "jupyter-scatter": "scatter plots of many points to zoom and lasso",
    "jupyterlab": "where the notebooks are read and run",
    "matplotlib": "figures",
    "mutmut": "changes the code to see whether tests notice",
    "myst-nb": "notebooks as pages of the book",
    "nbclient": "runs the notebooks",
    "nbconvert": "turns notebooks into pages and scripts",
    "nbformat": "reads and checks notebooks",
    "numpy": "arrays",
    "numpydoc": "reads docstrings, for the reference and its tests",
    "opencv-python-headless": "the face detector",
    "opentsne": "t-SNE maps",
    "packaging": "versions and markers of packages",
    "pandas": "tables",
    "pillow": "reading and writing pictures",
    "playwright": "drives a browser in tests",
    "psutil": "what processes do, in tests and benchmarks",
    "pydata-sphinx-theme": "the look of the book",
    "pytest": "runs the tests",
    "pytest-xdist": "runs them side by side",
    "pyyaml": "reads environment.yml and CITATION.cff",
    "ruff": "checks and formats the code",
    "scikit-learn": "neighbors, clusters, classifiers; fetching LFW",
    "scipy": "distributions, distances, graphs",
    "seaborn": "heat maps, densities, palettes",
    "sphinx": "builds the book",
    "tensorflow": "the autoencoder, with Keras",
    "tqdm": "progress bars",
    "traitlets": "the state that widgets share with the browser",
}
#: Licenses that installed metadata do not tell: read from the package's own files or repository.
UNTOLD = {
    "axe-playwright-python": "MIT, with axe-core (MPL-2.0)",
    "docutils": "Public Domain, BSD-2-Clause, GPL-3.0 (a single file for Emacs)",
    "geoindex-rs": "MIT OR Apache-2.0",
    "namex": "Apache-2.0",
    # for other systems or Pythons than those that the page may be made on
    "appnope": "BSD-2-Clause",
    "colorama": "BSD-3-Clause",
    "pywinpty": "MIT",
    "pyyaml-ft": "MIT",
}
#: Ways in which packages write the same license -> its SPDX name.
SPELLINGS = {
    r"apache( software)?( license)?,?( version)?( 2\.0)?": "Apache-2.0",
    r"(bsd )?3-clause( bsd)?( license)?|bsd 3-clause license": "BSD-3-Clause",
    r"bsd 2-clause license": "BSD-2-Clause",
    r"bsd( license)?": "BSD",
    r"mit( license)?": "MIT",
    r"isc license( \(iscl\))?": "ISC",
    r"mozilla public license 2\.0 \(mpl 2\.0\)": "MPL-2.0",
    r"python software foundation license|psfl": "PSF-2.0",
    r"all contributions towards libcst are mit licensed\.": "MIT",
}
HEAD = """# Dependencies and their licenses

aelatent itself is under the MIT license. The packages below are installed beside it, as pinned in
`requirements.lock`. This page is made by `.venv/bin/python tools/dependencies.py` from the
packages' own metadata.

None of the packages that aelatent needs to run is under a strong copyleft license (GPL, AGPL).
{weak}

Some wheels bundle libraries with licenses of their own: those of OpenCV hold FFmpeg (LGPL-2.1), and
those of NumPy, SciPy, scikit-learn, OpenCV and openTSNE the runtime libraries of GCC (GPL-3.0 with
the runtime library exception, which leaves programs that use them free).
"""


def license_of(name: str) -> str | None:
    """Return the license of a package as its metadata tell it.

    Parameters
    ----------
    name : str
        Of an installed package, or one of `UNTOLD`.

    Returns
    -------
    str or None
        Its SPDX name where it is known by one; None if the package is not installed.

    Raises
    ------
    ValueError
        If the metadata name no license.
    """
    if name in UNTOLD:
        return UNTOLD[name]
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return None
    if expression := told.get("License-Expression"):
        return expression
    field = (told.get("License") or "").splitlines()[:1]
    classes = [c.split(" :: ")[-1] for c in told.get_all("Classifier", []) if c[:9] == "License :"]
    known = [spdx for text in [*field, *classes] if (spdx := _spdx(text))]
    # "BSD" alone does not say which: any other name tells more.
    known.sort(key=lambda spdx: spdx == "BSD")
    if not known:
        raise ValueError(
            f"the metadata of {name} name no license that is known: {field}, {classes}. Look it up "
            "and add it to UNTOLD, or its spelling to SPELLINGS."
        )
    return known[0]


def _spdx(text: str) -> str | None:
    for spelling, spdx in SPELLINGS.items():
        if re.fullmatch(spelling, text.strip(), flags=re.IGNORECASE):
            return spdx
    plain = re.fullmatch(r"[A-Za-z]+-[\w.-]+(?: (?:AND|OR) [\w.-]+)*", text.strip())
    return text.strip() if plain else None


def direct() -> tuple[list[str], list[str]]:
    """Return the names that pyproject.toml asks for: to run, and to develop."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["project"]["dependencies"], project["dependency-groups"]["dev"]
    return tuple(sorted(canonicalize_name(Requirement(r).name) for r in group) for group in groups)


def locked() -> dict[str, str]:
    """Return name -> marker (empty for everywhere) of all packages of requirements.lock."""
    lines = (CHECKOUT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    parts = (line.partition(" ; ") for line in lines)
    return {pin.partition("==")[0]: marker for pin, _, marker in parts}


def needed(names: list[str]) -> set[str]:
    """Return packages with all that they need in turn, on whatever system and Python."""
    found, left = set(), [(name, "") for name in names]
    while left:
        name, extra = left.pop()
        if (name, extra) in found:
            continue
        found.add((name, extra))
        try:
            asked = [Requirement(text) for text in requires(name) or []]
        except PackageNotFoundError:
            continue
        for r in asked:
            if _extra_of(r) in ("", extra):
                left += [(canonicalize_name(r.name), wanted) for wanted in ("", *r.extras)]
    return {name for name, _ in found}


def _extra_of(requirement: Requirement) -> str:
    """Return the extra that a requirement belongs to, "" where it belongs to none."""
    found = re.search(r'extra == "([^"]+)"', str(requirement.marker or ""))
    return found[1] if found else ""


def page() -> str:
    """Return the text of docs/dependencies.md."""
    to_run, to_develop = direct()
    packages = locked()
    run = needed(to_run) & packages.keys()
    licenses = {name: license_of(name) or "not known here" for name in packages}
    weak = [f"{n} ({licenses[n]})" for n in sorted(run) if re.search(r"MPL|LGPL", licenses[n])]
    text = (
        "Under a weak one, which asks that changes to the package itself stay open, are "
        f"{', '.join(weak[:-1])} and {weak[-1]}."
    )
    tables = [
        HEAD.format(weak=textwrap.fill(text, 100)),
        "## To run\n",
        _table("package | what for | license", [(n, PURPOSE[n], licenses[n]) for n in to_run]),
        "## To develop, and to build the book\n",
        _table("package | what for | license", [(n, PURPOSE[n], licenses[n]) for n in to_develop]),
        f"## All {len(packages)} locked packages\n\nThose above, and what they need in turn.\n",
        _table(
            "package | needed to | license",
            [(n, "run" if n in run else "develop", licenses[n]) for n in sorted(packages)],
        ),
    ]
    return "\n".join(tables)


def _table(head: str, rows: list[tuple[str, ...]]) -> str:
    lines = [f"| {head} |", "|" + "---|" * (head.count("|") + 1)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def main() -> None:
    """Write the page."""
    try:
        text = page()
    except ValueError as error:
        sys.exit(str(error))
    PAGE.write_text(text, encoding="utf-8", newline="\n")
    print(f"{PAGE.relative_to(CHECKOUT)}: {text.count(chr(10))} lines")


if __name__ == "__main__":
    main()
