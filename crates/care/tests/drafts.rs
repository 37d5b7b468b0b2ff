//! Drafts that are given up and taken up again, and what somebody was typing, on both engines.

use care::review::ReviewAction;
use care::{Actor, CareError};
use clinical::audit::AuditAction;
use clinical::document::DocumentKind;
use clinical::draft::{ItemContent, SectionId};
use clinical::encounter::EncounterState;
use clinical::ids::EncounterId;
use jiff::SignedDuration;
use test_support::{Clinic, PASSWORD, engines};

const NEV: DocumentKind = DocumentKind::PROGRESS_NOTE;
const HC: DocumentKind = DocumentKind::CLINICAL_HISTORY;

async fn write(clinic: &Clinic, id: EncounterId, kind: DocumentKind, section: &str) -> i64 {
    let content = ItemContent::Statement { text: "Escrito por la médica.".to_owned() };
    let action = ReviewAction::Add { section: SectionId::new(section), content };
    clinic.care.review(&clinic.physician, id, kind, 0, &action).await.unwrap().version
}

/// A consultation with two drafts.
async fn two_drafts(clinic: &Clinic) -> (clinical::ids::PatientId, EncounterId) {
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let id = clinic.care.start_visit(&clinic.physician, patient, "Tos").await.unwrap();
    write(clinic, id, NEV, "ev.evolucion").await;
    write(clinic, id, HC, "hc.padecimiento_actual").await;
    (patient, id)
}

async fn cancel(clinic: &Clinic, by: &Actor, id: EncounterId, kind: DocumentKind) -> Result<(), CareError> {
    clinic.care.cancel_draft(by, id, kind, 1, "Se abrió por error").await.map(drop)
}

async fn items(clinic: &Clinic, id: EncounterId, kind: DocumentKind) -> usize {
    clinic.care.consultation(&clinic.physician, id, kind).await.unwrap().draft.items.len()
}

#[tokio::test]
async fn one_draft_is_given_up_with_a_reason_and_the_others_stay() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let (patient, id) = two_drafts(&clinic).await;
        let silent = clinic.care.cancel_draft(&clinic.physician, id, HC, 1, " ").await;
        assert!(matches!(silent, Err(CareError::Invalid(_))), "{silent:?}");
        let nurse = cancel(&clinic, &clinic.nurse, id, HC).await;
        assert!(matches!(nurse, Err(CareError::Denied { .. })), "{nurse:?}");
        let stale = clinic.care.cancel_draft(&clinic.physician, id, HC, 7, "Error").await;
        assert!(matches!(stale, Err(CareError::Conflict { .. })), "{stale:?}");
        cancel(&clinic, &clinic.physician, id, HC).await.unwrap();
        assert_eq!((items(&clinic, id, HC).await, items(&clinic, id, NEV).await), (0, 1));

        let chart = clinic.care.chart(&clinic.physician, patient, 0).await.unwrap();
        assert_eq!(chart.cancelled[0].reason, "Se abrió por error");
        let back = clinic.care.restore_draft(&clinic.physician, chart.cancelled[0].id).await.unwrap();
        assert_eq!(back, (id, HC));
        assert_eq!((items(&clinic, id, HC).await, items(&clinic, id, NEV).await), (1, 1));
        let mut tx = clinic.care.database().begin().await.unwrap();
        let filter = storage::AuditFilter { action: Some(AuditAction::Update), ..Default::default() };
        let page = storage::PageRequest { limit: 50, offset: 0 };
        let reasons = tx.audit_events(&filter, page).await.unwrap().items;
        let reasons: Vec<_> = reasons.into_iter().filter_map(|event| event.reason).collect();
        assert!(reasons.iter().any(|why| why == "borrador cancelado"), "{reasons:?}");
    }
}

#[tokio::test]
async fn a_draft_is_taken_up_again_only_on_the_same_day_and_over_no_other() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let (patient, id) = two_drafts(&clinic).await;
        cancel(&clinic, &clinic.physician, id, HC).await.unwrap();
        let cancelled = clinic.care.chart(&clinic.physician, patient, 0).await.unwrap().cancelled[0].id;
        write(&clinic, id, HC, "hc.padecimiento_actual").await;
        let other = clinic.care.restore_draft(&clinic.physician, cancelled).await;
        assert!(matches!(other, Err(CareError::Conflict { .. })), "{other:?}");
        cancel(&clinic, &clinic.physician, id, HC).await.unwrap();
        clinic.clock.set(clinic.care.now() + SignedDuration::from_hours(24));
        let late = clinic.care.restore_draft(&clinic.physician, cancelled).await;
        assert!(matches!(late, Err(CareError::Finished { .. })), "{late:?}");
        assert!(clinic.care.chart(&clinic.physician, patient, 0).await.unwrap().cancelled.is_empty());
    }
}

