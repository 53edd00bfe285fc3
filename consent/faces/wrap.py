"""Dress YuNet as an SCRFD detector, the shape that insightface knows.

SCRFD takes RGB as (x - 127.5) / 128 and answers, per stride 8, 16 and 32, with scores, distances to the four sides and five
points, two anchors a cell. YuNet takes BGR 0 to 255 and answers with class and objectness, centre and log size, one anchor a
cell. The arithmetic between the two is added to the graph; the second anchor is a twin with score zero.
YuNet's decoding: opencv/modules/objdetect/src/face_detect.cpp; SCRFD's: insightface/model_zoo/scrfd.py.
"""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import ArrayLike
from onnx import TensorProto, helper, numpy_helper

STRIDES = (8, 16, 32)


def wrap(yunet: onnx.ModelProto) -> onnx.ModelProto:
    """A new model with input ``input.1`` (1, 3, height, width), multiples of 32, and nine outputs: scores, boxes, points, per
    stride.

    The published graph names 640 by 640, but nothing inside it does: a wide frame needs no square, and half a side is a quarter
    of the work.
    """
    out = onnx.ModelProto()
    out.CopyFrom(yunet)
    graph = out.graph
    inner = graph.input[0].name
    dress = _Dress()
    before = dress.enter(inner)
    after = [dress.leave(stride) for stride in STRIDES]
    body = [onnx.NodeProto.FromString(node.SerializeToString()) for node in graph.node]
    for field in (graph.node, graph.input, graph.output, graph.value_info):
        del field[:]
    graph.input.append(helper.make_tensor_value_info("input.1", TensorProto.FLOAT, [1, 3, "height", "width"]))
    graph.node.extend([*before, *body, *(node for nodes, _ in after for node in nodes)])
    for column, width in ((0, 1), (1, 4), (2, 10)):
        for (_, names), stride in zip(after, STRIDES, strict=True):
            rows = helper.make_tensor_value_info(names[column], TensorProto.FLOAT, [f"rows_{stride}", width])
            graph.output.append(rows)
    graph.initializer.extend(dress.constants)
    for opset in out.opset_import:
        if opset.domain in ("", "ai.onnx"):
            opset.version = max(opset.version, 13)  # Split takes its sizes as an input from 13 on
    out.ir_version = max(out.ir_version, 8)
    onnx.checker.check_model(out)
    return out


class _Dress:
    """Builds the added nodes and collects their constants."""

    def __init__(self) -> None:
        self.constants: list[onnx.TensorProto] = []

    def _constant(self, name: str, value: ArrayLike) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(value), f"dress/{name}"))
        return f"dress/{name}"

    def enter(self, inner: str) -> list[onnx.NodeProto]:
        """From SCRFD's input to YuNet's."""
        scale = self._constant("scale", np.float32(128.0))
        mean = self._constant("mean", np.float32(127.5))
        bgr = self._constant("bgr", np.array([2, 1, 0], np.int64))
        return [
            helper.make_node("Mul", ["input.1", scale], ["dress/scaled"]),
            helper.make_node("Add", ["dress/scaled", mean], ["dress/rgb"]),
            helper.make_node("Gather", ["dress/rgb", bgr], [inner], axis=1),
        ]

    def leave(self, stride: int) -> tuple[list[onnx.NodeProto], tuple[str, str, str]]:
        """From YuNet's answers at one stride to SCRFD's: the nodes and the names of score, box and points."""
        at = f"dress/{stride}"
        half = self._constant(f"{stride}/half", np.float32(0.5))
        pair = self._constant(f"{stride}/pair", np.array([2, 2], np.int64))
        nodes = [
            helper.make_node("Mul", [f"cls_{stride}", f"obj_{stride}"], [f"{at}/product"]),
            helper.make_node("Relu", [f"{at}/product"], [f"{at}/positive"]),
            helper.make_node("Sqrt", [f"{at}/positive"], [f"{at}/score"]),
            helper.make_node("Split", [f"bbox_{stride}", pair], [f"{at}/centre", f"{at}/log"], axis=2),
            helper.make_node("Exp", [f"{at}/log"], [f"{at}/size"]),
            helper.make_node("Mul", [f"{at}/size", half], [f"{at}/reach"]),
            helper.make_node("Sub", [f"{at}/reach", f"{at}/centre"], [f"{at}/before"]),
            helper.make_node("Add", [f"{at}/reach", f"{at}/centre"], [f"{at}/behind"]),
            helper.make_node("Concat", [f"{at}/before", f"{at}/behind"], [f"{at}/box"], axis=2),
        ]
        twins = [self._twin(nodes, f"{at}/score", stride, 1, silent=True), self._twin(nodes, f"{at}/box", stride, 4)]
        twins.append(self._twin(nodes, f"kps_{stride}", stride, 10))
        return nodes, (twins[0], twins[1], twins[2])

    def _twin(self, nodes: list[onnx.NodeProto], name: str, stride: int, width: int, *, silent: bool = False) -> str:
        """Repeat every row of (1, cells, width) as (2 * cells, width); a ``silent`` twin is zero."""
        out = f"dress/{stride}/{name.rsplit('/', 1)[-1]}"
        cells = self._constant(f"{out}/cells", np.array([-1, 1, width], np.int64))
        flat = self._constant(f"{out}/flat", np.array([-1, width], np.int64))
        nodes.append(helper.make_node("Reshape", [name, cells], [f"{out}/first"]))
        second = f"{out}/first"
        if silent:
            zero = self._constant(f"{out}/zero", np.float32(0.0))
            nodes.append(helper.make_node("Mul", [f"{out}/first", zero], [f"{out}/second"]))
            second = f"{out}/second"
        nodes.append(helper.make_node("Concat", [f"{out}/first", second], [f"{out}/both"], axis=1))
        nodes.append(helper.make_node("Reshape", [f"{out}/both", flat], [f"{out}/rows"]))
        return f"{out}/rows"
