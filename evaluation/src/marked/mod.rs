//! Consultations whose facts are marked where they are spoken: text in, annotation out.
//!
//! ```text
//! # ID | specialty, setting; reason
//! D: ¿{n:Fiebre}?
//! P: No, pero {s:me arde al orinar|disuria/ardor al orinar|ini=4 días}.
//! ```
//!
//! What the tags mean is told in `testdata/marcadas/PROVENANCE.md`. The annotation has the shape of the files in
//! `testdata/anotadas`: a fact whose words were asked cites the answer too, a fact said twice is one with both places, and
//! the spoken words are one of its accepted wordings.

pub(crate) mod check;
mod fault;
mod gold;
mod tags;

use serde_json::{Value, json};

pub(crate) use self::fault::{Fault, MIN_TURNS, Problem, Problems};
use self::tags::{TAGS, Tag};

/// A consultation that was read.
#[derive(Debug)]
pub(crate) struct Marked {
    pub(crate) id: String,
    /// What was said and what is to be understood of it.
    pub(crate) annotation: Value,
    /// How many marks it has.
    pub(crate) marks: usize,
    /// The line of its header.
    pub(crate) line: usize,
}

/// What somebody said.
#[derive(Debug)]
struct Turn {
    speaker: &'static str,
    text: String,
}

/// Words that say a fact.
#[derive(Debug)]
struct Mark<'a> {
    tag: &'static Tag,
    spoken: &'a str,
    /// The clinical name and other wordings, if it has any.
    clinical: Option<&'a str>,
    fields: Vec<(&'a str, &'a str)>,
    line: usize,
    turn: usize,
    /// Where the spoken words end in the text of the turn.
    end: usize,
}

/// A consultation while it is read.
struct Open<'a> {
    id: &'a str,
    line: usize,
    setting: String,
    turns: Vec<Turn>,
    marks: Vec<Mark<'a>>,
}

/// Reads the consultations of a file; `file` is only named in what is wrong.
pub(crate) fn read(file: &str, text: &str) -> Result<Vec<Marked>, Problems> {
    let mut problems = Vec::new();
    let mut open: Vec<Open<'_>> = Vec::new();
    for (line, words) in (1..).zip(text.lines().map(str::trim)).filter(|(_, words)| !words.is_empty()) {
        if let Some(header) = words.strip_prefix('#') {
            match consultation(header.trim_start_matches('#'), line) {
                Ok(new) if open.iter().any(|before| before.id == new.id) => {
                    problems.push((line, Fault::Taken(new.id.to_owned())));
                }
                Ok(new) => open.push(new),
                Err(fault) => problems.push((line, fault)),
            }
        } else {
            match speaker(words) {
                None => problems.push((line, Fault::Line(words.chars().take(60).collect()))),
                Some((speaker, said)) => match open.last_mut() {
                    None => problems.push((line, Fault::NoHeader)),
                    Some(open) => open.hear(speaker, said, line, &mut problems),
                },
            }
        }
    }
    let read: Vec<Marked> = open.into_iter().map(|open| open.close(&mut problems)).collect();
    if problems.is_empty() {
        return Ok(read);
    }
    problems.sort_by_key(|(line, _)| *line);
    let problem = |(line, fault)| Problem { file: file.to_owned(), line, fault };
    Err(Problems(problems.into_iter().map(problem).collect()))
}

fn consultation(header: &str, line: usize) -> Result<Open<'_>, Fault> {
    let mut parts = header.split('|').map(str::trim);
    let id = parts.next().unwrap_or_default();
    // It becomes the name of a file.
    if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Err(Fault::Header(format!("#{header}")));
    }
    let setting = parts.collect::<Vec<_>>().join("|");
    Ok(Open { id, line, setting, turns: Vec::new(), marks: Vec::new() })
}

fn speaker(line: &str) -> Option<(&'static str, &str)> {
    let (label, said) = line.split_once(':')?;
    let speaker = match label {
        "D" => "doctor",
        "P" => "patient",
        "C" => "companion",
        _ => return None,
    };
    Some((speaker, said.trim_start()))
}

