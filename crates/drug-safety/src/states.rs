//! What diagnoses and sentences of a note tell about the patient: states that speak against medicines, kidney disease by
//! its stage, pregnancy and breast feeding.
//!
//! Words are read narrowly: a relative's pregnancy, a wish for one and one that is over are none.

use std::sync::OnceLock;

use clinical::condition::{Certainty, ConditionEntry};
use terminology::fold::fold;

use crate::{Patient, Pregnancy};

const TABLE: &str = include_str!("../../../catalogs/drug-safety/states.tsv");

/// A state of `states.tsv`.
pub(crate) struct State {
    pub(crate) code: &'static str,
    /// "en asma".
    pub(crate) phrase: &'static str,
    words: Vec<&'static str>,
    not: Vec<&'static str>,
    icd11: Vec<&'static str>,
    icd10: Vec<&'static str>,
}

/// Every state, in the order of the table.
pub(crate) fn states() -> &'static [State] {
    static STATES: OnceLock<Vec<State>> = OnceLock::new();
    STATES.get_or_init(|| {
        let list = |cell: &'static str| cell.split(';').filter(|word| !word.is_empty()).collect();
        let rows = TABLE.lines().filter(|line| !line.starts_with('#')).skip(1);
        rows.filter_map(|row| {
            let cells: Vec<&'static str> = row.split('\t').collect();
            let [code, phrase, words, not, icd11, icd10] = cells[..] else { return None };
            let (words, not, icd11, icd10) = (list(words), list(not), list(icd11), list(icd10));
            Some(State { code, phrase, words, not, icd11, icd10 })
        })
        .collect()
    })
}

/// Folded text between spaces, so that whole words are found in it.
struct Folded(String);

impl Folded {
    fn of(text: &str) -> Self {
        Self(format!(" {} ", fold(text)))
    }

    fn says(&self, words: &str) -> bool {
        self.0.contains(&format!(" {words} "))
    }

    fn says_any(&self, words: &[&str]) -> bool {
        words.iter().any(|one| self.says(one))
    }
}

impl State {
    fn is_told_by(&self, diagnosis: &ConditionEntry, text: &Folded) -> bool {
        if text.says_any(&self.not) {
            return false;
        }
        let begins = |code: &str, with: &[&str]| with.iter().any(|begin| code.starts_with(begin));
        let coded = diagnosis.code.as_ref().is_some_and(|code| {
            begins(&code.icd11, &self.icd11)
                || code.icd10.as_ref().is_some_and(|icd10| begins(icd10, &self.icd10))
        });
        coded || text.says_any(&self.words)
    }
}

/// Words after which a diagnosis is not the patient's, or not one they have.
const NOT_THEIRS: [&str; 12] = [
    "antecedente familiar",
    "antecedentes familiares",
    "familiar de",
    "riesgo de",
    "tamizaje",
    "prevencion de",
    "profilaxis de",
    "vacunacion",
    "madre con",
    "padre con",
    "niega",
    "sin",
];

impl Patient {
    /// Takes in what a diagnosis tells; one that was ruled out tells nothing.
    pub fn learn(&mut self, diagnosis: &ConditionEntry) {
        let text = Folded::of(&diagnosis.text);
        if diagnosis.certainty == Certainty::RuledOut || text.says_any(&NOT_THEIRS) {
            return;
        }
        for state in states().iter().filter(|state| state.is_told_by(diagnosis, &text)) {
            match state.code {
                "higado" => self.liver_disease = Some(true),
                "asma" => self.asthma = Some(true),
                "falla_cardiaca" => self.heart_failure = Some(true),
                "g6pd" => self.g6pd_deficiency = Some(true),
                "demencia" => self.dementia = Some(true),
                other if !self.states.contains(&other) => self.states.push(other),
                _ => {}
            }
        }
        if let Some(most) = kidney_stage(&text) {
            self.egfr_at_most = Some(self.egfr_at_most.map_or(most, |known| known.min(most)));
        }
    }
}

/// The filtration a stage of chronic kidney disease allows at most, mL/min/1.73 m² (KDIGO 2012).
fn kidney_stage(text: &Folded) -> Option<f64> {
    const DISEASE: [&str; 6] =
        ["enfermedad renal", "insuficiencia renal", "falla renal", "nefropatia", "erc", "irc"];
    const STAGES: [(&[&str], f64); 4] = [
        (&["terminal", "dialisis", "hemodialisis", "estadio 5", "estadio v", "g5", "kdigo 5"], 14.0),
        (&["estadio 4", "estadio iv", "g4", "kdigo 4"], 29.0),
        (&["estadio 3b", "estadio iiib", "g3b", "kdigo 3b"], 44.0),
        (&["estadio 3", "estadio 3a", "estadio iii", "estadio iiia", "g3", "g3a", "kdigo 3"], 59.0),
    ];
    if !text.says_any(&DISEASE) {
        return None;
    }
    STAGES.iter().find(|(words, _)| text.says_any(words)).map(|(_, most)| *most)
}

