import hashlib
import pickle
import subprocess
import sys

import cv2
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aelatent.images import portraits

RANGES = {factor.name: factor for factor in portraits.FACTORS}
WHOLE = ["glasses", "texture"]


def plain(rows=1, **values):
    """Return factors of an average person, frontal, without noise; `values` are set."""
    mean = {}
    for factor in portraits.FACTORS:
        middle = factor.spread[0] if factor.shape == "normal" else (factor.low + factor.high) / 2
        mean[factor.name] = 0 if factor.shape in ("chance", "share") else middle
    mean |= {"noise": 0, "texture": 5, "hair_length": 0.15, "background_shapes": 0}
    table = pd.DataFrame([mean | values] * rows).astype(np.float32)
    return table.astype(dict.fromkeys(WHOLE, np.int32))


def picture(**values):
    return portraits.draw(plain(**values))[0].astype(float)


# --- factors


def test_factors_have_the_documented_columns_types_and_ranges():
    factors = portraits.sample_factors(3000, seed=4)
    assert list(factors.columns) == list(RANGES)
    for name, column in factors.items():
        assert column.dtype == (np.int32 if name in WHOLE else np.float32)
        assert RANGES[name].low <= column.min()
        assert column.max() <= RANGES[name].high
        assert column.nunique() == 2 if name == "glasses" else column.nunique() > 500
    assert all(f.unit and f.meaning and f.low < f.high for f in portraits.FACTORS)


@given(
    n=st.integers(1, 40), start=st.integers(0, 10**9), seed=st.integers(0, 2**70), k=st.integers(0)
)
@settings(max_examples=40, deadline=None)
def test_a_row_depends_on_seed_and_number_only(n, start, seed, k):
    k %= n
    rows = portraits.sample_factors(n, seed, start)
    alone = portraits.sample_factors(1, seed, start + k)
    pd.testing.assert_frame_equal(rows.iloc[k : k + 1], alone)
    assert rows.index.tolist() == list(range(start, start + n))


def test_seeds_differ_and_global_random_state_is_neither_used_nor_changed():
    np.random.seed(3)  # noqa: NPY002
    before = pickle.dumps(np.random.get_state())  # noqa: NPY002
    one = portraits.sample_factors(50, seed=1)
    portraits.draw(one.head(2), 32)
    assert pickle.dumps(np.random.get_state()) == before  # noqa: NPY002
    np.random.seed(4)  # noqa: NPY002
    pd.testing.assert_frame_equal(one, portraits.sample_factors(50, seed=1))
    other = portraits.sample_factors(50, seed=2)
    assert (one["yaw"] != other["yaw"]).all()


def test_marginals_and_correlations_are_as_documented():
    factors = portraits.sample_factors(20_000)
    for factor in portraits.FACTORS:
        values = factors[factor.name]
        if factor.shape == "uniform":
            assert values.mean() == pytest.approx((factor.low + factor.high) / 2, rel=0.03)
        if factor.shape in ("share", "chance"):
            assert (values > factor.low).mean() == pytest.approx(factor.spread[0], abs=0.015)
        if factor.name == "yaw":
            assert np.ptp(factors["yaw"].quantile([0.05, 0.95])) > 45
    matrix = portraits.correlation_matrix()
    assert np.linalg.eigvalsh(matrix).min() > 0.05
    for (one, other), wanted in portraits.CORRELATIONS.items():
        assert matrix.loc[one, other] == matrix.loc[other, one] == wanted
    ranks = factors.rank().corr()  # Spearman's, which the normal scores share almost
    spread = [f.name for f in portraits.FACTORS if f.shape in ("normal", "uniform")]
    wanted = matrix.loc[spread, spread].to_numpy()
    assert np.abs(ranks.loc[spread, spread].to_numpy() - wanted).max() < 0.05


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": -1}, "n must be a whole number from 0 on; got -1"),
        ({"n": 2.5}, "n must be a whole number"),
        ({"n": True}, "n must be a whole number"),
        ({"n": 1, "seed": -3}, "seed must be .* got -3"),
        ({"n": 1, "start": "7"}, "start must be .* got '7'"),
    ],
)
def test_senseless_counts_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        portraits.sample_factors(**arguments)


# --- drawing


