//! One step of reviewing at a time.

use clinical::condition::{Certainty, ConditionEntry};
use clinical::document::DocumentKind;
use clinical::draft::Doubt;
use clinical::preference::Manner;
use clinical::transcript::Evidence;
use uuid::Uuid;

use super::*;

fn id(n: u128) -> ItemId {
    ItemId(Uuid::from_u128(n))
}

fn step() -> Step<'static> {
    static CORE: Catalogue = Catalogue::core();
    Step { catalogue: &CORE, by: UserId(Uuid::nil()), at: Timestamp::UNIX_EPOCH, new_id: id(99) }
}

fn statement(text: &str) -> ItemContent {
    ItemContent::Statement { text: text.to_owned() }
}

fn draft() -> DraftNote {
    let item = |n, section: SectionId, content| DraftItem {
        id: id(n),
        section,
        content,
        evidence: vec![Evidence { turn: 0, start: 0, end: 1 }],
        source: None,
        plain: None,
        origin: Origin::Proposed,
        review: Review::Pending,
    };
    let condition = ConditionEntry {
        text: "diabetes mellitus tipo 2".into(),
        certainty: Certainty::Confirmed,
        code: None,
    };
    DraftNote {
        kind: DocumentKind::PROGRESS_NOTE,
        template: None,
        outline: None,
        items: vec![
            item(1, SectionId::EVOLUTION, statement("Refiere cefalea.")),
            item(2, SectionId::EVOLUTION, statement("Niega fiebre.")),
            item(3, SectionId::DIAGNOSES, ItemContent::Condition(condition)),
        ],
        doubts: vec![Doubt {
            text: "Toma warfarina.".into(),
            reason: "No se oyó la dosis".into(),
            section: SectionId::EVOLUTION,
            evidence: vec![Evidence { turn: 1, start: 0, end: 4 }],
        }],
        notices: Vec::new(),
        alert_decisions: Vec::new(),
        manner: Manner::default(),
        model: None,
        arranged: Vec::new(),
    }
}

#[test]
fn accepting_a_section_leaves_denials_for_one_by_one() {
    let next = apply(&draft(), &ReviewAction::AcceptSection(SectionId::EVOLUTION), step()).unwrap();
    assert_eq!(next.item(id(1)).unwrap().review, Review::Accepted);
    assert_eq!(next.item(id(2)).unwrap().review, Review::Pending);
}

#[test]
fn an_edited_proposal_keeps_its_original_words_and_can_go_back() {
    let edited = apply(
        &draft(),
        &ReviewAction::Edit { item: id(1), content: statement(" Refiere  migraña. ") },
        step(),
    )
    .unwrap();
    let item = edited.item(id(1)).unwrap();
    assert_eq!(item.content, statement("Refiere migraña."));
    assert_eq!(item.origin, Origin::Edited { original: "Refiere cefalea.".into() });
    let back = apply(&edited, &ReviewAction::Restore(id(1)), step()).unwrap();
    assert_eq!(back.item(id(1)), draft().item(id(1)));
}

#[test]
fn an_item_changes_places_inside_its_section_only() {
    let down = |item| ReviewAction::Move { item, down: true };
    let next = apply(&draft(), &down(id(1)), step()).unwrap();
    assert_eq!([next.items[0].id, next.items[1].id, next.items[2].id], [id(2), id(1), id(3)]);
    assert_eq!(next.arranged, [SectionId::EVOLUTION]);
    assert_eq!(apply(&next, &down(id(1)), step()).unwrap(), next);
    let up = ReviewAction::Move { item: id(1), down: false };
    assert_eq!(apply(&next, &up, step()).unwrap().items, draft().items);
}

#[test]
fn a_new_sentence_joins_its_section_without_evidence() {
    let action = ReviewAction::Add { section: SectionId::EVOLUTION, content: statement("Duerme bien.") };
    let next = apply(&draft(), &action, step()).unwrap();
    assert_eq!(next.items[2].id, id(99));
    assert_eq!(next.items[2].origin, Origin::Written);
    assert!(next.items[2].evidence.is_empty());
}

