//! The medicines a turn names, each once: combinations, appositions, names taken back, and what only looks like a medicine.

use terminology::medicines::{Certainty, MedicineCatalog, MentionKind};

use crate::remedies::remedies;
use crate::scene::DrugMention;
use crate::text::TurnDoc;
use crate::text::numbers::number_at;
use crate::text::quantity::dose_unit;

/// What the catalogue calls otherwise than people do: the word that was said says no salt and no other spelling.
fn as_said(written: &str, name: String) -> String {
    let written = terminology::fold::fold(written);
    match written.as_str() {
        "hierro" | "fierro" => "hierro".to_owned(),
        "glicerina" => "glicerina".to_owned(),
        "micofenolato" => "micofenolato".to_owned(),
        "hidroxicina" => "hidroxicina".to_owned(),
        "calcio con vitamina d" => "calcio con vitamina D".to_owned(),
        "vitamina d" | "vitamina d3" => "vitamina D".to_owned(),
        _ => name.replace("con colecalciferol", "con vitamina D"),
    }
}

/// The medicines and remedies of a turn, in the order they are named.
///
/// `asked`: the clinician has just asked what is taken. `known`: remedies the patient's side said it takes.
pub(crate) fn drug_mentions(turn: &TurnDoc, text: &str, asked: bool, known: &[String]) -> Vec<DrugMention> {
    let mut found = remedies(turn, asked, known);
    for mention in MedicineCatalog::core().mentions(text) {
        let start = turn.tokens.iter().position(|token| token.end > mention.range.start);
        let Some(start) = start else { continue };
        let end = turn.tokens[start..]
            .iter()
            .position(|token| token.start >= mention.range.end)
            .map_or(turn.tokens.len(), |n| start + n);
        // Glucose is an analyte in a consultation; as an infusion it is written by the physician.
        let analyte = mention.medicines.iter().any(|medicine| medicine.name_es == "glucosa");
        if analyte || found.iter().any(|known| start < known.end && known.start < end) {
            continue;
        }
        let class_only = mention.medicines.is_empty() || mention.kind == MentionKind::Class;
        let name = if class_only {
            mention.as_written.to_lowercase()
        } else {
            let name =
                mention.medicines.iter().map(|medicine| medicine.name_es).collect::<Vec<_>>().join(" con ");
            as_said(&mention.as_written, name)
        };
        let mut routes: Vec<&'static str> =
            mention.medicines.iter().flat_map(|medicine| medicine.routes.iter().copied()).collect();
        routes.sort_unstable();
        routes.dedup();
        let presented = mention.medicines.iter().flat_map(|medicine| &medicine.presented);
        let strengths: Vec<&str> = presented.flat_map(|one| one.strengths.iter().copied()).collect();
        found.push(DrugMention {
            micrograms: mention.medicines.len() == 1
                && !strengths.is_empty()
                && strengths.iter().all(|strength| strength.contains("mcg")),
            insulin: mention.medicines.iter().any(|medicine| medicine.name_es.contains("insulina")),
            units: mention.medicines.iter().any(|medicine| medicine.name_es.contains("insulina"))
                || mention.medicines.len() == 1
                    && !strengths.is_empty()
                    && strengths.iter().all(|strength| strength.contains("UI")),
            ingredients: mention.medicines.iter().map(|medicine| medicine.inn).collect(),
            ambiguous: mention.certainty == Certainty::Ambiguous,
            name,
            start,
            end,
            routes,
            class_only,
        });
    }
    found.sort_by_key(|drug| drug.start);
    without_forms(turn, &mut found);
    without_aims(turn, &mut found);
    without_vasoconstrictor(turn, &mut found);
    without_taken_back(turn, &merge_appositions(turn, found))
}

/// "ketoconazol shampoo", "salbutamol en inhalador": the form of the medicine before it, no medicine of its own.
fn without_forms(turn: &TurnDoc, found: &mut Vec<DrugMention>) {
    let ends: Vec<usize> =
        found.iter().filter(|drug| !drug.ingredients.is_empty()).map(|drug| drug.end).collect();
    found.retain(|drug| {
        let form = drug.ingredients.is_empty()
            && matches!(turn.word(drug.start), "shampoo" | "champu" | "inhalador");
        let next =
            ends.iter().any(|&end| end == drug.start || end + 1 == drug.start && turn.word(end) == "en");
        !(form && next)
    });
}

/// "prednisona, para poder quitar la oximetazolina": what another medicine is to make unnecessary is not ordered by it.
fn without_aims(turn: &TurnDoc, found: &mut Vec<DrugMention>) {
    let aim = |drug: &DrugMention| {
        let from = drug.start.saturating_sub(5).max(turn.sentence_of(drug.start).start);
        let lead: Vec<&str> = (from..drug.start).map(|at| turn.word(at)).collect();
        let verb = lead.iter().rposition(|word| !matches!(*word, "el" | "la" | "los" | "las" | "su" | "tu"));
        verb.is_some_and(|at| {
            ["quitar", "dejar", "suspender", "retirar"].iter().any(|leave| lead[at].starts_with(leave))
                && lead[..at].iter().rev().find(|word| !matches!(**word, "poder" | "ir")) == Some(&"para")
        })
    };
    if turn.is_doctor() && found.len() > 1 {
        found.retain(|drug| !aim(drug));
    }
}

