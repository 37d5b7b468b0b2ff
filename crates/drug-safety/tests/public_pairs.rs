//! Pairs that public lists call critical or significant, by source, and everyday pairs that none of them names. The lists
//! lie beside the repository; without them the test says that it was skipped.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use drug_safety::{CheckInput, Drug, Severity, check};
use terminology::fold::fold;
use terminology::medicines::MedicineCatalog;

/// What a list says about a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Critical,
    Significant,
    Slight,
}

type Pairs = BTreeMap<(String, String), Level>;

fn data(name: &str) -> Option<String> {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/drugs"));
    std::fs::read(root.join(name)).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// The INN of an English or French name, without salt.
fn inn(name: &str) -> Option<String> {
    let catalog = MedicineCatalog::core();
    let find = |name: &str| match &catalog.find(name)?.medicines[..] {
        [medicine] => Some(medicine.inn.to_owned()),
        _ => None,
    };
    let plain = fold(name.split('(').next().unwrap_or_default());
    let endings = [("ine", "in"), ("ique", "ic acid"), ("ate", "ic acid"), ("e", "")];
    let swapped = endings.iter().filter_map(|(old, new)| {
        let root = plain.strip_prefix("acide ").unwrap_or(&plain).strip_suffix(old)?;
        find(&format!("{root}{new}"))
    });
    find(&plain).or_else(|| swapped.into_iter().next())
}

fn note(pairs: &mut Pairs, ones: &BTreeSet<String>, others: &BTreeSet<String>, level: Level) {
    for one in ones {
        for other in others.iter().filter(|other| *other != one) {
            let pair = (one.min(other).clone(), one.max(other).clone());
            let known = pairs.entry(pair).or_insert(level);
            *known = level.min(*known);
        }
    }
}

fn onc() -> Option<Pairs> {
    let text = data("onc/onc_high_priority_members.csv")?;
    let mut entries: BTreeMap<String, [BTreeSet<String>; 2]> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [entry, role, .., listed, known] = cells[..] else { continue };
        let Some(medicine) = inn(known).or_else(|| inn(listed)) else { continue };
        entries.entry(entry.to_owned()).or_default()[usize::from(role == "object")].insert(medicine);
    }
    let mut pairs = Pairs::new();
    entries.values().for_each(|[ones, others]| note(&mut pairs, ones, others, Level::Critical));
    Some(pairs)
}

fn worldvista() -> Option<Pairs> {
    let (table, groups) = (
        data("worldvista_2016/eng_tables2016-xml-v3.tsv")?,
        data("worldvista_2016/eng_groups2016_xml-v3.tsv")?,
    );
    let mut members: HashMap<&str, BTreeSet<String>> = HashMap::new();
    for line in groups.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        if let (Some(name), Some(code)) = (cells.first(), cells.get(5)) {
            members.entry(code).or_default().extend(inn(name));
        }
    }
    let mut pairs = Pairs::new();
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [_, one, _, _, one_code, other, _, _, other_code, _, _, why, severity, ..] = cells[..] else {
            continue;
        };
        let side = |name: &str, code: &str| match inn(name) {
            Some(medicine) => BTreeSet::from([medicine]),
            None => members.get(code).filter(|_| name.is_empty()).cloned().unwrap_or_default(),
        };
        let severity = severity.to_lowercase();
        let sedation = why.to_lowercase().contains("central nervous");
        let level = match () {
            () if sedation => Level::Slight,
            () if severity.contains("contra") || severity.contains("not rec") => Level::Critical,
            () if severity.contains("precau") => Level::Significant,
            () => Level::Slight,
        };
        note(&mut pairs, &side(one, one_code), &side(other, other_code), level);
    }
    Some(pairs)
}

fn ansm() -> Option<Pairs> {
    let read =
        |name: &str| data(name).and_then(|text| serde_json::from_str::<Vec<serde_json::Value>>(&text).ok());
    let substances = read("ansm_2020/substances_classes_2020-10.json")?;
    let mut members: HashMap<String, BTreeSet<String>> = HashMap::new();
    for substance in &substances {
        let Some(medicine) = substance["substance"].as_str().and_then(inn) else { continue };
        for class in
            substance["drug_classes"].as_array().into_iter().flatten().filter_map(|class| class.as_str())
        {
            members.entry(fold(class)).or_default().insert(medicine.clone());
        }
    }
    let mut pairs = Pairs::new();
    for entry in read("ansm_2020/thesaurus_2020-10.json")? {
        let side = |key: &str| {
            let name = entry[key].as_str().unwrap_or_default();
            inn(name).map_or_else(
                || members.get(&fold(name)).cloned().unwrap_or_default(),
                |one| BTreeSet::from([one]),
            )
        };
        let levels = entry["severity_levels"].as_array().cloned().unwrap_or_default();
        // An entry with several levels always holds at its lowest only: it is left out.
        let [level] = &levels[..] else { continue };
        let level = match level["level"].as_str().unwrap_or_default() {
            text if text.contains("CONTRE") || text.contains("DECONSEILLEE") => Level::Critical,
            text if text.contains("caution") => Level::Significant,
            _ => Level::Slight,
        };
        note(&mut pairs, &side("main_drug"), &side("plus_drug"), level);
    }
    Some(pairs)
}

