//! The receta from a physician's side: quantity, favourites, renewal, fracción I, cancellation, and the logo it carries.

use crate::filled::filled;
use care::accounts::AccountChange;
use care::completing::{Completed, Completing};
use care::consultation::Consultation;
use care::review::ReviewAction;
use care::setup::PractitionerForm;
use care::{CareError, Role};
use clinical::document::{DocumentBody, DocumentKind};
use clinical::draft::{ItemContent, Review, SectionId};
use clinical::ids::{DocumentId, EncounterId, PatientId};
use clinical::medication::{Dose, DoseUnit, Frequency, MedicationRequest, RequestAction, Route};
use clinical::observation::Amount;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use storage::AuditFilter;
use test_support::{Clinic, PASSWORD, actor, engines};

const NEV: DocumentKind = DocumentKind::PROGRESS_NOTE;

/// A complete line whose quantity nobody wrote.
fn line(name: &str) -> MedicationRequest {
    MedicationRequest {
        presentation: Some("tableta de 500 mg, caja con 10".to_owned()),
        dose: Some(Dose::new(Amount::whole(1), DoseUnit::Tablet).unwrap()),
        route: Some(Route::Oral),
        frequency: Some(Frequency::EveryHours(8)),
        duration_days: Some(5),
        ..MedicationRequest::named(name, RequestAction::Start)
    }
}

/// A visit with a note that lacks nothing, and these medicines in it.
async fn written(
    clinic: &Clinic,
    patient: PatientId,
    lines: &[MedicationRequest],
) -> (EncounterId, Consultation) {
    let (care, by) = (&clinic.care, &clinic.physician);
    let id = care.start_visit(by, patient, "Control").await.unwrap();
    let mut view = filled(clinic, by, id, nom004::definition(NEV)).await;
    for request in lines {
        let content = ItemContent::MedicationRequest(request.clone());
        let add = ReviewAction::Add { section: SectionId::TREATMENT, content };
        view = care.review(by, id, NEV, view.version, &add).await.unwrap();
    }
    (id, view)
}

async fn signed(clinic: &Clinic, patient: PatientId, lines: &[MedicationRequest]) -> Option<DocumentId> {
    let (id, view) = written(clinic, patient, lines).await;
    assert_eq!(view.obstacles(), Vec::<String>::new());
    let password = PASSWORD.to_owned();
    clinic.care.sign(&clinic.physician, id, NEV, view.version, password).await.unwrap().prescription
}

async fn receta(clinic: &Clinic, id: DocumentId) -> (Vec<MedicationRequest>, Vec<String>) {
    match clinic.care.document(&clinic.physician, id).await.unwrap().content.body {
        DocumentBody::Prescription { medication_requests, instructions, .. } => {
            (medication_requests, instructions)
        }
        other => panic!("not a receta: {other:?}"),
    }
}

#[tokio::test]
async fn the_quantity_is_computed_for_the_receta_and_stays_unsaid_in_the_note() {
    let clinic = Clinic::on(engines()[0]).await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let (id, view) = written(&clinic, patient, &[line("paracetamol")]).await;
    assert_eq!(view.draft.medication_requests().next().unwrap().quantity, None);
    let would = view.to_prescribe();
    assert_eq!(would[0].quantity.as_deref(), Some("2 cajas con 10 tabletas"));
    let password = PASSWORD.to_owned();
    let done = clinic.care.sign(&clinic.physician, id, NEV, view.version, password).await.unwrap();
    let (lines, _) = receta(&clinic, done.prescription.unwrap()).await;
    assert_eq!(lines[0].quantity.as_deref(), Some("2 cajas con 10 tabletas"));
}

/// The physician's account with a specialty and this certificate.
fn specialist(number: &str, until: &str) -> AccountChange {
    let professional = PractitionerForm {
        specialty: "Medicina familiar".to_owned(),
        specialty_license: "7654321".to_owned(),
        certificate: number.to_owned(),
        certificate_council: "Consejo Inventado de Medicina Familiar".to_owned(),
        certificate_until: until.to_owned(),
        ..test_support::setup_form().practitioner
    };
    AccountChange {
        display_name: "Dra. Inés".to_owned(),
        roles: vec![Role::Physician, Role::Administrator],
        active: true,
        professional: Some(professional),
    }
}

