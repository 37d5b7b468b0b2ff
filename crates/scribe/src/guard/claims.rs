//! What a sentence claims in words: medicines, symptoms, diseases, sides, persons, certainty.

use crate::context::Said;
use crate::context::answer::Reply;
use crate::context::person::{Who, kinship};
use crate::context::polarity::said;
use crate::facts::{Certainty, ClinicalFact, FactKind, Status};
use crate::scene::{DrugMention, Scene};
use crate::text::TurnDoc;
use crate::text::stem::stem;

use super::{Reason, nuances};

pub(super) fn check(
    sentence: &Scene<'_>,
    cited: &Scene<'_>,
    facts: &[ClinicalFact],
    reasons: &mut Vec<Reason>,
) {
    let turn = sentence.turn(0);
    medicines(sentence, cited, reasons);
    sides(turn, cited, reasons);
    polarity(sentence, facts, reasons);
    findings(sentence, cited, facts, reasons);
    diseases(sentence, cited, facts, reasons);
    nuances::check(sentence, cited, reasons);
    invented(sentence, cited, reasons);
    time(turn, cited, reasons);
    kin_named(turn, cited, reasons);
    body_sites(sentence, cited, reasons);
}

fn medicines(sentence: &Scene<'_>, cited: &Scene<'_>, reasons: &mut Vec<Reason>) {
    let turn = sentence.turn(0);
    for drug in sentence.drugs[0].iter().filter(|drug| !drug.class_only && !drug.ambiguous) {
        let heard: Vec<&crate::scene::DrugMention> = cited
            .drugs
            .iter()
            .flatten()
            .filter(|other| {
                other.name == drug.name
                    || !drug.ingredients.is_empty()
                        && drug.ingredients.iter().all(|inn| other.ingredients.contains(inn))
            })
            .collect();
        if heard.is_empty() && (!words_heard(cited, &drug.name) || taken_back(cited, &drug.name))
            || only_asked_and_denied(cited, drug)
        {
            reasons.push(Reason::DrugSwap);
        }
        let text = turn.joined(0, turn.tokens.len());
        let of_kin = turn.tokens.iter().any(|token| kinship(&token.norm).is_some());
        if text.contains("alergi") && !of_kin && only_of_relatives(cited, drug) {
            reasons.push(Reason::Person);
        }
        if text.contains("continu") && told_to_stop(cited) {
            reasons.push(Reason::NegationDropped);
        }
    }
}

/// "loratadina, perdón, mejor cetirizina": named and corrected.
fn taken_back(cited: &Scene<'_>, name: &str) -> bool {
    let name = terminology::fold::fold(name);
    cited.doc.turns.iter().any(|turn| {
        (0..turn.tokens.len()).any(|at| {
            turn.word(at) == name
                && (at + 1..at + 4).any(|k| matches!(turn.word(k), "perdon" | "digo" | "perdone" | "corrijo"))
        })
    })
}

pub(super) fn same_drug(a: &DrugMention, b: &DrugMention) -> bool {
    a.name == b.name
        || !a.ingredients.is_empty() && a.ingredients.iter().all(|inn| b.ingredients.contains(inn))
}

/// "¿Metoprolol?" - "No, no, bisoprolol.": named only in a question that is answered no.
fn only_asked_and_denied(cited: &Scene<'_>, drug: &DrugMention) -> bool {
    let mut denied = false;
    for (idx, mentions) in cited.drugs.iter().enumerate() {
        for mention in mentions.iter().filter(|mention| same_drug(drug, mention)) {
            let asked = cited.turn(idx).is_doctor() && cited.turn(idx).sentence_of(mention.start).question;
            let answer = cited.answers[idx].as_ref();
            let no = answer.is_some_and(|answer| {
                answer.reply == Some(Reply::No)
                    && answer.turns.iter().any(|&turn| !cited.drugs[turn].is_empty())
            });
            if !(asked && no) {
                return false;
            }
            denied = true;
        }
    }
    denied
}

/// Named only in sentences about a relative ("su papá es alérgico a la amoxicilina").
fn only_of_relatives(cited: &Scene<'_>, drug: &DrugMention) -> bool {
    let mut relative = false;
    for (idx, mentions) in cited.drugs.iter().enumerate() {
        for mention in mentions.iter().filter(|mention| same_drug(drug, mention)) {
            let turn = cited.turn(idx);
            if cited.household.who(turn, mention.start, mention.end, false) == Who::Patient {
                return false;
            }
            relative = true;
        }
    }
    relative
}

