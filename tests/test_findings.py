"""Each finding on clouds and tables whose answer is known, on both sides of its threshold."""

import numpy as np
import pandas as pd
import pytest

from aelatent import findings, latent
from aelatent.findings import Finding
from aelatent.latent import CONDITIONS


def test_a_finding_shows_its_sentence_and_what_decided_it():
    shown = Finding("It is thin.", True, 0.98765, 0.5, "share (our choice)")._repr_markdown_()
    assert shown.startswith("**Finding.** It is thin.\n")
    assert "share (our choice): measured 0.988, threshold 0.5." in shown


def test_what_is_left_out_is_said_without_a_measure():
    assert Finding("No pictures.", False, np.nan, 0.5, "share")._repr_markdown_() == "No pictures."


def test_random_vectors_are_inside_a_cloud_about_the_origin_and_outside_one_beside_it():
    plain = np.random.default_rng(0).normal(size=(3000, 2))

    def judge(cloud, n=800):
        core, drawn = latent.core_border(cloud), ("standard normal", "multivariate normal")
        shares = {name: core.holds(latent.SAMPLERS[name](cloud, n)).mean() for name in drawn}
        return findings.inside_the_cloud(shares, n)

    beside, about = judge(plain * [3, 0.5] + [0, 4]), judge(plain)
    assert beside.holds
    assert "in its core more often than those from N(0, I)" in beside.text
    assert beside.value > 0.9 > beside.threshold
    assert not about.holds
    assert "no more often than" in about.text
    # Two standard errors of a difference of shares of 0.5 among 800 are 0.05.
    assert not findings.inside_the_cloud(
        {"standard normal": 0.475, "multivariate normal": 0.523}, 800
    ).holds
    assert findings.inside_the_cloud(
        {"standard normal": 0.474, "multivariate normal": 0.526}, 800
    ).holds


@pytest.mark.parametrize(("error", "holds"), [(0.0066, True), (0.0068, False), (0.2, False)])
def test_a_run_has_learned_what_it_keeps_of_the_variance(error, holds):
    table = pd.DataFrame({"error": [0.067, 0.03, error]}, ["mean picture", "toy", "run"])
    found = findings.learned(table)
    assert found.holds is holds
    assert found.value == pytest.approx(1 - error / 0.067)
    assert ("**not**" in found.text) is not holds


@pytest.mark.parametrize(("slope", "holds"), [(1.0, True), (0.0, False), (-1.0, False)])
def test_errors_follow_the_contrast_or_do_not(slope, holds):
    rng = np.random.default_rng(0)
    contrast = rng.random(500)
    found = findings.follows_contrast(slope * contrast + rng.random(500), contrast)
    assert found.holds is holds
    assert ("does not grow" in found.text) is not holds


def regions(eyes, mouth, se=0.01):
    names = ["mouth", "background", "eyes", "all"]
    shares = {"unexplained": [mouth, 0.02, eyes, 0.05], "se": [se, 0.001, se, 0.001]}
    return pd.DataFrame(shares, names)


def test_what_is_lost_first_leads_by_two_standard_errors():
    found = findings.lost_first(regions(0.20, 0.17))
    assert found.holds
    assert found.value == pytest.approx(0.03 / (0.01 * 2**0.5))
    assert "the **eyes** (20% of what differs there). Kept best: the background (2.0%" in found.text
    tie = findings.lost_first(regions(0.20, 0.18))
    assert not tie.holds
    assert "and within its error no less in the mouth" in tie.text
    worse = findings.lost_first(regions(1.5, 0.2))
    assert (worse.holds, "nothing is kept" in worse.text) == (False, True)


def test_without_masks_what_is_lost_first_is_left_out():
    assert "left out" in findings.lost_first(regions(0.2, 0.1).loc[["all"]])._repr_markdown_()


@pytest.mark.parametrize(("rate", "holds"), [(0.78, True), (0.74, False)])
def test_faces_survive_in_four_of_five(rate, holds):
    found = findings.shows_faces({"originals": 0.95, "reconstructions": rate})
    assert (found.holds, found.value) == (holds, rate / 0.95)


def test_pictures_without_faces_are_not_judged_by_the_detector():
    rates = {"originals": 0.4, "reconstructions": 0.4, "the center": 1.0}
    for found in (findings.shows_faces(rates), findings.center_is_a_face(rates)):
        assert not found.holds
        assert np.isnan(found.value)


