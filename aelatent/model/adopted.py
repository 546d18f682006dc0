"""A model made elsewhere, with what it expects of pictures; its coding looks like any other's."""

import re
from dataclasses import dataclass, fields

import numpy as np

from aelatent._checks import check_one_of
from aelatent._lacking import NotTrainedHere
from aelatent.model.coding import Coder
from aelatent.model.config import ModelConfig, _Config
from aelatent.model.networks import Network

LAYOUTS, COLORS = ("NHWC", "NCHW"), ("RGB", "BGR")
RANGES = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0))  # those that are tried where one does not fit
OVER = 0.25  # of the range: linear outputs overshoot a little
OVER_SHARE = 0.05  # of the decoded values, that may lie still further outside


@dataclass(frozen=True)
class AdoptedConfig(_Config):
    """What a model made elsewhere takes and gives."""

    size: int
    z_dim: int
    latent_shape: tuple[int, ...]  # (d,), or of a spatial latent (16, 16, 4): flattened in z
    layout: str = "NHWC"
    value_range: tuple[float, float] = (0.0, 1.0)  # of pixels; with mean and sd: before them
    mean: tuple[float, ...] | None = None  # a channel each, in the model's order of colors
    sd: tuple[float, ...] | None = None
    colors: str = "RGB"
    latent: str | int | None = None  # which output of the Encoder

    def __post_init__(self):
        self._check_whole(size=(8, 1024), z_dim=(1, 1_000_000))
        check_one_of("layout", self.layout, LAYOUTS)
        check_one_of("colors", self.colors, COLORS)
        self._set("latent_shape", tuple(map(int, self.latent_shape)))
        if min(self.latent_shape) < 1 or np.prod(self.latent_shape) != self.z_dim:
            raise ValueError(
                f"latent_shape must hold the {self.z_dim} numbers of a latent vector; got "
                f"{self.latent_shape}."
            )
        self._set("value_range", _numbers("value_range", self.value_range, 2))
        if self.value_range[0] >= self.value_range[1]:
            raise ValueError(f"value_range must go from low to high; got {self.value_range}.")
        if (self.mean is None) != (self.sd is None):
            raise ValueError("mean and sd go together; got one of them. Give both, or neither.")
        if self.mean is not None:
            self._set("mean", _numbers("mean", self.mean, 3))
            self._set("sd", _numbers("sd", self.sd, 3))
            if min(self.sd) <= 0:
                raise ValueError(f"sd must be above 0 in each channel; got {self.sd}.")

    def __getattr__(self, name):
        if name in {field.name for field in fields(ModelConfig)}:
            raise NotTrainedHere(
                "the run's model was made elsewhere", f"Its {name} is not known; train a run."
            )
        raise AttributeError(name)

    @property
    def scaling(self) -> tuple[np.ndarray, np.ndarray]:
        """What a pixel in 0..1 is multiplied by, then what is added: float32 (3,) each."""
        low, high = self.value_range
        by, plus = np.full(3, high - low), np.full(3, low)
        if self.mean is not None:
            by, plus = by / self.sd, (plus - self.mean) / self.sd
        return np.float32(by), np.float32(plus)

    def shaped(self) -> tuple:
        """Return the shape of a picture as the model takes it."""
        sides = [self.size, self.size]
        return (*sides, 3) if self.layout == "NHWC" else (3, *sides)

    def in_words(self) -> str:
        """Return what is stated, for `aelatent info`."""
        low, high = self.value_range
        words = f"{self.size} x {self.size}, {self.layout}, {self.colors}, {low:g}..{high:g}"
        if self.mean is not None:
            words += f" less mean {self.mean} over sd {self.sd}"
        return f"{words}, z_dim {self.z_dim} of shape {self.latent_shape}"


def _numbers(name: str, values, count: int) -> tuple[float, ...]:
    try:
        found = tuple(float(value) for value in values)
    except (TypeError, ValueError):
        found = ()
    if len(found) != count or not np.isfinite(found).all():
        raise ValueError(f"{name} must be {count} finite numbers; got {values!r}.")
    return found


