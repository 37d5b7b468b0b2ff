//! Templates of documents of a professional: kept, changed, one of them the default, and nobody else's.

use clinical::document::DocumentKind;
use clinical::draft::SectionId;
use clinical::ids::{PractitionerId, TemplateId};
use clinical::outline::{NoteTemplate, Outline, OutlineSection};
use storage::StorageError;
use uuid::Uuid;

use crate::place::{Place, at, practitioner};

on_both_engines!(
    a_template_is_read_back_as_it_was_left_and_one_of_a_document_is_the_default,
    nobody_reads_or_changes_the_templates_of_another,
);

fn template(of: PractitionerId, name: &str) -> NoteTemplate {
    let own = OutlineSection { id: SectionId::new("propio.1"), own_label: Some("Metas".to_owned()) };
    let sections = vec![OutlineSection { id: SectionId::EVOLUTION, own_label: None }, own];
    NoteTemplate {
        id: TemplateId(Uuid::now_v7()),
        practitioner_id: of,
        kind: DocumentKind::PROGRESS_NOTE,
        base: Some("pediatria".to_owned()),
        outline: Outline { name: name.to_owned(), sections },
        is_default: true,
        changed_at: at(1),
    }
}

async fn a_template_is_read_back_as_it_was_left_and_one_of_a_document_is_the_default(place: Place) {
    let mut tx = place.begin().await;
    let first = template(place.practitioner, "Control");
    tx.save_note_template(&first).await.unwrap();
    assert_eq!(tx.note_templates(place.practitioner).await.unwrap(), std::slice::from_ref(&first));
    let history = NoteTemplate {
        kind: DocumentKind::CLINICAL_HISTORY,
        base: None,
        ..template(place.practitioner, "Control")
    };
    tx.save_note_template(&history).await.unwrap();
    let mut second = template(place.practitioner, "Urgencia");
    tx.save_note_template(&second).await.unwrap();
    let kept = tx.note_templates(place.practitioner).await.unwrap();
    let default: Vec<TemplateId> = kept.iter().filter(|one| one.is_default).map(|one| one.id).collect();
    assert!(default.contains(&history.id), "a default of another document stays");
    assert!(default.contains(&second.id) && !default.contains(&first.id));

    second.outline.sections.reverse();
    second.outline.name = "Urgencias".to_owned();
    second.is_default = false;
    tx.save_note_template(&second).await.unwrap();
    assert!(tx.note_templates(place.practitioner).await.unwrap().contains(&second));
    tx.remove_note_template(place.practitioner, second.id).await.unwrap();
    assert_eq!(tx.note_templates(place.practitioner).await.unwrap().len(), 2);
    let twice = tx.save_note_template(&template(place.practitioner, "Control")).await;
    assert!(matches!(twice, Err(StorageError::NotUnique { .. })), "{twice:?}");
}

async fn nobody_reads_or_changes_the_templates_of_another(place: Place) {
    let other = PractitionerId(Uuid::now_v7());
    let mut tx = place.begin().await;
    tx.insert_practitioner(&practitioner(other)).await.unwrap();
    let own = template(place.practitioner, "Control");
    tx.save_note_template(&own).await.unwrap();
    assert!(tx.note_templates(other).await.unwrap().is_empty());
    assert!(matches!(tx.remove_note_template(other, own.id).await, Err(StorageError::Missing { .. })));
    let stolen = NoteTemplate { practitioner_id: other, ..own.clone() };
    assert!(matches!(tx.save_note_template(&stolen).await, Err(StorageError::Missing { .. })));
    assert_eq!(tx.note_templates(place.practitioner).await.unwrap(), [own]);
}
