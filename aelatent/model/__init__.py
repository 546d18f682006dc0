"""Floor 2: the autoencoder, its training and its coding; the only place that uses TensorFlow.

Importing this package loads no TensorFlow; building, training, encoding or decoding does.
"""

from aelatent.model.config import ModelConfig, TrainConfig

__all__ = ["ModelConfig", "TrainConfig"]
