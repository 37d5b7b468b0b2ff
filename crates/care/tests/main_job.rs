//! The main job through the services, on both engines: draft, review, sign, and what is refused on the way.

use care::chart::SummaryChange;
use care::consultation::Consultation;
use care::review::ReviewAction;
use care::search::SearchForm;
use care::session::Client;
use care::{CareError, audit::AuditFilter};
use clinical::allergy::{AllergyIntolerance, AllergyStatus, ReactionKind};
use clinical::audit::AuditAction;
use clinical::condition::{Certainty, ConditionEntry};
use clinical::document::{DocumentBody, DocumentKind};
use clinical::draft::{ItemContent, Review, SectionId};
use clinical::encounter::EncounterState;
use clinical::ids::EncounterId;
use clinical::medication::{Dose, DoseUnit, Frequency, MedicationRequest, RequestAction, Route};
use drug_safety::OverrideReason;
use jiff::SignedDuration;
use test_support::{Clinic, PASSWORD, engines};

const NEV: DocumentKind = DocumentKind::PROGRESS_NOTE;

const TRANSCRIPT: &str = "D: Buenos días, ¿qué la trae por aquí?\n\
    P: Pues me duele la rodilla derecha desde hace tres semanas, doctora.\n\
    D: ¿Ha tenido fiebre?\n\
    P: No.\n\
    D: La presión está en ciento treinta y dos sobre ochenta.\n\
    D: Por lo que veo tiene osteoartritis de la rodilla derecha.\n\
    D: Se va a tomar paracetamol de quinientos miligramos, una tableta cada ocho horas por cinco días.\n\
    P: Sí, doctora. Gracias.";

fn statement(text: &str) -> ItemContent {
    ItemContent::Statement { text: text.to_owned() }
}

fn medicine(name: &str) -> ItemContent {
    let mut request = MedicationRequest::named(name, RequestAction::Start);
    request.presentation = Some("tabletas de 500 mg, caja con 20".to_owned());
    request.dose = Some(Dose::new(clinical::observation::Amount::whole(500), DoseUnit::Milligram).unwrap());
    request.route = Some(Route::Oral);
    request.frequency = Some(Frequency::EveryHours(12));
    request.duration_days = Some(7);
    request.quantity = Some("1 caja".to_owned());
    ItemContent::MedicationRequest(request)
}

async fn step(clinic: &Clinic, id: EncounterId, view: &Consultation, action: ReviewAction) -> Consultation {
    clinic.care.review(&clinic.physician, id, NEV, view.version, &action).await.unwrap()
}

/// Accepts every proposal, completes medicines as a physician would, and writes what the norm still wants.
async fn complete(clinic: &Clinic, id: EncounterId) -> Consultation {
    let mut view = clinic.care.consultation(&clinic.physician, id, NEV).await.unwrap();
    for item in view.draft.items.clone() {
        view = match item.content {
            ItemContent::MedicationRequest(request) if request.is_prescribed() => {
                let action = ReviewAction::Edit { item: item.id, content: medicine(&request.medicine) };
                step(clinic, id, &view, action).await
            }
            _ if item.review == Review::Pending => {
                step(clinic, id, &view, ReviewAction::Accept(item.id)).await
            }
            _ => view,
        };
    }
    for section in [SectionId::EVOLUTION, SectionId::DIAGNOSES, SectionId::PROGNOSIS, SectionId::TREATMENT] {
        if view.draft.section(&section).next().is_none() {
            let action = ReviewAction::Add { section, content: statement("Escrito por la médica.") };
            view = step(clinic, id, &view, action).await;
        }
    }
    view
}

/// Gives a reason for going on with every alert that waits for one.
async fn answer_alerts(clinic: &Clinic, id: EncounterId, mut view: Consultation) -> Consultation {
    loop {
        let Some(alert) = view.safety.undecided().next().cloned() else { return view };
        let decide = ReviewAction::DecideAlert(view.safety.answer(
            &alert,
            OverrideReason::BenefitOutweighsRisk,
            "Curso corto con vigilancia.",
            None,
        ));
        view = step(clinic, id, &view, decide).await;
    }
}

/// The documents a search finds, sorted.
async fn found(clinic: &Clinic, words: &str) -> Vec<String> {
    let form = SearchForm { text: words.to_owned(), ..SearchForm::default() };
    let found = clinic.care.search(&clinic.physician, &form).await.unwrap();
    let mut ids: Vec<String> = found.entries.into_iter().map(|entry| entry.hit.entity_id).collect();
    ids.sort();
    ids
}

