//! Who may go where: every route of the router with every role and with nobody, compared with one table; and that a
//! private record answers to who is no member of its group as one that does not exist.

use std::collections::BTreeMap;

use axum::http::{StatusCode, header};
use care::arco::{ArcoForm, StepForm};
use care::attachments::AttachmentForm;
use care::audit::AuditFilter;
use care::consents::ConsentForm;
use care::deliveries::DeliveryForm;
use care::identity::RepresentativeForm;
use care::laboratory::{ReportForm, RowForm};
use care::private::{InFrontForm, OpeningForm};
use care::setup::{AccountForm, PractitionerForm};
use care::{Actor, Role};
use clinical::ids::{ArcoId, DocumentId, EncounterId, EntryId, PatientId, RecordingId};
use storage::FollowUp;
use test_support::{Clinic, PASSWORD, actor};
use uuid::Uuid;

use crate::browser::{Browser, Page};
use crate::clinic;
use crate::route_list::{PUBLIC, ROUTES, SIGNED_IN, routes};

/// The letter of a role in the table and an account that has only that role.
pub(crate) fn letter(role: Role) -> (char, &'static str) {
    match role {
        Role::Physician => ('M', "medica"),
        Role::Trainee => ('T', "residente"),
        Role::Nurse => ('E', "enfermeria"),
        Role::Reception => ('R', "recepcion"),
        Role::Administrator => ('A', "administra"),
        Role::Auditor => ('U', "auditoria"),
    }
}

/// A clinic in which each role has an account of its own.
pub(crate) async fn everybody() -> Clinic {
    let clinic = clinic().await;
    for (username, role, license) in
        [("medica", Role::Physician, Some("3456789")), ("administra", Role::Administrator, None)]
    {
        let form = AccountForm {
            username: username.to_owned(),
            password: PASSWORD.to_owned(),
            password_again: PASSWORD.to_owned(),
            display_name: username.to_owned(),
            provisional: false,
        };
        let professional = license.map(|license| PractitionerForm {
            given: "Citlali".to_owned(),
            first_surname: "Prueba".to_owned(),
            license: license.to_owned(),
            degree_institution: "Universidad Inventada".to_owned(),
            ..PractitionerForm::default()
        });
        clinic.care.add_user(&clinic.physician, &form, &[role], professional.as_ref()).await.unwrap();
    }
    clinic
}

