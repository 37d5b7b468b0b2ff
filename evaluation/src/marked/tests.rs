//! What a marked text says, and what is said of a bad one.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Fault, read};

/// The annotation of one consultation with these turns.
#[track_caller]
fn annotation(turns: &str) -> Value {
    let text = format!("# T1 | medicina general, clínica; dolor | en la tarde\n{turns}");
    read("t.txt", &text).unwrap().remove(0).annotation
}

#[track_caller]
fn gold(turns: &str) -> Value {
    annotation(turns)["gold"].clone()
}

/// What is said of a text that cannot be read.
fn refused(text: &str) -> String {
    read("t.txt", text).unwrap_err().to_string()
}

#[test]
fn marks_leave_no_trace_in_what_was_said() {
    let annotation = annotation("D: ¿Trae {n:tos}?\n\nC: Trae {s:calentura|fiebre}, {s:mucha tos|tos}.");
    assert_eq!(
        annotation["turns"],
        json!([
            {"speaker": "doctor", "text": "¿Trae tos?"},
            {"speaker": "companion", "text": "Trae calentura, mucha tos."},
        ])
    );
    assert_eq!(annotation["id"], "T1");
    assert_eq!(annotation["setting"], "medicina general, clínica; dolor|en la tarde");
}

#[test]
fn the_answer_to_a_question_is_evidence_of_what_was_asked() {
    let gold = gold(
        "D: Le veo {f+:ronchas}. ¿{n:Fiebre}? ¿{n:Tos}? {n:Vómito} no hubo.\nP: No, ninguna.\nD: ¿{n:Diarrea}?\nD: ¿Nada?",
    );
    let denied: Vec<_> = gold["symptoms_denied"].as_array().unwrap().iter().map(evidence).collect();
    assert_eq!(denied, [json!([0, 1]), json!([0, 1]), json!([0]), json!([2])]);
    assert_eq!(gold["exam_findings"][0]["evidence_turns"], json!([0, 1]));
}

fn evidence(item: &Value) -> Value {
    item["evidence_turns"].clone()
}

#[test]
fn what_is_ordered_in_a_question_has_no_answer_as_evidence() {
    let gold = gold("D: {o:Una biometría|biometría hemática}, {p:paracetamol}, ¿sí?\nP: Sí.");
    assert_eq!(gold["orders"][0]["evidence_turns"], json!([0]));
    assert_eq!(gold["prescriptions"][0]["evidence_turns"], json!([0]));
}

#[test]
fn the_same_fact_said_twice_is_one_with_both_places_and_all_its_wordings() {
    let gold = gold(
        "P: {s:Me arde|disuria/ardor al orinar|ini=dos días}, {s:Duele La Panza}.\nP: {s:Puro ardor|disuria|sev=fuerte}, sí, {s:me arde|disuria}, {s:Puro ardor|disuria}.",
    );
    assert_eq!(
        gold["symptoms_present"],
        json!([
            {
                "name": "disuria",
                "aliases": ["Me arde", "ardor al orinar", "Puro ardor", "me arde"],
                "onset_duration": "dos días",
                "severity": "fuerte",
                "evidence_turns": [0, 1],
            },
            {
                "name": "duele la panza",
                "aliases": ["Duele La Panza"],
                "onset_duration": null,
                "severity": null,
                "evidence_turns": [0],
            },
        ])
    );
    assert_eq!(
        gold["chief_complaint"],
        json!({
            "name": "disuria",
            "aliases": ["Me arde", "ardor al orinar", "Puro ardor", "me arde"],
            "evidence_turns": [0, 1],
        })
    );
}

#[test]
fn one_disease_of_two_relatives_is_two_facts() {
    let gold = gold("P: {hf:Azúcar|diabetes|rel=madre} ella y {hf:también|diabetes|rel=padre} él.");
    let relatives: Vec<_> =
        gold["history"]["family"].as_array().unwrap().iter().map(|item| &item["relative"]).collect();
    assert_eq!(relatives, ["madre", "padre"]);
    assert_eq!(gold["history"]["family"][0]["detail"], Value::Null);
}

#[test]
fn denied_antecedents_say_of_what_part_of_the_history() {
    let gold = gold(
        "D: ¿{hn:Fuma|tabaquismo|sec=habits}? ¿{hn:Asma}? ¿{al0:Alergias}?\nP: {al-:A la sulfa|sulfas} no.",
    );
    assert_eq!(gold["history_denied"][0]["section"], "habits");
    assert_eq!(gold["history_denied"][1]["section"], "pathological");
    assert_eq!(
        gold["history"]["allergies"],
        json!([
            {"name": "negadas", "aliases": ["Alergias"], "negated": true, "reaction": null, "evidence_turns": [0, 1]},
            {"name": "sulfas", "aliases": ["A la sulfa"], "negated": true, "reaction": null, "evidence_turns": [1]},
        ])
    );
}

