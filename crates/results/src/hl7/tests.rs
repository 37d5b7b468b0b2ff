//! Messages as laboratories send them and as they should not; never a panic, never half a message.

use clinical::laboratory::Mark;
use proptest::prelude::*;

use super::*;
use crate::Incoming;

const GOOD: &str = "MSH|^~\\&|LIS|Laboratorio Inventado|MEDICUS|CONSULTORIO|20260309110500||ORU^R01|M-1|P|2.5.1||||||8859/1\r\
PID|1||HEGG560427MVZRRL04^^^RENAPO^CURP~000412^^^LIS^MR||Ahuehuete^Jacinta^||19620112|F\r\
ORC|RE|1\r\
OBR|1|S1|F1|QS^Qu\u{ed}mica sangu\u{ed}nea^L|||20260309074000-0600\r\
OBX|1|NM|2345-7^Glucosa^LN||126|mg/dL|70 - 100|H|||F\r\
NTE|1|L|Muestra en ayuno\\.br\\de 12 horas\r\
OBX|2|SN|CREA^Creatinina^L||<^0.3|mg/dL^^UCUM|0.5-1.2|L|||C\r\
OBX|3|FT|UC^Urocultivo^L||Sin desarrollo\\.br\\a las 48 h \\T\\ 72 h||||||F\r\
OBX|4|CE|GRP^Grupo^L||O^O positivo^L||||||F\r\
OBX|5|NM|X^Pendiente^L||||||||I\r\
OBR|2|S1|F2|BH^Biometr\u{ed}a^L|||20260309\r\
OBX|1|ST|718-7^Hemoglobina^LN||13.20|g/dL|12.0 - 16.0||||F\r";

fn zone() -> TimeZone {
    TimeZone::get("America/Mexico_City").unwrap()
}

