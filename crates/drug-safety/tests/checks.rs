//! Every kind of check: what must be raised, and what must stay silent.

use clinical::allergy::{AllergyIntolerance, ReactionKind};
use clinical::medication::Route;
use clinical::person::Sex;
use drug_safety::{Alert, AlertKind, CheckInput, Drug, Patient, Pregnancy, Severity, check};
use proptest::prelude::*;
use terminology::medicines::MedicineCatalog;

fn drugs(names: &[&str]) -> Vec<Drug> {
    names.iter().map(|name| Drug::named(name)).collect()
}

fn proposed(names: &[&str]) -> CheckInput {
    CheckInput { proposed: drugs(names), ..CheckInput::default() }
}

fn for_patient(name: &str, patient: Patient) -> Vec<Alert> {
    check(&CheckInput { patient, ..proposed(&[name]) }).alerts
}

/// The worst tier found, and that it is of the kind expected.
fn expect(input: &CheckInput, kind: AlertKind, severity: Severity) {
    let alerts = check(input).alerts;
    assert!(
        alerts.iter().any(|alert| alert.kind == kind && alert.severity == severity),
        "expected {kind:?} {severity:?} for {:?}, got {:?}",
        input.proposed.iter().map(|drug| &drug.name).collect::<Vec<_>>(),
        alerts.iter().map(|alert| (alert.kind, alert.severity, &alert.message)).collect::<Vec<_>>()
    );
}

fn silent(input: &CheckInput) {
    let alerts = check(input).alerts;
    assert!(alerts.iter().all(|alert| !alert.severity.interrupts()), "{alerts:?}");
}

fn allergic(substance: &str, reaction_kind: ReactionKind, drug: &str) -> CheckInput {
    let allergy = AllergyIntolerance { substance: substance.to_owned(), reaction_kind, reaction: None };
    CheckInput { allergies: vec![allergy], ..proposed(&[drug]) }
}

/// Pairs of everyday primary care (reference, section 11, and more of the same kind).
const EVERYDAY: &[&[&str]] = &[
    &["metformina", "losartán"],
    &["metformina", "amlodipino"],
    &["metformina", "atorvastatina"],
    &["metformina", "sitagliptina"],
    &["losartán", "amlodipino"],
    &["losartán", "atorvastatina"],
    &["losartán", "paracetamol"],
    &["amoxicilina", "paracetamol"],
    &["amoxicilina", "loratadina"],
    &["amoxicilina", "ambroxol"],
    &["levotiroxina", "amlodipino"],
    &["levotiroxina", "paracetamol"],
    &["salbutamol", "budesonida"],
    &["salbutamol", "montelukast"],
    &["salbutamol", "ipratropio"],
    &["tamsulosina", "finasterida"],
    &["sertralina", "losartán"],
    &["omeprazol", "amoxicilina", "claritromicina"],
    &["enalapril", "hidroclorotiazida"],
    &["metformina", "glibenclamida"],
    &["metformina", "insulina glargina"],
    &["paracetamol", "loratadina", "ambroxol"],
    &["paracetamol", "omeprazol"],
    &["ibuprofeno", "amoxicilina"],
    &["naproxeno", "omeprazol"],
    &["nitrofurantoína", "paracetamol"],
    &["cefalexina", "paracetamol"],
    &["metoprolol", "losartán"],
    &["clopidogrel", "atorvastatina"],
    &["ácido acetilsalicílico", "atorvastatina", "metoprolol"],
    &["levotiroxina", "losartán", "metformina"],
    &["pregabalina", "metformina"],
    &["furosemida", "enalapril"],
    &["alopurinol", "losartán"],
    &["fluticasona", "salmeterol"],
    &["trimetoprim", "sulfametoxazol"],
    &["levodopa", "carbidopa"],
    &["albendazol", "paracetamol"],
    &["dicloxacilina", "paracetamol"],
    &["butilhioscina", "paracetamol"],
];

#[test]
fn everyday_prescriptions_do_not_interrupt() {
    for names in EVERYDAY {
        let input = proposed(names);
        assert_eq!(check(&input).unknown, Vec::<String>::new(), "{names:?}");
        silent(&input);
    }
}

