"""What the factors do to the picture, and whether it shows a face."""

import numpy as np
import pytest

from aelatent import portraits
from aelatent.images import detect_faces
from tests.portraits import controls
from tests.portraits.drawn import picture, plain

LEFT_CHEEK, RIGHT_CHEEK = np.s_[48:64, 28:38], np.s_[48:64, 58:68]


@pytest.mark.parametrize(
    ("dark", "bright", "where", "levels"),
    [
        ({"skin_tone": 0.9}, {"skin_tone": 0.1}, np.s_[50:62, 40:56], 12),
        ({"hair_tone": 0}, {"hair_tone": 1}, np.s_[14:18, 40:56], 12),
        ({"background_level": 0.1}, {"background_level": 0.9}, np.s_[:20, :8], 12),
        ({"exposure": -0.8}, {"exposure": 0.8}, np.s_[:, :], 12),
        ({"clothes_level": 0.1}, {"clothes_level": 0.9}, np.s_[93:, 10:20], 12),
        ({"light_azimuth": -50}, {"light_azimuth": 50}, RIGHT_CHEEK, 15),
        ({"light_azimuth": 50}, {"light_azimuth": -50}, LEFT_CHEEK, 15),
        ({"light_azimuth": 70, "ambient": 0.2}, {"light_azimuth": 70, "ambient": 0.8}, LEFT_CHEEK,
         20),
        ({"glasses": 1}, {"glasses": 0}, np.s_[40:56], 2),
        ({"glasses": 1, "lens_tint": 1}, {"glasses": 1, "lens_tint": 0}, np.s_[44:52, 30:42], 25),
        ({"beard": 1}, {"beard": 0}, np.s_[76:84, 40:56], 30),
    ],
)  # fmt: skip
def test_a_factor_brightens(dark, bright, where, levels):
    bright, dark = (picture(**{"hair_red": 0} | values)[where].mean() for values in (bright, dark))
    assert bright > dark + levels


def test_a_mirrored_head_is_the_mirrored_picture():
    turned = {"yaw": 25, "roll": 6, "light_azimuth": 30, "gaze": 0.5, "parting": 0.4}
    one = picture(**turned)
    other = picture(**{name: -value for name, value in turned.items()})
    # Strands, clothes and background are not mirrored.
    face = portraits.regions(plain(**turned))[0, ..., 0] > 0.99
    assert face.mean() > 0.15
    assert np.abs(one[face] - other[:, ::-1][face]).mean() < 1
    assert np.abs(one[face] - other[face]).mean() > 8


def center_of(change):
    weight = np.abs(change).sum(-1)
    rows, columns = np.indices(weight.shape)
    return (rows * weight).sum() / weight.sum(), (columns * weight).sum() / weight.sum()


@pytest.mark.parametrize(
    ("name", "low", "high", "rows", "columns"),
    [
        ("smile", -0.3, 0.9, (50, 76), (40, 56)),
        ("mouth_open", 0, 0.8, (64, 78), (42, 54)),
        ("eye_open", 0.2, 0.9, (40, 54), (42, 54)),
        ("brow_height", -1, 1, (33, 48), (42, 54)),
        ("iris", 0, 1, (42, 54), (42, 54)),
        ("lip_color", 0, 1, (66, 78), (42, 54)),
        ("moustache", 0, 1, (58, 74), (42, 54)),
        ("stubble", 0, 1, (60, 86), (42, 54)),
        ("mouth_width", 0.85, 1.2, (62, 78), (42, 54)),
        ("lip_fullness", 0.7, 1.4, (62, 80), (42, 54)),
        ("eye_size", 0.88, 1.15, (40, 56), (42, 54)),
        ("brow_arch", 0, 1, (34, 50), (42, 54)),
        ("hat", 0, 1, (5, 40), (38, 58)),
        ("neckline", 0, 1, (82, 96), (38, 58)),
        ("receding", 0, 1, (8, 40), (38, 58)),
        ("fringe", 0, 1, (10, 44), (38, 58)),
    ],
)
def test_a_factor_changes_its_part_of_the_picture(name, low, high, rows, columns):
    row, column = center_of(picture(**{name: high}) - picture(**{name: low}))
    assert rows[0] < row < rows[1]
    assert columns[0] < column < columns[1]


