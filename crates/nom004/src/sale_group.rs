//! Sale groups of controlled substances, as a safety net: the binding group is the one printed on the box.

use clinical::medication::MedicationRequest;
use terminology::medicines::{MedicineCatalog, SaleGroup as Fraction};

use crate::answers::plain;

/// Groups of LGS 226 that change how a receta must be written. The other groups need no special care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SaleGroup {
    /// Fracción I: only on the official special receta; never printed by this program.
    SpecialPrescription,
    /// Fracción II: 30 days, one fill, two presentations at most (LGS 251).
    Retained,
    /// Fracción III: up to three fills within six months (LGS 252).
    ThreeFills,
}

/// Narcotics in common use (LGS 234), psychotropics of group II (LGS 245) and what is handled like them:
/// Spanish stem and international stem, so that "fentanilo", "citrato de fentanilo" and "fentanyl" all match.
const SPECIAL: &[&str] = &[
    "alfentanil",
    "buprenorfin",
    "buprenorphin",
    "codein",
    "dextropropoxifen",
    "dextropropoxyphen",
    "difenoxilat",
    "diphenoxylat",
    "dihidrocodein",
    "dihydrocodein",
    "etilmorfin",
    "ethylmorphin",
    "fentanil",
    "fentanyl",
    "hidrocodon",
    "hydrocodon",
    "hidromorfon",
    "hydromorphon",
    "metadon",
    "methadon",
    "metilfenidat",
    "methylphenidat",
    "morfin",
    "morphin",
    "opio",
    "opium",
    "oxicodon",
    "oxycodon",
    "pentazocin",
    "petidin",
    "pethidin",
    "meperidin",
    "sufentanil",
    "remifentanil",
    "tapentadol",
    "lisdexanfetamin",
    "lisdexamfetamin",
    "amobarbital",
    "anfetamin",
    "amfetamin",
    "amphetamin",
    "butorfanol",
    "butorphanol",
    "dextroanfetamin",
    "dexamfetamin",
    "fenetilin",
    "heptabarbital",
    "metacualon",
    "metanfetamin",
    "metamfetamin",
    "nalbufin",
    "nalbuphin",
    "pentobarbital",
    "secobarbital",
];

/// Psychotropics of group III (LGS 245, 251).
const RETAINED: &[&str] = &[
    "alprazolam",
    "amoxapin",
    "bromazepam",
    "brotizolam",
    "clobazam",
    "clonazepam",
    "clorazepat",
    "clordiazepoxid",
    "chlordiazepoxid",
    "clotiazepam",
    "cloxazolam",
    "clozapin",
    "diazepam",
    "efedrin",
    "ephedrin",
    "ergometrin",
    "ergotamin",
    "estazolam",
    "fenilpropanolamin",
    "fludiazepam",
    "flunitrazepam",
    "flurazepam",
    "halazepam",
    "ketazolam",
    "loflazepat",
    "loprazolam",
    "lorazepam",
    "lormetazepam",
    "midazolam",
    "nitrazepam",
    "nordazepam",
    "oxazepam",
    "oxazolam",
    "pemolin",
    "pimozid",
    "prazepam",
    "pseudoefedrin",
    "pseudoephedrin",
    "quazepam",
    "risperidon",
    "temazepam",
    "tetrazepam",
    "triazolam",
    "zopiclon",
    "anfepramon",
    "amfepramon",
    "carisoprodol",
    "clobenzorex",
    "fendimetrazin",
    "fenproporex",
    "fentermin",
    "phentermin",
    "glutetimid",
    "ketamin",
    "mefenorex",
    "meprobamat",
    "trihexifenidil",
    "trihexyphenidyl",
];

