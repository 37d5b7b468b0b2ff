//! Prints, deliveries, keeping and ARCO requests through the services, on both engines.

use care::arco::{ArcoForm, StepForm};
use care::attachments::AttachmentForm;
use care::audit::AuditFilter;
use care::consents::ConsentForm;
use care::deliveries::DeliveryForm;
use care::documents::PRINT_MINUTES;
use care::groups::GroupChange;
use care::review::ReviewAction;
use care::transfer::ExportForm;
use care::{Actor, CareError};
use clinical::arco::ArcoState;
use clinical::attachment::AttachmentCategory;
use clinical::audit::AuditAction;
use clinical::consent::ConsentPurpose;
use clinical::delivery::Recipient;
use clinical::document::DocumentKind;
use clinical::draft::{ItemContent, SectionId};
use clinical::ids::{ArcoId, AttachmentId, DocumentId, PatientId};
use clinical::print::PrintedAs;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use test_support::{Clinic, Engine, PASSWORD, engines};

const NEV: DocumentKind = DocumentKind::PROGRESS_NOTE;

async fn on_each_engine<F: AsyncFn(Clinic)>(test: F) {
    for engine in engines() {
        test(Clinic::on(engine).await).await;
    }
}

/// A signed note about an act at a moment; now when there is none.
async fn signed(clinic: &Clinic, patient: PatientId, act: Option<&str>) -> DocumentId {
    let (care, who) = (&clinic.care, &clinic.physician);
    let act: Option<Timestamp> = act.map(|text| text.parse().unwrap());
    let id = care.start_document(who, patient, NEV, act).await.unwrap();
    let mut view = care.consultation(who, id, NEV).await.unwrap();
    for section in [SectionId::EVOLUTION, SectionId::DIAGNOSES, SectionId::PROGNOSIS, SectionId::TREATMENT] {
        let content = ItemContent::Statement { text: "Escrito por la médica.".to_owned() };
        let action = ReviewAction::Add { section, content };
        view = care.review(who, id, NEV, view.version, &action).await.unwrap();
    }
    let value = clinical::observation::Amount::whole(70);
    let sign = clinical::observation::VitalSign::new(clinical::observation::VitalKind::HeartRate, value);
    let content = ItemContent::VitalSign(sign.unwrap());
    let action = ReviewAction::Add { section: SectionId::VITAL_SIGNS, content };
    view = care.review(who, id, NEV, view.version, &action).await.unwrap();
    care.sign(who, id, NEV, view.version, PASSWORD.to_owned()).await.unwrap().note
}

async fn request_file(clinic: &Clinic, patient: PatientId) -> AttachmentId {
    let form = AttachmentForm {
        file_name: "solicitud.pdf".to_owned(),
        category: AttachmentCategory::Request.code().to_owned(),
        content: b"%PDF-1.4\n%%EOF".to_vec(),
        ..AttachmentForm::default()
    };
    clinic.care.attach_file(&clinic.physician, patient, form).await.unwrap().id
}

fn messages<T: std::fmt::Debug>(result: Result<T, CareError>) -> String {
    match result {
        Err(CareError::Invalid(errors)) => {
            errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("\n")
        }
        other => panic!("not refused as invalid: {other:?}"),
    }
}

