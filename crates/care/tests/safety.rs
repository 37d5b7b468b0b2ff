//! The safety check through the services, on both engines: the patient in it, what becomes of an answer, and labels.

use std::io::Cursor;

use care::chart::SummaryChange;
use care::consultation::Consultation;
use care::laboratory::{ReportForm, RowForm};
use care::patients::PatientForm;
use care::review::ReviewAction;
use care::{CareError, audit::AuditFilter};
use clinical::document::DocumentKind;
use clinical::draft::{ItemContent, SectionId};
use clinical::ids::{EncounterId, PatientId};
use clinical::medication::{Dose, DoseUnit, Frequency, MedicationRequest, RequestAction, Route};
use drug_safety::{AlertKind, OverrideReason, Severity};
use jiff::{SignedDuration, Timestamp};
use nom004::Place;
use test_support::{Clinic, OPENING, PASSWORD, engines};

const NEV: DocumentKind = DocumentKind::PROGRESS_NOTE;

async fn on_each_engine<F: AsyncFn(Clinic)>(test: F) {
    for engine in engines() {
        test(Clinic::on(engine).await).await;
    }
}

fn after(clinic: &Clinic, days: i64) {
    let opening: Timestamp = OPENING.parse().unwrap();
    clinic.clock.set(opening + SignedDuration::from_hours(24 * days));
}

fn line(name: &str, action: RequestAction) -> MedicationRequest {
    let mut request = MedicationRequest::named(name, action);
    request.presentation = Some("tabletas de 500 mg, caja con 20".to_owned());
    request.dose = Some(Dose::new("1".parse().unwrap(), DoseUnit::Tablet).unwrap());
    request.route = Some(Route::Oral);
    request.frequency = Some(Frequency::EveryHours(24));
    request.duration_days = Some(7);
    request.quantity = Some("1 caja".to_owned());
    request
}

/// A visit with these lines of treatment.
async fn visit(
    clinic: &Clinic,
    patient: PatientId,
    lines: Vec<MedicationRequest>,
) -> (EncounterId, Consultation) {
    let id = clinic.care.start_visit(&clinic.physician, patient, "Control").await.unwrap();
    let mut view = clinic.care.consultation(&clinic.physician, id, NEV).await.unwrap();
    for request in lines {
        let section = SectionId::TREATMENT;
        let content = ItemContent::MedicationRequest(request);
        view = step(clinic, id, &view, ReviewAction::Add { section, content }).await;
    }
    (id, view)
}

async fn step(clinic: &Clinic, id: EncounterId, view: &Consultation, action: ReviewAction) -> Consultation {
    clinic.care.review(&clinic.physician, id, NEV, view.version, &action).await.unwrap()
}

async fn sentence(clinic: &Clinic, id: EncounterId, view: &Consultation, text: &str) -> Consultation {
    let content = ItemContent::Statement { text: text.to_owned() };
    step(clinic, id, view, ReviewAction::Add { section: SectionId::EVOLUTION, content }).await
}

/// Writes what the norm still wants, and signs.
async fn sign(clinic: &Clinic, id: EncounterId, mut view: Consultation) {
    for _ in 0..20 {
        let gap = view.findings.iter().find_map(|finding| match &finding.place {
            Place::Section(section) if finding.blocks() => Some(section.clone()),
            _ => None,
        });
        let Some(section) = gap else { break };
        let content = ItemContent::Statement { text: "Se valora y se explica.".to_owned() };
        view = step(clinic, id, &view, ReviewAction::Add { section, content }).await;
    }
    assert_eq!(view.obstacles(), Vec::<String>::new());
    clinic.care.sign(&clinic.physician, id, NEV, view.version, PASSWORD.to_owned()).await.unwrap();
}

fn has(view: &Consultation, kind: AlertKind, severity: Severity) {
    let found = view.safety.alerts.iter().any(|one| one.alert.kind == kind && one.alert.severity == severity);
    let all: Vec<_> = view.safety.alerts.iter().map(|one| (one.alert.kind, &one.alert.message)).collect();
    assert!(found, "{kind:?} {severity:?}: {all:?}, {:?}", view.safety.missing_inputs);
}

async fn creatinine(clinic: &Clinic, patient: PatientId, day: &str, value: &str) {
    let row = |analyte: &str, value: &str, unit: &str| RowForm {
        analyte: analyte.to_owned(),
        value: value.to_owned(),
        unit: unit.to_owned(),
        range: String::new(),
    };
    let rows = vec![row("Creatinina", value, "mg/dL"), row("Potasio", "5.4", "mmol/L")];
    let form = ReportForm { day: day.to_owned(), rows, ..ReportForm::default() };
    clinic.care.add_lab_report(&clinic.physician, patient, &form).await.unwrap();
}

