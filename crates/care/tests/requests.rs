//! Interconsultas and the resumen clínico, on both engines: an answer names its request, a summary its sources.

use crate::filled::filled;
use care::review::ReviewAction;
use care::{Actor, CareError};
use clinical::document::{DocumentBody, DocumentKind};
use clinical::draft::{Cell, ItemContent, Origin, Review, SectionId};
use clinical::ids::{DocumentId, EncounterId, PatientId};
use clinical::medication::{Dose, DoseUnit, Frequency, MedicationRequest, RequestAction, Route};
use clinical::observation::Amount;
use jiff::SignedDuration;
use test_support::{Clinic, PASSWORD, engines};

fn kind(code: &str) -> DocumentKind {
    DocumentKind::from_code(code).unwrap()
}

async fn finish(clinic: &Clinic, by: &Actor, id: EncounterId, code: &str) -> DocumentId {
    let view = crate::filled::filled(clinic, by, id, nom004::definition(kind(code))).await;
    clinic.care.sign(by, id, kind(code), view.version, PASSWORD.to_owned()).await.unwrap().note
}

async fn sign(clinic: &Clinic, patient: PatientId, code: &str) -> DocumentId {
    let id = clinic.care.start_document(&clinic.physician, patient, kind(code), None).await.unwrap();
    finish(clinic, &clinic.physician, id, code).await
}

async fn open_requests(clinic: &Clinic, patient: PatientId) -> (usize, usize) {
    let today = clinic.care.today(&clinic.physician).await.unwrap().requests.len();
    (today, clinic.care.chart(&clinic.physician, patient, 0).await.unwrap().requests.len())
}

#[tokio::test]
async fn a_request_is_listed_until_its_answer_is_signed_and_both_show_each_other() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let other = clinic.patient("Otilia", "Mezquite").await;
        let request = sign(&clinic, patient, "SIC").await;
        assert_eq!(open_requests(&clinic, patient).await, (1, 1));
        assert_eq!(open_requests(&clinic, other).await, (1, 0));

        let (answer, document) = clinic.care.start_answer(&clinic.physician, request).await.unwrap();
        assert_eq!(document, kind("NIC"));
        let again = clinic.care.start_answer(&clinic.physician, request).await.unwrap();
        assert_eq!(again, (answer, document), "the answer begun goes on");
        assert_eq!(open_requests(&clinic, patient).await, (1, 1), "a draft is no answer");
        let view = clinic.care.consultation(&clinic.physician, answer, document).await.unwrap();
        assert_eq!(view.frame.answers.as_ref().map(|named| named.id), Some(request));

        let note = finish(&clinic, &clinic.physician, answer, "NIC").await;
        assert_eq!(open_requests(&clinic, patient).await, (0, 0));
        let signed = clinic.care.document(&clinic.physician, note).await.unwrap();
        let asked = clinic.care.document(&clinic.physician, request).await.unwrap();
        let named = signed.content.answers.unwrap();
        assert_eq!((named.id, named.digest), (request, asked.document.content_digest));
        assert_eq!(named.title, "Solicitud de interconsulta del 10 de marzo de 2026");
        assert_eq!(asked.replies.iter().map(|head| head.id).collect::<Vec<_>>(), [note]);
        let nurse = clinic.care.start_answer(&clinic.nurse, request).await;
        assert!(matches!(nurse, Err(CareError::Denied { .. })), "{nurse:?}");
        let nothing = clinic.care.start_answer(&clinic.physician, note).await;
        assert!(matches!(nothing, Err(CareError::NotFound { .. })), "{nothing:?}");
    }
}

#[tokio::test]
async fn a_resumen_begins_with_what_the_record_says_and_from_where() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        sign(&clinic, patient, "HC").await;
        clinic.clock.set(clinic.care.now() + SignedDuration::from_hours(24 * 30));
        let note = sign(&clinic, patient, "NEV").await;
        let password = PASSWORD.to_owned();
        let text = "La rodilla afectada es la izquierda.";
        clinic.care.add_addendum(&clinic.physician, note, "Lateralidad", text, password).await.unwrap();

        let rcl = kind("RCL");
        let id = clinic.care.start_document(&clinic.physician, patient, rcl, None).await.unwrap();
        let view = clinic.care.consultation(&clinic.physician, id, rcl).await.unwrap();
        assert!(view.draft.items.len() > 5, "{:?}", view.draft.items);
        let signed: Vec<String> = signed_words(&clinic, patient).await;
        for item in &view.draft.items {
            let source = item.source.as_ref().unwrap();
            let text = item.content.text();
            let words =
                text.strip_suffix(&format!(" ({}).", source.words)).unwrap_or_else(|| panic!("{text}"));
            let words = words.split(", CIE-11 ").next().unwrap();
            let words = words
                .split_once(": ")
                .filter(|(head, _)| head.starts_with("Aclaración"))
                .map_or(words, |(_, said)| said);
            assert!(
                signed.iter().any(|said| said.to_lowercase().contains(&words.to_lowercase())),
                "not in the record: {text}"
            );
            assert!(source.words.contains(" de 2026"), "{source:?}");
            assert_eq!((&item.origin, item.review), (&Origin::Proposed, Review::Pending));
        }
        let evolution = SectionId::new("rcl.evolucion");
        let texts: Vec<String> = view.draft.section(&evolution).map(|item| item.content.text()).collect();
        assert!(texts.iter().any(|said| said.contains("es la izquierda (nota aclaratoria")), "{texts:?}");
        let early = clinic.care.sign(&clinic.physician, id, rcl, view.version, PASSWORD.to_owned()).await;
        assert!(matches!(early, Err(CareError::Invalid(_))), "unread proposals are not signed: {early:?}");

        let mut version = view.version;
        for item in &view.draft.items {
            let accept = ReviewAction::Accept(item.id);
            version = clinic.care.review(&clinic.physician, id, rcl, version, &accept).await.unwrap().version;
        }
        let cells = ["Solicitante", "Calidad", "Motivo", "Fecha"];
        let cells = cells.map(|label| Cell { label: label.to_owned(), text: "Dato".to_owned() }).to_vec();
        let content = ItemContent::Row { cells };
        let ask = ReviewAction::Add { section: SectionId::new("rcl.solicitud"), content };
        version = clinic.care.review(&clinic.physician, id, rcl, version, &ask).await.unwrap().version;
        let summary = clinic.care.sign(&clinic.physician, id, rcl, version, PASSWORD.to_owned()).await;
        let content = clinic.care.document(&clinic.physician, summary.unwrap().note).await.unwrap().content;
        let DocumentBody::Note { sections, conditions, .. } = content.body else { panic!("not a note") };
        assert!(conditions.is_empty(), "what is quoted is no new diagnosis");
        let from = sections.iter().flat_map(|section| &section.items).filter_map(|item| item.source.clone());
        assert!(from.filter_map(|source| source.document).any(|document| document == note));
    }
}

