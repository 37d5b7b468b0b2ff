//! Two medicines: explicit rules first, FDA mechanism roles where there is none, and medicines stopped too recently.

use terminology::medicines::Medicine;

use super::kidney::ago;
use super::taken::{Taken, alert, capital, ingredients, pairs};
use crate::facts::{Facts, MechanismRole, PairRule, Potency, Role, Side};
use crate::groups::place;
use crate::{Alert, AlertKind, Drug, Severity};

/// Group of what reaches the body though it is inhaled, dropped or smeared: steroids with a booster, eye drops of a
/// beta blocker (reference, section 3).
const ACTS_FROM_WHERE_IT_IS_PUT: &str = "local_que_llega";

/// Explicit rules, and what the mechanisms tell of medicines that no rule names both of.
pub(super) fn check(all: &[Taken<'_>]) -> Vec<Alert> {
    let mut found = Vec::new();
    let local = Facts::core().groups.set(Side::Group(ACTS_FROM_WHERE_IT_IS_PUT)).unwrap_or_default();
    let acts = |taken: &Taken<'_>| taken.systemic || local.has(taken.at);
    for (one, other) in pairs(all) {
        if !acts(one) || !acts(other) || one.medicine.inn == other.medicine.inn {
            continue;
        }
        found.extend(explicit(one, other));
        // A rule of a class knows nothing of what these two do to one another: what the pathways tell stands beside it.
        if !best_rules(one, other).iter().any(|rule| rule.names(one.at, other.at)) {
            let both = mechanism(one, other).into_iter().chain(mechanism(other, one));
            found.extend(both.min_by_key(|alert| alert.severity));
        }
    }
    found
}

/// The rules about this pair: the one that names both medicines, or else all (reference, section 1, rules 3 and 4).
pub(super) fn best_rules(one: &Taken<'_>, other: &Taken<'_>) -> Vec<&'static PairRule> {
    let mut rules: Vec<&PairRule> =
        Facts::core().pairs.iter().filter(|rule| rule.covers(one.at, other.at)).collect();
    if rules.iter().any(|rule| rule.decides(one.at, other.at)) {
        rules.retain(|rule| rule.decides(one.at, other.at));
    }
    rules
}

fn explicit(one: &Taken<'_>, other: &Taken<'_>) -> Option<Alert> {
    let rules = best_rules(one, other);
    let worst = rules.iter().min_by_key(|rule| rule.severity)?;
    let mut about = [one, other];
    // The new medicine is named first: it is the one that can still be changed.
    about.sort_by_key(|taken| !taken.proposed);
    let mut found = alert(
        AlertKind::Interaction,
        worst.severity,
        &about,
        worst.mechanism,
        pair_message(about[0], about[1], worst.effect),
        worst.recommendation,
        worst.source,
    );
    for rule in &rules {
        if !found.sources.iter().any(|source| source == rule.source) {
            found.sources.push(rule.source.to_owned());
        }
    }
    Some(found)
}

fn pair_message(one: &Taken<'_>, other: &Taken<'_>, effect: &str) -> String {
    format!("{} con {}: riesgo de {effect}.", capital(one.medicine.name_es), other.medicine.name_es)
}

/// Medicines whose effect needs the pathway: an inhibitor weakens them (reference, section 3).
const PRODRUGS: [(&str, &str); 4] =
    [("clopidogrel", "CYP2C19"), ("codeine", "CYP2D6"), ("tramadol", "CYP2D6"), ("tamoxifen", "CYP2D6")];

