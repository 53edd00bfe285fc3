"""EfficientNet-Lite0 as an ONNX graph, written out here from the publisher's weights.

Written out with the names of the weight file, so that no other package's idea of the architecture stands between the digest and
what runs; and as a graph for onnxruntime, which takes half the time of PyTorch and a fraction of its memory. Every
normalisation is folded into the convolution before it. Architecture: Tan and Le, "EfficientNet" (ICML 2019), in the Lite variant
of TensorFlow's model garden (no squeeze and excitation, ReLU6, fixed stem and head), with TensorFlow's "same" padding.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.clip.tensors import Weights

#: Stages: (blocks, kernel, stride, expansion, channels out), from the Lite0 definition.
STAGES = (
    (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)  # fmt: skip
STEM, HEAD, CLASSES = 32, 1280, 1000
#: The block whose features describe how something is drawn rather than what it is (counted from 0).
DRAWING_BLOCK = 13
BATCHNORM_EPSILON = 1e-3
#: Pixels are brought to (value - 127) / 128, as in TensorFlow's preprocessing of the Lite models.
MEAN, SCALE = 127.0, 128.0
#: ONNX operators of 2021; any onnxruntime since then runs them.
OPSET = 13


class _Graph:
    """Nodes and numbers of a graph in the making; every tensor's side is known, as padding depends on it."""

    def __init__(self, weights: Weights) -> None:
        self.weights, self.nodes, self.numbers = weights, [], []  # type: tuple[Weights, list[Any], list[Any]]

    def number(self, name: str, value: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.numbers.append(numpy_helper.from_array(np.ascontiguousarray(value, np.float32), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, **options: Any) -> str:
        from onnx import helper

        self.nodes.append(helper.make_node(kind, inputs, [output], **options))
        return output

    def conv(self, x: str, side: int, conv: str, norm: str, stride: int = 1, *, relu: bool = True) -> tuple[str, int]:
        """Convolution, its normalisation folded in, and ReLU6. Output side = ceil(side / stride), the odd pixel goes right and
        below."""
        weight = self.weights[f"{conv}.weight"]
        gain = self.weights[f"{norm}.weight"] / np.sqrt(self.weights[f"{norm}.running_var"] + BATCHNORM_EPSILON)
        shift = self.weights[f"{norm}.bias"] - self.weights[f"{norm}.running_mean"] * gain
        kernel, missing = weight.shape[2], max((-(-side // stride) - 1) * stride + weight.shape[2] - side, 0)
        before, behind = missing // 2, missing - missing // 2
        groups = weight.shape[0] if weight.shape[1] == 1 else 1
        inputs = [x, self.number(f"{conv}.w", weight * gain[:, None, None, None]), self.number(f"{conv}.b", shift)]
        y = self.node(
            "Conv", inputs, f"{conv}.y", kernel_shape=[kernel, kernel], strides=[stride, stride], group=groups,
            pads=[before, before, behind, behind],
        )  # fmt: skip
        return self.node("Clip", [y, "zero", "six"], f"{conv}.r") if relu else y, -(-side // stride)

    def block(self, x: str, side: int, name: str, stride: int, *, expands: bool, skips: bool) -> tuple[str, int]:
        """Inverted residual: widen, filter each channel, narrow."""
        y, small = x, side
        if expands:
            y, small = self.conv(y, small, f"{name}._expand_conv", f"{name}._bn0")
        y, small = self.conv(y, small, f"{name}._depthwise_conv", f"{name}._bn1", stride)
        y, small = self.conv(y, small, f"{name}._project_conv", f"{name}._bn2", relu=False)
        return self.node("Add", [x, y], f"{name}.out") if skips else y, small


def graph(weights: Weights, side: int, *, classes: bool = False) -> bytes:
    """A serialised ONNX model: "pixels" float32 (n, 3, side, side), RGB, 0 to 255, in.

    Out come "look" (n, 1280), the last features, and "drawing" (n, 192), those of block ``DRAWING_BLOCK``, each the mean over
    places; with ``classes`` also "classes" (n, 1000), ImageNet's, for seeing that the weights mean what they should. Raises
    ``KeyError`` when a tensor is missing.
    """
    from onnx import TensorProto, helper

    made = _Graph(weights)
    for name, value in (("zero", 0.0), ("six", 6.0), ("mean", MEAN), ("scale", SCALE)):
        made.number(name, np.array(value, np.float32))
    x = made.node("Div", [made.node("Sub", ["pixels", "mean"], "centred"), "scale"], "scaled")
    x, small = made.conv(x, side, "_conv_stem", "_bn0", 2)
    number, before = 0, STEM
    for count, _, stride, expansion, after in STAGES:
        for i in range(count):
            skips = before == after and (stride == 1 or i > 0)
            x, small = made.block(x, small, f"_blocks.{number}", stride if i == 0 else 1, expands=expansion != 1, skips=skips)
            if number == DRAWING_BLOCK:
                made.node("ReduceMean", [x], "drawing", axes=[2, 3], keepdims=0)
            before, number = after, number + 1
    x, _ = made.conv(x, small, "_conv_head", "_bn1")
    made.node("ReduceMean", [x], "look", axes=[2, 3], keepdims=0)
    outputs = {"look": HEAD, "drawing": 192}
    if classes:
        numbers = [made.number(f"fc.{part}", weights[f"_fc.{part}"]) for part in ("weight", "bias")]
        made.node("Gemm", ["look", *numbers], "classes", transB=1)
        outputs["classes"] = CLASSES
    told = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", size]) for name, size in outputs.items()]
    entrance = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["n", 3, side, side])
    body = helper.make_graph(made.nodes, "efficientnet-lite0", [entrance], told, made.numbers)
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    return bytes(model.SerializeToString())
