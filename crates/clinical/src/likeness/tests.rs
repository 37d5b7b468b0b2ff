//! Names of people as they are really written twice: what must be held for one person, and what must not.

use jiff::civil::date;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::demographics::Demographics;

fn person(given: &str, first: &str, second: &str, born: Date) -> NewPatient {
    NewPatient {
        identity: Identity::Identified {
            name: PersonName::parse(given, first, second).unwrap(),
            birth_date: BirthDate::from_stored(born),
            curp: None,
        },
        sex: Sex::Female,
        phone: None,
        address: None,
        occupation: None,
        details: Demographics::default(),
    }
}

const BORN: Date = date(1984, 3, 7);

/// Compares two names with the same birth date.
fn check(a: [&str; 3], b: [&str; 3], expected: Option<&[Reason]>) {
    let [one, other] = [a, b].map(|[given, first, second]| person(given, first, second, BORN));
    let found = compare(&one, &other);
    assert_eq!(found.as_ref().map(|likeness| likeness.reasons.as_slice()), expected, "{a:?} {b:?} {found:?}");
}

#[test]
fn one_person_is_recognised_however_the_name_was_written() {
    use Reason::{MissingSurname, SameBirth, SameName, SimilarName, SwappedSurnames};
    let same: &[Reason] = &[SameName, SameBirth];
    let similar: &[Reason] = &[SimilarName, SameBirth];
    check(["María", "Núñez", "Peña"], ["MARIA", "NUNEZ", "PENA"], Some(same));
    check(["María de los Ángeles", "de la Cruz", "Ruiz"], ["Ma. Angeles", "Cruz", "Ruiz"], Some(same));
    check(["Nu\u{0303}a", "D'Ávila", "Gil"], ["Ñua", "Davila", "Gil"], Some(same));
    check(["Guadalupe", "Hernández", "Gómez"], ["Gpe.", "Hdez", "Gómez"], Some(same));
    check(["Jimena", "Giménez", "Vázquez"], ["Ximena", "Jiménez", "Básquez"], Some(similar));
    check(["Rosario", "Pérez", "Luna"], ["Rosraio", "Pérez", "Luna"], Some(similar));
    check(["José Luis", "Pérez", "Luna"], ["Luis", "Pérez", "Luna"], Some(similar));
    check(
        ["Ana", "Pérez", "Luna"],
        ["Ana", "Luna", "Pérez"],
        Some(&[SimilarName, SwappedSurnames, SameBirth]),
    );
    check(["Ana", "Pérez", "Luna"], ["Ana", "Pérez", ""], Some(&[SimilarName, MissingSurname, SameBirth]));
    check(["Ana", "Pérez", "Luna"], ["Ana", "Luna", ""], Some(&[SimilarName, MissingSurname, SameBirth]));
    check(["Ana", "Ponce de León", "Gil"], ["Ana", "Ponce", "Gil"], Some(similar));
    check(["Ana", "Pérez-Luna", "Gil"], ["Ana", "Pérez Luna", "Gil"], Some(same));
    check(["Ana", "Llanes", "Gil"], ["Ana", "Yanes", "Gil"], Some(similar));
    check(["Sophía", "Pérez", "Luna"], ["Sofía", "Pérez", "Luna"], Some(similar));
    check(["J.", "Pérez", "Luna"], ["José", "Pérez", "Luna"], Some(similar));
}

#[test]
fn relatives_and_strangers_are_not_taken_for_one_person() {
    check(["Ana", "Pérez", "Luna"], ["Eva", "Pérez", "Luna"], None);
    check(["Ana", "Pérez", "Luna"], ["Anastasia", "Pérez", "Luna"], None);
    check(["J.", "Pérez", "Luna"], ["Ana", "Pérez", "Luna"], None);
    check(["José Luis", "Pérez", "Luna"], ["José Juan", "Pérez", "Luna"], None);
    check(["Ana", "Pérez", "Luna"], ["Ana", "Pérez", "Gómez"], None);
    check(["Ana", "Pérez", "Luna"], ["Ana", "Soto", "Luna"], None);
    check(["Ana", "Pérez", ""], ["Ana", "Soto", ""], None);
}

