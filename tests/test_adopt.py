import json

import numpy as np
import pytest
from PIL import Image

import aelatent
from aelatent import NoDecoder, Run, adopting, train
from aelatent._lacking import NotTrainedHere
from aelatent.cli import main
from aelatent.images import open_source, pack
from aelatent.widgets._bundle import why_not
from tests.adopted import CONVENTIONS, Axes


@pytest.fixture
def store(own_data):
    return pack(open_source("portraits", n=160), "few", size=32, progress=False)


def stated_of(stated):
    return {k: v for k, v in stated.items() if k != "latent_shape"}  # it is seen


@pytest.mark.parametrize("stated", CONVENTIONS.values(), ids=CONVENTIONS)
@pytest.mark.parametrize("kind", ["keras", "onnx"])
def test_an_adopted_run_encodes_and_decodes_as_its_model_does(store, tmp_path, kind, stated):
    if kind == "onnx":
        pytest.importorskip("onnx")
        pytest.importorskip("onnxruntime")
    axes = Axes(store.images, stated)
    Run.adopt("other", *getattr(axes, kind)(tmp_path), store, **stated_of(stated))
    for file in tmp_path.iterdir():
        file.unlink()
    run = Run.open("other")
    run.encode_store(progress=False)
    np.testing.assert_allclose(run.decode(run.z), axes.expected(store.images), atol=1e-3)
    assert (run.config.size, run.config.z_dim, run.status) == (32, 12, "COMPLETED")
    assert run.history.empty
    np.testing.assert_array_equal(run.held_out, store.rows("val"))
    assert run.errors(store.images).mean() < 0.8 * run.info["probe"]["mean_picture"]
    assert "adopted from its own files, 32 x 32" in str(run)
    assert "160 of store few" in str(run)
    with Image.open(run.path / "probe.png") as probe:
        assert probe.size == (8 * 32, 2 * 32)
    assert not run.path.with_name(".other.partial").exists()


def test_of_a_vae_the_mean_is_taken(store, tmp_path):
    axes = Axes(store.images)
    files = axes.keras(tmp_path, outputs=("log_var", "z_mean", "drawn"))
    Run.adopt("vae", *files, store, latent="log_var")  # half of it is still the mean in Axes
    with pytest.raises(ValueError, match=r"3 outputs.*latent="):
        Run.adopt("other", *files, store, latent="mode")
    run = Run.adopt("mean", *files, store)
    half = 0.5 * axes.encode(store.images[:5] / np.float32(255))
    np.testing.assert_allclose(run.encode(store.images[:5]), half, atol=1e-3)


def test_functions_work_in_their_session_and_their_z_points_stay(store):
    axes = Axes(store.images)
    run = Run.adopt("mine", axes.encode, axes.decode, store)
    run.encode_store(progress=False)
    again = Run.open("mine")
    np.testing.assert_array_equal(again.z, run.z)
    for use in (again.check_decoder, lambda: again.decode(again.z[:1])):
        with pytest.raises(NoDecoder, match="functions of another session"):
            use()
    back = Run.adopt("mine", axes.encode, axes.decode, store)
    np.testing.assert_allclose(back.decode(back.z), axes.expected(store.images), atol=1e-4)
    with pytest.raises(ValueError, match="adopted from other functions"):
        Run.adopt("mine", lambda x: 2 * axes.encode(x), axes.decode, store)


def test_what_only_a_training_knows_is_refused(store, tmp_path):
    run = Run.adopt("other", *Axes(store.images).keras(tmp_path), store)
    for use in (
        lambda: run.info["training"]["epochs"],
        lambda: run.info["store"]["train"],
        lambda: run.weights("decoder"),
        lambda: run.autoencoder,
    ):
        with pytest.raises(NotTrainedHere, match="made elsewhere"):
            use()
    assert why_not(run.config) == "its model was made elsewhere"
    with pytest.raises(ValueError, match="not trained here"):
        train(store, "other", progress=False)
    with pytest.raises(ValueError, match=r"browser cannot decode.*made elsewhere"):
        aelatent.export_page(run, tmp_path / "page", publish=True)


def lock_of(store):
    return store.path.parents[1] / "runs" / ".other.lock"


def noisy(x):
    return np.random.default_rng().normal(size=(len(x), 12))


def of_bytes(axes):
    return lambda x: axes.encode(np.clip(x / 255, 0, 1)), lambda z: 255 * axes.decode(z)


