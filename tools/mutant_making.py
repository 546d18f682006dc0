"""Make mutants of a module with mutmut, and leave out those whose change nobody could notice.

Not mutated: strings (most are texts, and a wrong key fails at once), what only errors, warnings
and progress bars show (`raise`, `warn`, `tqdm`, arguments named as in `SHOWN`), annotations,
decorators, and code outside of functions (tables, settings).
"""

import difflib
from dataclasses import dataclass
from pathlib import Path

import libcst as cst
from mutmut.mutation import file_mutation
from mutmut.utils.format_utils import get_mutant_name, mangled_name_from_mutant_name

SHOWN = {"progress", "desc", "unit", "leave", "disable", "stacklevel"}


@dataclass(frozen=True)
class Mutant:
    """A function with one change.

    Attributes
    ----------
    name : str
        mutmut's: module, function and a number.
    module : str
    mutation : mutmut.mutation.file_mutation.Mutation
    tree : libcst.Module
        The module before the change.
    """

    name: str
    module: str
    mutation: file_mutation.Mutation
    tree: cst.Module

    @property
    def function(self) -> str:
        """The function's name as mutmut notes its calls."""
        return mangled_name_from_mutant_name(self.name)

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        changed = file_mutation.deep_replace(
            self.tree, self.mutation.original_node, self.mutation.mutated_node
        )
        lines = (tree.code.splitlines() for tree in (self.tree, changed))
        return "\n".join(list(difflib.unified_diff(*lines, n=2, lineterm=""))[2:])


def make_mutants(path: Path, code: str) -> tuple[str, list[Mutant]]:
    """Write all mutants of a module into it; which one runs is chosen when it is called.

    Parameters
    ----------
    path : pathlib.Path
        Of the module, relative to the root of the project.
    code : str
        Its text.

    Returns
    -------
    str
        The text with all mutants.
    list of Mutant
        In the order of the text.
    """
    plain = cst.parse_module(code).visit(_Undecorated()).code
    tree, mutations, classes, functions = file_mutation.create_mutations(str(path), plain)
    hidden = _hidden(tree)
    mutations = [
        mutation
        for mutation in mutations
        if isinstance(mutation.contained_by_top_level_function, cst.FunctionDef)
        and id(mutation.original_node) not in hidden
        and not _only_shows(mutation)
    ]
    made = file_mutation.combine_mutations_to_source(tree, mutations, classes, functions)
    names = [get_mutant_name(path, name) for name in made.mutant_names]
    module = ".".join(path.with_suffix("").parts)
    pairs = zip(names, mutations, strict=True)
    return made.code, [Mutant(name, module, mutation, tree) for name, mutation in pairs]


class _Undecorated(cst.CSTTransformer):
    """Writes properties as a function and an assignment: mutmut leaves decorated ones out."""

    def leave_FunctionDef(self, original_node, updated_node):  # noqa: N802
        names = [getattr(part.decorator, "value", None) for part in original_node.decorators]
        if len(names) != 1 or names[0] not in ("property", "cached_property"):
            return updated_node
        name = original_node.name.value
        bound = cst.parse_statement(f"{name} = {names[0]}({name})")
        return cst.FlattenSentinel([updated_node.with_changes(decorators=[]), bound])


def _hidden(tree):
    """Return the ids of the nodes in which a change shows in texts and bars only."""
    ids = set()

    def walk(node, inside):
        inside = inside or isinstance(node, (cst.Raise, cst.BaseString))
        inside = inside or (isinstance(node, cst.Call) and _called(node) in ("warn", "tqdm"))
        inside = inside or (isinstance(node, cst.Arg) and _keyword(node) in SHOWN)
        inside = inside or (isinstance(node, cst.Param) and node.name.value in SHOWN)
        if inside:
            ids.add(id(node))
        for child in node.children:
            walk(child, inside)

    walk(tree, False)
    return ids


def _called(call):
    return getattr(call.func, "attr", call.func).value if hasattr(call.func, "value") else ""


def _keyword(arg):
    return arg.keyword.value if arg.keyword else ""


def _only_shows(mutation):
    """Tell whether a call has lost an argument that only shows something."""
    before, after = mutation.original_node, mutation.mutated_node
    if not (isinstance(before, cst.Call) and isinstance(after, cst.Call)):
        return False
    kept = {id(arg) for arg in after.args}
    return any(id(arg) not in kept and _keyword(arg) in SHOWN for arg in before.args)
