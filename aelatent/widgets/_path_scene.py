"""What lies in a plane of the path explorer: for the browser, and on paper."""

import html
import io
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from aelatent.latent.core import HeldOutCore, core_section
from aelatent.latent.planes import Plane
from aelatent.plots.planes import plane as draw_plane
from aelatent.widgets._front import COLORS

REACH = 2.0  # standard deviations that the first path spans to each side of the center
MARGIN = 0.04  # round the cloud, as a share of what it spans
STILL = 5.6, 4.4  # inches of the picture in a page
SHARPNESS = 86  # pixels per inch of its cloud
SVG = {"svg.hashsalt": "aelatent", "svg.fonttype": "none", "font.sans-serif": ["DejaVu Sans"]}


@dataclass(frozen=True, eq=False)
class Scene:
    """A plane with the z-points' projection, and the core's section through the center."""

    plane: Plane
    core: HeldOutCore | None
    total: int  # number of z-points, of which `cloud` shows some
    cloud: np.ndarray  # float64 (k, 2), as all below in the plane
    section: np.ndarray  # float64 (m, 2), others at the center; m is 0 where there is none
    middle: np.ndarray  # float64 (d,): what the plane does not hold stays as it is there
    center: np.ndarray  # float64 (2,), the middle in the plane
    origin: np.ndarray  # float64 (2,)

    @classmethod
    def of(
        cls,
        plane: Plane,
        core: HeldOutCore | None,
        total: int,
        drawn: np.ndarray,
        center: np.ndarray,
    ) -> Self:
        """Look at z-points `drawn`, float (k, d), and at a center, float (d,), in a plane."""
        section = np.empty((0, 2))
        if core:
            section = core_section(core.axes, plane, center, core.border)
        spots = plane.project(np.stack([center, np.zeros_like(center)]))
        return cls(plane, core, total, plane.project(drawn), section, np.asarray(center), *spots)

    def first_ends(self) -> np.ndarray:
        """Return the ends of the path through the center along the plane's first axis."""
        half = np.array([REACH * self.cloud[:, 0].std() or 1.0, 0.0])
        return np.stack([self.center - half, self.center + half])

    def message(self) -> dict[str, Any]:
        """Return what the page draws, with what it needs to lift a place out of the plane."""
        arrays = {
            "cloud": self.cloud,
            "section": self.section,
            "basis": self.plane.basis,
            "offset": self.plane.offset,
            "mean": self.middle,
        }
        return {
            **{name: array.astype(np.float32).tobytes() for name, array in arrays.items()},
            "box": self._box(whole=False),
            "core_box": self._box(whole=True),
            "labels": self._labels(),
            "center": self.center.tolist(),
            "origin": self.origin.tolist(),
            "total": self.total,
            "colors": COLORS,
        }

    def figure(self, path: np.ndarray, equal=False, whole=False, size=(7, 5.5)) -> Figure:
        """Return a figure of the plane with a path, float (n, 2), all of which is in view."""
        figure = Figure(figsize=size, layout="constrained")  # apart from pyplot's own figures
        ax = figure.subplots()
        # With `whole` the section is in view, too.
        seen = np.vstack([np.transpose(self._box(whole)), path])
        low, high = seen.min(axis=0), seen.max(axis=0)
        ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
        in_view = ((low <= self.origin) & (self.origin <= high)).all()
        scales = "equal scales" if equal else "each axis on its own scale"
        draw_plane(
            self.cloud,
            labels=self._labels(),
            center=self.center,
            origin=self.origin if in_view else None,
            curves={"core, section through the center": self.section} if len(self.section) else {},
            path=path,
            equal=equal,
            title=f"{self.plane.name}: {len(self.cloud):,} of {self.total:,} z-points; {scales}",
            ax=ax,
        )
        ax.get_legend().set_loc("upper right")  # the best place would take seconds to find
        return figure

    def still(self, path: np.ndarray) -> tuple[str, np.ndarray]:
        """Return the figure as HTML, and where the path's points are in it, float64 (n, 2)."""
        figure, svg = self.figure(path, size=STILL), io.StringIO()
        (ax,) = figure.axes
        for number in ax.texts:
            number.set_path_effects([])  # or each becomes an outline of a kilobyte or more
        figure.draw_without_rendering()
        figure.set_layout_engine("none")  # what is saved lies where it lies now
        # From the left and from the top, in 0..1.
        marks = ax.transData.transform(path) / figure.bbox.size
        marks[:, 1] = 1 - marks[:, 1]
        with mpl.rc_context(SVG):
            figure.savefig(svg, format="svg", dpi=SHARPNESS, metadata={"Date": None})
        # As an image it can neither run a script nor load anything, and has ids of its own.
        lines = svg.getvalue()[svg.getvalue().index("<svg") :].split()
        data = quote(" ".join(lines), safe=" /:;,=+()!*'")
        name = (
            f"plane {self.plane.name}: {len(self.cloud):,} of {self.total:,} z-points and the "
            f"{len(path)} points of the path"
        )
        return f'<img alt="{html.escape(name)}" src="data:image/svg+xml,{data}">', marks

    def _box(self, whole: bool) -> list[list[float]]:
        """Return left and right, bottom and top, with a margin; the first path is in view, too."""
        places = np.vstack([self.cloud, self.first_ends(), *([self.section] if whole else [])])
        low, high = places.min(axis=0), places.max(axis=0)
        margin = np.where(high > low, MARGIN * (high - low), 1.0)
        return np.transpose([low - margin, high + margin]).tolist()

    def _labels(self) -> list[str]:
        return [f"{label} (units of z)" for label in self.plane.labels]
