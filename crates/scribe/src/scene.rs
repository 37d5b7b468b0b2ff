//! Everything read once from a transcript before facts are looked for.

use clinical::transcript::Transcript;

use crate::context::answer::{Answer, answer};
use crate::context::person::{Household, asks_about_family, kinship};
use crate::context::unmarked::{answered_in_a_row, orders_ask_nothing, read_aloud};
use crate::indexed::{Indexed, indexed};
use crate::lexicon::Lexicons;
use crate::lexicon::pattern::Hit;
use crate::mentions::{self, SymptomMention};
use crate::named::drug_mentions;
use crate::text::numbers::number_at;
use crate::text::{Doc, TurnDoc};

/// A medicine named in a turn.
#[derive(Debug, Clone)]
pub struct DrugMention {
    /// Generic name in Spanish; a combination joined by " con ".
    pub name: String,
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
    /// Usual routes of the medicine; empty when the catalogue does not say.
    pub routes: Vec<&'static str>,
    /// Its strengths are all in micrograms.
    pub micrograms: bool,
    /// An insulin, injected under the skin.
    pub insulin: bool,
    /// Measured in international units.
    pub units: bool,
    /// International names of the ingredients; empty for what is no medicine of the catalogue.
    pub ingredients: Vec<&'static str>,
    /// A class ("un antibiótico"), not a medicine.
    pub class_only: bool,
    /// The word is also an analyte, a food or a person's name.
    pub ambiguous: bool,
}

/// The consultation with everything found in it by name.
#[derive(Debug)]
pub struct Scene<'a> {
    /// Tokens and sentences.
    pub doc: Doc,
    /// The original words.
    pub transcript: &'a Transcript,
    /// The lexicons.
    pub lex: &'static Lexicons,
    /// Who is who.
    pub household: Household,
    /// Answers to the clinician's turns.
    pub answers: Vec<Option<Answer>>,
    /// The clinician's last question is about the family.
    pub family: Vec<bool>,
    /// Turns in which the clinician examines.
    pub exam: Vec<bool>,
    /// Medicines per turn.
    pub drugs: Vec<Vec<DrugMention>>,
    /// Symptoms per turn.
    pub symptoms: Vec<Vec<SymptomMention>>,
    /// Diseases per turn.
    pub diseases: Vec<Vec<Hit>>,
    /// Diseases of the ICD index per turn.
    pub indexed: Vec<Vec<Indexed>>,
    /// Studies per turn.
    pub studies: Vec<Vec<Hit>>,
    /// Only the turns that a sentence cites: the first of them is not the beginning of a consultation.
    pub cited: bool,
}

impl<'a> Scene<'a> {
    /// Reads a transcript.
    #[must_use]
    pub fn new(transcript: &'a Transcript) -> Self {
        let lex = Lexicons::get();
        let mut doc = Doc::new(transcript);
        for turn in doc.turns.iter_mut().filter(|turn| turn.is_doctor()) {
            read_aloud(turn, lex);
        }
        answered_in_a_row(&mut doc);
        let mut known: Vec<String> = Vec::new();
        let mut drugs: Vec<Vec<DrugMention>> = Vec::with_capacity(doc.turns.len());
        for (idx, turn) in doc.turns.iter().enumerate() {
            let question = (0..idx).rev().find(|&at| doc.turns[at].is_doctor());
            let asked = question.is_some_and(|at| asks_what_is_used(&doc.turns[at]));
            let found = drug_mentions(turn, &transcript.turns[idx].text, asked, &known);
            let house = found.iter().filter(|drug| drug.ingredients.is_empty() && !drug.class_only);
            if turn.is_patient_side() {
                known.extend(house.map(|drug| drug.name.clone()));
            }
            drugs.push(found);
        }
        for (turn, named) in doc.turns.iter_mut().zip(&drugs).filter(|(turn, _)| turn.is_doctor()) {
            let starts: Vec<usize> =
                named.iter().filter(|drug| !drug.class_only).map(|drug| drug.start).collect();
            orders_ask_nothing(turn, &starts);
        }
        let household = Household::read(&doc);
        let count = doc.turns.len();
        let answers =
            (0..count).map(|idx| doc.turns[idx].is_doctor().then(|| answer(&doc, idx)).flatten()).collect();
        let diseases: Vec<Vec<Hit>> =
            doc.turns.iter().map(|turn| lex.diseases.matcher.find(&turn.tokens)).collect();
        let symptoms = mentions::symptoms(lex, &doc, &diseases);
        let studies = doc.turns.iter().map(|turn| lex.studies.matcher.find(&turn.tokens)).collect();
        let indexed = (0..count).map(|idx| indexed(&doc.turns[idx], &transcript.turns[idx].text)).collect();
        let family = family_context(&doc);
        let exam = exam_turns(&doc, lex);
        Self {
            doc,
            transcript,
            lex,
            household,
            answers,
            family,
            exam,
            drugs,
            symptoms,
            diseases,
            indexed,
            studies,
            cited: false,
        }
    }