async fn on_each_engine<F: AsyncFn(Clinic)>(test: F) {
    for engine in engines() {
        test(Clinic::on(engine).await).await;
    }
}

#[tokio::test]
async fn a_consultation_becomes_a_signed_note_and_receta() {
    on_each_engine(async |clinic| {
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let id = clinic.consultation(patient, TRANSCRIPT).await;
        let draft = clinic.care.consultation(&clinic.physician, id, NEV).await.unwrap();
        assert!(!draft.draft.items.is_empty(), "the scribe proposed nothing");
        assert!(
            draft.draft.items.iter().all(|item| !item.evidence.is_empty()),
            "a proposal without evidence"
        );

        let view = complete(&clinic, id).await;
        assert_eq!(view.obstacles(), Vec::<String>::new());
        let signed =
            clinic.care.sign(&clinic.physician, id, NEV, view.version, PASSWORD.to_owned()).await.unwrap();

        let note = clinic.care.document(&clinic.physician, signed.note).await.unwrap();
        assert!(note.intact);
        assert_eq!(note.content.patient.name, "Jacinta Ahuehuete Roble");
        assert_eq!(note.content.author.license.as_str(), "1234567");
        let receta =
            clinic.care.document(&clinic.physician, signed.prescription.expect("a receta")).await.unwrap();
        let DocumentBody::Prescription { medication_requests, folio, .. } = &receta.content.body else {
            panic!("not a receta");
        };
        assert_eq!(folio, "R-000001");
        assert_eq!(medication_requests[0].medicine, "paracetamol");
        let copy = clinic.care.print(&clinic.physician, signed.note, false, "").await.unwrap();
        let pdf = clinic.care.printed(&clinic.physician, signed.note, copy).await.unwrap();
        assert!(pdf.bytes.starts_with(b"%PDF-"));

        let mut expected = vec![signed.note.to_string(), signed.prescription.unwrap().to_string()];
        expected.sort();
        assert_eq!(found(&clinic, "paracetamol").await, expected);
        // As a record signed by an earlier version, whose index kept other terms of the same words.
        let mut tx = clinic.care.database().begin().await.unwrap();
        for signed in [&note, &receta] {
            let entry = care::search::entry(&signed.content, signed.document.signed_by);
            tx.index(&storage::SearchEntry { terms: vec!["anterior".to_owned()], ..entry }).await.unwrap();
        }
        tx.set_setting("search_index", "0").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(found(&clinic, "paracetamol").await, [""; 0]);
        clinic.care.bring_search_up_to_date().await.unwrap();
        assert_eq!(found(&clinic, "paracetamol").await, expected);

        let chart = clinic.care.chart(&clinic.physician, patient, 0).await.unwrap();
        assert_eq!(chart.documents.len(), 2);
        assert!(chart.open.is_empty());
        assert!(chart.summary.open_medications().any(|taken| taken.medicine == "paracetamol"));
        let report = storage::verify::verify(clinic.care.database(), clinic.care.blobs()).await.unwrap();
        assert!(report.is_sound(), "{:?}", report.findings);
    })
    .await;
}

#[tokio::test]
async fn a_cluster_of_codes_is_signed_printed_and_found_by_each_of_them() {
    on_each_engine(async |clinic| {
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let id = clinic.consultation(patient, TRANSCRIPT).await;
        let view = complete(&clinic, id).await;
        let (text, certainty) = ("Diabetes con retinopatía derecha".to_owned(), Certainty::Confirmed);
        let content = ItemContent::Condition(ConditionEntry { text, certainty, code: None });
        let view = step(&clinic, id, &view, ReviewAction::Add { section: SectionId::DIAGNOSES, content }).await;
        let item = view.draft.section(&SectionId::DIAGNOSES).last().unwrap().id;
        let (icd11, icd10) = ("5a11/9b71.0z&xk9k".to_owned(), String::new());
        let view = step(&clinic, id, &view, ReviewAction::ConfirmCode { item, icd11, icd10 }).await;
        let signed =
            clinic.care.sign(&clinic.physician, id, NEV, view.version, PASSWORD.to_owned()).await.unwrap();
        let note = clinic.care.document(&clinic.physician, signed.note).await.unwrap();
        let DocumentBody::Note { conditions, .. } = &note.content.body else { panic!("not a note") };
        let code = conditions.last().unwrap().code.as_ref().unwrap();
        assert_eq!(
            code.shown(),
            "5A11/9B71.0Z&XK9K: Diabetes mellitus tipo 2 / Retinopatía diabética, sin especificación [Derecho]"
        );
        assert_eq!((code.icd10.as_deref(), code.release.as_deref()), (Some("E11.3"), Some("2024-01")));
        for part in ["9B71.0Z", "5A11", "9B71", "E11.3"] {
            let form = SearchForm { code: part.to_owned(), ..SearchForm::default() };
            let found = clinic.care.search(&clinic.physician, &form).await.unwrap();
            assert_eq!(found.entries[0].hit.entity_id, signed.note.to_string(), "{part}");
        }
        let copy = clinic.care.print(&clinic.physician, signed.note, false, "").await.unwrap();
        let pdf = clinic.care.printed(&clinic.physician, signed.note, copy).await.unwrap();
        assert!(pdf.bytes.starts_with(b"%PDF-"));
        let chart = clinic.care.chart(&clinic.physician, patient, 0).await.unwrap();
        let kept = chart.summary.conditions.iter().filter_map(|one| one.value.code.as_ref());
        assert_eq!(kept.filter(|kept| *kept == code).count(), 1, "among the problems");
    })
    .await;
}

