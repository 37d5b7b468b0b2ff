//! What is learnt from a physician at each signature, what their drafts follow, and that facts stay as they were said.

use care::audit::AuditFilter;
use care::consultation::Consultation;
use care::review::ReviewAction;
use care::{Actor, CareError};
use clinical::document::{DocumentBody, DocumentKind};
use clinical::draft::{DraftItem, ItemContent, Origin, Review, SectionId};
use clinical::ids::EncounterId;
use clinical::medication::{Dose, DoseUnit, Frequency, MedicationRequest, RequestAction, Route};
use clinical::preference::{Habit, Manner, NOTES_TO_FOLLOW};
use test_support::{Clinic, PASSWORD, engines};

const NEV: DocumentKind = DocumentKind::PROGRESS_NOTE;

const TRANSCRIPT: &str = "D: ¿Qué le pasa?\n\
    P: Me duele la cabeza desde hace tres días.\n\
    D: ¿Ha tenido fiebre?\n\
    P: No, nada.\n\
    D: ¿Alguien en su familia con diabetes?\n\
    P: Sí, mi mamá.\n\
    D: La presión está en ciento treinta y dos sobre ochenta.\n\
    D: Por lo que veo tiene migraña.";

async fn on_each_engine<F: AsyncFn(Clinic)>(test: F) {
    for engine in engines() {
        test(Clinic::on(engine).await).await;
    }
}

fn statement(text: &str) -> ItemContent {
    ItemContent::Statement { text: text.to_owned() }
}

async fn view(clinic: &Clinic, id: EncounterId) -> Consultation {
    clinic.care.consultation(&clinic.physician, id, NEV).await.unwrap()
}

async fn step(clinic: &Clinic, id: EncounterId, action: ReviewAction) {
    let version = view(clinic, id).await.version;
    clinic.care.review(&clinic.physician, id, NEV, version, &action).await.unwrap();
}

/// A consultation whose draft waits for review.
async fn drafted(clinic: &Clinic, surname: &str) -> EncounterId {
    let patient = clinic.patient("Jacinta", surname).await;
    clinic.consultation(patient, TRANSCRIPT).await
}

async fn proposed(clinic: &Clinic, id: EncounterId, beginning: &str) -> Option<DraftItem> {
    let items = view(clinic, id).await.draft.items;
    items.into_iter().find(|item| item.content.text().starts_with(beginning))
}

/// Puts words of the physician in the place of those of a proposal that begins so.
async fn rewrite(clinic: &Clinic, id: EncounterId, beginning: &str, change: impl Fn(&str) -> String) {
    let item = proposed(clinic, id, beginning).await.unwrap();
    let content = statement(&change(&item.content.text()));
    step(clinic, id, ReviewAction::Edit { item: item.id, content }).await;
}

/// Accepts the rest, writes what the norm wants, and signs.
async fn sign(clinic: &Clinic, id: EncounterId) -> clinical::ids::DocumentId {
    for item in view(clinic, id).await.draft.items {
        if item.review == Review::Pending {
            step(clinic, id, ReviewAction::Accept(item.id)).await;
        }
    }
    let draft = view(clinic, id).await.draft;
    for section in [SectionId::PROGNOSIS, SectionId::TREATMENT] {
        if draft.section(&section).next().is_none() {
            let content = match section == SectionId::TREATMENT {
                true => medicine(),
                false => statement("Bueno."),
            };
            step(clinic, id, ReviewAction::Add { section, content }).await;
        }
    }
    let view = view(clinic, id).await;
    assert_eq!(view.obstacles(), Vec::<String>::new());
    let password = PASSWORD.to_owned();
    clinic.care.sign(&clinic.physician, id, NEV, view.version, password).await.unwrap().note
}

