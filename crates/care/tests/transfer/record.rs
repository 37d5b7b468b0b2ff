//! Records of the test clinics: a small one, and one with a bit of everything.

use care::attachments::AttachmentForm;
use care::chart::SummaryChange;
use care::consents::ConsentForm;
use care::gaps::DoneForm;
use care::identity::RepresentativeForm;
use care::laboratory::{ReportForm, RowForm};
use care::review::ReviewAction;
use clinical::allergy::{AllergyIntolerance, ReactionKind};
use clinical::document::DocumentKind;
use clinical::draft::{ItemContent, Review, SectionId};
use clinical::ids::PatientId;
use clinical::medication::{Dose, DoseUnit, Frequency, MedicationRequest, RequestAction, Route};
use clinical::observation::Amount;
use drug_safety::OverrideReason;
use test_support::{Clinic, PASSWORD};

use super::physician;

const NEV: DocumentKind = DocumentKind::PROGRESS_NOTE;

const TRANSCRIPT: &str = "D: Buenos días, ¿qué la trae por aquí?\n\
    P: Pues me duele la rodilla derecha desde hace tres semanas, doctora.\n\
    D: ¿Ha tenido fiebre?\n\
    P: No.\n\
    D: La presión está en ciento treinta y dos sobre ochenta.\n\
    D: Por lo que veo tiene osteoartritis de la rodilla derecha.\n\
    D: Se va a tomar paracetamol de quinientos miligramos, una tableta cada ocho horas por cinco días.\n\
    P: Sí, doctora. Gracias.";

/// A PDF and a picture small enough to read here.
pub(super) const SCAN: &[u8] =
    b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n";
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0";

pub(super) async fn small_record(clinic: &Clinic) -> PatientId {
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let problem =
        SummaryChange::AddProblem { text: "hipertensión arterial".to_owned(), icd11: String::new() };
    clinic.care.change_summary(physician(clinic), patient, &problem).await.unwrap();
    patient
}

pub(super) async fn allergy(clinic: &Clinic, patient: PatientId, substance: &str) {
    let allergy = AllergyIntolerance {
        substance: substance.to_owned(),
        reaction_kind: ReactionKind::Anaphylaxis,
        reaction: Some("hinchazón de la cara".to_owned()),
    };
    clinic
        .care
        .change_summary(physician(clinic), patient, &SummaryChange::AddAllergy(allergy))
        .await
        .unwrap();
}

/// Two joined records with notes, receta, addendum, results that were corrected, files, consents and a representative.
pub(super) async fn full_record(clinic: &Clinic) -> PatientId {
    let patient = small_record(clinic).await;
    let care = &clinic.care;
    allergy(clinic, patient, "penicilina").await;
    let taken = SummaryChange::AddMedication {
        medicine: "losartán".to_owned(),
        taken: "50 mg cada 24 horas".to_owned(),
    };
    care.change_summary(physician(clinic), patient, &taken).await.unwrap();
    let open = care.chart(physician(clinic), patient, 0).await.unwrap().summary.medications[0].id;
    care.change_summary(physician(clinic), patient, &SummaryChange::CloseMedication(open)).await.unwrap();
    let done = DoneForm {
        act: "mammography".to_owned(),
        on: "01/03/2026".to_owned(),
        place: "Hospital general".to_owned(),
    };
    care.note_done(physician(clinic), patient, &done).await.unwrap();
    let note = signed_note(clinic, patient).await;
    care.add_addendum(physician(clinic), note, "Faltó anotar", "Camina con bastón.", PASSWORD.to_owned())
        .await
        .unwrap();
    results(clinic, patient).await;
    files(clinic, patient).await;
    care.publish_notice(
        physician(clinic),
        &"Aviso de privacidad de prueba, para pacientes inventados. ".repeat(12),
    )
    .await
    .unwrap();
    let consent = ConsentForm {
        purpose: "privacy_notice".to_owned(),
        given: true,
        means: "paper".to_owned(),
        version: 1,
        ..ConsentForm::default()
    };
    care.record_consent(physician(clinic), patient, &consent).await.unwrap();
    let representative = RepresentativeForm {
        given: "Elías".to_owned(),
        first_surname: "Ahuehuete".to_owned(),
        capacity: "relative".to_owned(),
        identity_document: "INE 1234567890123".to_owned(),
        ..RepresentativeForm::default()
    };
    care.add_representative(physician(clinic), patient, &representative).await.unwrap();
    // Another record turns out to be hers.
    let other = clinic.patient("Jacinta", "Ahuehuete").await;
    signed_note(clinic, other).await;
    care.merge_records(physician(clinic), patient, other, "Es la misma persona").await.unwrap();
    patient
}

