//! The guard: a sentence stands only if every drug, dose, number, unit, side, negation, diagnosis and person in it is
//! supported by the turns it cites.
//!
//! Deterministic; whoever wrote the sentence. The reasons are the categories of the guard's evaluation.

mod amounts;
mod claims;
pub mod lines;
mod nuances;

pub(crate) use claims::{kin_of, written};

use std::collections::HashMap;

use clinical::transcript::{Transcript, Turn};

use crate::extract;
use crate::facts::ClinicalFact;
use crate::scene::Scene;

/// Why a sentence is not supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// A medicine the turns do not name, or name and reject.
    DrugSwap,
    /// An amount of medicine the turns do not say.
    Dose,
    /// A unit the turns do not say.
    Unit,
    /// An interval the turns do not say.
    Frequency,
    /// A duration the turns do not say.
    Duration,
    /// Another number.
    Number,
    /// A side the turns do not say.
    Laterality,
    /// A body site the turns do not say.
    BodySite,
    /// Denied in the turns, affirmed in the sentence.
    NegationDropped,
    /// Affirmed in the turns, denied in the sentence.
    NegationAdded,
    /// More or less certain than in the turns.
    Certainty,
    /// Another person's.
    Person,
    /// A diagnosis the turns do not name.
    Diagnosis,
    /// Something else nobody said.
    InventedFact,
    /// Past for present or the reverse.
    Temporal,
}

impl Reason {
    /// The name of the category.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::DrugSwap => "drug_swap",
            Self::Dose => "dose",
            Self::Unit => "unit",
            Self::Frequency => "frequency",
            Self::Duration => "duration",
            Self::Number => "number",
            Self::Laterality => "laterality",
            Self::BodySite => "body_site",
            Self::NegationDropped => "negation_dropped",
            Self::NegationAdded => "negation_added",
            Self::Certainty => "certainty",
            Self::Person => "person",
            Self::Diagnosis => "diagnosis",
            Self::InventedFact => "invented_fact",
            Self::Temporal => "temporal",
        }
    }

    /// The reason in Spanish, for the physician.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::DrugSwap => "el medicamento no se oyó en esas palabras",
            Self::Dose => "la dosis no coincide con lo que se dijo",
            Self::Unit => "la unidad no coincide con lo que se dijo",
            Self::Frequency => "la frecuencia no coincide con lo que se dijo",
            Self::Duration => "el tiempo no coincide con lo que se dijo",
            Self::Number => "el número no coincide con lo que se dijo",
            Self::Laterality => "el lado no coincide con lo que se dijo",
            Self::BodySite => "el sitio del cuerpo no coincide con lo que se dijo",
            Self::NegationDropped => "en la consulta se negó",
            Self::NegationAdded => "en la consulta se afirmó",
            Self::Certainty => "la certeza no coincide con lo que se dijo",
            Self::Person => "no queda claro de quién se habló",
            Self::Diagnosis => "el diagnóstico no se oyó en esas palabras",
            Self::InventedFact => "no se oyó en esas palabras",
            Self::Temporal => "no queda claro si es actual",
        }
    }
}

/// What the guard says of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Every claim of the sentence is supported.
    pub supported: bool,
    /// Why not, each once, in a fixed order.
    pub reasons: Vec<Reason>,
}

/// Checks a sentence against the turns it cites, in their order.
///
/// ```
/// use clinical::transcript::{Speaker, Turn};
/// let turns = [Turn { speaker: Speaker::Doctor, text: "Losartán de cincuenta, una diaria.".into() }];
/// assert!(scribe::guard::check("Losartán 50 mg cada 24 horas.", &turns).supported);
/// assert!(!scribe::guard::check("Losartán 15 mg cada 24 horas.", &turns).supported);
/// ```
#[must_use]
pub fn check(sentence: &str, cited: &[Turn]) -> Verdict {
    let cited = Transcript { turns: cited.to_vec() };
    let scene = Scene { cited: true, ..Scene::new(&cited) };
    check_scene(sentence, &scene, &extract::claims(&scene))
}

/// The guard of one consultation: what its turns say is read once, however many sentences cite them.
#[derive(Debug)]
pub struct Guard<'a> {
    scene: &'a Scene<'a>,
    heard: HashMap<Vec<usize>, Vec<ClinicalFact>>,
}

impl<'a> Guard<'a> {
    /// A guard over a consultation that has been read.
    #[must_use]
    pub fn new(scene: &'a Scene<'a>) -> Self {
        Self { scene, heard: HashMap::new() }
    }

    /// Checks a sentence against the turns it cites, given by ascending index; the same verdict as [`check`], except that
    /// what the rest of the consultation says about who is who is known.
    pub fn check(&mut self, sentence: &str, turns: &[usize]) -> Verdict {
        let all = &self.scene.transcript.turns;
        let cited = Transcript { turns: turns.iter().filter_map(|&turn| all.get(turn).cloned()).collect() };
        let scene = self.scene.subset(&cited, turns);
        let facts = self.heard.entry(turns.to_vec()).or_insert_with(|| extract::claims(&scene));
        check_scene(sentence, &scene, facts)
    }
}

fn check_scene(sentence: &str, cited: &Scene<'_>, facts: &[ClinicalFact]) -> Verdict {
    let turn = Turn { speaker: clinical::transcript::Speaker::Unknown, text: sentence.to_owned() };
    let written = Transcript { turns: vec![turn] };
    let sentence = Scene::new(&written);
    let mut reasons = Vec::new();
    claims::check(&sentence, cited, facts, &mut reasons);
    amounts::check(&sentence, cited, &mut reasons);
    reasons.sort_unstable();
    reasons.dedup();
    Verdict { supported: reasons.is_empty(), reasons }
}

