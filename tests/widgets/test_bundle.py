import base64
import json
import zlib
from types import SimpleNamespace

import numpy as np
import pytest

from aelatent import Run
from aelatent.model import ModelConfig
from aelatent.widgets._bundle import Bundle, bundle_of, core_of, encoder_of, why_not


def test_arrays_lie_in_the_order_they_came_first_bytes_first():
    bundle = Bundle({"run": "r"})
    bundle.add("a", np.arange(3), "|u1")
    bundle.add("b", np.array([[0.5, 2]]), "<f2")
    bundle.add("c", np.array([0.1]))
    table = bundle.info["arrays"]
    assert [table[name]["at"] for name in "abc"] == [0, 3, 7]
    assert [table[name]["dtype"] for name in "abc"] == ["u1", "f2", "f4"]
    assert table["b"]["shape"] == [1, 2]
    data = zlib.decompress(bundle.data)
    assert data[:3] == bytes([0, 1, 2])
    assert np.frombuffer(data[3:7:2] + data[4:7:2], "<f2").tolist() == [0.5, 2]
    assert np.frombuffer(data[7:], "<f4") == np.float32(0.1)


def test_what_is_not_finite_is_refused():
    for value, dtype in ((np.nan, "<f4"), (1e6, "<f2")):
        with np.errstate(over="ignore"), pytest.raises(ValueError, match="'x' is not finite"):
            Bundle({}).add("x", np.array([value]), dtype)


def test_a_script_closes_no_tag():
    bundle = Bundle({"run": "</script>"})
    bundle.add("a", np.arange(2.0))
    head, _, text = bundle.script("run").partition(" = {info: ")
    assert head == "(globalThis.aelatentRuns ??= {}).run"
    assert "<" not in text
    info, _, data = text.partition(', data: "')
    assert json.loads(info) == bundle.info
    assert base64.b64decode(data.removesuffix('"};\n')) == bundle.data


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"activation": "relu"}, None),
        ({"kernel": 5}, "its kernels have side 5, not 3"),
        ({"activation": "gelu"}, "its activation is gelu"),
        ({"batch_norm": True}, "it has batch normalization"),
        ({"z_dim": 4000}, "weights, above 8,000,000"),
    ],
)
def test_a_model_that_no_browser_decodes_for_says_why(change, reason):
    said = why_not(ModelConfig(**change))
    assert said == reason or reason in said


def test_a_bundle_holds_weights_axes_and_core(small_world):
    run = Run.open("small", data=small_world)
    for half, kind in ((False, "f4"), (True, "f2")):
        bundle = bundle_of(run, half=half)
        table = bundle.info["arrays"]
        weights = {name: entry for name, entry in table.items() if name.startswith("decoder/")}
        assert weights.keys() == {f"decoder/{name}" for name in run.weights("decoder")}
        assert table["decoder/unfold/kernel"]["dtype"] == kind
        assert table["core/axes"]["shape"] == table["axes"]["shape"]
        assert (table["core/axes"]["dtype"], table["axes"]["dtype"]) == ("f4", kind)
        assert table["axes"]["shape"] == [8, 8]
        assert bundle.info["core"]["border"] == run.core.border
        assert bundle.info["config"] == run.config.to_dict()
        encoder = encoder_of(run, half=half).info["arrays"]
        assert encoder["encoder/z/kernel"]["dtype"] == kind


def test_weights_that_are_float16_already_stay_so():
    bundle = Bundle({})
    bundle.add_weights("d", {"a": np.float32([0.5]), "b": np.float32([0.1])})
    assert [entry["dtype"] for entry in bundle.info["arrays"].values()] == ["f2", "f4"]


def test_without_a_core_it_says_why():
    class Few:
        @property
        def core(self):
            raise ValueError("too few")

    assert core_of(Few()) == {"why": "too few"}
    core = SimpleNamespace(border=3.0, level=0.9, d2=np.zeros(5))
    assert core_of(SimpleNamespace(core=core)) == {"border": 3.0, "level": 0.9, "n": 5}