fn medicine() -> ItemContent {
    let mut request = MedicationRequest::named("paracetamol", RequestAction::Start);
    request.presentation = Some("tabletas de 500 mg, caja con 20".to_owned());
    request.dose = Some(Dose::new(clinical::observation::Amount::whole(500), DoseUnit::Milligram).unwrap());
    request.route = Some(Route::Oral);
    request.frequency = Some(Frequency::EveryHours(8));
    request.duration_days = Some(5);
    request.quantity = Some("1 caja".to_owned());
    ItemContent::MedicationRequest(request)
}

async fn habits(clinic: &Clinic, actor: &Actor) -> Vec<(Habit, i64, bool)> {
    let kept = clinic.care.preferences(actor).await.unwrap();
    kept.into_iter().map(|kept| (kept.habit.clone(), kept.notes, kept.is_followed())).collect()
}

fn wording(before: &str, after: &str) -> Habit {
    Habit::Wording { before: before.to_owned(), after: after.to_owned() }
}

const SURNAMES: [&str; 6] = ["Ahuehuete", "Pirul", "Sabino", "Mezquite", "Huizache", "Encino"];

#[tokio::test]
async fn words_changed_in_three_signed_notes_are_written_by_later_drafts_and_marked() {
    on_each_engine(async |clinic| {
        let comments = wording("refiere", "comenta");
        for (n, surname) in SURNAMES.iter().take(3).enumerate() {
            let id = drafted(&clinic, surname).await;
            assert!(proposed(&clinic, id, "Comenta").await.is_none(), "followed too early");
            rewrite(&clinic, id, "Refiere", |text| text.replace("Refiere", "Comenta")).await;
            assert_eq!(habits(&clinic, &clinic.physician).await.len(), usize::from(n > 0));
            sign(&clinic, id).await;
            let notes = i64::try_from(n).unwrap() + 1;
            let kept = habits(&clinic, &clinic.physician).await;
            assert_eq!(kept, [(comments.clone(), notes, notes == NOTES_TO_FOLLOW)]);
        }
        let id = drafted(&clinic, SURNAMES[3]).await;
        let item = proposed(&clinic, id, "Comenta").await.unwrap();
        assert_eq!(item.origin, Origin::Proposed);
        assert_eq!(item.review, Review::Pending);
        assert_eq!(item.plain, Some(item.content.text().replace("Comenta", "Refiere")));
        assert!(!item.evidence.is_empty());
        // Left as proposed it is no news; gone back behind, it is followed no more.
        sign(&clinic, id).await;
        assert_eq!(habits(&clinic, &clinic.physician).await, [(comments.clone(), 3, true)]);
        let id = drafted(&clinic, SURNAMES[4]).await;
        rewrite(&clinic, id, "Comenta", |text| text.replace("Comenta", "Refiere")).await;
        sign(&clinic, id).await;
        assert_eq!(habits(&clinic, &clinic.physician).await, [(comments, 2, false)]);
        let id = drafted(&clinic, SURNAMES[5]).await;
        assert!(proposed(&clinic, id, "Refiere").await.unwrap().plain.is_none());
    })
    .await;
}

