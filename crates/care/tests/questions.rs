//! Questions to all records: every answer is found a second way from what was written, on both engines; who may see, keep and
//! take out what; what the bitácora says of it.
use std::collections::BTreeMap;

use crate::asked::{Dice, World};
use care::figures::questions::Answered;
use care::{Actor, CareError};
use clinical::ids::{MergeId, PatientId};
use figures::question::Question;
use jiff::civil::Date;
use storage::{Act, AuditFilter, PageRequest};
use test_support::{Clinic, Engine, PASSWORD, engines};
use uuid::Uuid;

/// One of each kind, with the words it is written in.
const CLAUSES: [&str; 21] = [
    "dx:5A11:hoy",
    "dx:5A11:alguna",
    "dx:5A11:periodo",
    "dx:BA00.Z:alguna",
    "dx:JA63.0:periodo",
    "capitulo:5:alguna",
    "capitulo:B:hoy",
    "capitulo:C:periodo",
    "rx:hoy:metformin",
    "rx:alguna:metformin",
    "rx:periodo:metformin",
    "rx:periodo:losartan",
    "valor:4548-4",
    "valor:4548-4:ultimo:ge:9",
    "valor:4548-4:alguno:ge:9",
    "valor:4548-4:alguno:lt:7",
    "valor:4548-4:ultimo:le:7.5",
    "valor:weight_kg",
    "valor:weight_kg:ultimo:gt:70",
    "valor:weight_kg:alguno:le:70",
    "pendiente:ca_breast",
];
const SPANS: [&str; 5] = [
    "",
    "periodo=6\n",
    "periodo=14\n",
    "periodo=fechas\ndesde=2025-09-10\nhasta=2026-01-02\n",
    "periodo=fechas\ndesde=1950-01-01\nhasta=2026-03-10\n",
];
const WHO: [&str; 5] =
    ["", "sexo=female\n", "edad_de=40\nedad_a=69\n", "edad_a=18\n", "sexo=male\nedad_de=60\n"];

fn read(text: &str) -> Question {
    Question::from_text(text).unwrap()
}

/// Some of the questions there are, the same in every run; each clause comes alone and denied, too.
fn questions(world: &World, number: usize) -> Vec<String> {
    let mut dice = Dice(3);
    let mut texts: Vec<String> =
        CLAUSES.iter().flat_map(|own| [format!("c={own}"), format!("c=no:{own}")]).collect();
    texts.push(String::new());
    for _ in 0..number {
        let (span, mut text) = (SPANS[dice.below(5)], WHO[dice.below(5)].to_owned());
        text += span;
        if dice.once_in(2) {
            let how = ["si", "primera", "otra"][if span.is_empty() { 0 } else { dice.below(3) }];
            text += &format!("vino={how}\n");
            if dice.once_in(2) {
                text += &format!("medico={}\n", world.people[dice.below(2)]);
            }
        }
        let mut clauses: Vec<String> = Vec::new();
        for _ in 0..dice.below(4) {
            let own = CLAUSES[dice.below(CLAUSES.len())];
            if !clauses.iter().any(|one| one.ends_with(own)) {
                clauses.push(format!("{}{own}", if dice.once_in(3) { "no:" } else { "" }));
            }
        }
        texts.push(text + &clauses.iter().map(|own| format!("c={own}\n")).collect::<String>());
    }
    texts
}

/// Everybody an answer names, from all its pages, without the patient of the model.
async fn listed(clinic: &Clinic, actor: &Actor, question: &Question) -> BTreeMap<String, PatientId> {
    let mut all = BTreeMap::new();
    for page in 0.. {
        let Answered { found, count, .. } = clinic.care.answer_question(actor, question, page).await.unwrap();
        let found = found.unwrap();
        assert_eq!(count, Some(found.total));
        let last = found.items.is_empty();
        all.extend(found.items.into_iter().map(|one| (one.record_number, one.id)));
        if last {
            assert_eq!(i64::try_from(all.len()).unwrap(), found.total, "each once");
            break;
        }
    }
    all.retain(|number, _| number != "000001");
    all
}

fn today() -> Date {
    "2026-03-10".parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_agrees_with_one_found_by_looking_at_each_record() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let mut world = World::write(&clinic, 40).await;
        let (kept, merged) = (world.known[3].id, world.known[8].id);
        let mut tx = clinic.care.database().begin().await.unwrap();
        let act = Act { by: clinic.physician.user_id, at: clinic.care.now(), reason: "la misma persona" };
        tx.merge_records(MergeId(Uuid::now_v7()), kept, merged, act).await.unwrap();
        tx.commit().await.unwrap();
        world.join(3, 8);
        clinic.care.bring_figures_up_to_date().await.unwrap();
        while clinic.care.refresh_gaps(100).await.unwrap() > 0 {}
        let mut some = 0;
        for text in questions(&world, 150) {
            let question = read(&text);
            let expected = world.answer(&question, today());
            some += usize::from(!expected.is_empty());
            assert_eq!(listed(&clinic, &clinic.physician, &question).await, expected, "{engine:?}: {text}");
        }
        assert!(some > 100, "{some} questions have somebody in their answer");
        clinic.care.rebuild_figures().await.unwrap();
        for text in questions(&world, 0) {
            let question = read(&text);
            let expected = world.answer(&question, today());
            assert_eq!(
                listed(&clinic, &clinic.physician, &question).await,
                expected,
                "anew, {engine:?}: {text}"
            );
        }
    }
}