fn told_to_stop(cited: &Scene<'_>) -> bool {
    cited.doc.turns.iter().filter(|turn| turn.is_doctor()).any(|turn| {
        let said = format!(" {} ", turn.joined(0, turn.tokens.len()));
        [" suspend", " dejela", " dejelo", " dejalo", " dejala", " la quitamos", " lo quitamos"]
            .iter()
            .any(|cue| said.contains(cue))
            && ![" siga", " sigue", " igual", " continu"].iter().any(|cue| said.contains(cue))
    })
}

/// Present in the sentence, over in the turns.
fn time(turn: &TurnDoc, cited: &Scene<'_>, reasons: &mut Vec<Reason>) {
    let text = format!(" {} ", turn.joined(0, turn.tokens.len()));
    let present = [" activo", " activa", " actualmente", " persistente", " actual ", " continua con "]
        .iter()
        .any(|cue| text.contains(cue));
    let over = cited.doc.turns.iter().filter(|turn| turn.is_patient_side()).any(|turn| {
        let said = format!(" {} ", turn.joined(0, turn.tokens.len()));
        [" yano ", " lo deje ", " la deje ", " deje el ", " deje de ", " se me quito ", " antes "]
            .iter()
            .any(|cue| said.contains(cue))
    });
    if present && over {
        reasons.push(Reason::Temporal);
    }
}

/// A kinship the turns do not name.
fn kin_named(turn: &TurnDoc, cited: &Scene<'_>, reasons: &mut Vec<Reason>) {
    let written: Vec<&str> = turn.tokens.iter().filter_map(|token| kinship(&token.norm)).collect();
    if written.is_empty() || cited.household.companion_is_parent.is_some() {
        return;
    }
    let heard: Vec<&str> = cited
        .doc
        .turns
        .iter()
        .flat_map(|turn| turn.tokens.iter().filter_map(|token| kinship(&token.norm)))
        .collect();
    let root = |kin: &str| kin.trim_end_matches('s').to_owned();
    if !heard.is_empty() && written.iter().any(|kin| !heard.iter().any(|other| root(other) == root(kin))) {
        reasons.push(Reason::Person);
    }
}

/// Sites of the body written and not heard.
fn body_sites(sentence: &Scene<'_>, cited: &Scene<'_>, reasons: &mut Vec<Reason>) {
    let sites = &sentence.lex.sites;
    let written = sites.matcher.find(&sentence.turn(0).tokens);
    if written.is_empty() {
        return;
    }
    let heard: Vec<usize> = cited
        .doc
        .turns
        .iter()
        .flat_map(|turn| sites.matcher.find(&turn.tokens))
        .map(|hit| hit.entry)
        .collect();
    let organs: Vec<&str> = cited
        .doc
        .turns
        .iter()
        .flat_map(|turn| sentence.lex.organs.matcher.find(&turn.tokens))
        .map(|hit| sentence.lex.organs.entries[hit.entry].name.as_str())
        .collect();
    for hit in written {
        let entry = &sites.entries[hit.entry];
        let named = cited
            .symptoms
            .iter()
            .flatten()
            .any(|mention| mention.name.contains(&entry.name) || entry.info == mention.name)
            || organs.iter().any(|organ| begins_with(organ, &entry.more) || begins_with(&entry.more, organ));
        if !heard.is_empty()
            && !heard.contains(&hit.entry)
            && !named
            && !words_heard(cited, sentence.spoken(0, hit.start, hit.end))
        {
            reasons.push(Reason::BodySite);
        }
    }
}

/// Whole words: "piel" does not begin with "pie".
fn begins_with(name: &str, word: &str) -> bool {
    name.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ') || rest == "s")
}

/// Whether the words of a name were said, the small ones aside; a name of small words only ("VIH", "pie") needs those.
pub(super) fn words_heard(cited: &Scene<'_>, name: &str) -> bool {
    let name = terminology::fold::fold(name);
    let words = || name.split(' ').filter(|word| !matches!(*word, "" | "ambos" | "ambas" | "bilateral"));
    let long = words().any(|word| word.len() > 3);
    words().filter(|word| !long || word.len() > 3).all(|word| {
        let wanted = stem(word);
        cited.doc.turns.iter().any(|turn| turn.tokens.iter().any(|token| !token.dead && token.stem == wanted))
    })
}