#[test]
fn birth_dates_are_compared_for_slips() {
    let check = |other: Date, expected: Option<Reason>| {
        let found = compare(&person("Ana", "Pérez", "Luna", BORN), &person("Ana", "Pérez", "Luna", other));
        assert_eq!(found.map(|likeness| likeness.reasons[1]), expected, "{other}");
    };
    check(date(1984, 7, 3), Some(Reason::SwappedBirth));
    check(date(1984, 3, 1), Some(Reason::SimilarBirth));
    check(date(1985, 3, 7), Some(Reason::SimilarBirth));
    check(date(1948, 3, 7), Some(Reason::SimilarBirth));
    check(date(1985, 4, 7), None);
    check(date(2014, 9, 21), None);
}

#[test]
fn the_same_curp_is_enough_and_another_one_makes_it_doubtful() {
    let with = |mut data: NewPatient, text: &str| {
        if let Identity::Identified { curp, .. } = &mut data.identity {
            *curp = Some(Curp::parse(text).unwrap());
        }
        data
    };
    let gloria = with(person("Gloria", "Hernández", "García", BORN), "HEGG560427MVZRRL04");
    let other_name = with(person("Elena", "Soto", "", date(1999, 1, 1)), "HEGG560427MVZRRL04");
    let found = compare(&gloria, &other_name).unwrap();
    assert_eq!((found.score, found.reasons.as_slice()), (100, &[Reason::SameCurp][..]));
    let namesake = with(person("Gloria", "Hernández", "García", BORN), "BOXW310820HNERXN09");
    assert!(compare(&gloria, &namesake).unwrap().reasons.contains(&Reason::OtherCurp));
    let sister = with(person("Gloria", "Hernandes", "Garcia", date(1984, 3, 8)), "BOXW310820HNERXN09");
    assert_eq!(compare(&gloria, &sister), None);
}

#[test]
fn a_newborn_is_found_again_once_it_has_a_name_and_twins_stay_two() {
    let newborn = |mother: &str, order| {
        let mut data = person("X", "Y", "", BORN);
        data.identity =
            Identity::Newborn { mother_name: mother.to_owned(), birth_date: BirthDate::from_stored(BORN) };
        data.details.birth_order = order;
        data
    };
    let first = newborn("María López Luna", Some(1));
    assert!(compare(&first, &person("Diego", "Soto", "López", BORN)).is_some());
    assert_eq!(compare(&first, &person("Diego", "Soto", "Gil", BORN)), None);
    assert_eq!(compare(&first, &person("Diego", "Soto", "López", date(1984, 3, 8))), None);
    assert!(compare(&first, &newborn("Maria Lopez", Some(1))).is_some());
    assert_eq!(compare(&first, &newborn("María López Luna", Some(2))), None);
    assert_eq!(compare(&first, &newborn("Rosa Gil Soto", Some(1))), None);
}

/// Whether the second person would be found by the questions asked for the first.
fn finds(asked: &NewPatient, kept: &NewPatient) -> bool {
    let lookup = Lookup::of(&asked.identity).unwrap();
    let born = kept.identity.birth_date().unwrap().date();
    let two_parts = [
        born.year() == lookup.born.year(),
        born.month() == lookup.born.month(),
        born.day() == lookup.born.day(),
    ];
    let near = two_parts.into_iter().filter(|same| *same).count() >= 2;
    lookup.dates.contains(&born) || (near && keys(&kept.identity).iter().any(|key| lookup.keys.contains(key)))
}

