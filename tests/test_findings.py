"""Each finding on clouds and tables whose answer is known, on both sides of its threshold."""

import numpy as np

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
