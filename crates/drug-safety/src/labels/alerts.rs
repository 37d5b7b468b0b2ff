//! What the labels add to a check: alerts of their own source, and their sentence beside the alerts of the tables.

use super::Labels;
use super::mentions::Mention;
use super::record::Label;
use super::words::sentences;
use crate::groups::place;
use crate::rules::taken::{Taken, alert, capital, pairs};
use crate::{Alert, AlertKind, Patient, Pregnancy, Severity};

/// Adds what the labels say about the pairs and about pregnancy.
pub(crate) fn add(labels: &Labels, all: &[Taken<'_>], patient: &Patient, alerts: &mut Vec<Alert>) {
    if labels.is_empty() {
        return;
    }
    for (one, other) in pairs(all).filter(|(one, other)| one.systemic && other.systemic) {
        let said = [(one, other), (other, one)].map(|(subject, named)| said(labels, subject, named));
        let said: Vec<(&Label, &Mention)> = said.into_iter().flatten().collect();
        let inns = sorted([one.medicine.inn, other.medicine.inn]);
        if said.iter().any(|(_, mention)| !mention.denies) {
            for (label, mention) in said.into_iter().filter(|(_, mention)| !mention.denies) {
                pair(label, mention, [one, other], &inns, alerts);
            }
        } else if !said.is_empty() {
            // What is only derived loses to a label that says that nothing happens (reference, section 3).
            alerts.retain(|alert| alert.kind != AlertKind::Mechanism || sorted(&alert.inns) != inns);
        }
    }
    if matches!(patient.pregnancy, Pregnancy::Yes { .. }) {
        all.iter()
            .filter(|taken| taken.proposed && taken.systemic)
            .for_each(|taken| pregnancy(labels, taken, alerts));
    }
}

fn sorted<T: AsRef<str>>(inns: impl IntoIterator<Item = T>) -> Vec<String> {
    let mut inns: Vec<String> = inns.into_iter().map(|inn| inn.as_ref().to_owned()).collect();
    inns.sort_unstable();
    inns
}

/// The sentence that speaks most of the pair: a contraindication, else one that denies nothing, else the narrowest.
fn said<'a>(labels: &'a Labels, subject: &Taken<'_>, named: &Taken<'_>) -> Option<(&'a Label, &'a Mention)> {
    let at = place(named.medicine.inn)?;
    let (label, mentions) = labels.of(subject.medicine.inn)?;
    let speaking = mentions.iter().filter(|mention| mention.about.has(at));
    let best = speaking.min_by_key(|mention| (!mention.contraindicates, mention.denies, mention.breadth))?;
    Some((label, best))
}

fn source(label: &Label) -> String {
    let names: Vec<&str> = label
        .ingredients
        .iter()
        .map(|inn| crate::facts::medicines().by_inn(inn).map_or(inn.as_str(), |medicine| medicine.name_es))
        .collect();
    let edition = match label.published.as_str() {
        "" => String::new(),
        date => format!(", datos de openFDA del {date}"),
    };
    format!("Ficha FDA de {} del {}, versión {}{edition}", names.join(" / "), label.date(), label.version)
}

/// Beside an alert about the same two the sentence and its source; without one an alert of its own.
fn pair(label: &Label, mention: &Mention, about: [&Taken<'_>; 2], inns: &[String], alerts: &mut Vec<Alert>) {
    let source = source(label);
    let severity = if mention.contraindicates { Severity::Contraindicada } else { Severity::Moderada };
    let same = alerts.iter_mut().find(|alert| {
        matches!(alert.kind, AlertKind::Interaction | AlertKind::Mechanism) && sorted(&alert.inns) == inns
    });
    if let Some(alert) = same {
        // A tier of the tables stays, unless section 4 of the label says it must not be.
        if mention.contraindicates {
            alert.severity = Severity::Contraindicada;
        }
        alert.sources.push(source);
        alert.quotes.push(mention.sentence.clone());
        return;
    }
    let subject =
        about.into_iter().find(|taken| label.ingredients.iter().any(|inn| inn == taken.medicine.inn));
    let other = about.into_iter().find(|taken| subject.is_none_or(|subject| subject.at != taken.at));
    let (Some(subject), Some(other)) = (subject, other) else { return };
    let verb = if mention.contraindicates { "contraindica el uso con" } else { "advierte del uso con" };
    let message = format!("La ficha de {} {verb} {}.", subject.medicine.name_es, other.medicine.name_es);
    let advice = match severity {
        Severity::Contraindicada => "No asociar; elegir otro medicamento.",
        _ => "Leer la frase citada; vigilar, ajustar la dosis o elegir otro medicamento.",
    };
    let mut added = alert(
        AlertKind::Interaction,
        severity,
        &[subject, other],
        "Leído de la ficha.",
        message,
        advice,
        &source,
    );
    added.quotes.push(mention.sentence.clone());
    alerts.push(added);
}

/// What the label says of pregnancy.
fn pregnancy(labels: &Labels, taken: &Taken<'_>, alerts: &mut Vec<Alert>) {
    const HARM: [&str; 6] =
        ["fetal harm", "fetal toxicity", "contraindicated", "malformation", "teratogenic", "birth defects"];
    let Some((label, _)) = labels.of(taken.medicine.inn) else { return };
    let harmful = |sentence: &&str| {
        let lower = sentence.to_lowercase();
        HARM.iter().any(|word| lower.contains(word)) && !super::words::denies(&lower)
    };
    let Some(sentence) = sentences(&label.pregnancy).into_iter().find(harmful) else { return };
    let source = source(label);
    let known = |alert: &&mut Alert| alert.kind == AlertKind::Pregnancy && alert.inns == [taken.medicine.inn];
    if let Some(alert) = alerts.iter_mut().find(known) {
        alert.sources.push(source);
        alert.quotes.push(sentence.to_owned());
        return;
    }
    let message = format!("{} en el embarazo: la ficha advierte de daño.", capital(taken.medicine.name_es));
    let advice = "Leer la frase citada; elegir otro medicamento si lo hay.";
    let mut added = alert(
        AlertKind::Pregnancy,
        Severity::Moderada,
        &[taken],
        "Leído de la ficha.",
        message,
        advice,
        &source,
    );
    added.quotes.push(sentence.to_owned());
    alerts.push(added);
}
