"""The menu of planes: presets by the role that they play, and two axes of the reader's own."""

from collections.abc import Callable, Mapping

import ipywidgets

from aelatent._checks import check_one_of
from aelatent.latent.planes import Plane
from aelatent.latent.principal import PrincipalAxes
from aelatent.widgets._parts import WRAPPED, ErrorLine, check_planes

OWN = "own axes"
COMPONENTS, PRINCIPAL = "components", "principal axes"


class PlaneMenu(ipywidgets.VBox):
    """Choose a plane by its role, or two components or principal axes by their numbers."""

    def __init__(
        self, planes: Mapping[str, Plane], axes: PrincipalAxes, enter: Callable[[str, Plane], None]
    ):
        d = len(axes.mean)
        self._planes = check_planes(planes, d, taken=OWN)
        self._axes, self._enter = axes, enter  # enter may refuse a plane with ValueError
        self.first = next(iter(self._planes.items()))
        self._shown = self.first[1].name
        roles = [(role, role) for role in (*self._planes, OWN)]
        self._role = ipywidgets.Dropdown(options=roles, description="plane", **_wide(300, 45))
        self._kind = ipywidgets.Dropdown(
            options=[COMPONENTS, PRINCIPAL],
            description=OWN,
            tooltip=f"components count from 0 to {d - 1}, principal axes from 1 to {axes.rank}",
            **_wide(210, 65),
        )
        self._i = ipywidgets.IntText(value=0, description="first", **_wide(125, 35))
        self._j = ipywidgets.IntText(value=1, description="second", **_wide(125, 50))
        error = ErrorLine()
        self._choose = error.guard(self._change)
        self._role.observe(self._choose, "value")
        for control in (self._kind, self._i, self._j):
            control.observe(self._own, "value")
        line = [self._role, self._kind, self._i, self._j]
        super().__init__([ipywidgets.HBox(line, layout=WRAPPED), error])

    def choose(self, role: str) -> None:
        """Choose a preset, as the reader does."""
        check_one_of("plane", role, self._planes)
        self._role.value = role

    def _own(self, _) -> None:
        if self._role.value == OWN:
            self._choose()
        else:
            self._role.value = OWN  # chooses

    def _change(self) -> None:
        role = self._role.value
        try:
            plane = self._own_plane() if role == OWN else self._planes[role]
            self._enter(role, plane)
        except ValueError as error:
            # The plane entered last stays.
            raise ValueError(f"{error} Still shown: {self._shown}.") from error
        self._shown = plane.name

    def _own_plane(self) -> Plane:
        i, j = self._i.value, self._j.value
        if self._kind.value == COMPONENTS:
            return Plane.components(len(self._axes.mean), i, j)
        return Plane.principal(self._axes, i, j)


def _wide(width: int, label: int) -> dict[str, dict[str, str]]:
    """Return what gives a control and its label a width in pixels."""
    return {"layout": {"width": f"{width}px"}, "style": {"description_width": f"{label}px"}}
