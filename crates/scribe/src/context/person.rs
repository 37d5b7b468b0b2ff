//! Whose it is: the patient's, a relative's, or someone's who does not matter for the record.

use clinical::transcript::Speaker;

use super::kin::{aside, is_unrelated, kin_of_kin, tells};
use crate::text::{Doc, TurnDoc};

pub use super::kin::{kinship, points_elsewhere};

/// Who a mention is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// The patient.
    Patient,
    /// A blood relative, with the kinship ("madre", "abuela materna").
    Relative(String),
    /// Someone else: a spouse, a friend, a neighbour.
    Other,
}

/// "Mi mamá oye poco": the relative a companion first speaks of, before any question about the family, is the patient.
fn brought(doc: &Doc) -> Vec<&'static str> {
    let asked = doc
        .turns
        .iter()
        .position(|turn| turn.is_doctor() && asks_about_family(turn))
        .unwrap_or(doc.turns.len());
    let first = doc.turns.iter().take(asked).filter(|turn| turn.speaker == Speaker::Companion).take(2);
    first
        .flat_map(|turn| {
            turn.tokens.iter().enumerate().filter_map(|(idx, token)| {
                let kin = kinship(&token.norm)?;
                (turn.word(idx.wrapping_sub(1)) == "mi"
                    && matches!(
                        kin,
                        "madre"
                            | "padre"
                            | "abuela"
                            | "abuelo"
                            | "hermano"
                            | "hermana"
                            | "hijo"
                            | "hija"
                            | "tía"
                            | "tío"
                    ))
                .then_some(kin)
            })
        })
        .take(1)
        .collect()
}

/// The companion brings a child: "mi niño", "la niña", and the clinician speaks of the child to the companion.
fn speaks_for_child(doc: &Doc) -> bool {
    let companion = doc.turns.iter().filter(|turn| turn.speaker == Speaker::Companion).count();
    let patient = doc.turns.iter().filter(|turn| turn.speaker == Speaker::Patient).count();
    let names_child = doc.turns.iter().filter(|turn| turn.speaker != Speaker::Patient).any(|turn| {
        turn.tokens.iter().enumerate().any(|(idx, token)| {
            matches!(
                token.norm.as_str(),
                "nino" | "nina" | "bebe" | "hijo" | "hija" | "chiquito" | "chiquita"
            ) && matches!(turn.word(idx.wrapping_sub(1)), "mi" | "el" | "la" | "su" | "este" | "al" | "del")
        })
    });
    companion > patient && names_child
}

/// "Y yo su mamá", "soy su papá", "su papá también tiene": a parent beside a child who speaks for themselves.
fn presents_as_parent(doc: &Doc) -> Option<&'static str> {
    let companion = || doc.turns.iter().filter(|turn| turn.speaker == Speaker::Companion);
    let says = |parent: &str, presents: bool| {
        companion().any(|turn| {
            (1..turn.tokens.len()).any(|at| {
                let lead = turn.word(at.wrapping_sub(2));
                turn.word(at) == parent
                    && turn.word(at - 1) == "su"
                    && (!presents || matches!(lead, "soy" | "yo" | "es"))
            })
        })
    };
    if says("mama", true) || says("papa", false) && !says("papa", true) {
        Some("madre")
    } else if says("papa", true) {
        Some("padre")
    } else {
        None
    }
}

fn addressed(doc: &Doc, title: &str) -> bool {
    doc.turns
        .iter()
        .filter(|turn| turn.is_doctor())
        .any(|turn| turn.tokens.iter().any(|token| token.norm == title))
}

fn first_person(word: &str) -> bool {
    matches!(
        word,
        "yo" | "tengo"
            | "soy"
            | "padezco"
            | "traigo"
            | "siento"
            | "estoy"
            | "me"
            | "tuve"
            | "mio"
            | "mia"
            | "empece"
            | "sufro"
            | "senti"
            | "ando"
            | "conmigo"
            | "detectaron"
            | "tome"
    )
}

/// Facts about who is who in the consultation.
#[derive(Debug, Clone, Default)]
pub struct Household {
    /// A companion speaks for a child: their "yo" is a parent.
    pub companion_is_parent: Option<&'static str>,
    /// The companion's own "mamá", "papá", "esposo", "abuelita" is the patient.
    pub patient_is: Vec<&'static str>,
}