#[tokio::test]
async fn a_signed_note_cannot_be_edited_but_gets_an_addendum() {
    on_each_engine(async |clinic| {
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let id = clinic.consultation(patient, TRANSCRIPT).await;
        let view = complete(&clinic, id).await;
        let signed =
            clinic.care.sign(&clinic.physician, id, NEV, view.version, PASSWORD.to_owned()).await.unwrap();

        let edit = ReviewAction::Add { section: SectionId::PROGNOSIS, content: statement("Otro.") };
        let refused = clinic.care.review(&clinic.physician, id, NEV, 0, &edit).await;
        assert!(matches!(refused, Err(CareError::Finished { .. })), "{refused:?}");
        let bytes = TRANSCRIPT.as_bytes().to_vec();
        let refused = clinic.care.attach_transcript(&clinic.physician, id, NEV, bytes).await;
        assert!(matches!(refused, Err(CareError::Finished { .. })), "{refused:?}");
        let again = clinic.care.sign(&clinic.physician, id, NEV, view.version, PASSWORD.to_owned()).await;
        assert!(matches!(again, Err(CareError::Finished { .. })), "{again:?}");

        let original = clinic.care.document(&clinic.physician, signed.note).await.unwrap().document.content;
        let (reason, text) = ("Error en la lateralidad", "La rodilla afectada es la izquierda.");
        let password = PASSWORD.to_owned();
        clinic.care.add_addendum(&clinic.physician, signed.note, reason, text, password).await.unwrap();
        let note = clinic.care.document(&clinic.physician, signed.note).await.unwrap();
        assert_eq!(note.document.content, original);
        assert_eq!(note.addenda.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn signing_waits_for_every_open_point_and_for_the_password() {
    on_each_engine(async |clinic| {
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let id = clinic.consultation(patient, TRANSCRIPT).await;
        let draft = clinic.care.consultation(&clinic.physician, id, NEV).await.unwrap();
        let early = clinic.care.sign(&clinic.physician, id, NEV, draft.version, PASSWORD.to_owned()).await;
        let Err(CareError::Invalid(open)) = early else { panic!("{early:?}") };
        assert!(open.iter().any(|point| point.message.contains("pronóstico")), "{open:?}");

        let view = complete(&clinic, id).await;
        let wrong =
            clinic.care.sign(&clinic.physician, id, NEV, view.version, "otra contraseña".to_owned()).await;
        assert!(matches!(wrong, Err(CareError::WrongPassword)), "{wrong:?}");
        let stale = clinic.care.sign(&clinic.physician, id, NEV, view.version - 1, PASSWORD.to_owned()).await;
        assert!(matches!(stale, Err(CareError::Conflict { .. })), "{stale:?}");
        let nurse = clinic.care.sign(&clinic.nurse, id, NEV, view.version, PASSWORD.to_owned()).await;
        assert!(matches!(nurse, Err(CareError::Denied { .. })), "{nurse:?}");
    })
    .await;
}

#[tokio::test]
async fn two_people_editing_one_draft_the_second_is_told_and_nothing_is_lost() {
    on_each_engine(async |clinic| {
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let id = clinic.consultation(patient, TRANSCRIPT).await;
        let seen = clinic.care.consultation(&clinic.physician, id, NEV).await.unwrap().version;
        let by_nurse =
            ReviewAction::Add { section: SectionId::EVOLUTION, content: statement("Peso referido: 71 kg.") };
        clinic.care.review(&clinic.nurse, id, NEV, seen, &by_nurse).await.unwrap();
        let mine = ReviewAction::Add {
            section: SectionId::EVOLUTION,
            content: statement("Duerme mal por el dolor."),
        };
        let refused = clinic.care.review(&clinic.physician, id, NEV, seen, &mine).await;
        assert!(matches!(refused, Err(CareError::Conflict { .. })), "{refused:?}");

        let now = clinic.care.consultation(&clinic.physician, id, NEV).await.unwrap();
        assert_eq!(
            now.last_saved.as_ref().map(|(name, _)| name.as_str()),
            Some("Enf. Amapola Prueba Fresno")
        );
        let both = clinic.care.review(&clinic.physician, id, NEV, now.version, &mine).await.unwrap();
        let texts: Vec<String> = both.draft.items.iter().map(|item| item.content.text()).collect();
        assert!(
            texts.contains(&"Peso referido: 71 kg.".to_owned())
                && texts.contains(&"Duerme mal por el dolor.".to_owned())
        );
    })
    .await;
}

#[tokio::test]
async fn a_new_drug_that_collides_with_an_old_one_blocks_until_it_is_answered() {
    on_each_engine(async |clinic| {
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let taken =
            SummaryChange::AddMedication { medicine: "warfarina".into(), taken: "5 mg cada 24 horas".into() };
        clinic.care.change_summary(&clinic.physician, patient, &taken).await.unwrap();
        let id = clinic.consultation(patient, TRANSCRIPT).await;
        let view = complete(&clinic, id).await;
        let naproxen = ReviewAction::Add { section: SectionId::TREATMENT, content: medicine("naproxeno") };
        let view = step(&clinic, id, &view, naproxen).await;
        let alert = view.safety.undecided().next().expect("an alert").clone();
        assert!(alert.alert.drugs.iter().any(|drug| drug.contains("naproxeno")), "{:?}", alert.alert);
        let refused = clinic.care.sign(&clinic.physician, id, NEV, view.version, PASSWORD.to_owned()).await;
        assert!(matches!(refused, Err(CareError::Invalid(_))), "{refused:?}");

        let view = answer_alerts(&clinic, id, view).await;
        let signed =
            clinic.care.sign(&clinic.physician, id, NEV, view.version, PASSWORD.to_owned()).await.unwrap();
        let receta = clinic.care.document(&clinic.physician, signed.prescription.unwrap()).await.unwrap();
        let DocumentBody::Prescription { alert_decisions, .. } = receta.content.body else {
            panic!("not a receta")
        };
        assert_eq!(alert_decisions[0].reason_code, "beneficio_supera_riesgo");
    })
    .await;
}

#[tokio::test]
async fn two_lines_of_a_medicine_already_taken_can_be_signed_and_replace_it() {
    on_each_engine(async |clinic| {
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let taken = SummaryChange::AddMedication {
            medicine: "metoprolol".into(),
            taken: "50 mg cada 12 horas".into(),
        };
        clinic.care.change_summary(&clinic.physician, patient, &taken).await.unwrap();
        let id = clinic.consultation(patient, TRANSCRIPT).await;
        let mut view = complete(&clinic, id).await;
        for _ in ["en la mañana", "en la noche"] {
            let line = ReviewAction::Add { section: SectionId::TREATMENT, content: medicine("metoprolol") };
            view = step(&clinic, id, &view, line).await;
        }
        let view = answer_alerts(&clinic, id, view).await;
        clinic.care.sign(&clinic.physician, id, NEV, view.version, PASSWORD.to_owned()).await.unwrap();
        let chart = clinic.care.chart(&clinic.physician, patient, 0).await.unwrap();
        let lines = chart.summary.open_medications().filter(|taken| taken.medicine == "metoprolol").count();
        assert_eq!(lines, 2, "the two new lines, and no longer the old one");
    })
    .await;
}

#[tokio::test]
async fn an_allergy_on_record_alerts_on_a_drug_of_its_family() {
    on_each_engine(async |clinic| {
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let allergy = AllergyIntolerance {
            substance: "penicilina".into(),
            reaction_kind: ReactionKind::Anaphylaxis,
            reaction: None,
        };
        clinic
            .care
            .change_summary(&clinic.physician, patient, &SummaryChange::AddAllergy(allergy))
            .await
            .unwrap();
        let deny =
            clinic.care.change_summary(&clinic.physician, patient, &SummaryChange::DenyAllergies).await;
        assert!(matches!(deny, Err(CareError::Invalid(_))), "denied over a known allergy");
        let id = clinic.consultation(patient, TRANSCRIPT).await;
        let view = clinic.care.consultation(&clinic.physician, id, NEV).await.unwrap();
        let add = ReviewAction::Add { section: SectionId::TREATMENT, content: medicine("amoxicilina") };
        let view = step(&clinic, id, &view, add).await;
        assert!(view.safety.undecided().next().is_some(), "{:?}", view.safety);
        assert!(matches!(view.allergies, AllergyStatus::Known(_)));
    })
    .await;
}

#[tokio::test]
async fn reception_gets_no_clinical_text_and_the_refusal_is_in_the_bitacora() {
    on_each_engine(async |clinic| {
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let id = clinic.consultation(patient, TRANSCRIPT).await;
        assert!(matches!(
            clinic.care.chart(&clinic.reception, patient, 0).await,
            Err(CareError::Denied { .. })
        ));
        assert!(matches!(
            clinic.care.consultation(&clinic.reception, id, NEV).await,
            Err(CareError::Denied { .. })
        ));
        assert!(clinic.care.patient(&clinic.reception, patient).await.is_ok());
        assert!(clinic.care.today(&clinic.reception).await.unwrap().open.is_empty());
        let filter = AuditFilter { action: Some(AuditAction::Denied), ..AuditFilter::default() };
        let refused = clinic.care.audit_events(&clinic.auditor, &filter, 0).await.unwrap();
        assert_eq!(refused.total, 2);
        assert!(clinic.care.audit_events(&clinic.reception, &filter, 0).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_when_idle_and_the_draft_is_still_there() {
    on_each_engine(async |clinic| {
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let id = clinic.consultation(patient, TRANSCRIPT).await;
        let token = clinic.care.sign_in("ines", PASSWORD.to_owned(), &Client::at("prueba")).await.unwrap();
        let token = token.complete().unwrap();
        assert!(clinic.care.actor(&token, "prueba").await.is_ok());
        clinic.clock.set(clinic.care.now() + SignedDuration::from_hours(3));
        assert!(matches!(clinic.care.actor(&token, "prueba").await, Err(CareError::SignedOut)));
        let back = test_support::actor(&clinic.care, "ines").await;
        let view = clinic.care.consultation(&back, id, NEV).await.unwrap();
        assert!(view.version > 0 && view.encounter.state == EncounterState::InProgress);
    })
    .await;
}

#[tokio::test]
async fn wrong_passwords_lock_the_account_for_a_while() {
    on_each_engine(async |clinic| {
        for _ in 0..care::sign_in::ATTEMPTS {
            let refused = clinic.care.sign_in("ines", "no es esta".to_owned(), &Client::at("prueba")).await;
            assert!(matches!(refused, Err(CareError::WrongPassword)), "{refused:?}");
        }
        let locked = clinic.care.sign_in("ines", PASSWORD.to_owned(), &Client::at("prueba")).await;
        assert!(
            matches!(locked, Err(CareError::WrongPassword)),
            "only an account that exists can be locked: {locked:?}"
        );
        clinic.clock.set(clinic.care.now() + SignedDuration::from_mins(11));
        assert!(clinic.care.sign_in("ines", PASSWORD.to_owned(), &Client::at("prueba")).await.is_ok());
        assert!(clinic.care.sign_in("nadie", PASSWORD.to_owned(), &Client::at("prueba")).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn transcripts_that_cannot_be_read_say_why_and_change_nothing() {
    on_each_engine(async |clinic| {
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let id = clinic.consultation(patient, TRANSCRIPT).await;
        let before = clinic.care.consultation(&clinic.physician, id, NEV).await.unwrap();
        for bytes in [Vec::new(), vec![0xff, 0x00, 0xfe], b"{\"turns\": 7}".to_vec(), vec![b'a'; 11 << 20]] {
            let refused = clinic.care.attach_transcript(&clinic.physician, id, NEV, bytes).await;
            assert!(matches!(refused, Err(CareError::Transcript(_))), "{refused:?}");
        }
        let after = clinic.care.consultation(&clinic.physician, id, NEV).await.unwrap();
        assert_eq!((before.version, before.draft), (after.version, after.draft));
    })
    .await;
}