#[tokio::test]
async fn who_opens_no_records_is_told_how_many_unless_they_are_few_and_gets_no_file() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        World::write(&clinic, 6).await;
        let care = &clinic.care;
        let all = care.answer_question(&clinic.auditor, &read(""), 0).await.unwrap();
        assert!(matches!((all.count, all.found), (Some(5 | 10), None)), "seven, rounded: {:?}", all.count);
        let few = care.answer_question(&clinic.auditor, &read("sexo=female\n"), 0).await.unwrap();
        let women = care.answer_question(&clinic.nurse, &read("sexo=female\n"), 0).await.unwrap();
        assert_eq!((few.count, women.count), (None, Some(4)));
        for refused in [
            care.answer_question(&clinic.reception, &read(""), 0).await.err(),
            care.question_csv(&clinic.auditor, &read(""), PASSWORD.to_owned()).await.err(),
            care.question_csv(&clinic.nurse, &read(""), PASSWORD.to_owned()).await.err(),
            care.question_desk(&clinic.reception).await.err(),
            care.build_question(&clinic.reception, &[]).await.err(),
        ] {
            assert!(matches!(refused, Some(CareError::Denied { .. })), "{refused:?}");
        }
    }
}

#[tokio::test]
async fn nearly_equal_questions_do_not_tell_who_may_not_open_records_of_one_person() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        World::write(&clinic, 40).await;
        let care = &clinic.care;
        let told =
            async |text: &str| care.answer_question(&clinic.auditor, &read(text), 0).await.unwrap().count;
        let mut crossed = 0;
        let mut before = None;
        for age in 20..90 {
            let text = format!("edad_a={age}\n");
            let (answer, again) = (told(&text).await, told(&format!("edad_de=0\nedad_a={age}\n")).await);
            assert_eq!(answer, again, "the same records in other words are the same number");
            let real = care.answer_question(&clinic.physician, &read(&text), 0).await.unwrap().count.unwrap();
            match answer {
                None => assert!(real < 5, "{text}: {real}"),
                Some(answer) => {
                    assert!(answer % 5 == 0 && (answer - real).abs() < 5, "{text}: {answer}, {real}");
                }
            }
            // One year more adds somebody, and the answer falls or stays.
            if let (Some((was, then)), Some(now)) = (before, answer) {
                crossed += i32::from(real > was && now <= then);
            }
            before = answer.map(|answer| (real, answer));
        }
        assert!(crossed > 2, "an answer that rises with each person would tell of them: {crossed}");
    }
}

#[tokio::test]
async fn a_private_record_is_in_no_answer_of_who_may_not_see_it() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let world = World::write(&clinic, 6).await;
        let care = &clinic.care;
        let group =
            care.add_group(&clinic.physician, "Familia", Some(clinic.physician.user_id)).await.unwrap();
        let record = care::groups::GroupChange::AddRecord(world.known[0].number.clone());
        care.change_group(&clinic.physician, group, &record).await.unwrap();
        let seen = listed(&clinic, &clinic.nurse, &read("")).await;
        assert!(!seen.contains_key(&world.known[0].number) && seen.len() == 5, "{engine:?}");
        assert_eq!(listed(&clinic, &clinic.physician, &read("")).await.len(), 6);
    }
}

#[tokio::test]
async fn a_file_holds_the_records_of_the_answer_and_the_bitacora_says_what_was_asked() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let world = World::write(&clinic, 6).await;
        let care = &clinic.care;
        let question = read("sexo=male\n");
        let refused = care.question_csv(&clinic.physician, &question, "otra".to_owned()).await.unwrap_err();
        assert!(matches!(refused, CareError::WrongPassword), "{refused:?}");
        let (name, csv) = care.question_csv(&clinic.physician, &question, PASSWORD.to_owned()).await.unwrap();
        assert_eq!(name, "pregunta-2026-03-10.csv");
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines.len(), 4, "{csv}");
        for (number, _) in world.answer(&question, today()) {
            assert!(lines.iter().any(|line| line.starts_with(&format!("{number},"))), "{number}: {csv}");
        }
        care.answer_question(&clinic.nurse, &question, 0).await.unwrap();
        let mut tx = care.database().begin_read().await.unwrap();
        let events = tx.audit_events(&AuditFilter::default(), PageRequest::first(20)).await.unwrap().items;
        let asked: Vec<_> = events.iter().filter(|event| event.entity == "question").collect();
        assert_eq!(asked.len(), 2, "{events:?}");
        for event in asked {
            assert_eq!(event.reason.as_deref(), Some("Hombres"));
            assert_eq!(event.patient_id, None);
        }
    }
}

