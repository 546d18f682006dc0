"""What the factors do to the picture, and whether it shows a face."""

import numpy as np
import pytest

from aelatent.images import detect_faces, portraits

from .drawn import picture, plain

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
    # Strands, clothes and background are not mirrored.
    face = portraits.regions(plain(**turned))[0, ..., 0] > 0.99
    assert face.mean() > 0.15
    assert np.abs(one[face] - other[:, ::-1][face]).mean() < 1
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
        ("moustache", 0, 1, (58, 74), (42, 54)),
        ("stubble", 0, 1, (60, 86), (42, 54)),
        ("mouth_width", 0.85, 1.2, (62, 78), (42, 54)),
        ("lip_fullness", 0.7, 1.4, (62, 80), (42, 54)),
        ("eye_size", 0.88, 1.15, (40, 56), (42, 54)),
        ("brow_arch", 0, 1, (34, 50), (42, 54)),
        ("hat", 0, 1, (5, 40), (38, 58)),
        ("neckline", 0, 1, (82, 96), (38, 58)),
        ("receding", 0, 1, (8, 40), (38, 58)),
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
    clear, dark = picture(glasses=1, lens_tint=0), picture(glasses=1, lens_tint=1)
    assert dark[44:52, 30:42].mean() < clear[44:52, 30:42].mean() - 25
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


def test_a_soft_lens_takes_away_detail_and_keeps_the_brightness():
    sharp, soft = picture(blur=0), picture(blur=1)
    edges = [np.abs(np.diff(p, axis=1)).mean() for p in (sharp, soft)]
    assert edges[1] < 0.8 * edges[0]
    assert abs(sharp.mean() - soft.mean()) < 1
    assert np.abs(picture(blur=0.5) - sharp).mean() < np.abs(soft - sharp).mean()


def test_gray_hair_has_no_color():
    hair = np.s_[14:18, 40:56]
    chroma = [
        np.ptp(picture(hair_gray=g, hair_red=0.5, warmth=0)[hair], axis=-1).mean() for g in (0, 1)
    ]
    assert chroma[1] < 0.4 * chroma[0]


def test_portraits_vary_as_photos_do():
    drawn = portraits.draw(portraits.sample_factors(300, seed=8), 32).astype(float) / 255
    assert 0.25 < drawn.mean() < 0.6
    assert drawn.std(0).mean() > 0.2
    assert 0.05 < np.mean(drawn.std((1, 2, 3)) > 0.2) < 0.95


# --- is it a face?


def test_the_detector_finds_faces_and_no_face_in_the_controls():
    factors = portraits.sample_factors(400, seed=12)
    found = detect_faces(portraits.draw(factors))
    near = np.hypot(factors["yaw"], factors["pitch"]) < 20
    assert found[near].mean() >= 0.95
    assert found.mean() >= 0.9
    assert detect_faces(portraits.faceless(factors)).mean() <= 0.02
    assert detect_faces(portraits.scrambled(factors)).mean() <= 0.02
