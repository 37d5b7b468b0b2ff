//! Tokens, sentences and turns.

use clinical::transcript::{Evidence, Speaker, Transcript};
use terminology::fold::base_letter;

use super::correction;
use super::stem::stem;

/// A word, a number in digits or a punctuation mark, with its bytes in the turn.
#[derive(Debug, Clone)]
pub struct Token {
    /// Lower case without accents; punctuation as itself ("..." for an ellipsis).
    pub norm: String,
    /// Comparison form of `norm`.
    pub stem: String,
    /// First byte in the turn's text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Taken back by the speaker ("de cinco, perdón, de diez"): no rule reads it.
    pub dead: bool,
}

impl Token {
    /// Whether the token is punctuation.
    #[must_use]
    pub fn is_punct(&self) -> bool {
        !self.norm.starts_with(char::is_alphanumeric)
    }
}

/// A stretch of a turn between strong punctuation.
#[derive(Debug, Clone, Copy)]
pub struct Sentence {
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
    /// Asked, by its marks or by its form.
    pub question: bool,
}

/// One turn, cut up.
#[derive(Debug, Clone)]
pub struct TurnDoc {
    /// Who speaks.
    pub speaker: Speaker,
    /// Its tokens.
    pub tokens: Vec<Token>,
    /// Its sentences, covering all tokens.
    pub sentences: Vec<Sentence>,
}

/// A whole consultation, cut up.
#[derive(Debug, Clone)]
pub struct Doc {
    /// Same indexes as the transcript.
    pub turns: Vec<TurnDoc>,
}

impl Doc {
    /// Cuts up a transcript.
    #[must_use]
    pub fn new(transcript: &Transcript) -> Self {
        let turns = transcript.turns.iter().map(|turn| TurnDoc::new(turn.speaker, &turn.text)).collect();
        let mut doc = Self { turns };
        doc.ask_without_marks(transcript);
        doc
    }

    /// A recogniser that writes no question marks: a short turn of the clinician that is answered asks. Where only some
    /// turns come without marks, those are meant that have no punctuation at all and begin in lower case.
    fn ask_without_marks(&mut self, transcript: &Transcript) {
        let clinician = self.turns.iter().filter(|turn| turn.is_doctor());
        let (marked, all) = clinician.fold((0, 0), |(marked, all), turn| {
            (marked + usize::from(turn.sentences.iter().any(|sentence| sentence.question)), all + 1)
        });
        let never_marked = all >= 4 && marked * 12 <= all;
        for idx in 1..self.turns.len() {
            let answered = self.turns[idx].is_patient_side() && self.turns[idx - 1].is_doctor();
            let asked = &self.turns[idx - 1].tokens;
            let bare = asked.iter().all(|token| !token.is_punct())
                && transcript.turns[idx - 1].text.trim_start().starts_with(char::is_lowercase);
            // What is read off an instrument is no question.
            let measured = (0..asked.len()).any(|at| super::numbers::number_at(asked, at).is_some());
            let open = !asked.iter().any(|token| matches!(token.norm.as_str(), "." | "?" | "!" | "¿"));
            let unmarked = !measured && open && (bare || asked.len() >= 2);
            if answered && (never_marked || unmarked) && asked.len() <= 16 && !orders(asked) {
                for sentence in &mut self.turns[idx - 1].sentences {
                    sentence.question = true;
                }
            }
        }
    }

    /// The evidence for a token range, widened to at least one token.
    #[must_use]
    pub fn evidence(&self, turn: usize, start: usize, end: usize) -> Evidence {
        let Some(tokens) = self.turns.get(turn).map(|turn| &turn.tokens) else {
            return Evidence { turn, start: 0, end: 0 };
        };
        let last = end.max(start + 1).min(tokens.len());
        let from = tokens.get(start.min(tokens.len().saturating_sub(1))).map_or(0, |token| token.start);
        let to = last.checked_sub(1).and_then(|idx| tokens.get(idx)).map_or(from, |token| token.end);
        Evidence { turn, start: from, end: to.max(from) }
    }

    /// The evidence that is a whole turn.
    #[must_use]
    pub fn whole(&self, turn: usize) -> Evidence {
        self.evidence(turn, 0, self.turns.get(turn).map_or(0, |turn| turn.tokens.len()))
    }
}