#[test]
fn known_interactions_are_raised_with_their_tier() {
    for (one, other, severity) in [
        ("warfarina", "naproxeno", Severity::Mayor),
        ("sildenafil", "isosorbida", Severity::Contraindicada),
        ("claritromicina", "simvastatina", Severity::Contraindicada),
        ("litio", "ibuprofeno", Severity::Mayor),
        ("ciprofloxacino", "tizanidina", Severity::Contraindicada),
        ("fluoxetina", "tramadol", Severity::Mayor),
        ("metronidazol", "warfarina", Severity::Mayor),
        ("levotiroxina", "carbonato de calcio", Severity::Moderada),
        ("digoxina", "amiodarona", Severity::Mayor),
    ] {
        let alerts = check(&proposed(&[one, other])).alerts;
        assert_eq!(alerts.first().map(|alert| alert.severity), Some(severity), "{one} + {other}: {alerts:?}");
    }
}

#[test]
fn what_the_patient_already_takes_together_is_not_raised_again() {
    let input = CheckInput { active: drugs(&["warfarina", "naproxeno"]), ..proposed(&["paracetamol"]) };
    assert!(check(&input).alerts.iter().all(|alert| !alert.severity.interrupts()));
    let input = CheckInput { active: drugs(&["warfarina"]), ..proposed(&["naproxeno"]) };
    expect(&input, AlertKind::Interaction, Severity::Mayor);
}

#[test]
fn a_brand_is_checked_by_its_ingredients() {
    let input = CheckInput { active: drugs(&["warfarina"]), ..proposed(&["Flanax"]) };
    expect(&input, AlertKind::Interaction, Severity::Mayor);
}

#[test]
fn allergy_to_the_medicine_and_to_its_family() {
    expect(
        &allergic("amoxicilina", ReactionKind::Anaphylaxis, "amoxicilina"),
        AlertKind::AllergyExact,
        Severity::Contraindicada,
    );
    expect(
        &allergic("penicilina", ReactionKind::Anaphylaxis, "amoxicilina"),
        AlertKind::AllergyFamily,
        Severity::Contraindicada,
    );
    expect(
        &allergic("amoxicilina", ReactionKind::Mild, "cefalexina"),
        AlertKind::AllergyFamily,
        Severity::Mayor,
    );
    expect(
        &allergic("sulfas", ReactionKind::SevereSkin, "trimetoprim con sulfametoxazol"),
        AlertKind::AllergyFamily,
        Severity::Contraindicada,
    );
    expect(
        &allergic("codeína", ReactionKind::Intolerance, "codeína"),
        AlertKind::AllergyExact,
        Severity::Moderada,
    );
}

#[test]
fn common_false_allergies_never_interrupt() {
    silent(&allergic("sulfas", ReactionKind::Mild, "furosemida"));
    silent(&allergic("amoxicilina", ReactionKind::Mild, "ceftriaxona"));
    silent(&allergic("penicilina", ReactionKind::Mild, "azitromicina"));
    silent(&allergic("polen", ReactionKind::Mild, "amoxicilina"));
}

#[test]
fn duplicates_are_found_and_accepted_pairs_are_not() {
    let input = CheckInput { active: drugs(&["Tempra"]), ..proposed(&["paracetamol"]) };
    expect(&input, AlertKind::DuplicateIngredient, Severity::Mayor);
    expect(&proposed(&["naproxeno", "diclofenaco"]), AlertKind::DuplicateClass, Severity::Mayor);
    expect(&proposed(&["losartán", "enalapril"]), AlertKind::Interaction, Severity::Mayor);
    expect(&proposed(&["omeprazol", "pantoprazol"]), AlertKind::DuplicateClass, Severity::Moderada);
    silent(&proposed(&["insulina glargina", "insulina humana"]));
    silent(&proposed(&["salbutamol", "salmeterol"]));
    let cream = Drug { route: Some(Route::Topical), ..Drug::named("diclofenaco") };
    silent(&CheckInput { active: vec![cream], ..proposed(&["naproxeno"]) });
}

