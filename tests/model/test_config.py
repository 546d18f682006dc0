import json

import numpy as np
import pytest

from aelatent.model.config import ModelConfig, TrainConfig


@pytest.mark.parametrize(
    "config",
    [
        ModelConfig(size=np.int64(48), filters=[np.int32(5), 7], kernel=15, z_dim=65_536),
        ModelConfig(size=1024, filters=(4096,), kernel=1, z_dim=1, batch_norm=True),
        ModelConfig(size=4, filters=(1,), activation="tanh"),
        *(TrainConfig(holdout=holdout, epochs=3) for holdout in ("split", 1, np.int64(500), 0.05)),
        TrainConfig(epochs=100_000, batch_size=65_536, learning_rate=1, seed=2**31 - 1),
        TrainConfig(epochs=1, batch_size=1, learning_rate=np.float32(0.1), seed=0),
    ],
    ids=str,
)
def test_settings_survive_json(config):
    back = type(config).from_dict(json.loads(json.dumps(config.to_dict())))
    assert back == config
    assert back.to_dict() == config.to_dict()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"size": 100}, "divisible by 16.*got 100.*Take 96"),
        ({"size": 96.0}, "size must be a whole number"),
        ({"filters": ()}, "1 to 8 channel counts"),
        ({"filters": (2,) * 9}, "1 to 8 channel counts"),
        ({"filters": (32, 0)}, "each of filters must be a whole number from 1 to 4096; got 0"),
        ({"filters": 32}, "sequence"),
        ({"kernel": 16}, "kernel must be a whole number from 1 to 15; got 16"),
        ({"z_dim": 0}, "z_dim must be a whole number from 1 to 65536; got 0"),
        ({"size": 2}, "size must be a whole number from 4 to 1024; got 2"),
        ({"activation": "sigmoyd"}, "one of 'leaky_relu'.*got 'sigmoyd'"),
        ({"batch_norm": 1}, "True or False"),
        ({"epochs": 0}, "epochs must be a whole number from 1 to 100000; got 0"),
        ({"batch_size": 1.5}, "batch_size must be a whole number from 1 to 65536; got 1.5"),
        ({"learning_rate": 0}, "learning_rate must be a share, above 0 and at most 1; got 0"),
        ({"learning_rate": 1.1}, "learning_rate"),
        ({"learning_rate": 10**400}, "learning_rate"),
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"seed": -1}, "seed must be a whole number from 0 to 2147483647"),
        ({"schedule": "steps"}, "schedule must be one of 'constant', 'cosine'; got 'steps'"),
        ({"holdout": 0}, "holdout"),
        ({"holdout": 1.0}, "holdout"),
        ({"holdout": "last"}, "holdout must be .*; got 'last'. Or 'split'"),
        ({"holdout": True}, "holdout"),
        ({"precision": "float16"}, "precision must be one of"),
        ({"weights_dtype": "bfloat16"}, "weights_dtype"),
    ],
)
def test_settings_out_of_range_are_refused(settings, message):
    config = ModelConfig if {*settings} <= {*ModelConfig().to_dict()} else TrainConfig
    with pytest.raises(ValueError, match=message):
        config(**settings)


def test_what_are_no_settings_is_refused():
    with pytest.raises(ValueError, match=r"has no setting \['command'\]"):
        ModelConfig.from_dict({"size": 96, "command": "rm"})
    with pytest.raises(ValueError, match="expected settings by name; got 5"):
        ModelConfig.from_dict(5)


def test_the_step_size_falls_along_half_a_cosine():
    falling = TrainConfig(epochs=4, learning_rate=0.01, schedule="cosine")
    sizes = [falling.step_size(epoch) for epoch in range(1, 5)]
    assert sizes == pytest.approx([0.01, 0.0085355, 0.005, 0.0014645], rel=1e-4)
    assert {TrainConfig(epochs=4).step_size(epoch) for epoch in range(1, 5)} == {5e-4}
