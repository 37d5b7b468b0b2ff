//! Sentences of a note: clinical Spanish, whole words, one idea each.

use std::collections::BTreeMap;

use clinical::draft::SectionId;
use clinical::transcript::{Evidence, Speaker, Transcript};

use crate::extract::{dose_text, frequency_text};
use crate::facts::{ClinicalFact, FactKind, Section, Status, Time};
use crate::text::quantity::plain;

use super::Proposal;

/// The first letter in upper case.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// "a, b y c"; "e" before an i sound.
pub(super) fn list(names: &[String], conjunction: &str) -> String {
    let Some((last, rest)) = names.split_last() else { return String::new() };
    if rest.is_empty() {
        return last.clone();
    }
    let sound = terminology::fold::fold(last);
    let i_sound = sound.starts_with('i') || sound.starts_with("hi") && !sound.starts_with("hie");
    let o_sound = sound.starts_with('o') || sound.starts_with("ho");
    let word = match conjunction {
        "y" if i_sound => "e",
        "o" | "ni" if conjunction == "o" && o_sound => "u",
        other => other,
    };
    format!("{} {word} {last}", rest.join(", "))
}

fn merged(facts: &[&ClinicalFact]) -> Vec<Evidence> {
    let mut evidence: Vec<Evidence> = facts.iter().flat_map(|fact| fact.evidence.iter().copied()).collect();
    evidence.sort_unstable();
    evidence.dedup();
    evidence
}

fn names(facts: &[&ClinicalFact]) -> Vec<String> {
    facts.iter().map(|fact| fact.name.clone()).collect()
}

/// Facts of a kind in groups of those said in the same last turn, at most four together.
fn by_turn(facts: &[ClinicalFact], keep: impl Fn(&ClinicalFact) -> bool) -> Vec<Vec<&ClinicalFact>> {
    let mut groups: BTreeMap<usize, Vec<&ClinicalFact>> = BTreeMap::new();
    for fact in facts.iter().filter(|fact| keep(fact)) {
        groups.entry(fact.evidence.last().map_or(0, |evidence| evidence.turn)).or_default().push(fact);
    }
    groups
        .into_values()
        .flat_map(|group| group.chunks(4).map(<[&ClinicalFact]>::to_vec).collect::<Vec<_>>())
        .collect()
}

fn say(text: String, facts: &[&ClinicalFact]) -> Proposal {
    Proposal::statement(SectionId::EVOLUTION, text, merged(facts))
}

/// Interrogatorio and antecedents (NOM-004 6.2.1).
pub(super) fn evolution(transcript: &Transcript, facts: &[ClinicalFact]) -> Vec<Proposal> {
    let mut out = Vec::new();
    symptoms(facts, &mut out);
    histories(transcript, facts, &mut out);
    for fact in facts.iter().filter(|fact| fact.kind == FactKind::Allergy) {
        out.push(say(allergy(fact), &[fact]));
    }
    for fact in facts.iter().filter(|fact| fact.kind == FactKind::CurrentMedication) {
        out.push(say(format!("Toma {}.", medicine(fact)), &[fact]));
    }
    out
}

fn symptoms(facts: &[ClinicalFact], out: &mut Vec<Proposal>) {
    let verb = |fact: &ClinicalFact| {
        if fact.said_by == Speaker::Companion { "El acompañante refiere" } else { "Refiere" }
    };
    let dated = |fact: &ClinicalFact| {
        fact.kind == FactKind::Symptom && fact.time == Time::Present && fact.attributes.onset.is_some()
    };
    for fact in facts.iter().filter(|fact| dated(fact)) {
        let onset = fact.attributes.onset.as_deref().unwrap_or_default();
        let time = if onset.starts_with(|c: char| c.is_ascii_digit()) {
            format!("de {onset} de evolución")
        } else {
            onset.to_owned()
        };
        out.push(say(format!("{} {}, {time}.", verb(fact), fact.name).replace(", de ", " de "), &[fact]));
    }
    for group in
        by_turn(facts, |fact| fact.kind == FactKind::Symptom && fact.time == Time::Present && !dated(fact))
    {
        out.push(say(format!("{} {}.", verb(group[0]), list(&names(&group), "y")), &group));
    }
    for group in by_turn(facts, |fact| fact.kind == FactKind::Symptom && fact.time == Time::Past) {
        out.push(say(format!("Presentó {}, que ya no refiere.", list(&names(&group), "y")), &group));
    }
    for group in by_turn(facts, |fact| fact.kind == FactKind::DeniedSymptom) {
        out.push(say(format!("Niega {}.", list(&names(&group), "y")), &group));
    }
}

