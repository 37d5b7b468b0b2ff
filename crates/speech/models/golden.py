"""What the Python originals make of tests/audio/dictado.wav: `python golden.py pretrained.pt silero.onnx dictado.wav golden.json`.

Needs numpy, librosa, soundfile, onnxruntime. The speaker encoder is computed here straight from Resemblyzer's weights, by
the formula of torch's LSTM, and not by the network this project ships; bands by librosa, called as Resemblyzer calls it.
"""

import json
import sys

import librosa
import numpy as np
import onnxruntime
import soundfile

from ge2e import LAYERS, weights


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def embedding(state, mels):
    x = mels.astype(np.float64)
    for layer in range(LAYERS):
        wi, wh = state[f"lstm.weight_ih_l{layer}"], state[f"lstm.weight_hh_l{layer}"]
        bias = state[f"lstm.bias_ih_l{layer}"] + state[f"lstm.bias_hh_l{layer}"]
        h = np.zeros(wh.shape[1])
        c = np.zeros_like(h)
        out = []
        for frame in x:
            i, f, g, o = np.split(wi @ frame + wh @ h + bias, 4)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
            out.append(h)
        x = np.array(out)
    raw = np.maximum(state["linear.weight"] @ x[-1] + state["linear.bias"], 0)
    return raw / np.linalg.norm(raw)


def speech(path, wav):
    session = onnxruntime.InferenceSession(path)
    steps = -(-len(wav) // 512)
    padded = np.concatenate([np.zeros(64), wav, np.zeros(steps * 512 - len(wav))]).astype(np.float32)
    rows = np.stack([padded[step * 512 : step * 512 + 576] for step in range(steps)])
    state = np.zeros((1, 1, 128), np.float32)
    return session.run(None, {"input": rows, "h": state, "c": state})[0].reshape(-1)


def main(checkpoint, silero, recording, target):
    wav, rate = soundfile.read(recording, dtype="float32")
    assert rate == 16000
    mel = librosa.feature.melspectrogram(y=wav, sr=16000, n_fft=400, hop_length=160, n_mels=40).astype(np.float32).T
    state = weights(checkpoint)
    starts = [0, 57, 160, 301]
    golden = {
        "speech": [round(float(p), 6) for p in speech(silero, wav)],
        "starts": starts,
        "voices": [[round(float(v), 6) for v in embedding(state, mel[s : s + 160])] for s in starts],
    }
    json.dump(golden, open(target, "w"))


if __name__ == "__main__":
    main(*sys.argv[1:])