#[tokio::test]
async fn the_second_copy_is_marked_and_the_signed_file_never_changes() {
    on_each_engine(async |clinic| {
        let (care, who) = (&clinic.care, &clinic.physician);
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let note = signed(&clinic, patient, None).await;
        let digest = care.document(who, note).await.unwrap().document.pdf_digest;
        let is_signed_file = |bytes: &[u8]| storage::sha256(bytes) == digest;

        let first = care.print(who, note, false, "").await.unwrap();
        assert!(is_signed_file(&care.printed(who, note, first).await.unwrap().bytes));
        let second = care.print(&clinic.nurse, note, false, "La perdió").await.unwrap();
        let copy = care.printed(&clinic.nurse, note, second).await.unwrap();
        assert!(!is_signed_file(&copy.bytes) && copy.file_name.contains("reimpresion-1"));
        assert_eq!(copy, care.printed(&clinic.nurse, note, second).await.unwrap(), "the same copy twice");
        let file = care.print(who, note, true, "").await.unwrap();
        assert!(is_signed_file(&care.printed(who, note, file).await.unwrap().bytes));

        let prints = care.document(who, note).await.unwrap().prints;
        let kinds: Vec<PrintedAs> = prints.iter().map(|print| print.printed_as).collect();
        assert_eq!(kinds, [PrintedAs::SignedFile, PrintedAs::Reprint(1), PrintedAs::Original]);
        assert_eq!(prints[1].reason.as_deref(), Some("La perdió"));

        let of_another = care.printed(who, note, second).await;
        assert!(matches!(of_another, Err(CareError::NotFound { .. })), "{of_another:?}");
        clinic.clock.set(care.now() + SignedDuration::from_mins(PRINT_MINUTES + 1));
        let late = care.printed(who, note, first).await;
        assert!(matches!(late, Err(CareError::Finished { .. })), "{late:?}");
        let denied = care.print(&clinic.reception, note, false, "").await;
        assert!(matches!(denied, Err(CareError::Denied { .. })), "{denied:?}");
        let filter = AuditFilter { entity: Some("document_print".to_owned()), ..AuditFilter::default() };
        assert_eq!(care.audit_events(who, &filter, 0).await.unwrap().total, 3);
    })
    .await;
}

fn to(recipient: Recipient) -> DeliveryForm {
    DeliveryForm {
        recipient: recipient.code().to_owned(),
        requested_by: "Jacinta Ahuehuete, titular".to_owned(),
        reason: "Segunda opinión".to_owned(),
        requested_on: "09/03/2026".to_owned(),
        received_by: "Persona Inventada".to_owned(),
        identification: "Credencial 000".to_owned(),
        means: "paper".to_owned(),
        ..DeliveryForm::default()
    }
}

