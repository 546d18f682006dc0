"""TensorFlow and Keras, loaded on first use and set up in one place."""

import os
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace


@cache
def load() -> SimpleNamespace:
    """Import TensorFlow and Keras; return them as ``.tf`` and ``.keras``."""
    chosen = os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        import keras
        import tensorflow as tf
    except (ImportError, ValueError) as error:  # ValueError: of a backend that Keras does not know
        if chosen != "tensorflow":
            raise ImportError(_OTHER_BACKEND.format(chosen)) from error
        raise ImportError(
            f"TensorFlow could not be loaded ({error}). It is needed to train, encode and decode: "
            "run `make lab` once, or `pip install -r requirements.lock` (Python 3.11 to 3.13)."
        ) from error
    if keras.backend.backend() != "tensorflow":
        raise ImportError(_OTHER_BACKEND.format(keras.backend.backend()))
    # TF32 would round encoding and decoding to 10 bits on recent GPUs; z-points stay float32.
    tf.config.experimental.enable_tensor_float_32_execution(False)
    return SimpleNamespace(tf=tf, keras=keras)


_OTHER_BACKEND = (
    "Keras is set to backend {!r} (by the variable KERAS_BACKEND, or before aelatent in this "
    "process); aelatent needs 'tensorflow'. Unset KERAS_BACKEND, or set it to tensorflow, and "
    "restart Python."
)


@contextmanager
def plain_settings():
    """Give Keras its defaults inside the block, whatever the user or a keras.json has set."""
    # They decide about dtypes and axes of layers, losses, metrics and optimizers as they are made.
    config = load().keras.config
    before = config.floatx(), config.dtype_policy(), config.image_data_format()
    _set(config, "float32", "float32", "channels_last")
    try:
        yield
    finally:
        _set(config, *before)


def _set(config, floatx, policy, data_format):
    config.set_floatx(floatx)
    config.set_dtype_policy(policy)
    config.set_image_data_format(data_format)


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
