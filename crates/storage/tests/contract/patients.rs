//! Records of patients: opening, changing, finding.

use clinical::demographics::{Demographics, Entity, People};
use clinical::identifiers::{Curp, Phone};
use clinical::ids::PatientId;
use clinical::patient::{Identity, NewPatient};
use clinical::person::{BirthDate, PersonName, Sex};
use storage::{PageRequest, StorageError};
use uuid::Uuid;

use crate::place::{Place, at, named};

on_both_engines!(
    a_patient_is_read_back_as_written,
    a_patient_nobody_could_identify_has_a_record_too,
    a_newborn_is_kept_and_found_by_the_mother,
    somebody_with_a_single_name_is_kept_and_found,
    record_numbers_follow_each_other_without_gaps,
    a_curp_that_is_taken_names_the_record_that_has_it,
    a_change_over_another_change_is_refused,
    a_patient_is_found_by_what_reception_has_at_hand,
    long_lists_come_in_pages,
    the_last_touched_record_comes_first,
);

/// An invented CURP with its check digit.
fn curp(start: &str) -> Curp {
    (0..10).find_map(|digit| Curp::parse(&format!("{start}{digit}")).ok()).unwrap()
}

fn with_curp(mut data: NewPatient, value: Option<Curp>) -> NewPatient {
    if let Identity::Identified { curp, .. } = &mut data.identity {
        *curp = value;
    }
    data
}

async fn a_patient_is_read_back_as_written(place: Place) {
    let mut data = with_curp(named("José Ángel", "Núñez", ""), Some(curp("XEXX840327HDFXXX0")));
    data.occupation = Some("Carpintero; \"jubilado\" 50 % '".to_owned());
    data.sex = Sex::Intersex;
    data.details.birth_entity = Entity::from_code("NE");
    data.details.people = Some(People::Indigenous);
    data.details.language = Some("náhuatl".to_owned());
    data.details.mother = Some(place.patient);
    let stored = place.new_patient(&data, 5).await;
    let read = place.begin().await.patient(stored.id).await.unwrap().unwrap();
    assert_eq!(read, stored);
    assert_eq!((read.data, read.version), (data, 1));
    let nobody = place.begin().await.patient(PatientId(Uuid::now_v7())).await.unwrap();
    assert_eq!(nobody, None);
}

async fn a_patient_nobody_could_identify_has_a_record_too(place: Place) {
    let data = NewPatient {
        identity: Identity::Unknown { label: "hombre de unos 40 años, cicatriz en la ceja".to_owned() },
        sex: Sex::Undetermined,
        phone: None,
        address: None,
        occupation: None,
        details: Demographics::default(),
    };
    let stored = place.new_patient(&data, 5).await;
    let mut tx = place.begin().await;
    for query in ["desconocido", "cicatriz ceja"] {
        let found = tx.find_patients(query, PageRequest::first(5)).await.unwrap();
        assert_eq!(found.items, vec![stored.clone()], "{query}");
    }
    // Later somebody knows who it is.
    let known = named("Elías", "Inventado", "Roble");
    assert_eq!(tx.update_patient(stored.id, 1, &known, at(9)).await.unwrap(), 2);
    assert_eq!(tx.patient(stored.id).await.unwrap().unwrap().data, known);
    assert_eq!(tx.find_patients("cicatriz", PageRequest::first(5)).await.unwrap().total, 0);
}

async fn a_newborn_is_kept_and_found_by_the_mother(place: Place) {
    let mut data = named("X", "Y", "");
    data.identity = Identity::Newborn {
        mother_name: "Ana Ficticia Luna".to_owned(),
        birth_date: BirthDate::from_stored(jiff::civil::date(2026, 11, 25)),
    };
    data.details.mother = Some(place.patient);
    data.details.birth_time = Some(jiff::civil::time(7, 5, 0, 0));
    data.details.birth_order = Some(2);
    let stored = place.new_patient(&data, 5).await;
    let mut tx = place.begin().await;
    assert_eq!(tx.patient(stored.id).await.unwrap().unwrap().data, data);
    let found = tx.find_patients("recien nacido ana", PageRequest::first(5)).await.unwrap();
    assert_eq!(found.items, vec![stored.clone()]);
    assert_eq!(tx.newborns_of(place.patient).await.unwrap(), vec![stored.clone()]);
    // With a name of its own it stays the child of its mother.
    let mut registered = named("Elías", "Inventado", "Ficticia");
    registered.details = data.details;
    tx.update_patient(stored.id, 1, &registered, at(9)).await.unwrap();
    let children = tx.newborns_of(place.patient).await.unwrap();
    assert_eq!(children[0].full_name(), "Elías Inventado Ficticia");
}

async fn somebody_with_a_single_name_is_kept_and_found(place: Place) {
    let mut data = named("X", "Y", "");
    data.identity = Identity::Identified {
        name: PersonName::single("Ñandú").unwrap(),
        birth_date: BirthDate::from_stored(jiff::civil::date(1950, 1, 2)),
        curp: None,
    };
    let stored = place.new_patient(&data, 5).await;
    let mut tx = place.begin().await;
    assert_eq!(tx.patient(stored.id).await.unwrap(), Some(stored.clone()));
    assert_eq!(tx.find_patients("nandu", PageRequest::first(5)).await.unwrap().items, vec![stored]);
}

