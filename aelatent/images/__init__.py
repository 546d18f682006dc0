"""Pictures: where they come from, how they are packed, and whether they show a face.

The names below load on first use; importing this package loads neither pandas nor OpenCV, so that
the processes that decode pictures start quickly.
"""

from importlib import import_module

_HOME = {  # public name -> module that defines it
    "BadPicture": "pictures",
    "CelebA": "celeba",
    "FolderOfPictures": "folder",
    "ImageStore": "store",
    "LFW": "lfw",
    "Portraits": "drawn",
    "Source": "sources",
    "crop_and_resize": "pictures",
    "detect_faces": "detector",
    "open_source": "sources",
    "pack": "store",
    "read_picture": "pictures",
}
__all__ = list(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module 'aelatent.images' has no attribute {name!r}")
    home = _HOME[name]
    module = import_module(f"aelatent.images.{home or name}")
    found = module if home is None else getattr(module, name)
    globals()[name] = found
    return found


def __dir__():
    return sorted([*globals(), *__all__])