#[test]
fn effects_add_up_over_all_medicines() {
    expect(&proposed(&["losartán", "hidroclorotiazida", "naproxeno"]), AlertKind::Additive, Severity::Mayor);
    expect(
        &proposed(&["enalapril", "espironolactona", "cloruro de potasio"]),
        AlertKind::Additive,
        Severity::Mayor,
    );
    let older = Patient { age_years: Some(72.0), ..Patient::default() };
    let three = ["clorfenamina", "amitriptilina", "oxibutinina"];
    expect(
        &CheckInput { patient: older.clone(), ..proposed(&three) },
        AlertKind::Additive,
        Severity::Moderada,
    );
    // Of two it is one alert with what a rule says of the pair.
    let alerts = check(&CheckInput { patient: older, ..proposed(&three[..2]) }).alerts;
    let pair: Vec<&Alert> = alerts.iter().filter(|alert| alert.inns.len() == 2).collect();
    assert_eq!(pair.len(), 1, "{alerts:?}");
    assert!(pair[0].mechanism.contains("Carga anticolinérgica"), "{pair:?}");
}

#[test]
fn pregnancy_counts_by_its_weeks() {
    let weeks = |weeks| Patient { pregnancy: Pregnancy::Yes { weeks: Some(weeks) }, ..Patient::default() };
    let tier = |name, weeks_| {
        for_patient(name, weeks(weeks_))
            .into_iter()
            .find(|a| a.kind == AlertKind::Pregnancy)
            .map(|a| a.severity)
    };
    assert_eq!(tier("isotretinoína", 8), Some(Severity::Contraindicada));
    assert_eq!(tier("naproxeno", 10), None);
    assert_eq!(tier("naproxeno", 24), Some(Severity::Mayor));
    assert_eq!(tier("naproxeno", 32), Some(Severity::Contraindicada));
    assert_eq!(tier("paracetamol", 20), None);
    let woman = Patient { sex: Some(Sex::Female), age_years: Some(28.0), ..Patient::default() };
    let report = check(&CheckInput { patient: woman, ..proposed(&["isotretinoína"]) });
    assert_eq!(report.missing_inputs, ["Embarazo no interrogado"]);
}

#[test]
fn kidney_function_is_computed_or_said_to_be_missing() {
    assert_eq!(check(&proposed(&["metformina"])).missing_inputs, ["TFG no disponible"]);
    let low = Patient { egfr: Some(24.0), ..Patient::default() };
    let input = CheckInput { patient: low, ..proposed(&["metformina"]) };
    expect(&input, AlertKind::Kidney, Severity::Contraindicada);
    // 80-year-old woman, 50 kg, creatinine 1.6: Cockcroft-Gault 22 mL/min.
    let old = Patient {
        age_years: Some(80.0),
        sex: Some(Sex::Female),
        weight_kg: Some(50.0),
        creatinine_mg_dl: Some(1.6),
        ..Patient::default()
    };
    expect(&CheckInput { patient: old, ..proposed(&["naproxeno"]) }, AlertKind::Kidney, Severity::Mayor);
    let good = Patient { egfr: Some(95.0), ..Patient::default() };
    silent(&CheckInput { patient: good, ..proposed(&["metformina"]) });
}

#[test]
fn older_adults_get_a_quiet_line() {
    let older = Patient { age_years: Some(78.0), ..Patient::default() };
    expect(
        &CheckInput { patient: older.clone(), ..proposed(&["clonazepam"]) },
        AlertKind::OlderAdult,
        Severity::Moderada,
    );
    silent(&CheckInput { patient: older, ..proposed(&["amlodipino"]) });
}

#[test]
fn the_dose_of_the_day_has_a_ceiling() {
    let dose = |mg| CheckInput {
        proposed: vec![Drug { daily_dose_mg: Some(mg), ..Drug::named("paracetamol") }],
        ..CheckInput::default()
    };
    expect(&dose(6_000.0), AlertKind::MaximumDose, Severity::Contraindicada);
    silent(&dose(3_000.0));
}

#[test]
fn a_medicine_stopped_too_recently_still_counts() {
    let stopped =
        |days| CheckInput { stopped: vec![(Drug::named("fluoxetina"), days)], ..proposed(&["fenelzina"]) };
    expect(&stopped(10), AlertKind::Washout, Severity::Contraindicada);
    assert!(check(&stopped(60)).alerts.iter().all(|alert| alert.kind != AlertKind::Washout));
}

