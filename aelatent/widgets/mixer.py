"""Mix a face: a slider for each leading principal axis, the decoded face beside them."""

from functools import partial

import ipywidgets
import numpy as np

from aelatent.latent import PrincipalAxes
from aelatent.widgets._errors import ErrorLine
from aelatent.widgets._frames import jpeg

REACH = 3.0  # standard deviations that a slider spans to each side of the center
STEP = 0.1  # standard deviations
SIDE = "288px"  # of the face on the page, whatever the picture's own size
CORE = 0.95  # share of the z-points that the core's border encloses


class FaceMixer(ipywidgets.HBox):
    """Drag the coordinates of a latent vector along the principal axes and see it decoded.

    What is shown follows `coordinates`; a cell that makes the mixer again starts at the center.

    Parameters
    ----------
    run : aelatent.Run
        Anything with ``z``, float (n, d), and ``decode(z)``, float (k, d) to float32 pictures
        (k, height, width, 3) in 0..1.
    principal : aelatent.latent.PrincipalAxes, optional
        Principal axes of ``run.z``, where they are known already; default: computed.
    axes : int
        Number of sliders, at least 1; fewer where the z-points vary along fewer axes.
    seed : int
        Of the sequence of random faces.

    Attributes
    ----------
    principal : aelatent.latent.PrincipalAxes
        The axes in use.
    border : float
        95 % quantile of D² of the run's z-points, those that the axes were computed from.
    image : float32 (height, width, 3)
        The last face decoded.

    Raises
    ------
    ValueError
        If `axes` is below 1, or the z-points have no principal axes (see `PrincipalAxes.fit`).

    Examples
    --------
    >>> mixer = FaceMixer(run)                      # doctest: +SKIP
    >>> mixer.coordinates = 0 * mixer.coordinates   # doctest: +SKIP
    """

    def __init__(
        self,
        run,
        *,
        principal: PrincipalAxes | None = None,
        axes: int = 8,
        seed: int = 0,
    ):
        if axes < 1:
            raise ValueError(f"axes must be at least 1; got {axes}. Use for instance axes=8.")
        self.principal = PrincipalAxes.fit(run.z) if principal is None else principal
        self.border = float(np.quantile(self.principal.d2(run.z), CORE))
        self._run = run
        self._rng = np.random.default_rng(seed)
        self._coordinates = np.zeros(self.principal.rank)
        self._build(min(axes, self.principal.rank))
        self._show()

    @property
    def coordinates(self) -> np.ndarray:
        """Coordinates along all principal axes in standard deviations, float64 (rank,), a copy.

        Setting them moves the sliders and decodes once. The sliders show them to the nearest
        0.1; one whose coordinate lies beyond its range is widened until it is inside again.
        """
        return self._coordinates.copy()

    @coordinates.setter
    def coordinates(self, values: np.ndarray) -> None:
        values = np.array(values, dtype=float)
        if values.shape != self._coordinates.shape or not np.isfinite(values).all():
            raise ValueError(
                f"expected {self._coordinates.size} finite coordinates; got shape {values.shape}"
                f"{'' if np.isfinite(values).all() else ' with NaN or infinities'}. "
                "Change a copy: c = mixer.coordinates; c[0] = 1; mixer.coordinates = c."
            )
        self._coordinates = values
        for slider, value in zip(self._sliders, values.tolist(), strict=False):
            reach = max(REACH, STEP * np.ceil(abs(value) / STEP))
            # One message each, in this order: the browser cuts a value to the range it knows of.
            slider.min, slider.max = min(slider.min, -reach), max(slider.max, reach)
            slider.value = value
            slider.min, slider.max = -reach, reach
        self._show()

    @property
    def z(self) -> np.ndarray:
        """The latent vector at `coordinates`, float32 (d,)."""
        return self.principal.unwhiten(self._coordinates[None])[0].astype(np.float32)

    def random_face(self) -> None:
        """Move to a draw from the multivariate normal with the z-points' mean and covariance."""
        self.coordinates = self._rng.standard_normal(self._coordinates.size)

    def center(self) -> None:
        """Move to the mean z-point."""
        self.coordinates = np.zeros_like(self._coordinates)

    def _slide(self, axis: int, change: dict) -> None:
        # A slider that follows `coordinates` snaps to its steps in the browser, which then reports
        # that back: nobody moved it. Taken for a move, a random face would be decoded nine times.
        if abs(self._coordinates[axis] - change["new"]) > 0.501 * STEP:
            self._coordinates[axis] = change["new"]
            self._show_or_say_why_not()

    def _show(self) -> None:
        d2 = np.sum(self._coordinates**2)
        where = "inside" if d2 <= self.border else "outside"
        self._reading.value = (
            f"D² = {d2:.0f}, {where}: {CORE:.0%} of the {len(self._run.z):,} z-points lie below "
            f"{self.border:.0f}."
        )
        self.image = np.asarray(self._run.decode(self.z[None]))[0]
        self._face.value = jpeg(self.image)

    def _build(self, count: int) -> None:
        self._error = ErrorLine()
        self._show_or_say_why_not = self._error.guard(self._show)
        self._sliders = [
            ipywidgets.FloatSlider(
                min=-REACH,
                max=REACH,
                step=STEP,
                description=f"PC {i + 1}",
                tooltip=f"standard deviations along principal axis {i + 1}, which carries "
                f"{self.principal.explained[i]:.1%} of the variance",
                readout_format=".1f",
                continuous_update=True,
            )
            for i in range(count)
        ]
        for i, slider in enumerate(self._sliders):
            slider.observe(partial(self._slide, i), "value")
        random, center = (
            self._button("Random face", self.random_face, "draw all coordinates from a Gaussian"),
            self._button("Center", self.center, "back to the mean z-point"),
        )
        self._reading = ipywidgets.HTML()
        # No tooltip here: with one, ipywidgets 8.1 fails to show the image.
        fixed = {"width": SIDE, "height": SIDE, "flex": "none"}
        self._face = ipywidgets.Image(format="jpeg", layout=fixed)
        controls = [*self._sliders, ipywidgets.HBox([random, center]), self._reading, self._error]
        super().__init__([self._face, ipywidgets.VBox(controls, layout={"max_width": "420px"})])

    def _button(self, text: str, act, tooltip: str) -> ipywidgets.Button:
        button = ipywidgets.Button(description=text, tooltip=tooltip)
        button.on_click(self._error.guard(act))
        return button