impl TurnDoc {
    /// Cuts up one turn.
    #[must_use]
    pub fn new(speaker: Speaker, text: &str) -> Self {
        let mut tokens = merge_phrases(&not_known(tokenize(text)), text);
        correction::mark_taken_back(&mut tokens);
        correction::mark_sides_taken_back(&mut tokens);
        let sentences = split_sentences(&tokens);
        Self { speaker, tokens, sentences }
    }

    /// Whether the words come from the patient's side.
    #[must_use]
    pub fn is_patient_side(&self) -> bool {
        matches!(self.speaker, Speaker::Patient | Speaker::Companion | Speaker::Unknown)
    }

    /// Whether the words are the clinician's.
    #[must_use]
    pub fn is_doctor(&self) -> bool {
        self.speaker == Speaker::Doctor
    }

    /// The sentence that holds a token.
    #[must_use]
    pub fn sentence_of(&self, token: usize) -> Sentence {
        let all = Sentence { start: 0, end: self.tokens.len(), question: false };
        self.sentences.iter().copied().find(|sentence| token < sentence.end).unwrap_or(all)
    }

    /// The folded word at an index, "" outside.
    #[must_use]
    pub fn word(&self, idx: usize) -> &str {
        self.tokens.get(idx).map_or("", |token| token.norm.as_str())
    }

    /// Folded words of a range joined by spaces, without what was taken back.
    #[must_use]
    pub fn joined(&self, start: usize, end: usize) -> String {
        let end = end.min(self.tokens.len());
        let words: Vec<&str> = self.tokens[start.min(end)..end]
            .iter()
            .filter(|token| !token.dead)
            .map(|token| token.norm.as_str())
            .collect();
        words.join(" ")
    }
}

fn tokenize(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c.is_whitespace() {
            continue;
        }
        let mut norm = String::new();
        let mut end = at + c.len_utf8();
        if let Some(letter) = letter_of(c) {
            norm.push(letter);
            let numeric = c.is_ascii_digit();
            while let Some(&(next_at, next)) = chars.peek() {
                let joins_decimal = numeric
                    && matches!(next, '.' | ',')
                    && text[next_at + 1..].starts_with(|d: char| d.is_ascii_digit())
                    && !norm.contains('.');
                if joins_decimal {
                    norm.push('.');
                } else if let Some(letter) =
                    letter_of(next).filter(|l| numeric == l.is_ascii_digit() || !numeric)
                {
                    norm.push(letter);
                } else if !('\u{0300}'..='\u{036f}').contains(&next) {
                    break;
                }
                end = next_at + next.len_utf8();
                chars.next();
            }
        } else {
            norm.push(if c == '…' { '.' } else { c });
            if c == '…' {
                norm.push_str("..");
            }
            while c == '.' && chars.peek().is_some_and(|&(_, next)| next == '.') {
                norm.push('.');
                end += 1;
                chars.next();
            }
        }
        if norm == "si" && text[at..end].chars().any(|letter| matches!(letter, 'í' | 'Í')) {
            norm = "sí".to_owned();
        }
        tokens.push(Token { stem: stem(&norm), norm, start: at, end, dead: false });
    }
    tokens
}

fn letter_of(c: char) -> Option<char> {
    base_letter(c.to_lowercase().next().unwrap_or(c))
}

/// "salbutamol dos disparos cada seis horas", "le voy a dar": words that order, and ask nothing.
fn orders(tokens: &[Token]) -> bool {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.norm.as_str());
    let asks = matches!(
        word(0),
        "cuanto"
            | "cuanta"
            | "cuantos"
            | "cuantas"
            | "cada"
            | "desde"
            | "toma"
            | "tomas"
            | "cuando"
            | "que"
            | "y"
    );
    let amount = (0..tokens.len()).any(|at| super::amount::amount_at(tokens, at).is_some());
    let interval = (0..tokens.len()).any(|at| {
        word(at) == "cada" && super::numbers::number_at(tokens, at + 1).is_some()
            || word(at) == "al" && word(at + 1) == "dia"
            || matches!(word(at), "diario" | "diaria" | "ayunas")
            || matches!((word(at), word(at + 1)), ("por", "la") | ("en", "la") | ("todas", "las"))
                && matches!(word(at + 2), "noche" | "noches" | "mananas")
    });
    let gives = (0..tokens.len()).any(|at| {
        matches!(
            (word(at), word(at + 1)),
            ("le" | "te" | "les", "dejo" | "doy" | "receto" | "mando" | "agrego")
        ) || matches!(
            (word(at), word(at + 1), word(at + 2)),
            ("le" | "te", "voy", "a") | ("vamos", "a", "darle")
        )
    });
    !asks && (amount && (interval || tokens.len() >= 7) || gives)
}