def test_smiling_raises_the_corners_of_the_mouth():
    def corners(smile):
        rest = {"smile": smile, "mouth_open": 0, "blush": 0}
        red = picture(lip_color=0, **rest) - picture(lip_color=1, **rest)  # what lipstick absorbs
        red = red[..., 1] * (red[..., 1] > 3)
        columns = np.flatnonzero(red.sum(0) > 6)
        height = (red * np.arange(96)[:, None]).sum(0)[columns] / red.sum(0)[columns]
        return height[columns.size // 2] - (height[0] + height[-1]) / 2, np.ptp(columns)

    (glad, wide), (sad, narrow) = corners(0.9), corners(-0.3)
    assert glad - sad > 1  # pixels
    assert wide > narrow


def test_the_iris_follows_the_gaze():
    change = (picture(gaze=0.8, iris=0) - picture(gaze=-0.8, iris=0))[42:52].mean((0, 2))
    for eye in (change[32:46], change[50:64]):  # dark where the iris goes, white where it was
        assert np.argmin(eye) > np.argmax(eye)
        assert np.ptp(eye) > 10


def eyes(**values):
    """Return row and column of both eyes: where another color of the iris makes a change."""
    wide = {"eye_open": 1, "smile": 0} | values
    change = picture(iris=1, **wide) - picture(iris=0, **wide)
    middle = center_of(change)[1]
    columns = np.arange(96)[:, None]
    left, right = (center_of(change * side) for side in (columns < middle, columns >= middle))
    return np.array([left, right])


PLACE = 0.51 * 96 - 0.5, 0.5 * 96 - 0.5  # pixels: CelebA's, in the square crop


@pytest.mark.parametrize("pose", [{}, {"yaw": 30}, {"yaw": -20, "pitch": 15}, {"pitch": -15}])
def test_eyes_stay_where_alignment_puts_them(pose):
    (row, column), apart = eyes(**pose).mean(0), np.diff(eyes(**pose), axis=0)[0]
    assert (row, column) == pytest.approx(PLACE, abs=1)
    assert apart == pytest.approx((0, 21), abs=1.6)


def test_place_roll_and_scale_are_those_of_the_eyes():
    def middle(**values):
        return eyes(**values).mean(0)

    for pose in ({}, {"yaw": 25, "pitch": -10}):
        row, column = middle(**pose)
        assert middle(shift_x=0.08, **pose) == pytest.approx((row, column + 0.08 * 96), abs=0.4)
        assert middle(shift_y=0.05, **pose) == pytest.approx((row + 0.05 * 96, column), abs=0.4)
        assert middle(roll=15, **pose) == pytest.approx((row, column), abs=0.5)
        down, right = np.diff(eyes(roll=15, **pose), axis=0)[0]
        assert np.degrees(np.arctan2(down, right)) == pytest.approx(15, abs=4)
        wider = np.diff(eyes(scale=0.9, **pose), axis=0)[0, 1]
        narrow = np.diff(eyes(scale=0.65, **pose), axis=0)[0, 1]
        assert wider / narrow == pytest.approx(0.9 / 0.65, rel=0.08)


def test_free_heads_stand_as_a_photographer_holds_them():
    free, aligned = (portraits.sample_factors(400, 9, aligned=on) for on in (False, True))

    def place(factors):
        faces = portraits.regions(factors, 32)[..., 0]
        return (faces * np.arange(32)).sum((1, 2)) / faces.sum((1, 2)) / 32  # picture widths

    assert abs(np.corrcoef(place(free), free["yaw"])[0, 1]) < 0.7
    assert np.corrcoef(place(aligned), aligned["yaw"])[0, 1] < -0.9
    assert place(free.assign(yaw=0)).std() > 0.03  # and stands elsewhere
    assert np.corrcoef(free["scale"], np.abs(free["yaw"]))[0, 1] < -0.3  # eyes come together
    assert abs(np.corrcoef(aligned["scale"], np.abs(aligned["yaw"]))[0, 1]) < 0.15


def test_blur_takes_away_detail_and_gray_hair_has_no_color():
    sharp, soft = picture(blur=0), picture(blur=1)
    edges = [np.abs(np.diff(p, axis=1)).mean() for p in (sharp, soft)]
    assert edges[1] < 0.8 * edges[0]
    assert abs(sharp.mean() - soft.mean()) < 1
    hair = [picture(hair_gray=gray, hair_red=0.5)[14:18, 40:56] for gray in (0, 1)]
    colored, gray = (np.ptp(part, axis=-1).mean() for part in hair)
    assert gray < 0.4 * colored


def test_noise_and_warmth_have_the_stated_size():
    grain = (picture(noise=4) - picture())[:20, :10]
    assert grain.std() == pytest.approx(4, rel=0.2)
    assert abs(grain.mean()) < 1
    warm, cool = picture(warmth=1), picture(warmth=-1)
    assert (warm - cool)[..., 0].mean() > 5 > -5 > (warm - cool)[..., 2].mean()


def test_the_detector_finds_faces_and_no_face_in_the_controls():
    factors = portraits.sample_factors(400, seed=12)
    found = detect_faces(portraits.draw(factors))
    near = np.hypot(factors["yaw"], factors["pitch"]) < 20
    assert found[near].mean() >= 0.95
    assert found.mean() >= 0.9
    assert detect_faces(controls.faceless(factors)).mean() <= 0.02
    assert detect_faces(controls.scrambled(factors)).mean() <= 0.02
