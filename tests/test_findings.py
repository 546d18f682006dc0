"""Each finding on clouds and tables whose answer is known, on both sides of its threshold."""

import numpy as np
import pandas as pd
import pytest

from aelatent import findings, latent
from aelatent.findings import Finding


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
    assert ("does not follow" in found.text) is not holds


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
    assert "within its error the mouth as much" in tie.text


def test_without_masks_what_is_lost_first_is_left_out():
    assert "left out" in findings.lost_first(regions(0.2, 0.1).loc[["all"]])._repr_markdown_()


@pytest.mark.parametrize(("rate", "holds"), [(0.78, True), (0.74, False)])
def test_faces_survive_in_four_of_five(rate, holds):
    found = findings.shows_faces(0.95, rate)
    assert (found.holds, found.value) == (holds, rate / 0.95)


def test_pictures_without_faces_are_not_judged_by_the_detector():
    for found in (findings.shows_faces(0.4, 0.4), findings.center_is_a_face(True, 0.4)):
        assert not found.holds
        assert np.isnan(found.value)


@pytest.mark.parametrize("there", [True, False])
def test_the_center_is_a_face_or_none(there):
    found = findings.center_is_a_face(np.array([there])[0], 0.9)
    assert found.holds is there
    assert ("**no face**" in found.text) is not there


@pytest.mark.parametrize(("aligned", "holds"), [(0.55, True), (0.53, False)])
def test_alignment_pays_beyond_two_standard_errors(aligned, holds):
    rates = {"faces: multivariate normal": [aligned, 0.5], "draws": [1000, 1000]}
    found = findings.alignment_pays(pd.DataFrame(rates, ["aligned", "free"]))
    assert found.holds is holds
    assert found.threshold == pytest.approx(2 * (0.25e-3 + aligned * (1 - aligned) / 1e3) ** 0.5)