def test_a_picture_does_not_depend_on_its_batch():
    factors = portraits.sample_factors(41, seed=9)
    together = portraits.draw(factors)
    assert together.shape == (41, 96, 96, 3)
    assert together.dtype == np.uint8
    order = np.random.default_rng(0).permutation(41)
    np.testing.assert_array_equal(portraits.draw(factors.iloc[order]), together[order])
    np.testing.assert_array_equal(portraits.draw(factors[factors.columns[::-1]]), together)
    for k in (0, 17, 40):
        np.testing.assert_array_equal(portraits.draw(factors.iloc[[k]])[0], together[k])
    for start in (1, 15, 16, 30):
        part = portraits.draw(factors.iloc[start : start + 11])
        np.testing.assert_array_equal(part, together[start : start + 11])


def test_another_process_draws_the_same():
    code = (
        "import hashlib; from aelatent.images import portraits as p;"
        "print(hashlib.sha256(p.draw(p.sample_factors(9, 3, start=5))).hexdigest())"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    here = portraits.draw(portraits.sample_factors(20, 3)[5:14])
    assert there.stdout.strip() == hashlib.sha256(here).hexdigest()


@pytest.mark.parametrize("size", [32, 64, 97, 160])
def test_other_sizes_show_the_same_portrait(size):
    factors = plain(noise=0)
    small = portraits.draw(factors, size)[0]
    reference = portraits.draw(factors, 96)[0]
    assert small.shape == (size, size, 3)
    near = cv2.resize(small, (12, 12), interpolation=cv2.INTER_AREA).astype(float)
    wanted = cv2.resize(reference, (12, 12), interpolation=cv2.INTER_AREA)
    assert np.abs(near - wanted).mean() < 4


def test_no_rows_give_no_pictures():
    assert portraits.draw(portraits.sample_factors(0)).shape == (0, 96, 96, 3)


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_every_corner_of_the_ranges_can_be_drawn(data):
    ends = {f.name: data.draw(st.sampled_from([f.low, f.high])) for f in portraits.FACTORS}
    drawn = portraits.draw(plain(**ends), 48)[0]
    assert drawn.std() > 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="yaw"), r"missing \['yaw'\]"),
        (lambda t: t.assign(nose_ring=1.0), r"unknown \['nose_ring'\]"),
        (lambda t: pd.concat([t, t[["yaw"]]], axis=1), "each column of FACTORS once"),
        (lambda t: t.assign(yaw=np.nan), "'yaw' must be numbers from -45 to 45 .* got .*nan"),
        (lambda t: t.assign(smile=1.2), "'smile' must be .* got .*1.2.* in row 0"),
        (lambda t: t.assign(glasses=0.5), "'glasses' must be whole numbers from 0 to 1"),
        (lambda t: t.assign(hair_tone="blond"), "factors must be numbers; got .*blond"),
        (lambda t: t.assign(scale=np.inf), "'scale' must be"),
    ],
)
def test_factors_that_cannot_be_drawn_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        portraits.draw(change(plain()))


def test_what_is_no_table_or_size_is_refused():
    with pytest.raises(TypeError, match=r"must be a DataFrame .* got ndarray"):
        portraits.draw(np.zeros((2, 40)))
    for size in (8, 96.0, 4096, None):
        with pytest.raises(ValueError, match=r"size must be .*got"):
            portraits.draw(plain(), size)


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
    assert picture(**{name: high})[where].mean() > picture(**{name: low})[where].mean() + 12


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


# --- the same everywhere


def test_pictures_are_those_of_this_generator_version():
    thumbnails = portraits.draw(portraits.sample_factors(4, seed=2024))
    coarse = thumbnails.astype(float).mean(-1).reshape(4, 6, 16, 6, 16).mean((2, 4))
    assert portraits.VERSION == 1
    assert np.abs(coarse - THUMBNAILS).max() < 1.5  # one gray level, and rounding


# --- the source


def test_the_source_is_a_prefix_of_a_longer_one():
    short, long = portraits.Portraits(45, seed=6), portraits.Portraits(1000, seed=6)
    assert len(short) == 45
    assert short.image_ids == long.image_ids[:45]
    assert short.image_ids[44] == "portrait-000044"
    pd.testing.assert_frame_equal(short.table, long.table[:45])
    one, other = short.read(38, 45, 96, "center"), long.read(38, 45, 96, "center")
    np.testing.assert_array_equal(one.images, other.images)
    assert one.image_ids == short.image_ids[38:]
    assert one.skipped == []
    np.testing.assert_array_equal(short.task(38, 45)(96, "center").images, one.images)