@pytest.mark.parametrize("there", [True, False])
def test_the_center_is_a_face_or_none(there):
    found = findings.center_is_a_face({"originals": 0.9, "the center": np.mean([there])})
    assert found.holds is there
    assert ("**no face**" in found.text) is not there


@pytest.mark.parametrize(("aligned", "holds"), [(0.55, True), (0.53, False)])
def test_alignment_pays_beyond_two_standard_errors(aligned, holds):
    rates = {"faces: multivariate normal": [aligned, 0.5], "draws": [1000, 1000]}
    found = findings.alignment_pays(pd.DataFrame(rates, ["aligned", "free"]))
    assert found.holds is holds
    assert found.threshold == pytest.approx(2 * (0.25e-3 + aligned * (1 - aligned) / 1e3) ** 0.5)


def test_vectors_as_long_as_z_points_miss_the_faces_beyond_two_errors():
    radius = {"z-points": 20.0, "matched normal": 20.1}
    # Two standard errors of a difference of shares of 0.5 among 800 are 0.05.
    near = {"held-out z-points": 0.523, "matched normal": 0.475}
    far = {"held-out z-points": 0.526, "matched normal": 0.474}
    assert not findings.right_length_wrong_place(radius, near, 800).holds
    found = findings.right_length_wrong_place(radius, far, 800)
    assert found.holds
    assert "rarely makes a face: one is found in 47%" in found.text
    shorter = {"z-points": 20.0, "matched normal": 19.0}
    assert not findings.right_length_wrong_place(shorter, far, 800).holds


def test_the_origin_is_beside_a_sheet_only_where_it_is_off_across_it():
    rng = np.random.default_rng(0)
    sd = np.geomspace(5, 0.1, 20)
    turn = np.linalg.qr(rng.normal(size=(20, 20)))[0]

    def judge(offset):
        z = (rng.normal(size=(4000, 20)) * sd + offset) @ turn
        axes, moments, origin = latent.PrincipalAxes.fit(z), latent.Moments.of(z), np.zeros(20)
        along, apart = (latent.d2_by_axis(one, origin) for one in (axes, moments))
        return findings.thin_sheet(along, apart, latent.core_border(z).border)

    across = judge(np.r_[np.zeros(19), 2.0])  # 20 sd along the narrowest axis
    assert across.holds
    assert across.value > 0.98 > across.threshold
    assert "lies outside the core; added up component by component, as if" in across.text
    assert across.text.endswith("it would lie inside.")
    along = judge(np.r_[40.0, np.zeros(19)])  # 8 sd along the widest axis
    assert not along.holds
    assert along.text.startswith("One cannot say that the cloud is a thin sheet")
    near = judge(np.r_[np.zeros(19), 0.1])  # across, but inside the core
    assert not near.holds
    assert "lies inside the core" in near.text


def test_a_move_across_the_sheet_brings_faces_back_beyond_two_errors():
    faces = {"moved along narrow axes": 0.526, "moved along wide axes": 0.474}
    assert findings.onto_the_sheet(faces, 800).holds
    less = findings.onto_the_sheet({**faces, "moved along narrow axes": 0.523}, 800)
    assert not less.holds
    assert "does no more than others" in less.text
    back = dict(zip(faces, reversed(faces.values()), strict=True))
    assert "does less than one along it" in findings.onto_the_sheet(back, 800).text


def test_few_axes_are_fewer_than_those_of_components_without_correlations():
    shares = np.array([0.4, 0.2, 0.1, 0.1, 0.1, 0.1])
    found = findings.few_axes(shares, np.full(6, 1 / 6))
    assert found.holds
    assert (found.value, found.threshold) == (2, 3)
    assert "takes 2 of 6 axes, fewer than it would without correlations" in found.text
    assert found.text.endswith("nine tenths of it take 5.")
    assert "no fewer than" in findings.few_axes(shares, shares).text
    assert not findings.few_axes(shares, shares).holds


