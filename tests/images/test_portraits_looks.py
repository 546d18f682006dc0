"""What the factors do to the picture, and whether it shows a face."""

import numpy as np
import pytest

from aelatent.images import detect_faces, portraits

from .drawn import picture

# --- what the factors do

CHEEKS = {"left": np.s_[48:64, 28:38], "right": np.s_[48:64, 58:68]}


def test_light_from_the_right_brightens_the_right_cheek():
    left, right = picture(light_azimuth=-50), picture(light_azimuth=50)
    for side, sign in (("left", -1), ("right", 1)):
        gain = right[CHEEKS[side]].mean() - left[CHEEKS[side]].mean()
        assert sign * gain > 15


def test_light_from_all_around_brightens_the_dark_side():
    bright, dark = (picture(ambient=a, light_azimuth=70)[CHEEKS["left"]].mean() for a in (0.8, 0.2))
    assert bright > dark + 20


def test_a_mirrored_head_is_the_mirrored_picture():
    turned = {"yaw": 25, "roll": 6, "light_azimuth": 30, "gaze": 0.5, "parting": 0.4}
    one = picture(**turned)
    other = picture(**{name: -value for name, value in turned.items()})
    face = np.s_[40:80, 20:76]  # strands, clothes and background are not mirrored
    assert np.abs(one[face] - other[:, ::-1][face]).mean() < 2
    assert np.abs(one[face] - other[face]).mean() > 8


def center_of(change):
    """Return row and column of the center of a change, in pixels."""
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
        ("beard", 0, 1, (62, 88), (42, 54)),
        ("glasses", 0, 1, (40, 56), (42, 54)),
        ("fringe", 0, 1, (10, 44), (38, 58)),
        ("clothes_level", 0.1, 0.9, (84, 96), (38, 58)),
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

    glad, sad = corners(0.9), corners(-0.3)
    assert glad[0] - sad[0] > 1  # pixels
    assert glad[1] > sad[1]  # and the mouth is wider


@pytest.mark.parametrize(
    ("name", "low", "high", "where"),
    [
        ("skin_tone", 0.9, 0.1, np.s_[50:62, 40:56]),
        ("hair_tone", 0.0, 1.0, np.s_[14:18, 40:56]),
        ("background_level", 0.1, 0.9, np.s_[:20, :8]),
        ("exposure", -0.8, 0.8, np.s_[:, :]),
        ("clothes_level", 0.1, 0.9, np.s_[93:, 10:20]),
    ],
)
def test_a_factor_brightens(name, low, high, where):
    bright, dark = (picture(hair_red=0, **{name: value})[where].mean() for value in (high, low))
    assert bright > dark + 12


def test_the_iris_follows_the_gaze():
    change = (picture(gaze=0.8, iris=0) - picture(gaze=-0.8, iris=0))[42:52].mean((0, 2))
    for eye in (change[32:46], change[50:64]):  # dark where the iris goes, white where it was
        assert np.argmin(eye) > np.argmax(eye)
        assert np.ptp(eye) > 10


def test_glasses_and_beard_darken():
    assert picture(glasses=1)[40:56].mean() < picture()[40:56].mean() - 2
    assert picture(beard=1)[76:84, 40:56].mean() < picture()[76:84, 40:56].mean() - 30


def test_pose_and_place_move_the_face():
    def mouth(**values):
        return center_of(picture(lip_color=1, **values) - picture(lip_color=0, **values))

    row, column = mouth()
    assert mouth(shift_x=0.08)[1] == pytest.approx(column + 0.08 * 96, abs=0.4)
    assert mouth(shift_y=0.05)[0] == pytest.approx(row + 0.05 * 96, abs=0.4)
    assert mouth(yaw=30)[1] > column + 4
    assert mouth(pitch=15)[0] < row - 1
    assert mouth(roll=15)[1] < column - 2  # clockwise: the chin swings to the left
    assert mouth(scale=0.9)[0] > row + 2


def test_noise_and_warmth_have_the_stated_size():
    grain = (
        picture(noise=4, background_level=0.6)[:20, :10] - picture(background_level=0.6)[:20, :10]
    )
    assert grain.std() == pytest.approx(4, rel=0.2)
    assert abs(grain.mean()) < 1
    warm, cool = picture(warmth=1), picture(warmth=-1)
    assert (warm - cool)[..., 0].mean() > 5 > -5 > (warm - cool)[..., 2].mean()


def test_portraits_vary_as_photos_do():
    drawn = portraits.draw(portraits.sample_factors(300, seed=8), 32).astype(float) / 255
    assert 0.25 < drawn.mean() < 0.6
    assert drawn.std(0).mean() > 0.13  # CelebA, centered squares: 0.25
    assert 0.05 < np.mean(drawn.std((1, 2, 3)) > 0.2) < 0.95


# --- is it a face?


def test_the_detector_finds_faces_and_misses_scrambled_ones():
    factors = portraits.sample_factors(200, seed=12)
    drawn = portraits.draw(factors)
    found = detect_faces(drawn)
    assert found[factors["yaw"].abs() < 20].mean() >= 0.9
    assert found.mean() >= 0.8
    tiles = drawn.reshape(200, 4, 24, 4, 24, 3).swapaxes(2, 3).reshape(200, 16, 24, 24, 3)
    mixed = tiles[:, np.random.default_rng(0).permutation(16)].reshape(200, 4, 4, 24, 24, 3)
    mixed = mixed.swapaxes(2, 3).reshape(200, 96, 96, 3)
    assert detect_faces(mixed).mean() <= 0.05