#[tokio::test]
async fn a_receta_names_the_certificate_of_the_specialty_while_it_is_in_force() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let (care, by) = (&clinic.care, &clinic.physician);
        let today = care.now().to_zoned_datetime(TimeZone::UTC).date();
        let printed = async |until: Date, surname: &str| {
            let change = specialist("MF-0471", &until.to_string());
            care.change_account(by, by.user_id, &change).await.unwrap();
            let patient = clinic.patient("Jacinta", surname).await;
            let id = signed(&clinic, patient, &[line("paracetamol")]).await.unwrap();
            let author = care.document(by, id).await.unwrap().content.author;
            author.specialty.unwrap().certificate.map(|certificate| (certificate.number, certificate.council))
        };
        let (number, council) = ("MF-0471".to_owned(), "Consejo Inventado de Medicina Familiar".to_owned());
        assert_eq!(printed(today + 30.days(), "Roble").await, Some((number, council)));
        assert_eq!(
            printed(today - 30.days(), "Fresno").await,
            None,
            "what is over is no certificado vigente"
        );
        let without_council = |change: AccountChange| {
            let form = change
                .professional
                .map(|form| PractitionerForm { certificate_council: String::new(), ..form });
            AccountChange { professional: form, ..change }
        };
        let refused =
            care.change_account(by, by.user_id, &without_council(specialist("1", "2031-01-01"))).await;
        let Err(CareError::Invalid(errors)) = refused else { panic!("a certificate of nobody: {refused:?}") };
        assert_eq!(errors.iter().map(|error| error.field).collect::<Vec<_>>(), ["consejo"]);
    }
}

#[tokio::test]
async fn a_medicine_of_fraccion_i_is_on_the_note_with_its_folio_and_never_on_the_receta() {
    let clinic = Clinic::on(engines()[0]).await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let (_, view) = written(&clinic, patient, &[line("morfina")]).await;
    let open = view.obstacles();
    assert!(open.iter().any(|one| one.contains("receta especial con código de barras")), "{open:?}");
    let mut morphine = line("morfina");
    morphine.dispensing.special_folio = Some("A-0001".to_owned());
    let id = signed(&clinic, patient, &[morphine.clone(), line("paracetamol")]).await.unwrap();
    let (lines, told) = receta(&clinic, id).await;
    assert_eq!(lines.iter().map(|one| one.medicine.as_str()).collect::<Vec<_>>(), ["paracetamol"]);
    assert!(told.iter().any(|one| one.contains("Morfina se surte con la receta especial, folio A-0001")));
    assert_eq!(signed(&clinic, patient, &[morphine]).await, None, "a receta was made of fracción I alone");
}

#[tokio::test]
async fn favourites_are_kept_used_by_their_owner_alone_and_removed() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let (care, by) = (&clinic.care, &clinic.physician);
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let (id, view) = written(&clinic, patient, &[line("paracetamol"), line("loratadina")]).await;
        let of_medicines =
            view.draft.items.iter().filter(|item| matches!(item.content, ItemContent::MedicationRequest(_)));
        let items: Vec<_> = of_medicines.map(|item| item.id).collect();
        let nameless = care.keep_lines(by, id, NEV, &items, " ").await;
        assert!(matches!(nameless, Err(CareError::Invalid(_))));
        assert!(matches!(care.keep_lines(by, id, NEV, &[], "Nada").await, Err(CareError::Invalid(_))));
        care.keep_lines(by, id, NEV, &items, "Faringitis").await.unwrap();
        let kept = care.kept_lines(by).await.unwrap();
        assert_eq!((kept[0].label(), kept[0].lines.len()), ("Protocolo", 2));

        let other = care.start_visit(by, patient, "Otra").await.unwrap();
        let view = care.use_kept_lines(by, other, NEV, 0, kept[0].id).await.unwrap();
        assert_eq!(view.draft.medication_requests().count(), 2);
        assert!(view.draft.items.iter().all(|item| item.review == Review::Accepted));
        let stale = care.use_kept_lines(by, other, NEV, 0, kept[0].id).await;
        assert!(matches!(stale, Err(CareError::Conflict { .. })), "{stale:?}");

        let nurse = actor(care, "enfermeria").await;
        assert!(care.kept_lines(&nurse).await.unwrap().is_empty());
        let stolen = care.remove_kept_lines(&nurse, kept[0].id).await;
        assert!(matches!(stolen, Err(CareError::NotFound { .. })), "{stolen:?}");
        care.remove_kept_lines(by, kept[0].id).await.unwrap();
        assert!(care.kept_lines(by).await.unwrap().is_empty());
    }
}