def test_the_center_is_the_pixel_mean_where_it_is_nearer_than_a_reconstruction():
    mean = np.random.default_rng(0).normal(0.5, 0.1, (4, 4, 3))
    found = findings.center_is_pixel_mean(mean + 0.01, mean, 0.02, True)
    assert found.holds
    np.testing.assert_allclose(found.value, 2.55)
    assert "finds a face" in found.text
    assert not findings.center_is_pixel_mean(mean + 0.03, mean, 0.02, False).holds
    flat = np.broadcast_to(mean.mean(axis=(0, 1)), mean.shape)  # of a network that learned nothing
    assert not findings.center_is_pixel_mean(flat, mean, 0.2, False).holds


def void_table(own, gaussian=0.3, elliptical=0.3):
    """Return two maps, of which the second has these shares of empty circles."""
    rows = [[0.3, 0.3, 0.25, 0.35, 0.3], [own, gaussian, 0.25, 0.35, elliptical]]
    columns = ["z-points", "Gaussian", "from", "to", "elliptical"]
    return pd.DataFrame(rows, ["2 axes", "10 axes"], columns)


def test_voids_of_a_gaussians_map_are_the_maps_own():
    torn, whole = (findings.tsne_tears(void_table(0.3).assign(Gaussian=g)) for g in (0.09, 0.08))
    assert torn.holds
    assert torn.threshold == pytest.approx(0.0864, abs=1e-4)
    assert "of a cloud that has none: in the map of a Gaussian 9% of" in torn.text
    assert not whole.holds
    assert "makes no voids here" in whole.text


def test_voids_count_beyond_the_band_of_the_draws_and_tails_may_explain_them():
    none = findings.more_voids_than_a_gaussian(void_table(0.34))
    assert not none.holds
    assert none.text.startswith("None of 2 maps")
    beyond = findings.more_voids_than_a_gaussian(void_table(0.36))
    assert beyond.holds
    assert (beyond.value, beyond.threshold) == (0.36, 0.35)
    assert "Heavy tails do not explain it: an elliptical" in beyond.text
    tails = findings.more_voids_than_a_gaussian(void_table(0.36, elliptical=0.37))
    assert tails.holds
    assert "Gaussian draws is that of 10 axes. Heavy tails are enough" in tails.text
    both = void_table(0.36)
    both.loc["2 axes"] = both.loc["10 axes"].replace(0.3, 0.37)
    assert "not explain it for 10 axes:" in findings.more_voids_than_a_gaussian(both).text
    fewer = findings.more_voids_than_a_gaussian(void_table(0.2))
    assert not fewer.holds
    assert fewer.text.endswith("Less empty than those of Gaussian draws is that of 10 axes.")


def test_zooms_are_chance_unless_neighbors_are_closer_than_in_the_surrogate():
    fields = np.random.default_rng(0).normal(1, 0.05, 4000)
    limit = -1.96 * np.sqrt(2) * 0.05  # 2.5 % for each of two planes
    table = pd.DataFrame({"the surrogate": [0.7, 1.0], "20 known curves": [0.5, 1.0]})
    chance = findings.zooms_are_chance(table.assign(**{"z-points": [0.57, 1.2]}), fields)
    assert chance.holds
    assert chance.threshold == pytest.approx(limit, rel=0.05)
    assert "would show in 1 of 2 planes" in chance.text
    closer = findings.zooms_are_chance(table.assign(**{"z-points": [0.55, 1.0]}), fields)
    assert not closer.holds
    assert closer.value == pytest.approx(-0.15)


def test_what_maps_and_zooms_leave_out_is_said_in_a_sentence():
    wanted = ["2 axes", "4 axes"]
    assert (
        findings.left_out_of_maps(wanted, wanted, ["smile"]).text
        == "On this run nothing is left out."
    )
    missing = findings.left_out_of_maps(wanted[:1], wanted, []).text
    assert "the maps of 4 axes" in missing
    assert "no quantity" in missing
    assert findings.left_out_of_zooms(4, 300).holds
    assert "2 of 4 planes" in findings.left_out_of_zooms(2, 300).text
    assert "133 here" in findings.left_out_of_zooms(4, 133).text


def credits_of(*means, error=0.01):
    table = pd.DataFrame({"mean": means, "mean error": error}, pd.Index(CONDITIONS))
    return findings.what_a_face_needs(table)


