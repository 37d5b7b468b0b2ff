//! Whisper models that nobody trained, in the ggml format of whisper.cpp: of random numbers, to compare implementations; and
//! one that always says the same words, to see them arrive. No weights of anybody are needed.

#![allow(dead_code, unreachable_pub, reason = "each of those that share it takes a part")]

use std::f32::consts::{FRAC_1_SQRT_2, TAU};

/// How large a model is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Numbers of a state.
    width: usize,
    /// Heads of an attention.
    heads: usize,
    /// Layers of the encoder, and of the decoder.
    layers: usize,
}

impl Size {
    /// Enough to go through every line of code.
    pub const SMALLEST: Self = Self { width: 96, heads: 6, layers: 4 };
    /// As OpenAI's `base`.
    pub const BASE: Self = Self { width: 512, heads: 8, layers: 6 };
    /// As OpenAI's `small`.
    pub const SMALL: Self = Self { width: 768, heads: 12, layers: 12 };
    /// As OpenAI's `large`.
    pub const LARGE: Self = Self { width: 1_280, heads: 20, layers: 32 };
}

/// Tokens of a model of many languages; those with a text of their own stand in the file.
const TOKENS: usize = 51_865;
const TEXTS: usize = 50_257;
const END: usize = 50_257;
const TRANSCRIBE: usize = 50_359;
/// The time 0.00; each token after it is 20 ms later.
const TIMES: usize = 50_364;
/// The first token that is given a word.
const WORDS: usize = 300;
const AUDIO_CONTEXT: usize = 1_500;
const TEXT_CONTEXT: usize = 448;
const MELS: usize = 80;
const BINS: usize = 201;
/// How numbers are written: in 16 bits, as published models are, or in 32.
const HALVES: usize = 1;
const WHOLES: usize = 0;

/// A model of random numbers, the same for the same seed.
#[must_use]
pub fn random(seed: u64, size: Size) -> Vec<u8> {
    random_but(seed, size, size.heads, |_, _| ())
}

/// The token that asks a model of [`reading`].
pub const ASK: usize = TEXTS - 1;
/// What stands in the two places a model of [`reading`] keeps for itself: so much and less so much.
pub const ANCHOR: f32 = 10.0;
/// How many times larger a model of [`reading`] hands a difference out.
pub const ENLARGED: f32 = 1_000.0;

/// A model of random numbers that listens as [`random`] of the same seed does, and whose decoder hands out what it was given.
///
/// Asked with [`ASK`], it looks at the one moment of the sound that answers `query`, takes `expected` from what the encoder
/// says there, and the logits of the first tokens are the difference, [`ENLARGED`] times and made of mean 0 and spread 1 with
/// [`ANCHOR`] at place `kept` and less [`ANCHOR`] at the next one, whose differences it does not tell.
#[must_use]
pub fn reading(seed: u64, size: Size, query: &[f32], expected: &[f32], kept: usize) -> Vec<u8> {
    let width = size.width;
    let diagonal = |values: &mut [f32], value: f32| {
        values.iter_mut().step_by(width + 1).for_each(|at| *at = value);
    };
    random_but(seed, size, 1, |tensor, values| {
        let Some(name) = tensor.name.strip_prefix("decoder.") else { return };
        values.fill(if matches!(tensor.role, Role::Scale) { 1.0 } else { 0.0 });
        match name {
            "token_embedding.weight" => {
                diagonal(&mut values[..width * width], 1.0);
                values[ASK * width + kept..][..2].copy_from_slice(&[ANCHOR, -ANCHOR]);
            }
            "blocks.0.cross_attn.query.bias" => values.copy_from_slice(query),
            "blocks.0.cross_attn.key.weight" | "blocks.0.cross_attn.value.weight" => diagonal(values, 1.0),
            "blocks.0.cross_attn.value.bias" => {
                values.iter_mut().zip(expected).for_each(|(value, expected)| *value = -expected);
            }
            "blocks.0.cross_attn.out.weight" => {
                diagonal(values, ENLARGED);
                values[kept * width..][..2 * width].fill(0.0);
            }
            _ => {}
        }
    })
}

/// A model of random numbers, which `change` changes; its decoder looks with so many heads. Weights and places are spread as
/// those OpenAI's program begins with before any training: a third of what comes in to a layer, and sines.
fn random_but(seed: u64, size: Size, text_heads: usize, change: impl Fn(&Tensor, &mut [f32])) -> Vec<u8> {
    let mut file = File::begin(size, text_heads, &[]);
    let mut random = Random(seed);
    for tensor in tensors(size) {
        let count = tensor.shape.iter().product();
        let inputs: usize = tensor.shape.iter().skip(1).product();
        let (mean, spread) = match tensor.role {
            Role::Weight => (0.0, (3.0 * inputs as f32).sqrt().recip()),
            Role::Bias => (0.0, 0.1),
            Role::Scale => (1.0, 0.1),
            Role::Place => (0.0, FRAC_1_SQRT_2),
            Role::Token => (0.0, 0.05),
        };
        let mut values: Vec<f32> = (0..count).map(|_| mean + spread * random.normal()).collect();
        change(&tensor, &mut values);
        file.tensor(&tensor, &values);
    }
    file.0
}

