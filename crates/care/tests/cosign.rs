//! A trainee's note on its way to the supervising physician, on both engines: sent, changed, returned, signed.

use care::consultation::Consultation;
use care::cosign::Stage;
use care::review::ReviewAction;
use care::{Actor, CareError, Role};
use clinical::document::DocumentKind;
use clinical::draft::{ItemContent, SectionId};
use clinical::ids::EncounterId;
use clinical::medication::{Dose, DoseUnit, Frequency, MedicationRequest, RequestAction, Route};
use test_support::{Clinic, PASSWORD, engines};

const NEV: DocumentKind = DocumentKind::PROGRESS_NOTE;

async fn add(clinic: &Clinic, by: &Actor, id: EncounterId, section: SectionId, text: &str) -> Consultation {
    let view = clinic.care.consultation(by, id, NEV).await.unwrap();
    let content = ItemContent::Statement { text: text.to_owned() };
    let action = ReviewAction::Add { section, content };
    clinic.care.review(by, id, NEV, view.version, &action).await.unwrap()
}

/// A note of the trainee with everything the norm wants.
async fn written(clinic: &Clinic) -> (EncounterId, i64) {
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let id = clinic.care.start_visit(&clinic.trainee, patient, "Tos").await.unwrap();
    let mut version = 0;
    for section in [SectionId::EVOLUTION, SectionId::DIAGNOSES, SectionId::PROGNOSIS, SectionId::TREATMENT] {
        version = add(clinic, &clinic.trainee, id, section, "Escrito en formación.").await.version;
    }
    (id, version)
}

async fn send(clinic: &Clinic, id: EncounterId, version: i64) -> Result<(), CareError> {
    let supervisor = clinic.physician.practitioner_id;
    let password = PASSWORD.to_owned();
    clinic.care.send_for_signature(&clinic.trainee, id, NEV, version, supervisor, password).await
}

async fn sign(clinic: &Clinic, id: EncounterId, version: i64) -> Result<care::signing::Signed, CareError> {
    clinic.care.sign(&clinic.physician, id, NEV, version, PASSWORD.to_owned()).await
}

async fn waiting(clinic: &Clinic) -> usize {
    clinic.care.today(&clinic.physician).await.unwrap().to_endorse.len()
}

#[tokio::test]
async fn what_a_trainee_sends_is_signed_by_the_supervisor_and_names_both() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let (id, version) = written(&clinic).await;
        let alone = clinic.care.sign(&clinic.trainee, id, NEV, version, PASSWORD.to_owned()).await;
        assert!(matches!(alone, Err(CareError::Denied { .. })), "{alone:?}");
        let early = sign(&clinic, id, version).await;
        assert!(matches!(early, Err(CareError::Denied { .. })), "not sent yet: {early:?}");
        assert_eq!(waiting(&clinic).await, 0);

        send(&clinic, id, version).await.unwrap();
        assert_eq!(waiting(&clinic).await, 1);
        let signed = sign(&clinic, id, version).await.unwrap();
        assert_eq!(waiting(&clinic).await, 0);

        let note = clinic.care.document(&clinic.physician, signed.note).await.unwrap();
        let supervision = note.content.supervision.clone().unwrap();
        assert_eq!(note.content.author.full_name(), "Emiliano Sauce Prado");
        assert_eq!(supervision.physician.full_name(), "Dra. Inés Prueba Ceiba");
        assert_eq!(supervision.changed, Vec::<String>::new());
        assert_eq!(note.document.signed_by, clinic.physician.user_id);
        let print = clinic.care.print(&clinic.trainee, signed.note, false, "").await.unwrap();
        let pdf = clinic.care.printed(&clinic.trainee, signed.note, print).await.unwrap();
        assert!(pdf.bytes.starts_with(b"%PDF-"));
        let report = storage::verify::verify(clinic.care.database(), clinic.care.blobs()).await.unwrap();
        assert!(report.is_sound(), "{:?}", report.findings);
    }
}

#[tokio::test]
async fn a_change_after_the_sending_needs_it_sent_again_unless_the_supervisor_made_it() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let (id, version) = written(&clinic).await;
        send(&clinic, id, version).await.unwrap();
        let changed = add(&clinic, &clinic.nurse, id, SectionId::EVOLUTION, "Peso referido: 71 kg.").await;
        assert_eq!(changed.sending.unwrap().stage, Stage::Outdated);
        assert_eq!(waiting(&clinic).await, 0);
        let refused = sign(&clinic, id, changed.version).await;
        assert!(matches!(refused, Err(CareError::Conflict { .. })), "{refused:?}");

        send(&clinic, id, changed.version).await.unwrap();
        let revised = add(&clinic, &clinic.physician, id, SectionId::PROGNOSIS, "Bueno para la vida.").await;
        let sending = revised.sending.unwrap();
        assert_eq!((sending.stage, sending.changed), (Stage::Waiting, vec!["Pronóstico".to_owned()]));
        assert_eq!(waiting(&clinic).await, 1);
        let older = sign(&clinic, id, changed.version).await;
        assert!(matches!(older, Err(CareError::Conflict { .. })), "{older:?}");
        let signed = sign(&clinic, id, revised.version).await.unwrap();
        let content = clinic.care.document(&clinic.physician, signed.note).await.unwrap().content;
        assert_eq!(content.supervision.unwrap().changed, ["Pronóstico"]);
    }
}

