"""Names of a package that load on first use, so that importing it stays quick."""

from importlib import import_module


def attach(package: str, homes: dict[str, str]):
    """Return ``__getattr__`` and ``__dir__`` of a package whose names load on use (PEP 562)."""

    # homes: public name -> module that defines it; the name of a submodule -> that submodule
    def get(name):
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = import_module(homes[name])
        return module if homes[name] == f"{package}.{name}" else getattr(module, name)

    def names():
        return sorted(homes)

    return get, names
