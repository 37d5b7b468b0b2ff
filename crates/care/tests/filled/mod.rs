//! A document with something in every section, for the tests that need one complete.

use care::Actor;
use care::consultation::Consultation;
use care::review::ReviewAction;
use clinical::condition::{Certainty, ConditionEntry};
use clinical::draft::{Cell, ItemContent, SectionId};
use clinical::ids::EncounterId;
use clinical::observation::{Amount, VitalKind, VitalSign};
use nom004::{DocumentDefinition, FilledBy, SectionDefinition};
use test_support::Clinic;

fn row(columns: &[String], text: &str) -> ItemContent {
    let cells = columns.iter().map(|label| Cell { label: label.clone(), text: text.to_owned() });
    ItemContent::Row { cells: cells.collect() }
}

/// What fills a section.
pub(crate) fn answers(section: &SectionDefinition) -> Vec<ItemContent> {
    let statement = |text: &str| vec![ItemContent::Statement { text: text.to_owned() }];
    match &section.filled_by {
        filled if filled.is_in_head() => Vec::new(),
        FilledBy::Diagnoses => {
            let (text, certainty) = ("Apendicitis aguda".to_owned(), Certainty::Confirmed);
            vec![ItemContent::Condition(ConditionEntry { text, certainty, code: None })]
        }
        FilledBy::Measurements(kinds) => {
            let any = [VitalKind::HeartRate];
            let kinds = if kinds.is_empty() { any.as_slice() } else { kinds };
            let value = |kind: &VitalKind| match kind {
                VitalKind::Temperature => Amount::whole(37),
                VitalKind::Height => "1.60".parse().unwrap(),
                _ => Amount::whole(70),
            };
            let signs = kinds.iter().map(|kind| VitalSign::new(*kind, value(kind)).unwrap());
            signs.map(ItemContent::VitalSign).collect()
        }
        FilledBy::Date => statement("09/03/2026"),
        FilledBy::DateTime => statement("09/03/2026 10:20"),
        FilledBy::Choice(options) => statement(&options[0]),
        FilledBy::Rows(columns) => vec![row(columns, "Dato de la fila"), row(columns, "Otro dato")],
        FilledBy::Signers(signers) => {
            let persons = ["Persona Primera Inventada", "Persona Segunda Inventada"];
            persons.iter().take(signers.at_least).map(|name| row(&signers.columns, name)).collect()
        }
        _ => statement(&format!("Se anotó lo relativo a {}.", section.label.to_lowercase())),
    }
}

/// Accepts what the document begins with and writes something into every section.
pub(crate) async fn filled(
    clinic: &Clinic,
    by: &Actor,
    id: EncounterId,
    definition: &DocumentDefinition,
) -> Consultation {
    let care = &clinic.care;
    let mut view = care.consultation(by, id, definition.kind).await.unwrap();
    for item in view.draft.items.clone() {
        let accept = ReviewAction::Accept(item.id);
        view = care.review(by, id, definition.kind, view.version, &accept).await.unwrap();
    }
    for section in &definition.sections {
        for content in answers(section) {
            let action = ReviewAction::Add { section: SectionId::new(&section.id), content };
            view = care.review(by, id, definition.kind, view.version, &action).await.unwrap();
        }
    }
    view
}
