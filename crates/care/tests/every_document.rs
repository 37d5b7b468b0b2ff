//! Every document of the catalogue through the services: filled it is signed and printed, with one required part
//! missing it is refused, naming the part.

use crate::filled::filled;
use care::CareError;
use care::consultation::Consultation;
use care::review::ReviewAction;
use clinical::document::DocumentBody;
use clinical::draft::SectionId;
use clinical::ids::{EncounterId, ItemId};
use nom004::{DocumentDefinition, Obligation, SectionDefinition, Service};
use test_support::{Clinic, PASSWORD, engines};

fn offered() -> impl Iterator<Item = &'static DocumentDefinition> {
    nom004::definitions().iter().filter(|definition| definition.service != Service::None)
}

async fn refused_without(
    clinic: &Clinic,
    id: EncounterId,
    view: &Consultation,
    section: &SectionDefinition,
) -> i64 {
    let (care, kind) = (&clinic.care, view.kind);
    let items: Vec<ItemId> = view.draft.section(&SectionId::new(&section.id)).map(|item| item.id).collect();
    let mut version = view.version;
    for item in &items {
        let action = ReviewAction::Discard(*item);
        version = care.review(&clinic.physician, id, kind, version, &action).await.unwrap().version;
    }
    let refused = care.sign(&clinic.physician, id, kind, version, PASSWORD.to_owned()).await;
    let Err(CareError::Invalid(errors)) = refused else { panic!("{} signed: {refused:?}", section.id) };
    assert!(errors.iter().any(|error| error.message == section.missing), "{}: {errors:?}", section.id);
    for item in &items {
        // What the record proposed waits again for its acceptance.
        for action in [ReviewAction::Restore(*item), ReviewAction::Accept(*item)] {
            version = care.review(&clinic.physician, id, kind, version, &action).await.unwrap().version;
        }
    }
    version
}

#[tokio::test]
async fn every_document_is_signed_when_complete_and_refused_when_a_required_part_is_missing() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        for definition in offered() {
            let kind = definition.kind;
            let id = clinic.care.start_document(&clinic.physician, patient, kind, None).await;
            let id = match id {
                Ok(id) => id,
                Err(error) => panic!("{kind:?}: {error}"),
            };
            let view = filled(&clinic, &clinic.physician, id, definition).await;
            assert_eq!(view.obstacles(), Vec::<String>::new(), "{kind:?}");
            let mut version = view.version;
            let required = definition.sections.iter().filter(|section| {
                section.obligation == Obligation::Required && !section.filled_by.is_in_head()
            });
            for section in required {
                let view = Consultation { version, ..view.clone() };
                version = refused_without(&clinic, id, &view, section).await;
            }
            let signed = clinic.care.sign(&clinic.physician, id, kind, version, PASSWORD.to_owned()).await;
            let document = clinic.care.document(&clinic.physician, signed.unwrap().note).await.unwrap();
            assert!(document.intact);
            assert_eq!(document.content.title, definition.title);
            let DocumentBody::Note { sections, .. } = &document.content.body else { panic!("{kind:?}") };
            let said = sections.iter().flat_map(|section| &section.items).count();
            assert_eq!(said, view.draft.kept().count(), "{kind:?}");
            let id = document.document.id;
            let file = clinic.care.print(&clinic.physician, id, true, "").await.unwrap();
            let pdf = clinic.care.printed(&clinic.physician, id, file).await.unwrap();
            assert!(pdf.bytes.starts_with(b"%PDF-"), "{kind:?}");
        }
    }
}

#[tokio::test]
async fn a_late_entry_shows_when_the_act_was_and_when_it_was_written() {
    let clinic = Clinic::on(test_support::Engine::Embedded).await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let kind = clinical::document::DocumentKind::from_code("NIU").unwrap();
    let act = "2026-03-08T05:30:00Z".parse().unwrap();
    let start = |at| clinic.care.start_document(&clinic.physician, patient, kind, Some(at));
    let future = start("2026-03-11T00:00:00Z".parse().unwrap()).await;
    assert!(matches!(future, Err(CareError::Invalid(_))), "{future:?}");
    let unborn = start("1961-12-31T00:00:00Z".parse().unwrap()).await;
    assert!(matches!(unborn, Err(CareError::Invalid(_))), "{unborn:?}");
    let id = start(act).await.unwrap();
    let view = filled(&clinic, &clinic.physician, id, nom004::definition(kind)).await;
    let signed =
        clinic.care.sign(&clinic.physician, id, kind, view.version, PASSWORD.to_owned()).await.unwrap();
    let content = clinic.care.document(&clinic.physician, signed.note).await.unwrap().content;
    assert_eq!(content.act_at, act);
    assert_eq!(content.signed_at, clinic.care.now());
}

#[tokio::test]
async fn a_nurse_signs_the_nursing_sheet_and_no_medical_note() {
    let clinic = Clinic::on(test_support::Engine::Embedded).await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let kind = |code| clinical::document::DocumentKind::from_code(code).unwrap();
    let note = clinic.care.start_document(&clinic.nurse, patient, kind("NIU"), None).await;
    assert!(matches!(note, Err(CareError::Denied { .. })), "{note:?}");
    let id = clinic.care.start_document(&clinic.nurse, patient, kind("HEN"), None).await.unwrap();
    let view = filled(&clinic, &clinic.nurse, id, nom004::definition(kind("HEN"))).await;
    let by = clinic.care.sign(&clinic.physician, id, kind("HEN"), view.version, PASSWORD.to_owned()).await;
    assert!(matches!(by, Err(CareError::Denied { .. })), "not the nurse's author: {by:?}");
    clinic.care.sign(&clinic.nurse, id, kind("HEN"), view.version, PASSWORD.to_owned()).await.unwrap();
}
