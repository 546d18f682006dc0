import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from aelatent import export_run
from aelatent.export import projector


@pytest.mark.parametrize(("most", "across"), [(1000, 13), (50, 8)])
def test_vectors_what_is_known_and_thumbnails_go_together(run, tmp_path, monkeypatch, most, across):
    monkeypatch.setattr(projector, "MOST", most)
    out = export_run(run, "projector", tmp_path / "points", progress=False)
    n = min(most, 160)
    known = pd.read_csv(out / "metadata.tsv", sep="\t", quoting=3)
    assert list(known) == list(run.index)
    rows = known["row"].to_numpy()
    assert len(rows) == n
    assert np.allclose(np.loadtxt(out / "vectors.tsv", delimiter="\t"), run.z[rows], atol=1e-6)
    sprite, at = Image.open(out / "sprite.png"), n - 1
    assert sprite.size == (across * 32, across * 32)
    corner = at % across * 32, at // across * 32
    own = np.asarray(sprite.crop((*corner, corner[0] + 32, corner[1] + 32)))
    assert np.array_equal(own, run.store.images[rows[at]])
    config = (out / "projector_config.pbtxt").read_text()
    assert f'"small: {n} of 160 z-points"' in config
    assert set(re.findall(r'_path: "(.*)"', config)) < {path.name for path in out.iterdir()}
    assert f"{n} of 160 z-points" in (out / "NOTICE.txt").read_text()


def test_a_sprite_never_exceeds_what_browsers_take(run, tmp_path, monkeypatch):
    monkeypatch.setattr(projector, "SPRITE", 100)
    out = export_run(run, "projector", tmp_path / "points", progress=False)
    with Image.open(out / "sprite.png") as sprite:
        assert sprite.size == (91, 91)  # 13 thumbnails of 7 pixels
    assert (out / "projector_config.pbtxt").read_text().count("single_image_dim: 7\n") == 2


def test_names_stay_fields_of_one_line():
    index = pd.DataFrame({"image_id": ['a\tb\n"c'], "x\ty": [0.5]})
    assert projector._metadata(index) == 'image_id\tx y\na b "c\t0.5\n'


def test_tensorboard_reads_the_configuration(run, tmp_path):
    kinds = pytest.importorskip("tensorboard.plugins.projector.projector_config_pb2")
    from google.protobuf import text_format

    out = export_run(run, "projector", tmp_path / "points", progress=False)
    config = text_format.Parse(
        (out / "projector_config.pbtxt").read_text(), kinds.ProjectorConfig()
    )
    (one,) = config.embeddings
    assert (one.tensor_path, one.metadata_path) == ("vectors.tsv", "metadata.tsv")
    assert [*one.sprite.single_image_dim] == [32, 32]
