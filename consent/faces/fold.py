"""Turn OpenCV Zoo's block-quantised SFace (``*_int8bq.onnx``) into a plain fp32 graph that onnxruntime loads.

The published file dequantises constants block by block inside the graph, in a way onnxruntime refuses. Everything that depends
on constants alone is computed once and stored; dropout and identity, which do nothing at inference, go. The weights keep
the values the quantised file gives them.
"""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

Constants = dict[str, NDArray[np.generic]]


def fold(model: onnx.ModelProto) -> onnx.ModelProto:
    """A new model without quantisation: constant DequantizeLinear and Reshape nodes become initialisers."""
    out = onnx.ModelProto()
    out.CopyFrom(model)
    graph = out.graph
    constants: Constants = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    alias: dict[str, str] = {}
    kept: list[onnx.NodeProto] = []
    for node in graph.node:
        inputs = [alias.get(name, name) for name in node.input]
        if node.op_type == "Constant":
            constants[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
        elif node.op_type in ("Dropout", "Identity"):
            alias[node.output[0]] = inputs[0]
        elif node.op_type == "DequantizeLinear" and all(name in constants for name in inputs):
            constants[node.output[0]] = _dequantise(node, [constants[name] for name in inputs])
        elif node.op_type == "Reshape" and all(name in constants for name in inputs):
            constants[node.output[0]] = constants[inputs[0]].reshape(constants[inputs[1]].astype(np.int64))
        else:
            del node.input[:]
            node.input.extend(inputs)
            kept.append(node)
    used = {name for node in kept for name in node.input}
    # A list first: clearing the graph's nodes empties the messages that ``kept`` refers to.
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in kept]
    # The published graph lists its weights as inputs too; only what is neither a constant nor unused is one.
    left = [i for i in graph.input if i.name in used and i.name not in constants]
    inputs_left = [onnx.ValueInfoProto.FromString(i.SerializeToString()) for i in left]
    for field in (graph.node, graph.initializer, graph.input, graph.value_info):
        del field[:]
    graph.node.extend(copies)
    graph.input.extend(inputs_left)
    graph.initializer.extend(numpy_helper.from_array(np.ascontiguousarray(v), k) for k, v in constants.items() if k in used)
    out.ir_version = max(out.ir_version, 8)
    onnx.checker.check_model(out)
    return out


def _dequantise(node: onnx.NodeProto, given: list[NDArray[np.generic]]) -> NDArray[np.float32]:
    """(q - zero) * scale, with scale and zero spread over their blocks (ONNX operator DequantizeLinear, opset 21)."""
    attributes = {a.name: a.i for a in node.attribute}
    axis, block = attributes.get("axis", 1), attributes.get("block_size", 0)
    q = given[0].astype(np.float32)
    scale = given[1].astype(np.float32)
    zero = given[2].astype(np.float32) if len(given) > 2 else np.zeros_like(scale)
    scale, zero = (_spread(part, q.shape, axis, block) for part in (scale, zero))
    return ((q - zero) * scale).astype(np.float32)


def _spread(part: NDArray[np.float32], shape: tuple[int, ...], axis: int, block: int) -> NDArray[np.float32]:
    """Make one value a block, or one a channel, broadcast against a tensor of ``shape``."""
    if part.ndim == 0 or part.size == 1:
        return part.reshape(())
    size = shape[axis]
    if part.ndim == 1:
        wide = np.repeat(part, block)[:size] if block and part.size != size else part
        return wide.reshape([-1 if i == axis % len(shape) else 1 for i in range(len(shape))])
    return np.take(np.repeat(part, block, axis=axis), range(size), axis=axis) if block else part
