//! The search index: the same answers on both engines, kept together with what it tells of.

use clinical::ids::{MergeId, PatientId, UserId};
use jiff::Timestamp;
use storage::{Act, SearchEntry, SearchQuery, Tx};

use crate::place::{Place, at, named};

on_both_engines!(
    what_is_indexed_is_found_newest_act_first,
    every_clause_must_be_met_by_one_of_its_phrases,
    filters_restrict_together,
    a_joined_record_is_searched_with_the_one_it_belongs_to,
    a_new_entry_takes_the_place_of_the_old_one,
    nothing_stays_of_a_transaction_that_was_given_up,
    results_go_on_page_after_page,
    a_common_word_and_a_rare_one_are_found_among_thousands,
    a_begun_word_is_completed_from_what_was_written,
    forgotten_words_are_learnt_again_and_entries_stay,
    two_writers_of_one_minute_both_keep_their_entry,
);

pub(crate) fn entry(place: &Place, id: &str, at: Timestamp, text: &str) -> SearchEntry {
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    SearchEntry {
        entity: "document".to_owned(),
        entity_id: id.to_owned(),
        kind: "NEV".to_owned(),
        patient_id: place.patient,
        author: Some(place.user),
        act_at: at,
        title: "Nota de evolución".to_owned(),
        text: text.to_owned(),
        codes: Vec::new(),
        words: words.iter().map(|word| (format!("{word}es"), word.clone())).collect(),
        terms: words,
    }
}

/// "a b|c d": a, and b or the phrase c d.
pub(crate) fn words(query: &str) -> SearchQuery {
    let phrase = |text: &str| text.split('-').map(str::to_owned).collect();
    let clauses = query.split_whitespace().map(|clause| clause.split('|').map(phrase).collect());
    SearchQuery { clauses: clauses.collect(), limit: 50, ..SearchQuery::default() }
}

async fn found(tx: &mut Tx, query: &SearchQuery) -> Vec<String> {
    tx.search(query).await.unwrap().into_iter().map(|hit| hit.entity_id).collect()
}

