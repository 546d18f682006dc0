import numpy as np
import pytest

from aelatent.latent import PrincipalAxes
from aelatent.latent.planes import Plane
from aelatent.widgets._plane_menu import PlaneMenu

from .stand_ins import control, messages

D = 6
AXES = PrincipalAxes.fit(np.random.default_rng(0).normal(size=(50, D)))
PRESETS = {"leading": Plane.principal(AXES, 1, 2), "raw": Plane.components(D, 3, 5)}


class Entered(list):
    """What a menu has entered: role and name; it refuses the plane named ``refused``."""

    refused = None

    def __call__(self, role, plane):
        if plane.name == self.refused:
            raise ValueError("nothing varies there.")
        self.append((role, plane.name))


@pytest.fixture
def entered():
    return Entered()


@pytest.fixture
def menu(entered):
    return PlaneMenu(PRESETS, AXES, entered)


def test_a_preset_is_entered_when_it_is_chosen(menu, entered):
    assert menu.first == ("leading", PRESETS["leading"])
    assert entered == []
    control(menu, "plane").value = "raw"
    menu.choose("leading")
    assert entered == [("raw", "components 3, 5"), ("leading", "PC 1, PC 2")]
    with pytest.raises(ValueError, match="plane must be one of 'leading', 'raw'; got 'x'"):
        menu.choose("x")


def test_own_axes_are_entered_when_a_box_changes(menu, entered):
    control(menu, "first").value = 4
    assert control(menu, "plane").value == "own axes"
    control(menu, "own axes").value = "principal axes"
    control(menu, "second").value = 6
    names = ["components 4, 1", "PC 4, PC 1", "PC 4, PC 6"]
    assert entered == [("own axes", name) for name in names]
    menu.choose("raw")
    assert entered[-1] == ("raw", "components 3, 5")


@pytest.mark.parametrize(
    ("kind", "first", "told"),
    [
        ("components", 1, "components of 0 to 5; got 1 and 1."),
        ("components", -1, "components of 0 to 5; got -1 and 1."),
        ("components", 6, "components of 0 to 5; got 6 and 1."),
        ("principal axes", 7, "principal axes of 1 to 6; got 7 and 1."),
    ],
)
def test_wrong_axes_are_told_until_they_are_mended(menu, entered, kind, first, told):
    control(menu, "first").value = 3
    control(menu, "own axes").value = kind
    shown = entered[-1][1]
    control(menu, "first").value = first
    assert f"ValueError: expected two different {told} Still shown: {shown}." in messages(menu)
    assert entered[-1][1] == shown
    control(menu, "first").value = 2
    assert "Error" not in messages(menu)
    assert entered[-1][1] != shown


def test_a_plane_that_is_refused_is_told(menu, entered):
    entered.refused = "components 0, 4"
    control(menu, "second").value = 4
    assert "nothing varies there. Still shown: PC 1, PC 2." in messages(menu)
    menu.choose("leading")
    assert "Error" not in messages(menu)


@pytest.mark.parametrize(
    "planes", [{}, {"own axes": PRESETS["raw"]}, {"3": Plane.components(3, 0, 1)}]
)
def test_bad_presets_are_refused(planes, entered):
    wrong = rf"got {list(planes)}, of which {list(planes)} do".replace("[", r"\[")
    with pytest.raises(ValueError, match=f"run's 6 components, none called 'own axes'; {wrong}"):
        PlaneMenu(planes, AXES, entered)
