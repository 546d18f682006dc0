"""Small models of others, whose answers are known: principal axes of pictures as they take them."""

import warnings

import numpy as np

from aelatent.model.adopted import AdoptedConfig, shown

CONVENTIONS = {
    "as ours": {},
    "colors first, -1..1": {"layout": "NCHW", "value_range": (-1, 1)},
    "mean and sd": {"mean": (0.4, 0.5, 0.6), "sd": (0.2, 0.3, 0.25)},
    "BGR, bytes": {"colors": "BGR", "value_range": (0, 255)},
    "spatial": {"latent_shape": (2, 2, 3), "layout": "NCHW"},
}


def saved(model, path):
    """Save a Keras model, which as of Keras 3.15 asks NumPy for arrays in an old way."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
        model.save(path)
    return path


class Axes:
    """Twelve principal axes: `encode` and `decode` take and give what the conventions say."""

    def __init__(self, images, stated=None, d=12):
        stated = dict(stated or {})
        self.latent = tuple(stated.pop("latent_shape", (d,)))
        self.config = AdoptedConfig(images.shape[1], d, self.latent, **stated)
        x = shown(self.config, images / np.float32(255))
        self.shape, flat = x.shape[1:], x.reshape(len(x), -1)
        self.mean = flat.mean(axis=0)
        self.axes = np.linalg.svd(flat - self.mean, full_matrices=False)[2][:d].T.copy()

    def encode(self, x):
        return ((x.reshape(len(x), -1) - self.mean) @ self.axes).reshape(len(x), *self.latent)

    def decode(self, z):
        return (z.reshape(len(z), -1) @ self.axes.T + self.mean).reshape(len(z), *self.shape)

    def expected(self, images):
        """Return what pictures decode to, RGB in 0..1, by formulas of its own."""
        x = self.decode(self.encode(shown(self.config, images / np.float32(255))))
        x = np.moveaxis(x, 1, -1) if self.config.layout == "NCHW" else x
        if self.config.mean:
            x = x * np.array(self.config.sd) + self.config.mean
        low, high = self.config.value_range
        x = (x - low) / (high - low)
        return np.clip(x[..., ::-1] if self.config.colors == "BGR" else x, 0, 1)

    def keras(self, folder, outputs=("z",), d=None):
        """Save both halves as Keras files; more outputs are the first, halved."""
        from aelatent.model._backend import load

        layers, keras = load().keras.layers, load().keras
        x = keras.Input(self.shape)
        flat = layers.Flatten()(x)
        found = {}
        for name in outputs:
            found[name] = layers.Dense(len(self.axes.T), name=f"{name}_flat")
            y = found[name](flat)
            y = layers.Reshape(self.latent, name=name)(y)
            found[name] = (found[name], y)
        encoder = keras.Model(x, [y for _, y in found.values()])
        for k, (dense, _) in enumerate(found.values()):
            half = 0.5**k
            dense.set_weights([half * self.axes, -half * self.mean @ self.axes])
        latent = (d,) if d else self.latent
        decoder = keras.Sequential(
            [keras.Input(latent), layers.Flatten(), layers.Dense(self.mean.size)]
        )
        decoder.add(layers.Reshape(self.shape))
        if d is None:
            decoder.layers[1].set_weights([self.axes.T, self.mean])
        return saved(encoder, folder / "e.keras"), saved(decoder, folder / "d.keras")

    def onnx(self, folder, batch="n", nan=False):
        """Save both halves as ONNX files."""
        import onnx
        from onnx import TensorProto, helper, numpy_helper

        def save(file, taken, given, arrays, steps):
            value = helper.make_tensor_value_info
            arrays = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
            nodes = [helper.make_node(kind, i, o) for kind, i, o in steps]
            graph = helper.make_graph(
                nodes,
                "g",
                [value("taken", TensorProto.FLOAT, [batch, *taken])],
                [value("given", TensorProto.FLOAT, [batch, *given])],
                arrays,
            )
            opset = [helper.make_opsetid("", 17)]
            model = helper.make_model(graph, opset_imports=opset, ir_version=8)
            onnx.save(model, folder / file)
            return folder / file

        mean, axes = self.mean.astype("f4"), self.axes.astype("f4")
        flat, side = np.array([-1, mean.size]), np.array([-1, *self.shape])
        z, back = np.array([-1, *self.latent]), np.array([-1, axes.shape[1]])
        encoder = [("Reshape", ["taken", "flat"], ["x"]), ("Sub", ["x", "mean"], ["y"])]
        encoder += [("MatMul", ["y", "axes"], ["v"]), ("Reshape", ["v", "z"], ["given"])]
        decoder = [("Reshape", ["taken", "back"], ["v"]), ("MatMul", ["v", "axes"], ["x"])]
        decoder += [("Add", ["x", "mean"], ["y"]), ("Reshape", ["y", "side"], ["given"])]
        own = {"flat": flat, "mean": mean, "axes": axes, "z": z}
        other = {"back": back, "axes": axes.T.copy(), "mean": mean * (np.nan if nan else 1)}
        return (
            save("e.onnx", self.shape, self.latent, own, encoder),
            save("d.onnx", self.latent, self.shape, other | {"side": side}, decoder),
        )