#[tokio::test]
async fn the_last_creatinine_counts_with_its_date_and_an_old_one_is_told_to_be_old() {
    on_each_engine(async |clinic| {
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        creatinine(&clinic, patient, "03/02/2024", "0.8").await;
        let (id, view) = visit(&clinic, patient, vec![line("metformina", RequestAction::Start)]).await;
        let told = &view.safety.missing_inputs;
        assert!(
            told.iter().any(|line| line.contains("TFG desconocida: el último resultado es de hace")),
            "{told:?}"
        );
        creatinine(&clinic, patient, "01/03/2026", "2.4").await;
        let view = clinic.care.consultation(&clinic.physician, id, NEV).await.unwrap();
        has(&view, AlertKind::Kidney, Severity::Contraindicada);
        let used = view.safety.used_inputs.join("; ");
        for words in
            ["Creatinina 2.4 mg/dL (01/03/2026)", "TFG 22 mL/min/1.73 m² (CKD-EPI 2021)", "Potasio 5.4"]
        {
            assert!(used.contains(words), "{words}: {used}");
        }
        // Two that retain potassium are a quiet line; with a high potassium they are not.
        let lines = vec![line("losartán", RequestAction::Start), line("telmisartán", RequestAction::Start)];
        let other = clinic.patient("Remedios", "Encino").await;
        let (_, view) = visit(&clinic, other, lines.clone()).await;
        assert!(view.safety.alerts.iter().all(|one| one.alert.kind != AlertKind::Additive || !one.blocks()));
        creatinine(&clinic, other, "01/03/2026", "0.8").await;
        let (_, view) = visit(&clinic, other, lines).await;
        has(&view, AlertKind::Additive, Severity::Mayor);
    })
    .await;
}

#[tokio::test]
async fn a_creatinine_said_in_the_visit_counts_where_there_is_no_sheet_with_a_date() {
    on_each_engine(async |clinic| {
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let (id, view) = visit(&clinic, patient, vec![line("metformina", RequestAction::Start)]).await;
        let view = sentence(&clinic, id, &view, "Relación albúmina creatinina: 12.").await;
        assert!(view.safety.used_inputs.is_empty(), "{:?}", view.safety.used_inputs);
        let view = sentence(&clinic, id, &view, "INR: 2.6; creatinina: 2.4.").await;
        has(&view, AlertKind::Kidney, Severity::Contraindicada);
        let used = view.safety.used_inputs.join("; ");
        assert!(used.contains("Creatinina 2.4 mg/dL (dicha en la consulta, sin fecha)"), "{used}");
        creatinine(&clinic, patient, "01/03/2026", "0.8").await;
        let view = clinic.care.consultation(&clinic.physician, id, NEV).await.unwrap();
        assert!(view.safety.alerts.iter().all(|one| one.alert.kind != AlertKind::Kidney));
    })
    .await;
}

#[tokio::test]
async fn a_name_like_another_is_told_of_a_new_medicine_and_not_of_one_that_goes_on() {
    on_each_engine(async |clinic| {
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let alike = async |action| {
            let (_, view) = visit(&clinic, patient, vec![line("clonazepam", action)]).await;
            let kinds: Vec<AlertKind> = view.safety.notices.iter().map(|notice| notice.kind).collect();
            (kinds.contains(&AlertKind::LookAlike), kinds.contains(&AlertKind::LegalClass))
        };
        assert_eq!(alike(RequestAction::Start).await, (true, true));
        assert_eq!(alike(RequestAction::Continue).await, (false, true));
    })
    .await;
}

#[tokio::test]
async fn diagnoses_of_the_record_and_medicines_stopped_lately_speak_against_a_medicine() {
    on_each_engine(async |clinic| {
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let problem = SummaryChange::AddProblem { text: "Asma bronquial".to_owned(), icd11: String::new() };
        clinic.care.change_summary(&clinic.physician, patient, &problem).await.unwrap();
        let (_, view) = visit(&clinic, patient, vec![line("propranolol", RequestAction::Start)]).await;
        has(&view, AlertKind::Condition, Severity::Mayor);

        let add = SummaryChange::AddMedication { medicine: "fluoxetina".to_owned(), taken: String::new() };
        clinic.care.change_summary(&clinic.physician, patient, &add).await.unwrap();
        let chart = clinic.care.chart(&clinic.physician, patient, 0).await.unwrap();
        let close = SummaryChange::CloseMedication(chart.summary.medications[0].id);
        clinic.care.change_summary(&clinic.physician, patient, &close).await.unwrap();
        after(&clinic, 10);
        let phenelzine = || vec![line("fenelzina", RequestAction::Start)];
        has(&visit(&clinic, patient, phenelzine()).await.1, AlertKind::Washout, Severity::Contraindicada);
        after(&clinic, 40);
        let (_, view) = visit(&clinic, patient, phenelzine()).await;
        assert!(view.safety.alerts.iter().all(|one| one.alert.kind != AlertKind::Washout));
    })
    .await;
}