#[test]
fn a_dose_is_a_number_with_its_unit_and_further_ways_to_say_it() {
    let gold = gold(
        "D: {p:Tempra|paracetamol/acetaminofén|dose=500 mg/1 tableta|form=tableta|route=oral|freq=8|dur=2.5|prn|action=start}.",
    );
    assert_eq!(
        gold["prescriptions"],
        json!([{
            "drug_inn": "paracetamol",
            "aliases": ["Tempra", "acetaminofén"],
            "dose_value": 500,
            "dose_unit": "mg",
            "dose_alternatives": [{"dose_value": 1, "dose_unit": "tableta"}],
            "form": "tableta",
            "route": "oral",
            "frequency_hours": 8,
            "schedule": null,
            "duration_days": 2.5,
            "prn": true,
            "action": "start",
            "evidence_turns": [0],
        }])
    );
}

#[test]
fn as_needed_is_no_name_of_a_medicine_and_is_kept_when_said_once() {
    let gold = gold(
        "D: {p:Paracetamol|dose=1 g|prn}, {p:Buscapina|prn=si}.\nD: El {p:paracetamol|dur=3}, tres días.",
    );
    assert_eq!(gold["prescriptions"].as_array().unwrap().len(), 2);
    assert_eq!(gold["prescriptions"][1]["prn"], true);
    let prescribed = &gold["prescriptions"][0];
    assert_eq!(prescribed["drug_inn"], "paracetamol");
    assert_eq!(prescribed["prn"], true);
    assert_eq!(prescribed["dose_unit"], "g");
    assert_eq!(prescribed["duration_days"], 3);
}

#[test]
fn signs_and_results_keep_their_numbers_and_words() {
    let gold = gold(
        "D: {v:ciento diez setenta|bp_systolic=110|bp_diastolic=70}, {v:treinta y ocho|temp_c=38.0}.\nD: Ahora {v:cien setenta|bp_systolic=100}. {r:Hemoglobina|v=9.5|u=g/dL}, {r:nitritos|v=positivos}, {r:glucosa|v=92}.",
    );
    assert_eq!(
        gold["vitals"],
        json!({
            "bp_systolic": {"value": 100, "evidence_turns": [1]},
            "bp_diastolic": {"value": 70, "evidence_turns": [0]},
            "temp_c": {"value": 38.0, "evidence_turns": [0]},
        })
    );
    let results: Vec<_> = gold["results"].as_array().unwrap().iter().map(|item| &item["value"]).collect();
    assert_eq!(results, [&json!(9.5), &json!("positivos"), &json!(92)]);
    assert_eq!(gold["results"][0]["unit"], "g/dL");
}

#[test]
fn findings_and_diagnoses_say_how_certain_they_are() {
    let gold = gold(
        "D: {f+:Soplo}, {f-:Giordano}, {f0:oídos}. {d:Gripa|influenza}, {d?:asma}, {d-:neumonía} no. {x:Aspirina|ácido acetilsalicílico|why=sangrado}, {m:losartán|dose=50 mg|freq=diario}.",
    );
    let of = |list: &str, key: &str| -> Vec<Value> {
        gold[list].as_array().unwrap().iter().map(|item| item[key].clone()).collect()
    };
    assert_eq!(of("exam_findings", "status"), ["present", "absent", "normal"]);
    assert_eq!(of("diagnoses", "certainty"), ["confirmed", "suspected", "ruled_out"]);
    assert_eq!(gold["diagnoses"][0]["icd11_accepted"], json!([]));
    assert_eq!(of("medications_stopped", "reason"), ["sangrado"]);
    assert_eq!(of("current_medications", "frequency"), ["diario"]);
}

#[test]
fn a_visit_without_symptoms_has_its_reason_and_what_comes_next() {
    let gold = gold(
        "D: {ed:Tome agua|hidratación} y {ed:tome agua}. {fu:Venga en un mes|days=30}, {rf:al oculista|oftalmología}.",
    );
    assert_eq!(
        gold["chief_complaint"],
        json!({"name": "medicina general, clínica; dolor", "evidence_turns": [0]})
    );
    assert_eq!(gold["education"].as_array().unwrap().len(), 2);
    assert_eq!(gold["education"][0], json!({"text": "Tome agua", "evidence_turns": [0]}));
    assert_eq!(gold["follow_up"], json!({"text": "Venga en un mes", "days": 30, "evidence_turns": [0]}));
    assert_eq!(gold["referrals"][0]["name"], "oftalmología");
}

