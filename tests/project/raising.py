"""What a function of the package raises, itself or in its helpers, read from the source.

Followed are calls of functions of the package that are not public, and what `self` and `cls` call
under names that begin with an underscore: those are input checks and parts of the function. What
the caller catches does not count. Calls of public functions are not followed.
"""

import ast
import builtins
import importlib
from functools import cache
from pathlib import Path

import aelatent

ROOT = Path(aelatent.__file__).parent


@cache
def module_of(name):
    """Return (functions and classes by qualified name, imported names) of a module."""
    path = ROOT.joinpath(*name.split(".")[1:])
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    defined, imported = {}, {}

    def collect(node, prefix):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                known = defined.get(prefix + child.name)  # a property before its setter
                defined[prefix + child.name] = [*(known or []), child]
                if isinstance(child, ast.ClassDef):
                    collect(child, f"{prefix}{child.name}.")

    tree = ast.parse(path.read_text(encoding="utf-8"))
    collect(tree, "")
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            home = ".".join([*above, *([node.module] if node.module else [])])
            imported |= {alias.asname or alias.name: (home, alias.name) for alias in node.names}
    return defined, imported


def raised(module, name, public, seen=()):
    """Return the exceptions, as classes, that a function or a class raises when called.

    Parameters
    ----------
    module, name : str
        Where it is defined, and its qualified name.
    public : set of str
        ``module.name`` of what documents its own errors.
    seen : tuple
        What leads there.
    """
    defined, _ = module_of(module)
    nodes = defined.get(name, [])
    if nodes and isinstance(nodes[0], ast.ClassDef):
        own = [defined.get(f"{name}.{part}", []) for part in ("__init__", "__post_init__")]
        nodes = [node for part in own for node in part]
    reader = _Reader(module, name, public, (*seen, (module, name)))
    for node in nodes:
        for child in node.body:
            reader.visit(child)
    return reader.found


class _Reader(ast.NodeVisitor):
    def __init__(self, module, name, public, seen):
        self.module, self.public, self.seen = module, public, seen
        self.defined, self.imported = module_of(module)
        self.owner = name.rpartition(".")[0] if name not in self.defined else self._class_of(name)
        self.caught, self.found = (), set()

    def _class_of(self, name):
        return name if isinstance(self.defined[name][0], ast.ClassDef) else name.rpartition(".")[0]

    def exception(self, name):
        scope = vars(importlib.import_module(self.module))
        found = scope.get(name, getattr(builtins, name, None))
        return found if isinstance(found, type) and issubclass(found, BaseException) else None

    def add(self, exceptions):
        self.found |= {e for e in exceptions if not issubclass(e, self.caught)}

    def visit_Try(self, node):
        named = [n.id for h in node.handlers for n in ast.walk(h.type) if isinstance(n, ast.Name)]
        outer = self.caught
        self.caught = (*outer, *filter(None, map(self.exception, named)))
        for child in node.body:
            self.visit(child)
        self.caught = outer
        for child in [*node.handlers, *node.orelse, *node.finalbody]:
            self.visit(child)

    def visit_Raise(self, node):
        what = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        if isinstance(what, ast.Name) and (found := self.exception(what.id)):
            self.add([found])
        self.generic_visit(node)

    def visit_Call(self, node):
        if isinstance(node.func, ast.Name):
            name = node.func.id
            home = (self.module, name) if name in self.defined else self.imported.get(name)
            self.follow(home)
        elif isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            module, name = self.imported.get(node.func.value.id, (None, None))
            if module == "aelatent" or (module and (ROOT / "latent" / f"{name}.py").is_file()):
                self.follow((f"{module}.{name}", node.func.attr))
        self.generic_visit(node)

    def visit_Attribute(self, node):
        own = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
        if own and node.attr.startswith("_"):
            self.follow((self.module, f"{self.owner}.{node.attr}"))
        self.generic_visit(node)

    def follow(self, home):
        if not home or not home[0].startswith("aelatent") or home in self.seen:
            return
        if ".".join(home) not in self.public and home[1] in module_of(home[0])[0]:
            self.add(raised(*home, self.public, self.seen))