/// What a sentence or diagnosis of a woman's note says about a pregnancy now; `None` when it says nothing.
#[must_use]
pub fn pregnancy_told(sentence: &str) -> Option<Pregnancy> {
    const NAMED: [&str; 6] =
        ["embarazo", "embarazada", "gestacion", "gestante", "semanas de gestacion", "sdg"];
    const OTHERS: [&str; 26] = [
        "esposa",
        "hermana",
        "hija",
        "madre",
        "mama",
        "pareja",
        "embarazos",
        "previo",
        "previos",
        "anterior",
        "ectopico",
        "molar",
        "aborto",
        "parto",
        "puerperio",
        "posparto",
        "postparto",
        "desea",
        "deseo",
        "busca",
        "planea",
        "planificacion",
        "anticoncepcion",
        "evitar",
        "diabetes gestacional",
        "en caso de",
    ];
    const NEGATIVE: [&str; 9] = [
        "niega embarazo",
        "niega posibilidad de embarazo",
        "no esta embarazada",
        "no embarazada",
        "sin embarazo",
        "niega estar embarazada",
        "embarazo negativa",
        "embarazo negativo",
        "descarta embarazo",
    ];
    const POSITIVE: [&str; 10] = [
        "embarazada",
        "embarazo actual",
        "embarazo de",
        "embarazo normal",
        "embarazo unico",
        "embarazo gemelar",
        "embarazo intrauterino",
        "cursa embarazo",
        "semanas de gestacion",
        "sdg",
    ];
    let text = Folded::of(sentence);
    if !text.says_any(&NAMED) {
        return None;
    }
    if text.says_any(&NEGATIVE) || text.says("niega") && !text.says("semanas") {
        return Some(Pregnancy::No);
    }
    if text.says_any(&OTHERS) {
        return None;
    }
    let short = text.0.split_whitespace().count() <= 4 && text.says("embarazo");
    (short || text.says_any(&POSITIVE)).then(|| Pregnancy::Yes { weeks: weeks(&text) })
}

/// "20 semanas", "20.3 sdg": the completed weeks, up to 42.
fn weeks(text: &Folded) -> Option<u8> {
    let words: Vec<&str> = text.0.split_whitespace().collect();
    let at = words.iter().position(|word| matches!(*word, "semanas" | "sdg"))?;
    let before = words[at.saturating_sub(3)..at].iter().filter_map(|word| word.parse::<u8>().ok());
    // The first of "20 3 7 sdg" is the weeks, the others are days.
    before.into_iter().find(|weeks| (2..=42).contains(weeks))
}

/// What a sentence or diagnosis says about breast feeding now; `None` when it says nothing.
#[must_use]
pub fn lactation_told(sentence: &str) -> Option<bool> {
    const OTHERS: [&str; 7] =
        ["inhibicion", "suprimir", "previa", "artificial", "recibio", "destete", "antecedente"];
    let text = Folded::of(sentence);
    let named = text.says_any(&["lactancia", "lactando", "amamanta", "amamantando"]);
    if !named || text.says_any(&OTHERS) {
        return None;
    }
    Some(!text.says_any(&["niega", "no", "sin", "suspendio"]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;

    fn told(text: &str) -> Patient {
        let mut patient = Patient::default();
        let certainty = Certainty::Confirmed;
        patient.learn(&ConditionEntry { text: text.to_owned(), certainty, code: None });
        patient
    }

    #[test]
    fn every_state_of_a_rule_is_one_that_diagnoses_tell() {
        assert_eq!(states().len(), TABLE.lines().count() - 2, "a row of states.tsv cannot be read");
        for rule in Facts::core().conditions.iter().filter(|rule| !rule.condition.starts_with("menor:")) {
            assert!(states().iter().any(|state| state.code == rule.condition), "{}", rule.condition);
        }
    }

    #[test]
    fn a_diagnosis_tells_the_state_and_a_relative_or_a_risk_does_not() {
        assert_eq!(told("Asma bronquial persistente").asthma, Some(true));
        assert_eq!(told("Antecedente familiar de asma").asthma, None);
        assert_eq!(told("Asma cardiaca").asthma, None);
        assert_eq!(told("Insuficiencia cardíaca crónica (ICFEr)").heart_failure, Some(true));
        assert_eq!(told("Cirrosis hepática").liver_disease, Some(true));
        assert_eq!(told("Vacunación contra hepatitis B").liver_disease, None);
        assert_eq!(told("Epilepsia focal").states, ["epilepsia"]);
        assert!(told("Hipertensión pulmonar").states.is_empty());
        assert_eq!(told("Enfermedad renal crónica estadio 4").egfr_at_most, Some(29.0));
        assert_eq!(told("ERC G3b A2").egfr_at_most, Some(44.0));
        assert_eq!(told("Cáncer estadio 4").egfr_at_most, None);
    }

    #[test]
    fn a_pregnancy_is_told_by_its_woman_and_now() {
        for (sentence, expected) in [
            ("Embarazo de 20 semanas", Some(Pregnancy::Yes { weeks: Some(20) })),
            ("Cursa embarazo de 31.4 SDG por FUM.", Some(Pregnancy::Yes { weeks: Some(31) })),
            ("Embarazo actual: «estoy embarazada».", Some(Pregnancy::Yes { weeks: None })),
            ("Embarazo normoevolutivo", Some(Pregnancy::Yes { weeks: None })),
            ("Embarazo actual, sin semanas precisadas.", Some(Pregnancy::Yes { weeks: None })),
            ("Niega embarazo.", Some(Pregnancy::No)),
            ("Prueba de embarazo negativa.", Some(Pregnancy::No)),
            ("Embarazo ectópico en 2015.", None),
            ("Embarazos: «tres».", None),
            ("Su hija está embarazada.", None),
            ("Desea embarazo el próximo año.", None),
            ("Diabetes gestacional en su segundo embarazo", None),
            ("Dolor de rodilla de tres semanas.", None),
        ] {
            assert_eq!(pregnancy_told(sentence), expected, "{sentence}");
        }
    }

    #[test]
    fn breast_feeding_is_told_or_denied() {
        assert_eq!(lactation_told("Lactancia materna exclusiva."), Some(true));
        assert_eq!(lactation_told("Niega lactancia."), Some(false));
        assert_eq!(lactation_told("Inhibición de la lactancia"), None);
        assert_eq!(lactation_told("Leche entera en el desayuno"), None);
    }
}