fn side_words(turn: &TurnDoc) -> (bool, bool, bool) {
    let mut sides = (false, false, false);
    for token in turn.tokens.iter().filter(|token| !token.dead) {
        match token.norm.as_str() {
            "derecho" | "derecha" | "derechos" | "derechas" => sides.0 = true,
            "izquierdo" | "izquierda" | "izquierdos" | "izquierdas" => sides.1 = true,
            "bilateral" | "bilaterales" | "ambos" | "ambas" => sides.2 = true,
            _ => {}
        }
    }
    sides
}

fn sides(turn: &TurnDoc, cited: &Scene<'_>, reasons: &mut Vec<Reason>) {
    let (right, left, both) = side_words(turn);
    let heard = cited
        .doc
        .turns
        .iter()
        .map(side_words)
        .fold((false, false, false), |a, b| (a.0 || b.0, a.1 || b.1, a.2 || b.2));
    let pairs = cited.doc.turns.iter().any(|turn| {
        let said = turn.joined(0, turn.tokens.len());
        ["los dos", "las dos", "ambos", "ambas", "bilateral", "de los dos lados", "dos lados"]
            .iter()
            .any(|cue| said.contains(cue))
    });
    let denied_side = |wanted: &str| {
        cited.doc.turns.iter().any(|turn| {
            turn.tokens
                .iter()
                .enumerate()
                .any(|(at, token)| token.stem == wanted && said(turn, at, at + 1) == Said::No)
        })
    };
    let wrong = right && !heard.0
        || left && !heard.1
        || both && !(pairs || heard.2 || heard.0 && heard.1)
        || right && !left && heard.1 && denied_side("derech") && !denied_side("izquierd");
    if wrong {
        reasons.push(Reason::Laterality);
    }
}

/// Polarity of what the sentence names against the facts of the cited turns.
fn polarity(sentence: &Scene<'_>, facts: &[ClinicalFact], reasons: &mut Vec<Reason>) {
    let turn = sentence.turn(0);
    for mention in &sentence.symptoms[0] {
        let claimed = written(turn, mention.start, mention.end);
        let mut affirmed = false;
        let mut denied = false;
        // "Refiere edema" where only that of the feet was spoken of: had and denied.
        let mut somewhere = (false, false);
        for fact in facts {
            let head = |name: &str| name.split(' ').next().unwrap_or_default().to_owned();
            let same = fact.name == mention.name
                || related(&fact.name, &mention.name)
                || claimed == Said::No && head(&fact.name) == "edema" && head(&mention.name) == "edema";
            let (had, was_denied) = match (fact.kind, fact.attributes.status) {
                (FactKind::Symptom | FactKind::ChiefComplaint, _)
                | (FactKind::Finding, Some(Status::Present)) => (true, false),
                (FactKind::DeniedSymptom, _) | (FactKind::Finding, Some(Status::Absent)) => (false, true),
                _ => (false, false),
            };
            if same {
                affirmed |= had;
                denied |= was_denied;
            } else if claimed == Said::Yes && head(&fact.name) == mention.name {
                somewhere = (somewhere.0 || had, somewhere.1 || was_denied);
            }
        }
        if claimed == Said::No && affirmed && !denied {
            reasons.push(Reason::NegationAdded);
        } else if claimed == Said::Yes && !affirmed && (denied || somewhere == (false, true)) {
            reasons.push(Reason::NegationDropped);
        }
    }
}

/// The same for the signs of an examination, whatever site stands beside them.
fn findings(sentence: &Scene<'_>, cited: &Scene<'_>, facts: &[ClinicalFact], reasons: &mut Vec<Reason>) {
    let turn = sentence.turn(0);
    let lexicon = &sentence.lex.findings;
    for hit in lexicon.matcher.find(&turn.tokens) {
        let entry = &lexicon.entries[hit.entry];
        if entry.info != "present" || cited.exam.iter().all(|exam| !exam) {
            continue;
        }
        let status = |wanted: Status| {
            facts.iter().any(|fact| {
                fact.kind == FactKind::Finding
                    && fact.attributes.status == Some(wanted)
                    && begins_with(&fact.name, &entry.name)
            })
        };
        let (present, absent) = (status(Status::Present), status(Status::Absent));
        match written(turn, hit.start, hit.end) {
            Said::No if present && !absent => reasons.push(Reason::NegationAdded),
            Said::Yes if absent && !present => reasons.push(Reason::NegationDropped),
            _ => {}
        }
    }
}