async fn what_is_indexed_is_found_newest_act_first(place: Place) {
    let long_ago: Timestamp = "1949-05-02T10:00:00Z".parse().unwrap();
    let mut tx = place.begin().await;
    for (id, when) in [("b", at(0)), ("c", at(1)), ("a", long_ago), ("d", at(-86_400)), ("e", at(7200))] {
        tx.index(&entry(&place, id, when, "dolor de rodilla")).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut tx = place.begin().await;
    assert_eq!(found(&mut tx, &words("rodilla")).await, ["e", "c", "b", "d", "a"]);
    assert_eq!(found(&mut tx, &words("rodill")).await, [""; 0]);
    let hit = tx.search(&words("dolor")).await.unwrap().pop().unwrap();
    assert_eq!((hit.entity.as_str(), hit.kind.as_str(), hit.act_at), ("document", "NEV", long_ago));
    assert_eq!((hit.title.as_str(), hit.text.as_str()), ("Nota de evolución", "dolor de rodilla"));
    assert_eq!(hit.author.as_deref(), Some("Dra. Inés Prueba"));
    assert_eq!(hit.patient.id, place.patient);
}

async fn every_clause_must_be_met_by_one_of_its_phrases(place: Place) {
    let mut tx = place.begin().await;
    tx.index(&entry(&place, "a", at(0), "dolor torax intenso tos")).await.unwrap();
    tx.index(&entry(&place, "b", at(60), "tos seca dolor nuca")).await.unwrap();
    let mut check = async |query: &str, expected: &[&str]| {
        assert_eq!(found(&mut tx, &words(query)).await, expected, "{query}");
    };
    check("dolor tos", &["b", "a"]).await;
    check("dolor torax", &["a"]).await;
    check("torax|nuca", &["b", "a"]).await;
    check("tos-seca", &["b"]).await;
    check("dolor-intenso", &[]).await;
    check("dolor-torax-intenso|nada tos|seca", &["a"]).await;
    check("torax nuca", &[]).await;
    // The patient's tag stands behind the text and is no part of a phrase or word.
    check("_knev", &["b", "a"]).await;
}

async fn filters_restrict_together(place: Place) {
    let other = place.new_patient(&named("Otra", "Persona", ""), 1).await.id;
    let mut tx = place.begin().await;
    let mut coded = entry(&place, "a", at(0), "tos");
    coded.codes = vec!["BA00.Z".to_owned(), "BA00".to_owned()];
    let mut receta = entry(&place, "b", at(86_400), "tos");
    receta.kind = "RX".to_owned();
    let elsewhere = SearchEntry { patient_id: other, author: None, ..entry(&place, "c", at(172_800), "tos") };
    for entry in [&coded, &receta, &elsewhere] {
        tx.index(entry).await.unwrap();
    }
    let all = words("tos");
    let mut check = async |query: SearchQuery, expected: &[&str]| {
        assert_eq!(found(&mut tx, &query).await, expected, "{query:?}");
        // A filter alone is a question too.
        let only_filters = SearchQuery { clauses: Vec::new(), ..query };
        assert_eq!(found(&mut tx, &only_filters).await, expected, "{only_filters:?}");
    };
    check(SearchQuery { patient_id: Some(place.patient), ..all.clone() }, &["b", "a"]).await;
    check(SearchQuery { patient_id: Some(PatientId(uuid::Uuid::now_v7())), ..all.clone() }, &[]).await;
    check(SearchQuery { kind: Some("RX".to_owned()), ..all.clone() }, &["b"]).await;
    check(SearchQuery { author: Some(place.user), ..all.clone() }, &["b", "a"]).await;
    check(SearchQuery { author: Some(UserId(uuid::Uuid::now_v7())), ..all.clone() }, &[]).await;
    check(SearchQuery { code: Some("ba00".to_owned()), ..all.clone() }, &["a"]).await;
    check(SearchQuery { code: Some("BA00.Z".to_owned()), ..all.clone() }, &["a"]).await;
    check(SearchQuery { code: Some("BA0".to_owned()), ..all.clone() }, &[]).await;
    check(SearchQuery { from: Some(at(86_400)), ..all.clone() }, &["c", "b"]).await;
    check(SearchQuery { until: Some(at(86_400)), ..all.clone() }, &["a"]).await;
    let both = SearchQuery { from: Some(at(60)), until: Some(at(90_000)), author: Some(place.user), ..all };
    check(both, &["b"]).await;
}

async fn a_joined_record_is_searched_with_the_one_it_belongs_to(place: Place) {
    let other = place.new_patient(&named("Otra", "Persona", ""), 1).await.id;
    let mut tx = place.begin().await;
    tx.index(&entry(&place, "a", at(0), "tos")).await.unwrap();
    tx.index(&SearchEntry { patient_id: other, ..entry(&place, "b", at(60), "tos") }).await.unwrap();
    let act = Act { by: place.user, at: at(99), reason: "Es la misma persona" };
    tx.merge_records(MergeId(uuid::Uuid::now_v7()), place.patient, other, act).await.unwrap();
    for id in [place.patient, other] {
        let hits = tx.search(&SearchQuery { patient_id: Some(id), ..words("tos") }).await.unwrap();
        let found: Vec<_> = hits.iter().map(|hit| (hit.entity_id.as_str(), hit.patient.id)).collect();
        assert_eq!(found, [("b", place.patient), ("a", place.patient)]);
    }
}

async fn a_new_entry_takes_the_place_of_the_old_one(place: Place) {
    let mut tx = place.begin().await;
    tx.index(&entry(&place, "a", at(0), "viejo comun")).await.unwrap();
    tx.index(&entry(&place, "b", at(0), "comun")).await.unwrap();
    tx.index(&entry(&place, "a", at(0), "nuevo comun")).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = place.begin().await;
    assert_eq!(found(&mut tx, &words("viejo")).await, [""; 0]);
    assert_eq!(found(&mut tx, &words("nuevo")).await, ["a"]);
    assert_eq!(found(&mut tx, &words("comun")).await, ["a", "b"]);
}

async fn nothing_stays_of_a_transaction_that_was_given_up(place: Place) {
    let mut tx = place.begin().await;
    tx.index(&entry(&place, "a", at(0), "perdido")).await.unwrap();
    tx.rollback().await.unwrap();
    let mut tx = place.begin().await;
    assert_eq!(found(&mut tx, &words("perdido")).await, [""; 0]);
    assert_eq!(tx.terms_beginning("perd").await.unwrap(), [""; 0]);
}

async fn results_go_on_page_after_page(place: Place) {
    let mut tx = place.begin().await;
    for n in 0..7_u8 {
        tx.index(&entry(&place, &n.to_string(), at(i64::from(n / 3) * 60), "tos")).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let page = tx.search(&SearchQuery { limit: 3, before, ..words("tos") }).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.place);
        seen.extend(page.into_iter().map(|hit| hit.entity_id));
    }
    assert_eq!(seen, ["6", "5", "4", "3", "2", "1", "0"]);
}