/// A model that hears nothing and says `words`, from the beginning of each portion to `end_ms`.
#[must_use]
pub fn saying(words: &[&str], end_ms: usize) -> Vec<u8> {
    saying_of(Size::SMALLEST, words, end_ms)
}

/// The same of any size; as many words as four times its width, less four.
///
/// Each word is a token; the decoder's first layer has one neuron for each token of the sentence, which fires at that token
/// and adds the next one. Every other number is zero.
#[must_use]
pub fn saying_of(size: Size, words: &[&str], end_ms: usize) -> Vec<u8> {
    let width = size.width;
    let mut random = Random(7);
    let embedding: Vec<f32> = (0..TOKENS * width).map(|_| random.normal()).collect();
    let of = |token: usize| &embedding[token * width..(token + 1) * width];
    let mut sentence = vec![TRANSCRIBE, TIMES];
    sentence.extend((0..words.len()).map(|word| WORDS + word));
    sentence.extend([TIMES + end_ms / 20, END]);
    let mut file = File::begin(size, size.heads, words);
    for tensor in tensors(size) {
        let count = tensor.shape.iter().product();
        let mut values = vec![if matches!(tensor.role, Role::Scale) { 1.0 } else { 0.0 }; count];
        match tensor.name.as_str() {
            "decoder.token_embedding.weight" => values.clone_from(&embedding),
            "decoder.blocks.0.mlp.0.weight" => {
                for (row, token) in values.chunks_mut(width).zip(&sentence) {
                    row.copy_from_slice(of(*token));
                }
            }
            // Between what a token gives with itself (the width) and with any other.
            "decoder.blocks.0.mlp.0.bias" => values.fill(-0.65 * width as f32),
            "decoder.blocks.0.mlp.2.weight" => {
                for (neuron, pair) in sentence.windows(2).enumerate() {
                    for (row, value) in of(pair[1]).iter().enumerate() {
                        values[row * 4 * width + neuron] = *value;
                    }
                }
            }
            _ => {}
        }
        file.tensor(&tensor, &values);
    }
    file.0
}

#[derive(Clone, Copy)]
enum Role {
    Weight,
    Bias,
    Scale,
    Place,
    Token,
}

struct Tensor {
    name: String,
    shape: Vec<usize>,
    role: Role,
}

/// Every tensor of a model.
fn tensors(size: Size) -> Vec<Tensor> {
    let width = size.width;
    let mut all = Vec::new();
    let mut add =
        |name: String, shape: &[usize], role| all.push(Tensor { name, shape: shape.to_vec(), role });
    add("encoder.positional_embedding".into(), &[AUDIO_CONTEXT, width], Role::Place);
    add("encoder.conv1.weight".into(), &[width, MELS, 3], Role::Weight);
    add("encoder.conv1.bias".into(), &[width, 1], Role::Bias);
    add("encoder.conv2.weight".into(), &[width, width, 3], Role::Weight);
    add("encoder.conv2.bias".into(), &[width, 1], Role::Bias);
    add("decoder.positional_embedding".into(), &[TEXT_CONTEXT, width], Role::Place);
    add("decoder.token_embedding.weight".into(), &[TOKENS, width], Role::Token);
    let mut norms = vec!["encoder.ln_post".to_owned(), "decoder.ln".to_owned()];
    for (side, attentions) in [("encoder", &["attn"][..]), ("decoder", &["attn", "cross_attn"][..])] {
        for layer in 0..size.layers {
            let block = format!("{side}.blocks.{layer}");
            norms.push(format!("{block}.mlp_ln"));
            add(format!("{block}.mlp.0.weight"), &[4 * width, width], Role::Weight);
            add(format!("{block}.mlp.0.bias"), &[4 * width], Role::Bias);
            add(format!("{block}.mlp.2.weight"), &[width, 4 * width], Role::Weight);
            add(format!("{block}.mlp.2.bias"), &[width], Role::Bias);
            for attention in attentions {
                norms.push(format!("{block}.{attention}_ln"));
                for part in ["query", "key", "value", "out"] {
                    add(format!("{block}.{attention}.{part}.weight"), &[width, width], Role::Weight);
                    if part != "key" {
                        add(format!("{block}.{attention}.{part}.bias"), &[width], Role::Bias);
                    }
                }
            }
        }
    }
    for norm in norms {
        add(format!("{norm}.weight"), &[width], Role::Scale);
        add(format!("{norm}.bias"), &[width], Role::Bias);
    }
    all
}

