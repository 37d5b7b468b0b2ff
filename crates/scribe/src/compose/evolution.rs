//! Interrogatorio and antecedents (NOM-004 6.2.1): few sentences, each of one topic.

use clinical::allergy::{AllergyIntolerance, ReactionKind};
use clinical::draft::ItemContent;
use clinical::transcript::{Speaker, Transcript};
use nom004::Topic;

use crate::extract::{dose_text, frequency_text};
use crate::facts::{ClinicalFact, FactKind, Section, Time};

use super::Proposal;
use super::sentences::{Said, Series, capital, list, names, quoted, runs, together};

/// At most this many medicines stand in one sentence.
const MEDICINES: usize = 5;

/// The sentences of the evolution.
pub(super) fn compose(transcript: &Transcript, facts: &[ClinicalFact]) -> Vec<Proposal> {
    let mut out = Vec::new();
    complaint(transcript, facts, &mut out);
    symptoms(facts, &mut out);
    family(facts, &mut out);
    own(facts, &mut out);
    allergies(facts, &mut out);
    habits(transcript, facts, &mut out);
    ob_gyn(transcript, facts, &mut out);
    medicines(facts, &mut out);
    out
}

fn is_history(fact: &ClinicalFact, section: Section) -> bool {
    fact.kind == FactKind::History && fact.attributes.section == Some(section)
}

fn is_denied(fact: &ClinicalFact, section: Section) -> bool {
    fact.kind == FactKind::DeniedHistory && fact.attributes.section == Some(section)
}

/// Why the patient came, in their own words.
fn complaint(transcript: &Transcript, facts: &[ClinicalFact], out: &mut Vec<Proposal>) {
    let Some(fact) = facts.iter().find(|fact| fact.kind == FactKind::ChiefComplaint) else { return };
    if let Some(words) = spoken(transcript, fact).filter(|words| words.split_whitespace().count() >= 3) {
        let text = format!("Motivo de la consulta: «{}».", capital(&words));
        out.push(Proposal::statement(Topic::Complaint, text, fact.evidence.clone()));
    }
}

/// The present problem: what began together stands together, then what was told without a date, what is over, and what
/// was denied.
fn symptoms(facts: &[ClinicalFact], out: &mut Vec<Proposal>) {
    let present = |fact: &ClinicalFact| fact.kind == FactKind::Symptom && fact.time == Time::Present;
    let mut told = Vec::new();
    for fact in facts.iter().filter(|fact| present(fact) && fact.attributes.onset.is_some()) {
        let same = told.iter_mut().find(|group: &&mut Vec<&ClinicalFact>| {
            group.len() < 6
                && group[0].attributes.onset == fact.attributes.onset
                && group[0].said_by == fact.said_by
        });
        match same {
            Some(group) => group.push(fact),
            None => told.push(vec![fact]),
        }
    }
    told.extend(runs(facts, |fact| present(fact) && fact.attributes.onset.is_none()));
    let mut before = None;
    for group in told {
        let teller = group[0].said_by;
        let verb = match (teller == Speaker::Companion, before == Some(teller)) {
            (true, true) => "También refiere",
            (true, false) => "El acompañante refiere",
            (false, true) => "Además refiere",
            (false, false) => "Refiere",
        };
        before = Some(teller);
        out.push(together(Topic::Symptoms, &group, |group| {
            let told = format!("{}{}", list(&described(group), "y"), since(group[0]));
            let opening = if teller == Speaker::Companion { "El acompañante refiere" } else { "Refiere" };
            Said::apart(format!("{verb} {told}."), Series::new(opening, vec![told], ";"))
        }));
    }
    for group in runs(facts, |fact| fact.kind == FactKind::Symptom && fact.time == Time::Past) {
        out.push(together(Topic::Symptoms, &group, |group| {
            format!("Presentó {}, que ya no refiere.", list(&names(group), "y"))
        }));
    }
    for group in runs(facts, |fact| fact.kind == FactKind::DeniedSymptom) {
        out.push(together(Topic::DeniedSymptoms, &group, |group| Series::new("Niega", names(group), "y")));
    }
}

/// " de 3 días de evolución", ", desde la semana pasada"; nothing when no time was told.
fn since(fact: &ClinicalFact) -> String {
    match fact.attributes.onset.as_deref() {
        Some(onset) if onset.starts_with(|c: char| c.is_ascii_digit()) => format!(" de {onset} de evolución"),
        Some(onset) => format!(", {onset}"),
        None => String::new(),
    }
}

/// The names, each with how bad or how often it was told to be.
fn described(group: &[&ClinicalFact]) -> Vec<String> {
    let mut all = names(group);
    for fact in group {
        let Some(severity) = fact.attributes.severity.as_deref() else { continue };
        if let Some(name) = all.iter_mut().find(|name| **name == fact.name) {
            *name = format!("{name} ({severity})");
        }
    }
    all
}

/// Antecedentes heredofamiliares: what each relative has, then what is denied.
fn family(facts: &[ClinicalFact], out: &mut Vec<Proposal>) {
    for group in runs(facts, |fact| is_history(fact, Section::Family)) {
        out.push(together(Topic::Family, &group, |group| {
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
            Series::new("", each, ";")
        }));
    }
    for group in runs(facts, |fact| is_denied(fact, Section::Family)) {
        out.push(together(Topic::Family, &group, |group| {
            Series::new("Niega antecedentes familiares de", names(group), "y")
        }));
    }
}