async fn record_numbers_follow_each_other_without_gaps(place: Place) {
    assert_eq!(place.new_patient(&named("A", "Uno", ""), 1).await.record_number, "000002");
    let mut tx = place.begin().await;
    tx.insert_patient(PatientId(Uuid::now_v7()), &named("B", "Dos", ""), at(2)).await.unwrap();
    drop(tx);
    assert_eq!(place.new_patient(&named("C", "Tres", ""), 3).await.record_number, "000003");
}

async fn a_curp_that_is_taken_names_the_record_that_has_it(place: Place) {
    let taken = curp("XEXX840327HDFXXX0");
    let first = place.new_patient(&with_curp(named("A", "Uno", ""), Some(taken.clone())), 1).await;
    let mut tx = place.begin().await;
    let second = with_curp(named("B", "Dos", ""), Some(taken));
    let refused = tx.insert_patient(PatientId(Uuid::now_v7()), &second, at(2)).await.unwrap_err();
    let names_first = |error: &StorageError| {
        matches!(error, StorageError::CurpInUse { patient_id, record_number }
            if *patient_id == first.id && *record_number == first.record_number)
    };
    assert!(names_first(&refused), "{refused:?}");
    let refused = tx.update_patient(place.patient, 1, &second, at(3)).await.unwrap_err();
    assert!(names_first(&refused), "{refused:?}");
    // Nothing failed in the database: the transaction goes on.
    tx.update_patient(first.id, 1, &first.data, at(4)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn a_change_over_another_change_is_refused(place: Place) {
    let mut tx = place.begin().await;
    assert_eq!(tx.update_patient(place.patient, 1, &named("Ana", "Cambiada", ""), at(1)).await.unwrap(), 2);
    let refused = tx.update_patient(place.patient, 1, &named("Ana", "Perdida", ""), at(2)).await;
    assert!(matches!(refused, Err(StorageError::Conflict { current: Some(2) })), "{refused:?}");
    let gone = tx.update_patient(PatientId(Uuid::now_v7()), 1, &named("X", "Y", ""), at(2)).await;
    assert!(matches!(gone, Err(StorageError::Conflict { current: None })), "{gone:?}");
    let stored = tx.patient(place.patient).await.unwrap().unwrap();
    assert_eq!((stored.full_name().as_str(), stored.version), ("Ana Cambiada", 2));
}

async fn a_patient_is_found_by_what_reception_has_at_hand(place: Place) {
    let maria = with_curp(named("María de la Ñ", "Núñez", "D'Ávila"), Some(curp("NUXM840327MDFXXX0")));
    place.new_patient(&maria, 1).await;
    let mut marina = named("Marina", "Suárez", "Núñez");
    marina.phone = Some(Phone::parse("2221112233").unwrap());
    place.new_patient(&marina, 1).await;
    let mut tx = place.begin().await;
    let mut check = async |query: &str, expected: &[&str]| {
        let found = tx.find_patients(query, PageRequest::first(10)).await.unwrap();
        let names: Vec<_> = found.items.iter().map(|p| p.data.identity.clone()).collect();
        let names: Vec<_> = names
            .iter()
            .map(|identity| match identity {
                Identity::Identified { name, .. } => name.given(),
                Identity::Newborn { mother_name: label, .. } | Identity::Unknown { label } => label,
            })
            .collect();
        assert_eq!(names, expected, "{query}");
        assert_eq!(found.total, i64::try_from(expected.len()).unwrap(), "{query}");
    };
    check("nunez", &["María de la Ñ", "Marina"]).await;
    check("NÚÑEZ mar", &["María de la Ñ", "Marina"]).await;
    check("nunez maria", &["María de la Ñ"]).await;
    check("davila", &["María de la Ñ"]).await;
    // In the middle of a word is not a beginning.
    check("ina", &[]).await;
    check("000003", &["Marina"]).await;
    check("3", &["Marina"]).await;
    check("NUXM84", &["María de la Ñ"]).await;
    check("nuxm840327mdfxxx0", &["María de la Ñ"]).await;
    check("222 111 2233", &["Marina"]).await;
    check("+52 222 111 22 33", &["Marina"]).await;
    check("2233", &["Marina"]).await;
    check("223", &[]).await;
    for nothing in ["", "  ", "%", "_", "' OR 1=1 --", "()"] {
        check(nothing, &[]).await;
    }
}

async fn long_lists_come_in_pages(place: Place) {
    for given in ["A", "B", "C", "D", "E"] {
        place.new_patient(&named(given, "Repetido", ""), 1).await;
    }
    let mut tx = place.begin().await;
    let mut seen = Vec::new();
    for offset in [0, 2, 4] {
        let page = tx.find_patients("repetido", PageRequest { limit: 2, offset }).await.unwrap();
        assert_eq!(page.total, 5);
        seen.extend(page.items.into_iter().map(|patient| patient.full_name()));
    }
    assert_eq!(seen, ["A Repetido", "B Repetido", "C Repetido", "D Repetido", "E Repetido"]);
}

async fn the_last_touched_record_comes_first(place: Place) {
    let other = place.new_patient(&named("B", "Dos", ""), 10).await;
    let recent = place.begin().await.recent_patients(PageRequest::first(9)).await.unwrap();
    assert_eq!(recent.items.iter().map(|p| p.id).collect::<Vec<_>>(), [other.id, place.patient]);
    place.new_encounter(20).await;
    let recent = place.begin().await.recent_patients(PageRequest::first(1)).await.unwrap();
    assert_eq!((recent.items[0].id, recent.total), (place.patient, 2));
}