    /// The scene of some turns of this one, as if nothing else had been said: what is named in them is kept, questions are
    /// paired with answers anew. `cited` holds the same turns in the same order.
    #[must_use]
    pub fn subset<'b>(&self, cited: &'b Transcript, turns: &[usize]) -> Scene<'b> {
        fn pick<T: Clone>(all: &[T], turns: &[usize]) -> Vec<T> {
            turns.iter().filter_map(|&turn| all.get(turn).cloned()).collect()
        }
        let doc = Doc { turns: pick(&self.doc.turns, turns) };
        let count = doc.turns.len();
        Scene {
            household: self.household.clone(),
            answers: (0..count)
                .map(|idx| doc.turns[idx].is_doctor().then(|| answer(&doc, idx)).flatten())
                .collect(),
            family: pick(&self.family, turns),
            exam: pick(&self.exam, turns),
            drugs: pick(&self.drugs, turns),
            symptoms: pick(&self.symptoms, turns)
                .into_iter()
                .map(|mentions| within(mentions, turns))
                .collect(),
            diseases: pick(&self.diseases, turns),
            indexed: pick(&self.indexed, turns),
            studies: pick(&self.studies, turns),
            transcript: cited,
            lex: self.lex,
            doc,
            cited: true,
        }
    }

    /// The turn at an index.
    #[must_use]
    pub fn turn(&self, idx: usize) -> &TurnDoc {
        &self.doc.turns[idx]
    }

    /// The words as spoken between two tokens.
    #[must_use]
    pub fn spoken(&self, turn: usize, start: usize, end: usize) -> &str {
        self.transcript.quote(self.doc.evidence(turn, start, end)).unwrap_or_default()
    }

    /// The last turn of the clinician before a turn of the patient's side.
    #[must_use]
    pub fn question_before(&self, idx: usize) -> Option<usize> {
        (0..idx).rev().find(|&turn| self.doc.turns[turn].is_doctor())
    }
}

/// Mentions of a subset: a turn they are about keeps its place in the subset, or is forgotten when it is not in it.
fn within(mentions: Vec<SymptomMention>, turns: &[usize]) -> Vec<SymptomMention> {
    let place = |about: usize| turns.iter().position(|&turn| turn == about);
    mentions
        .into_iter()
        .map(|mention| SymptomMention { about: mention.about.and_then(place), ..mention })
        .collect()
}

/// Patient-side turns that answer a question about the family; the topic lasts until the clinician asks something else.
fn family_context(doc: &Doc) -> Vec<bool> {
    let mut current = false;
    doc.turns
        .iter()
        .enumerate()
        .map(|(idx, turn)| {
            if turn.is_doctor() {
                let asks = asks_about_family(turn) || follows_relative(doc, idx);
                let any_question = turn.sentences.iter().any(|sentence| sentence.question);
                current = asks || (current && !any_question && turn.tokens.len() < 12);
                current
            } else {
                current
            }
        })
        .collect()
}

/// "Mi papá murió del pulmón." - "¿De cáncer?": a short question that goes on with the relative just spoken of.
fn follows_relative(doc: &Doc, idx: usize) -> bool {
    let turn = &doc.turns[idx];
    let Some(before) = idx.checked_sub(1).map(|before| &doc.turns[before]) else { return false };
    let words = turn.tokens.iter().filter(|token| !token.is_punct());
    let asks_more = words.clone().count() <= 4 && words.clone().next().is_some_and(|word| word.norm == "de");
    let tail = before.tokens.len().saturating_sub(8);
    asks_more
        && (tail..before.tokens.len())
            .any(|at| kinship(before.word(at)).is_some() && before.word(at.wrapping_sub(1)) == "mi")
}