def test_the_table_holds_split_and_factors_of_the_pictures():
    source = portraits.Portraits(60, seed=1)
    assert source.table.index.tolist() == source.image_ids
    assert np.flatnonzero(source.table["split"] == "val").tolist() == [19, 39, 59]
    factors = source.table.drop(columns="split")
    pd.testing.assert_frame_equal(
        factors.reset_index(drop=True), portraits.sample_factors(60, seed=1), check_index_type=False
    )
    drawn = portraits.draw(factors[10:13])
    np.testing.assert_array_equal(source.read(10, 13, 96, "center").images, drawn)


def test_a_source_iterates_over_its_portraits():
    source = portraits.Portraits(70, seed=2)
    items = list(source)
    assert [item[0] for item in items] == source.image_ids
    np.testing.assert_array_equal(items[66][1], source.read(66, 67, 96, "center").images[0])
    assert items[66][2] == source.table.drop(columns="split").iloc[66].to_dict()


def test_identity_tells_generator_seed_and_count():
    one = portraits.Portraits(5, seed=1).identity()
    assert one == portraits.Portraits(5, seed=1).identity()
    assert one["generator"] == portraits.VERSION
    assert one != portraits.Portraits(6, seed=1).identity()
    assert one != portraits.Portraits(5, seed=2).identity()


def test_a_senseless_source_is_refused():
    for n in (0, -1, 2.0, "many"):
        with pytest.raises(ValueError, match=r"n must be a whole number from 1 on; got"):
            portraits.Portraits(n)
    with pytest.raises(ValueError, match=r"crop must be 'center', got 0\.5"):
        portraits.Portraits(2).read(0, 1, 96, 0.5)


# Gray levels of a 6 x 6 grid over the first portraits of seed 2024; the test below says how they
# were made. They change with `portraits.VERSION` only.
THUMBNAILS = [
    [
        [84, 78, 69, 70, 74, 78],
        [84, 73, 94, 88, 56, 78],
        [83, 77, 131, 131, 75, 73],
        [84, 74, 115, 128, 87, 70],
        [84, 66, 74, 109, 70, 74],
        [85, 85, 88, 102, 91, 84],
    ],
    [
        [35, 38, 47, 51, 36, 36],
        [37, 41, 116, 92, 43, 36],
        [37, 52, 161, 116, 69, 35],
        [38, 46, 141, 101, 65, 37],
        [39, 40, 76, 76, 38, 37],
        [71, 87, 90, 75, 71, 60],
    ],
    [
        [180, 146, 96, 135, 166, 177],
        [152, 40, 72, 101, 152, 167],
        [134, 69, 135, 156, 157, 163],
        [151, 87, 138, 143, 155, 160],
        [170, 99, 86, 118, 149, 157],
        [150, 106, 89, 120, 141, 154],
    ],
    [
        [236, 231, 157, 181, 250, 237],
        [237, 161, 122, 132, 198, 236],
        [239, 169, 137, 147, 197, 234],
        [238, 189, 123, 134, 210, 232],
        [235, 231, 114, 121, 243, 230],
        [156, 107, 79, 89, 108, 155],
    ],
]


# --- is it a face?


def is_face(drawn):
    """Tell whether the usual detector finds a face in a picture."""
    path = cv2.data.haarcascades + "haarcascade_frontalface_alt2.xml"
    gray = cv2.cvtColor(cv2.resize(drawn, (192, 192)), cv2.COLOR_RGB2GRAY)
    return len(cv2.CascadeClassifier(path).detectMultiScale(gray, 1.1, 3, minSize=(60, 60))) > 0


def test_the_detector_finds_faces_and_misses_scrambled_ones():
    factors = portraits.sample_factors(200, seed=12)
    drawn = portraits.draw(factors)
    found = np.array([is_face(p) for p in drawn])
    frontal = factors["yaw"].abs() < 20
    assert found[frontal].mean() >= 0.9
    assert found.mean() >= 0.8
    tiles = drawn.reshape(200, 4, 24, 4, 24, 3).swapaxes(2, 3).reshape(200, 16, 24, 24, 3)
    mixed = tiles[:, np.random.default_rng(0).permutation(16)].reshape(200, 4, 4, 24, 24, 3)
    mixed = mixed.swapaxes(2, 3).reshape(200, 96, 96, 3)
    assert np.mean([is_face(p) for p in mixed]) <= 0.05