#[test]
fn what_is_wrong_is_told_with_its_file_its_line_and_what_to_write() {
    let cases = [
        ("D: Hola.", "t.txt:1: a turn of no consultation: write `# ID | setting` above it"),
        (
            "# T 1 | x",
            "t.txt:1: write `# ID | setting`, with an ID of letters and digits, instead of `# T 1 | x`",
        ),
        ("# T1 | x\n\n# T1 | y", "t.txt:3: the ID T1 is taken: write another"),
        (
            "# T1 | x\nDoctor: Hola",
            "t.txt:2: write `# ID | setting`, or a turn that begins with `D:`, `P:` or `C:`, instead of `Doctor: Hola`",
        ),
        (
            "# T1 | x\nD: {s:tos",
            "t.txt:2: a brace is alone, or a mark lies within another: write `{tag:spoken words}`",
        ),
        ("# T1 | x\nD: {s:tos {n:seca}}", "t.txt:2: a brace is alone"),
        ("# T1 | x\nD: tos} {s:seca}", "t.txt:2: a brace is alone"),
        (
            "# T1 | x\nD: {sx:tos}",
            "t.txt:2: `{sx:tos}` has no known tag: write `{tag:spoken words}`, the tag one of s, n, hp",
        ),
        ("# T1 | x\nD: {s:|tos}", "t.txt:2: `{s:|tos}` marks no words"),
        ("# T1 | x\nD: {s:tos|dur=3}", "t.txt:2: s has no `dur=`: write one of ini=, sev=, or leave it out"),
        ("# T1 | x\nD: {o:orina|u=1}", "t.txt:2: o has no `u=`: leave it out"),
        ("# T1 | x\nD: {hf:cáncer}", "t.txt:2: hf needs `rel=`: write `{hf:spoken words|disease|rel=madre}`"),
        ("# T1 | x\nD: {r:glucosa}", "t.txt:2: r needs `v=`"),
        ("# T1 | x\nD: {v:cien}", "t.txt:2: v needs `bp_systolic=`"),
        ("# T1 | x\nD: {v:cien|hr=cien}", "t.txt:2: `hr=cien`: write the value that was measured"),
        ("# T1 | x\nD: {p:sal|dose=500}", "t.txt:2: `dose=500`: write a number and its unit"),
        (
            "# T1 | x\nD: {p:sal|freq=diario}",
            "t.txt:2: `freq=diario`: write a number of hours, or `sched=` with words",
        ),
        ("# T1 | x\nD: {p:sal|dur=mes}", "t.txt:2: `dur=mes`: write a number of days"),
        ("# T1 | x\nD: {p:sal|action=dar}", "t.txt:2: `action=dar`: write one of start, continue"),
        ("# T1 | x\nD: {p:sal|prn=no}", "t.txt:2: `prn=no`: write only `prn`"),
        (
            "# T1 | x\nD: {p:sal|suero|oral}",
            "t.txt:2: `oral` stands alone after the clinical name: write `field=oral`",
        ),
        ("# T1 | x\nD: {hn:asma|sec=otra}", "t.txt:2: `sec=otra`: write one of pathological, surgical"),
        ("# T1 | x\nD: {fu:un mes|days=mes}", "t.txt:2: `days=mes`: write a whole number of days"),
    ];
    for (text, expected) in cases {
        let said = refused(text);
        assert!(said.starts_with(expected), "{text:?}\nsays {said}\nnot  {expected}");
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once_in_the_order_of_the_lines() {
    let said = refused("# T1 | x\nD: {hf:cáncer}\nP: {zz:no}\nX");
    let lines: Vec<_> = said.lines().map(|line| &line[..8]).collect();
    assert_eq!(lines, ["t.txt:2:", "t.txt:3:", "t.txt:4:"]);
}

#[test]
fn short_consultations_and_names_used_in_another_file_are_told_to_whoever_writes_more() {
    let turns = "D: Diga.\nP: Nada.\n".repeat(4);
    let mut counts = super::check::Counts::default();
    let mut check = |file: &str, text: String| super::check::check(file, &text, &mut counts);
    check("a.txt", format!("# T1 | x\n{turns}")).unwrap();
    let short = check("b.txt", "# T2 | x\nD: Diga.".to_owned()).unwrap_err();
    assert_eq!(short.0[0].fault, Fault::Short("T2".to_owned(), 1));
    let taken = check("c.txt", format!("# T1 | x\n{turns}")).unwrap_err();
    assert_eq!(taken.to_string(), "c.txt:1: the ID T1 is taken: write another");
}

proptest! {
    #[test]
    fn no_text_whatever_makes_the_reader_panic_or_leaves_a_brace_in_what_was_said(
        lines in proptest::collection::vec("(# T1 \\||D: |P: |)([{}|:=/?.0-9áñ ]|\\{(s|n|p|v|r|hf|fu|al0|ed):|prn|dose=|freq=|hr=|v=|days=|rel=|\\}){0,20}", 0..6),
    ) {
        let text = format!("# T0 | x\n{}", lines.join("\n"));
        if let Ok(all) = read("t.txt", &text) {
            for marked in all {
                for turn in marked.annotation["turns"].as_array().unwrap() {
                    let left = turn["text"].as_str().unwrap().contains(['{', '}']);
                    prop_assert!(!left);
                }
            }
        }
    }
}