/// Antecedentes personales: diseases, operations, and those denied.
fn own(facts: &[ClinicalFact], out: &mut Vec<Proposal>) {
    // "Diabetes" said in passing is the "diabetes mellitus tipo 2" told elsewhere.
    let told_better = |fact: &ClinicalFact| {
        facts.iter().any(|other| {
            is_history(other, Section::Pathological)
                && other.name.strip_prefix(&fact.name).is_some_and(|rest| rest.starts_with(" tipo "))
        })
    };
    for group in runs(facts, |fact| is_history(fact, Section::Pathological) && !told_better(fact)) {
        out.push(together(Topic::Pathological, &group, |group| {
            Series::new("Antecedente de", names(group), "y")
        }));
    }
    for group in runs(facts, |fact| is_history(fact, Section::Surgical)) {
        out.push(together(Topic::Pathological, &group, |group| {
            Series::new("Antecedente quirúrgico de", names(group), "y")
        }));
    }
    let denied = |fact: &ClinicalFact| {
        is_denied(fact, Section::Pathological)
            || is_denied(fact, Section::Surgical)
            || is_denied(fact, Section::ObGyn)
    };
    for group in runs(facts, denied) {
        out.push(together(Topic::Pathological, &group, |group| {
            Series::new("Niega antecedente de", names(group), "y")
        }));
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
        out.push(Proposal::new(Topic::Allergies, content, fact.evidence.clone()));
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

/// Tobacco, alcohol and other substances, then the other habits.
fn habits(transcript: &Transcript, facts: &[ClinicalFact], out: &mut Vec<Proposal>) {
    for (topic, of_topic) in [(Topic::Substances, true), (Topic::Habits, false)] {
        let mine = |fact: &ClinicalFact| is_substance(&fact.name) == of_topic;
        for group in runs(facts, |fact| is_history(fact, Section::Habits) && mine(fact)) {
            out.push(together(topic, &group, |group| {
                let each: Vec<String> = group.iter().map(|fact| habit(transcript, fact)).collect();
                Series::new("", each, ";")
            }));
        }
        let denied = |fact: &ClinicalFact| is_denied(fact, Section::Habits) && mine(fact);
        for group in runs(facts, |fact| denied(fact) && does_without(&fact.name).is_none()) {
            out.push(together(topic, &group, |group| Series::new("Niega", names(group), "y")));
        }
        for fact in facts.iter().filter(|fact| denied(fact)) {
            if let Some(words) = does_without(&fact.name) {
                out.push(Proposal::statement(topic, format!("{words}."), fact.evidence.clone()));
            }
        }
    }
}

/// Tobacco, alcohol and other psychoactive substances (NOM-004 6.1.1).
fn is_substance(habit: &str) -> bool {
    const SUBSTANCES: &[&str] =
        &["drogas", "marihuana", "cristal", "cocaína", "inhalables", "poppers", "heroína", "vapeo"];
    matches!(habit, "tabaquismo" | "consumo de alcohol" | "cigarro electrónico")
        || SUBSTANCES.iter().any(|substance| habit.ends_with(substance))
}

/// Habits whose absence is no denial.
fn does_without(habit: &str) -> Option<&'static str> {
    Some(match habit {
        "actividad física" => "No realiza ejercicio",
        "dieta" => "No sigue una dieta",
        "mascotas" => "No convive con mascotas",
        "convivencia con perros" => "No convive con perros",
        "convivencia con gatos" => "No convive con gatos",
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

/// Antecedentes ginecoobstétricos keep the words they were given in ("me bajó el día cinco"); what was said in one breath
/// is quoted once.
fn ob_gyn(transcript: &Transcript, facts: &[ClinicalFact], out: &mut Vec<Proposal>) {
    let told: Vec<(&ClinicalFact, Option<String>)> = facts
        .iter()
        .filter(|fact| is_history(fact, Section::ObGyn))
        .map(|fact| (fact, spoken(transcript, fact).filter(|words| says_it(words))))
        .collect();
    for group in told.chunk_by(|(_, a), (_, b)| a.is_some() && a == b) {
        let facts: Vec<&ClinicalFact> = group.iter().map(|(fact, _)| *fact).collect();
        let quote = group.first().and_then(|(_, words)| words.as_deref());
        out.push(together(Topic::ObGyn, &facts, |facts| {
            let names = capital(&list(&names(facts), "y"));
            quote.map_or_else(|| format!("{names}."), |words| format!("{names}: «{words}»."))
        }));
    }
}

/// Whether an answer says something by itself: "cuatro", "me bajó el día cinco"; not "la última fue".
fn says_it(words: &str) -> bool {
    !["fue", "es", "era", "que", "como"].iter().any(|open| words.split(' ').next_back() == Some(open))
}

fn medicines(facts: &[ClinicalFact], out: &mut Vec<Proposal>) {
    for (time, verb) in [(Time::Past, "Tomó"), (Time::Present, "Toma")] {
        let taken: Vec<&ClinicalFact> = facts
            .iter()
            .filter(|fact| fact.kind == FactKind::CurrentMedication && fact.time == time)
            .collect();
        for group in taken.chunks(MEDICINES) {
            out.push(together(Topic::Medicines, group, |group| {
                let each: Vec<String> = group.iter().map(|fact| medicine(fact)).collect();
                let plain = each.iter().all(|one| !one.contains(','));
                let all = if plain { list(&each, "y") } else { each.join("; ") };
                Said::apart(format!("{verb} {all}."), Series::new(verb, each, ";"))
            }));
        }
    }
    for fact in facts.iter().filter(|fact| is_denied(fact, Section::Medication)) {
        out.push(together(Topic::Medicines, &[fact], |_| match fact.name.as_str() {
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
