//! What was examined and measured: signs by region of the body, results as they were read, the prognosis as it was said.

use clinical::transcript::{Evidence, Speaker, Transcript};
use nom004::Topic;
use terminology::fold::fold;

use crate::facts::{ClinicalFact, FactKind, Status, Time};
use crate::text::quantity::plain;

use super::Proposal;
use super::sentences::{Said, Series, capital, list, merged, names, quoted, runs, together};

/// Examination and results (NOM-004 6.1.2, 6.1.3, 6.2.3).
pub(super) fn compose(facts: &[ClinicalFact]) -> Vec<Proposal> {
    let mut out = Vec::new();
    for region in &REGIONS {
        examination(facts, region, &mut out);
    }
    results(facts, &mut out);
    out
}

/// A region of the body: its heading, its topic, and the beginnings of words that place a sign in it.
struct Region {
    heading: Option<&'static str>,
    topic: Topic,
    words: &'static [&'static str],
}

/// In the order of an examination; the last takes what no other does. A sign belongs to the first whose words it has.
static REGIONS: [Region; 7] = [
    Region {
        heading: Some("Genitales"),
        topic: Topic::Genitals,
        words: &[
            "genital",
            "vulva",
            "vagin",
            "introito",
            "cervix",
            "cuello uterino",
            "pene",
            "glande",
            "prepucio",
            "escrot",
            "testic",
            "epididim",
            "prostat",
            "perine",
            "tacto rectal",
        ],
    },
    Region {
        heading: Some("Abdomen"),
        topic: Topic::Abdomen,
        words: &[
            "abdom",
            "epigastr",
            "hipocondri",
            "mesogastr",
            "hipogastr",
            "iliaca",
            "iliaco",
            "flanco",
            "higado",
            "hepatomeg",
            "bazo",
            "esplenomeg",
            "visceromeg",
            "peristal",
            "rebote",
            "murphy",
            "mcburney",
            "psoas",
            "suprapub",
            "fondo uterino",
            "inguinal",
            "umbilical",
            "giordano",
            "ruidos intestinales",
            "irritacion peritoneal",
        ],
    },
    Region {
        heading: Some("Cuello"),
        topic: Topic::Neck,
        words: &[
            "cuello",
            "tiroid",
            "bocio",
            "carotid",
            "yugular",
            "nuca",
            "adenopatias cervicales",
            "ganglios cervicales",
        ],
    },
    Region {
        heading: Some("Tórax"),
        topic: Topic::Chest,
        words: &[
            "torax",
            "torac",
            "pulmon",
            "respirator",
            "estertor",
            "sibilanci",
            "crepitantes",
            "murmullo",
            "ventilad",
            "roncus",
            "roncos",
            "tiraje",
            "aleteo",
            "corazon",
            "cardiac",
            "ritmo",
            "soplo",
            "galope",
            "frote",
            "mama",
            "pezon",
            "costal",
            "precordi",
            "esternon",
        ],
    },
    Region {
        heading: Some("Cabeza"),
        topic: Topic::Head,
        words: &[
            "cabeza",
            "craneo",
            "cuero cabelludo",
            "cara",
            "facial",
            "fontanela",
            "ojo",
            "pupil",
            "conjuntiv",
            "escler",
            "corne",
            "parpad",
            "fondo de ojo",
            "agudeza visual",
            "oido",
            "timpan",
            "otoscop",
            "conducto auditivo",
            "nariz",
            "nasal",
            "cornete",
            "boca",
            "oral",
            "bucal",
            "faring",
            "amigdal",
            "garganta",
            "lengua",
            "dient",
            "encia",
            "paladar",
            "labio",
            "orofaring",
            "senos paranasales",
        ],
    },
    Region {
        heading: Some("Extremidades"),
        topic: Topic::Limbs,
        words: &[
            "extremidad",
            "miembro",
            "brazo",
            "antebrazo",
            "mano",
            "dedo",
            "pulgar",
            "muneca",
            "codo",
            "hombro",
            "pierna",
            "rodilla",
            "tobillo",
            "pie",
            "cadera",
            "muslo",
            "pantorrilla",
            "talon",
            "tibia",
            "rotula",
            "menisco",
            "lachman",
            "cajon",
            "pulsos",
            "llenado capilar",
            "varices",
            "onico",
            "palmar",
            "plantar",
        ],
    },
    Region { heading: None, topic: Topic::Examination, words: &[] },
];