/// What is offered to complete each line of the draft, in the order of the lines: "añade / según".
fn offers(view: &Consultation) -> Vec<Vec<String>> {
    let lines =
        view.draft.items.iter().filter(|item| matches!(item.content, ItemContent::MedicationRequest(_)));
    let ways = lines.map(|item| view.completions.get(&item.id).map(Vec::as_slice).unwrap_or_default());
    ways.map(|ways| ways.iter().map(|way| format!("{} / {}", way.adds, way.from)).collect()).collect()
}

#[tokio::test]
async fn what_a_line_lacks_is_offered_with_its_source_and_doses_and_days_only_from_what_was_signed_or_kept() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let (care, by) = (&clinic.care, &clinic.physician);
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        signed(&clinic, patient, &[line("paracetamol")]).await.unwrap();
        let (kept, view) = written(&clinic, patient, &[line("metronidazol")]).await;
        let items: Vec<_> = view.draft.items.iter().map(|item| item.id).collect();
        care.keep_lines(by, kept, NEV, &items, "Vaginosis").await.unwrap();

        let ten = Some(Dose::new(Amount::whole(10), DoseUnit::Milligram).unwrap());
        let loratadine = MedicationRequest {
            dose: ten,
            frequency: Some(Frequency::EveryHours(24)),
            ..MedicationRequest::named("loratadina", RequestAction::Start)
        };
        let bare = |name, action| MedicationRequest::named(name, action);
        let lines = [
            bare("paracetamol", RequestAction::Continue),
            bare("metronidazol", RequestAction::Start),
            loratadine,
            bare("medicina de la abuela", RequestAction::Start),
            MedicationRequest {
                dose: Some(Dose::new(Amount::whole(875), DoseUnit::Milligram).unwrap()),
                ..bare("amoxicilina / ácido clavulánico", RequestAction::Start)
            },
        ];
        let (id, view) = written(&clinic, patient, &lines).await;
        let offered = offers(&view);
        let whole = "tableta de 500 mg, caja con 10, 1 tableta, vía oral, cada 8 horas, 5 días";
        assert!(offered[0][0].starts_with(&format!("{whole} / receta R-")), "{offered:?}");
        assert_eq!(offered[1][0], format!("{whole} / su favorito «Vaginosis»"), "{offered:?}");
        let catalogue =
            ["tableta de 10 mg", "jarabe de 5 mg/5 mL"].map(|form| format!("{form}, vía oral / catálogo"));
        assert_eq!(offered[2], catalogue, "the form of one piece first");
        assert!(offered[3].is_empty(), "nothing is known of it: {offered:?}");
        let combined = ["tableta de 875 mg/125 mg, vía oral / catálogo"];
        assert_eq!(offered[4], combined, "of a combination the piece that has as much of an ingredient");
        let of_the_catalogue = offered.iter().flatten().filter(|way| way.ends_with("catálogo"));
        assert!(
            of_the_catalogue.clone().all(|way| !way.contains("cada") && !way.contains("día")),
            "{offered:?}"
        );

        let item =
            view.draft.items.iter().rfind(|item| item.content.text().starts_with("Loratadina")).unwrap().id;
        let complete = async |version, how| care.complete_line(by, id, NEV, version, item, how).await;
        let unknown = complete(view.version, Completing::Offered("tableta de 20 mg")).await;
        assert!(matches!(unknown, Err(CareError::NotFound { .. })), "{unknown:?}");
        let doubtful = complete(view.version, Completing::Typed("400 d")).await.unwrap();
        assert!(matches!(doubtful, Completed::Doubtful(_)), "{doubtful:?}");
        let done = complete(view.version, Completing::Offered("tableta de 10 mg, vía oral")).await.unwrap();
        let Completed::Done(done) = done else { panic!("{done:?}") };
        let stale = complete(view.version, Completing::Typed("7 d")).await;
        assert!(matches!(stale, Err(CareError::Conflict { .. })), "{stale:?}");
        let Completed::Done(done) = complete(done.version, Completing::Typed("7 d")).await.unwrap() else {
            panic!("seven days are clear")
        };
        let text = done.draft.item(item).unwrap().content.text();
        assert_eq!(text, "Loratadina (tableta de 10 mg) 10 mg, vía oral, cada 24 horas, por 7 días.");
    }
}

