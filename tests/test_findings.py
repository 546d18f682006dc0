"""Each finding on clouds and tables whose answer is known, on both sides of its threshold."""

import numpy as np

from aelatent.findings import Finding


def test_a_finding_shows_its_sentence_and_what_decided_it():
    shown = Finding("It is thin.", True, 0.98765, 0.5, "share (our choice)")._repr_markdown_()
    assert shown.startswith("**Finding.** It is thin.\n")
    assert "share (our choice): measured 0.988, threshold 0.5." in shown


def test_what_is_left_out_is_said_without_a_measure():
    assert Finding("No pictures.", False, np.nan, 0.5, "share")._repr_markdown_() == "No pictures."