impl Household {
    /// Reads who the companion is from how people address each other.
    #[must_use]
    pub fn read(doc: &Doc) -> Self {
        let mut household = Self::default();
        for turn in &doc.turns {
            match turn.speaker {
                Speaker::Doctor => {
                    let vocative = |word: &str| {
                        turn.tokens.iter().enumerate().any(|(idx, token)| {
                            token.norm == word
                                && !matches!(
                                    turn.word(idx.wrapping_sub(1)),
                                    "su" | "tu" | "la" | "mi" | "de" | "una"
                                )
                                && turn
                                    .tokens
                                    .get(idx + 1)
                                    .is_none_or(super::super::text::token::Token::is_punct)
                        })
                    };
                    if household.companion_is_parent.is_none() {
                        if vocative("mama") {
                            household.companion_is_parent = Some("madre");
                        } else if vocative("papa") {
                            household.companion_is_parent = Some("padre");
                        }
                    }
                }
                Speaker::Companion => {
                    for (idx, token) in turn.tokens.iter().enumerate() {
                        let Some(kin) = kinship(&token.norm) else { continue };
                        let bare = matches!(
                            turn.word(idx.wrapping_sub(1)),
                            "," | "¿" | "" | "¡" | "." | "ay" | "no" | "sí"
                        );
                        let vocative = bare
                            && turn
                                .tokens
                                .get(idx + 1)
                                .is_none_or(super::super::text::token::Token::is_punct);
                        if vocative && matches!(kin, "madre" | "padre" | "abuela" | "abuelo") {
                            household.patient_is.push(kin);
                        }
                    }
                }
                _ => {}
            }
        }
        let child = speaks_for_child(doc)
            || household.companion_is_parent.is_some() && household.patient_is.is_empty();
        if child {
            let parent = if addressed(doc, "senor") { "padre" } else { "madre" };
            household.companion_is_parent = household.companion_is_parent.or(Some(parent));
            household.patient_is = vec!["hijo", "hija", "nietos"];
        } else if let Some(parent) = presents_as_parent(doc) {
            household.companion_is_parent = Some(parent);
            household.patient_is = vec!["hijo", "hija"];
        } else {
            household.companion_is_parent = None;
            household.patient_is.extend(brought(doc));
        }
        household
    }

    /// Who the words of a token range are about. `family` says that the clinician just asked about the family.
    #[must_use]
    pub fn who(&self, turn: &TurnDoc, start: usize, end: usize, family: bool) -> Who {
        let sentence = turn.sentence_of(start);
        if let Some(who) = self.subject_before(turn, start, sentence.start, family) {
            return who;
        }
        if let Some(who) = self.pronoun(turn, start, sentence.start) {
            return who;
        }
        if let Some(who) = self.relative_after(turn, end, sentence.end, family) {
            return who;
        }
        if !family {
            return Who::Patient;
        }
        // In an answer about the family the subject may stand in the sentence before.
        let mut idx = start;
        while idx > 0 {
            idx -= 1;
            if let Some(kin) = kinship(turn.word(idx)) {
                return Who::Relative(self.detailed(turn, idx, kin));
            }
            if turn.word(idx) == "yo" {
                return self.speaker_self(turn);
            }
        }
        let me = (sentence.start..sentence.end).any(|at| first_person(turn.word(at)) && !aside(turn, at));
        if me { self.speaker_self(turn) } else { Who::Relative("familiar".to_owned()) }
    }

    /// "Ha de ser de mi hermano. Él sí es diabético.": a pronoun that begins the clause stands for the relative just named.
    fn pronoun(&self, turn: &TurnDoc, start: usize, first: usize) -> Option<Who> {
        let at = (first..start).find(|&at| {
            matches!(turn.word(at), "el" | "ella")
                && matches!(
                    turn.word(at + 1),
                    "sí" | "es"
                        | "era"
                        | "tiene"
                        | "tenia"
                        | "tuvo"
                        | "padece"
                        | "murio"
                        | "tambien"
                        | ","
                        | "nunca"
                )
                && (at == first || matches!(turn.word(at - 1), "," | "y" | "pero"))
        })?;
        if start - at > 10 {
            return None;
        }
        let kin_at = (0..at).rev().take(18).find(|&k| {
            kinship(turn.word(k)).is_some()
                && matches!(turn.word(k.wrapping_sub(1)), "mi" | "su" | "tu" | "un" | "una")
        })?;
        let kin = kinship(turn.word(kin_at))?;
        if self.is_patient(turn, kin_at, kin) {
            return None;
        }
        Some(Who::Relative(self.detailed(turn, kin_at, kin)))
    }

    fn speaker_self(&self, turn: &TurnDoc) -> Who {
        match (turn.speaker, self.companion_is_parent) {
            (Speaker::Companion, Some(parent)) => Who::Relative(parent.to_owned()),
            _ => Who::Patient,
        }
    }