#[tokio::test]
async fn tablets_count_by_the_strength_of_their_presentation_and_without_one_it_is_told() {
    on_each_engine(async |clinic| {
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let mut request = line("paracetamol", RequestAction::Start);
        request.dose = Some(Dose::new("2".parse().unwrap(), DoseUnit::Tablet).unwrap());
        request.frequency = Some(Frequency::EveryHours(4));
        let (_, view) = visit(&clinic, patient, vec![request.clone()]).await;
        has(&view, AlertKind::MaximumDose, Severity::Contraindicada);
        request.presentation = Some("caja con 20 tabletas".to_owned());
        let (_, view) = visit(&clinic, patient, vec![request]).await;
        let told = view.safety.missing_inputs.join("; ");
        assert!(told.contains("Dosis al día de paracetamol sin calcular: falta la concentración"), "{told}");
    })
    .await;
}

#[tokio::test]
async fn a_pregnancy_is_asked_for_and_what_the_note_says_of_it_counts() {
    on_each_engine(async |clinic| {
        let form = PatientForm {
            given: "Amapola".to_owned(),
            first_surname: "Fresno".to_owned(),
            second_surname: "Roble".to_owned(),
            birth_date: "12/01/1996".to_owned(),
            sex: "female".to_owned(),
            ..PatientForm::default()
        };
        let patient = clinic.care.register_patient(&clinic.physician, &form).await.unwrap().id;
        let (id, view) = visit(&clinic, patient, vec![line("isotretinoína", RequestAction::Start)]).await;
        assert!(view.safety.missing_inputs.iter().any(|line| line == drug_safety::PREGNANCY_NOT_ASKED));
        let pregnant = sentence(&clinic, id, &view, "Embarazo actual de 20 semanas.").await;
        has(&pregnant, AlertKind::Pregnancy, Severity::Contraindicada);
        assert!(pregnant.safety.used_inputs.contains(&"Embarazo de 20 semanas".to_owned()));
        let denied = sentence(&clinic, id, &pregnant, "Niega embarazo.").await;
        assert!(denied.safety.alerts.iter().all(|one| one.alert.kind != AlertKind::Pregnancy));
        assert!(!denied.safety.missing_inputs.iter().any(|line| line == drug_safety::PREGNANCY_NOT_ASKED));
    })
    .await;
}

#[tokio::test]
async fn an_answered_pair_that_goes_on_unchanged_is_quiet_for_a_year_and_a_promise_becomes_a_task() {
    on_each_engine(async |clinic| {
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let both = |action| vec![line("warfarina", action), line("naproxeno", action)];
        let (id, view) = visit(&clinic, patient, both(RequestAction::Start)).await;
        let alert = view.safety.undecided().next().unwrap().clone();
        assert_eq!(view.safety.undecided().count(), 1);
        let promise = view.safety.answer(
            &alert,
            OverrideReason::WillMonitor,
            "INR",
            Some("2026-03-17".parse().unwrap()),
        );
        let view = step(&clinic, id, &view, ReviewAction::DecideAlert(promise)).await;
        sign(&clinic, id, view).await;

        let chart = clinic.care.chart(&clinic.physician, patient, 0).await.unwrap();
        let [promised] = chart.follow_ups.as_slice() else { panic!("{:?}", chart.follow_ups) };
        assert!(promised.what.ends_with("INR") && promised.due.to_string() == "2026-03-17");
        assert!(
            clinic.care.today(&clinic.physician).await.unwrap().follow_ups.is_empty(),
            "a week too early"
        );
        after(&clinic, 6);
        assert_eq!(clinic.care.today(&clinic.physician).await.unwrap().follow_ups.len(), 1);
        assert!(clinic.care.today(&clinic.reception).await.unwrap().follow_ups.is_empty());
        let end =
            async |outcome| clinic.care.end_follow_up(&clinic.physician, patient, promised.id, outcome).await;
        assert!(matches!(end("").await, Err(CareError::Invalid(_))));
        end("INR 2.4, sin sangrado").await.unwrap();
        assert!(matches!(end("otra vez").await, Err(CareError::NotFound { .. })));
        assert!(clinic.care.chart(&clinic.physician, patient, 0).await.unwrap().follow_ups.is_empty());
        let events = clinic.care.audit_events(&clinic.auditor, &AuditFilter::default(), 0).await.unwrap();
        let kept = format!("{events:?}");
        assert!(
            kept.contains("alerta mayor: Se vigilará (reglas del"),
            "the bitácora does not say why: {kept}"
        );

        let quiet = |view: &Consultation| {
            let same = view.safety.alerts.iter().find(|one| one.key == alert.key).unwrap();
            (same.blocks(), same.settled.as_ref().and_then(|settled| settled.reason))
        };
        let (_, view) = visit(&clinic, patient, both(RequestAction::Continue)).await;
        assert_eq!(quiet(&view), (false, Some(OverrideReason::WillMonitor)));
        let (_, view) = visit(&clinic, patient, both(RequestAction::Change)).await;
        assert_eq!(quiet(&view), (true, None), "a changed dose is another question");
        after(&clinic, 380);
        let (_, view) = visit(&clinic, patient, both(RequestAction::Continue)).await;
        assert_eq!(quiet(&view), (true, None), "a year later it is asked again");
    })
    .await;
}

