"""Walk along one component: its density, the value's place in it, and the decoded face."""

from collections.abc import Sequence

import numpy as np
import traitlets

from aelatent._checks import check_one_of, check_vector, check_whole
from aelatent.widgets._curves import curves_of, span_of
from aelatent.widgets._explorer import Answer, Explorer
from aelatent.widgets._front import module

MOST = 512  # components to choose from, where none are named
ROWS, STEPS = 4, 5  # of a still: components, and places along each


class ComponentExplorer(Explorer):
    """Pick a component, move along it, and see the face and where the value lies.

    All other components rest at `base`: the mean z-point, or the z-point of a picture.

    Parameters
    ----------
    run : aelatent.Run
        The run; no store is needed.
    components : sequence of int, optional
        Those to choose from, first one first; default: the 512 widest, widest first.

    Attributes
    ----------
    image : float32 (height, width, 3)
        The face, decoded anew.
    """

    kind = "component"
    _esm = module("component")
    components = traitlets.List().tag(sync=True)
    curves = traitlets.Bytes().tag(sync=True)  # of `curves_of`
    # "component" and "value": one state, as both change together.
    place = traitlets.Dict().tag(sync=True, echo_update=False)
    rest = traitlets.List(traitlets.Float()).tag(sync=True)  # where the other components are
    mean = traitlets.List(traitlets.Float()).tag(sync=True)
    n = traitlets.Int().tag(sync=True)  # of z-points

    def __init__(self, run, *, components: Sequence[int] | None = None, seed: int = 0):
        widths = run.described["fwhm"].sort_values(ascending=False, kind="stable")
        choice = check_components(
            widths.index[:MOST] if components is None else components, run.z.shape[1]
        )
        mean = run.described["mean"].tolist()
        super().__init__(
            run,
            components=choice,
            curves=curves_of(run, choice).tobytes(),
            place={"component": choice[0], "value": span_of(run.described.loc[choice[0]])[0]},
            rest=mean,
            mean=mean,
            n=len(run.z),
        )
        self._rng = np.random.default_rng(seed)
        self._answers["picture"] = self._picture

    @property
    def component(self) -> int:
        """The component chosen; set it to choose another one, at its center."""
        return self.place["component"]

    @component.setter
    def component(self, value: int) -> None:
        check_one_of("component", value, self.components)
        center = span_of(self._run.described.loc[value])[0]
        self.place = {"component": value, "value": center}

    @property
    def value(self) -> float:
        """The coordinate along it, in units of the latent space; set it within the slider."""
        return self.place["value"]

    @value.setter
    def value(self, value: float) -> None:
        _, low, high = span_of(self._run.described.loc[self.component])
        if not low <= value <= high:
            raise ValueError(f"value must lie in {low:.4g}..{high:.4g}; got {value!r}.")
        self.place = {"component": self.component, "value": float(value)}

    @property
    def base(self) -> np.ndarray:
        """Where the other components rest, float64 (d,), a copy; set it to a latent vector."""
        return np.array(self.rest)

    @base.setter
    def base(self, z: np.ndarray) -> None:
        self.rest = check_vector("base", z, len(self.rest)).tolist()

    @property
    def z(self) -> np.ndarray:
        """The latent vector shown, float32 (d,)."""
        return self._vectors(self.place, self.rest)[0]

    @property
    def image(self) -> np.ndarray:
        """The face, float32 (height, width, 3)."""
        return self._run.decode(self.z[None])[0]

    def random_picture(self) -> None:
        """Let the other components rest at the z-point of a random picture."""
        self.base = self._run.z[self._rng.integers(len(self._run.z))]

    def center(self) -> None:
        """Let the other components rest at the mean z-point."""
        self.rest = self.mean

    def _picture(self) -> Answer:
        self.random_picture()
        return {}, []

    def _vectors(self, place: dict, rest: list) -> np.ndarray:
        z = np.array(rest, np.float32)[None]
        z[0, place["component"]] = place["value"]
        return z

    def _still(self):
        chosen = self.components[:ROWS]
        vectors = np.tile(np.array(self.rest, np.float32), (len(chosen), STEPS, 1))
        for row, component in enumerate(chosen):
            _, low, high = span_of(self._run.described.loc[component])
            vectors[row, :, component] = np.linspace(low, high, STEPS)
        images = self._run.decode(vectors.reshape(-1, len(self.rest)))
        named = ", ".join(map(str, chosen))
        says = f"From 2 widths below its center to 2 above, a row each: component {named}"
        return images, STEPS, says


def check_components(components: Sequence[int], d: int) -> list[int]:
    """Return components to choose from, refused unless they are some of `d`, each once."""
    choice = [check_whole("a component", c, 0, d - 1) for c in components]
    if not choice or len(set(choice)) < len(choice):
        raise ValueError(f"components must name some of 0 to {d - 1}, each once; got {choice}.")
    return choice
