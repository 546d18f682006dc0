"""Write docs/dependencies.md: what aelatent depends on, what for, and under which licenses.

Names come from the lock files, purposes from the comments in pyproject.toml, licenses from the
metadata of the installed packages: call it after ``make lock`` and ``make test``.
"""

import re
import textwrap
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).resolve().parents[1]
PAGE = CHECKOUT / "docs" / "dependencies.md"

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

aelatent itself is under the MIT license. The packages below are installed beside it: those that it
needs to run, as pinned in `requirements.lock`, and those to test it and to build the book, in
`requirements-dev.lock`. This page is made by `.venv/bin/python tools/dependencies.py` from
pyproject.toml and the packages' own metadata.

None of the packages that aelatent needs to run is under a strong copyleft license (GPL, AGPL).
{weak}

Some wheels bundle libraries with licenses of their own: those of OpenCV hold FFmpeg (LGPL-2.1), and
those of NumPy, SciPy, scikit-learn, OpenCV and openTSNE the runtime libraries of GCC (GPL-3.0 with
the runtime library exception, which leaves programs that use them free).

| package | needed to | license | what for |
|---|---|---|---|
"""


def license_of(name: str) -> str | None:
    """Return a package's license as its metadata tell it; None if it is not installed."""
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
    known.sort(key=lambda spdx: spdx == "BSD")  # which says the least
    if not known:
        text = f"the metadata of {name} name no license that is known: {field}, {classes}."
        raise ValueError(f"{text} Look it up; add it to UNTOLD, or its spelling to SPELLINGS.")
    return known[0]


def _spdx(text: str) -> str | None:
    for spelling, spdx in SPELLINGS.items():
        if re.fullmatch(spelling, text.strip(), flags=re.IGNORECASE):
            return spdx
    plain = re.fullmatch(r"[A-Za-z]+-[\w.-]+(?: (?:AND|OR) [\w.-]+)*", text.strip())
    return text.strip() if plain else None


def locked(file: str) -> dict[str, str]:
    """Return {package: version} of a lock file."""
    lines = (CHECKOUT / file).read_text(encoding="utf-8").splitlines()
    return dict(line.partition(" ; ")[0].split("==") for line in lines)


def purposes() -> dict[str, str]:
    """Return {package: what it is for} of those that pyproject.toml names."""
    text = (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8")
    found = re.findall(r'^ +"([\w.-]+)[<>=][^"]*",  # (.+)$', text, re.MULTILINE)
    return {canonicalize_name(name): what for name, what in found}


def page() -> str:
    """Return the text of docs/dependencies.md."""
    run, every, what = locked("requirements.lock"), locked("requirements-dev.lock"), purposes()
    told = {name: license_of(name) or "not known here" for name in sorted(every)}
    weak = [f"{n} ({told[n]})" for n in sorted(run) if re.search(r"MPL|LGPL", told[n])]
    text = "Under a weak one, which asks that changes to the package itself stay open, are "
    text = textwrap.fill(f"{text}{', '.join(weak[:-1])} and {weak[-1]}.", 100)
    kind = {name: "run" if name in run else "develop" for name in told}
    lines = [f"| {n} | {kind[n]} | {told[n]} | {what.get(n, '')} |\n" for n in told]
    return HEAD.format(weak=text) + "".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
