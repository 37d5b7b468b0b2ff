//! From what is written on a line to the ingredients it names: salts, strengths and forms do not matter to a check.

use terminology::fold::fold;
use terminology::medicines::MedicineCatalog;

/// What stands between the ingredients of a combination.
const SEPARATORS: [&str; 5] = ["/", " + ", " con ", " y ", " and "];

/// Names that stand for many products and are checked as one of them, without accents.
const SPOKEN: [(&str, &str); 23] = [
    ("alcohol", "ethanol"),
    ("antacid", "aluminium hydroxide"),
    ("antacids", "aluminium hydroxide"),
    ("antiacido", "aluminium hydroxide"),
    ("digitalis", "digoxin"),
    ("estrogens", "conjugated estrogens"),
    ("insulin", "insulin human"),
    ("insulin nph", "insulin isophane"),
    ("insulin regular", "insulin human"),
    ("insulin regular human", "insulin human"),
    ("regular insulin", "insulin human"),
    ("insulina", "insulin human"),
    ("interferon", "interferon alfa"),
    ("potassium", "potassium chloride"),
    ("vitamin k", "phytomenadione"),
    ("vitamina k", "phytomenadione"),
    ("vitamin a", "retinol"),
    ("vitamina a", "retinol"),
    ("mmr vaccine", "measles mumps rubella vaccine"),
    ("grapefruit", "grapefruit juice"),
    ("toronja", "grapefruit juice"),
    ("oral contraceptives", "ethinylestradiol"),
    ("anticonceptivos orales", "ethinylestradiol"),
];

/// Units of a strength: dropped behind a number only, since «penicilina G» is no gram.
const UNITS: [&str; 9] = ["mg", "mcg", "ug", "g", "ml", "ui", "iu", "meq", "mmol"];

/// Words of a form, without accents.
const FORMS: &str = "tableta tabletas tab tabs comprimido comprimidos capsula capsulas caps \
    gragea grageas jarabe suspension solucion inyectable ampolleta ampolletas ampula frasco gotas supositorio supositorios \
    ovulo ovulos crema unguento gel parche parches spray inhalador aerosol sobre sobres oral tablet tablets capsule \
    capsules injection syrup solution suspension cream ointment patch xr er sr lp retard forte";

/// Words of salts that no ingredient is called by alone, without accents.
const SALTS: &str = "hydrochloride hcl dihydrochloride hydrobromide bromide chloride sulfate sulphate bisulfate phosphate \
    diphosphate acetate acetonide succinate tartrate bitartrate maleate malate fumarate mesylate mesilate besylate \
    besilate tosylate citrate gluconate lactate lactobionate ethylsuccinate stearate estolate valerate dipropionate \
    propionate furoate nitrate oxalate mandelate hippurate mucate pamoate embonate decanoate enanthate palmitate benzoate \
    hemihydrate monohydrate dihydrate trihydrate anhydrous medoxomil cilexetil proxetil axetil pivoxil mofetil \
    trometamol tromethamine oxide lysinate mononitrate polistirex liposomal live base hydrate clorhidrato diclorhidrato \
    hidrocloruro bromhidrato bromuro cloruro sulfato bisulfato fosfato difosfato acetato acetonido succinato tartrato \
    bitartrato maleato malato fumarato mesilato besilato tosilato citrato gluconato lactato lactobionato etilsuccinato \
    estearato estolato valerato dipropionato propionato furoato oxalato mandelato hipurato pamoato embonato decanoato \
    enantato benzoato hemihidrato hemihidratado monohidrato monohidratado monohidratada dihidrato dihidratado trihidrato \
    trihidratada trihidratado anhidra anhidro oxido liposomal trometamina";

/// Words of the metals of salts, some of which are ingredients too, without accents.
const METALS: &str = "sodium potassium calcium magnesium zinc disodium sodico sodica disodico potasico potasica calcico \
    calcica magnesico magnesica sodio potasio calcio magnesio cinc";