#[tokio::test]
async fn a_contraindication_is_never_quiet() {
    on_each_engine(async |clinic| {
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let both = |action| vec![line("sildenafil", action), line("isosorbida", action)];
        let (id, view) = visit(&clinic, patient, both(RequestAction::Start)).await;
        let alert = view.safety.undecided().next().unwrap().clone();
        assert_eq!(alert.alert.severity, Severity::Contraindicada);
        let decide = |view: &Consultation, text| {
            let reason = OverrideReason::NoAlternative;
            ReviewAction::DecideAlert(view.safety.answer(&alert, reason, text, None))
        };
        let code_alone = decide(&view, "");
        let refused = clinic.care.review(&clinic.physician, id, NEV, view.version, &code_alone).await;
        assert!(matches!(refused, Err(CareError::Invalid(_))));
        let view = step(&clinic, id, &view, decide(&view, "Separados 48 horas.")).await;
        sign(&clinic, id, view).await;
        let (_, view) = visit(&clinic, patient, both(RequestAction::Continue)).await;
        assert!(view.safety.undecided().any(|one| one.key == alert.key));
    })
    .await;
}

fn label(set_id: &str, name: &str, interactions: &str) -> String {
    format!(
        r#"{{"set_id":"{set_id}","version":"1","effective_time":"20250101","openfda":{{"generic_name":["{name}"]}},"drug_interactions":["{interactions}"]}}"#
    )
}

fn file(records: &[String]) -> Cursor<Vec<u8>> {
    let records = records.join(",");
    Cursor::new(format!(r#"{{"meta":{{"last_updated":"2026-06-12"}},"results":[{records}]}}"#).into_bytes())
}

#[tokio::test]
async fn imported_labels_quote_their_sentence_and_a_damaged_file_leaves_the_old_ones() {
    on_each_engine(async |clinic| {
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let lines = vec![line("loratadina", RequestAction::Start), line("ambroxol", RequestAction::Start)];
        let (id, view) = visit(&clinic, patient, lines).await;
        let quotes = |view: &Consultation| -> Vec<String> {
            view.safety.alerts.iter().flat_map(|one| one.alert.quotes.clone()).collect()
        };
        assert!(
            quotes(&view).is_empty() && view.safety.sources.contains("sin fichas"),
            "{}",
            view.safety.sources
        );
        let waiting = view.safety.undecided().count();
        let said = "Concomitant use of ambroxol may raise loratadine levels.";
        let records =
            [label("a", "LORATADINE", said), "{\"set_id\":".to_owned() + "}", label("b", "DIGOXIN", "x")];
        let import = async |name: &str, file| clinic.care.import_labels_by_program(name, file, |_| {}).await;
        let done = import("parte 1.json", file(&records)).await.unwrap();
        assert_eq!((done.changed, done.records, done.broken, done.new), (true, 3, 1, 2));
        let again = import("otra copia.json", file(&records)).await.unwrap();
        assert_eq!((again.changed, again.loaded.labels), (false, 2));

        let view = clinic.care.consultation(&clinic.physician, id, NEV).await.unwrap();
        assert_eq!(quotes(&view), [said]);
        assert!(view.safety.sources.contains("fichas de openFDA del 2026-06-12"), "{}", view.safety.sources);
        assert_eq!(view.safety.undecided().count(), waiting, "a label alone never interrupts");

        let whole = file(&[label("a", "LORATADINE", "otra"), label("c", "WARFARIN", "y")]).into_inner();
        let cut = Cursor::new(whole[..whole.len() - 9].to_vec());
        for (name, bytes) in [("cortado.json", cut), ("página.json", Cursor::new(b"<html>".to_vec()))] {
            let refused = import(name, bytes).await;
            assert!(matches!(refused, Err(CareError::Invalid(_))), "{name}: {refused:?}");
        }
        assert!(matches!(
            import("nada.zip", Cursor::new(b"PK\x03\x04x".to_vec())).await,
            Err(CareError::Invalid(_))
        ));
        let view = clinic.care.consultation(&clinic.physician, id, NEV).await.unwrap();
        assert_eq!(quotes(&view), [said]);
    })
    .await;
}