#[tokio::test]
async fn a_renewed_receta_is_proposed_line_by_line_and_checked_again() {
    let clinic = Clinic::on(engines()[0]).await;
    let (care, by) = (&clinic.care, &clinic.physician);
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let first = signed(&clinic, patient, &[line("warfarina")]).await.unwrap();

    let (id, view) = written(&clinic, patient, &[line("naproxeno")]).await;
    let offers = care.offers(by, id, NEV).await.unwrap();
    assert_eq!((offers.earlier.len(), offers.earlier[0].cancelled), (1, false));
    let view = care.renew(by, id, NEV, view.version, first).await.unwrap();
    let proposed: Vec<_> = view.draft.items.iter().filter(|item| item.review == Review::Pending).collect();
    assert_eq!(proposed.len(), 1);
    assert!(proposed[0].source.as_ref().unwrap().words.starts_with("Receta R-"));
    assert!(view.safety.undecided().next().is_some(), "naproxeno with warfarina asks nothing");
    let again = care.renew(by, id, NEV, view.version, first).await;
    assert!(matches!(again, Err(CareError::Invalid(_))), "{again:?}");

    // A receta of another record is not there.
    let stranger = clinic.patient("Abundio", "Colorín").await;
    let (other, view) = written(&clinic, stranger, &[]).await;
    let foreign = care.renew(by, other, NEV, view.version, first).await;
    assert!(matches!(foreign, Err(CareError::NotFound { .. })), "{foreign:?}");
}

#[tokio::test]
async fn a_cancelled_receta_stays_as_signed_says_so_everywhere_and_can_be_prescribed_again() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let (care, by) = (&clinic.care, &clinic.physician);
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let id = signed(&clinic, patient, &[line("paracetamol")]).await.unwrap();
        let before = care.document(by, id).await.unwrap();
        let cancel = async |reason: &str, password: &str| {
            care.cancel_prescription(by, id, reason, password.to_owned()).await
        };
        assert!(matches!(cancel(" ", PASSWORD).await, Err(CareError::Invalid(_))));
        assert!(matches!(cancel("dosis equivocada", "otra").await, Err(CareError::WrongPassword)));
        for other in [&clinic.nurse, &clinic.trainee, &clinic.reception] {
            let denied = care.cancel_prescription(other, id, "porque sí", PASSWORD.to_owned()).await;
            assert!(matches!(denied, Err(CareError::Denied { .. })), "{denied:?}");
        }
        let original = care.print(by, id, false, "").await.unwrap();
        let original = care.printed(by, id, original).await.unwrap().bytes;
        cancel("dosis equivocada", PASSWORD).await.unwrap();
        assert!(matches!(cancel("otra vez", PASSWORD).await, Err(CareError::Finished { .. })));

        let after = care.document(by, id).await.unwrap();
        assert_eq!(after.document, before.document, "what was signed changed");
        assert_eq!(after.cancelled.as_ref().unwrap().reason, "dosis equivocada");
        let chart = care.chart(by, patient, 0).await.unwrap();
        assert!(chart.documents.iter().any(|head| head.id == id && head.cancelled));
        let copy = care.print(by, id, false, "").await.unwrap();
        let copy = care.printed(by, id, copy).await.unwrap().bytes;
        assert!(copy.starts_with(b"%PDF-") && copy != original);
        let file = care.print(by, id, true, "").await.unwrap();
        assert!(care.printed(by, id, file).await.unwrap().bytes == original, "the signed file changed");
        let log = care.audit_events(&clinic.auditor, &AuditFilter::default(), 0).await.unwrap();
        let mut reasons = log.events.iter().filter_map(|(event, _)| event.reason.as_deref());
        assert!(reasons.any(|reason| reason.contains("receta cancelada")));
    }
}

#[tokio::test]
async fn a_logo_is_checked_kept_enciphered_and_printed() {
    let clinic = Clinic::on(engines()[0]).await;
    let (care, by) = (&clinic.care, &clinic.physician);
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 4 4\"><path d=\"M0 0h4v4z\"/></svg>";
    for wrong in ["%PDF-1.7", "<svg><script/></svg>", "<svg", ""] {
        let refused = care.set_logo(by, wrong.as_bytes().to_vec()).await;
        assert!(matches!(refused, Err(CareError::Invalid(_))), "{wrong}: {refused:?}");
    }
    let denied = care.set_logo(&clinic.reception, svg.as_bytes().to_vec()).await;
    assert!(matches!(denied, Err(CareError::Denied { .. })), "{denied:?}");
    care.set_logo(by, svg.as_bytes().to_vec()).await.unwrap();
    assert_eq!(care.shown_logo(by).await.unwrap(), ("image/svg+xml", svg.as_bytes().to_vec()));
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let id = signed(&clinic, patient, &[line("paracetamol")]).await.unwrap();
    let sheet = care.patient_sheet(by, id).await.unwrap();
    assert!(sheet.bytes.starts_with(b"%PDF-"));
    care.remove_logo(by).await.unwrap();
    assert!(matches!(care.shown_logo(by).await, Err(CareError::NotFound { .. })));
}