/// International names of the ingredients of a medicine by any name: generic, salt, brand, combination, with strength and
/// form or without; empty when nobody knows it.
pub(crate) fn ingredients(text: &str) -> Vec<String> {
    let name = text.trim();
    // A combination nobody registered as one name: every part has to be known, or none is taken for it.
    let combined = || {
        let parts: Vec<&str> =
            SEPARATORS.iter().find_map(|mark| name.contains(mark).then(|| name.split(mark).collect()))?;
        parts
            .into_iter()
            .map(|part| find(part.trim()))
            .collect::<Option<Vec<_>>>()
            .map(|found| found.concat())
    };
    find(name).or_else(combined).unwrap_or_default()
}

fn find(name: &str) -> Option<Vec<String>> {
    exact(name).or_else(|| plainer(name).into_iter().find_map(|plain| exact(&plain)))
}

fn exact(name: &str) -> Option<Vec<String>> {
    let catalog = MedicineCatalog::core();
    let found = catalog.find(name).or_else(|| {
        let folded = fold(name);
        let (_, inn) = SPOKEN.iter().find(|(words, _)| *words == folded)?;
        catalog.find(inn)
    })?;
    Some(found.medicines.iter().map(|medicine| medicine.inn.to_owned()).collect())
}

/// The name with less and less around it: without strength and form, without the salt, without its metal.
fn plainer(name: &str) -> Vec<String> {
    let folded = fold(name.split('(').next().unwrap_or_default());
    let number = |word: &str| word.starts_with(|first: char| first.is_ascii_digit());
    let mut words: Vec<&str> = Vec::new();
    let mut after_number = false;
    for word in folded.split(' ').filter(|word| !word.is_empty()) {
        after_number = number(word) || after_number && UNITS.contains(&word);
        if !after_number {
            words.push(word);
        }
    }
    let mut found = Vec::new();
    for noise in [FORMS, SALTS, METALS] {
        words.retain(|word| !noise.split_whitespace().any(|other| other == *word));
        let of = |word: &&str| ["de", "of"].contains(word);
        while words.first().is_some_and(of) {
            words.remove(0);
        }
        while words.last().is_some_and(of) {
            words.pop();
        }
        if !words.is_empty() {
            found.push(words.join(" "));
        }
        let mut turned = words.clone();
        turned.rotate_left(1.min(words.len()));
        if words.len() > 1 {
            found.push(turned.join(" "));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: &[&str]) {
        assert_eq!(ingredients(name), expected, "{name}");
    }

    #[test]
    fn salts_strengths_and_forms_do_not_hide_an_ingredient() {
        check("metformina 850 mg tabletas", &["metformin"]);
        check("clorhidrato de sertralina", &["sertraline"]);
        check("Maleato de enalapril 10 mg", &["enalapril"]);
        check("rosuvastatina cálcica", &["rosuvastatin"]);
        check("warfarin sodium", &["warfarin"]);
        check("estrogens, conjugated", &["conjugated estrogens"]);
        check("losartán potásico 50 mg / hidroclorotiazida 12.5 mg", &["losartan", "hydrochlorothiazide"]);
        check("magnesium oxide", &["magnesium"]);
        check("penicillin G potassium", &["benzylpenicillin"]);
        check("insulina glargina 100 UI/mL", &["insulin glargine"]);
    }

    #[test]
    fn a_salt_that_is_a_medicine_of_its_own_stays_itself() {
        check("carbonato de calcio", &["calcium carbonate"]);
        check("carbonato de litio", &["lithium"]);
        check("cloruro de potasio", &["potassium chloride"]);
        check("bicarbonato de sodio", &["sodium bicarbonate"]);
        check("sulfato ferroso 200 mg", &["ferrous sulfate"]);
    }

    #[test]
    fn what_nobody_knows_stays_unknown() {
        for name in ["", "clorhidrato", "500 mg", "sodio de", "pastillas verdes", "metformina + algo"] {
            check(name, &[]);
        }
    }
}