const GIVEN: &[&str] = &[
    "María de los Ángeles",
    "José Luis",
    "Ana",
    "Guadalupe",
    "Ximena",
    "Juan Carlos",
    "Íñigo",
    "Itzel",
    "Xóchitl Yareli",
];
const SURNAMES: &[&str] = &[
    "Hernández",
    "Núñez",
    "de la Cruz",
    "Güemes",
    "O'Farrill",
    "Ponce de León",
    "Muñoz-Ledo",
    "Vázquez",
    "Ek",
    "Yáñez",
];

prop_compose! {
    fn anybody()(given in select(GIVEN), first in select(SURNAMES), second in select(SURNAMES),
                 year in 1920_i16..2026, month in 1_i8..=12, day in 1_i8..=28) -> (String, String, String, Date) {
        (given.to_owned(), first.to_owned(), second.to_owned(), date(year, month, day))
    }
}

/// What goes wrong at a counter.
fn slip(kind: u8, at: usize, person: (String, String, String, Date)) -> (String, String, String, Date) {
    let (given, first, second, born) = person;
    match kind {
        0 => (given.to_uppercase(), folded_words(&first).join(" "), second, born),
        1 => (given, second, first, born),
        2 => (given, first, String::new(), born),
        3 => (given, first, second, Date::new(born.year(), born.day(), born.month()).unwrap_or(born)),
        4 => (given, first, second, Date::new(born.year() - 10, born.month(), born.day()).unwrap_or(born)),
        5 => (given, transposed(&first, at), second, born),
        6 => (given, first, transposed(&second, at), born),
        _ => (transposed(&given, at), first, second, born),
    }
}

/// Two neighbouring letters of the longest word the other way round.
fn transposed(text: &str, at: usize) -> String {
    let mut words: Vec<Vec<char>> = text.split(' ').map(|word| word.chars().collect()).collect();
    let Some(longest) = words.iter_mut().max_by_key(|word| word.len()) else { return text.to_owned() };
    if longest.len() > 2 {
        let at = at % (longest.len() - 1);
        if longest[at].is_alphabetic() && longest[at + 1].is_alphabetic() {
            longest.swap(at, at + 1);
        }
    }
    words.into_iter().map(String::from_iter).collect::<Vec<_>>().join(" ")
}

proptest! {
    #[test]
    fn a_person_is_recognised_and_found_after_any_single_slip(somebody in anybody(), kind in 0_u8..8, at in 0_usize..12) {
        let (given, first, second, born) = somebody.clone();
        let kept = person(&given, &first, &second, born);
        let (given, first, second, born) = slip(kind, at, somebody);
        let asked = person(&given, &first, &second, born);
        prop_assert!(finds(&asked, &kept), "{asked:?} does not find {kept:?}");
        prop_assert!(compare(&asked, &kept).is_some(), "{asked:?} is not like {kept:?}");
    }

    #[test]
    fn likeness_has_no_direction_and_everybody_is_like_themself(one in anybody(), other in anybody()) {
        let [one, other] = [one, other].map(|(given, first, second, born)| person(&given, &first, &second, born));
        prop_assert_eq!(compare(&one, &other), compare(&other, &one));
        prop_assert_eq!(compare(&one, &one).map(|likeness| likeness.score), Some(100));
    }

    #[test]
    fn no_name_makes_the_comparison_fail(given in "\\p{L}{1,20}", first in "[\\p{L}'. -]{1,20}", second in "\\p{L}{0,9}") {
        if let (Ok(name), Ok(other)) = (PersonName::parse(&given, &first, &second), PersonName::single(&given)) {
            let mut data = person("Ana", "Luna", "", BORN);
            for name in [name, other] {
                data.identity = Identity::Identified { name, birth_date: BirthDate::from_stored(BORN), curp: None };
                let likeness = compare(&data, &data).map(|likeness| likeness.score);
                prop_assert_eq!(likeness, Some(100));
                prop_assert!(!keys(&data.identity).is_empty() || folded_words(&data.identity.full_name()).is_empty());
            }
        }
    }
}