async fn a_common_word_and_a_rare_one_are_found_among_thousands(place: Place) {
    let mut tx = place.begin().await;
    for n in 0..2_100_i64 {
        let text = if n == 3 { "comun raro" } else { "comun" };
        tx.index(&entry(&place, &n.to_string(), at(n * 60), text)).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut tx = place.begin().await;
    let first = SearchQuery { limit: 2, ..words("comun") };
    assert_eq!(found(&mut tx, &first).await, ["2099", "2098"]);
    assert_eq!(found(&mut tx, &words("raro")).await, ["3"]);
    assert_eq!(found(&mut tx, &words("raro comun")).await, ["3"]);
}

async fn a_begun_word_is_completed_from_what_was_written(place: Place) {
    let mut tx = place.begin().await;
    tx.index(&entry(&place, "a", at(0), "diabet diafragm zona")).await.unwrap();
    tx.index(&entry(&place, "b", at(0), "diabet")).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = place.begin().await;
    assert_eq!(tx.terms_beginning("diab").await.unwrap(), ["diabet"]);
    assert_eq!(tx.terms_beginning("dia").await.unwrap(), ["diabet", "diafragm"]);
    assert_eq!(tx.terms_beginning("x").await.unwrap(), [""; 0]);
}

async fn forgotten_words_are_learnt_again_and_entries_stay(place: Place) {
    let mut tx = place.begin().await;
    tx.index(&entry(&place, "a", at(0), "tos")).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = place.begin().await;
    tx.forget_words().await.unwrap();
    assert_eq!(tx.terms_beginning("tos").await.unwrap(), [""; 0]);
    assert_eq!(found(&mut tx, &words("tos")).await, ["a"]);
    tx.index(&entry(&place, "a", at(0), "tos seca")).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = place.begin().await;
    assert_eq!(tx.terms_beginning("tos").await.unwrap(), ["tos"]);
    assert_eq!(found(&mut tx, &words("tos")).await, ["a"]);
}

async fn two_writers_of_one_minute_both_keep_their_entry(place: Place) {
    let write = async |id: String| {
        let mut tx = place.begin().await;
        tx.index(&entry(&place, &id, at(0), &format!("tos palabra{id}"))).await.unwrap();
        tx.commit().await.unwrap();
    };
    tokio::join!(write("a".to_owned()), write("b".to_owned()), write("c".to_owned()));
    let mut all = found(&mut place.begin().await, &words("tos")).await;
    all.sort();
    assert_eq!(all, ["a", "b", "c"]);
}
