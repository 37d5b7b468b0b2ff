//! Interrogatorio and antecedents (NOM-004 6.2.1): few sentences, each of one topic.

use clinical::allergy::{AllergyIntolerance, ReactionKind};
use clinical::draft::{ItemContent, SectionId};
use clinical::transcript::{Speaker, Transcript};

use crate::extract::{dose_text, frequency_text};
use crate::facts::{ClinicalFact, FactKind, Section, Time};

use super::Proposal;
use super::sentences::{capital, list, names, quoted, runs, together};

/// At most this many medicines stand in one sentence.
const MEDICINES: usize = 5;

/// The sentences of the evolution.
pub(super) fn compose(transcript: &Transcript, facts: &[ClinicalFact]) -> Vec<Proposal> {
    let mut out = Vec::new();
    symptoms(facts, &mut out);
    family(facts, &mut out);
    own(facts, &mut out);
    allergies(facts, &mut out);
    habits(transcript, facts, &mut out);
    for fact in facts.iter().filter(|fact| is_history(fact, Section::ObGyn)) {
        out.push(say(&[fact], |_| in_own_words(transcript, fact)));
    }
    medicines(facts, &mut out);
    out
}

fn say(group: &[&ClinicalFact], write: impl Fn(&[&ClinicalFact]) -> String) -> Proposal {
    together(&SectionId::EVOLUTION, group, write)
}

fn is_history(fact: &ClinicalFact, section: Section) -> bool {
    fact.kind == FactKind::History && fact.attributes.section == Some(section)
}

fn is_denied(fact: &ClinicalFact, section: Section) -> bool {
    fact.kind == FactKind::DeniedHistory && fact.attributes.section == Some(section)
}

fn symptoms(facts: &[ClinicalFact], out: &mut Vec<Proposal>) {
    let verb = |fact: &ClinicalFact| {
        if fact.said_by == Speaker::Companion { "El acompañante refiere" } else { "Refiere" }
    };
    let present = |fact: &ClinicalFact| fact.kind == FactKind::Symptom && fact.time == Time::Present;
    let mut dated: Vec<Vec<&ClinicalFact>> = Vec::new();
    for fact in facts.iter().filter(|fact| present(fact) && fact.attributes.onset.is_some()) {
        let same = dated.iter_mut().find(|group| {
            group.len() < 6
                && group[0].attributes.onset == fact.attributes.onset
                && group[0].said_by == fact.said_by
        });
        match same {
            Some(group) => group.push(fact),
            None => dated.push(vec![fact]),
        }
    }
    for group in dated {
        out.push(say(&group, |group| {
            let onset = group[0].attributes.onset.as_deref().unwrap_or_default();
            let time = if onset.starts_with(|c: char| c.is_ascii_digit()) {
                format!(" de {onset} de evolución")
            } else {
                format!(", {onset}")
            };
            format!("{} {}{time}.", verb(group[0]), list(&names(group), "y"))
        }));
    }
    for group in runs(facts, |fact| present(fact) && fact.attributes.onset.is_none()) {
        out.push(say(&group, |group| format!("{} {}.", verb(group[0]), list(&names(group), "y"))));
    }
    for group in runs(facts, |fact| fact.kind == FactKind::Symptom && fact.time == Time::Past) {
        out.push(say(&group, |group| format!("Presentó {}, que ya no refiere.", list(&names(group), "y"))));
    }
    for group in runs(facts, |fact| fact.kind == FactKind::DeniedSymptom) {
        out.push(say(&group, |group| format!("Niega {}.", list(&names(group), "y"))));
    }
}

/// Antecedentes heredofamiliares: what each relative has, then what is denied.
fn family(facts: &[ClinicalFact], out: &mut Vec<Proposal>) {
    for group in runs(facts, |fact| is_history(fact, Section::Family)) {
        out.push(say(&group, |group| {
            let mut relatives: Vec<(&str, Vec<String>)> = Vec::new();
            for fact in group {
                let kin = fact.relative().unwrap_or("familiar");
                match relatives.iter_mut().find(|(known, _)| *known == kin) {
                    Some((_, diseases)) => diseases.push(fact.name.clone()),
                    None => relatives.push((kin, vec![fact.name.clone()])),
                }
            }
            let each: Vec<String> = relatives
                .iter()
                .map(|(kin, diseases)| format!("{kin} con antecedente de {}", list(diseases, "y")))
                .collect();
            format!("{}.", capital(&each.join("; ")))
        }));
    }
    for group in runs(facts, |fact| is_denied(fact, Section::Family)) {
        out.push(say(&group, |group| {
            format!("Niega antecedentes familiares de {}.", list(&names(group), "y"))
        }));
    }
}

/// Antecedentes personales: diseases, operations, and those denied.
fn own(facts: &[ClinicalFact], out: &mut Vec<Proposal>) {
    for group in runs(facts, |fact| is_history(fact, Section::Pathological)) {
        out.push(say(&group, |group| format!("Antecedente de {}.", list(&names(group), "y"))));
    }
    for group in runs(facts, |fact| is_history(fact, Section::Surgical)) {
        out.push(say(&group, |group| format!("Antecedente quirúrgico: {}.", list(&names(group), "y"))));
    }
    let denied = |fact: &ClinicalFact| {
        is_denied(fact, Section::Pathological)
            || is_denied(fact, Section::Surgical)
            || is_denied(fact, Section::ObGyn)
    };
    for group in runs(facts, denied) {
        out.push(say(&group, |group| format!("Niega antecedente de {}.", list(&names(group), "y"))));
    }
}