#[tokio::test]
async fn an_act_of_which_nothing_is_left_is_closed_and_opens_again() {
    let clinic = Clinic::on(test_support::Engine::Embedded).await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let kind = DocumentKind::from_code("SIC").unwrap();
    let id = clinic.care.start_document(&clinic.physician, patient, kind, None).await.unwrap();
    write(&clinic, id, kind, "sic.motivo").await;
    cancel(&clinic, &clinic.physician, id, kind).await.unwrap();
    let chart = clinic.care.chart(&clinic.physician, patient, 0).await.unwrap();
    assert!(chart.open.is_empty());
    clinic.care.restore_draft(&clinic.physician, chart.cancelled[0].id).await.unwrap();
    let chart = clinic.care.chart(&clinic.physician, patient, 0).await.unwrap();
    assert_eq!(chart.open[0].state, EncounterState::InProgress);

    // With a signed document in it, the consultation is finished by giving up what is left.
    let (patient, id) = two_drafts(&clinic).await;
    cancel(&clinic, &clinic.physician, id, NEV).await.unwrap();
    let view = crate::filled::filled(&clinic, &clinic.physician, id, nom004::definition(NEV)).await;
    clinic.care.sign(&clinic.physician, id, NEV, view.version, PASSWORD.to_owned()).await.unwrap();
    cancel(&clinic, &clinic.physician, id, HC).await.unwrap();
    let chart = clinic.care.chart(&clinic.physician, patient, 0).await.unwrap();
    assert!(chart.open.is_empty());
    let signed = cancel(&clinic, &clinic.physician, id, NEV).await;
    assert!(matches!(signed, Err(CareError::Finished { .. })), "{signed:?}");
}

#[tokio::test]
async fn what_is_typed_is_kept_for_its_author_until_it_is_sent() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let (_, id) = two_drafts(&clinic).await;
        let care = &clinic.care;
        let keep = async |by: &Actor, text: &str| care.keep_unsaved(by, id, NEV, "editar:1", text).await;
        keep(&clinic.physician, "[[\"texto\",\"Me du\"]]").await.unwrap();
        let at = keep(&clinic.physician, "[[\"texto\",\"Me duele\"]]").await.unwrap();
        let unsaved = async |by: &Actor| care.consultation(by, id, NEV).await.unwrap().unsaved;
        let kept = unsaved(&clinic.physician).await;
        assert_eq!((kept.len(), kept[0].at), (1, at));
        assert_eq!(kept[0].content, "[[\"texto\",\"Me duele\"]]");
        assert!(unsaved(&clinic.nurse).await.is_empty(), "it is theirs alone");
        let other = care.consultation(&clinic.physician, id, HC).await.unwrap().unsaved;
        assert!(other.is_empty(), "of this document only");
        let reception = keep(&clinic.reception, "x").await;
        assert!(matches!(reception, Err(CareError::Denied { .. })), "{reception:?}");
        let huge = keep(&clinic.physician, &"a".repeat(care::unsaved::LONGEST + 1)).await;
        assert!(matches!(huge, Err(CareError::Invalid(_))), "{huge:?}");
        keep(&clinic.physician, "").await.unwrap();
        assert!(unsaved(&clinic.physician).await.is_empty());
    }
}

#[tokio::test]
async fn the_history_of_a_visit_begins_with_what_was_said_and_follows_another_transcript() {
    let talk = |complaint: &str| {
        format!("D: ¿Qué le pasa?\nP: {complaint}\nD: ¿Su mamá de qué padece?\nP: Mi mamá es diabética.\n")
    };
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let id = clinic.consultation(patient, &talk("Traigo tos desde hace tres días.")).await;
        let history = clinic.care.consultation(&clinic.physician, id, HC).await.unwrap();
        let family = SectionId::new("hc.ahf");
        let mother = history.draft.section(&family).next().unwrap();
        assert!(mother.content.text().contains("Madre"), "{:?}", mother.content);
        let accept = ReviewAction::Accept(mother.id);
        let kept = clinic.care.review(&clinic.physician, id, HC, history.version, &accept).await.unwrap();
        assert_eq!(kept.draft.items.len(), history.draft.items.len());

        let other = format!("D: Buenas.\nP: Buenas.\n{}", talk("Traigo calentura desde ayer."));
        clinic.care.attach_transcript(&clinic.physician, id, NEV, other.into_bytes()).await.unwrap();
        let after = clinic.care.consultation(&clinic.physician, id, HC).await.unwrap();
        let told = SectionId::new("hc.padecimiento_actual");
        let told: Vec<String> = after.draft.section(&told).map(|item| item.content.text()).collect();
        assert!(told.iter().all(|said| !said.contains("tos")), "{told:?}");
        assert!(told.iter().any(|said| said.contains("fiebre")), "{told:?}");
        let mothers = after.draft.section(&family).filter(|item| item.content.text().contains("Madre"));
        assert_eq!(mothers.count(), 1, "what was accepted stays, once");
    }
}