#[test]
fn an_unknown_name_is_never_silent() {
    assert_eq!(check(&proposed(&["zutanolina forte"])).unknown, ["zutanolina forte"]);
}

#[test]
fn a_rule_about_two_medicines_wins_over_one_about_classes() {
    // AAS with ibuprofeno has a rule of its own (moderada); both are also AINE (mayor by class).
    let alerts = check(&proposed(&["ácido acetilsalicílico", "ibuprofeno"])).alerts;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert_eq!(alerts[0].severity, Severity::Moderada);
}

#[test]
fn the_command_takes_words_and_objects() {
    let line = r#"{"id":7,"drugs":["warfarina",{"name":"naproxeno"}],"allergies":["penicilina"],"patient":{"age":70,"sex":"F"}}"#;
    let answer: serde_json::Value = serde_json::from_str(&drug_safety::wire::answer(line).unwrap()).unwrap();
    assert_eq!(answer["id"], 7);
    assert_eq!(answer["alerts"][0]["severity"], "mayor");
    assert!(answer["alerts"][0]["sources"][0].is_string());
    assert!(drug_safety::wire::answer("{}").is_err());
}

#[test]
fn the_high_priority_list_is_covered() {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/drugs/curated/interacciones_clave.csv");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: ../shared not present");
        return;
    };
    let catalog = MedicineCatalog::core();
    let (mut pairs, mut found) = (0, 0);
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let members = |side: &str| -> Vec<String> {
            match side.strip_prefix("clase:") {
                Some(class) => catalog.members(class).map(|medicine| medicine.inn.to_owned()).collect(),
                None => vec![side.to_owned()],
            }
        };
        let (Some(a), Some(b)) = (cells.get(1), cells.get(2)) else { continue };
        for one in members(a) {
            for other in members(b).into_iter().filter(|other| *other != one) {
                pairs += 1;
                let alerts = check(&proposed(&[&one, &other])).alerts;
                found += usize::from(alerts.iter().any(|alert| alert.severity <= Severity::Moderada));
            }
        }
    }
    println!("explicit pairs alerted at moderada or above: {found} of {pairs}");
    assert!(found * 100 >= pairs * 97, "{found} of {pairs}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn the_order_of_two_medicines_does_not_matter(a in 0_usize..400, b in 0_usize..400) {
        let medicines = MedicineCatalog::core().medicines();
        let (a, b) = (medicines[a % medicines.len()].inn, medicines[b % medicines.len()].inn);
        let keys = |names: &[&str]| {
            let mut keys: Vec<_> = check(&proposed(names)).alerts.iter().map(|alert| (alert.key(), alert.severity)).collect();
            keys.sort();
            keys
        };
        prop_assert_eq!(keys(&[a, b]), keys(&[b, a]));
    }

    #[test]
    fn no_text_makes_the_check_panic(text in "\\PC{0,60}") {
        let _ = check(&allergic(&text, ReactionKind::Unknown, &text));
        let _ = drug_safety::wire::answer(&text);
    }
}

#[test]
fn a_child_is_not_given_what_its_age_forbids_nor_an_adult_dose() {
    let child = |years: f64, weight: f64| Patient {
        age_years: Some(years),
        weight_kg: Some(weight),
        ..Patient::default()
    };
    let alerts = for_patient("codeína", child(6.0, 20.0));
    assert!(alerts.iter().any(|a| a.kind == AlertKind::Child && a.severity == Severity::Contraindicada));
    let dose = |mg: f64| {
        let drug = Drug { daily_dose_mg: Some(mg), ..Drug::named("paracetamol") };
        let input = CheckInput { proposed: vec![drug], patient: child(4.0, 16.0), ..CheckInput::default() };
        check(&input).alerts.iter().find(|a| a.kind == AlertKind::MaximumDose).map(|a| a.severity)
    };
    assert_eq!(dose(960.0), None);
    assert_eq!(dose(1_600.0), Some(Severity::Moderada));
    assert_eq!(dose(4_500.0), Some(Severity::Mayor));
}

