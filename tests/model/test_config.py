import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aelatent.model.config import ModelConfig, TrainConfig


@given(
    layers=st.integers(1, 4),
    side=st.integers(1, 6),
    filters=st.integers(1, 64),
    z_dim=st.integers(1, 512),
)
def test_model_settings_survive_json(layers, side, filters, z_dim):
    config = ModelConfig(size=side * 2**layers * 4, filters=(filters,) * layers, z_dim=z_dim)
    assert ModelConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@pytest.mark.parametrize("holdout", ["split", 500, 0.05])
def test_training_settings_survive_json(holdout):
    config = TrainConfig(holdout=holdout, epochs=3)
    assert TrainConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"size": 100}, "divisible by 16.*got 100.*Take 96"),
        ({"size": 96.0}, "size must be a whole number"),
        ({"size": True}, "size must be a whole number"),
        ({"filters": ()}, "1 to 8 channel counts"),
        ({"filters": (32, 0)}, "each of filters"),
        ({"filters": 32}, "sequence"),
        ({"kernel": 0}, "kernel"),
        ({"z_dim": -1}, "z_dim"),
        ({"activation": "sigmoyd"}, "one of 'leaky_relu'.*got 'sigmoyd'"),
        ({"batch_norm": 1}, "True or False"),
    ],
)
def test_model_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        ModelConfig(**settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epochs": 0}, "epochs"),
        ({"batch_size": 1.5}, "batch_size"),
        ({"learning_rate": 0}, r"learning_rate must lie in \(0, 1\]"),
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"learning_rate": "fast"}, "learning_rate"),
        ({"seed": -1}, "seed"),
        ({"schedule": "steps"}, "schedule must be one of 'constant', 'cosine'; got 'steps'"),
        ({"holdout": 0}, "holdout"),
        ({"holdout": 1.0}, "holdout"),
        ({"holdout": "last"}, "holdout"),
        ({"holdout": True}, "holdout"),
        ({"precision": "float16"}, "precision must be one of"),
        ({"weights_dtype": "bfloat16"}, "weights_dtype"),
    ],
)
def test_training_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        TrainConfig(**settings)


def test_unknown_settings_are_refused():
    with pytest.raises(ValueError, match=r"has no setting \['command'\]"):
        ModelConfig.from_dict({"size": 96, "command": "rm"})


def test_the_step_size_falls_along_half_a_cosine():
    falling = TrainConfig(epochs=4, learning_rate=0.01, schedule="cosine")
    sizes = [falling.step_size(epoch) for epoch in range(1, 5)]
    assert sizes == pytest.approx([0.01, 0.0085355, 0.005, 0.0014645], rel=1e-4)
    assert {TrainConfig(epochs=4).step_size(epoch) for epoch in range(1, 5)} == {5e-4}
