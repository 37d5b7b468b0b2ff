"""Speed and memory of the process of the speech model beside faster-whisper: the same weights, the same sound, the same
machine, one thread each, the likeliest token each time, one after the other.

    pip install faster-whisper==1.2.1
    cargo build --release -p medicus-speech --bins --example whisper_model
    target/release/examples/whisper_model base base.bin
    taskset -c 0 python evaluation/bench/speech.py target/release/medicus-speech base.bin

With `--card`, of a program built with `cuda`, beside OpenAI's own program on the same card, which computes in 16 bits there as it
is used to:

    pip install openai-whisper==20250625
    python evaluation/bench/speech.py --card target/release/medicus-speech large.bin

Nobody trained the model: it has the size of a real one and says the same 90 words in each portion, whatever it hears, so that
both write as many tokens; these are printed to show it.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "crates/medicus-speech/tests/reference"))
from ggml import load_openai, read_ggml

RATE = 16_000
PORTION_S, PORTIONS = 28, 6
END, START, SPANISH, FIRST_LANGUAGE, FIRST_TIME = 50_257, 50_258, 50_262, 50_259, 50_364
NAMED = ["<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"]
# Tokens of one byte are the byte; whisper.cpp writes none of these.
NO_SPEECH = [ord(letter) for letter in '"#()*+/:;<=>@[\\]^_`{|}~']
# As whisper.cpp: half of what the decoder sees, less what it begins with.
MOST_TOKENS = 448 // 2 - 4


def vocabulary(count):
    special = {END: "<|endoftext|>", START: "<|startoftranscript|>", SPANISH: "<|es|>"}
    special.update((FIRST_TIME - len(NAMED) + at, name) for at, name in enumerate(NAMED))
    special.update((at, f"<|{(at - FIRST_TIME) * 0.02:.2f}|>") for at in range(FIRST_TIME, count))
    return [special.get(at, f"<|other{at}|>" if at > END else f"t{at}") for at in range(count)]


def write_for_faster_whisper(header, tensors, folder):
    """The same weights as faster-whisper reads them, in 16 bits as it is used to."""
    import tokenizers
    from ctranslate2.specs import whisper_spec

    tokens, _, _, heads, layers, *_ = header
    spec = whisper_spec.WhisperSpec(layers, heads, layers, heads)

    def linear(to, *names):
        to.weight = np.concatenate([tensors[f"{name}.weight"] for name in names])
        # Keys have no bias.
        biases = [tensors.get(f"{name}.bias", np.zeros(len(tensors[f"{name}.weight"]), np.float32)) for name in names]
        to.bias = np.concatenate(biases)

    def norm(to, name):
        to.gamma, to.beta = tensors[f"{name}.weight"], tensors[f"{name}.bias"]

    def attention(to, name, *linears):
        norm(to.layer_norm, f"{name}_ln")
        for layer, parts in zip(to.linear, linears):
            linear(layer, *(f"{name}.{part}" for part in parts))

    for side, to in (("encoder", spec.encoder), ("decoder", spec.decoder)):
        to.position_encodings.encodings = tensors[f"{side}.positional_embedding"]
        for at, layer in enumerate(to.layer):
            block = f"{side}.blocks.{at}"
            attention(layer.self_attention, f"{block}.attn", ("query", "key", "value"), ("out",))
            if side == "decoder":
                attention(layer.attention, f"{block}.cross_attn", ("query",), ("key", "value"), ("out",))
            norm(layer.ffn.layer_norm, f"{block}.mlp_ln")
            linear(layer.ffn.linear_0, f"{block}.mlp.0")
            linear(layer.ffn.linear_1, f"{block}.mlp.2")
    for name in ("conv1", "conv2"):
        conv = getattr(spec.encoder, name)
        conv.weight, conv.bias = tensors[f"encoder.{name}.weight"], tensors[f"encoder.{name}.bias"].reshape(-1)
    norm(spec.encoder.layer_norm, "encoder.ln_post")
    norm(spec.decoder.layer_norm, "decoder.ln")
    spec.decoder.embeddings.weight = tensors["decoder.token_embedding.weight"]
    spec.decoder.projection.weight = tensors["decoder.token_embedding.weight"]

    names = vocabulary(tokens)
    spec.register_vocabulary(names)
    spec.config.suppress_ids, spec.config.suppress_ids_begin = [], [ord(" "), END]
    spec.config.lang_ids = list(range(FIRST_LANGUAGE, FIRST_TIME - len(NAMED)))
    spec.config.alignment_heads = [(layers - 1, 0)]
    spec.validate()
    spec.optimize(quantization="float16")
    spec.save(folder)
    words = tokenizers.models.WordLevel({name: at for at, name in enumerate(names)}, unk_token="t0")
    tokenizers.Tokenizer(words).save(os.path.join(folder, "tokenizer.json"))


def portions():
    """Tones that come and go, the same each time."""
    at = np.arange(PORTIONS * PORTION_S * RATE) / RATE
    voice = sum(np.sin(at * 900 * n + n) / n for n in range(1, 6))
    sound = (0.2 * voice * np.abs(np.sin(at * 9)) * (1 + np.cos(at * 1.3))).astype("<f4")
    return sound.reshape(PORTIONS, -1)


def most_memory_mb(process):
    """The most memory a process has had. (What the system tells of a child by itself counts what its parent had before it.)"""
    with open(f"/proc/{process}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024 / 1e6


def ours(program, model):
    """The process as the program starts it."""
    process = subprocess.Popen([program, model], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def hear():
        while True:
            reply = json.loads(process.stdout.readline())
            if reply["say"] != "working":
                return reply

    def worked():
        with open(f"/proc/{process.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    ready = hear()
    assert ready["say"] == "ready", ready
    times, worked_at, words = [], [], 0
    for sound in portions():
        question = {"ask": "write", "samples": base64.b64encode(sound.tobytes()).decode(), "prompt": ""}
        begun = time.perf_counter()
        process.stdin.write(json.dumps(question).encode() + b"\n")
        process.stdin.flush()
        answer = hear()
        times.append(time.perf_counter() - begun)
        worked_at.append(worked())
        words += sum(len(segment["words"]) for segment in answer["segments"])
    memory = most_memory_mb(process.pid)
    process.stdin.close()
    process.wait()
    measured = {"times": times, "cpu": worked_at[-1] - worked_at[0], "words": words, "memory_mb": memory}
    return {**measured, "card": ready["card"]}


class ManyLanguages:
    """A model with invented words, which says that it writes many languages: by its words the library takes it for English."""

    def __init__(self, model):
        self.of = model

    def __getattr__(self, name):
        return True if name == "is_multilingual" else getattr(self.of, name)


def theirs(folder, kind):
    """faster-whisper in a process of its own, with the settings of ours."""
    from faster_whisper import WhisperModel

    model = WhisperModel(folder, device="cpu", compute_type=kind, cpu_threads=1, num_workers=1)
    model.model = ManyLanguages(model.model)
    times, worked_at, words = [], [], 0
    for sound in portions():
        begun = time.perf_counter()
        segments, _ = model.transcribe(
            sound,
            language="es",
            beam_size=1,
            best_of=1,
            temperature=0.0,
            compression_ratio_threshold=None,
            log_prob_threshold=None,
            no_speech_threshold=None,
            condition_on_previous_text=False,
            suppress_tokens=NO_SPEECH,
            max_new_tokens=MOST_TOKENS,
        )
        words += sum(sum(token < END for token in segment.tokens) for segment in segments)
        times.append(time.perf_counter() - begun)
        worked_at.append(time.process_time())
    return {"times": times, "cpu": worked_at[-1] - worked_at[0], "words": words, "memory_mb": most_memory_mb("self")}


def on_the_card(path):
    """OpenAI's program on the graphics card, with the settings of ours."""
    import torch
    import whisper

    model = load_openai(path).half().cuda()
    options = whisper.DecodingOptions(language="es", suppress_tokens=NO_SPEECH, sample_len=MOST_TOKENS)
    times, worked_at, words = [], [], 0
    for sound in portions():
        begun = time.perf_counter()
        mel = whisper.log_mel_spectrogram(whisper.pad_or_trim(sound), model.dims.n_mels, device="cuda")
        tokens = whisper.decode(model, mel, options).tokens
        torch.cuda.synchronize()
        times.append(time.perf_counter() - begun)
        worked_at.append(time.process_time())
        words += sum(token < END for token in tokens)
    return {"times": times, "cpu": worked_at[-1] - worked_at[0], "words": words, "memory_mb": most_memory_mb("self")}


