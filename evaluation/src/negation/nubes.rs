//! NUBes: lines of clinical notes with their negation cues and what each reaches.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use clinical::transcript::Speaker;
use scribe::text::TurnDoc;
use serde::Deserialize;

use super::Marked;

/// A line as annotated.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) marked: Marked,
}

#[derive(Deserialize)]
struct Document {
    text: String,
    annotations: Vec<Annotation>,
    relations: Vec<String>,
}

#[derive(Deserialize)]
struct Annotation {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    /// In code points.
    spans: Vec<(usize, usize)>,
}

/// Reads the development part; nothing when it is not there.
pub(super) fn read(data: &Path) -> Result<Option<Vec<Line>>> {
    let path = data.join("corpora").join("nubes_dev.jsonl");
    if !path.is_file() {
        return Ok(None);
    }
    let mut lines = Vec::new();
    for line in std::fs::read_to_string(&path)?.lines().filter(|line| !line.trim().is_empty()) {
        let document: Document = serde_json::from_str(line).context("a document of NUBes")?;
        lines.extend(document.lines());
    }
    Ok(Some(lines))
}

impl Document {
    fn lines(&self) -> Vec<Line> {
        let bytes: Vec<usize> = self.text.char_indices().map(|(at, _)| at).chain([self.text.len()]).collect();
        let in_bytes = |annotation: &Annotation| -> Vec<(usize, usize)> {
            let spans = annotation.spans.iter();
            spans.filter_map(|&(from, to)| Some((*bytes.get(from)?, *bytes.get(to)?))).collect()
        };
        let by_id: HashMap<&str, &Annotation> =
            self.annotations.iter().map(|annotation| (annotation.id.as_str(), annotation)).collect();
        let negation = |annotation: &Annotation| annotation.kind.starts_with("Neg");
        let cues: Vec<(usize, usize)> =
            self.annotations.iter().filter(|annotation| negation(annotation)).flat_map(in_bytes).collect();
        // "Scope Arg1:T1 Arg2:T2"
        let scopes = self.relations.iter().filter_map(|relation| {
            let mut words = relation.split(' ').filter_map(|word| Some(word.split_once(':')?.1));
            let (cue, reached) = (by_id.get(words.next()?)?, by_id.get(words.next()?)?);
            (relation.starts_with("Scope") && negation(cue)).then(|| in_bytes(reached))
        });
        let scopes: Vec<(usize, usize)> = scopes.flatten().collect();
        let mut begin = 0;
        let mut lines = Vec::new();
        for text in self.text.split('\n') {
            let end = begin + text.len();
            let inside = |span: &&(usize, usize)| begin <= span.0 && span.1 <= end;
            let mut marked = Marked::default();
            marked.cues.extend(cues.iter().filter(inside).map(|span| (span.0 - begin, span.1 - begin)));
            for token in TurnDoc::new(Speaker::Doctor, text).tokens.iter().filter(|token| !token.is_punct()) {
                let at = begin + token.start;
                let under = |spans: &[(usize, usize)]| spans.iter().any(|span| span.0 <= at && at < span.1);
                if under(&scopes) && !under(&cues) {
                    marked.scope.insert(token.start);
                }
            }
            lines.push(Line { text: text.to_owned(), marked });
            begin = end + 1;
        }
        lines
    }
}
