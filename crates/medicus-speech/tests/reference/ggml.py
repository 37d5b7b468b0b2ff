"""Reads the models of whisper.cpp, for the programs that are compared with ours."""

import struct

import numpy as np


def read_ggml(path):
    """The sizes and tensors of a model as whisper.cpp reads it."""
    with open(path, "rb") as file:
        data = file.read()
    at = 0

    def take(form):
        nonlocal at
        values = struct.unpack_from("<" + form, data, at)
        at += struct.calcsize("<" + form)
        return values

    assert take("I") == (0x67676D6C,), "no model of whisper.cpp"
    header = take("11i")
    rows, columns = take("2i")
    at += rows * columns * 4
    (texts,) = take("i")
    for _ in range(texts):
        (length,) = take("I")
        at += length
    tensors = {}
    while at < len(data):
        dims, name_length, kind = take("3i")
        form, size = (("<f4", 4), ("<f2", 2))[kind]
        shape = take(f"{dims}i")[::-1]
        name = data[at : at + name_length].decode()
        at += name_length
        count = int(np.prod(shape))
        tensors[name] = np.frombuffer(data, form, count, at).reshape(shape).astype(np.float32)
        at += count * size
    return header, tensors


def load_openai(path):
    """The same model in OpenAI's own program."""
    import torch
    from whisper.model import ModelDimensions, Whisper

    header, values = read_ggml(path)
    vocab, audio_ctx, audio_state, audio_head, audio_layer, text_ctx, text_state, text_head, text_layer, mels, _ = header
    tensors = {name: torch.from_numpy(value) for name, value in values.items()}
    for name in ("encoder.conv1.bias", "encoder.conv2.bias"):
        tensors[name] = tensors[name].reshape(-1)
    dims = ModelDimensions(mels, audio_ctx, audio_state, audio_head, audio_layer, vocab, text_ctx, text_state, text_head, text_layer)
    model = Whisper(dims)
    missing, unexpected = model.load_state_dict(tensors, strict=False)
    assert not unexpected and all("mask" in name for name in missing), (missing, unexpected)
    return model.eval()