def factors(measured):
    """Seconds of the clock and of the processor for a second of sound; the first portion is not counted."""
    counted = PORTION_S * (PORTIONS - 1)
    return sum(measured["times"][1:]) / counted, measured["cpu"] / counted


def main():
    if sys.argv[1] == "--theirs":
        print(json.dumps(theirs(*sys.argv[2:])))
        return
    program, model = sys.argv[-2:]
    if sys.argv[1] == "--card":
        mine = ours(program, model)
        assert mine["card"], "the process did not take the card"
        show([("medicus-speech", mine), ("openai-whisper", on_the_card(model))])
        return
    with tempfile.TemporaryDirectory() as folder:
        write_for_faster_whisper(*read_ggml(model), folder)
        mine = ours(program, model)
        rows = [("medicus-speech", mine)]
        for kind in ("float32", "int8"):
            command = [sys.executable, __file__, "--theirs", folder, kind]
            rows.append((f"faster-whisper, {kind}", json.loads(subprocess.run(command, check=True, capture_output=True).stdout)))
    show(rows)


def show(rows):
    mine = rows[0][1]
    for name, measured in rows:
        clock, worked = factors(measured)
        print(
            f"{name:<24} {clock:.3f} x real time, {worked:.3f} of the processor, {measured['words']} tokens in {PORTIONS} portions, "
            f"{measured['memory_mb']:.0f} MB; ours takes {factors(mine)[0] / clock:.2f} x its time, {factors(mine)[1] / worked:.2f} x its work"
        )
    print(f"load {os.getloadavg()[0]:.1f}")


main()
