import numpy as np
import pytest

from aelatent.model.autoencoder import build_autoencoder
from aelatent.model.coding import BATCH, Coder


@pytest.fixture(scope="module")
def model(tiny):
    return build_autoencoder(tiny, seed=3)


@pytest.fixture(scope="module")
def coder(model):
    return Coder(model)


def test_encoding_is_the_encoder_whatever_the_batches(coder, model, pictures):
    z = coder.encode(pictures)
    assert len(pictures) > 2 * BATCH  # else the test would not cross a batch's end
    expected = np.concatenate([model.encoder(p / np.float32(255)) for p in pictures[:, None]])
    np.testing.assert_allclose(z, expected, atol=1e-5)
    assert z.dtype == np.float32


def test_many_runs_in_a_session_bring_no_warning_of_retracing(model, pictures, caplog):
    for _ in range(7):
        coder = Coder(model)
        coder.errors(pictures[:1])
        coder.decode(coder.encode(pictures[:1]))
    assert not any("retracing" in record.getMessage() for record in caplog.records)


def test_decoding_is_the_decoder(coder, model):
    z = np.random.default_rng(0).normal(size=(BATCH + 3, 10))
    images = coder.decode(z)
    np.testing.assert_allclose(images, model.decoder(z.astype(np.float32)), atol=1e-5)
    assert images.dtype == np.float32


def test_errors_are_mean_squares_over_pixels(coder, pictures):
    x = pictures[:7] / 255.0
    expected = ((coder.decode(coder.encode(x)) - x) ** 2).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(coder.errors(pictures[:7]), expected, rtol=1e-4)


def test_z_points_sit_on_no_lattice(coder, pictures):
    """In bfloat16 only 16 values lie between two powers of two; float32 has millions."""
    z = coder.encode(pictures)
    component = z[:, np.abs(z).mean(axis=0).argmax()]
    as_bits = component.astype(np.float32).view(np.uint32)
    assert len(np.unique(component)) > 0.95 * len(component)
    assert (as_bits & 0xFFFF).astype(bool).mean() > 0.95  # bits that bfloat16 does not have


def test_floats_memory_maps_odd_memory_orders_and_no_pictures_work(coder, pictures, tmp_path):
    assert coder.encode(pictures[:0]).shape == (0, 10)
    assert coder.decode(np.zeros((0, 10))).shape == (0, 32, 32, 3)
    np.save(tmp_path / "p.npy", pictures[:20])
    mapped = np.load(tmp_path / "p.npy", mmap_mode="r")
    expected = coder.encode(pictures[:20])
    np.testing.assert_allclose(coder.encode(pictures[:20] / 255.0), expected, atol=1e-6)
    np.testing.assert_array_equal(coder.encode(mapped), expected)
    np.testing.assert_array_equal(coder.encode(np.asfortranarray(pictures[:20])), expected)


@pytest.mark.parametrize(
    ("use", "value", "said"),
    [
        ("encode", np.zeros((32, 32, 3), np.uint8), r"got uint8 of shape \(32, 32, 3\).*newaxis"),
        ("encode", np.zeros((1, 32, 32, 1), np.uint8), r"shape \(n, 32, 32, 3\)"),
        ("encode", np.zeros((1, 16, 16, 3), np.uint8), "shape"),
        ("encode", np.zeros((1, 32, 32, 3), np.uint16), "got uint16"),
        ("encode", np.full((1, 32, 32, 3), 1.01), "0..1; got 1.01 to 1.01.*Divide by 255"),
        ("encode", np.full((1, 32, 32, 3), np.nan), "0..1; got nan"),
        ("encode", np.full((1, 32, 32, 3), -0.1), "0..1; got -0.1"),
        ("encode", "face.jpg", "shape"),
        ("errors", np.zeros((1, 32, 32, 3)), "takes uint8 pictures; got float32"),
        ("decode", np.zeros(10), r"shape \(n, 10\); got float64 of shape \(10,\)"),
        ("decode", np.zeros((2, 9)), "shape"),
        ("decode", np.full((1, 10), np.nan), "finite; 10 values"),
        ("decode", np.full((1, 10), 1e300), "finite"),
        ("decode", np.zeros((1, 10), complex), "real numbers.*got complex128"),
        ("decode", np.full((1, 10), "a"), "real numbers"),
    ],
)
def test_what_is_no_picture_or_latent_vector_is_refused(coder, use, value, said):
    with np.errstate(over="ignore"), pytest.raises(ValueError, match=said):
        getattr(coder, use)(value)
