//! Two documents of one visit, made from one conversation: what the first signature did is not done again by the second.

use crate::filled::filled;
use care::consultation::Consultation;
use care::review::ReviewAction;
use clinical::document::{DocumentBody, DocumentKind};
use clinical::draft::{ItemContent, SectionId};
use clinical::ids::{DocumentId, EncounterId};
use clinical::medication::{Dose, DoseUnit, Frequency, MedicationRequest, RequestAction, Route};
use clinical::observation::{Amount, VitalKind};
use jiff::Timestamp;
use storage::Observation;
use test_support::{Clinic, PASSWORD, engines};

const TRANSCRIPT: &str = "D: ¿Qué lo trae por aquí?\n\
    P: Me duele la rodilla derecha desde hace tres semanas.\n\
    D: La frecuencia cardiaca está en setenta y dos.\n\
    D: Tiene osteoartritis de la rodilla derecha.\n\
    D: Se va a tomar paracetamol de quinientos miligramos, una tableta cada ocho horas por cinco días.";

/// The line as a physician completes it; `box_of` in the words of whoever types.
fn line(name: &str, box_of: &str) -> MedicationRequest {
    let mut request = MedicationRequest::named(name, RequestAction::Start);
    request.presentation = Some(box_of.to_owned());
    request.dose = Some(Dose::new(Amount::whole(500), DoseUnit::Milligram).unwrap());
    request.route = Some(Route::Oral);
    request.frequency = Some(Frequency::EveryHours(8));
    request.duration_days = Some(5);
    request.quantity = Some("1 caja".to_owned());
    request
}

/// Writes a document of the visit up to its signature; its medicines are these.
async fn write(
    clinic: &Clinic,
    id: EncounterId,
    kind: DocumentKind,
    lines: &[MedicationRequest],
) -> Consultation {
    let (care, by) = (&clinic.care, &clinic.physician);
    let mut view = filled(clinic, by, id, nom004::definition(kind)).await;
    let proposed: Vec<_> = view
        .draft
        .items
        .iter()
        .filter(|item| matches!(item.content, ItemContent::MedicationRequest(_)))
        .map(|item| item.id)
        .collect();
    for item in proposed {
        view = care.review(by, id, kind, view.version, &ReviewAction::Discard(item)).await.unwrap();
    }
    let section = match kind {
        DocumentKind::PROGRESS_NOTE => SectionId::TREATMENT,
        _ => SectionId::new("hc.indicacion"),
    };
    for request in lines {
        let content = ItemContent::MedicationRequest(request.clone());
        let add = ReviewAction::Add { section: section.clone(), content };
        view = care.review(by, id, kind, view.version, &add).await.unwrap();
    }
    assert_eq!(view.obstacles(), Vec::<String>::new());
    view
}

async fn sign(clinic: &Clinic, id: EncounterId, view: &Consultation) -> Option<DocumentId> {
    let password = PASSWORD.to_owned();
    clinic.care.sign(&clinic.physician, id, view.kind, view.version, password).await.unwrap().prescription
}

async fn medicines_of(clinic: &Clinic, receta: DocumentId) -> Vec<String> {
    let view = clinic.care.document(&clinic.physician, receta).await.unwrap();
    let DocumentBody::Prescription { medication_requests, .. } = view.content.body else {
        panic!("not a receta")
    };
    medication_requests.into_iter().map(|request| request.medicine).collect()
}

#[tokio::test]
async fn history_and_note_of_one_visit_give_one_receta_and_one_entry_in_the_summary() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let id = clinic.consultation(patient, TRANSCRIPT).await;
        let history = DocumentKind::CLINICAL_HISTORY;
        // Open before the first is signed, as both stand in two windows.
        let one =
            write(&clinic, id, history, &[line("paracetamol", "tabletas de 500 mg, caja con 20")]).await;
        let note = [line("paracetamol", "Tabletas de 500 mg; caja con 20.")];
        let two = write(&clinic, id, DocumentKind::PROGRESS_NOTE, &note).await;
        assert_eq!(two.to_prescribe().len(), 1);
        let receta = sign(&clinic, id, &two).await.expect("a receta");
        assert_eq!(medicines_of(&clinic, receta).await, ["paracetamol"]);

        let one = clinic.care.consultation(&clinic.physician, id, one.kind).await.unwrap();
        assert_eq!(one.to_prescribe(), []);
        let preview = clinic.care.preview(&clinic.physician, id, history, true).await;
        assert!(matches!(preview, Err(care::CareError::NotFound { .. })), "no receta to look at");
        assert_eq!(sign(&clinic, id, &one).await, None, "the same medicine would be dispensed twice");

        let chart = clinic.care.chart(&clinic.physician, patient, 0).await.unwrap();
        let recetas = chart.documents.iter().filter(|head| head.kind == DocumentKind::PRESCRIPTION);
        assert_eq!(recetas.count(), 1);
        let mut tx = clinic.care.database().begin().await.unwrap();
        let measured = tx.observations(patient, Timestamp::MIN).await.unwrap();
        let kept = tx.summary(patient).await.unwrap();
        let said =
            |one: &&Observation| one.sign.kind == VitalKind::HeartRate && one.sign.value == Amount::whole(72);
        let pulse = measured.iter().filter(said).count();
        assert_eq!(pulse, 1, "measured once, told in two documents: {measured:?}");
        assert_eq!(kept.medications.len(), 1, "{:?}", kept.medications);
    }
}

#[tokio::test]
async fn the_second_receta_of_a_visit_has_only_what_the_first_has_not() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let id = clinic.consultation(patient, TRANSCRIPT).await;
        let box_of = "tabletas de 500 mg, caja con 20";
        let view = write(&clinic, id, DocumentKind::PROGRESS_NOTE, &[line("paracetamol", box_of)]).await;
        // What the page of the history showed before the note was signed no longer holds.
        let lines = [line("paracetamol", box_of), line("metamizol", box_of)];
        let history = write(&clinic, id, DocumentKind::CLINICAL_HISTORY, &lines).await;
        sign(&clinic, id, &view).await.expect("a receta");
        let history = clinic.care.consultation(&clinic.physician, id, history.kind).await.unwrap();
        assert_eq!(history.earlier.folio_of(&lines[0]), Some("R-000001"));
        let mut other_dose = lines[0].clone();
        other_dose.frequency = Some(Frequency::EveryHours(6));
        assert_eq!(history.earlier.folio_of(&other_dose), None, "other instructions are another line");
        let receta = sign(&clinic, id, &history).await.expect("a receta with the rest");
        assert_eq!(medicines_of(&clinic, receta).await, ["metamizol"]);
    }
}