fn mechanism(perpetrator: &Taken<'_>, victim: &Taken<'_>) -> Option<Alert> {
    let roles =
        |inn: &str| Facts::core().mechanisms.iter().filter(move |role| role.inn == inn).collect::<Vec<_>>();
    let mut worst: Option<(Severity, &MechanismRole)> = None;
    for acts in roles(perpetrator.medicine.inn).into_iter().filter(|role| role.role != Role::Substrate) {
        for suffers in roles(victim.medicine.inn).into_iter().filter(|role| role.role == Role::Substrate) {
            if acts.pathway != suffers.pathway {
                continue;
            }
            let narrow = suffers.narrow || victim.has_class("margen_estrecho");
            let Some(tier) = expected(acts, suffers.potency, narrow) else { continue };
            // Strengths of 2012 have to be read again before they may interrupt.
            let tier = if acts.current && suffers.current { tier } else { tier.max(Severity::Moderada) };
            if worst.is_none_or(|(known, _)| tier < known) {
                worst = Some((tier, acts));
            }
        }
    }
    let (severity, acts) = worst?;
    let weakens = (acts.role == Role::Inducer) != PRODRUGS.contains(&(victim.medicine.inn, acts.pathway));
    let change = if weakens { "puede quitar efecto a" } else { "puede aumentar la concentración de" };
    let advice = if weakens {
        "Vigilar la respuesta; valorar otra alternativa."
    } else {
        "Vigilar efectos adversos; valorar menor dosis u otra alternativa."
    };
    let message = format!("{} {change} {}.", capital(perpetrator.medicine.name_es), victim.medicine.name_es);
    let why = format!(
        "FC: {} ({}), por mecanismo.",
        if acts.role == Role::Inducer { "inducción" } else { "inhibición" },
        acts.pathway
    );
    let about = [perpetrator, victim];
    Some(alert(
        AlertKind::Mechanism,
        severity,
        &about,
        &why,
        message,
        advice,
        "Por mecanismo (tabla FDA de CYP)",
    ))
}

/// Expected change when no rule exists (reference, section 3, table of default tiers).
fn expected(acts: &MechanismRole, victim: Potency, narrow: bool) -> Option<Severity> {
    use Severity::{Mayor, Menor, Moderada};
    let sensitive = victim == Potency::Sensitive;
    match (acts.role, acts.potency) {
        (Role::Inhibitor | Role::Inducer, Potency::Strong) => {
            Some(if sensitive || narrow { Mayor } else { Moderada })
        }
        (Role::Inhibitor, Potency::Moderate) => Some(if sensitive || narrow { Moderada } else { Menor }),
        (Role::Inducer, Potency::Moderate) => Some(if sensitive || narrow { Moderada } else { Menor }),
        (Role::Inhibitor, Potency::Weak) if sensitive || narrow => Some(Menor),
        _ => None,
    }
}

/// Days during which a stopped medicine still acts on what is new (reference, section 2; rows 001, 002, 003 and 064).
fn washout_days(gone: &Medicine, new: &Medicine) -> Option<u32> {
    let has = |medicine: &Medicine, classes: &[&str]| classes.iter().any(|class| medicine.has_class(class));
    let neprilysin = |one: &Medicine, other: &Medicine| one.has_class("ieca") && other.inn == "sacubitril";
    match gone.inn {
        "fluoxetine" => Some(35),
        "amiodarone" => Some(90),
        _ if gone.has_class("imao") => Some(14),
        _ if new.has_class("imao") && has(gone, &["isrs", "triciclico"]) => Some(14),
        _ if new.has_class("imao") && gone.has_class("irsn") => Some(7),
        _ if neprilysin(gone, new) || neprilysin(new, gone) => Some(2),
        _ => None,
    }
}

/// Medicines stopped too short a time ago for what is proposed now.
pub(super) fn washout(all: &[Taken<'_>], stopped: &[(Drug, u32)]) -> Vec<Alert> {
    let mut found = Vec::new();
    for (drug, days) in stopped {
        for medicine in ingredients(drug) {
            let Some(at) = place(medicine.inn) else { continue };
            let gone = Taken { medicine, at, drug, product: usize::MAX, proposed: false, systemic: true };
            for taken in all.iter().filter(|taken| taken.proposed && taken.systemic) {
                let lasts = washout_days(medicine, taken.medicine).filter(|lasts| days < lasts);
                let Some(lasts) = lasts else { continue };
                let rules = best_rules(taken, &gone);
                let Some(rule) = rules.iter().min_by_key(|rule| rule.severity) else { continue };
                let message = format!(
                    "{} actúa todavía: se suspendió {} y dura {lasts} días. Con {} hay riesgo de {}.",
                    capital(medicine.name_es),
                    ago(*days),
                    taken.medicine.name_es,
                    rule.effect
                );
                let advice = format!("Esperar a completar {lasts} días, u otra alternativa.");
                let about = [taken, &gone];
                found.push(alert(
                    AlertKind::Washout,
                    rule.severity,
                    &about,
                    rule.mechanism,
                    message,
                    &advice,
                    rule.source,
                ));
            }
        }
    }
    found
}
