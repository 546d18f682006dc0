"""Cells of a notebook that need what a run does not have are left out, in one sentence each."""

import ast
import builtins
import linecache
import sys

from aelatent._lacking import Lacking


def leave_out_what_lacks() -> None:
    """From now on, in IPython, a cell that needs what a run lacks says so and is no error."""
    ipython = sys.modules.get("IPython")
    shell = ipython and ipython.get_ipython()
    if shell and not isinstance(getattr(shell, "aelatent_left_out", None), _LeftOut):
        shell.aelatent_left_out = _LeftOut(shell)


class _LeftOut:
    """What was left out so far, and what is done when a cell fails."""

    def __init__(self, shell):
        self.missing = set()  # names that cells left out would have made
        self.handled = None  # the error that was answered with a sentence
        shell.set_custom_exc((Lacking, NameError), self.answer)
        shell.events.register("post_run_cell", self.forgive)

    def answer(self, shell, kind, error, trace, tb_offset=None):
        """Show a sentence where something is lacking, else the usual traceback."""
        if isinstance(error, Lacking):
            said = f"this cell needs {error.needs}, and {error.has}."
        elif error.name in self.missing:
            said = f"it needs `{error.name}`, which a cell above would have made."
        else:
            shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
            return
        lost = lost_names(trace, shell.user_ns)
        self.missing |= lost
        for name in lost:  # of a cell above: it would be taken for what this one makes
            shell.user_ns.pop(name, None)
            if hasattr(builtins, name):  # which would be taken for it
                shell.user_ns[name] = absent(name)
        self.handled = error
        text = f"Left out: {said}"
        shell.display_pub.publish({"text/plain": text, "text/markdown": f"*{text}*"})

    def forgive(self, result) -> None:
        """Let the run of a cell whose error was answered count as one that went well."""
        if result is not None and result.error_in_exec is self.handled:
            result.error_in_exec = None
        self.handled = None


def absent(name: str):
    """Return what stands for a name that Python has too, such as ``credits``: no use is allowed."""

    def refused(*_, **__):
        raise NameError(f"name {name!r} is not defined", name=name)

    uses = "__getattr__ __getitem__ __call__ __len__ __iter__ __repr__ __bool__ __array__".split()
    return type("Absent", (), dict.fromkeys(uses, refused))()


def lost_names(trace, namespace: dict) -> set[str]:
    """Return the names that a cell assigns in the statement that failed, and in those behind it."""
    while trace and trace.tb_frame.f_globals is not namespace:
        trace = trace.tb_next
    if trace is None:
        return set()
    lines = linecache.getlines(trace.tb_frame.f_code.co_filename)
    behind = [s for s in ast.parse("".join(lines)).body if s.end_lineno >= trace.tb_lineno]
    return {name for statement in behind for name in stored_names(statement)}


def stored_names(statement: ast.stmt) -> set[str]:
    """Return the names that a statement makes, or whose content it changes."""
    found = set()
    for node in ast.walk(statement):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(getattr(node, "ctx", None), ast.Store):
            while isinstance(node, (ast.Subscript, ast.Attribute)):
                node = node.value
            found |= {node.id} if isinstance(node, ast.Name) else set()
    return found