/// Medicines of every day: pairs of them that no list names have to stay without interruption.
const EVERYDAY: &str = "metformina;losartán;amlodipino;atorvastatina;sitagliptina;paracetamol;amoxicilina;loratadina;\
    ambroxol;levotiroxina;salbutamol;budesonida;montelukast;tamsulosina;finasterida;sertralina;omeprazol;pantoprazol;\
    cetirizina;enalapril;telmisartán;valsartán;hidroclorotiazida;metoprolol;glibenclamida;dapagliflozina;linagliptina;\
    rosuvastatina;pravastatina;bezafibrato;fenofibrato;alopurinol;naproxeno;diclofenaco;ibuprofeno;celecoxib;metamizol;\
    butilhioscina;metoclopramida;cefalexina;ceftriaxona;azitromicina;nitrofurantoína;fosfomicina;doxiciclina;\
    ciprofloxacino;ácido fólico;sulfato ferroso;cianocobalamina;colecalciferol;carbonato de calcio;prednisona;fluoxetina;\
    escitalopram;clonazepam;pregabalina;gabapentina;amitriptilina;ácido acetilsalicílico;clopidogrel;furosemida;\
    espironolactona;nifedipino;bisoprolol;carvedilol;fluconazol;aciclovir;albendazol;nitazoxanida;metronidazol;\
    desloratadina;levocetirizina;fexofenadina;mometasona;fluticasona;loperamida;lactulosa;sucralfato;famotidina;\
    levonorgestrel;estradiol;tolterodina;solifenacina;ácido alendrónico;diosmina;pentoxifilina;betahistina";

fn worst(one: &str, other: &str) -> Option<Severity> {
    let proposed = vec![Drug::named(one), Drug::named(other)];
    check(&CheckInput { proposed, ..CheckInput::default() }).alerts.first().map(|alert| alert.severity)
}

/// Shares at `mayor` or worse and at `moderada` or worse.
fn shares<'a>(pairs: impl Iterator<Item = &'a (String, String)>) -> (usize, f64, f64) {
    let (mut all, mut major, mut moderate) = (0_u32, 0_u32, 0_u32);
    for (one, other) in pairs {
        let worst = worst(one, other);
        all += 1;
        major += u32::from(worst.is_some_and(|worst| worst <= Severity::Mayor));
        moderate += u32::from(worst.is_some_and(|worst| worst <= Severity::Moderada));
    }
    let share = |part: u32| f64::from(part) / f64::from(all.max(1));
    (all as usize, share(major), share(moderate))
}

#[test]
fn critical_and_significant_pairs_of_public_lists_are_alerted_and_everyday_pairs_are_not() {
    let (Some(onc), Some(worldvista), Some(ansm)) = (onc(), worldvista(), ansm()) else {
        println!("skipped: ../shared not present");
        return;
    };
    let sources = [
        ("ONC 2012", &onc, 0.96, 0.98),
        ("ANSM 2020", &ansm, 0.87, 0.95),
        ("VistA 2016", &worldvista, 0.90, 0.97),
    ];
    for (name, pairs, least_major, least_moderate) in sources {
        let of = |level: Level| pairs.iter().filter(move |(_, known)| **known == level).map(|(pair, _)| pair);
        let (critical, major, moderate) = shares(of(Level::Critical));
        let (significant, _, noticed) = shares(of(Level::Significant));
        println!(
            "{name}: {critical} critical, mayor or worse {major:.3}, moderada or worse {moderate:.3}; {significant} significant, moderada or worse {noticed:.3}"
        );
        assert!(major >= least_major && moderate >= least_moderate, "{name}: {major:.3} {moderate:.3}");
    }
    let names: Vec<String> = EVERYDAY.split(';').filter_map(inn).collect();
    let named = |pair: &(String, String)| {
        [&onc, &worldvista, &ansm]
            .iter()
            .any(|list| list.get(pair).is_some_and(|level| *level < Level::Slight))
    };
    let silent: Vec<(String, String)> = names
        .iter()
        .flat_map(|one| {
            names.iter().filter(move |other| one < *other).map(move |other| (one.clone(), other.clone()))
        })
        .filter(|pair| !named(pair))
        .collect();
    let (all, interrupting, noticed) = shares(silent.iter());
    println!("everyday pairs: {all}, interrupting {interrupting:.4}, with a quiet line {noticed:.3}");
    assert!(interrupting <= 0.02, "{interrupting}");
}