def wrong(store):
    """Return what does not fit: changes of encoder, decoder and conventions, and what is said."""
    axes = Axes(store.images)
    first = Axes(store.images, {"layout": "NCHW"})
    return {
        "layout": (first.encode, first.decode, {}, "State layout and size"),
        "range": (*of_bytes(axes), {}, r"far outside.*range 0\.\.255 and RGB"),
        "NaN": (axes.encode, lambda z: axes.decode(z) * np.nan, {}, "Decoder gave .* not finite"),
        "NaN in z": (lambda x: axes.encode(x) * np.nan, axes.decode, {}, "Encoder gave .* not fin"),
        "random": (noisy, axes.decode, {}, "draws them at random"),
        "constant": (lambda x: np.ones((len(x), 12)), axes.decode, {}, "are the same"),
        "another z_dim": (axes.encode, Axes(store.images, d=9).decode, {}, "latent_shape"),
        "too few": (lambda x: axes.encode(x)[:3], axes.decode, {}, "for 8 pictures"),
        "broken": (axes.encode, lambda z: 1 / 0, {}, "Decoder cannot be run.*ZeroDivision"),
        "several": (lambda x: [x, x], axes.decode, {}, "2 outputs"),
        "option": (axes.encode, axes.decode, {"rang": 1}, r"no setting \['rang'\]"),
    }


CASES = "layout, range, NaN, NaN in z, random, constant, another z_dim, too few, broken"


@pytest.mark.parametrize("case", [*CASES.split(", "), "several", "option"])
def test_what_does_not_fit_is_refused_and_nothing_is_left(store, case):
    encoder, decoder, stated, said = wrong(store)[case]
    with pytest.raises(ValueError, match=said):
        Run.adopt("other", encoder, decoder, store, **stated)
    assert {*(store.path.parents[1] / "runs").glob("*other*")} <= {lock_of(store)}


@pytest.mark.parametrize(
    ("stated", "decode", "said"),
    [
        (
            {"value_range": (-1, 1)},
            lambda x: x.clip(0, 1),
            r"looks like range 0\.\.1 and RGB.*--range 0 1",
        ),
        ({}, lambda x: 1 - x, r"Compare probe\.png"),
    ],
)
def test_a_model_that_is_no_better_than_a_mean_picture_is_warned_of(store, stated, decode, said):
    axes = Axes(store.images)
    with pytest.warns(UserWarning, match=f"their mean picture's.*{said}"):
        Run.adopt("other", axes.encode, lambda z: decode(axes.decode(z)), store, **stated)


def test_another_z_dim_of_the_files_is_refused(store, tmp_path):
    files = Axes(store.images).keras(tmp_path, d=5)
    with pytest.raises(ValueError, match=r"Decoder takes \('n', 5\).*to get \('n', 12\)"):
        Run.adopt("other", *files, store)


@pytest.mark.parametrize("damage", ["flip", "missing", "outside"])
def test_a_damaged_file_is_refused_when_it_is_opened(store, tmp_path, damage):
    run = Run.adopt("other", *Axes(store.images).keras(tmp_path), store)
    path = run.path / "decoder.keras"
    if damage == "missing":
        path.unlink()
    elif damage == "flip":
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    else:
        info = json.loads((run.path / "run.json").read_text())
        info["adopted"]["decoder"]["file"] = "../../../etc/passwd"
        (run.path / "run.json").write_text(json.dumps(info))
    with pytest.raises(ValueError, match="is not the decoder that run 'other' was made with"):
        Run.open("other").decode(np.zeros((1, 12)))


@pytest.mark.parametrize(
    "change", [{"adopted": 1}, {"status": "RUNNING"}, {"store": {}}, {"points": {}}, {"format": 3}]
)
def test_a_damaged_record_is_refused(store, change):
    axes = Axes(store.images)
    path = Run.adopt("mine", axes.encode, axes.decode, store).path / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ValueError, match=r"run\.json (is damaged|has format 3)"):
        Run.open("mine")


def test_stopped_half_way_nothing_is_left_and_a_name_is_taken_once(store, tmp_path, monkeypatch):
    files, runs = Axes(store.images).keras(tmp_path), store.path.parents[1] / "runs"

    def stopped(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(adopting._files, "write_json", stopped)
        with pytest.raises(KeyboardInterrupt):
            Run.adopt("other", *files, store)
    assert not (runs / "other").exists()
    assert not (runs / ".other.partial").exists()
    Run.adopt("other", *files, store)
    with pytest.raises(ValueError, match="there is a run 'other' already"):
        Run.adopt("other", *files, store)
    with pytest.raises(ValueError, match="there is a run 'other' already"):
        Run.adopt("other", np.sin, np.cos, "few")


def test_the_command_imports_encodes_and_refuses_in_a_line(store, tmp_path, capsys):
    encoder, decoder = Axes(store.images, CONVENTIONS["mean and sd"]).keras(tmp_path)
    given = ["--encoder", str(encoder), "--decoder", str(decoder), "--quiet"]
    scaling = "--mean 0.4 0.5 0.6 --sd 0.2 0.3 0.25".split()
    assert main(["import", "other", *given, "--store", "few", *scaling]) == 0
    assert "160 of store few" in capsys.readouterr().out
    assert main(["info", "other"]) == 0
    assert "less mean (0.4, 0.5, 0.6)" in capsys.readouterr().out
    assert main(["import", "third", *given, "--store", "none"]) == 1
    assert "there is no store" in capsys.readouterr().err
    assert main(["train", "other"]) == 1
    assert "not trained here" in capsys.readouterr().err