/// Psychotropics of group IV (LGS 245, 252). Many products of these are registered in fracción IV: hence the "si".
const THREE_FILLS: &[&str] = &[
    "amitriptilin",
    "amitriptylin",
    "benzofetamin",
    "biperiden",
    "buspiron",
    "butalbital",
    "carbamazepin",
    "clomipramin",
    "clorpromazin",
    "chlorpromazin",
    "desipramin",
    "fenelzin",
    "fenobarbital",
    "phenobarbital",
    "flufenazin",
    "fluphenazin",
    "haloperidol",
    "hidroxicin",
    "hydroxyzin",
    "imipramin",
    "isocarboxazid",
    "levodopa",
    "litio",
    "lithium",
    "maprotilin",
    "mazindol",
    "nortriptilin",
    "nortriptylin",
    "perfenazin",
    "perphenazin",
    "sertralin",
    "sulpirid",
    "tetrabenazin",
    "tioridazin",
    "thioridazin",
    "tramadol",
    "trazodon",
    "trifluoperazin",
    "valproic",
    "valproat",
];

/// The strictest group among a medicine's name and ingredients, by the lists of the law and by the catalogue of medicines;
/// `None` when none is a controlled substance.
#[must_use]
pub fn sale_group(request: &MedicationRequest) -> Option<SaleGroup> {
    let by_name = std::iter::once(request.medicine.as_str())
        .chain(request.ingredients.iter().map(String::as_str))
        .filter_map(group_of_name);
    by_name.chain(request.ingredients.iter().filter_map(|inn| group_of_catalogue(inn))).min()
}

/// The working value of the catalogue, for what is controlled.
fn group_of_catalogue(inn: &str) -> Option<SaleGroup> {
    match MedicineCatalog::core().by_inn(inn)?.sale_group {
        Fraction::I => Some(SaleGroup::SpecialPrescription),
        Fraction::II => Some(SaleGroup::Retained),
        Fraction::III => Some(SaleGroup::ThreeFills),
        Fraction::IV | Fraction::V | Fraction::VI | Fraction::Unverified => None,
    }
}

fn group_of_name(name: &str) -> Option<SaleGroup> {
    let name = plain(name);
    let has = |stems: &[&str]| {
        name.split(|c: char| !c.is_alphanumeric()).any(|word| stems.iter().any(|stem| word_is(word, stem)))
    };
    if has(SPECIAL) {
        Some(SaleGroup::SpecialPrescription)
    } else if has(RETAINED) {
        Some(SaleGroup::Retained)
    } else if has(THREE_FILLS) {
        Some(SaleGroup::ThreeFills)
    } else {
        None
    }
}

/// The word is the stem with at most an ending: "metadona" is, "apomorfina" and "loperamida" are not.
fn word_is(word: &str, stem: &str) -> bool {
    word.strip_prefix(stem).is_some_and(|ending| {
        matches!(ending, "" | "a" | "o" | "e" | "ol" | "um" | "ato" | "ico" | "oic" | "ina" | "ine")
    })
}

#[cfg(test)]
mod tests {
    use clinical::medication::RequestAction;

    use super::*;

    fn check(medicine: &str, ingredients: &[&str], expected: Option<SaleGroup>) {
        let mut request = MedicationRequest::named(medicine, RequestAction::Start);
        request.ingredients = ingredients.iter().map(|&name| name.to_owned()).collect();
        assert_eq!(sale_group(&request), expected, "{medicine} {ingredients:?}");
    }

    #[test]
    fn controlled_substances_are_found_under_both_names_and_in_combinations() {
        check("Morfina", &[], Some(SaleGroup::SpecialPrescription));
        check("sulfato de morfina", &[], Some(SaleGroup::SpecialPrescription));
        check("Durogesic", &["fentanyl"], Some(SaleGroup::SpecialPrescription));
        check("paracetamol/codeína", &["paracetamol", "codeine"], Some(SaleGroup::SpecialPrescription));
        check("clonazepam", &[], Some(SaleGroup::Retained));
        check("hidrato de cloral", &["chloral hydrate"], Some(SaleGroup::Retained));
        check("tramadol", &["tramadol"], Some(SaleGroup::ThreeFills));
        check("ácido valproico", &["valproic acid"], Some(SaleGroup::ThreeFills));
    }

    #[test]
    fn look_alikes_are_not_controlled() {
        for medicine in ["apomorfina", "loperamida", "metformina", "clorfenamina", "naloxona", "amoxicilina"]
        {
            check(medicine, &[], None);
        }
    }
}
