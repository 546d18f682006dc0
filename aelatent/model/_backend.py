"""TensorFlow and Keras, loaded on first use and set up in one place."""

import os
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace


@cache
def load() -> SimpleNamespace:
    """Import TensorFlow and Keras; return them as ``.tf`` and ``.keras``."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        import keras
        import tensorflow as tf
    except ImportError as error:
        raise ImportError(
            f"TensorFlow could not be loaded ({error}). It is needed to train, encode and decode: "
            "run `make lab` once, or `pip install -r requirements.lock` (Python 3.11 to 3.13)."
        ) from error
    if keras.backend.backend() != "tensorflow":
        raise ImportError(
            f"Keras runs on backend {keras.backend.backend()!r}, but aelatent needs 'tensorflow': "
            "unset KERAS_BACKEND and restart Python."
        )
    # TF32 would round encoding and decoding to 10 bits on recent GPUs; z-points stay float32.
    tf.config.experimental.enable_tensor_float_32_execution(False)
    return SimpleNamespace(tf=tf, keras=keras)


@contextmanager
def without_remapping():
    """Keep TensorFlow's graph optimizer from fusing layers of what is compiled inside the block."""
    # On processors with bfloat16 the fusion of the training step fails (TensorFlow 2.21): the step
    # runs as if it had not been tried, after an alarming line on stderr.
    options = load().tf.config.optimizer
    before = options.get_experimental_options().get("remapping", True)
    options.set_experimental_options({"remapping": False})
    try:
        yield
    finally:
        options.set_experimental_options({"remapping": before})