fn good(text: &str) -> Incoming {
    read(text, &zone()).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn fault(text: &str, expected: &str) {
    let faults = read(text, &zone()).expect_err(expected);
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(told.iter().any(|told| told.contains(expected)), "{expected}: {told:?}");
}

#[test]
fn a_message_is_read_to_its_last_remark() {
    let incoming = good(GOOD);
    let subject = incoming.subject.unwrap();
    assert_eq!(subject.name, "Jacinta Ahuehuete");
    assert_eq!(subject.birth_date, Some(jiff::civil::date(1962, 1, 12)));
    assert_eq!(subject.curp.unwrap().as_str(), "HEGG560427MVZRRL04");
    let [chemistry, blood] = incoming.reports.as_slice() else { panic!("{:?}", incoming.reports) };
    assert_eq!(chemistry.panel.as_deref(), Some("Química sanguínea"));
    assert_eq!(chemistry.laboratory.as_deref(), Some("Laboratorio Inventado"));
    assert_eq!(chemistry.taken.to_string(), "2026-03-09T07:40");
    let [glucose, creatinine, culture, group] = chemistry.results.as_slice() else { panic!() };
    assert_eq!((glucose.result.loinc.as_deref(), glucose.result.mark()), (Some("2345-7"), Some(Mark::High)));
    assert_eq!(glucose.result.comment.as_deref(), Some("Muestra en ayuno\nde 12 horas"));
    assert_eq!((creatinine.result.value.to_string().as_str(), creatinine.corrects), ("< 0.3", true));
    assert_eq!(creatinine.result.loinc.as_deref(), Some("2160-0"), "name and unit fit");
    assert_eq!(culture.result.value.to_string(), "Sin desarrollo\na las 48 h & 72 h");
    assert_eq!(group.result.value.to_string(), "O positivo");
    assert_eq!(blood.taken.to_string(), "2026-03-09");
    assert_eq!(blood.results[0].result.value.to_string(), "13.2");
    assert_eq!(incoming.notes.len(), 1);
}

#[test]
fn line_ends_frames_and_other_separators_are_tolerated() {
    let reports = good(GOOD).reports.len();
    for text in [GOOD.replace('\r', "\n"), GOOD.replace('\r', "\r\n\r\n"), format!("\u{b}{GOOD}\u{1c}\r")] {
        assert_eq!(good(&text).reports.len(), reports);
    }
    let other = GOOD.replace('|', "#").replace('^', "$");
    assert_eq!(good(&other).reports.len(), reports);
}

#[test]
fn escapes_are_undone_and_what_is_none_stays() {
    let signs = Signs::parse("MSH|^~\\&|", 1).unwrap();
    let check = |text: &str, plain: &str| assert_eq!(signs.unescape(text), plain, "{text}");
    check("a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f", "a|b^c&d~e\\f");
    check("\\H\\alto\\N\\", "alto");
    check("uno\\.br\\dos\\.sp 2\\tres\\.in+3\\", "uno\ndos\ntres");
    check("se\\XC3B1\\al \\XF1\\ \\X4\\", "señal ñ \\X4\\");
    check("C:\\temp", "C:\\temp");
    check("50\\50\\F\\", "50\\50|");
}

#[test]
fn malformed_messages_say_segment_field_and_what_to_do() {
    let changed = |from: &str, to: &str| GOOD.replacen(from, to, 1);
    fault("", "no empieza con un segmento MSH");
    fault("MSH", "está cortado");
    fault("MSH|^~|a\r", "MSH-2");
    fault("MSH|^^^^|a\r", "los separadores se repiten");
    fault(&changed("ORU^R01", "ADT^A01"), "campo MSH-9: el mensaje no es de resultados");
    fault(&changed("|2.5.1|", "|3.0|"), "MSH-12");
    fault(&changed("8859/1", "BIG-5"), "MSH-18");
    fault(&format!("{GOOD}MSH|^~\\&|LIS\r"), "más de un mensaje");
    fault(&format!("{GOOD}PID|1||9\r"), "más de un paciente");
    fault(&changed("OBX|1|NM", "OB"), "Línea 5: no empieza con el nombre de un segmento");
    fault(&changed("||126|", "||ciento|"), "Segmento OBX 1 (línea 5), campo OBX-5: dice ser un número (NM)");
    fault(&changed("||126|", "||5,600|"), "OBX-5: dice ser un número");
    fault(&changed("|<^0.3|", "|~^x|"), "(SN) no se entiende");
    fault(&changed("|NM|2345-7^Glucosa^LN|", "|ED|2345-7^Glucosa^LN|"), "agréguelo en Archivos");
    fault(&changed("|NM|2345-7^Glucosa^LN|", "|ZZ|2345-7^Glucosa^LN|"), "OBX-2");
    fault(&changed("2345-7^Glucosa^LN", ""), "OBX-3: falta el nombre");
    fault(&changed("|H|||F", "|H|||Q"), "OBX-11: el estado debe ser");
    fault(&changed("|H|||F", "|H|||D"), "el laboratorio retira");
    fault(&changed("20260309074000-0600", "ayer"), "OBR-7");
    fault(&changed("20260309074000-0600", "20261332"), "OBR-7");
    fault(&changed("|19620112|", "|12/01/62|"), "PID-7");
    fault(&GOOD.replace("OBR|", "ZBR|"), "viene antes de su OBR");
    let head: String = GOOD.split('\r').take(4).map(|line| format!("{line}\r")).collect();
    fault(&head, "no trae ningún resultado");
}

#[test]
fn a_message_cut_anywhere_is_refused_or_complete_up_to_a_line() {
    for at in 0..GOOD.len() {
        if let Some(cut) = GOOD.get(..at) {
            let _ = read(cut, &zone());
        }
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,300}") {
        let _ = read(&text, &zone());
        let _ = crate::read(&text, &zone(), jiff::civil::date(2026, 11, 25));
    }

    #[test]
    fn no_damage_to_a_message_makes_it_panic(
        cuts in proptest::collection::vec((0_usize..GOOD.len(), 0_usize..12, "[|^~\\\\&\\r\\n0-9A-Z.<>\u{0}ñ]{0,8}"), 1..6),
    ) {
        let mut letters: Vec<char> = GOOD.chars().collect();
        for (at, length, with) in cuts {
            let at = at.min(letters.len());
            let end = (at + length).min(letters.len());
            letters.splice(at..end, with.chars());
        }
        let text: String = letters.into_iter().collect();
        if let Ok(incoming) = read(&text, &zone()) {
            prop_assert!(incoming.reports.iter().all(|report| !report.results.is_empty()));
        }
    }

    #[test]
    fn escaping_and_unescaping_gives_the_same_words(text in "[a-zñ|^~&\\\\ ]{0,40}") {
        let signs = Signs::parse("MSH|^~\\&|", 1).unwrap();
        let escaped: String = text.chars().map(|c| match c {
            '|' => "\\F\\".to_owned(),
            '^' => "\\S\\".to_owned(),
            '~' => "\\R\\".to_owned(),
            '&' => "\\T\\".to_owned(),
            '\\' => "\\E\\".to_owned(),
            other => other.to_string(),
        }).collect();
        prop_assert_eq!(signs.unescape(&escaped), text);
    }
}
