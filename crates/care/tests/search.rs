//! Searching: who may, what it leaves in the bitácora, what it never keeps.

use care::CareError;
use care::attachments::AttachmentForm;
use care::audit::AuditFilter;
use care::laboratory::{ReportForm, RowForm};
use care::search::{Found, SearchForm};
use clinical::attachment::AttachmentCategory;
use clinical::audit::AuditAction;
use test_support::{Clinic, Engine, engines};

fn asking(text: &str) -> SearchForm {
    SearchForm { text: text.to_owned(), ..SearchForm::default() }
}

fn ids(found: &Found) -> Vec<&str> {
    found.entries.iter().map(|entry| entry.hit.entity_id.as_str()).collect()
}

#[tokio::test]
async fn words_are_found_in_one_record_or_in_all_with_their_context() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let (jacinta, elias) = (clinic.patient("Jacinta", "Uno").await, clinic.patient("Elías", "Dos").await);
        clinic.searchable(jacinta, "a", 3, "Con HTA controlada. Niega cefalea.").await;
        clinic.searchable(elias, "b", 1, "Hipertensión arterial sin tratamiento.").await;
        let search = async |form: SearchForm| clinic.care.search(&clinic.physician, &form).await.unwrap();
        assert_eq!(ids(&search(asking("hipertension")).await), ["b", "a"]);
        assert_eq!(ids(&search(asking("hta cefaleas")).await), ["a"]);
        assert_eq!(ids(&search(asking("\"hta controlada\"")).await), ["a"]);
        assert_eq!(ids(&search(asking("hipert")).await), ["b", "a"], "a word being typed");
        let here = search(SearchForm { patient: Some(elias), ..asking("hta") }).await;
        assert_eq!(
            (ids(&here), here.patient.as_ref().unwrap().full_name()),
            (vec!["b"], "Elías Dos Roble".to_owned())
        );
        let marked: Vec<_> = here.entries[0].snippet.iter().filter(|piece| piece.found).collect();
        assert_eq!(marked.iter().map(|p| p.text.as_str()).collect::<Vec<_>>(), ["Hipertensión"]);
        assert_eq!(ids(&search(SearchForm { code: "ba00".to_owned(), ..asking("cefalea") }).await), ["a"]);
        let nothing = search(asking("de la")).await;
        assert!(!nothing.asked && nothing.entries.is_empty());
        assert!(search(asking("zzz")).await.asked);
        // The clinic opens on 10 March 2026.
        let dated = |from: &str, until: &str| SearchForm {
            from: from.to_owned(),
            until: until.to_owned(),
            ..SearchForm::default()
        };
        assert_eq!(ids(&search(dated("08/03/2026", "")).await), ["b"]);
        assert_eq!(ids(&search(dated("", "07/03/2026")).await), ["a"]);
        assert_eq!(ids(&search(dated("07/03/2026", "9/3/2026")).await), ["b", "a"]);
    }
}

#[tokio::test]
async fn a_wrong_date_names_its_field() {
    let clinic = Clinic::on(Engine::Embedded).await;
    for (from, until, field) in
        [("ayer", "", "desde"), ("", "31/02/2026", "hasta"), ("02/01/2026", "01/01/2026", "hasta")]
    {
        let form = SearchForm { from: from.to_owned(), until: until.to_owned(), ..asking("tos") };
        let refused = clinic.care.search(&clinic.physician, &form).await;
        let Err(CareError::Invalid(errors)) = refused else { unreachable!("{refused:?}") };
        assert_eq!(errors.iter().map(|error| error.field).collect::<Vec<_>>(), [field]);
    }
}

#[tokio::test]
async fn who_may_not_read_records_may_not_search_them() {
    let clinic = Clinic::on(Engine::Embedded).await;
    let patient = clinic.patient("Jacinta", "Uno").await;
    for actor in [&clinic.reception, &clinic.auditor] {
        for form in [asking("tos"), SearchForm { patient: Some(patient), ..asking("tos") }] {
            let refused = clinic.care.search(actor, &form).await;
            assert!(matches!(refused, Err(CareError::Denied { .. })), "{refused:?}");
        }
    }
}