    fn subject_before(&self, turn: &TurnDoc, start: usize, first: usize, family: bool) -> Option<Who> {
        let mut idx = start;
        let mut me = false;
        while idx > first && start - idx < 16 {
            idx -= 1;
            let word = turn.word(idx);
            if matches!(word, ";" | "pero") {
                return None;
            }
            if let Some(kin) = kinship(word).filter(|_| !tells(turn, idx)) {
                let possessed = matches!(
                    turn.word(idx.wrapping_sub(1)),
                    "mi" | "su"
                        | "tu"
                        | "mis"
                        | "sus"
                        | "tus"
                        | "el"
                        | "la"
                        | "un"
                        | "una"
                        | "dos"
                        | "tres"
                        | "otro"
                        | "otra"
                        | "de"
                        | "los"
                );
                // "Abuelo materno, cáncer de colon."
                let heads = family
                    && (idx == first || matches!(turn.word(idx - 1), "," | "y" | "..." | "otro" | "otra"));
                if !possessed && !heads {
                    if me {
                        return None;
                    }
                    continue;
                }
                if let Some((_, who)) = kin_of_kin(turn, idx, kin).filter(|_| !me) {
                    return Some(Who::Relative(who));
                }
                if me || self.is_patient(turn, idx, kin) {
                    return Some(Who::Patient);
                }
                return Some(Who::Relative(self.detailed(turn, idx, kin)));
            }
            if is_unrelated(word)
                && matches!(
                    turn.word(idx.wrapping_sub(1)),
                    "mi" | "su" | "tu" | "un" | "una" | "mis" | "el" | "la"
                )
            {
                let couple =
                    matches!(word, "esposo" | "esposa" | "marido" | "mujer" | "senora" | "viejo" | "vieja");
                return Some(match (turn.speaker, self.companion_is_parent) {
                    (Speaker::Companion, Some(parent)) if couple => {
                        Who::Relative(if parent == "madre" { "padre" } else { "madre" }.to_owned())
                    }
                    (Speaker::Companion, None) if couple => Who::Patient,
                    _ if me => Who::Patient,
                    _ => Who::Other,
                });
            }
            if matches!(word, "soy" | "padezco")
                && turn.speaker == Speaker::Companion
                && start - idx <= 3
                && self.companion_is_parent.is_none()
            {
                return Some(Who::Other);
            }
            if first_person(word) && !aside(turn, idx) {
                me = true;
                let parent_speaks = matches!(word, "soy" | "padezco" | "tengo") && start - idx <= 3;
                if parent_speaks && turn.speaker == Speaker::Companion && self.companion_is_parent.is_some() {
                    return Some(self.speaker_self(turn));
                }
                if word == "yo" && turn.speaker == Speaker::Companion && self.companion_is_parent.is_some() {
                    return Some(self.speaker_self(turn));
                }
            }
        }
        None
    }

    fn relative_after(&self, turn: &TurnDoc, end: usize, limit: usize, family: bool) -> Option<Who> {
        // "El que fumaba era él": somebody else, who is not named here.
        let pointed = usize::from(matches!(turn.word(end), "era" | "es"));
        if points_elsewhere(turn, end + pointed) {
            return Some(Who::Other);
        }
        // "La que tiene asma soy yo", said by a parent.
        if turn.speaker == Speaker::Companion
            && self.companion_is_parent.is_some()
            && (end..limit.min(end + 3)).any(|at| turn.word(at) == "yo")
        {
            return Some(self.speaker_self(turn));
        }
        let reach = if family { 7 } else { 3 };
        for idx in end..limit.min(end + reach) {
            let word = turn.word(idx);
            if matches!(word, "y" | "pero" | ";") && !family {
                return None;
            }
            if let Some(kin) = kinship(word) {
                let possessed = matches!(turn.word(idx.wrapping_sub(1)), "mi" | "su" | "mis" | "sus" | "tu");
                let subject = matches!(
                    turn.word(idx.wrapping_sub(2)),
                    "," | "" | "tiene" | "tenia" | "tuvo" | "también" | "de" | "fue" | "era" | "es" | "en"
                );
                if possessed && (family || subject) && !self.is_patient(turn, idx, kin) {
                    return Some(Who::Relative(self.detailed(turn, idx, kin)));
                }
                return None;
            }
        }
        None
    }