#[tokio::test]
async fn what_is_returned_comes_back_with_its_comment_and_waits_for_the_trainee() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let (id, version) = written(&clinic).await;
        send(&clinic, id, version).await.unwrap();
        let silent = clinic.care.return_to_author(&clinic.physician, id, NEV, "  ").await;
        assert!(matches!(silent, Err(CareError::Invalid(_))), "{silent:?}");
        let nurse = clinic.care.return_to_author(&clinic.nurse, id, NEV, "No").await;
        assert!(matches!(nurse, Err(CareError::Denied { .. })), "{nurse:?}");
        clinic.care.return_to_author(&clinic.physician, id, NEV, "Falta la saturación.").await.unwrap();

        assert_eq!(waiting(&clinic).await, 0);
        let refused = sign(&clinic, id, version).await;
        assert!(matches!(refused, Err(CareError::Conflict { .. })), "{refused:?}");
        let view = clinic.care.consultation(&clinic.trainee, id, NEV).await.unwrap();
        let Stage::Returned { comment, .. } = view.sending.unwrap().stage else { panic!("not returned") };
        assert_eq!(comment, "Falta la saturación.");
        let own = clinic.care.today(&clinic.trainee).await.unwrap().open;
        assert!(own[0].trainee && own[0].sending.is_some());

        let corrected = add(&clinic, &clinic.trainee, id, SectionId::EVOLUTION, "Saturación de 97 %.").await;
        send(&clinic, id, corrected.version).await.unwrap();
        sign(&clinic, id, corrected.version).await.unwrap();
    }
}

#[tokio::test]
async fn only_what_is_complete_is_sent_and_only_to_a_physician() {
    let clinic = Clinic::on(test_support::Engine::Embedded).await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let id = clinic.care.start_visit(&clinic.trainee, patient, "Tos").await.unwrap();
    let empty = send(&clinic, id, 0).await;
    let Err(CareError::Invalid(open)) = empty else { panic!("{empty:?}") };
    assert!(open.iter().any(|point| point.message.contains("pronóstico")), "{open:?}");
    assert!(!open.iter().any(|point| point.message.contains("cédula")), "of the supervisor: {open:?}");

    let (id, version) = written(&clinic).await;
    let to = async |supervisor| {
        let password = PASSWORD.to_owned();
        clinic.care.send_for_signature(&clinic.trainee, id, NEV, version, supervisor, password).await
    };
    for other in [None, clinic.trainee.practitioner_id, clinic.nurse.practitioner_id] {
        let refused = to(other).await;
        assert!(matches!(refused, Err(CareError::Invalid(_))), "{refused:?}");
    }
    let wrong = clinic.physician.practitioner_id;
    let wrong = clinic.care.send_for_signature(&clinic.trainee, id, NEV, version, wrong, "otra".into()).await;
    assert!(matches!(wrong, Err(CareError::WrongPassword)), "{wrong:?}");
    let physician =
        clinic.care.send_for_signature(&clinic.physician, id, NEV, version, None, PASSWORD.into()).await;
    assert!(matches!(physician, Err(CareError::Denied { .. })), "{physician:?}");
}

#[tokio::test]
async fn the_receta_of_a_supervised_note_is_of_the_physician_who_signs() {
    let clinic = Clinic::on(test_support::Engine::Embedded).await;
    let (id, _) = written(&clinic).await;
    let mut request = MedicationRequest::named("paracetamol", RequestAction::Start);
    request.presentation = Some("tabletas de 500 mg, caja con 20".to_owned());
    request.dose = Some(Dose::new(clinical::observation::Amount::whole(500), DoseUnit::Milligram).unwrap());
    request.route = Some(Route::Oral);
    request.frequency = Some(Frequency::EveryHours(8));
    request.duration_days = Some(5);
    request.quantity = Some("1 caja".to_owned());
    let view = clinic.care.consultation(&clinic.trainee, id, NEV).await.unwrap();
    let content = ItemContent::MedicationRequest(request);
    let action = ReviewAction::Add { section: SectionId::TREATMENT, content };
    let view = clinic.care.review(&clinic.trainee, id, NEV, view.version, &action).await.unwrap();
    send(&clinic, id, view.version).await.unwrap();
    let signed = sign(&clinic, id, view.version).await.unwrap();
    let receta = clinic.care.document(&clinic.physician, signed.prescription.unwrap()).await.unwrap().content;
    assert_eq!(receta.author.full_name(), "Dra. Inés Prueba Ceiba");
    assert!(receta.supervision.is_none());
}

#[tokio::test]
async fn nobody_is_a_trainee_and_signs_as_a_physician() {
    let clinic = Clinic::on(test_support::Engine::Embedded).await;
    let account = |username: &str| care::setup::AccountForm {
        username: username.to_owned(),
        password: PASSWORD.to_owned(),
        password_again: PASSWORD.to_owned(),
        display_name: String::new(),
        provisional: false,
    };
    let form = |trainee: &str| care::setup::PractitionerForm {
        given: "Otilia".to_owned(),
        first_surname: "Prueba".to_owned(),
        license: "7654321".to_owned(),
        degree_institution: "Facultad Inventada".to_owned(),
        trainee: trainee.to_owned(),
        ..care::setup::PractitionerForm::default()
    };
    for (roles, trainee) in [
        (vec![Role::Trainee, Role::Physician], "resident"),
        (vec![Role::Trainee, Role::Nurse], "intern"),
        (vec![Role::Physician], "resident"),
        (vec![Role::Trainee], ""),
        (vec![Role::Trainee], "nada"),
    ] {
        let refused =
            clinic.care.add_user(&clinic.physician, &account("otilia"), &roles, Some(&form(trainee))).await;
        assert!(matches!(refused, Err(CareError::Invalid(_))), "{roles:?} {trainee}: {refused:?}");
    }
    let roles = [Role::Trainee];
    clinic
        .care
        .add_user(&clinic.physician, &account("otilia"), &roles, Some(&form("social_service")))
        .await
        .unwrap();
}
