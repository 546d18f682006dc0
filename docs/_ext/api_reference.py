"""Sphinx extension: pages of the API reference, one per package, written from its public names.

The names of aelatent load on first use, so that autodoc finds none by looking at a package; they
are read from ``__all__`` and documented under the path by which a reader imports them, grouped by
the module that defines them. Whatever else is public in such a module follows under its own path.
"""

import inspect
import re
import textwrap
from importlib import import_module
from pathlib import Path

from sphinx.pycode import ModuleAnalyzer

PACKAGES = {  # package -> modules that its page holds beside those that define its public names
    "aelatent": ["aelatent.settings", "aelatent.calibration"],
    "aelatent.findings": [],
    "aelatent.images": [],
    "aelatent.portraits": [],
    "aelatent.latent": ["aelatent.latent.clumping"],
    "aelatent.model": ["aelatent.model.autoencoder", "aelatent.model.coding"],
    "aelatent.plots": [],
    "aelatent.widgets": [],
}
LONGEST_VALUE = 70  # characters of a constant's value that are shown


def is_code(value) -> bool:
    """Say whether a value is a class or a function."""
    return inspect.isclass(value) or inspect.isroutine(value)


def constant_home(package: str, name: str) -> str:
    """Return the module that defines a constant of a package: the one that assigns it."""
    for path in sorted(Path(import_module(package).__file__).parent.glob("[a-z]*.py")):
        if re.search(rf"^{name}\b.* = ", path.read_text(encoding="utf-8"), re.MULTILINE):
            return f"{package}.{path.stem}"
    raise LookupError(f"no module of {package} assigns {name}, which its __init__.pyi lists.")


def comment_of(name: str, home: str) -> list[str]:
    """Return what the source says of a constant: in lines of ``#:`` above it, or behind it."""
    analyzer = ModuleAnalyzer.for_module(home)
    behind = re.findall(rf"^{name}\b.* = .*?  # (.*)$", analyzer.code, re.MULTILINE)
    return analyzer.find_attr_docs().get(("", name), behind)


def public_names() -> dict[str, dict[str, tuple]]:
    """Return {package: {name: (value, module that defines it)}} of all public names."""
    found = {}
    for package in PACKAGES:
        module = import_module(package)
        found[package] = {}
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.ismodule(value):
                home = value.__name__
            else:
                home = value.__module__ if is_code(value) else constant_home(package, name)
            found[package][name] = (value, home)
    return found


def owners(names: dict) -> dict[tuple, str]:
    """Return {(home, name): package whose page documents it}: the innermost that has it."""
    return {
        (home, name): package
        for package in sorted(names, key=lambda package: package.count("."))
        for name, (_, home) in names[package].items()
    }


def directive(path: str, value, home: str) -> str:
    """Return the reStructuredText that documents one name."""
    package, _, name = path.rpartition(".")
    if inspect.isclass(value):
        return f".. autoclass:: {path}\n   :members:\n"
    if inspect.isroutine(value):
        return f".. autofunction:: {path}\n"
    shown = repr(value)
    lines = [f".. py:data:: {name}", f"   :module: {package}"]
    if len(shown) <= LONGEST_VALUE:
        lines.append(f"   :value: {shown}")
    return "\n".join([*lines, "", *(f"   {line}" for line in comment_of(name, home)), ""])


def others(home: str, named: set[str]) -> list[tuple]:
    """Return (path, value) of what a module defines for all to see beside the names given."""
    return [
        (f"{home}.{name}", value)
        for name, value in vars(import_module(home)).items()
        if is_code(value)
        and value.__module__ == home
        and not name.startswith("_")
        and name not in named
    ]


def section(home: str, mine: dict) -> str:
    """Return the section of one module: its docstring, the package's names, what else is public."""
    title = home.rpartition(".")[2].strip("_").replace("_", " ")
    parts = [f"{title}\n{'-' * len(title)}\n"]
    if not home.rpartition(".")[2].startswith("_"):
        hidden = "   :no-index:\n" if home in mine else ""  # a function has its module's name
        parts.append(f".. automodule:: {home}\n{hidden}")
    parts += [directive(path, value, home) for path, value in mine.items()]
    named = {path.rpartition(".")[2] for path in mine}
    parts += [directive(path, value, home) for path, value in others(home, named)]
    return "\n".join(parts)


def page(package: str, names: dict, owner: dict) -> str:
    """Return the page of a package as reStructuredText."""
    parts = [f"{package}\n{'=' * len(package)}\n", f".. automodule:: {package}\n"]
    homes, elsewhere = {}, []
    for name, (value, home) in names[package].items():
        best = owner[home, name]
        if inspect.ismodule(value):
            elsewhere.append(f"- ``{name}``: :doc:`{value.__name__}`")
        elif best != package:
            kind = "class" if inspect.isclass(value) else "func"
            elsewhere.append(f"- ``{name}`` is :py:{kind}:`{best}.{name}`")
        else:
            homes.setdefault(home, {})[f"{package}.{name}"] = value
    if elsewhere:
        parts.append("Also here:\n\n" + "\n".join(elsewhere) + "\n")
    for home in PACKAGES[package]:
        homes.setdefault(home, {})
    parts += [section(home, mine) for home, mine in homes.items()]
    return "\n".join(parts)


def index() -> str:
    """Return the first page of the reference."""
    head = """\
    Reference
    =========

    What can be imported, from the docstrings. Start with ``import aelatent``: nothing loads
    TensorFlow before it is needed, and every name below loads on first use.

    .. toctree::
       :maxdepth: 1

    """
    return textwrap.dedent(head) + "".join(f"   {package}\n" for package in PACKAGES)


def write_pages(app) -> None:
    """Write the pages into ``api/`` of the source tree, before Sphinx looks what there is."""
    folder = Path(app.srcdir) / "api"
    folder.mkdir(exist_ok=True)
    names = public_names()
    owner = owners(names)
    for package in names:
        text = page(package, names, owner)
        (folder / f"{package}.rst").write_text(text, encoding="utf-8")
    (folder / "index.rst").write_text(index(), encoding="utf-8")


def setup(app):
    """Register with Sphinx."""
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