fn histories(transcript: &Transcript, facts: &[ClinicalFact], out: &mut Vec<Proposal>) {
    let of = |section: Section| {
        move |fact: &ClinicalFact| fact.kind == FactKind::History && fact.attributes.section == Some(section)
    };
    for group in by_turn(facts, of(Section::Pathological)) {
        out.push(say(format!("Antecedente de {}.", list(&names(&group), "y")), &group));
    }
    for group in by_turn(facts, of(Section::Surgical)) {
        out.push(say(format!("Antecedente quirúrgico: {}.", list(&names(&group), "y")), &group));
    }
    for fact in facts.iter().filter(|fact| of(Section::Family)(fact)) {
        out.push(say(
            format!("{} con antecedente de {}.", capital(fact.relative().unwrap_or("familiar")), fact.name),
            &[fact],
        ));
    }
    for fact in facts.iter().filter(|fact| of(Section::Habits)(fact)) {
        let suffix =
            if fact.time == Time::Past && !fact.name.ends_with("previa") { ", suspendido" } else { "" };
        out.push(say(format!("{}{suffix}.", capital(&fact.name)), &[fact]));
    }
    for fact in facts.iter().filter(|fact| of(Section::ObGyn)(fact)) {
        out.push(say(in_own_words(transcript, fact), &[fact]));
    }
    for group in by_turn(facts, |fact| fact.kind == FactKind::DeniedHistory) {
        let family = group.iter().all(|fact| fact.attributes.section == Some(Section::Family));
        let opening = if family { "Niega antecedentes familiares de" } else { "Niega" };
        let named: Vec<String> = group
            .iter()
            .map(|fact| {
                if fact.attributes.section == Some(Section::Medication) {
                    "tomar otros medicamentos".to_owned()
                } else {
                    fact.name.clone()
                }
            })
            .collect();
        out.push(say(format!("{opening} {}.", list(&named, "y")), &group));
    }
}

/// A datum the patient gives in words ("me bajó el día cinco") keeps them.
fn in_own_words(transcript: &Transcript, fact: &ClinicalFact) -> String {
    let quote = fact
        .evidence
        .last()
        .and_then(|evidence| transcript.turns.get(evidence.turn))
        .map(|turn| turn.text.trim().trim_end_matches('.'))
        .unwrap_or_default();
    let short: String =
        quote.split_inclusive(['.', '?', '!']).next().unwrap_or_default().trim_end_matches('.').to_owned();
    if short.is_empty() || short.chars().count() > 90 {
        return format!("{}.", capital(&fact.name));
    }
    format!("{}: «{short}».", capital(&fact.name))
}

fn allergy(fact: &ClinicalFact) -> String {
    if fact.name == "negadas" {
        return "Niega alergias.".to_owned();
    }
    match &fact.attributes.reaction {
        Some(reaction) => format!("Alergia a {}; reacción referida: «{reaction}».", fact.name),
        None => format!("Alergia a {}.", fact.name),
    }
}

fn medicine(fact: &ClinicalFact) -> String {
    let mut text = fact.name.clone();
    if let Some(dose) = dose_text(&fact.attributes) {
        text.push(' ');
        text.push_str(&dose);
    }
    if let Some(frequency) = frequency_text(&fact.attributes) {
        text.push_str(", ");
        text.push_str(&frequency);
    }
    text
}

/// Examination and results (NOM-004 6.2.3).
pub(super) fn objective(facts: &[ClinicalFact]) -> Vec<Proposal> {
    let mut out = Vec::new();
    let status = |wanted: Status| {
        move |fact: &ClinicalFact| fact.kind == FactKind::Finding && fact.attributes.status == Some(wanted)
    };
    let mut exam = |text: String, group: &[&ClinicalFact]| {
        out.push(Proposal::statement(SectionId::EXAMINATION, text, merged(group)));
    };
    for group in by_turn(facts, status(Status::Present)) {
        exam(format!("Se encuentra {}.", list(&names(&group), "y")), &group);
    }
    for group in by_turn(facts, status(Status::Normal)) {
        exam(format!("{}.", capital(&names(&group).join(", "))), &group);
    }
    for group in by_turn(facts, status(Status::Absent)) {
        exam(format!("Sin {}.", list(&names(&group), "ni")), &group);
    }
    for fact in facts.iter().filter(|fact| fact.kind == FactKind::Result) {
        let value = match (fact.attributes.value, &fact.attributes.text_value) {
            (Some(value), _) => {
                format!("{} {}", plain(value), fact.attributes.unit.as_deref().unwrap_or_default())
                    .trim()
                    .to_owned()
            }
            (None, Some(text)) => text.clone(),
            (None, None) => continue,
        };
        let when = if fact.time == Time::Past && !fact.name.ends_with("previa") { " (previo)" } else { "" };
        out.push(Proposal::statement(
            SectionId::RESULTS,
            format!("{}{when}: {value}.", capital(&fact.name)),
            fact.evidence.clone(),
        ));
    }
    out
}

/// The prognosis, only in the clinician's own words (NOM-004 6.2.5).
pub(super) fn prognosis(transcript: &Transcript) -> Vec<Proposal> {
    let mut out = Vec::new();
    for (turn, said) in
        transcript.turns.iter().enumerate().filter(|(_, turn)| turn.speaker == Speaker::Doctor)
    {
        let mut start = 0;
        for sentence in said.text.split_inclusive(['.', '!', '?']) {
            let end = start + sentence.len();
            if terminology::fold::fold(sentence).contains("pronostico") && !sentence.contains('?') {
                let lead = sentence.len() - sentence.trim_start().len();
                let evidence = Evidence { turn, start: start + lead, end };
                out.push(Proposal::statement(
                    SectionId::PROGNOSIS,
                    format!("«{}».", sentence.trim().trim_end_matches('.')),
                    vec![evidence],
                ));
            }
            start = end;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::list;

    #[test]
    fn lists_read_as_spanish() {
        let words = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        assert_eq!(list(&words(&["fiebre"]), "y"), "fiebre");
        assert_eq!(list(&words(&["fiebre", "tos"]), "y"), "fiebre y tos");
        assert_eq!(list(&words(&["diabetes", "hipertensión"]), "y"), "diabetes e hipertensión");
        assert_eq!(list(&words(&["soplos", "edema", "frote"]), "ni"), "soplos, edema ni frote");
    }
}