/// Negation in a written sentence: "Niega fiebre, tos y vómito" denies the whole list.
pub(crate) fn written(turn: &TurnDoc, start: usize, end: usize) -> Said {
    let sentence = turn.sentence_of(start);
    for at in (sentence.start..start).rev() {
        match turn.word(at) {
            "niega" | "niegan" | "sin" | "no" | "tampoco" | "ni" | "ausencia" | "descarta" => {
                return Said::No;
            }
            "refiere" | "presenta" | "con" | "pero" | ";" | "acude" | "presento" | "encuentra" => {
                return Said::Yes;
            }
            _ => {}
        }
    }
    if matches!(turn.word(end), "negativo" | "negativa" | "negado" | "negada" | "ausente") {
        Said::No
    } else {
        Said::Yes
    }
}

fn related(a: &str, b: &str) -> bool {
    let first = |name: &str| name.split(' ').next().map(stem).unwrap_or_default();
    let generic = ["dolor", "edem", "ardor", "masa", "piel", "perdida", "sangrad", "vision"];
    first(a) == first(b)
        && !generic.iter().any(|word| first(a).starts_with(word))
        && (a.starts_with(b) || b.starts_with(a))
}

const KIN: &[(&str, &str)] = &[
    ("madre", "madre"),
    ("padre", "padre"),
    ("hermano", "hermano"),
    ("hermana", "hermana"),
    ("hermanos", "hermanos"),
    ("abuelo", "abuelo"),
    ("abuela", "abuela"),
    ("tio", "tío"),
    ("tia", "tía"),
    ("hijo", "hijo"),
    ("hija", "hija"),
    ("primo", "primo"),
    ("prima", "prima"),
    ("abuelos", "abuelos"),
    ("tios", "tíos"),
    ("familiar", "familiar"),
    ("padres", "padres"),
    ("primos", "primos"),
    ("hijos", "hijos"),
    ("sobrino", "sobrino"),
    ("nietos", "nietos"),
    ("familiares", "familiar"),
];

/// The relative a written disease belongs to: the nearest named before it in its clause, else the first of the clause.
pub(crate) fn kin_of(turn: &TurnDoc, at: usize) -> Option<&'static str> {
    let clause = turn.sentence_of(at);
    let start = (clause.start..at).rev().find(|&k| turn.word(k) == ";").map_or(clause.start, |k| k + 1);
    let named = |k: usize| KIN.iter().find(|(word, _)| *word == turn.word(k)).map(|(_, kin)| *kin);
    (start..at).rev().find_map(named).or_else(|| (at..clause.end).find_map(named))
}

const HEDGES: &[&str] = &["probable", "sospecha", "posible", "a descartar", "impresion"];

/// Whether a cited sentence that names the disease has one of these words.
fn says_of(cited: &Scene<'_>, name: &str, cues: &[&str]) -> bool {
    cited.doc.turns.iter().zip(&cited.diseases).any(|(turn, hits)| {
        hits.iter().any(|hit| {
            let heard = cited.lex.diseases.entries[hit.entry].name.as_str();
            let sentence = turn.sentence_of(hit.start);
            let said = turn.joined(sentence.start, sentence.end);
            (heard.starts_with(name) || name.starts_with(heard)) && cues.iter().any(|cue| said.contains(cue))
        })
    })
}