/// "doxilamina con piridoxina", "calcio de seiscientos con vitamina D": one medicine of two ingredients, where it is ordered. Gives
/// where its name ends: a strength between them is still to be read.
fn of_two(turn: &TurnDoc, first: &DrugMention, second: &DrugMention) -> Option<usize> {
    let named = |drug: &DrugMention| !drug.class_only && !drug.ingredients.is_empty();
    let pause = usize::from(turn.word(second.start.wrapping_sub(1)) == "...");
    let with = second.start.checked_sub(1 + pause).filter(|&at| turn.word(at) == "con" && at >= first.end)?;
    if !turn.is_doctor() || !named(first) || !named(second) {
        return None;
    }
    let sentence = turn.sentence_of(first.start).start;
    let infiltrated = second.name.ends_with("caína")
        && (sentence..first.start).any(|at| turn.word(at).starts_with("infiltr"));
    let never = |at: usize| matches!(turn.word(at), "no" | "nunca" | "yano" | "ni" | "junto" | "alternando");
    let apart = (first.start.saturating_sub(6).max(sentence)..first.start).any(never)
        || (second.end..second.end + 2).any(never);
    if infiltrated || apart {
        return None;
    }
    if first.end == with {
        return Some(second.end);
    }
    let inns: Vec<&str> = first.ingredients.iter().chain(&second.ingredients).copied().collect();
    let one = second.name == "vitamina D" || MedicineCatalog::core().is_fixed_combination(&inns);
    let strength = number_at(&turn.tokens, first.end + 1).filter(|_| turn.word(first.end) == "de")?;
    let measured = usize::from(dose_unit(turn.word(strength.end)).is_some());
    (one && strength.end + measured == with).then_some(first.end)
}

/// "lidocaína al dos por ciento sin epinefrina": the vasoconstrictor tells which anaesthetic it is, and is no medicine of its own.
fn without_vasoconstrictor(turn: &TurnDoc, found: &mut Vec<DrugMention>) {
    let anaesthetics: Vec<usize> =
        found.iter().filter(|drug| drug.name.ends_with("caína")).map(|drug| drug.end).collect();
    found.retain(|drug| {
        let qualifies = matches!(turn.word(drug.start.wrapping_sub(1)), "sin" | "con")
            && anaesthetics.iter().any(|&end| end <= drug.start && drug.start - end <= 6);
        !(drug.name == "epinefrina" && qualifies)
    });
}

/// "loratadina, perdón, mejor cetirizina": only the second medicine was meant.
fn without_taken_back(turn: &TurnDoc, found: &[DrugMention]) -> Vec<DrugMention> {
    let taken_back = |number: usize| {
        let (first, second) = (&found[number], &found[number + 1]);
        let between: Vec<&str> = (first.end..second.start).map(|at| turn.word(at)).collect();
        between.len() <= 6
            && between.iter().any(|word| matches!(*word, "perdon" | "digo" | "perdone" | "corrijo"))
    };
    let dropped: Vec<bool> =
        (0..found.len()).map(|number| number + 1 < found.len() && taken_back(number)).collect();
    found.iter().zip(dropped).filter(|(_, dropped)| !dropped).map(|(drug, _)| drug.clone()).collect()
}

/// "Eutirox, levotiroxina" and "losartán... el losartán" right after each other are one mention.
fn merge_appositions(turn: &TurnDoc, found: Vec<DrugMention>) -> Vec<DrugMention> {
    let mut out: Vec<DrugMention> = Vec::new();
    for drug in found {
        if let Some(last) = out.last_mut() {
            let between: Vec<&str> = (last.end..drug.start).map(|idx| turn.word(idx)).collect();
            let close = between.iter().all(|word| {
                matches!(*word, "," | ":" | "el" | "la" | "osea" | "(" | "es" | "que" | "..." | "digo" | "o")
                    || matches!(*word, "aqui" | "se" | "llama" | "conoce" | "como" | "tambien" | "con")
            });
            let shares = !drug.ingredients.is_empty()
                && drug.ingredients.iter().all(|inn| last.ingredients.contains(inn));
            let part_of = !last.ingredients.is_empty()
                && last.ingredients.iter().all(|inn| drug.ingredients.contains(inn));
            // "hierro: sulfato ferroso": the salt of it.
            let salt = last.name == "hierro" && drug.name.contains("ferros");
            if close && (shares || part_of || salt) {
                last.end = drug.end;
                if part_of && !shares || last.name == "hierro" {
                    last.name = drug.name;
                    last.ingredients = drug.ingredients;
                }
                continue;
            }
            if let Some(end) = of_two(turn, last, &drug) {
                last.name = format!("{} con {}", last.name, drug.name);
                last.end = end;
                last.ingredients.extend(drug.ingredients);
                if last.routes.iter().any(|route| drug.routes.contains(route)) {
                    last.routes.retain(|route| drug.routes.contains(route));
                }
                (last.micrograms, last.units) = (false, false);
                continue;
            }
        }
        out.push(drug);
    }
    out
}
