"""Names of a package that load on first use, so that importing it stays quick."""

from importlib import import_module


def attach(package: str, homes: dict[str, str]):
    """Return ``__getattr__`` and ``__dir__`` of a package whose public names load on first use.

    Parameters
    ----------
    package : str
        Its ``__name__``.
    homes : dict
        Public name -> module that defines it; a name of its own submodule -> that submodule.

    Returns
    -------
    tuple of callable
        To be bound to ``__getattr__`` and ``__dir__`` in the package (PEP 562).
    """

    def get(name):
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = import_module(homes[name])
        return module if homes[name] == f"{package}.{name}" else getattr(module, name)

    def names():
        return sorted(homes)

    return get, names
