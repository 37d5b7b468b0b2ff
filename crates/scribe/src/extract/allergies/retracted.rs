//! Allergies taken back: "desmayarse con la inyección no es alergia", "lo anoto como intolerancia".

use super::reactions::intolerance;
use super::*;

/// What says that something is no allergy.
const NO_ALLERGY: &[&str] = &[
    "no es alergia",
    "no es alergi",
    "no eres alergi",
    "no alergia",
    "ni alergia es",
    "no como alergia",
    "como intolerancia",
    "como no alergi",
    "no cuenta como alergia",
    "alergia no es",
    "alergico no es",
    "alergica no es",
    "no fue alergia",
    "no era alergia",
];

/// Takes back the allergies that the clinician or a companion says are none; what happened stays as an antecedent.
pub(super) fn take_back(scene: &Scene<'_>, book: &mut Book) {
    for idx in 0..scene.doc.turns.len() {
        let turn = scene.turn(idx);
        let said = turn.joined(0, turn.tokens.len());
        let asks = turn.sentences.iter().any(|sentence| {
            sentence.question && turn.joined(sentence.start, sentence.end).contains("no es alergi")
        });
        if !NO_ALLERGY.iter().any(|cue| said.contains(cue)) || asks {
            continue;
        }
        let named: Vec<&str> = scene.drugs[idx].iter().map(|drug| drug.name.as_str()).collect();
        let near = |fact: &ClinicalFact| {
            fact.polarity != Polarity::Denied
                && fact
                    .turns()
                    .iter()
                    .any(|&turn| scene.turn(turn).is_patient_side() && turn <= idx && idx - turn <= 4)
        };
        let taken_back: Vec<ClinicalFact> = book
            .of(FactKind::Allergy)
            .filter(|fact| near(fact) && (named.is_empty() || named.contains(&fact.name.as_str())))
            .cloned()
            .collect();
        for fact in &taken_back {
            book.retain(|known| known.kind != FactKind::Allergy || known.name != fact.name);
            let Some(told) = fact.turns().into_iter().find(|&turn| scene.turn(turn).is_patient_side()) else {
                continue;
            };
            let place = scene.drugs[told]
                .iter()
                .find(|drug| drug.name == fact.name)
                .map(|drug| (drug.start, drug.end));
            if let Some(place) = place {
                intolerance(scene, told, &fact.name, place, book);
            }
        }
        if !taken_back.is_empty() && book.of(FactKind::Allergy).next().is_none() {
            let mut fact =
                ClinicalFact::new(FactKind::Allergy, "negadas", turn.speaker, scene.doc.whole(idx));
            fact.polarity = Polarity::Denied;
            fact.confidence = 0.7;
            book.add(fact);
        }
    }
}