#[tokio::test]
async fn a_kept_question_is_renamed_shared_and_removed_by_who_keeps_it_alone() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let (care, own, other) = (&clinic.care, &clinic.physician, &clinic.nurse);
        let question = read("sexo=female\nedad_de=40\nc=pendiente:ca_breast\n");
        care.keep_question(own, &question, "Mastografías", false).await.unwrap();
        let twice = care.keep_question(own, &question, "Mastografías ", false).await;
        assert!(
            matches!(&twice, Err(CareError::Invalid(errors)) if errors[0].field == "nombre"),
            "{twice:?}"
        );
        assert!(care.question_desk(other).await.unwrap().kept.is_empty());
        let (kept, asks) = care.question_desk(own).await.unwrap().kept.remove(0);
        let asks = asks.unwrap();
        assert_eq!(asks.question, question);
        assert_eq!(asks.sentence, "Mujeres de 40 años o más con pendiente: mastografía");
        care.rename_question(own, kept.id, "Faltan mastografías", true).await.unwrap();
        let shared = care.question_desk(other).await.unwrap().kept;
        assert_eq!(
            shared.iter().map(|(one, _)| one.name.as_str()).collect::<Vec<_>>(),
            ["Faltan mastografías"]
        );
        assert_eq!(shared[0].0.owner_name, own.display_name);
        let refused = care.rename_question(other, kept.id, "Mía", true).await;
        assert!(matches!(refused, Err(CareError::NotFound { .. })), "{refused:?}");
        let refused = care.remove_question(other, kept.id).await;
        assert!(matches!(refused, Err(CareError::NotFound { .. })), "{refused:?}");
        care.remove_question(own, kept.id).await.unwrap();
        assert!(care.question_desk(own).await.unwrap().kept.is_empty());
    }
}

#[tokio::test]
async fn what_is_added_is_found_in_the_catalogues_or_refused_with_its_field() {
    let clinic = Clinic::on(Engine::Embedded).await;
    let build = async |pairs: &[(&str, &str)]| {
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        clinic.care.build_question(&clinic.physician, &pairs).await
    };
    let built = build(&[("c", "rx:hoy:metformin"), ("dx", "5a11"), ("dx_cuando", "hoy"), ("dx_niega", "no")])
        .await
        .unwrap();
    assert_eq!(built.read.question, read("c=rx:hoy:metformin\nc=no:dx:5A11:hoy"));
    let built = build(&[("dx", "diabetes tipo 2"), ("dx_cuando", "hoy")]).await.unwrap();
    assert!(built.choices.iter().any(|(code, _)| code == "5A11"), "{:?}", built.choices);
    assert!(built.read.question.clauses.is_empty(), "nothing is chosen for somebody");
    let chosen =
        build(&[("dx", "diabetes tipo 2"), ("elegir", "5A11"), ("dx_cuando", "alguna")]).await.unwrap();
    assert_eq!(chosen.read.question, read("c=dx:5A11:alguna"));
    let value = [("valor", "4548-4"), ("valor_cual", "ultimo"), ("valor_signo", "ge"), ("cantidad", "9,0")];
    assert_eq!(build(&value).await.unwrap().read.question, read("c=valor:4548-4:ultimo:ge:9"));
    assert_eq!(
        build(&[("rx", "Losec"), ("rx_cuando", "hoy")]).await.unwrap().read.clauses,
        ["que toman omeprazol"]
    );
    for (pairs, field) in [
        (vec![("dx", "zzzz qqqq"), ("dx_cuando", "hoy")], "dx"),
        (vec![("dx", "5A11")], "dx_cuando"),
        (vec![("rx", "medicinita inexistente"), ("rx_cuando", "hoy")], "rx"),
        (vec![("rx", "amoxicilina con ácido clavulánico"), ("rx_cuando", "hoy")], "rx"),
        (
            vec![("valor", "4548-4"), ("valor_cual", "ultimo"), ("valor_signo", "ge"), ("cantidad", "")],
            "cantidad",
        ),
        (
            vec![
                ("valor", "bp_systolic"),
                ("valor_cual", "alguno"),
                ("valor_signo", "ge"),
                ("cantidad", "9000"),
            ],
            "cantidad",
        ),
        (vec![("cantidad", "9")], "valor"),
        (vec![("capitulo", "I"), ("dx_cuando", "hoy")], "capitulo"),
        (vec![("pendiente", "nada")], "pendiente"),
        (vec![("c", "pendiente:nada")], "condiciones"),
        (vec![("c", "dx:5ZZZ:hoy")], "condiciones"),
        (vec![("c", "rx:hoy:1' OR '1'='1")], "condiciones"),
        (vec![("medico", "00000000-0000-0000-0000-000000000001")], "medico"),
    ] {
        match build(&pairs).await {
            Err(CareError::Invalid(errors)) => assert_eq!(errors[0].field, field, "{pairs:?}: {errors:?}"),
            other => panic!("{pairs:?}: {other:?}"),
        }
    }
}