/// What stands in place of the words in braces: something of everything there is in a record.
pub(crate) struct Ids(BTreeMap<&'static str, String>);

impl Ids {
    /// Ids of nothing.
    pub(crate) fn nowhere() -> Self {
        let nobody = "018f0000-0000-7000-8000-000000000001".to_owned();
        Self(KEYS.iter().map(|key| (*key, nobody.clone())).collect())
    }

    /// A record with something of everything, written by `author`.
    pub(crate) async fn of(clinic: &Clinic, author: &Actor, surname: &str) -> (PatientId, Self) {
        let care = &clinic.care;
        let patient = clinic.patient("Jacinta", surname).await;
        let twin = clinic.patient("Jacinta", surname).await;
        care.merge_records(&clinic.physician, patient, twin, "duplicado").await.unwrap();
        let merge = care.identity(&clinic.physician, patient).await.unwrap().merges[0].id;
        let representative = RepresentativeForm {
            given: "Ana".to_owned(),
            first_surname: "Roble".to_owned(),
            capacity: "relative".to_owned(),
            identity_document: "INE 1".to_owned(),
            ..RepresentativeForm::default()
        };
        care.add_representative(&clinic.physician, patient, &representative).await.unwrap();
        let representative = care.identity(&clinic.physician, patient).await.unwrap().representatives[0].id;
        let document = clinic.signed_note(author, patient).await;
        let encounter = care.start_visit(author, patient, "Control").await.unwrap();
        let kind = clinical::document::DocumentKind::PROGRESS_NOTE;
        let bytes = crate::TRANSCRIPT.as_bytes().to_vec();
        care.attach_transcript(author, encounter, kind, bytes).await.unwrap();
        let recording = recorded(clinic, author, patient, encounter).await;
        let item = care.consultation(author, encounter, kind).await.unwrap().draft.items[0].id;
        let file = AttachmentForm {
            file_name: "a.pdf".to_owned(),
            category: "imaging".to_owned(),
            content: b"%PDF-1.7 estudio".to_vec(),
            ..AttachmentForm::default()
        };
        let attachment = care.attach_file(author, patient, file).await.unwrap().id;
        let row = RowForm {
            analyte: "Glucosa".to_owned(),
            value: "99".to_owned(),
            unit: "mg/dL".to_owned(),
            range: String::new(),
        };
        let report = ReportForm { day: "09/03/2026".to_owned(), rows: vec![row], ..ReportForm::default() };
        care.add_lab_report(author, patient, &report).await.unwrap();
        let result = care.lab_reports(author, patient, 0).await.unwrap().entries[0].results[0].id;
        let service = care.agenda_setup(author).await.unwrap().services[0].id;
        let practitioner = author.practitioner_id.unwrap();
        let appointment = care.walk_in(author, patient, practitioner, service).await.unwrap().id;
        care.print(author, document, false, "").await.unwrap();
        let duty = DeliveryForm {
            recipient: "health_authority".to_owned(),
            duty: "Caso sospechoso".to_owned(),
            received_by: "Jurisdicción".to_owned(),
            other: "Formato".to_owned(),
            means: "sent".to_owned(),
            ..DeliveryForm::default()
        };
        let delivery = care.deliver(author, patient, &duty).await.unwrap();
        care.hold_record(author, patient, "Queja", "").await.unwrap();
        let hold = care.retention(author, patient).await.unwrap().holds[0].id;
        let request = answered_request(clinic, author, patient).await;
        let ids = BTreeMap::from([
            ("patient", patient.to_string()),
            ("merge", merge.to_string()),
            ("representative", representative.to_string()),
            ("document", document.to_string()),
            ("encounter", encounter.to_string()),
            ("recording", recording.to_string()),
            ("item", item.to_string()),
            ("attachment", attachment.to_string()),
            ("result", result.to_string()),
            ("appointment", appointment.to_string()),
            ("delivery", delivery.to_string()),
            ("hold", hold.to_string()),
            ("request", request.to_string()),
            ("follow_up", promised(clinic, author, patient, document).await.to_string()),
        ]);
        (patient, Self(ids))
    }

    /// The route with ids in place of the words in braces.
    pub(crate) fn fill(&self, route: &str) -> String {
        let mut place = "";
        let parts = route.split('/').map(|part| {
            let filled = match (part, place) {
                ("{id}", "citas") => self.get("appointment"),
                ("{id}", "pacientes" | "paciente") | ("{patient}", _) => self.get("patient"),
                ("{id}", "archivos") => self.get("attachment"),
                ("{id}", "documentos" | "externos") => self.get("document"),
                ("{id}", "entregas") => self.get("delivery"),
                ("{id}", "retenciones") => self.get("hold"),
                ("{id}", "derechos") => self.get("request"),
                ("{id}", "borradores" | "bloqueos") => Uuid::nil().to_string(),
                ("{n}", "impresiones") => "1".to_owned(),
                ("{id}", "resultados") => self.get("result"),
                ("{id}", "consultas") => self.get("encounter"),
                ("{id}", "grabaciones") => self.get("recording"),
                ("{entry}", "representantes") => self.get("representative"),
                ("{entry}", _)
                | (
                    "{opening}" | "{group}" | "{user}" | "{factor}" | "{preference}" | "{template}"
                    | "{kept}" | "{report}" | "{conversation}" | "{message}" | "{secret}" | "{question}",
                    _,
                ) => Uuid::nil().to_string(),
                ("{document}", _) => self.get("document"),
                ("{follow_up}", _) => self.get("follow_up"),
                ("{merge}", _) => self.get("merge"),
                ("{item}", _) => self.get("item"),
                ("{kind}", _) => "alergia".to_owned(),
                ("{doc}", _) => "nota".to_owned(),
                ("{section}", _) => "ev.evolucion".to_owned(),
                ("{n}", _) => "0".to_owned(),
                ("{file}", _) => "app.css".to_owned(),
                (part, _) if part.starts_with('{') => panic!("say here what stands for {part} of {route}"),
                (part, _) => part.to_owned(),
            };
            place = part;
            filled
        });
        parts.collect::<Vec<_>>().join("/")
    }

    fn get(&self, key: &str) -> String {
        self.0[key].clone()
    }
}

/// A recording of a consultation whose patient accepts it.
async fn recorded(clinic: &Clinic, author: &Actor, patient: PatientId, visit: EncounterId) -> RecordingId {
    let notice = format!("Aviso de privacidad de prueba para {patient}. ").repeat(5);
    let version = clinic.care.publish_notice(&clinic.physician, &notice).await.unwrap();
    let yes = ConsentForm {
        purpose: "record_conversation".to_owned(),
        given: true,
        means: "paper".to_owned(),
        version,
        ..ConsentForm::default()
    };
    clinic.care.record_consent(author, patient, &yes).await.unwrap();
    clinic.care.begin_recording(author, visit).await.unwrap().recording.id
}

/// Something promised with a signed document.
async fn promised(clinic: &Clinic, author: &Actor, patient: PatientId, document: DocumentId) -> EntryId {
    let id = EntryId(Uuid::now_v7());
    let promise = FollowUp {
        id,
        patient_id: patient,
        document_id: document,
        what: "Medir INR".to_owned(),
        due: "2026-03-17".parse().unwrap(),
        by: author.user_id,
        at: clinic.care.now(),
    };
    let mut tx = clinic.care.database().begin().await.unwrap();
    tx.insert_follow_up(&promise).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// An ARCO request about a record that was answered.
async fn answered_request(clinic: &Clinic, author: &Actor, patient: PatientId) -> ArcoId {
    let request = ArcoForm {
        right: "access".to_owned(),
        holder: "Persona Inventada".to_owned(),
        record: clinic.care.patient(author, patient).await.unwrap().record_number,
        identity: "INE 1".to_owned(),
        reply_to: "Calle Inventada 5".to_owned(),
        description: "Copias".to_owned(),
        ..ArcoForm::default()
    };
    let id = clinic.care.receive_arco(author, &request).await.unwrap();
    let answer = StepForm {
        step: "responder".to_owned(),
        outcome: "refused".to_owned(),
        ground: "identity".to_owned(),
        text: "No se acreditó".to_owned(),
        ..StepForm::default()
    };
    clinic.care.step_arco(author, id, &answer).await.unwrap();
    id
}

const KEYS: [&str; 14] = [
    "patient",
    "merge",
    "representative",
    "document",
    "encounter",
    "recording",
    "item",
    "attachment",
    "result",
    "appointment",
    "delivery",
    "hold",
    "request",
    "follow_up",
];

/// Fields that fill any form well enough to come to the record it is about.
pub(crate) const FIELDS: [(&str, &str); 27] = [
    ("favorito", "018f0000-0000-7000-8000-000000000001"),
    ("receta", "018f0000-0000-7000-8000-000000000001"),
    ("version", "0"),
    ("motivo", "Prueba de la ruta"),
    ("motivo_retiro", "Prueba de la ruta"),
    ("texto", "Texto de prueba para la ruta."),
    ("contrasena", PASSWORD),
    ("documento", "NEV"),
    ("sustancia", "penicilina"),
    ("reaccion_tipo", "mild"),
    ("problema", "tos"),
    ("medicamento", "paracetamol"),
    ("q", "tos"),
    ("rep_nombre", "Ana"),
    ("rep_primer_apellido", "Roble"),
    ("rep_calidad", "relative"),
    ("rep_identificacion", "INE 1"),
    ("finalidad", "privacy_notice"),
    ("medio", "paper"),
    ("tipo", "oracion"),
    ("seccion", "ev.evolucion"),
    ("codigo", "BA00"),
    ("estudio", "Glucosa"),
    ("resultado", "99"),
    ("categoria", "imaging"),
    ("pegado", "D: Buenos días.\nP: Me duele la cabeza."),
    ("respuesta", "no"),
];

/// Routes whose form brings a file.
pub(crate) const UPLOADS: [&str; 9] = [
    "/agenda/calendario/importar",
    "/cie11",
    "/establecimiento/logotipo",
    "/pacientes/{id}/archivos",
    "/pacientes/{id}/resultados/subir",
    "/pacientes/importar",
    "/consultas/{id}/transcripcion",
    "/consultas/{id}/grabacion/archivo",
    "/cuenta/voz",
];

struct Person {
    browser: Browser,
    token: String,
}

impl Person {
    async fn of(clinic: &Clinic, username: Option<&str>) -> Self {
        let mut browser = match username {
            Some(username) => Browser::of(&clinic.care, username).await,
            None => Browser::new(&clinic.care),
        };
        let token = browser.token().await;
        Self { browser, token }
    }

    async fn ask(&mut self, method: &str, route: &str, ids: &Ids) -> Page {
        let mut fields = vec![("_token", self.token.as_str())];
        fields.extend(FIELDS);
        self.browser.once(method, &ids.fill(route), &fields, UPLOADS.contains(&route)).await
    }
}

/// What an answer means for who asked.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Served,
    Refused,
    SignIn,
}

impl Answer {
    fn of(page: &Page) -> Self {
        let leads = page.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap());
        match page.status {
            StatusCode::FORBIDDEN => Self::Refused,
            StatusCode::UNAUTHORIZED => Self::SignIn,
            // Whoever signs out is led to where one signs in.
            _ if leads.starts_with("/entrar") && page.path != "/salir" => Self::SignIn,
            status => {
                assert!(!status.is_server_error(), "{} {}", page.path, page.html);
                Self::Served
            }
        }
    }
}