#[tokio::test]
async fn a_fact_that_was_corrected_is_never_a_preference() {
    on_each_engine(async |clinic| {
        for surname in SURNAMES.iter().take(3) {
            let id = drafted(&clinic, surname).await;
            rewrite(&clinic, id, "Refiere", |text| text.replace("3 días", "5 días")).await;
            rewrite(&clinic, id, "Niega", |text| text.replace("Niega", "Refiere")).await;
            rewrite(&clinic, id, "Madre", |text| text.replace("Madre", "Padre")).await;
            sign(&clinic, id).await;
        }
        assert_eq!(habits(&clinic, &clinic.physician).await, []);
        let refused = clinic.care.add_wording(&clinic.physician, "niega", "refiere").await;
        assert!(matches!(refused, Err(CareError::Invalid(_))), "{refused:?}");
        let refused = clinic.care.add_wording(&clinic.physician, "madre", "padre").await;
        assert!(matches!(refused, Err(CareError::Invalid(_))), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn preferences_are_turned_off_removed_and_only_of_their_owner() {
    on_each_engine(async |clinic| {
        let (care, physician) = (&clinic.care, &clinic.physician);
        care.add_wording(physician, "Cefalea", "dolor de cabeza").await.unwrap();
        assert!(care.preferences(&clinic.nurse).await.unwrap().is_empty());
        let denied = care.preferences(&clinic.reception).await;
        assert!(matches!(denied, Err(CareError::Denied { .. })), "{denied:?}");
        let id = drafted(&clinic, SURNAMES[0]).await;
        assert!(proposed(&clinic, id, "Refiere dolor de cabeza").await.is_some());
        let own = care.preferences(physician).await.unwrap()[0].id;
        let another = care.remove_preference(&clinic.nurse, own).await;
        assert!(matches!(another, Err(CareError::NotFound { .. })), "{another:?}");
        care.enable_preference(physician, own, false).await.unwrap();
        let id = drafted(&clinic, SURNAMES[1]).await;
        assert!(proposed(&clinic, id, "Refiere cefalea").await.is_some());
        care.remove_preference(physician, own).await.unwrap();
        assert!(care.preferences(physician).await.unwrap().is_empty());
        let log = care.audit_events(&clinic.auditor, &AuditFilter::default(), 0).await.unwrap();
        let told: Vec<Option<String>> = log
            .events
            .into_iter()
            .filter(|(event, _)| event.entity == "preference")
            .map(|(event, _)| event.reason)
            .collect();
        assert_eq!(told, [Some("quitada".to_owned()), Some("desactivada".to_owned()), None]);
    })
    .await;
}

#[tokio::test]
async fn a_sentence_written_in_three_notes_is_kept_to_be_put_in_by_hand() {
    on_each_engine(async |clinic| {
        let sentence = "Se explican datos de alarma y se resuelven dudas.";
        for surname in SURNAMES.iter().take(3) {
            assert_eq!(habits(&clinic, &clinic.physician).await, []);
            let id = drafted(&clinic, surname).await;
            let (section, content) = (SectionId::TREATMENT, statement(sentence));
            step(&clinic, id, ReviewAction::Add { section: section.clone(), content }).await;
            // Twice in one note is one note.
            step(&clinic, id, ReviewAction::Add { section, content: statement(sentence) }).await;
            sign(&clinic, id).await;
        }
        let phrase = Habit::Phrase { section: SectionId::TREATMENT, text: sentence.to_owned() };
        assert_eq!(habits(&clinic, &clinic.physician).await, [(phrase.clone(), 3, true)]);
        let id = drafted(&clinic, SURNAMES[3]).await;
        let view = view(&clinic, id).await;
        assert_eq!(view.phrases.iter().map(|kept| &kept.habit).collect::<Vec<_>>(), [&phrase]);
        assert!(view.draft.items.iter().all(|item| item.content.text() != sentence), "written by itself");
    })
    .await;
}

#[tokio::test]
async fn an_order_arranged_in_three_notes_is_followed() {
    on_each_engine(async |clinic| {
        for surname in SURNAMES.iter().take(3) {
            let id = drafted(&clinic, surname).await;
            let mother = proposed(&clinic, id, "Madre").await.unwrap().id;
            for _ in 0..2 {
                step(&clinic, id, ReviewAction::Move { item: mother, down: false }).await;
            }
            let note = sign(&clinic, id).await;
            let signed = clinic.care.document(&clinic.physician, note).await.unwrap().content;
            let DocumentBody::Note { sections, .. } = signed.body else { unreachable!("a note was signed") };
            assert!(sections[0].items[1].text.starts_with("Madre"), "{sections:?}");
        }
        let order = Habit::Order {
            section: SectionId::EVOLUTION,
            first: "family".to_owned(),
            then: "symptoms".to_owned(),
        };
        assert_eq!(habits(&clinic, &clinic.physician).await, [(order.clone(), 3, true)]);
        let id = drafted(&clinic, SURNAMES[3]).await;
        let items = view(&clinic, id).await.draft.items;
        assert!(items[0].content.text().starts_with("Motivo"), "{items:?}");
        assert!(items[1].content.text().starts_with("Madre"), "{items:?}");
        for _ in 0..2 {
            step(&clinic, id, ReviewAction::Move { item: items[1].id, down: true }).await;
        }
        sign(&clinic, id).await;
        assert_eq!(habits(&clinic, &clinic.physician).await, [(order, 2, false)]);
    })
    .await;
}

async fn evolution(clinic: &Clinic, id: EncounterId) -> Vec<String> {
    let draft = view(clinic, id).await.draft;
    draft.section(&SectionId::EVOLUTION).map(|item| item.content.text()).collect()
}

#[tokio::test]
async fn a_style_holds_for_new_drafts_of_who_chose_it_and_is_no_preference_to_be_listed_twice() {
    on_each_engine(async |clinic| {
        let care = &clinic.care;
        for manner in [Manner::ByProblem, Manner::Brief] {
            care.choose_manner(&clinic.physician, manner).await.unwrap();
        }
        assert_eq!(habits(&clinic, &clinic.physician).await, [(Habit::Manner(Manner::Brief), 0, true)]);
        let id = drafted(&clinic, SURNAMES[0]).await;
        assert_eq!(view(&clinic, id).await.draft.manner, Manner::Brief);
        let said = evolution(&clinic, id).await;
        assert!(said[0].starts_with("Refiere cefalea"), "the motive says the same: {said:?}");
        let own = care.style_example(&clinic.physician, None).await.unwrap();
        let complete = care.style_example(&clinic.physician, Some(Manner::Complete)).await.unwrap();
        assert!(own.items.len() < complete.items.len());
        assert!(matches!(
            care.choose_manner(&clinic.reception, Manner::Brief).await,
            Err(CareError::Denied { .. })
        ));

        care.choose_manner(&clinic.physician, Manner::Complete).await.unwrap();
        assert_eq!(habits(&clinic, &clinic.physician).await, []);
        assert_eq!(evolution(&clinic, id).await, said, "a draft that was begun stays as it is");
        let later = drafted(&clinic, SURNAMES[1]).await;
        assert!(evolution(&clinic, later).await[0].starts_with("Motivo de la consulta"));
    })
    .await;
}

#[tokio::test]
async fn a_draft_is_written_again_in_another_style_without_what_was_decided_being_lost() {
    on_each_engine(async |clinic| {
        let id = drafted(&clinic, SURNAMES[0]).await;
        rewrite(&clinic, id, "Niega fiebre", |_| "Niega fiebre y escalofrío.".to_owned()).await;
        let content = statement("Duerme bien.");
        step(&clinic, id, ReviewAction::Add { section: SectionId::EVOLUTION, content }).await;
        let stale = view(&clinic, id).await.version;
        let brief = clinic.care.rewrite(&clinic.physician, id, NEV, stale, Manner::Brief).await.unwrap();
        assert_eq!(brief.draft.manner, Manner::Brief);
        let said = evolution(&clinic, id).await;
        assert!(said.contains(&"Niega fiebre y escalofrío.".to_owned()), "{said:?}");
        assert!(said.contains(&"Duerme bien.".to_owned()), "{said:?}");
        assert!(!said.iter().any(|text| text.starts_with("Motivo") || text == "Niega fiebre."), "{said:?}");
        let again = clinic.care.rewrite(&clinic.physician, id, NEV, stale, Manner::Complete).await;
        assert!(matches!(again, Err(CareError::Conflict { .. })), "somebody saved meanwhile");
        sign(&clinic, id).await;
    })
    .await;
}
