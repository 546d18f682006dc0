"""Plots: arrays first, options by keyword, Axes in and out; nothing is shown by itself.

Explained only here: `title` stands above a plot (default: n and what is drawn, or nothing), and
`ax`, a matplotlib Axes, is where to draw (default: a new figure). The names load on first use.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