#[tokio::test]
async fn the_lists_of_the_practice_name_no_private_record() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let patient = clinic.patient("Jacinta", "Zempoalteca").await;
        sign(&clinic, patient, "SIC").await;
        sign(&clinic, patient, "NIU").await;
        clinic.clock.set(clinic.care.now() + SignedDuration::from_hours(9));
        let listed = async |by: &Actor| {
            let today = clinic.care.today(by).await.unwrap();
            (today.requests.len(), today.overdue.len())
        };
        assert_eq!(listed(&clinic.nurse).await, (1, 1));
        let number = clinic.care.patient(&clinic.physician, patient).await.unwrap().record_number;
        let member = Some(clinic.physician.user_id);
        let group = clinic.care.add_group(&clinic.physician, "Privado", member).await.unwrap();
        let add = care::groups::GroupChange::AddRecord(number);
        clinic.care.change_group(&clinic.physician, group, &add).await.unwrap();
        assert_eq!(listed(&clinic.physician).await, (1, 1));
        assert_eq!(listed(&clinic.nurse).await, (0, 0));
        let ended = clinic.care.end_stay(&clinic.nurse, patient, kind("NEU"), "Se fue").await;
        assert!(matches!(ended, Err(CareError::NotFound { .. })), "{ended:?}");
    }
}

async fn signed_words(clinic: &Clinic, patient: PatientId) -> Vec<String> {
    let chart = clinic.care.chart(&clinic.physician, patient, 0).await.unwrap();
    let mut words = Vec::new();
    for head in &chart.documents {
        let content = clinic.care.document(&clinic.physician, head.id).await.unwrap().content;
        match content.body {
            DocumentBody::Note { sections, conditions, .. } => {
                words.extend(sections.into_iter().flat_map(|section| section.items).map(|item| item.text));
                words.extend(conditions.into_iter().map(|condition| condition.to_string()));
            }
            DocumentBody::Addendum { text, .. } => words.push(text),
            DocumentBody::Prescription { .. } => {}
        }
    }
    words
}

#[tokio::test]
async fn what_the_patient_takes_home_begins_with_the_last_note_in_plain_words() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let mut request = MedicationRequest::named("paracetamol", RequestAction::Start);
        request.presentation = Some("tableta de 500 mg".to_owned());
        request.dose = Some(Dose::new(Amount::whole(1), DoseUnit::Tablet).unwrap());
        request.route = Some(Route::Oral);
        request.frequency = Some(Frequency::EveryHours(8));
        request.duration_days = Some(3);
        let id = clinic.care.start_visit(&clinic.physician, patient, "Tos").await.unwrap();
        let note = nom004::definition(DocumentKind::PROGRESS_NOTE);
        let mut view = filled(&clinic, &clinic.physician, id, note).await;
        let (care, doctor) = (&clinic.care, &clinic.physician);
        let told = |text: &str| ItemContent::Statement { text: text.to_owned() };
        for content in [
            ItemContent::MedicationRequest(request),
            told("Se indica: «camine en plano»; «No se hinque»."),
            told("Se solicita radiografía de rodilla."),
        ] {
            let add = ReviewAction::Add { section: SectionId::TREATMENT, content };
            view = care.review(doctor, id, note.kind, view.version, &add).await.unwrap();
        }
        care.sign(doctor, id, note.kind, view.version, PASSWORD.to_owned()).await.unwrap();

        let take_home = kind("IND");
        let id = care.start_document(doctor, patient, take_home, None).await.unwrap();
        let view = care.consultation(doctor, id, take_home).await.unwrap();
        let texts: Vec<String> = view.draft.items.iter().map(|item| item.content.text()).collect();
        assert!(
            texts.contains(
                &"Tome paracetamol (tableta de 500 mg), 1 tableta, cada 8 horas, durante 3 días.".to_owned()
            ),
            "{texts:?}"
        );
        for words in ["Camine en plano. No se hinque.", "Debe hacerse: radiografía de rodilla."] {
            assert!(texts.iter().any(|text| text == words), "{words}: {texts:?}");
        }
        assert!(texts.iter().all(|text| !text.contains("nota de evolución")), "{texts:?}");
        assert!(view.draft.items.iter().all(|item| item.source.is_some() && item.review == Review::Pending));
    }
}
