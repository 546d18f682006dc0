"""Latent space: arrays in, arrays and DataFrames out; no TensorFlow, no pictures, no plots.

Unless a function says otherwise, `z` holds z-points, real numbers (n_rows, d), one row per picture,
in memory or memory-mapped; `n` is the number of latent vectors to draw, at least 1; `seed` is an
int, the seed of all that is drawn at random: the same one gives the same result.

The names load on first use: SciPy's and scikit-learn's larger parts take their time.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