#[cfg(test)]
mod tests {
    use clinical::transcript::{Speaker, Turn};

    use super::{Reason, check};

    #[track_caller]
    fn verdict(turns: &[(Speaker, &str)], sentence: &str, expected: Option<Reason>) {
        let turns: Vec<Turn> = turns
            .iter()
            .map(|(speaker, text)| Turn { speaker: *speaker, text: (*text).to_owned() })
            .collect();
        let found = check(sentence, &turns);
        match expected {
            None => assert!(found.supported, "{sentence:?}: {:?}", found.reasons),
            Some(reason) => assert!(found.reasons.contains(&reason), "{sentence:?}: {:?}", found.reasons),
        }
    }

    use Speaker::{Doctor as D, Patient as P};

    #[test]
    fn seeded_errors_are_caught_and_true_sentences_pass() {
        let pain = [(D, "¿De qué lado le duele la panza?"), (P, "Del izquierdo, desde hace tres días.")];
        verdict(&pain, "Dolor abdominal izquierdo de 3 días de evolución.", None);
        verdict(&pain, "Dolor abdominal derecho de 3 días de evolución.", Some(Reason::Laterality));
        verdict(&pain, "Dolor abdominal izquierdo de 13 días de evolución.", Some(Reason::Duration));
        verdict(&pain, "Dolor abdominal izquierdo de 3 semanas de evolución.", Some(Reason::Duration));
        let denied = [(D, "¿Fiebre o escalofríos?"), (P, "No, nada.")];
        verdict(&denied, "Niega fiebre y escalofríos.", None);
        verdict(&denied, "Refiere fiebre.", Some(Reason::NegationDropped));
        let drug = [(D, "Le voy a dar losartán de cincuenta miligramos, una cada doce horas.")];
        verdict(&drug, "Losartán 50 mg cada 12 horas.", None);
        verdict(&drug, "Losartán 500 mg cada 12 horas.", Some(Reason::Dose));
        verdict(&drug, "Losartán 50 mg cada 8 horas.", Some(Reason::Frequency));
        verdict(&drug, "Losartán 50 mcg cada 12 horas.", Some(Reason::Unit));
        verdict(&drug, "Valsartán 50 mg cada 12 horas.", Some(Reason::DrugSwap));
        let mother = [(D, "¿Alguien en su familia con diabetes?"), (P, "Sí, mi mamá.")];
        verdict(&mother, "Madre con diabetes mellitus.", None);
        verdict(&mother, "Antecedente de diabetes mellitus.", Some(Reason::Person));
        verdict(&mother, "Padre con diabetes mellitus.", Some(Reason::Person));
        let doubt = [(D, "Yo creo que esto es una gastroenteritis.")];
        verdict(&doubt, "Gastroenteritis, probable.", None);
        verdict(&doubt, "Gastroenteritis confirmada.", Some(Reason::Certainty));
        verdict(&doubt, "Apendicitis, probable.", Some(Reason::Diagnosis));
        let pressure = [(D, "Presión ciento treinta y ocho sobre ochenta y cuatro.")];
        verdict(&pressure, "Tensión arterial 138/84 mmHg.", None);
        verdict(&pressure, "Tensión arterial 183/84 mmHg.", Some(Reason::Number));
        let corrected =
            [(D, "Metformina de setecientos cincuenta... no, perdón, de quinientos, una diaria.")];
        verdict(&corrected, "Metformina 750 mg.", Some(Reason::Dose));
    }

    #[test]
    fn place_polarity_and_amount_are_compared_whatever_the_words() {
        let knee =
            [(D, "Reviso la rodilla. Le duele sobre el menisco medial. Hay crepitación, no hay derrame.")];
        verdict(&knee, "Dolor en menisco lateral.", Some(Reason::BodySite));
        verdict(&knee, "Sin crepitación articular.", Some(Reason::NegationAdded));
        verdict(&knee, "Crepitación articular, sin derrame articular.", None);
        let hands = [(D, "En el dorso de las manos la piel está seca.")];
        verdict(&hands, "Piel seca en dorso de pies.", Some(Reason::BodySite));
        verdict(&hands, "Piel seca en dorso de manos.", None);
        let tablet = [(D, "Ibuprofeno de ochocientos miligramos, uno cada seis horas por dos semanas.")];
        verdict(&tablet, "Ibuprofeno 800 mg cada 6 horas por 2 semanas.", None);
        verdict(&tablet, "Ibuprofeno 400 mg cada 6 horas por 2 semanas.", Some(Reason::Dose));
        let cream = [(D, "Clobetasol al cero punto cero cinco por ciento.")];
        verdict(&cream, "Clobetasol al 0.05 %.", None);
        verdict(&cream, "Clobetasol al 0.5 %.", Some(Reason::Dose));
        let virus = [(D, "Por lo pronto no creo que necesite antibiótico.")];
        verdict(&virus, "Requiere antibiótico.", Some(Reason::NegationDropped));
        verdict(&virus, "No requiere antibiótico.", None);
        let bleeding = [(D, "¿Le sangran las encías?"), (P, "No, nada de eso.")];
        verdict(&bleeding, "Refiere sangrado de encías.", Some(Reason::NegationDropped));
        verdict(&bleeding, "Niega sangrado de encías.", None);
    }
}