/// The first region one of whose words the sign has: short ones whole, longer ones as the beginning of a word.
fn region_of(name: &str) -> &'static Region {
    let name = fold(name);
    let has = |word: &str| match (word.contains(' '), word.len()) {
        (true, _) => name.contains(word),
        (false, ..=4) => name.split(' ').any(|other| other.trim_end_matches('s') == word),
        (false, _) => name.split(' ').any(|other| other.starts_with(word)),
    };
    REGIONS
        .iter()
        .find(|region| region.words.iter().any(|word| has(word)))
        .unwrap_or(&REGIONS[REGIONS.len() - 1])
}

/// One sentence or two per region: what is there and what is normal, then what is not.
fn examination(facts: &[ClinicalFact], region: &'static Region, out: &mut Vec<Proposal>) {
    let here =
        |fact: &ClinicalFact| fact.kind == FactKind::Finding && std::ptr::eq(region_of(&fact.name), region);
    let absent = |fact: &ClinicalFact| fact.attributes.status == Some(Status::Absent);
    let mut say = |group: &[&ClinicalFact], write: &dyn Fn(&[&ClinicalFact]) -> String| {
        let mut proposal = together(region.topic, group, write);
        proposal.heading = region.heading;
        for part in &mut proposal.parts {
            part.heading = region.heading;
        }
        let plain = |facts: &[&ClinicalFact]| {
            let stands_out = |fact: &&ClinicalFact| {
                !matches!(fact.attributes.status, Some(Status::Absent | Status::Normal))
            };
            !facts.iter().any(stands_out)
        };
        proposal.unremarkable = plain(group);
        for (part, fact) in proposal.parts.iter_mut().zip(group) {
            part.unremarkable = plain(&[fact]);
        }
        out.push(proposal);
    };
    for group in runs(facts, |fact| here(fact) && !absent(fact)) {
        say(&group, &|group| format!("{}.", capital(&list(&names(group), "y"))));
    }
    for group in runs(facts, |fact| here(fact) && absent(fact)) {
        say(&group, &|group| format!("Sin {}.", list(&names(group), "ni")));
    }
}

/// Results read in one breath stand in one sentence.
fn results(facts: &[ClinicalFact], out: &mut Vec<Proposal>) {
    let mut read: Vec<(&ClinicalFact, String)> = facts
        .iter()
        .filter(|fact| fact.kind == FactKind::Result)
        .filter_map(|fact| Some((fact, value(fact)?)))
        .collect();
    let turn = |fact: &ClinicalFact| fact.evidence.last().map_or(0, |evidence| evidence.turn);
    read.sort_by_key(|(fact, _)| turn(fact));
    for same_turn in read.chunk_by(|(a, _), (b, _)| turn(a) == turn(b)) {
        for group in same_turn.chunks(RESULTS) {
            let say = |group: &[(&ClinicalFact, String)]| {
                let each: Vec<&str> = group.iter().map(|(_, text)| text.as_str()).collect();
                let cited: Vec<&ClinicalFact> = group.iter().map(|(fact, _)| *fact).collect();
                let each = each.into_iter().map(str::to_owned).collect();
                Said::from(Series::new("", each, ";")).of(Topic::Results, merged(&cited))
            };
            let mut proposal = say(group);
            if group.len() > 1 {
                proposal.parts = group.iter().map(|one| say(std::slice::from_ref(one))).collect();
            }
            out.push(proposal);
        }
    }
}

/// At most this many results stand in one sentence.
const RESULTS: usize = 5;

fn value(fact: &ClinicalFact) -> Option<String> {
    let value = match (fact.attributes.value, &fact.attributes.text_value) {
        (Some(value), _) => {
            let unit = fact.attributes.unit.as_deref().unwrap_or_default();
            format!("{} {unit}", plain(value)).trim().to_owned()
        }
        (None, text) => text.clone()?,
    };
    let when = if fact.time == Time::Past && !fact.name.ends_with("previa") { " (previo)" } else { "" };
    Some(format!("{}{when}: {value}", fact.name))
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
                    Topic::Prognosis,
                    format!("«{}».", capital(quoted(sentence))),
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
    use nom004::Topic;

    use super::region_of;

    #[test]
    fn a_sign_is_of_the_region_it_names() {
        let region = |name: &str| region_of(name).topic;
        assert_eq!(region("dolor a la palpación en epigastrio"), Topic::Abdomen);
        assert_eq!(region("cuello uterino friable"), Topic::Genitals);
        assert_eq!(region("edema de tobillos"), Topic::Limbs);
        assert_eq!(region("piel seca"), Topic::Examination);
        assert_eq!(region("estertores"), Topic::Chest);
    }
}
