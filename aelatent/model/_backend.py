"""TensorFlow and Keras, loaded on first use and set up in one place."""

import os
from functools import cache
from types import SimpleNamespace


@cache
def load() -> SimpleNamespace:
    """Import TensorFlow and Keras; return them as ``.tf`` and ``.keras``.

    The log level is lowered first, unless the user set one: TensorFlow greets every start with
    lines about libraries that a machine without a GPU does not need.

    Raises
    ------
    ImportError
        If TensorFlow is missing or Keras runs on another backend.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
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