/// Allergies are structured, so that the safety check and the patient's summary know them.
fn allergies(facts: &[ClinicalFact], out: &mut Vec<Proposal>) {
    for fact in facts.iter().filter(|fact| fact.kind == FactKind::Allergy) {
        let content = if fact.name == "negadas" {
            ItemContent::AllergiesDenied
        } else {
            let reaction = fact.attributes.reaction.as_deref().map(quoted);
            ItemContent::Allergy(AllergyIntolerance {
                substance: fact.name.clone(),
                reaction_kind: reaction.map_or(ReactionKind::Unknown, reaction_kind),
                reaction: reaction.map(str::to_owned),
            })
        };
        let evidence = fact.evidence.clone();
        out.push(Proposal { section: SectionId::EVOLUTION, content, evidence, parts: Vec::new() });
    }
}

/// How grave a reaction sounds as it was told. "It upset my stomach" stays unknown: to call it an intolerance would
/// lower every alert, and that is for the physician to decide.
fn reaction_kind(told: &str) -> ReactionKind {
    let told = terminology::fold::fold(told);
    let says = |words: &[&str]| words.iter().any(|word| told.contains(word));
    if says(&[
        "anafil",
        "choque",
        "no podia respirar",
        "falta el aire",
        "cerro la garganta",
        "hincho la garganta",
        "hincho la lengua",
    ]) {
        ReactionKind::Anaphylaxis
    } else if says(&["stevens", "necrolisis", "se me cayo la piel", "ampollas"]) {
        ReactionKind::SevereSkin
    } else if says(&["ronch", "comezon", "urticaria", "salpull", "rash", "manchas"]) {
        ReactionKind::Mild
    } else {
        ReactionKind::Unknown
    }
}

/// Toxicomanías first, then the other habits.
fn habits(transcript: &Transcript, facts: &[ClinicalFact], out: &mut Vec<Proposal>) {
    let drug = |fact: &ClinicalFact| {
        const SUBSTANCES: &[&str] =
            &["drogas", "marihuana", "cristal", "cocaína", "inhalables", "poppers", "heroína"];
        matches!(fact.name.as_str(), "tabaquismo" | "consumo de alcohol" | "cigarro electrónico")
            || SUBSTANCES.iter().any(|substance| fact.name.ends_with(substance))
    };
    let has = |fact: &ClinicalFact| is_history(fact, Section::Habits);
    let denied = |fact: &ClinicalFact| is_denied(fact, Section::Habits);
    for group in
        [runs(facts, |fact| has(fact) && drug(fact)), runs(facts, |fact| has(fact) && !drug(fact))].concat()
    {
        out.push(say(&group, |group| {
            let each: Vec<String> = group.iter().map(|fact| habit(transcript, fact)).collect();
            format!("{}.", capital(&each.join("; ")))
        }));
    }
    for group in runs(facts, |fact| denied(fact) && (drug(fact) || does_without(&fact.name).is_none())) {
        out.push(say(&group, |group| format!("Niega {}.", list(&names(group), "y"))));
    }
    for fact in facts.iter().filter(|fact| denied(fact)) {
        if let Some(words) = does_without(&fact.name) {
            out.push(say(&[fact], |_| format!("{words}.")));
        }
    }
}

/// Habits whose absence is no denial.
fn does_without(habit: &str) -> Option<&'static str> {
    Some(match habit {
        "ejercicio" => "No realiza ejercicio",
        "dieta" => "No sigue una dieta",
        "mascotas" => "No convive con mascotas",
        _ => return None,
    })
}

/// A habit with what was said of it.
fn habit(transcript: &Transcript, fact: &ClinicalFact) -> String {
    let quote = spoken(transcript, fact).filter(|quote| quote.split_whitespace().count() >= 3);
    match (fact.time, quote) {
        (Time::Past, _) => format!("{} suspendido", fact.name),
        (_, Some(quote)) => format!("{}: «{quote}»", fact.name),
        (_, None) => fact.name.clone(),
    }
}

/// The sentence of the patient's side a fact rests on, when it is short.
fn spoken(transcript: &Transcript, fact: &ClinicalFact) -> Option<String> {
    let evidence = fact.evidence.last()?;
    let turn = transcript.turns.get(evidence.turn).filter(|turn| turn.speaker != Speaker::Doctor)?;
    let mut start = 0;
    for sentence in turn.text.split_inclusive(['.', '?', '!']) {
        let end = start + sentence.len();
        if evidence.start < end {
            let short = quoted(sentence);
            let usable = !short.is_empty() && short.chars().count() <= 90 && !sentence.ends_with('?');
            return usable.then(|| short.to_owned());
        }
        start = end;
    }
    None
}

/// A datum the patient gives in words ("me bajó el día cinco") keeps them.
fn in_own_words(transcript: &Transcript, fact: &ClinicalFact) -> String {
    match spoken(transcript, fact) {
        Some(quote) => format!("{}: «{quote}».", capital(&fact.name)),
        None => format!("{}.", capital(&fact.name)),
    }
}

fn medicines(facts: &[ClinicalFact], out: &mut Vec<Proposal>) {
    for (time, verb) in [(Time::Past, "Tomó"), (Time::Present, "Toma")] {
        let taken: Vec<&ClinicalFact> = facts
            .iter()
            .filter(|fact| fact.kind == FactKind::CurrentMedication && fact.time == time)
            .collect();
        for group in taken.chunks(MEDICINES) {
            out.push(say(group, |group| {
                let each: Vec<String> = group.iter().map(|fact| medicine(fact)).collect();
                format!("{verb} {}.", each.join("; "))
            }));
        }
    }
    for fact in facts.iter().filter(|fact| is_denied(fact, Section::Medication)) {
        out.push(say(&[fact], |_| match fact.name.as_str() {
            "medicamentos" => "Niega tomar otros medicamentos.".to_owned(),
            name => format!("Niega uso de {name}."),
        }));
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
