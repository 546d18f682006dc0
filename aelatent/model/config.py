"""What a model and a training are: two frozen settings blocks that travel as JSON."""

import math
from dataclasses import asdict, dataclass, fields

ACTIVATIONS = ("leaky_relu", "relu", "elu", "gelu", "silu", "tanh")
PRECISIONS = ("auto", "float32", "mixed_bfloat16")
WEIGHTS_DTYPES = ("float32", "float16")
SCHEDULES = ("constant", "cosine")


def _check_int(name, value, low, high, why):
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not low <= value <= high:
        raise ValueError(
            f"{name} must be a whole number from {low} to {high} ({why}); got {value!r}."
        )


def _check_choice(name, value, choices):
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}; got {value!r}.")


class _Config:
    """What both blocks share: to and from plain JSON values."""

    def to_dict(self) -> dict:
        """Return the settings as JSON-able values."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: dict):
        """Rebuild the settings from `to_dict`'s result; refuse unknown ones, execute nothing."""
        if not isinstance(values, dict):
            raise ValueError(f"{cls.__name__} expected settings by name; got {values!r}.")
        known = {f.name for f in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise ValueError(
                f"{cls.__name__} has no setting {unknown}; it knows {sorted(known)}. "
                "The file was written by another version of aelatent, or damaged."
            )
        return cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})


@dataclass(frozen=True)
class ModelConfig(_Config):
    """Shape of the autoencoder.

    The seed posts state the picture size, the 4 + 4 convolutional layers and ``z_dim``; filters,
    kernel, strides (2), activation and the linear latent layer are our choices.

    Parameters
    ----------
    size : int
        Side of the square RGB pictures in pixels; divisible by ``2 ** len(filters)``.
    filters : tuple of int
        Channels of the Encoder's layers; the Decoder mirrors them.
    kernel : int
        Side of the convolution kernels in pixels.
    activation : str
        One of `ACTIVATIONS`; ``leaky_relu`` has slope 0.2 below zero.
    z_dim : int
        Number of components of a latent vector.
    batch_norm : bool
        Off: with it, a z-point would depend on the other pictures of its batch while training,
        and later on running averages instead of the weights alone.

    Examples
    --------
    >>> ModelConfig(size=64, filters=(16, 32)).to_dict()["filters"]
    [16, 32]
    """

    size: int = 96
    filters: tuple[int, ...] = (32, 64, 128, 256)
    kernel: int = 3
    activation: str = "leaky_relu"
    z_dim: int = 256
    batch_norm: bool = False

    def __post_init__(self):
        if not isinstance(self.filters, (tuple, list)) or not 1 <= len(self.filters) <= 8:
            raise ValueError(
                f"filters must be a sequence of 1 to 8 channel counts; got {self.filters!r}."
            )
        object.__setattr__(self, "filters", tuple(self.filters))
        for count in self.filters:
            _check_int("each of filters", count, 1, 4096, "channels of a layer")
        _check_int("size", self.size, 4, 1024, "pixels")
        _check_int("kernel", self.kernel, 1, 15, "pixels")
        _check_int("z_dim", self.z_dim, 1, 65_536, "components of a latent vector")
        _check_choice("activation", self.activation, ACTIVATIONS)
        if not isinstance(self.batch_norm, bool):
            raise ValueError(f"batch_norm must be True or False; got {self.batch_norm!r}.")
        step = 2 ** len(self.filters)
        if self.size % step:
            raise ValueError(
                f"size must be divisible by {step} (each of {len(self.filters)} layers halves it); "
                f"got {self.size}. Take {max(1, round(self.size / step)) * step}, or fewer filters."
            )


@dataclass(frozen=True)
class TrainConfig(_Config):
    """How the autoencoder is trained: plain mean squared error and Adam.

    The seeds state 24 epochs with "a small step size"; the other values are our choices.

    Parameters
    ----------
    epochs : int
        Passes over the training pictures.
    batch_size : int
        Pictures per step, over all devices together.
    learning_rate : float
        Adam's step size, the largest where a schedule lowers it.
    schedule : {"constant", "cosine"}
        ``cosine`` lowers the step size from epoch to epoch, along half a cosine over all
        `epochs`; it depends on nothing else, so that a training that is resumed keeps it.
    seed : int
        Of the initial weights and of the order of the pictures.
    holdout : str, int or float
        Pictures that validate: ``"split"`` takes the store's own ``val`` rows, a whole number the
        last so many rows, a share below 1 the last share of them.
    precision : {"auto", "float32", "mixed_bfloat16"}
        Of training's convolutions alone; "auto" takes bfloat16 where the hardware computes it.
    weights_dtype : {"float32", "float16"}
        Of the Encoder's and Decoder's weight files.

    Examples
    --------
    >>> TrainConfig(epochs=8, holdout=500).to_dict()["holdout"]
    500
    """

    epochs: int = 24
    batch_size: int = 128
    learning_rate: float = 5e-4
    schedule: str = "constant"
    seed: int = 0
    holdout: str | int | float = "split"
    precision: str = "auto"
    weights_dtype: str = "float32"

    def __post_init__(self):
        _check_int("epochs", self.epochs, 1, 100_000, "passes over the pictures")
        _check_int("batch_size", self.batch_size, 1, 65_536, "pictures a step")
        _check_int("seed", self.seed, 0, 2**31 - 1, "of weights and order")
        _check_choice("schedule", self.schedule, SCHEDULES)
        _check_choice("precision", self.precision, PRECISIONS)
        _check_choice("weights_dtype", self.weights_dtype, WEIGHTS_DTYPES)
        rate = self.learning_rate
        if not isinstance(rate, (int, float)) or not 0 < rate <= 1:
            raise ValueError(f"learning_rate must lie in (0, 1]; got {rate!r}.")
        if not self._holdout_is_known():
            raise ValueError(
                "holdout must be 'split' (the store's own validation rows), a whole number of "
                f"last rows, or a share between 0 and 1; got {self.holdout!r}."
            )

    def step_size(self, epoch: int) -> float:
        """Return Adam's step size in an epoch, counted from 1."""
        if self.schedule == "constant":
            return self.learning_rate
        return self.learning_rate * (1 + math.cos(math.pi * (epoch - 1) / self.epochs)) / 2

    def _holdout_is_known(self) -> bool:
        if isinstance(self.holdout, bool):
            return False
        if isinstance(self.holdout, int):
            return self.holdout >= 1
        return self.holdout == "split" or (isinstance(self.holdout, float) and 0 < self.holdout < 1)