def test_a_face_needs_what_brings_more_than_two_errors():
    found = credits_of(0.5, 0.019, 0.2, 0.019)
    assert found.holds
    assert found.text.startswith("Put the vector where the faces are, let the components move tog")
    assert (
        "; the length follows by itself. Of a gain of 74 points in the share with a face, the "
        "*center* brings 50." in found.text
    )
    assert found.value == pytest.approx(20)
    assert "vary as much as it does" in credits_of(0.5, 0.021, 0.2, 0).text
    long = credits_of(0.5, 0, 0.2, 0.021)
    assert not long.holds
    assert "give it the right length. Of" in long.text
    assert not credits_of(0.5, 0, 0.019, 0).holds
    none = credits_of(0, 0, 0, 0, error=0.0)
    assert (none.text, none.holds) == ("Nothing that was kept brings faces here.", False)


@pytest.mark.parametrize(("second", "alone"), [(0.90 - 0.03, True), (0.90 - 0.02, False)])
def test_a_sampler_is_best_beyond_two_errors_of_the_difference(second, alone):
    names = ["originals", "a", "b", "c"]
    board = pd.DataFrame({"faces": [1, 0.90, second, 0.1], "faces error": 0.009}, names)
    board["frechet_decoded"], board["frechet_decoded error"] = [np.nan, 5, 4.9, 3], 0.4
    found = findings.best_sampler(board)  # 2 x 0.009 x sqrt(2) = 0.0255
    assert found.holds is alone
    assert ("*a* shows a face most often" in found.text) is alone
    assert ("*a*, *b* cannot be told apart, with a face in 90% at most" in found.text) is not alone
    assert found.text.endswith("as a set: *c*.")
    assert found.value == pytest.approx((0.9 - second) / 0.009 / np.sqrt(2))
    board["frechet_decoded"] = np.nan
    assert "as a set" not in findings.best_sampler(board).text


def test_copies_are_found_and_nobody_is_named_where_there_are_none():
    closer = pd.Series({"copies (control)": 1.0, "a": 0.0, "b": 0.0})
    found = findings.copies_nothing(closer, 400, 1000)
    assert found.holds
    assert "*" not in found.text
    assert found.threshold == pytest.approx(0.01 + 2 * np.sqrt(0.0099 * (1 / 400 + 1 / 1000)))
    closer["b"] = 0.03
    found = findings.copies_nothing(closer, 400, 1000)
    assert (found.holds, "*b*" in found.text, "*a*" in found.text) == (False, True, False)
    assert "blind" in findings.copies_nothing(closer * 0.01, 400, 1000).text


@pytest.mark.parametrize(
    ("times", "alike"), [(1.0, True), (1.05, True), (1.3, False), (0.7, False)]
)
def test_parts_go_together_within_a_tenth(times, alike):
    face = np.linspace(0.2, 0.3, 10)
    changes = pd.DataFrame({"face": face, "hair": face * (times + 0.01 * np.cos(np.arange(10)))})
    found = findings.parts_go_together(changes)
    assert found.holds is alike
    assert found.value == pytest.approx(abs(times - 1), abs=0.01)
    assert ("suffers more" in found.text, "suffers less" in found.text) == (
        times > 1.1,
        times < 0.9,
    )
    left_out = findings.parts_go_together(changes[["face"]])
    assert "no masks" in left_out._repr_markdown_()


def test_conclusions_that_hold_on_all_runs():
    values = {
        "credit: center": 0.5, "credit: correlation": 0.3, "credit: radius": 0.01,
        "faces: multivariate normal": 0.9, "faces: N(0, I)": 0.1, "spread of D² over its law": 5,
        "face at the center": 1, "origin's D² from the 20 narrowest axes": 0.9,
    }  # fmt: skip
    rows = [(run, name, value, 0.01) for run in "abc" for name, value in values.items()]
    table = pd.DataFrame(rows, columns=["run", "quantity", "value", "error"])
    found = findings.same_on_all_runs(table)
    assert (found.holds, found.value, found.threshold) == (True, 8, 8)
    other = table.copy()
    other.loc[(table.run == "b") & (table.quantity == "credit: radius"), "value"] = 0.03
    found = findings.same_on_all_runs(other)
    assert (found.holds, found.value) == (False, 7)
    assert found.text.endswith("Not on all: the radius brings none.")
    other.loc[(table.run == "c") & (table.quantity == "credit: correlation"), "value"] = 0.48
    other.loc[other.quantity.str.contains("narrowest"), "value"] = 0.1
    text = findings.same_on_all_runs(other).text
    assert "all: the center brings more of them." in text
    assert text.endswith("On none: the narrowest axes hold most of the origin's D².")