#[tokio::test]
async fn the_bitacora_names_each_record_shown_and_no_word() {
    let clinic = Clinic::on(Engine::Embedded).await;
    let (jacinta, elias) = (clinic.patient("Jacinta", "Uno").await, clinic.patient("Elías", "Dos").await);
    for (id, patient) in [("a", jacinta), ("b", elias), ("c", elias)] {
        clinic.searchable(patient, id, 1, "Hiperbilirrubinemia.").await;
    }
    clinic.care.search(&clinic.physician, &asking("hiperbilirrubinemia")).await.unwrap();
    clinic.care.search(&clinic.physician, &asking("esternocleidomastoideo")).await.unwrap();
    let filter = AuditFilter { entity: Some("search".to_owned()), ..AuditFilter::default() };
    let events = clinic.care.audit_events(&clinic.auditor, &filter, 0).await.unwrap().events;
    let mut records: Vec<_> = events.iter().map(|(event, _)| event.patient_id).collect();
    records.sort();
    let mut expected = vec![None, Some(jacinta), Some(elias)];
    expected.sort();
    assert_eq!(records, expected);
    assert!(events.iter().all(|(event, _)| event.action == AuditAction::Search));
    let words = format!("{events:?}").to_lowercase();
    assert!(!words.contains("hiperbili") && !words.contains("esterno"), "{words}");
}

#[tokio::test]
async fn long_results_come_in_pages() {
    let clinic = Clinic::on(Engine::Embedded).await;
    let patient = clinic.patient("Jacinta", "Uno").await;
    for n in 0..25 {
        clinic.searchable(patient, &n.to_string(), n, "Tos seca.").await;
    }
    let first = clinic.care.search(&clinic.physician, &asking("tos")).await.unwrap();
    assert_eq!((first.entries.len(), ids(&first)[0]), (20, "0"));
    let rest = SearchForm { before: first.next, ..asking("tos") };
    let rest = clinic.care.search(&clinic.physician, &rest).await.unwrap();
    assert_eq!((ids(&rest), rest.next), (vec!["20", "21", "22", "23", "24"], None));
}

#[tokio::test]
async fn files_and_laboratory_results_are_found_by_name_and_value() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let patient = clinic.patient("Jacinta", "Uno").await;
        let file = AttachmentForm {
            file_name: "radiografía_tórax-2026.pdf".to_owned(),
            category: AttachmentCategory::ALL[0].code().to_owned(),
            content: b"%PDF-1.7\n%%EOF\n".to_vec(),
            ..AttachmentForm::default()
        };
        let file = clinic.care.attach_file(&clinic.physician, patient, file).await.unwrap().id;
        let row = |analyte: &str, value: &str| RowForm {
            analyte: analyte.to_owned(),
            value: value.to_owned(),
            unit: "mg/dL".to_owned(),
            ..RowForm::default()
        };
        let report = ReportForm {
            day: "09/03/2026".to_owned(),
            rows: vec![row("Glucosa", "187"), row("Creatinina", "0.8")],
            ..ReportForm::default()
        };
        let report = clinic.care.add_lab_report(&clinic.physician, patient, &report).await.unwrap();
        let (file, report) = (file.to_string(), report.to_string());
        let search = async |form: SearchForm| clinic.care.search(&clinic.physician, &form).await.unwrap();
        let check = async || {
            assert_eq!(ids(&search(asking("torax radiografia")).await), [file.as_str()]);
            assert_eq!(ids(&search(asking("glucosas 187")).await), [report.as_str()]);
            let labs = SearchForm { kind: "LAB".to_owned(), patient: Some(patient), ..SearchForm::default() };
            assert_eq!(ids(&search(labs).await), [report.as_str()]);
        };
        check().await;
        clinic
            .care
            .withdraw_attachment(&clinic.physician, file.parse().unwrap(), "Otra persona")
            .await
            .unwrap();
        let found = search(asking("radiografia")).await;
        assert_eq!(found.entries[0].hit.title, "Archivo retirado");
        // Everything is there again after the index was made anew.
        let mut tx = clinic.care.database().begin().await.unwrap();
        tx.set_setting("search_index", "0").await.unwrap();
        tx.commit().await.unwrap();
        clinic.care.bring_search_up_to_date().await.unwrap();
        check().await;
    }
}
