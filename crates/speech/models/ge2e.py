"""Rebuilds the speaker encoder of Resemblyzer as ONNX: `python ge2e.py pretrained.pt ge2e.onnx`.

Needs numpy and onnx. The checkpoint is read without torch, and without running anything in it: a pickle may call
functions, so only the few that build tensors are let through.
"""

import collections
import pickle
import struct
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HIDDEN, LAYERS, MELS, FRAMES = 256, 3, 40, 160


class Storage:
    def __init__(self, key, count):
        self.key, self.count = key, count


class Tensors(pickle.Unpickler):
    """Reads the checkpoint's object; tensors come out as (storage, offset, shape, stride)."""

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, stride, *_: (storage, offset, shape, stride)
        if module == "torch" and name.endswith("Storage"):
            return name
        raise pickle.UnpicklingError(f"{module}.{name} is not let through")

    def persistent_load(self, saved):
        _kind, storage, key, _where, count, _view = saved
        assert storage == "FloatStorage", storage
        return Storage(key, count)


def weights(path):
    with open(path, "rb") as file:
        for _ in range(3):  # magic number, protocol, system
            pickle.load(file)
        checkpoint = Tensors(file).load()
        keys = pickle.load(file)
        data = {}
        for key in keys:
            (count,) = struct.unpack("<q", file.read(8))
            data[key] = np.frombuffer(file.read(4 * count), dtype="<f4")
    made = {}
    for name, (storage, offset, shape, _stride) in checkpoint["model_state"].items():
        count = int(np.prod(shape)) if shape else 1
        made[name] = data[storage.key][offset : offset + count].reshape(shape).copy()
    return made


def onnx_order(gates):
    """torch keeps input, forget, cell, output; ONNX input, output, forget, cell."""
    i, f, c, o = np.split(gates, 4, axis=0)
    return np.concatenate([i, o, f, c], axis=0)


def main(source, target):
    state = weights(source)
    nodes, constants = [], []

    def constant(name, array):
        constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    # mels: [windows, 160, 40] -> time first, as LSTM wants it.
    nodes.append(helper.make_node("Transpose", ["mels"], ["x0"], perm=[1, 0, 2]))
    for layer in range(LAYERS):
        w = constant(f"w{layer}", onnx_order(state[f"lstm.weight_ih_l{layer}"])[None])
        r = constant(f"r{layer}", onnx_order(state[f"lstm.weight_hh_l{layer}"])[None])
        bias = [onnx_order(state[f"lstm.bias_{part}_l{layer}"]) for part in ("ih", "hh")]
        b = constant(f"b{layer}", np.concatenate(bias)[None])
        nodes.append(
            helper.make_node("LSTM", [f"x{layer}", w, r, b], [f"y{layer}", f"h{layer}", ""], hidden_size=HIDDEN)
        )
        if layer + 1 < LAYERS:  # [frames, 1, windows, hidden] -> [frames, windows, hidden]
            nodes.append(helper.make_node("Squeeze", [f"y{layer}", constant(f"a{layer}", np.array([1]))], [f"x{layer + 1}"]))
    nodes.append(helper.make_node("Squeeze", [f"h{LAYERS - 1}", constant("first", np.array([0]))], ["last"]))
    nodes.append(
        helper.make_node("Gemm", ["last", constant("lw", state["linear.weight"]), constant("lb", state["linear.bias"])], ["raw"], transB=1)
    )
    nodes.append(helper.make_node("Relu", ["raw"], ["positive"]))
    nodes.append(helper.make_node("ReduceL2", ["positive", ], ["norm"], axes=[1], keepdims=1))
    nodes.append(helper.make_node("Div", ["positive", "norm"], ["embeddings"]))
    graph = helper.make_graph(
        nodes,
        "ge2e",
        [helper.make_tensor_value_info("mels", TensorProto.FLOAT, ["windows", FRAMES, MELS])],
        [helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["windows", HIDDEN])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, target)


if __name__ == "__main__":
    main(*sys.argv[1:])
