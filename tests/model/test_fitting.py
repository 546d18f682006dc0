import json
import subprocess
import sys

import numpy as np
import pytest

from aelatent.model import fitting


class Store:
    name = "made-up"

    def __init__(self, splits):
        self.splits = np.array(splits)

    def __len__(self):
        return len(self.splits)

    def rows(self, split):
        return np.flatnonzero(self.splits == split)


@pytest.mark.parametrize(
    ("splits", "holdout", "train", "validation"),
    [
        (["train", "test", "val", "train", ""], "split", [0, 3], [2]),
        ([""] * 20, 3, range(17), range(17, 20)),
        ([""] * 20, 19, [0], range(1, 20)),
        ([""] * 20, 0.25, range(15), range(15, 20)),
        ([""] * 20, 0.001, range(19), [19]),
    ],
)
def test_rows_are_held_out_by_the_stores_own_split_or_from_the_end(
    splits, holdout, train, validation
):
    found = fitting.split_rows(Store(splits), holdout)
    assert [list(rows) for rows in found] == [list(train), list(validation)]


@pytest.mark.parametrize(
    ("splits", "holdout", "said"),
    [
        ("", "split", "0 rows as 'train' and 0 as 'val'; both are needed"),
        ("train", "split", "20 rows as 'train' and 0 as 'val'; both are needed"),
        ("", 20, "none to train on"),
        ("", 0.99, "none to train on"),
    ],
)
def test_an_empty_part_is_refused(splits, holdout, said):
    with pytest.raises(ValueError, match=said):
        fitting.split_rows(Store([splits] * 20), holdout)


def test_each_epoch_has_its_own_order_of_all_rows():
    rows = np.arange(5, 100)
    first, second = (fitting.epoch_order(rows, 1, epoch) for epoch in (1, 2))
    assert sorted(first) == sorted(second) == list(rows)
    assert list(first) != list(second)
    np.testing.assert_array_equal(first, fitting.epoch_order(rows, 1, 1))
    assert list(first) != list(fitting.epoch_order(rows, 2, 1))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("flags\t\t: fpu avx2 avx512_bf16 sse", "mixed_bfloat16"),
        ("flags\t\t: fpu avx2 amx_bf16", "mixed_bfloat16"),
        ("Features\t: fp asimd bf16", "mixed_bfloat16"),
        ("flags\t\t: fpu avx2 sse", "float32"),
        ("", "float32"),
    ],
)
def test_bfloat16_is_used_where_the_processor_names_it(line, expected, monkeypatch, tmp_path):
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\n{line}\n")
    flags = fitting._cpu_flags(tmp_path / "cpuinfo")
    assert fitting._cpu_flags(tmp_path / "none") == set()  # of a system that lists none
    monkeypatch.setattr(fitting, "_cpu_flags", lambda: flags)
    resolved = [fitting.resolve_precision(p) for p in ("auto", "float32", "mixed_bfloat16")]
    assert resolved == [expected, "float32", "mixed_bfloat16"]


_ON_TWO_DEVICES = """
import json, sys
from types import SimpleNamespace
import numpy as np
from aelatent.model import fitting
from aelatent.model._backend import load
from aelatent.model.config import ModelConfig, TrainConfig
tf = load().tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
config = TrainConfig(batch_size=20)
info = {"model": ModelConfig(size=16, filters=(4,), z_dim=4).to_dict(), "precision": "float32",
        "epochs_done": 0, "best": None}
images = np.random.default_rng(0).integers(0, 256, (80, 16, 16, 3), np.uint8)
for devices in (["CPU:0", "CPU:1"], None):
    strategy = fitting.choose_strategy(devices)
    record = SimpleNamespace(info=info, folder=None)
    trainer = fitting._Trainer(record, config, strategy)
    losses = [trainer.run_epoch(images, np.arange(60), 1, False) for _ in range(2)]
    losses.append(trainer.validate(images, np.arange(60, 80)))
    print(json.dumps([strategy.num_replicas_in_sync, *losses]))
"""


def test_training_is_mirrored_over_two_devices():
    done = subprocess.run(
        [sys.executable, "-c", _ON_TWO_DEVICES], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    two, one = (json.loads(line) for line in done.stdout.splitlines()[-2:])
    assert (two[0], one[0]) == (2, 1)
    np.testing.assert_allclose(two[1:], one[1:], rtol=1e-3)


def test_an_epochs_end_waits_for_no_tuning_thread():
    pictures = np.zeros((12, 16, 16, 3), np.uint8)
    batches = fitting._Trainer._batches(None, pictures, np.arange(8), 4)
    assert batches.options().autotune.enabled is False
    assert [len(batch) for batch, _ in batches] == [4, 4]