const EXAM_CUES: &[&str] = &[
    "revisar",
    "reviso",
    "exploro",
    "explorar",
    "exploracion",
    "auscult",
    "presion arterial",
    "pulso ",
    "temperatura",
    "saturacion",
    "satura",
    "pesa ",
    "peso ",
    "mide",
    "talla",
    "respire",
    "respira hondo",
    "abra la boca",
    "abre la boca",
    "acuestese",
    "acuestate",
    "recuestese",
    "palpo",
    "palpa",
    "campos pulmonares",
    "abdomen",
    "fondo de ojo",
    "reflejos",
    "timpano",
    "le aprieto",
    "subase",
    "subete",
    "frecuencia cardiaca",
    "frecuencia respiratoria",
    "bascula",
    "gorda la lengua",
    "otoscop",
    "espejo",
    "especulo",
    "estetoscopio",
    "lo voy a checar",
    "la voy a checar",
    "a la exploracion",
    "ver los pies",
    "ver las manos",
    "ver la piel",
    "quitese",
    "acerquese",
    "orientada ,",
    "orientado ,",
    "ideas delirantes",
    "cooperador",
];

/// Clinician turns that read an examination aloud.
fn exam_turns(doc: &Doc, lex: &Lexicons) -> Vec<bool> {
    let mut open = false;
    doc.turns
        .iter()
        .map(|turn| {
            if !turn.is_doctor() {
                return open;
            }
            let said = turn.joined(0, turn.tokens.len());
            if EXAM_CUES.iter().any(|cue| said.contains(cue)) || reads_pressure(turn) {
                open = true;
            }
            let reads_signs =
                ["presion", "temperatura", "pulso", "frecuencia"].iter().any(|cue| said.contains(cue));
            let doses =
                ["miligramos", "tableta", "al dia", "cada"].iter().filter(|cue| said.contains(*cue)).count()
                    >= 2;
            if doses && !reads_signs {
                open = false;
                return false;
            }
            let plan = [
                "le voy a dar",
                "le doy",
                "te doy",
                "le dejo",
                "vamos a iniciar",
                "lo que tiene",
                "entonces tiene",
                "diagnostico",
                "nos vemos",
                "cada ocho horas",
                "cada doce horas",
            ];
            // "En las piernas edema, le dejo el dedo marcado": a turn full of signs is read, whatever else it says.
            let signs =
                lex.organs.matcher.find(&turn.tokens).len() + lex.findings.matcher.find(&turn.tokens).len();
            if plan.iter().any(|cue| said.contains(cue)) && !(open && signs >= 5) {
                open = false;
                return false;
            }
            open
        })
        .collect()
}

/// "ciento veinte sobre ochenta".
fn reads_pressure(turn: &TurnDoc) -> bool {
    (1..turn.tokens.len()).any(|at| {
        matches!(turn.word(at), "sobre" | "/")
            && number_at(&turn.tokens, at + 1).is_some()
            && (at.saturating_sub(4)..at).any(|k| number_at(&turn.tokens, k).is_some())
    })
}

/// "¿Qué toma?", "¿qué se ha puesto?", "¿le dieron algo?"
fn asks_what_is_used(turn: &TurnDoc) -> bool {
    turn.sentences.iter().filter(|sentence| sentence.question).any(|sentence| {
        let said = format!(" {} ", turn.joined(sentence.start, sentence.end));
        [
            " toma ",
            " tomas ",
            " tomando",
            " tomado ",
            " puesto ",
            " pone ",
            " pusieron ",
            " dieron ",
            " dado ",
            " medicina",
            " medicamento",
            " suplemento",
            " hierbas",
            " usa ",
            " usado ",
        ]
        .iter()
        .any(|cue| said.contains(cue))
            && ![" alergi", " agua ", " alcohol ", " cerveza"].iter().any(|cue| said.contains(cue))
    })
}
