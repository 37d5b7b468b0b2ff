//! What files are taken for a release and what is refused: on an invented release, and on WHO's own where it is at hand.

use super::{Entity, MapKind, Release, ReleaseError, Table, read_table};
use crate::icd::{Icd10Code, IcdIndex};

const ES: &str = include_str!("../../../../../testdata/cie11/SimpleTabulation-ICD-11-MMS-es.txt");
const EN: &str = include_str!("../../../../../testdata/cie11/SimpleTabulation-ICD-11-MMS-en.txt");
const TO_10: &str = include_str!("../../../../../testdata/cie11/11To10MapToOneCategory.txt");
const FROM_10: &str = include_str!("../../../../../testdata/cie11/10To11MapToOneCategory.txt");
const FROM_10_ALL: &str = include_str!("../../../../../testdata/cie11/10To11MapToMultipleCategories.txt");

fn read(texts: &[&str]) -> Result<Release, ReleaseError> {
    Release::join(texts.iter().map(|text| read_table(text)).collect::<Result<_, _>>()?, None)
}

fn whole() -> Release {
    read(&[ES, EN, TO_10, FROM_10, FROM_10_ALL]).unwrap()
}

fn find<'a>(release: &'a Release, id: &str) -> &'a Entity {
    release.entities.iter().find(|entity| &*entity.id == id).unwrap()
}

#[test]
fn titles_are_kept_as_who_wrote_them() {
    let release = whole();
    assert_eq!(release.name, "2024-01");
    assert_eq!(release.stamp, "2024 Jan 21 - 22:30 UTC");
    let coat = find(&release, "BA00.0");
    assert_eq!(&*coat.title_es, "Hipertensión de \"bata\" por la prueba");
    assert_eq!(&*coat.title_en, "Sample \"coat\" hypertension");
    assert_eq!((coat.depth, &*coat.chapter), (3, "11"));
    let untranslated = find(&release, "XS0A");
    assert_eq!((&*untranslated.title_es, untranslated.title()), ("", "Value 0 of the sample"));
}

#[test]
fn a_release_read_back_from_its_parts_is_the_same() {
    let release = whole();
    let parts = release.parts();
    assert_eq!(parts.len(), 28 + MapKind::ALL.len());
    let back = Release::from_parts(release.name.clone(), release.stamp.clone(), &parts).unwrap();
    assert_eq!(back, release);
}

#[test]
fn an_invented_code_is_found_and_those_of_cie_10_come_with_it_the_best_first() {
    let index = IcdIndex::from_release(&whole()).unwrap();
    let found = index.search("fiebre ficticia", 3);
    assert_eq!(found[0].entry.code.as_str(), "5A1Z");
    let codes: Vec<&str> = found[0].entry.icd10.iter().map(Icd10Code::as_str).collect();
    assert_eq!(codes, ["E14.9"]);
    let pressure = index.lookup("BA00.Z").unwrap();
    let codes: Vec<&str> = pressure.icd10.iter().map(Icd10Code::as_str).collect();
    assert_eq!(codes, ["I10", "I15.9"]);
    // This project's synonyms serve the codes the release has; the grouping gives way to its "unspecified".
    assert_eq!(index.search("azúcar", 3)[0].entry.code.as_str(), "5A11");
    assert_eq!(index.search("hipertensión esencial", 3)[0].entry.code.as_str(), "BA00.Z");
    assert!(index.lookup("BA00").is_some() && index.lookup("XS1A").is_none());
}

#[test]
fn files_cut_short_anywhere_are_refused() {
    for text in [ES, EN, TO_10, FROM_10] {
        let text = text.trim_start_matches('\u{feff}');
        for cut in [text.len() / 10, text.len() / 2, text.len() - 5] {
            let cut = (0..=cut).rev().find(|at| text.is_char_boundary(*at)).unwrap();
            let error = read_table(&text[..cut]).err();
            assert!(matches!(error, Some(ReleaseError::Damaged { .. })), "{error:?}");
        }
    }
    // At the end of a line, too.
    let lines: Vec<&str> = ES.split_inclusive('\n').collect();
    for kept in [2, 40, lines.len() - 1] {
        let error = read_table(&lines[..kept].concat()).err();
        let known = matches!(error, Some(ReleaseError::Incomplete | ReleaseError::Damaged { .. }));
        assert!(known || kept == lines.len() - 1, "{kept}: {error:?}");
    }
    let maps: Vec<&str> = TO_10.split_inclusive('\n').collect();
    let half = maps[..maps.len() - 12].concat();
    assert!(read(&[ES, &half]).is_err());
}

#[test]
fn rows_missing_from_the_middle_are_noticed() {
    let without: String = ES.split_inclusive('\n').filter(|line| !line.contains("BA00.")).collect();
    assert!(matches!(read_table(&without), Err(ReleaseError::Damaged { .. })));
}

#[test]
fn files_that_are_something_else_are_told_from_damaged_ones() {
    assert_eq!(read_table("").err(), Some(ReleaseError::Foreign));
    assert_eq!(read_table("nombre\tedad\nAna\t3\n").err(), Some(ReleaseError::Foreign));
    assert_eq!(read_table("🙂🙂🙂").err(), Some(ReleaseError::Foreign));
    let foundation =
        "10ClassKind\t10DepthInKind\ticd10Code\ticd10Chapter\ticd10Title\tICD-11 FoundationURI\ticd11Title\n";
    assert_eq!(read_table(foundation).err(), Some(ReleaseError::NotUsed));
    let french = ES.replace(" del ", " des ").replace(" de la ", " au ").replace(" por ", " sous ");
    assert_eq!(read_table(&french).err(), Some(ReleaseError::OtherLanguage));
}

#[test]
fn files_of_two_releases_or_without_spanish_titles_are_refused() {
    let other = TO_10.replace("2024-01", "2025-01");
    assert_eq!(read(&[ES, &other]).err(), Some(ReleaseError::Mixed("2024-01".into(), "2025-01".into())));
    assert_eq!(read(&[EN, TO_10]).err(), Some(ReleaseError::NoSpanish("2024-01".into())));
    let fewer: String = EN.split_inclusive('\n').filter(|line| !line.contains("\t1A01\t")).collect();
    assert_eq!(read(&[ES, &fewer]).err(), Some(ReleaseError::Disagree));
    let unknown = TO_10.replace("\t5A11\t", "\t5A77\t");
    assert_eq!(read(&[ES, &unknown]).err(), Some(ReleaseError::OtherMap));
}

#[test]
fn maps_may_come_later_and_titles_are_not_lost() {
    let release = read(&[ES, EN]).unwrap();
    let later = Release::join(vec![read_table(TO_10).unwrap()], Some(release.clone())).unwrap();
    assert_eq!(later.entities, release.entities);
    assert_eq!(later.maps.len(), 1);
    // A map of another release finds no tabulation.
    let Table::Map(_) = read_table(FROM_10).unwrap() else { panic!("no es un mapa") };
    let foreign = read_table(&FROM_10.replace("2024-01", "2026-01")).unwrap();
    assert_eq!(
        Release::join(vec![foreign], Some(later)).err(),
        Some(ReleaseError::NoSpanish("2026-01".into()))
    );
}