/// "no sé" before a pause says nothing of what it stands beside: it is one word, and no negation.
fn not_known(tokens: Vec<Token>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    for (at, token) in tokens.iter().enumerate() {
        let pause = tokens.get(at + 1).is_none_or(Token::is_punct);
        match out.last_mut() {
            Some(last) if last.norm == "no" && token.norm == "se" && pause => {
                last.norm = "nose".to_owned();
                last.stem = "nose".to_owned();
                last.end = token.end;
            }
            _ => out.push(token.clone()),
        }
    }
    out
}

/// Fixed phrases read as one word, so that their "no" or "nada" is not a negation.
const PHRASES: &[(&[&str], &str)] = &[
    (&["nada", "mas"], "nomas"),
    (&["no", "mas"], "nomas"),
    (&["ya", "no"], "yano"),
    (&["a", "lo", "mejor"], "alomejor"),
    (&["o", "sea"], "osea"),
    (&["de", "vez", "en", "cuando"], "devezencuando"),
    (&["sin", "embargo"], "sinembargo"),
    (&["sobre", "todo"], "sobretodo"),
    (&["por", "favor"], "porfavor"),
    (&["tal", "vez"], "talvez"),
    (&["ni", "modo"], "nimodo"),
    (&["no", "se", "preocupe"], "tranquilo"),
    (&["no", "te", "preocupes"], "tranquilo"),
    (&["no", "se", "asuste"], "tranquilo"),
    (&["no", "te", "asustes"], "tranquilo"),
    (&["no", "pasa", "nada"], "tranquilo"),
    (&["como", "no", ","], "comono"),
    (&["por", "que", "no"], "porqueno"),
    (&["que", "no", "?"], "verdad"),
    (&["no", "se", "si"], "nosesi"),
    (&["no", "sabria", "decirle"], "nose"),
    (&["no", "me", "acuerdo"], "nose"),
    (&["no", "recuerdo"], "nose"),
    (&["no", "solo"], "nosolo"),
    (&["no", "es", "que"], "noesque"),
    (&["a", "veces"], "aveces"),
    (&["de", "repente"], "derepente"),
    (&["de", "golpe"], "degolpe"),
    (&["en", "cuanto"], "encuanto"),
    (&["no", "le", "digo"], "nolodigo"),
    (&["sin", "falta"], "sinfalta"),
];

fn merge_phrases(tokens: &[Token], text: &str) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut i = 0;
    while i < tokens.len() {
        let hit = PHRASES.iter().find(|(words, _)| {
            words.len() <= tokens.len() - i
                && words.iter().zip(&tokens[i..]).all(|(word, token)| *word == token.norm)
        });
        match hit {
            Some((words, name)) if text.get(tokens[i].start..tokens[i + words.len() - 1].end).is_some() => {
                out.push(Token {
                    norm: (*name).to_owned(),
                    stem: (*name).to_owned(),
                    start: tokens[i].start,
                    end: tokens[i + words.len() - 1].end,
                    dead: false,
                });
                i += words.len();
            }
            _ => {
                out.push(tokens[i].clone());
                i += 1;
            }
        }
    }
    out
}

fn split_sentences(tokens: &[Token]) -> Vec<Sentence> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut open_question = false;
    let mut push = |start: usize, end: usize, question: bool| {
        if end > start {
            out.push(Sentence { start, end, question });
        }
    };
    for (idx, token) in tokens.iter().enumerate() {
        match token.norm.as_str() {
            "¿" => {
                push(start, idx, open_question);
                start = idx;
                open_question = true;
            }
            "?" => {
                push(start, idx + 1, true);
                start = idx + 1;
                open_question = false;
            }
            "." | "!" | ";" => {
                push(start, idx + 1, open_question);
                start = idx + 1;
                open_question = false;
            }
            _ => {}
        }
    }
    push(start, tokens.len(), open_question);
    out
}