def test_values_stand_with_two_errors():
    shown = findings.plus_minus([85.51, 2.0], [1.26, np.nan])
    assert shown == ["85.5 ± 2.5", "2.0"]
    assert findings.plus_minus([1.0], 0.5, digits=0) == ["1 ± 1"]


def carried(*rows):
    table = pd.DataFrame(rows, columns=["component", "factor", "correlation", "chance"])
    return table.set_index("component")


def test_most_components_follow_one_factor_beyond_chance():
    rows = [(3, "level", -0.9, 0.1), (3, "hue", 0.8, 0.1), (5, "level", 0.5, 0.1)]
    found = findings.carried_by(carried(*rows, (6, "hue", 0.4, 0.1)))
    assert (found.holds, found.value) == (True, 2 / 3)
    assert "Most of the components that stand out follow **level**" in found.text
    assert "strongest of 2 of 3, with a correlation of 0.70" in found.text
    found = findings.carried_by(carried(*rows, (6, "hue", 0.4, 0.1), (7, "hue", 0.3, 0.1)))
    assert (found.holds, found.value) == (False, 0.5)
    assert "not most" in found.text
    weak = findings.carried_by(carried((3, "level", -0.05, 0.1), (5, "level", 0.09, 0.1)))
    assert (weak.holds, weak.value) == (False, 0)
    one = findings.carried_by(carried(*rows[:2]), "D²")
    assert one.text == "What goes with D² most is **level**, with a correlation of 0.90."
    assert (one.holds, one.value, one.threshold) == (True, 0.9, 0.1)
    assert "is left out here" in findings.carried_by(carried())._repr_markdown_()


@pytest.mark.parametrize(("error", "more"), [(0.9, True), (1.1, False)])
def test_striking_components_count_as_stronger_beyond_two_errors(error, more):
    columns = ["gray levels per unit", "± 2 standard errors"]
    table = pd.DataFrame([[3.5, error * 0.6], [2.5, error * 0.8]], columns=columns)
    found = findings.stronger_per_unit(table)
    assert (found.holds, found.value) == (more, 1)
    assert found.threshold == pytest.approx(error)
    assert "1.4" in found.text
    table.iloc[0] = np.nan
    assert "no comparison" in findings.stronger_per_unit(table)._repr_markdown_()


def test_wedges_and_ellipses():
    rng = np.random.default_rng(0)
    u, v = rng.normal(size=(2, 3000))
    pair = pd.DataFrame({"i": [0], "j": [1], "correlation": [0.9]})
    for bend, is_wedge in ((0.3, True), (0.0, False)):
        z = np.column_stack([3 * u, v * np.exp(bend * u)])
        found = findings.wedge(latent.pair_wedges(z, pair))
        assert found.holds is is_wedge
        assert ("wedges**, not ellipses" in found.text) is is_wedge
        assert f"{int(is_wedge)} of 1 are out" in found.text
    assert np.isnan(findings.wedge(pair[:0]).value)


def test_d2_spreads_more_than_that_of_an_mvn():
    z = np.random.default_rng(1).normal(size=(1000, 5))
    scale = np.random.default_rng(2).chisquare(5, (1000, 1)) ** -0.5
    for cloud, more in ((z, False), (z * scale, True)):
        table = latent.normality_report(cloud, draws=4, test=False).in_words()
        found = findings.spread_of_d2(table)
        assert found.holds is more
        assert ("**no** multivariate normal" in found.text) is more
        assert found.threshold == table["MVN high"].iloc[0]


