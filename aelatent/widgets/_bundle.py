"""What a browser needs of a run to decode by itself: named arrays in one block of bytes."""

import base64
import json
import zlib
from dataclasses import dataclass, field

import numpy as np

from aelatent.model.config import ModelConfig

ACTIVATIONS = ("leaky_relu", "relu")  # that network.c knows
LARGEST = 8_000_000  # weights and entries of the axes: 16 to 32 MB to send to a browser
DTYPES = ("<f2", "<f4", "|u1")


@dataclass(eq=False)
class Bundle:
    """Arrays by name; `info` is JSON, with "arrays": name -> dtype, shape and first byte."""

    info: dict
    _parts: list[bytes] = field(default_factory=list)

    def add(self, name: str, array: np.ndarray, dtype: str = "<f4") -> None:
        """Append an array as one of `DTYPES`."""
        taken = np.ascontiguousarray(array, dtype=dtype)
        if not np.isfinite(taken).all():
            raise ValueError(f"{name!r} is not finite as {dtype}; it cannot go to a browser.")
        table = self.info.setdefault("arrays", {})
        at = sum(map(len, self._parts))
        table[name] = {"dtype": dtype[1:], "shape": list(taken.shape), "at": at}
        # First bytes of all numbers, then second bytes ...: exponents side by side compress well.
        self._parts.append(taken.view(np.uint8).reshape(-1, taken.itemsize).T.tobytes())

    def add_weights(self, part: str, arrays: dict[str, np.ndarray], half: bool = False) -> None:
        """Append "PART/LAYER/variable"; as float16 where nothing is lost by it, or with `half`."""
        for name, array in arrays.items():
            exact = np.array_equal(array, array.astype(np.float16))
            self.add(f"{part}/{name}", array, "<f2" if half or exact else "<f4")

    @property
    def data(self) -> bytes:
        """All arrays, one after the other, compressed: by a seventh, of float16 weights."""
        return zlib.compress(b"".join(self._parts))

    def script(self, name: str) -> str:
        """Return a classic script that puts the bundle into ``aelatentRuns``: also at file://."""
        info = json.dumps(self.info, separators=(",", ":")).replace("<", "\\u003c")
        data = base64.b64encode(self.data).decode("ascii")
        return f'(globalThis.aelatentRuns ??= {{}}).{name} = {{info: {info}, data: "{data}"}};\n'


def why_not(config: ModelConfig) -> str | None:
    """Say why a browser cannot decode for a model, or None where it can."""
    if not isinstance(config, ModelConfig):
        return "its model was made elsewhere"
    flat = (config.size // 2 ** len(config.filters)) ** 2 * config.filters[-1]
    rows = zip((3, *config.filters), config.filters, strict=False)
    weights = config.z_dim * (flat + 2 * config.z_dim) + sum(9 * a * b for a, b in rows)
    reasons = {
        f"its kernels have side {config.kernel}, not 3": config.kernel != 3,
        f"its activation is {config.activation}": config.activation not in ACTIVATIONS,
        "it has batch normalization": config.batch_norm,
        f"it has {weights:,} weights, above {LARGEST:,}": weights > LARGEST,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def key_of(run) -> str:
    """Return what names a run's Decoder in a page, or "" where only the kernel can decode."""
    run.check_decoder()
    return "" if why_not(run.config) else run.info["weights"]["decoder"]["sha256"][:12]


def bundle_of(run, *, half: bool = False) -> Bundle:
    """Return what decoding and D² take; `half` rounds all weights to float16."""
    axes, config = run.axes, run.config.to_dict()
    bundle = Bundle({"run": run.name, "key": key_of(run), "config": config, "n": len(run.z)})
    bundle.add_weights("decoder", run.weights("decoder"), half)
    bundle.info["core"] = core_of(run)
    fits = {"": axes, "core/": run.core.axes} if "border" in bundle.info["core"] else {"": axes}
    for prefix, fit in fits.items():
        bundle.add(f"{prefix}mean", fit.mean)
        # (rank, d); as float16 D² would be off by 4e-4: those that it is measured by stay float32.
        measured = prefix or len(fits) == 1
        bundle.add(f"{prefix}axes", fit.axes[: fit.rank], "<f4" if measured or not half else "<f2")
        bundle.add(f"{prefix}sd", fit.sd[: fit.rank])
    return bundle


def encoder_of(run, *, half: bool = False) -> Bundle:
    """Return what encoding takes, which most readers never ask for."""
    bundle = Bundle({})
    bundle.add_weights("encoder", run.weights("encoder"), half)
    return bundle


def core_of(run) -> dict:
    """Return what is said of the core: its border, level and number of points, or why not."""
    try:
        core = run.core
    except ValueError as error:  # too few z-points, as a reader's own pictures may give
        return {"why": str(error)}
    return {"border": core.border, "level": core.level, "n": len(core.d2)}