#[test]
fn the_table_names_every_route_once() {
    let mut written: Vec<(String, String)> =
        ROUTES.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
    let mut found = routes();
    written.sort();
    found.sort();
    let missing: Vec<_> = found.iter().filter(|route| !written.contains(route)).collect();
    let gone: Vec<_> = written.iter().filter(|route| !found.contains(route)).collect();
    assert!(missing.is_empty(), "say in route_list.rs who may use {missing:?}");
    assert!(gone.is_empty(), "not in the router: {gone:?}");
    assert_eq!(written.len(), found.len(), "a route stands twice");
}

#[tokio::test]
async fn every_route_lets_in_who_the_table_says_and_nobody_else() {
    let clinic = everybody().await;
    let author = actor(&clinic.care, "medica").await;
    let (_, ids) = Ids::of(&clinic, &author, "Ahuehuete").await;
    let mut wrong = Vec::new();
    let people = Role::ALL.into_iter().map(|role| Some(letter(role))).chain([None]);
    for person in people {
        let mut browser = Person::of(&clinic, person.map(|(_, username)| username)).await;
        // Signing out comes last: it ends the session the others need.
        let (last, first): (Vec<_>, Vec<_>) = ROUTES.iter().partition(|(_, path, _)| *path == "/salir");
        for (method, path, who) in first.into_iter().chain(last) {
            let expected = match (who, person) {
                (PUBLIC, _) => continue,
                (_, None) => Answer::SignIn,
                (SIGNED_IN, Some(_)) => Answer::Served,
                (letters, Some((letter, _))) if letters.contains(letter) => Answer::Served,
                _ => Answer::Refused,
            };
            let page = browser.ask(method, path, &ids).await;
            let answer = Answer::of(&page);
            if answer != expected {
                let who = person.map_or("nobody", |(_, username)| username);
                wrong.push(format!("{method} {path} for {who}: {answer:?} ({})", page.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn what_is_public_tells_nothing_of_a_patient() {
    let clinic = everybody().await;
    let author = actor(&clinic.care, "medica").await;
    let (_, ids) = Ids::of(&clinic, &author, "Ahuehuete").await;
    let mut nobody = Person::of(&clinic, None).await;
    for (method, path, _) in ROUTES.iter().filter(|(_, _, who)| *who == PUBLIC) {
        let page = nobody.ask(method, path, &ids).await;
        assert!(!page.status.is_server_error() && !page.shows("Ahuehuete"), "{method} {path}");
    }
}

/// The page without the ids that were asked for, so that two answers can be compared.
fn without_ids(page: &Page, ids: &Ids) -> String {
    ids.0.values().fold(page.html.clone(), |html, id| html.replace(id, "ID"))
}

#[tokio::test]
async fn a_private_record_answers_to_others_as_one_that_does_not_exist() {
    let clinic = everybody().await;
    let (patient, private) = Ids::of(&clinic, &clinic.physician, "Zempoalteca").await;
    let number = clinic.care.patient(&clinic.physician, patient).await.unwrap().record_number;
    let group =
        clinic.care.add_group(&clinic.physician, "Privado", Some(clinic.physician.user_id)).await.unwrap();
    let change = care::groups::GroupChange::AddRecord(number);
    clinic.care.change_group(&clinic.physician, group, &change).await.unwrap();
    let nowhere = Ids::nowhere();
    let of_records: Vec<_> =
        ROUTES.iter().filter(|(_, path, _)| private.fill(path) != nowhere.fill(path)).collect();
    assert!(of_records.len() > 40, "{}", of_records.len());
    let mut wrong = Vec::new();
    for username in ["medica", "residente", "enfermeria", "recepcion"] {
        let mut person = Person::of(&clinic, Some(username)).await;
        for (method, path, _) in &of_records {
            let page = person.ask(method, path, &private).await;
            let control = person.ask(method, path, &nowhere).await;
            let alike = page.status == control.status
                && without_ids(&page, &private) == without_ids(&control, &nowhere)
                && !page.shows("Zempoalteca");
            if !alike {
                wrong.push(format!("{method} {path} for {username}: {} and {}", page.status, control.status));
            }
        }
        // Lists and searches do not name it either.
        for path in ["/hoy", "/consultas", "/pacientes", "/pacientes?q=zempoalteca", "/documentos"] {
            let page = person.browser.get(path).await;
            assert!(!page.shows("Zempoalteca,") && !page.shows("Jacinta Zempoalteca"), "{path}");
        }
        let user = actor(&clinic.care, username).await.user_id;
        let filter = AuditFilter { patient_id: Some(patient), actor: Some(user), ..AuditFilter::default() };
        let events = clinic.care.audit_events(&clinic.auditor, &filter, 0).await.unwrap();
        assert_eq!(events.total, 0, "{username} left {:?}", events.events);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // To a member it answers: the ids above are right.
    let mut member = Person::of(&clinic, Some("ines")).await;
    for (method, path, _) in of_records.iter().filter(|(method, ..)| *method == "GET") {
        let page = member.ask(method, path, &private).await;
        let no_list = path.contains("/{id}/cie") || path.ends_with("/receta.pdf") || path.ends_with("/unir");
        // A note has no sheet for the patient: that is made of a receta.
        let no_list = no_list || path.ends_with("/hoja");
        // A document signed here is none of another establishment.
        let no_list = no_list || path.contains("/externos/");
        assert!(
            page.status.is_success() || page.status.is_redirection() || no_list,
            "{path} {}",
            page.status
        );
    }
}

#[tokio::test]
async fn a_private_record_opened_with_a_reason_shows_a_band_until_it_closes() {
    let clinic = everybody().await;
    let (patient, ids) = Ids::of(&clinic, &clinic.physician, "Zempoalteca").await;
    let number = clinic.care.patient(&clinic.physician, patient).await.unwrap().record_number;
    let group =
        clinic.care.add_group(&clinic.physician, "Privado", Some(clinic.physician.user_id)).await.unwrap();
    let change = care::groups::GroupChange::AddRecord(number);
    clinic.care.change_group(&clinic.physician, group, &change).await.unwrap();
    let other = actor(&clinic.care, "medica").await;
    let who = InFrontForm {
        given: "jacinta".to_owned(),
        first_surname: "ZEMPOALTECA".to_owned(),
        second_surname: "Roble".to_owned(),
        birth_date: "12/01/1962".to_owned(),
        ..InFrontForm::default()
    };
    let why = OpeningForm { reason: "emergency".to_owned(), detail: "Llegó inconsciente".to_owned() };
    clinic.care.open_private(&other, &who, patient, &why).await.unwrap();
    let mut person = Person::of(&clinic, Some("medica")).await;
    let pages =
        ["/pacientes/{id}", "/documentos/{id}", "/consultas/{id}", "/archivos/{id}", "/resultados/{id}"];
    for path in pages {
        let page = person.ask("GET", path, &ids).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.shows("private-band") && page.shows("con motivo: urgencia"), "{path} {}", page.html);
    }
    let mut member = Person::of(&clinic, Some("ines")).await;
    assert!(
        member.browser.get("/hoy").await.shows("abrió el expediente privado de Jacinta Zempoalteca Roble")
    );
    assert!(!member.ask("GET", "/documentos/{id}", &ids).await.shows("private-band"));
    let mut auditor = Person::of(&clinic, Some("auditoria")).await;
    assert!(auditor.browser.get("/bitacora").await.shows("1 expediente privado abierto"));
}