#[test]
fn empty_text_and_unknown_items_are_refused() {
    let empty = ReviewAction::Edit { item: id(1), content: statement("  ") };
    assert!(matches!(apply(&draft(), &empty, step()), Err(CareError::Invalid(_))));
    assert!(matches!(apply(&draft(), &ReviewAction::Accept(id(7)), step()), Err(CareError::NotFound { .. })));
    let section = ReviewAction::Add { section: SectionId::new("otro"), content: statement("Hola.") };
    assert!(matches!(apply(&draft(), &section, step()), Err(CareError::NotFound { .. })));
}

#[test]
fn a_contraindication_needs_words_not_only_a_code() {
    let decide = |text: &str| answer("contraindicada", OverrideReason::BenefitOutweighsRisk, text, None);
    assert!(matches!(apply(&draft(), &decide(" "), step()), Err(CareError::Invalid(_))));
    assert_eq!(apply(&draft(), &decide("Dosis única vigilada"), step()).unwrap().alert_decisions.len(), 1);
}

fn answer(severity: &str, reason: OverrideReason, text: &str, follow_up: Option<&str>) -> ReviewAction {
    ReviewAction::DecideAlert(AlertAnswer {
        key: "interaction:ibuprofen+warfarin".into(),
        severity: severity.into(),
        message: "Riesgo".into(),
        data_version: "reglas".into(),
        reason,
        text: text.into(),
        follow_up: follow_up.map(|day| day.parse().unwrap()),
    })
}

#[test]
fn what_will_be_watched_needs_a_day_that_has_not_passed() {
    let today = step().at.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let day = |days: i32| today.checked_add(jiff::Span::new().days(days)).unwrap().to_string();
    let watch =
        |day: Option<&str>| apply(&draft(), &answer("mayor", OverrideReason::WillMonitor, "", day), step());
    assert!(matches!(watch(None), Err(CareError::Invalid(_))));
    assert!(matches!(watch(Some(&day(-3))), Err(CareError::Invalid(_))));
    assert!(matches!(watch(Some(&day(900))), Err(CareError::Invalid(_))));
    assert_eq!(watch(Some(&day(7))).unwrap().alert_decisions[0].follow_up.unwrap().to_string(), day(7));
    // Of another reason a day is not kept.
    let tolerated = answer("mayor", OverrideReason::AlreadyTolerated, "", Some(&day(7)));
    assert_eq!(apply(&draft(), &tolerated, step()).unwrap().alert_decisions[0].follow_up, None);
}

#[test]
fn a_doubt_becomes_the_physicians_sentence_with_its_evidence() {
    let action = ReviewAction::AddDoubt { index: 0, text: "Toma warfarina 5 mg.".into() };
    let next = apply(&draft(), &action, step()).unwrap();
    assert!(next.doubts.is_empty());
    let item = next.item(id(99)).unwrap();
    assert_eq!(item.origin, Origin::Edited { original: "Toma warfarina.".into() });
    assert_eq!(item.evidence.len(), 1);
    assert_eq!(item.review, Review::Accepted);
}

#[test]
fn a_new_transcript_replaces_proposals_but_not_what_the_physician_decided() {
    let accepted = apply(&draft(), &ReviewAction::Accept(id(1)), step()).unwrap();
    let mut proposal = DraftNote::new(DocumentKind::PROGRESS_NOTE);
    proposal.items = draft().items;
    proposal.items.remove(1);
    let merged = merge_proposal(Some(&accepted), proposal);
    let texts: Vec<String> = merged.items.iter().map(|item| item.content.text()).collect();
    assert_eq!(texts.iter().filter(|text| *text == "Refiere cefalea.").count(), 1);
    assert!(!texts.contains(&"Niega fiebre.".to_owned()));
    assert!(
        merged.items.iter().all(|item| item.origin != Origin::Proposed || item.review == Review::Pending)
    );
}
