"""Encoder and Decoder as ONNX graphs, made of the weights' file without TensorFlow."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from aelatent.model.autoencoder import LEAKY_SLOPE
from aelatent.model.config import ModelConfig
from aelatent.model.plain import EPSILON, Arrays, known

FILES = ("encoder.onnx", "decoder.onnx")
PICTURES = False
OPSET, IR = 17, 8  # of 2022: older runtimes and those of browsers know them
LARGEST = 2**31 - 2**20  # bytes of a file: a limit of protobuf
_TO_NCHW, _TO_NHWC = [0, 3, 1, 2], [0, 2, 3, 1]


def write(run, folder, terms: str, progress: bool) -> str:
    """Write both graphs; say what they take and give."""
    for part, make in (("encoder", encoder_graph), ("decoder", decoder_graph)):
        model = make(run.config, run.weights(part))
        model.doc_string = f"{part} of aelatent's run {run.name!r}. {terms}"
        onnx.checker.check_model(model)
        (folder / f"{part}.onnx").write_bytes(model.SerializeToString(deterministic=True))
    size, d = run.config.size, run.config.z_dim
    return (
        f"Encoder and Decoder of run {run.name!r} as ONNX graphs (opset {OPSET}), float32: "
        f"picture (n, {size}, {size}, 3), RGB in 0..1, to z (n, {d}), and back"
    )


def encoder_graph(config: ModelConfig, arrays: Arrays) -> onnx.ModelProto:
    """Return the Encoder: picture (n, size, size, 3) -> z (n, z_dim)."""
    graph = _Graph(config, arrays)
    x = graph.add("Transpose", "picture", perm=_TO_NCHW)
    before = max(config.kernel - 2, 0) // 2
    after = max(config.kernel - 2, 0) - before
    for number in range(1, len(config.filters) + 1):
        layer = f"conv_{number}"
        # (k, k, c, f) -> (f, c, k, k)
        kernel = graph.weights(layer, "kernel", lambda array: array.transpose(3, 2, 0, 1))
        padding = {"strides": [2, 2], "pads": [before, before, after, after]}
        x = graph.add("Conv", x, kernel, graph.weights(layer, "bias"), **padding)
        x = graph.after(x, layer)
    x = graph.add("Flatten", graph.add("Transpose", x, perm=_TO_NHWC))
    graph.add("Gemm", x, graph.weights("z", "kernel"), graph.weights("z", "bias"), to="z")
    return graph.model("encoder", {"picture": _picture(config)}, {"z": ["n", config.z_dim]})


def decoder_graph(config: ModelConfig, arrays: Arrays) -> onnx.ModelProto:
    """Return the Decoder: z (n, z_dim) -> picture (n, size, size, 3)."""
    graph = _Graph(config, arrays)
    side = config.size // 2 ** len(config.filters)
    x = graph.add("Gemm", "z", graph.weights("unfold", "kernel"), graph.weights("unfold", "bias"))
    shape = graph.constant("shape", np.array([-1, side, side, config.filters[-1]], np.int64))
    x = graph.add("Transpose", graph.add("Reshape", x, shape), perm=_TO_NCHW)
    x = graph.after(x, "unfold")
    cut = max(config.kernel - 2, 0)
    sides = {"strides": [2, 2], "pads": [cut // 2, cut // 2, cut - cut // 2, cut - cut // 2]}
    if config.kernel == 1:  # no pixel reaches the last row and column
        sides["output_padding"] = [1, 1]
    for number in range(1, len(config.filters) + 1):
        layer = f"deconv_{number}"
        # (k, k, f, c) -> (c, f, k, k)
        kernel = graph.weights(layer, "kernel", lambda array: array.transpose(3, 2, 0, 1))
        x = graph.add("ConvTranspose", x, kernel, graph.weights(layer, "bias"), **sides)
        if number < len(config.filters):
            x = graph.after(x, layer)
    graph.add("Transpose", graph.add("Sigmoid", x), to="picture", perm=_TO_NHWC)
    return graph.model("decoder", {"z": ["n", config.z_dim]}, {"picture": _picture(config)})


def _picture(config: ModelConfig) -> list:
    return ["n", config.size, config.size, 3]


class _Graph:
    """Nodes and constants of a graph, in order; values are named by what made them."""

    def __init__(self, config: ModelConfig, arrays: Arrays):
        self.config, self.get = config, known(arrays)
        self.nodes, self.constants = [], {}

    def add(self, kind: str, *inputs: str, to: str | None = None, **attributes) -> str:
        """Append a node; return the name of what it gives."""
        to = to or f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [to], name=to, **attributes))
        return to

    def constant(self, name: str, array: np.ndarray) -> str:
        """Keep an array under its name."""
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def weights(self, layer: str, variable: str, turned=np.asarray) -> str:
        """Keep a layer's weights, turned as ONNX has them."""
        name = f"{layer}/{variable}"
        return self.constant(name, turned(self.get(name)))

    def after(self, x: str, layer: str) -> str:
        """Append batch normalization, where the model has it, and the activation."""
        if self.config.batch_norm:
            names = ("gamma", "beta", "moving_mean", "moving_variance")
            taken = [self.weights(f"{layer}_norm", name) for name in names]
            x = self.add("BatchNormalization", x, *taken, epsilon=EPSILON)
        kind = self.config.activation
        if kind == "leaky_relu":
            return self.add("LeakyRelu", x, alpha=LEAKY_SLOPE)
        if kind == "silu":
            return self.add("Mul", x, self.add("Sigmoid", x))
        if kind == "gelu":  # x Φ(x): ONNX names it from opset 20 on
            half, root = (self.constant(f"{n}", np.float32(n)) for n in (0.5, np.sqrt(0.5)))
            risen = self.add("Erf", self.add("Mul", x, root))
            share = self.add("Add", self.add("Mul", risen, half), half)
            return self.add("Mul", x, share)
        return self.add({"relu": "Relu", "elu": "Elu", "tanh": "Tanh"}[kind], x)

    def model(self, name: str, takes: dict, gives: dict) -> onnx.ModelProto:
        """Return the whole as a model, refused where no file can hold it."""
        size = sum(len(constant.raw_data) for constant in self.constants.values())
        if size > LARGEST:
            raise ValueError(
                f"the {name} has {size:,} bytes of weights, above {LARGEST:,}, which is what an "
                "ONNX file holds. Export it as keras, or train a smaller model."
            )
        ends = (
            [helper.make_tensor_value_info(key, TensorProto.FLOAT, shape) for key, shape in of]
            for of in (takes.items(), gives.items())
        )
        graph = helper.make_graph(self.nodes, name, *ends, [*self.constants.values()])
        opset = [helper.make_opsetid("", OPSET)]
        return helper.make_model(
            graph, opset_imports=opset, ir_version=IR, producer_name="aelatent"
        )
