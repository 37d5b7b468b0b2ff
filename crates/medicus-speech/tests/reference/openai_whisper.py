"""What OpenAI's own program makes of a ggml model and a sound: the numbers that `tests/reference.rs` compares with.

    pip install openai-whisper==20250625
    MEDICUS_REFERENCE=write cargo test -p medicus-speech --test reference   # writes the model and the sound, and says where
    python crates/medicus-speech/tests/reference/openai_whisper.py MODEL.bin SOUND.f32 > crates/medicus-speech/tests/reference/openai_whisper.json

Greedy without any rule of what may be written: at each step the likeliest token of all.
"""

import json
import sys

import numpy as np
import torch
import whisper
from ggml import load_openai
from whisper.audio import log_mel_spectrogram, pad_or_trim

STEPS = 24
PROMPT = [50258, 50262, 50359]  # start, Spanish, transcribe
CHECKED = range(0, 51865, 173)  # of which tokens the logits are kept
STRETCHES = 6  # of the encoder's output, one moment of each
GAP = 40.0  # how far a moment stands before all others, in the exponent of an attention over them


def moments(heard):
    """One moment of each stretch, what the encoder says at it, and a query that an attention answers with that moment alone."""
    frames = heard[0].double()
    away = frames - frames.mean(0)
    queries = torch.linalg.solve(away.T @ away / len(away) + 1e-4 * torch.eye(away.shape[1]), away.T).T
    scores = queries @ frames.T / frames.shape[1] ** 0.5
    own = scores.diagonal().clone()
    scores.fill_diagonal_(-torch.inf)
    gaps = own - scores.max(1).values
    clear = gaps / queries.norm(dim=1)  # numbers of 16 bits blur a long query most
    size = len(frames) // STRETCHES
    for start in range(0, size * STRETCHES, size):
        at = start + int(clear[start : start + size].argmax())
        print(f"moment {at}: gap {float(gaps[at]):.1f}, by length {float(clear[at]):.3f}", file=sys.stderr)
        yield {
            "at": at,
            "heard": [round(float(value), 7) for value in frames[at]],
            "query": [round(float(value), 4) for value in queries[at] * GAP / gaps[at]],
        }


def main():
    model = load_openai(sys.argv[1])
    sound = torch.from_numpy(np.fromfile(sys.argv[2], dtype="<f4"))
    with torch.no_grad():
        mel = log_mel_spectrogram(pad_or_trim(sound), model.dims.n_mels)
        heard = model.encoder(mel[None])
        tokens, logits = list(PROMPT), []
        for _ in range(STEPS):
            step = model.decoder(torch.tensor([tokens]), heard)[0, -1]
            logits.append([round(float(step[token]), 6) for token in CHECKED])
            tokens.append(int(step.argmax()))
    kept = {
        "program": f"openai-whisper {whisper.__version__}",
        "moments": list(moments(heard)),
        "tokens": tokens[len(PROMPT) :],
        "logits": [logits[0], logits[1], logits[-1]],
    }
    print(json.dumps(kept))


main()