    /// The relatives joined to the one a mention is about: "mi papá y dos tíos son diabéticos".
    #[must_use]
    pub fn joined_kin(&self, turn: &TurnDoc, start: usize) -> Vec<String> {
        let first = turn.sentence_of(start).start;
        let Some(mut at) = (first..start)
            .rev()
            .take(14)
            .find(|&at| kinship(turn.word(at)).is_some() || matches!(turn.word(at), "pero" | ";"))
            .filter(|&at| kinship(turn.word(at)).is_some())
        else {
            return Vec::new();
        };
        if let Some(head) = kinship(turn.word(at)).and_then(|kin| kin_of_kin(turn, at, kin)) {
            at = head.0;
        }
        let mut out = Vec::new();
        while out.len() < 4 {
            let mut before = at;
            let small = |word: &str| {
                matches!(
                    word,
                    "mi" | "mis" | "su" | "sus" | "un" | "una" | "dos" | "tres" | "el" | "la" | "los" | "las"
                )
            };
            while before > first && small(turn.word(before - 1)) {
                before -= 1;
            }
            if before < first + 2 || !matches!(turn.word(before - 1), "y" | "," | "e") {
                break;
            }
            let Some(kin) = kinship(turn.word(before - 2)) else { break };
            if !small(turn.word(before.wrapping_sub(3))) || self.is_patient(turn, before - 2, kin) {
                break;
            }
            out.push(self.detailed(turn, before - 2, kin));
            at = before - 2;
        }
        out
    }

    fn is_patient(&self, turn: &TurnDoc, idx: usize, kin: &str) -> bool {
        turn.speaker == Speaker::Companion
            && turn.word(idx.wrapping_sub(1)) != "su"
            && self.patient_is.contains(&kin)
    }

    fn detailed(&self, turn: &TurnDoc, idx: usize, kin: &str) -> String {
        let side = (idx + 1..idx + 6).find_map(|at| match turn.word(at) {
            "materna" | "materno" => Some("por rama materna"),
            "paterna" | "paterno" => Some("por rama paterna"),
            _ => None,
        });
        let side = side.filter(|_| {
            matches!(kin, "abuelo" | "abuela" | "tío" | "tía" | "abuelos" | "tíos" | "primo" | "prima")
        });
        side.map_or_else(|| kin.to_owned(), |side| format!("{kin} {side}"))
    }
}

/// The kinship named first in a turn ("Sí, mi papá"), for an answer that names only the relative.
#[must_use]
pub fn relative_named(turn: &TurnDoc) -> Option<&'static str> {
    turn.tokens.iter().enumerate().find_map(|(idx, token)| {
        let possessed = matches!(
            turn.word(idx.wrapping_sub(1)),
            "mi" | "su" | "mis" | "sus" | "tu" | "el" | "la" | "un" | "una" | "de"
        );
        kinship(&token.norm).filter(|_| possessed)
    })
}

/// "¿De qué murió?"
fn asks_cause_of_death(turn: &TurnDoc, start: usize, end: usize) -> bool {
    (start..end).any(|idx| {
        turn.word(idx) == "que"
            && turn.word(idx.wrapping_sub(1)) == "de"
            && (idx + 1..idx + 4).any(|at| {
                let word = turn.word(at);
                word.starts_with("murio") || word.starts_with("fallec") || word.starts_with("muri")
            })
    })
}

/// Whether a clinician's turn asks about the family's diseases.
#[must_use]
pub fn asks_about_family(turn: &TurnDoc) -> bool {
    turn.sentences.iter().filter(|sentence| sentence.question).any(|sentence| {
        (sentence.start..sentence.end).any(|idx| {
            matches!(
                turn.word(idx),
                "familia"
                    | "familiar"
                    | "familiares"
                    | "hereditario"
                    | "hereditarios"
                    | "heredofamiliares"
                    | "papas"
                    | "padres"
                    | "parientes"
            ) || kinship(turn.word(idx)).is_some()
                && !matches!(
                    turn.word(idx.wrapping_sub(2)),
                    "dice" | "ayuda" | "acompana" | "con" | "cuenta" | "platica"
                )
                && (matches!(turn.word(idx.wrapping_sub(1)), "su" | "sus" | "tu" | "tus")
                    || matches!(turn.word(idx), "hermanos" | "hermanas" | "abuelos" | "tios")
                    || turn.word(idx + 1) == "o" && kinship(turn.word(idx + 2)).is_some())
        }) || asks_cause_of_death(turn, sentence.start, sentence.end)
    }) || turn.sentences.iter().any(|sentence| {
        turn.word(sentence.start) == "familia"
            || turn.word(sentence.start + 2) == "familia" && turn.word(sentence.start) == "en"
    })
}
