"""What a model and a training are: two frozen settings blocks that travel as JSON."""

import math
from dataclasses import asdict, dataclass, fields

from aelatent._checks import check_one_of, check_share, check_whole, is_whole

ACTIVATIONS = ("leaky_relu", "relu", "elu", "gelu", "silu", "tanh")


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

    def _set(self, name: str, value):
        object.__setattr__(self, name, value)  # the blocks are frozen

    def _check_whole(self, **limits: tuple[int, int]):
        for name, (least, most) in limits.items():
            self._set(name, check_whole(name, getattr(self, name), least, most))


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
        counts = [check_whole("each of filters", count, 1, 4096) for count in self.filters]
        self._set("filters", tuple(counts))
        self._check_whole(size=(4, 1024), kernel=(1, 15), z_dim=(1, 65_536))
        check_one_of("activation", self.activation, ACTIVATIONS)
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
        last so many rows, a share below 1 the last share of them. Last rows of CelebA may show
        persons who are trained on, too; its own splits keep persons apart.
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
        self._check_whole(epochs=(1, 100_000), batch_size=(1, 65_536), seed=(0, 2**31 - 1))
        check_one_of("schedule", self.schedule, ("constant", "cosine"))
        check_one_of("precision", self.precision, ("auto", "float32", "mixed_bfloat16"))
        check_one_of("weights_dtype", self.weights_dtype, ("float32", "float16"))
        self._set("learning_rate", check_share("learning_rate", self.learning_rate, one=True))
        if is_whole(self.holdout):
            self._check_whole(holdout=(1, 2**31 - 1))
        elif self.holdout != "split":
            hint = "Or 'split' (the store's own validation rows), or a number of last rows."
            self._set("holdout", check_share("holdout", self.holdout, hint=hint))

    def step_size(self, epoch: int) -> float:
        """Return Adam's step size in an epoch, counted from 1."""
        if self.schedule == "constant":
            return self.learning_rate
        return self.learning_rate * (1 + math.cos(math.pi * (epoch - 1) / self.epochs)) / 2
