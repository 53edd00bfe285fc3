"""The encoder as an ONNX graph in eight bits: published layers below, tuned ones above, the mean of the pieces on top.

Activations are quantised as they come (one range a matrix product), which is exact in nothing and the same every time: the graph
is always run with one text, so that a text's vector never depends on its neighbours in a batch.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from classifiers.prompt.reader.published import published
from classifiers.prompt.reader.tuned import DEPTH, FIRST_TUNED, Layer, published_layer, tuned_layers

#: Input and outputs of the graph: word-piece embeddings (1, pieces, width); their mean (1, width), and each of them as read.
INPUT, MEAN, STATES = "pieces", "mean", "states"
_OURS = "com.microsoft"  # onnxruntime's own operators: fused, and there for eight bits


class _Builder:
    """Nodes and constants while they are gathered."""

    def __init__(self, width: int, heads: int, epsilon: float) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._width, self._heads, self._epsilon = width, heads, epsilon

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, domain: str = _OURS, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **attributes))
        return output

    def product(self, x: str, layer: Layer, name: str, prefix: str) -> str:
        """``x`` times an 8-bit matrix, plus its bias."""
        m, at = layer.matrices[name], f"{prefix}.{name}"
        zero = self.constant(f"{at}.zero", np.zeros(len(m.bias), np.int8))
        parts = [self.constant(f"{at}.w", m.weights), self.constant(f"{at}.scale", m.scale), zero]
        return self.node("DynamicQuantizeMatMul", [x, *parts, self.constant(f"{at}.b", m.bias)], at)

    def add_and_normalise(self, x: str, y: str, layer: Layer, name: str, prefix: str) -> str:
        gain, bias = layer.norms[name]
        at = f"{prefix}.{name}"
        known = [self.constant(f"{at}.gain", gain), self.constant(f"{at}.bias", bias)]
        return self.node("SkipLayerNormalization", [x, y, *known], at, epsilon=self._epsilon)

    def layer(self, x: str, layer: Layer, prefix: str) -> str:
        """One transformer layer (attention, then two products), each half added to what came in and normalised."""
        q, k, v = (self.product(x, layer, name, prefix) for name in "qkv")
        seen = self.node("MultiHeadAttention", [q, k, v], f"{prefix}.seen", num_heads=self._heads)
        x = self.add_and_normalise(x, self.product(seen, layer, "o", prefix), layer, "attended", prefix)
        inner = self.node("Gelu", [self.product(x, layer, "up", prefix)], f"{prefix}.inner")
        return self.add_and_normalise(x, self.product(inner, layer, "down", prefix), layer, "fed", prefix)


def build() -> bytes:
    """The serialised graph. Raises ``WeightsError`` or ``BrokenHeads`` when a part of it is missing."""
    file = published()
    made = _Builder(file.width, file.heads, file.epsilon)
    gain, bias = (made.constant(f"first.{part}", file.tensor(f"emb.ln.{part[0]}")) for part in ("w", "b"))
    x = made.node("LayerNormalization", [INPUT, gain, bias], "first", domain="", epsilon=file.epsilon, axis=-1)
    layers = [*map(published_layer, range(FIRST_TUNED)), *tuned_layers()]
    for number in range(DEPTH):
        x = made.layer(x, layers[number], f"layer{number}")
    made.node("ReduceMean", [x], MEAN, domain="", axes=[1], keepdims=0)
    made.node("Identity", [x], STATES, domain="")
    shape: list[int | str] = [1, "count", file.width]
    graph = helper.make_graph(
        made.nodes, "prompt-reader",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, shape)],
        [
            helper.make_tensor_value_info(MEAN, TensorProto.FLOAT, [1, file.width]),
            helper.make_tensor_value_info(STATES, TensorProto.FLOAT, shape),
        ],
        made.constants,
    )  # fmt: skip
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(_OURS, 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    return bytes(model.SerializeToString())