async fn results(clinic: &Clinic, patient: PatientId) {
    let row = |analyte: &str, value: &str| RowForm {
        analyte: analyte.to_owned(),
        value: value.to_owned(),
        unit: "mg/dL".to_owned(),
        range: "70 - 100".to_owned(),
    };
    let form = ReportForm {
        day: "09/03/2026".to_owned(),
        time: "07:40".to_owned(),
        laboratory: "Laboratorio Central".to_owned(),
        panel: "Química sanguínea".to_owned(),
        rows: vec![row("Glucosa", "126"), row("Color", "amarillo")],
    };
    clinic.care.add_lab_report(physician(clinic), patient, &form).await.unwrap();
    let reports = clinic.care.lab_reports(physician(clinic), patient, 0).await.unwrap();
    let glucose = &reports.entries[0].results[0];
    clinic
        .care
        .correct_lab_result(
            physician(clinic),
            glucose.id,
            &row("Glucosa", "162"),
            "Estaban cambiados los dígitos",
        )
        .await
        .unwrap();
}

async fn files(clinic: &Clinic, patient: PatientId) {
    let form = |title: &str, name: &str, content: &[u8]| AttachmentForm {
        file_name: name.to_owned(),
        title: title.to_owned(),
        category: "imaging".to_owned(),
        studied_on: "01/03/2026".to_owned(),
        content: content.to_vec(),
    };
    let care = &clinic.care;
    care.attach_file(physician(clinic), patient, form("Radiografía de rodilla", "rx rodilla.pdf", SCAN))
        .await
        .unwrap();
    care.attach_file(physician(clinic), patient, form("Foto de la rodilla", "foto.png", PICTURE))
        .await
        .unwrap();
    let wrong =
        care.attach_file(physician(clinic), patient, form("De otra persona", "x.pdf", SCAN)).await.unwrap();
    care.withdraw_attachment(physician(clinic), wrong.id, "Era de otra persona").await.unwrap();
}

fn medicine(name: &str) -> ItemContent {
    let mut request = MedicationRequest::named(name, RequestAction::Start);
    request.presentation = Some("tabletas de 500 mg, caja con 20".to_owned());
    request.dose = Some(Dose::new(Amount::whole(500), DoseUnit::Milligram).unwrap());
    request.route = Some(Route::Oral);
    request.frequency = Some(Frequency::EveryHours(12));
    request.duration_days = Some(7);
    request.quantity = Some("1 caja".to_owned());
    ItemContent::MedicationRequest(request)
}

/// A consultation written, reviewed and signed as a physician would.
pub(super) async fn signed_note(clinic: &Clinic, patient: PatientId) -> clinical::ids::DocumentId {
    let (care, actor) = (&clinic.care, physician(clinic));
    let id = clinic.consultation(patient, TRANSCRIPT).await;
    let mut view = care.consultation(actor, id, NEV).await.unwrap();
    for item in view.draft.items.clone() {
        let action = match item.content {
            ItemContent::MedicationRequest(request) if request.is_prescribed() => {
                ReviewAction::Edit { item: item.id, content: medicine(&request.medicine) }
            }
            _ if item.review == Review::Pending => ReviewAction::Accept(item.id),
            _ => continue,
        };
        view = care.review(actor, id, NEV, view.version, &action).await.unwrap();
    }
    for section in [SectionId::EVOLUTION, SectionId::DIAGNOSES, SectionId::PROGNOSIS, SectionId::TREATMENT] {
        if view.draft.section(&section).next().is_none() {
            let content = ItemContent::Statement { text: "Escrito por la médica.".to_owned() };
            let action = ReviewAction::Add { section, content };
            view = care.review(actor, id, NEV, view.version, &action).await.unwrap();
        }
    }
    loop {
        let Some(alert) = view.safety.undecided().next().cloned() else { break };
        let decide = ReviewAction::DecideAlert(view.safety.answer(
            &alert,
            OverrideReason::BenefitOutweighsRisk,
            "Curso corto con vigilancia.",
            None,
        ));
        view = care.review(actor, id, NEV, view.version, &decide).await.unwrap();
    }
    assert_eq!(view.obstacles(), Vec::<String>::new());
    care.sign(actor, id, NEV, view.version, PASSWORD.to_owned()).await.unwrap().note
}