#[test]
fn a_state_of_the_patient_speaks_against_a_medicine() {
    let g6pd = Patient { g6pd_deficiency: Some(true), ..Patient::default() };
    assert_eq!(for_patient("dapsona", g6pd)[0].severity, Severity::Contraindicada);
    let asthma = Patient { asthma: Some(true), ..Patient::default() };
    assert_eq!(for_patient("propranolol", asthma)[0].kind, AlertKind::Condition);
    assert!(for_patient("propranolol", Patient::default()).is_empty());
}

#[test]
fn the_kind_of_prescription_and_a_name_like_another_are_notices_and_no_alerts() {
    let report = check(&proposed(&["clonazepam"]));
    assert!(report.alerts.is_empty(), "{:?}", report.alerts);
    let kinds: Vec<AlertKind> = report.notices.iter().map(|notice| notice.kind).collect();
    assert!(kinds.contains(&AlertKind::LegalClass) && kinds.contains(&AlertKind::LookAlike), "{kinds:?}");
    let antibiotic = check(&proposed(&["amoxicilina"])).notices;
    assert!(antibiotic.iter().any(|notice| notice.message.contains("antibiótico")));
    assert!(check(&proposed(&["paracetamol"])).notices.is_empty());
}

#[test]
fn pairs_nobody_listed_are_found_by_role() {
    let worst =
        |one: &str, other: &str| check(&proposed(&[one, other])).alerts.first().map(|alert| alert.severity);
    assert_eq!(worst("simvastatina", "posaconazol"), Some(Severity::Contraindicada));
    assert_eq!(worst("everolimus", "fenitoína"), Some(Severity::Mayor));
    assert_eq!(worst("haloperidol", "citalopram"), Some(Severity::Mayor));
    assert_eq!(worst("doxiciclina", "carbonato de calcio"), Some(Severity::Moderada));
    assert_eq!(worst("paracetamol", "amlodipino"), None);
}

#[test]
fn two_medicines_are_one_alert_with_every_source_and_nothing_said_is_lost() {
    let alerts = check(&proposed(&["losartán", "enalapril"])).alerts;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert!(
        alerts[0].sources.len() >= 2 && alerts[0].mechanism.contains("son de la misma clase"),
        "{alerts:?}"
    );
}

#[test]
fn a_creatinine_too_old_is_not_used_and_a_noted_stage_is() {
    let patient = |days, at_most| Patient {
        age_years: Some(70.0),
        creatinine_mg_dl: Some(0.9),
        creatinine_days_ago: Some(days),
        egfr_at_most: at_most,
        ..Patient::default()
    };
    let missing =
        |patient, drug: &str| check(&CheckInput { patient, ..proposed(&[drug]) }).missing_inputs.join("; ");
    assert_eq!(missing(patient(300, None), "metformina"), "");
    assert_eq!(
        missing(patient(400, None), "metformina"),
        "TFG desconocida: el último resultado es de hace 13 meses"
    );
    // With a medicine that harms the kidney three months are the most.
    assert!(missing(patient(120, None), "naproxeno").starts_with("TFG desconocida"));
    let staged = CheckInput { patient: patient(400, Some(29.0)), ..proposed(&["metformina"]) };
    expect(&staged, AlertKind::Kidney, Severity::Contraindicada);
}

#[test]
fn a_maoi_waits_for_what_was_stopped_and_a_switch_of_the_same_day_is_no_alert() {
    let stopped = |gone: &str, days, new: &str| {
        let input = CheckInput { stopped: vec![(Drug::named(gone), days)], ..proposed(&[new]) };
        check(&input).alerts.into_iter().find(|alert| alert.kind == AlertKind::Washout).map(|a| a.severity)
    };
    assert_eq!(stopped("sertralina", 5, "fenelzina"), Some(Severity::Contraindicada));
    assert_eq!(stopped("sertralina", 20, "fenelzina"), None);
    assert_eq!(stopped("enalapril", 1, "sacubitril"), Some(Severity::Contraindicada));
    assert_eq!(stopped("enalapril", 0, "losartán"), None);
    assert_eq!(stopped("omeprazol", 0, "pantoprazol"), None);
}