fn diseases(sentence: &Scene<'_>, cited: &Scene<'_>, facts: &[ClinicalFact], reasons: &mut Vec<Reason>) {
    let turn = sentence.turn(0);
    let text = turn.joined(0, turn.tokens.len());
    for hit in &sentence.diseases[0] {
        let kin = kin_of(turn, hit.start);
        let name = &sentence.lex.diseases.entries[hit.entry].name;
        let named = |fact: &&ClinicalFact| {
            fact.name == *name || fact.name.starts_with(name.as_str()) || name.starts_with(fact.name.as_str())
        };
        let relative = facts.iter().filter(named).find_map(ClinicalFact::relative);
        let own = facts.iter().filter(named).any(|fact| fact.relative().is_none());
        match (kin, relative) {
            (None, Some(_)) if !own => reasons.push(Reason::Person),
            (Some(kin), Some(heard))
                if !heard.starts_with(kin)
                    && kin != "familiar"
                    && heard != "familiar"
                    && !heard.starts_with(kin.trim_end_matches('s')) =>
            {
                reasons.push(Reason::Person);
            }
            (Some(_), None) if own => reasons.push(Reason::Person),
            (None, None) if !own && disease_of_relatives(cited, name) => reasons.push(Reason::Person),
            _ => {}
        }
        let heard = cited
            .diseases
            .iter()
            .flatten()
            .any(|other| cited.lex.diseases.entries[other.entry].name == *name)
            || facts.iter().any(|fact| named(&fact))
            || words_heard(cited, sentence.spoken(0, hit.start, hit.end))
            || cited.symptoms.iter().flatten().any(|mention| mention.name == *name);
        let as_symptom =
            sentence.symptoms[0].iter().any(|mention| mention.start <= hit.start && hit.end <= mention.end);
        if !heard && !as_symptom {
            reasons.push(Reason::Diagnosis);
        }
        let diagnosis = facts
            .iter()
            .filter(named)
            .find(|fact| fact.kind == FactKind::Diagnosis)
            .and_then(|fact| fact.attributes.certainty);
        let hedged = |text: &str| HEDGES.iter().any(|cue| text.contains(cue));
        let probable = hedged(&text);
        let excluded =
            ["descartad", "se descarta", "sin ", "no ", "niega"].iter().any(|cue| text.contains(cue));
        let claims_no = written(turn, hit.start, hit.end) == Said::No;
        let wrong = match diagnosis {
            Some(Certainty::Suspected) => text.contains("confirmad") || excluded && !probable,
            Some(Certainty::Confirmed) => {
                // "Dermatitis por contacto, probablemente al níquel": only the cause is in doubt.
                let doubts = hedged(&text.replace("probablemente", "")) && !text.contains("impresion");
                let denies = text.contains("descartad") || claims_no && kin.is_none();
                // Where it was said with such words too, it is not known which of them holds.
                doubts && !says_of(cited, name, HEDGES) || denies && !says_of(cited, name, &["descart"])
            }
            Some(Certainty::RuledOut) => !excluded,
            None => false,
        };
        if wrong {
            reasons.push(Reason::Certainty);
        }
        let denied = facts.iter().filter(named).any(|fact| fact.kind == FactKind::DeniedHistory);
        if denied && !own_affirmed(facts, name) && !claims_no && kin.is_none() {
            reasons.push(Reason::NegationDropped);
        }
        if claims_no
            && own_affirmed(facts, name)
            && !denied
            && diagnosis != Some(Certainty::RuledOut)
            && kin.is_none()
        {
            reasons.push(Reason::NegationAdded);
        }
    }
}

/// Named only of somebody else ("su mamá tiene diabetes", said by the clinician, is no fact of anybody's).
fn disease_of_relatives(cited: &Scene<'_>, name: &str) -> bool {
    let mut hits = cited.doc.turns.iter().zip(&cited.diseases).flat_map(|(turn, hits)| {
        let same = hits.iter().filter(|hit| cited.lex.diseases.entries[hit.entry].name == name);
        same.map(move |hit| cited.household.who(turn, hit.start, hit.end, false) != Who::Patient)
    });
    hits.next().is_some_and(|first| first && hits.all(|other| other))
}

fn own_affirmed(facts: &[ClinicalFact], name: &str) -> bool {
    facts.iter().any(|fact| fact.name == name && fact.kind == FactKind::History && fact.relative().is_none())
}

/// "El azúcar", "el dextro": glucose as it is spoken.
fn sugar_named(cited: &Scene<'_>) -> bool {
    cited.doc.turns.iter().any(|turn| {
        turn.tokens.iter().any(|token| {
            ["azucar", "dextro", "destro", "glucometro"].iter().any(|cue| token.norm.starts_with(cue))
        })
    })
}

/// Symptoms and studies of the sentence that no cited turn names.
fn invented(sentence: &Scene<'_>, cited: &Scene<'_>, reasons: &mut Vec<Reason>) {
    for hit in &sentence.studies[0] {
        let name = &sentence.lex.studies.entries[hit.entry].name;
        let heard = cited.studies.iter().flatten().any(|other| {
            let other = &cited.lex.studies.entries[other.entry].name;
            other == name || other.starts_with(name.as_str()) || name.starts_with(other.as_str())
        });
        let named_otherwise = words_heard(cited, sentence.spoken(0, hit.start, hit.end))
            || name.starts_with("glucosa") && sugar_named(cited);
        if !heard && !named_otherwise {
            reasons.push(Reason::InventedFact);
        }
    }
    if cited.transcript.turns.iter().all(|turn| turn.text.trim().is_empty()) {
        reasons.push(Reason::InventedFact);
    }
}