def shares(n, seed=0, **rates):
    """Whether n pictures show a face, with known rates by column."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame({float(x.strip("_")) / 100: rng.random(n) < p for x, p in rates.items()})


def test_two_errors_of_a_paired_difference_know_what_rows_share():
    a = np.random.default_rng(0).random(200)
    gain, noise = findings.paired(a + 0.1, a)
    assert gain == pytest.approx(0.1)
    assert noise < 1e-12
    gain, noise = findings.paired([1, 1, 0, 1], [0, 1, 0, 0])
    assert (gain, noise) == pytest.approx((0.5, 2 * np.std([1, 0, 0, 1], ddof=1) / 2))
    # Of truths by Agresti and Min: b = 3, c = 1 of 10 and half a count more in each of four cells.
    one, other = np.repeat([True, False, True], [3, 1, 6]), np.repeat([False, True], [3, 7])
    gain, noise = findings.paired(one, other)
    error = np.sqrt((3.5 + 1.5) - (3.5 - 1.5) ** 2 / 12) / 12
    assert (gain, noise) == pytest.approx((0.2, 2 * error))
    assert findings.paired(one | True, one | True)[1] > 0.1


@pytest.mark.parametrize(("start", "holds"), [(0.05, True), (0.85, False)])
def test_faces_appear_on_the_way_from_the_origin_or_were_there(start, holds):
    faces = shares(60, _0=start, _50=0.2 if holds else 0.9, _80=0.8, _100=0.9)
    d2 = pd.Series([900, 300, 100, 10], faces.columns)
    found = findings.path_from_origin(faces, d2, 200)
    assert found.holds is holds
    assert ("Faces appear along the path" in found.text) is holds


@pytest.mark.parametrize(("far", "holds"), [(0.4, True), (0.93, False)])
def test_far_steps_cost_faces_or_do_not(far, holds):
    found = findings.outside_is_worse(shares(80, _25=0.95, _100=0.93, _400=0.9, _1000=far))
    assert found.holds is holds
    assert ("no fewer faces" in found.text) is not holds
    assert found.value == pytest.approx(found.threshold, abs=0.9)


@pytest.mark.parametrize(("far", "holds"), [(0.4, True), (0.93, False)])
def test_correlations_matter_where_faces_last_longer_with_them(far, holds):
    following, disregarding = shares(90, _200=0.95, _600=0.93), shares(90, 1, _200=0.94, _600=far)
    found = findings.correlations_matter(following, disregarding)
    assert found.holds is holds
    assert ("grows outward" in found.text) is holds
    assert not findings.correlations_matter(disregarding, following).holds


def test_faces_on_paths_are_not_counted_where_hardly_any_are_found():
    rare = shares(60, _0=0.1, _100=0.1)
    one = pd.DataFrame({"face": [False] * 9 + [True], "sharpness": 1.0})
    for found in (
        findings.path_from_origin(rare, rare.mean(), 9),
        findings.outside_is_worse(rare),
        findings.correlations_matter(rare, rare),
        findings.slerp_or_linear(one, one),
    ):
        assert found._repr_markdown_().startswith("What paths do to faces is left out here")


def test_no_way_between_pictures_wins_within_two_errors():
    rng = np.random.default_rng(0)
    one = pd.DataFrame({"face": rng.random(50) < 0.9, "sharpness": rng.random(50)})
    found = findings.slerp_or_linear(one, one.assign(sharpness=one["sharpness"] + 0.1))
    assert not found.holds
    assert "cannot tell" in found.text
    assert "sharper on the slerp" in found.text
    found = findings.slerp_or_linear(one, one.assign(face=False))
    assert found.holds
    assert "straight line shows more" in found.text
    assert "equally sharp" in found.text


def test_attributes_are_specific_where_all_lead():
    table = pd.DataFrame({"lead": [9.0, 2.1]}, index=["Smiling", "Young"])
    assert findings.attribute_is_specific(table).holds
    found = findings.attribute_is_specific(table.assign(lead=[9.0, 1.9]))
    assert not found.holds
    assert "No such lead is certain for *Young*" in found.text
    assert "no usual attribute" in findings.attribute_is_specific(table[:0])._repr_markdown_()


def test_what_chapter_05_leaves_out_is_said():
    assert findings.left_out_of_axes(4, [1]).holds
    few = findings.left_out_of_axes(2, [])
    assert not few.holds
    assert "beyond PC 2" in few.text
    assert "nothing is known of the pictures" in few.text


@pytest.mark.parametrize(
    ("p", "clumps", "said"), [(0.06, False, "do not clump"), (0.05, False, "no nearer"),
                              (0.05, True, "The z-points clump")]
)  # fmt: skip
def test_points_clump_if_p_is_small_and_they_lie_nearer(p, clumps, said):
    verdict = pd.DataFrame([{"p": p, "clumps": clumps, "scale": 0.1}])
    found = findings.clumping(verdict)
    assert found.holds is clumps
    assert said in found.text


def test_curves_are_seen_as_far_as_their_pairs_leave_the_band():
    known = pd.DataFrame(
        {"curves": [20, 300, 3000], "effect": [0.2, 0.02, 0.01], "band_high": 0.02}
    )
    found = findings.curves_seen(known)
    assert (found.holds, found.value) == (True, 20)
    assert findings.curves_seen(known.assign(band_high=0.019)).value == 300
    assert not findings.curves_seen(known.assign(band_high=0.3)).holds


@pytest.mark.parametrize(("ratio", "holds", "most"), [(0.44, True, 3000), (0.86, False, 300)])
def test_a_web_is_excluded_where_its_points_would_lie_nearer(ratio, holds, most):
    clouds = ["z-points", "elliptical", "all on 300 curves", "all on 3,000 curves"]
    full = pd.DataFrame({"cloud": clouds, "ratio": [0.9, 1, 0.1, ratio]})
    found = findings.web_excluded(full)
    assert (found.holds, found.value) == (holds, most)
    assert not findings.web_excluded(full.assign(ratio=0.9)).holds


@pytest.mark.parametrize(("effect", "holds"), [(0.013, False), (0.015, True)])
def test_curvature_is_what_an_elliptical_cloud_has_as_well(effect, holds):
    band = {"band_low": -0.01, "band_high": 0.01, "plane": "a"}
    rows = [("z-points", 0.1, 0.9), ("z-points", 0.4, effect), ("elliptical", 0.4, 0.0)]
    wider = pd.DataFrame(rows, columns=["cloud", "scale", "effect"]).assign(**band)
    found = findings.smooth_curvature(wider)  # both bands together: 0.0141
    assert found.holds is holds
    assert found.value == pytest.approx(effect / np.hypot(0.01, 0.01))


@pytest.mark.parametrize(("voids", "holds"), [(0.855, True), (0.85, False)])
def test_a_region_is_missed_unless_voids_lose_faces(voids, holds):
    shares = {"faces": [0.9, voids], "n": 400}
    table = pd.DataFrame(shares, ["beside z-points", "voids"])
    assert findings.missed_region(table).holds is holds  # two errors are 0.046 and 0.047
    assert ("**one region**" in findings.missed_region(table).text) is holds


def test_the_border_of_the_core_matters_if_faces_are_lost_beyond_it():
    rays = pd.DataFrame({"series": "random directions", "x": [0, 90, 210, 400], "n": 150})
    flat = findings.crossing_the_border(rays.assign(rate=[0, 0.9, 0.8, 0.83]), 100)
    lost = findings.crossing_the_border(rays.assign(rate=[1, 0.9, 0.8, 0.81]), 100)
    assert (flat.holds, lost.holds) == (False, True)  # two errors are 0.078 and 0.081
    assert "shows **none**" in flat.text
    assert "shows a face" in lost.text
    assert lost.value == pytest.approx(0.09)


def test_a_region_is_in_one_piece_unless_middles_lose_faces():
    faces = np.ones((100, 9), bool)
    assert findings.one_piece(faces).holds
    faces[:3, 4] = False
    assert findings.one_piece(faces).holds  # three of a hundred: 0.03 against 0.034
    faces[:5, 4] = False
    assert not findings.one_piece(faces).holds


def test_the_level_is_kept_unless_a_law_is_rejected_too_often():
    rates = pd.DataFrame({"kind": ["null", "null", "web"], "rate": [0.1, 0.2, 1.0], "of": "a"})
    rates = rates.assign(
        allowed=0.2, null=["one", "two", ""], found=[0, 0, 0.9], share=0.2, count=9
    )
    assert findings.level_kept(rates, "a").holds
    over = findings.level_kept(rates.assign(allowed=0.19), "b")
    assert not over.holds
    assert "two (20%)" in over.text
    assert "make calibrate RUN=b" in over.text
    assert "web (20% of the points on 9)" in findings.what_is_seen(rates).text.split("misses")[0]
    assert not findings.what_is_seen(rates.assign(found=0.79)).holds


def test_the_verdict_is_put_together_of_findings():
    yes, no = Finding("Yes.", True, 1, 0, "r"), Finding("No.", False, 1, 0, "r")
    told = findings.verdict(no, yes, yes, yes)
    assert told.holds
    assert "**one coherent region**" in told.text
    assert not findings.verdict(yes, yes, yes, yes).holds
    assert "region" not in findings.verdict(no, yes, yes, no).text