class AdoptedCoder(Coder):
    """Encoder and Decoder of others, between pictures in 0..1 and z-points."""

    def __init__(self, config: AdoptedConfig, encoder: Network, decoder: Network):
        self.config, self._networks = config, (encoder, decoder)
        self.size, self.z_dim = config.size, config.z_dim
        self._encode = {
            np.dtype("uint8"): lambda x: self._into(np.float32(x) / 255),
            np.dtype("float32"): self._into,
        }
        self._decode = lambda z: np.clip(self.raw(z), 0, 1)
        self._error = self._errors

    def _errors(self, x: np.ndarray) -> np.ndarray:
        x = np.float32(x) / 255
        return np.mean((self._decode(self._into(x)) - x) ** 2, axis=(1, 2, 3))

    def _into(self, x: np.ndarray) -> np.ndarray:
        config = self.config
        outputs = called("Encoder", self._networks[0], shown(config, x))
        z = outputs[which(self._networks[0].names, len(outputs), config.latent)]
        if z.shape[:1] != x.shape[:1] or z[0].size != config.z_dim:
            raise ValueError(
                f"the Encoder gave shape {z.shape} for {len(x)} pictures; expected {config.z_dim} "
                "numbers each. Name another of its outputs, or check the size of the pictures."
            )
        return z.reshape(len(x), -1)

    def raw(self, z: np.ndarray) -> np.ndarray:
        """Return decoded pictures as they come: 0..1 where the stated range is right."""
        config = self.config
        z = z.reshape(len(z), *config.latent_shape)
        outputs = called("Decoder", self._networks[1], z)
        if len(outputs) != 1 or outputs[0].shape != (len(z), *config.shaped()):
            raise ValueError(
                f"the Decoder gave {' and '.join(str(o.shape) for o in outputs)}; expected "
                f"{(len(z), *config.shaped())}, which is {config.layout}. State layout and size as "
                "they are, or give a Decoder of one output."
            )
        x = outputs[0].transpose(0, 2, 3, 1) if config.layout == "NCHW" else outputs[0]
        by, plus = config.scaling
        x = (x - plus) / by
        return x[..., ::-1] if config.colors == "BGR" else x


def called(part: str, network: Network, values: np.ndarray) -> list[np.ndarray]:
    """Return what a network gives; say of what it cannot take."""
    try:
        return network.call(values)
    except Exception as error:  # of Keras, onnxruntime, or a function of the user's
        said = " ".join(str(error).split())[:200]
        raise ValueError(
            f"the {part} cannot be run on shape {values.shape} ({type(error).__name__}: {said}). "
            "State layout, size of the pictures and latent_shape as the model has them."
        ) from error


def shown(config: AdoptedConfig, x: np.ndarray) -> np.ndarray:
    """Return pictures in 0..1 as the model takes them, float32."""
    by, plus = config.scaling
    x = (x[..., ::-1] if config.colors == "BGR" else x) * by + plus
    x = x.transpose(0, 3, 1, 2) if config.layout == "NCHW" else x
    return np.ascontiguousarray(x, np.float32)


def which(names: tuple[str, ...], count: int, latent: str | int | None) -> int:
    """Return which output of an Encoder is the latent vector: the only one, or the mean."""
    listed = list(names) or [f"output {k}" for k in range(count)]
    if latent is None:
        named = [
            k for k, name in enumerate(listed) if re.search(r"mean|(?<![a-z])mu(?![a-z])", name)
        ]
        named = [0] if count == 1 else named
        if len(named) == 1:
            return named[0]
    elif latent in names:
        return names.index(latent)
    elif str(latent).isdecimal() and int(latent) < count:
        return int(latent)
    raise ValueError(
        f"the Encoder has {count} outputs, {listed}; {latent!r} names none of them, or not one "
        "alone. Say which is the latent vector (of a VAE the mean), by latent= (--latent), a name "
        "or a number from 0."
    )


def check_takes(part: str, network: Network, expected: tuple) -> None:
    """Refuse a network whose declared input does not go with the shape that it is to get."""
    takes = network.takes
    if takes is None or None in expected:
        return
    fits = len(takes) == len(expected) and all(
        side in (None, own) for side, own in zip(takes, expected, strict=True)
    )
    if fits:
        return
    said = f"the {part} takes {('n', *takes)}, and is to get {('n', *expected)}"
    if part == "Decoder":
        raise ValueError(
            f"{said}: not what the Encoder gives. Take both halves of one model, or state "
            "latent_shape (--latent-shape) as the Decoder takes it."
        )
    if len(takes) == 3 and 3 in (takes[0], takes[-1]):
        other = LAYOUTS[takes[0] == 3]
        if expected[0 if takes[0] == 3 else -1] != 3:
            raise ValueError(f"{said}. State layout={other!r} (--layout {other}).")
        raise ValueError(
            f"{said}. Pack the store again with --size {takes[1]}, under another name."
        )
    raise ValueError(f"{said}. Expected a model of square pictures of three colors.")