#[tokio::test]
async fn nothing_is_given_without_the_paper_its_ground_asks_for() {
    on_each_engine(async |clinic| {
        let (care, who) = (&clinic.care, &clinic.physician);
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let note = signed(&clinic, patient, None).await;
        let with_note = |form: DeliveryForm| DeliveryForm { documents: vec![note.to_string()], ..form };

        let refused = messages(care.deliver(who, patient, &with_note(to(Recipient::Patient))).await);
        assert!(refused.contains("NOM-004-SSA3-2012, numeral 5.6"), "{refused}");
        let refused = messages(care.deliver(who, patient, &with_note(to(Recipient::Insurer))).await);
        assert!(refused.contains("numeral 5.5.1"), "{refused}");
        let refused = messages(care.deliver(who, patient, &with_note(to(Recipient::Authority))).await);
        assert!(refused.contains("orden de la autoridad"), "{refused}");

        let other = clinic.patient("Eulalia", "Mezquite").await;
        let foreign = request_file(&clinic, other).await.to_string();
        let form = DeliveryForm { request: foreign, ..with_note(to(Recipient::Patient)) };
        assert!(messages(care.deliver(who, patient, &form).await).contains("solicitud por escrito"));
        let request = request_file(&clinic, patient).await.to_string();
        let form = DeliveryForm { request, ..with_note(to(Recipient::Patient)) };
        let nothing = DeliveryForm { documents: Vec::new(), ..form.clone() };
        assert!(messages(care.deliver(who, patient, &nothing).await).contains("Marque los documentos"));
        let early = DeliveryForm { on: "08/03/2026".to_owned(), ..form.clone() };
        assert!(messages(care.deliver(who, patient, &early).await).contains("posterior a la entrega"));
        let denied = care.deliver(&clinic.nurse, patient, &form).await;
        assert!(matches!(denied, Err(CareError::Denied { .. })), "{denied:?}");

        let given = care.deliver(who, patient, &form).await.unwrap();
        let notice = DeliveryForm {
            recipient: Recipient::HealthAuthority.code().to_owned(),
            duty: "Caso sospechoso, formato 1".to_owned(),
            received_by: "Jurisdicción sanitaria".to_owned(),
            other: "Formato de notificación".to_owned(),
            means: "sent".to_owned(),
            ..DeliveryForm::default()
        };
        care.deliver(who, patient, &notice).await.unwrap();
        let file = care.deliveries(who, patient).await.unwrap();
        assert_eq!(file.deliveries.iter().map(|one| one.number).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(file.deliveries[1].content.documents[0].id, note);
        care.void_delivery(who, given, "Era otra persona").await.unwrap();
        let again = care.void_delivery(who, given, "Otra vez").await;
        assert!(matches!(again, Err(CareError::Finished { .. })), "{again:?}");
        assert!(care.deliveries(who, patient).await.unwrap().deliveries[1].voided.is_some());
        for pdf in [care.delivery_receipt(who, given).await, care.delivery_log(who, patient).await] {
            assert!(pdf.unwrap().bytes.starts_with(b"%PDF-"));
        }
    })
    .await;
}

#[tokio::test]
async fn a_copy_of_the_whole_record_is_told_among_the_deliveries_and_is_none() {
    on_each_engine(async |clinic| {
        let (care, who) = (&clinic.care, &clinic.physician);
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let other = clinic.patient("Abundio", "Colorín").await;
        let form = |format: &str, reason: &str| ExportForm {
            format: format.to_owned(),
            reason: reason.to_owned(),
            password: PASSWORD.to_owned(),
            ..ExportForm::default()
        };
        care.export_record(who, patient, &form("pdf", "a petición: de la paciente")).await.unwrap();
        care.export_record_by_program(patient, &form("zip", "traslado")).await.unwrap();
        care.export_record(who, other, &form("fhir", "otro")).await.unwrap();
        let sealed = ExportForm {
            passphrase: "cuatro palabras al azar".to_owned(),
            passphrase_again: "cuatro palabras al azar".to_owned(),
            ..form("zip", "respaldo")
        };
        care.export_record(who, patient, &sealed).await.unwrap();
        assert!(care.export_record(who, patient, &form("pdf", "")).await.is_err(), "no reason, no copy");

        // A nurse reads the record and its deliveries, not the bitácora.
        let file = care.deliveries(&clinic.nurse, patient).await.unwrap();
        let told: Vec<_> =
            file.exports.iter().map(|line| (line.what.as_str(), line.reason.as_str())).collect();
        let expected = [
            ("Paquete completo (ZIP), cifrado", "respaldo"),
            ("Paquete completo (ZIP)", "traslado"),
            ("Libro (PDF)", "a petición: de la paciente"),
        ];
        assert_eq!(told, expected);
        assert_eq!(file.exports[1].by_name, "El programa");
        assert_eq!(file.exports[2].by_name, who.display_name);
        assert!(file.exports.iter().all(|line| line.at == care.now()));
        assert!(file.deliveries.is_empty(), "an export is no delivery: nobody received it yet");
        assert!(care.delivery_log(who, patient).await.unwrap().bytes.starts_with(b"%PDF-"));
    })
    .await;
}

#[tokio::test]
async fn the_clock_runs_from_the_last_act_and_deletion_before_it_is_refused() {
    on_each_engine(async |clinic| {
        let (care, who) = (&clinic.care, &clinic.physician);
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let refused = care.ask_deletion(who, patient).await.unwrap();
        assert!(refused.contains("no tiene un acto médico firmado"), "{refused}");
        signed(&clinic, patient, Some("2021-03-10T05:30:00Z")).await;
        let clock = care.retention(who, patient).await.unwrap().clock;
        assert_eq!(clock.last_act, Some(date(2021, 3, 9)), "the local day of the act, not of the signature");
        assert_eq!(clock.keeps_until(), Some(date(2026, 3, 9)));
        assert_eq!(care.practice_retention(who, 0).await.unwrap().total, 1);
        assert!(care.ask_deletion(who, patient).await.unwrap().contains("no suprime expedientes"));

        care.hold_record(who, patient, "Queja 12", "").await.unwrap();
        assert!(care.ask_deletion(who, patient).await.unwrap().contains("retención legal"));
        let practice = care.practice_retention(who, 0).await.unwrap();
        assert_eq!((practice.total, practice.holds.len()), (0, 1));
        care.lift_hold(who, practice.holds[0].0.id, "Se resolvió").await.unwrap();
        assert_eq!(care.practice_retention(who, 0).await.unwrap().total, 1);

        let fewer = messages(care.set_retention_years(who, "4").await);
        assert!(fewer.contains("numeral 5.4"), "{fewer}");
        care.set_retention_years(who, "6").await.unwrap();
        assert_eq!(care.practice_retention(who, 0).await.unwrap().total, 0);
        let refused = care.ask_deletion(who, patient).await.unwrap();
        let expected = "No se puede suprimir: el expediente se conserva al menos 6 años desde el último acto médico, que fue el 9 de marzo de 2021 (NOM-004-SSA3-2012, numeral 5.4). Podrá revisarse a partir del 10 de marzo de 2027";
        assert_eq!(refused, expected);
        let filter = AuditFilter {
            entity: Some("deletion".to_owned()),
            action: Some(AuditAction::Denied),
            ..AuditFilter::default()
        };
        assert_eq!(care.audit_events(who, &filter, 0).await.unwrap().total, 4);
        let denied = care.retention(&clinic.reception, patient).await;
        assert!(matches!(denied, Err(CareError::Denied { .. })), "{denied:?}");
    })
    .await;
}

#[tokio::test]
async fn an_archived_record_comes_back_with_a_new_visit() {
    on_each_engine(async |clinic| {
        let (care, who) = (&clinic.care, &clinic.physician);
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        care.archive_record(who, patient, "Sin consultas desde hace años").await.unwrap();
        assert_eq!(care.search_patients(who, "", 0).await.unwrap().total, 0);
        assert_eq!(care.search_patients(who, "Ahuehuete", 0).await.unwrap().total, 1);
        let again = care.archive_record(who, patient, "Otra vez").await;
        assert!(matches!(again, Err(CareError::Conflict { .. })), "{again:?}");
        care.start_visit(who, patient, "Consulta").await.unwrap();
        assert_eq!(care.search_patients(who, "", 0).await.unwrap().total, 1);
        let moves = care.retention(who, patient).await.unwrap().moves;
        assert_eq!(moves.iter().map(|one| one.archived).collect::<Vec<_>>(), [false, true]);
        assert_eq!(moves[0].reason, "Nueva visita");
    })
    .await;
}

async fn ask(clinic: &Clinic, right: &str, patient: PatientId) -> ArcoId {
    let record = clinic.care.patient(&clinic.reception, patient).await.unwrap().record_number;
    let form = ArcoForm {
        right: right.to_owned(),
        holder: "Jacinta Ahuehuete Roble".to_owned(),
        record,
        identity: "Credencial 000".to_owned(),
        reply_to: "Calle Inventada 5, Puebla".to_owned(),
        description: "Lo que dice el escrito".to_owned(),
        ..ArcoForm::default()
    };
    clinic.care.receive_arco(&clinic.reception, &form).await.unwrap()
}

async fn step(clinic: &Clinic, actor: &Actor, id: ArcoId, form: StepForm) -> Result<(), CareError> {
    let seen = clinic.care.arco(actor, id).await?.steps.len();
    clinic.care.step_arco(actor, id, &StepForm { seen, ..form }).await
}

fn answer(outcome: &str, ground: &str) -> StepForm {
    StepForm {
        step: "responder".to_owned(),
        outcome: outcome.to_owned(),
        ground: ground.to_owned(),
        text: "La respuesta.".to_owned(),
        ..StepForm::default()
    }
}

fn carry_out(done: &str) -> StepForm {
    StepForm { step: "efectivo".to_owned(), done: done.to_owned(), ..StepForm::default() }
}

#[tokio::test]
async fn a_cancellation_before_its_date_is_refused_with_the_numeral_and_the_date() {
    on_each_engine(async |clinic| {
        let (care, who) = (&clinic.care, &clinic.physician);
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        signed(&clinic, patient, None).await;
        let id = ask(&clinic, "cancellation", patient).await;
        let refused = messages(step(&clinic, who, id, answer("granted", "")).await);
        assert!(refused.contains("numeral 5.4") && refused.contains("11 de marzo de 2031"), "{refused}");
        let without = messages(step(&clinic, who, id, answer("refused", "")).await);
        assert!(without.contains("artículo 33"), "{without}");
        step(&clinic, who, id, answer("refused", "conservation")).await.unwrap();
        let view = care.arco(who, id).await.unwrap();
        assert_eq!((view.progress.state, view.due), (ArcoState::Refused, None));
        assert!(care.arco_answer(who, id).await.unwrap().bytes.starts_with(b"%PDF-"));
        let read = care.arco(&clinic.reception, id).await.unwrap();
        assert!(!format!("{:?}", read.steps).contains("La respuesta."), "reception reads the answer");
        let printed = care.arco_answer(&clinic.reception, id).await;
        assert!(matches!(printed, Err(CareError::Denied { .. })), "{printed:?}");
    })
    .await;
}

#[tokio::test]
async fn terms_are_followed_by_reception_and_decided_by_a_physician() {
    on_each_engine(async |clinic| {
        let (care, who, reception) = (&clinic.care, &clinic.physician, &clinic.reception);
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let id = ask(&clinic, "access", patient).await;
        assert!(care.arco_acknowledgement(reception, id).await.unwrap().bytes.starts_with(b"%PDF-"));
        assert_eq!(care.arco(reception, id).await.unwrap().answer_due, date(2026, 4, 8));
        care.mark_day(who, "02/04/2026", false, "Jueves Santo").await.unwrap();
        assert_eq!(care.arco(reception, id).await.unwrap().answer_due, date(2026, 4, 9));
        let denied = step(&clinic, reception, id, answer("granted", "")).await;
        assert!(matches!(denied, Err(CareError::Denied { .. })), "{denied:?}");

        let longer =
            || StepForm { step: "ampliar".to_owned(), reason: "Papel".to_owned(), ..StepForm::default() };
        step(&clinic, reception, id, longer()).await.unwrap();
        assert!(messages(step(&clinic, reception, id, longer()).await).contains("una vez"));
        let stale = care.step_arco(reception, id, &StepForm { seen: 0, ..longer() }).await;
        assert!(matches!(stale, Err(CareError::Conflict { .. })), "{stale:?}");

        assert!(
            messages(step(&clinic, who, id, carry_out("")).await).contains("Registre primero la entrega")
        );
        step(&clinic, who, id, answer("granted", "")).await.unwrap();
        let note = signed(&clinic, patient, None).await;
        let request = request_file(&clinic, patient).await.to_string();
        let documents = vec![note.to_string()];
        let form = DeliveryForm { request, documents, ..to(Recipient::Patient) };
        let delivery = care.deliver(who, patient, &form).await.unwrap();
        step(&clinic, who, id, carry_out(&delivery.to_string())).await.unwrap();
        assert_eq!(care.arco(who, id).await.unwrap().progress.state, ArcoState::Executed);
        clinic.clock.set(care.now() + SignedDuration::from_hours(24 * 60));
        ask(&clinic, "access", patient).await;
        let (lines, _) = care.arco_requests(reception).await.unwrap();
        assert_eq!(lines.iter().map(|line| line.due.is_some()).collect::<Vec<_>>(), [true, false]);
    })
    .await;
}

#[tokio::test]
async fn a_rectification_is_an_addendum_and_the_signed_document_stays() {
    on_each_engine(async |clinic| {
        let (care, who) = (&clinic.care, &clinic.physician);
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let note = signed(&clinic, patient, None).await;
        let before = care.document(who, note).await.unwrap().document;
        let id = ask(&clinic, "rectification", patient).await;
        step(&clinic, who, id, answer("partial", "signed")).await.unwrap();
        assert!(messages(step(&clinic, who, id, carry_out("identidad")).await).contains("no han cambiado"));
        assert!(
            messages(step(&clinic, who, id, carry_out(&note.to_string())).await).contains("nota aclaratoria")
        );
        let password = PASSWORD.to_owned();
        let addendum = care.add_addendum(who, note, "Dato", "Tomaba otra dosis.", password).await.unwrap();
        step(&clinic, who, id, carry_out(&addendum.to_string())).await.unwrap();
        assert_eq!(care.document(who, note).await.unwrap().document, before);
    })
    .await;
}

#[tokio::test]
async fn a_revocation_that_is_carried_out_withdraws_the_consent() {
    on_each_engine(async |clinic| {
        let (care, who) = (&clinic.care, &clinic.physician);
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let version = care.publish_notice(who, &"Aviso de privacidad de prueba. ".repeat(20)).await.unwrap();
        let form = ConsentForm {
            purpose: ConsentPurpose::Messaging.code().to_owned(),
            given: true,
            means: "paper".to_owned(),
            version,
            ..ConsentForm::default()
        };
        care.record_consent(&clinic.reception, patient, &form).await.unwrap();
        let id = ask(&clinic, "revocation", patient).await;
        assert_eq!(care.consents(&clinic.reception, patient).await.unwrap().open_requests, 1);
        step(&clinic, who, id, answer("granted", "")).await.unwrap();
        assert!(messages(step(&clinic, who, id, carry_out("")).await).contains("Marque las finalidades"));
        let purposes = vec![ConsentPurpose::Messaging.code().to_owned()];
        step(&clinic, who, id, StepForm { purposes, ..carry_out("") }).await.unwrap();
        let file = care.consents(&clinic.reception, patient).await.unwrap();
        let (newest, _) = &file.answers[0];
        assert!(newest.purpose == ConsentPurpose::Messaging && !newest.given);
        assert_eq!(file.open_requests, 0);
    })
    .await;
}

#[tokio::test]
async fn a_record_whose_patient_asks_for_it_is_not_blocked() {
    on_each_engine(async |clinic| {
        let (care, who) = (&clinic.care, &clinic.physician);
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        signed(&clinic, patient, Some("2021-03-09T05:30:00Z")).await;
        ask(&clinic, "cancellation", patient).await;
        assert!(care.plan_block(who, patient, "Lo pide su titular").await.is_ok());
        ask(&clinic, "access", patient).await;
        let refused = messages(care.block_record(who, patient, "Plazo").await);
        assert!(refused.contains("una solicitud de derechos ARCO sin terminar"), "{refused}");
        assert!(care.chart(who, patient, 0).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_request_without_a_record_can_only_be_refused() {
    let clinic = Clinic::on(Engine::Embedded).await;
    let form = ArcoForm {
        right: "access".to_owned(),
        holder: "Persona Desconocida".to_owned(),
        represented: true,
        identity: "Credencial 000".to_owned(),
        reply_to: "Calle Inventada 5".to_owned(),
        description: "Copias".to_owned(),
        ..ArcoForm::default()
    };
    let missing = messages(clinic.care.receive_arco(&clinic.reception, &form).await);
    assert!(missing.contains("quién pide") && missing.contains("acredita"), "{missing}");
    let unknown = ArcoForm { represented: false, record: "999".to_owned(), ..form.clone() };
    assert!(
        messages(clinic.care.receive_arco(&clinic.reception, &unknown).await)
            .contains("No hay un expediente")
    );
    let form = ArcoForm { represented: false, ..form };
    let id = clinic.care.receive_arco(&clinic.reception, &form).await.unwrap();
    let refused = messages(step(&clinic, &clinic.physician, id, answer("granted", "")).await);
    assert!(refused.contains("Sin expediente"), "{refused}");
    step(&clinic, &clinic.physician, id, answer("refused", "no_data")).await.unwrap();
    let denied = clinic.care.arco(&clinic.nurse, id).await;
    assert!(matches!(denied, Err(CareError::Denied { .. })), "{denied:?}");
}

#[tokio::test]
async fn what_belongs_to_a_private_record_is_in_no_list_of_who_may_not_see_it() {
    on_each_engine(async |clinic| {
        let (care, who) = (&clinic.care, &clinic.physician);
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let number = care.patient(who, patient).await.unwrap().record_number;
        signed(&clinic, patient, Some("2020-03-10T16:00:00Z")).await;
        ask(&clinic, "access", patient).await;
        assert_eq!(care.practice_retention(who, 0).await.unwrap().total, 1);
        assert_eq!(care.arco_requests(&clinic.reception).await.unwrap().0.len(), 1);
        let nurse = Some(clinic.nurse.user_id);
        let group = care.add_group(who, "Privado", nurse).await.unwrap();
        care.change_group(who, group, &GroupChange::AddRecord(number)).await.unwrap();
        assert_eq!(care.practice_retention(who, 0).await.unwrap().total, 0);
        assert_eq!(care.arco_requests(&clinic.reception).await.unwrap().0.len(), 0);
    })
    .await;
}
