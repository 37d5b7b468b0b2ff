//! Networks of ONNX that nobody trained, written byte by byte, in the folders sherpa-onnx reads: of CTC and TDT that always say
//! the same words, and of CTC with random numbers, that says something else about each sound.

#![allow(dead_code, unreachable_pub, reason = "each of those that share it takes a part")]

use std::fs;
use std::path::Path;

/// Steps of a network of which each hears eight hundredths of a second; enough for half a minute.
const STEPS: usize = 400;
const STEP_MS: usize = 80;
const MELS: i64 = 80;
/// How many steps TDT can leap over: none to four.
const LEAPS: usize = 5;
/// A number that is far above all others.
const SURE: f32 = 20.0;

/// A field of Protocol Buffers.
fn field(number: u8, bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let bytes = bytes.as_ref();
    [varint(u64::from(number) << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

fn number(field: u8, value: i64) -> Vec<u8> {
    [varint(u64::from(field) << 3), varint(value as u64)].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// Kinds of numbers, as ONNX counts them.
const FLOAT: i64 = 1;
const INT32: i64 = 6;
const INT64: i64 = 7;

/// What goes in or comes out; an unknown length is 0.
fn value(name: &str, kind: i64, shape: &[i64]) -> Vec<u8> {
    let dims = shape.iter().map(|length| match length {
        0 => field(1, field(2, "n")),
        _ => field(1, number(1, *length)),
    });
    let tensor = [number(1, kind), field(2, dims.collect::<Vec<_>>().concat())].concat();
    [field(1, name), field(2, field(1, tensor))].concat()
}

fn tensor(name: &str, kind: i64, shape: &[i64], raw: &[u8]) -> Vec<u8> {
    let dims: Vec<Vec<u8>> = shape.iter().map(|length| number(1, *length)).collect();
    [dims.concat(), number(2, kind), field(8, name), field(9, raw)].concat()
}

fn floats(name: &str, shape: &[i64], values: &[f32]) -> Vec<u8> {
    let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    tensor(name, FLOAT, shape, &raw)
}

fn longs(name: &str, values: &[i64]) -> Vec<u8> {
    let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    tensor(name, INT64, &[values.len() as i64], &raw)
}

fn node(operator: &str, inputs: &[&str], output: &str, attributes: &[Vec<u8>]) -> Vec<u8> {
    let inputs: Vec<Vec<u8>> = inputs.iter().map(|input| field(1, input)).collect();
    let attributes: Vec<Vec<u8>> = attributes.iter().map(|attribute| field(5, attribute)).collect();
    [inputs.concat(), field(2, output), field(4, operator), attributes.concat()].concat()
}

fn numbers(name: &str, values: &[i64]) -> Vec<u8> {
    const MANY: i64 = 7;
    let values: Vec<Vec<u8>> = values.iter().map(|value| number(8, *value)).collect();
    [field(1, name), values.concat(), number(20, MANY)].concat()
}

/// What NeMo calls the encoder of a transducer.
const TRANSDUCER: &str = "EncDecRNNTBPEModel";

/// A whole network.
#[derive(Default)]
struct Network {
    nodes: Vec<Vec<u8>>,
    weights: Vec<Vec<u8>>,
    inputs: Vec<Vec<u8>>,
    outputs: Vec<Vec<u8>>,
    about: Vec<(&'static str, String)>,
}

impl Network {
    fn bytes(&self) -> Vec<u8> {
        let all = |number: u8, messages: &[Vec<u8>]| {
            messages.iter().flat_map(|message| field(number, message)).collect::<Vec<u8>>()
        };
        let graph = [
            all(1, &self.nodes),
            field(2, "graph"),
            all(5, &self.weights),
            all(11, &self.inputs),
            all(12, &self.outputs),
        ];
        let about =
            self.about.iter().map(|(key, value)| field(14, [field(1, key), field(2, value)].concat()));
        [number(1, 8), field(7, graph.concat()), field(8, number(2, 13)), about.collect::<Vec<_>>().concat()]
            .concat()
    }
}

fn hears() -> Vec<Vec<u8>> {
    vec![value("audio_signal", FLOAT, &[0, MELS, 0]), value("length", INT64, &[0])]
}

/// What a network says of itself.
fn about(model_type: &str, words: usize, subsampling: usize) -> Vec<(&'static str, String)> {
    vec![
        ("vocab_size", words.to_string()),
        ("subsampling_factor", subsampling.to_string()),
        ("normalize_type", "per_feature".into()),
        ("feat_dim", MELS.to_string()),
        ("pred_rnn_layers", "1".into()),
        ("pred_hidden", "4".into()),
        ("model_type", model_type.into()),
        // By this word in it sherpa-onnx knows TDT.
        ("url", if model_type == TRANSDUCER { "tdt".into() } else { String::new() }),
    ]
}

fn tokens(words: &[&str]) -> String {
    let lines = words.iter().chain(&["<blk>"]).enumerate();
    lines.map(|(at, word)| format!("{}{word} {at}\n", if at < words.len() { "▁" } else { "" })).collect()
}

/// In which step each word is said.
fn places(words: usize, ms: usize) -> Vec<usize> {
    (0..words).map(|at| at * ms / words / STEP_MS).collect()
}

/// For each step the word that is said, or the sign for none.
fn said(words: usize, ms: usize) -> Vec<usize> {
    let places = places(words, ms);
    (0..STEPS).map(|step| places.iter().position(|place| *place == step).unwrap_or(words)).collect()
}

/// A folder of CTC that says these words, spread over so long, about whatever it hears.
pub fn ctc_saying(folder: &Path, words: &[&str], ms: usize) {
    let width = words.len() + 1;
    let rows: Vec<f32> = said(words.len(), ms)
        .iter()
        .flat_map(|word| (0..width).map(move |at| if at == *word { -0.01 } else { -SURE }))
        .collect();
    let shape = [1, STEPS as i64, width as i64];
    let network = Network {
        nodes: vec![node("Identity", &["rows"], "logprobs", &[])],
        weights: vec![floats("rows", &shape, &rows)],
        inputs: hears(),
        outputs: vec![value("logprobs", FLOAT, &shape)],
        about: about("EncDecCTCModelBPE", words.len(), 8),
    };
    write(folder, &[("model.onnx", network)], words);
}

/// A folder of CTC with random numbers, the same for the same seed.
pub fn ctc_random(folder: &Path, seed: u64, words: &[&str]) {
    let width = words.len() as i64 + 1;
    let mut state = seed;
    let weights: Vec<f32> = (0..MELS * width)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
        })
        .collect();
    let network = Network {
        nodes: vec![
            node("Transpose", &["audio_signal"], "turned", &[numbers("perm", &[0, 2, 1])]),
            node("MatMul", &["turned", "weights"], "logits", &[]),
            node("LogSoftmax", &["logits"], "logprobs", &[]),
        ],
        weights: vec![floats("weights", &[MELS, width], &weights)],
        inputs: hears(),
        outputs: vec![value("logprobs", FLOAT, &[0, 0, width])],
        about: about("EncDecCTCModelBPE", words.len(), 1),
    };
    write(folder, &[("model.onnx", network)], words);
}

/// A folder of TDT, as Parakeet is, that says these words, spread over so long, about whatever it hears.
pub fn tdt_saying(folder: &Path, words: &[&str], ms: usize) {
    let width = words.len() + 1 + LEAPS;
    let said = said(words.len(), ms);
    // What the encoder hears is what the joiner says: a step of a column. Each leaps to the next step.
    let leap = words.len() + 1 + 1;
    let columns: Vec<f32> = (0..width)
        .flat_map(|at| said.iter().map(move |word| if at == *word || at == leap { SURE } else { -SURE }))
        .collect();
    let shape = [1, width as i64, STEPS as i64];
    let encoder = Network {
        nodes: vec![
            node("Identity", &["columns"], "outputs", &[]),
            node("Div", &["length", "eight"], "encoded_lengths", &[]),
        ],
        weights: vec![floats("columns", &shape, &columns), longs("eight", &[8])],
        inputs: hears(),
        outputs: vec![value("outputs", FLOAT, &shape), value("encoded_lengths", INT64, &[0])],
        about: about(TRANSDUCER, words.len(), 8),
    };
    let state = [1, 0, 4];
    let decoder = Network {
        nodes: vec![
            node("Identity", &["nothing"], "outputs", &[]),
            node("Identity", &["target_length"], "lengths", &[]),
            node("Identity", &["h"], "next_h", &[]),
            node("Identity", &["c"], "next_c", &[]),
        ],
        weights: vec![floats("nothing", &[1, 4, 1], &[0.0; 4])],
        inputs: vec![
            value("targets", INT32, &[0, 0]),
            value("target_length", INT32, &[0]),
            value("h", FLOAT, &state),
            value("c", FLOAT, &state),
        ],
        outputs: vec![
            value("outputs", FLOAT, &[1, 4, 1]),
            value("lengths", INT32, &[0]),
            value("next_h", FLOAT, &state),
            value("next_c", FLOAT, &state),
        ],
        about: Vec::new(),
    };
    let logits = [1, 1, 1, width as i64];
    let joiner = Network {
        nodes: vec![node("Reshape", &["encoder_outputs", "shape"], "logits", &[])],
        weights: vec![longs("shape", &logits)],
        inputs: vec![
            value("encoder_outputs", FLOAT, &[0, width as i64, 0]),
            value("decoder_outputs", FLOAT, &[0, 4, 0]),
        ],
        outputs: vec![value("logits", FLOAT, &logits)],
        about: Vec::new(),
    };
    let files =
        [("encoder.int8.onnx", encoder), ("decoder.int8.onnx", decoder), ("joiner.int8.onnx", joiner)];
    write(folder, &files, words);
}

fn write(folder: &Path, networks: &[(&str, Network)], words: &[&str]) {
    fs::create_dir_all(folder).unwrap();
    for (name, network) in networks {
        fs::write(folder.join(name), network.bytes()).unwrap();
    }
    fs::write(folder.join("tokens.txt"), tokens(words)).unwrap();
}