/// A file in the making.
struct File(Vec<u8>);

impl File {
    /// Everything before the tensors.
    fn begin(size: Size, text_heads: usize, words: &[&str]) -> Self {
        let mut file = Self(Vec::new());
        file.numbers(&[0x6767_6d6c]);
        let (width, heads, layers) = (size.width, size.heads, size.layers);
        file.numbers(&[
            TOKENS,
            AUDIO_CONTEXT,
            width,
            heads,
            layers,
            TEXT_CONTEXT,
            width,
            text_heads,
            layers,
            MELS,
            HALVES,
        ]);
        file.numbers(&[MELS, BINS]);
        file.floats(&mel_filters());
        file.numbers(&[TEXTS]);
        for token in 0..TEXTS {
            let text = match (u8::try_from(token), token.checked_sub(WORDS).and_then(|at| words.get(at))) {
                (Ok(byte), _) => vec![byte],
                (_, Some(word)) => format!(" {word}").into_bytes(),
                _ => syllables(token).into_bytes(),
            };
            file.numbers(&[text.len()]);
            file.0.extend(text);
        }
        file
    }

    fn numbers(&mut self, numbers: &[usize]) {
        self.0.extend(numbers.iter().flat_map(|number| (*number as u32).to_le_bytes()));
    }

    fn floats(&mut self, floats: &[f32]) {
        self.0.extend(floats.iter().flat_map(|float| float.to_le_bytes()));
    }

    fn tensor(&mut self, tensor: &Tensor, values: &[f32]) {
        let halves = matches!(tensor.role, Role::Weight | Role::Token);
        self.numbers(&[tensor.shape.len(), tensor.name.len(), if halves { HALVES } else { WHOLES }]);
        let reversed: Vec<usize> = tensor.shape.iter().rev().copied().collect();
        self.numbers(&reversed);
        self.0.extend(tensor.name.as_bytes());
        if halves {
            self.0.extend(values.iter().flat_map(|value| half(*value).to_le_bytes()));
        } else {
            self.floats(values);
        }
    }
}

/// A number in 16 bits; one too small for them is zero. There are no large ones here.
fn half(value: f32) -> u16 {
    let bits = value.to_bits();
    let sign = (bits >> 16) & 0x8000;
    // The exponent counts from 127 in 32 bits and from 15 in 16; rounding up may carry into it.
    let magnitude = ((bits & 0x7fff_ffff) + 0x1000) >> 13;
    (sign | magnitude.saturating_sub((127 - 15) << 10)) as u16
}

/// A word nobody says, a different one for each number.
fn syllables(mut number: usize) -> String {
    let mut text = String::from(" ");
    while number > 0 {
        text.push(char::from(b"bcdfglmnprstvyzj"[number % 16]));
        text.push(char::from(b"aeio"[number / 16 % 4]));
        number /= 64;
    }
    text
}

/// The filters between the bins of a spectrum and the mel bands, of M. Slaney's Auditory Toolbox, which Whisper was trained
/// with: triangles of equal area, linear below 1 kHz and logarithmic above.
fn mel_filters() -> Vec<f32> {
    let step = 6.4_f64.ln() / 27.0;
    let mel = |hz: f64| if hz < 1_000.0 { hz * 3.0 / 200.0 } else { 15.0 + (hz / 1_000.0).ln() / step };
    let hz = |mel: f64| if mel < 15.0 { mel * 200.0 / 3.0 } else { 1_000.0 * ((mel - 15.0) * step).exp() };
    let edge = |at: usize| hz(mel(8_000.0) * at as f64 / (MELS + 1) as f64);
    let mut filters = Vec::with_capacity(MELS * BINS);
    for band in 0..MELS {
        let (low, middle, high) = (edge(band), edge(band + 1), edge(band + 2));
        for bin in 0..BINS {
            let at = bin as f64 * 8_000.0 / (BINS - 1) as f64;
            let height = ((at - low) / (middle - low)).min((high - at) / (high - middle)).max(0.0);
            filters.push((height * 2.0 / (high - low)) as f32);
        }
    }
    filters
}

/// Numbers that look random: SplitMix64.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 40) as f32 / (1 << 24) as f32
    }

    /// Of mean 0 and spread 1 (Box and Muller).
    fn normal(&mut self) -> f32 {
        let (a, b) = (1.0 - self.uniform(), self.uniform());
        (-2.0 * a.ln()).sqrt() * (TAU * b).cos()
    }
}