impl<'a> Open<'a> {
    /// Takes a turn with its marks out of its line.
    fn hear(
        &mut self,
        speaker: &'static str,
        said: &'a str,
        line: usize,
        problems: &mut Vec<(usize, Fault)>,
    ) {
        let turn = self.turns.len();
        let mut text = String::new();
        let mut rest = said;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((inner, after)) = after.split_once('}').filter(|(inner, _)| !inner.contains('{')) else {
                break;
            };
            text.push_str(before);
            match Mark::read(inner, line, turn) {
                Ok(mut mark) => {
                    text.push_str(mark.spoken);
                    mark.end = text.len();
                    self.marks.push(mark);
                }
                Err(fault) => problems.push((line, fault)),
            }
            rest = after;
        }
        if rest.contains('{') || rest.contains('}') || text.contains('}') {
            problems.push((line, Fault::Brace));
        }
        text.push_str(rest);
        self.turns.push(Turn { speaker, text });
    }

    fn close(self, problems: &mut Vec<(usize, Fault)>) -> Marked {
        let gold = gold::annotate(&self.setting, &self.turns, &self.marks, problems);
        let turn = |turn: &Turn| json!({"speaker": turn.speaker, "text": turn.text});
        let annotation = json!({
            "id": self.id,
            "source": "original",
            "setting": self.setting,
            "language": "es-MX",
            "turns": self.turns.iter().map(turn).collect::<Vec<_>>(),
            "gold": gold,
        });
        Marked { id: self.id.to_owned(), annotation, marks: self.marks.len(), line: self.line }
    }
}

impl<'a> Mark<'a> {
    /// Reads what stands between the braces.
    fn read(inner: &'a str, line: usize, turn: usize) -> Result<Self, Fault> {
        let found = inner.split_once(':').and_then(|(code, rest)| Some((Tag::find(code)?, rest)));
        let Some((tag, rest)) = found else {
            let tags = TAGS.map(|tag| tag.code).join(", ");
            return Err(Fault::Tag { mark: inner.to_owned(), tags });
        };
        let mut parts = rest.split('|').map(str::trim);
        let spoken = parts.next().unwrap_or_default();
        if spoken.is_empty() {
            return Err(Fault::NoWords(inner.to_owned()));
        }
        let mut mark = Self { tag, spoken, clinical: None, fields: Vec::new(), line, turn, end: 0 };
        for part in parts.filter(|part| !part.is_empty()) {
            match part.split_once('=').map(|(field, value)| (field.trim(), value.trim())) {
                Some((field, value)) => mark.say(field, value)?,
                // As needed: the one field that may go without a value.
                None if tag.code == "p" && part == "prn" => mark.fields.push((part, "si")),
                None if mark.clinical.is_none() => mark.clinical = Some(part),
                None => return Err(Fault::Loose(part.to_owned())),
            }
        }
        Ok(mark)
    }

    fn say(&mut self, field: &'a str, value: &'a str) -> Result<(), Fault> {
        let allowed: Vec<&str> = self.tag.fields.iter().map(|(field, _)| *field).collect();
        if !allowed.contains(&field) {
            return Err(Fault::Field { tag: self.tag.code, field: field.to_owned(), allowed });
        }
        if !value.is_empty() {
            self.fields.push((field, value));
        }
        Ok(())
    }

    /// What a field says, the last time it is written.
    fn field(&self, field: &str) -> Option<&'a str> {
        self.fields.iter().rev().find(|(name, _)| *name == field).map(|(_, value)| *value)
    }

    /// The name of the fact and the further wordings that are accepted.
    fn names(&self) -> (String, Vec<String>) {
        if self.tag.code == "al0" {
            return ("negadas".to_owned(), Vec::new());
        }
        let written = self.clinical.unwrap_or_default().split('/').map(str::trim);
        let mut names = written.filter(|name| !name.is_empty()).map(str::to_owned);
        let name = names.next().unwrap_or_else(|| self.spoken.to_lowercase());
        (name, names.collect())
    }

    /// The turn it is in, and the answer where it was asked.
    fn evidence(&self, turns: &[Turn]) -> Vec<usize> {
        let mut evidence = vec![self.turn];
        let asks = |turn: &Turn| {
            turn.speaker == "doctor" && turn.text.get(self.end..).is_some_and(|after| after.contains('?'))
        };
        let answers = |turn: &Turn| turn.speaker != "doctor";
        if self.tag.answered
            && turns.get(self.turn).is_some_and(asks)
            && turns.get(self.turn + 1).is_some_and(answers)
        {
            evidence.push(self.turn + 1);
        }
        evidence
    }
}

#[cfg(test)]
mod tests;
