//! What the law asks of a line of a receta by its sale group: validity, fills, packages, days; as data, with its article.

use clinical::medication::{Fraction, Frequency, MedicationRequest};
use clinical::supply::supply;
use jiff::ToSpan as _;
use jiff::civil::Date;
use terminology::medicines::MedicineCatalog;

use crate::citation::Citation;
use crate::sale_group::{SaleGroup, sale_group};

/// How a receta of a line is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DispensingClass {
    /// A sale group that restricts it.
    Controlled(SaleGroup),
    /// An antibiotic: sold only against a receta, and registered (Acuerdo DOF 27-05-2010).
    Antibiotic,
    /// Any other.
    Ordinary,
}

/// The limits of a class. An absent one is not set by the law.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DispensingRule {
    /// From the date of issue.
    pub valid_for: Option<Validity>,
    /// Most times the receta may be filled.
    pub most_fills: Option<u8>,
    /// Most packages of one product.
    pub most_packs: Option<u32>,
    /// Longest treatment, in days.
    pub most_days: Option<u16>,
    /// Whether the quantity must be written.
    pub needs_quantity: bool,
    /// Where it stands.
    pub citation: Citation,
}

/// How long a receta may be filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// So many days.
    Days(u8),
    /// So many months.
    Months(u8),
    /// As long as the treatment lasts.
    Treatment,
}

impl DispensingClass {
    /// The class of a line: by the fracción the physician read on the box; otherwise by its substances, the strictest.
    #[must_use]
    pub fn of(request: &MedicationRequest) -> Self {
        match request.dispensing.fraction {
            None => {}
            Some(Fraction::I) => return Self::Controlled(SaleGroup::SpecialPrescription),
            Some(Fraction::II) => return Self::Controlled(SaleGroup::Retained),
            Some(Fraction::III) => return Self::Controlled(SaleGroup::ThreeFills),
            Some(Fraction::IV | Fraction::V | Fraction::VI) if is_antibiotic(request) => {
                return Self::Antibiotic;
            }
            Some(Fraction::IV | Fraction::V | Fraction::VI) => return Self::Ordinary,
        }
        match sale_group(request) {
            Some(group) => Self::Controlled(group),
            None if is_antibiotic(request) => Self::Antibiotic,
            None => Self::Ordinary,
        }
    }

    /// What the law says of it.
    #[must_use]
    pub fn rule(self) -> DispensingRule {
        let none = DispensingRule {
            valid_for: None,
            most_fills: None,
            most_packs: None,
            most_days: None,
            needs_quantity: false,
            citation: Citation::lgs("226"),
        };
        match self {
            // LGS 241: not over 30 days; filled within 30 days of its date.
            Self::Controlled(SaleGroup::SpecialPrescription) => DispensingRule {
                valid_for: Some(Validity::Days(30)),
                most_fills: Some(1),
                most_days: Some(30),
                citation: Citation::lgs("241"),
                ..none
            },
            // LGS 226 II, 251: 30 days from its issue, two presentations of a product, filled once, retained.
            Self::Controlled(SaleGroup::Retained) => DispensingRule {
                valid_for: Some(Validity::Days(30)),
                most_fills: Some(1),
                most_packs: Some(2),
                citation: Citation::lgs("251"),
                ..none
            },
            // LGS 226 III, 252: three fills, six months, retained at the third.
            Self::Controlled(SaleGroup::ThreeFills) => DispensingRule {
                valid_for: Some(Validity::Months(6)),
                most_fills: Some(3),
                citation: Citation::lgs("252"),
                ..none
            },
            // The pharmacy retains it when the prescribed quantity is exhausted: without a quantity it cannot.
            Self::Antibiotic => DispensingRule {
                valid_for: Some(Validity::Treatment),
                needs_quantity: true,
                citation: Citation::antibiotics(),
                ..none
            },
            // LGS 226 IV: as many times as the prescriber states.
            Self::Ordinary => none,
        }
    }
}

/// Whether a line is an antibiotic, by its ingredients.
#[must_use]
pub fn is_antibiotic(request: &MedicationRequest) -> bool {
    let known = |inn: &String| {
        MedicineCatalog::core().by_inn(inn).is_some_and(terminology::medicines::Medicine::is_antibiotic)
    };
    request.ingredients.iter().any(known)
}

/// The last day a line may be filled when its receta is issued on a day; `None` where the law sets none or the line does not
/// say how long the treatment lasts.
#[must_use]
pub fn valid_until(request: &MedicationRequest, issued: Date) -> Option<Date> {
    let span = match DispensingClass::of(request).rule().valid_for? {
        Validity::Days(days) => i64::from(days).days(),
        Validity::Months(months) => i64::from(months).months(),
        Validity::Treatment => match (request.duration_days, &request.frequency) {
            (Some(days), _) => i64::from(days).days(),
            (None, Some(Frequency::Once)) => 1.days(),
            (None, _) => return None,
        },
    };
    issued.checked_add(span).ok()
}

/// How many packages a line asks for: as its quantity begins, or as computed.
#[must_use]
pub fn packs_asked(request: &MedicationRequest) -> Option<u32> {
    let Some(written) = request.quantity.as_deref().filter(|text| !text.trim().is_empty()) else {
        return supply(request).ok()?.packs();
    };
    let tokens = clinical::presentation::tokens(written);
    let (_, first) = tokens.first()?;
    clinical::presentation::pack_noun(tokens.get(1)?.1)?;
    first.parse().ok().or_else(|| {
        let amount = clinical::posology::number_word(first)?.to_string();
        amount.parse().ok()
    })
}

/// What the receta says under a line, for the pharmacy. Dates are written in words by `day`. Empty where the law adds nothing.
#[must_use]
pub fn pharmacy_note(request: &MedicationRequest, issued: Date, day: impl Fn(Date) -> String) -> Vec<String> {
    let class = DispensingClass::of(request);
    let until = valid_until(request, issued).map(day);
    let box_says = |fraction: &str| match request.dispensing.fraction {
        Some(_) => format!("Fracción {fraction}"),
        None => format!("Si la caja indica fracción {fraction}"),
    };
    let fills = request.dispensing.fills;
    let mut notes = Vec::new();
    match (class, until) {
        (DispensingClass::Controlled(SaleGroup::Retained), Some(until)) => notes.push(format!(
            "{}: vigente 30 días, hasta el {until}; se surte una sola vez, dos presentaciones como máximo, y la farmacia la \
             retiene (LGS, artículo 251). Se surte impresa y con firma autógrafa.",
            box_says("II")
        )),
        (DispensingClass::Controlled(SaleGroup::ThreeFills), Some(until)) => notes.push(format!(
            "{}: vigente 6 meses, hasta el {until}; {} y se retiene en la última (LGS, artículo 252). Se surte impresa y con \
             firma autógrafa.",
            box_says("III"),
            match fills {
                Some(1) => "se surte una vez".to_owned(),
                Some(times) => format!("se surte {times} veces, esa cantidad cada vez,"),
                None => "se surte hasta tres veces".to_owned(),
            }
        )),
        (DispensingClass::Antibiotic, Some(until)) => notes.push(format!(
            "Antibiótico: se surte durante el tratamiento, hasta el {until}; la farmacia anota lo surtido y la retiene al \
             agotarse (Acuerdo del 27 de mayo de 2010)."
        )),
        (DispensingClass::Ordinary, _) => match fills {
            Some(1) => notes.push("Se surte una vez (LGS, artículo 226, fracción IV).".to_owned()),
            Some(times) => notes.push(format!(
                "Se surte {times} veces, esa cantidad cada vez (LGS, artículo 226, fracción IV)."
            )),
            None => {}
        },
        _ => {}
    }
    if request.brand.as_deref().is_some_and(|brand| !brand.trim().is_empty()) {
        notes.push(if request.dispensing.may_substitute {
            "La farmacia puede sustituir la marca por otra con el mismo principio activo.".to_owned()
        } else {
            "Sin autorización del médico no se sustituye la marca (RIS, artículo 31).".to_owned()
        });
    }
    notes
}

#[cfg(test)]
mod tests {
    use clinical::medication::{Dose, DoseUnit, RequestAction};
    use clinical::observation::Amount;
    use jiff::civil::date;

    use super::*;

    fn line(medicine: &str, inn: &str, days: u16) -> MedicationRequest {
        MedicationRequest {
            ingredients: vec![inn.to_owned()],
            dose: Some(Dose { amount: Amount::whole(1), unit: DoseUnit::Tablet }),
            frequency: Some(Frequency::EveryHours(8)),
            duration_days: Some(days),
            ..MedicationRequest::named(medicine, RequestAction::Start)
        }
    }

    fn check(request: &MedicationRequest, class: DispensingClass, until: Option<Date>) {
        assert_eq!(DispensingClass::of(request), class, "{request}");
        assert_eq!(valid_until(request, date(2026, 3, 9)), until, "{request}");
    }

    #[test]
    fn lgs_251_a_receta_of_fraccion_ii_is_valid_30_days_and_filled_once() {
        let clonazepam = line("clonazepam", "clonazepam", 30);
        let class = DispensingClass::Controlled(SaleGroup::Retained);
        check(&clonazepam, class, Some(date(2026, 4, 8)));
        assert_eq!((class.rule().most_fills, class.rule().most_packs), (Some(1), Some(2)));
    }

    #[test]
    fn lgs_252_a_receta_of_fraccion_iii_is_valid_six_months_and_filled_three_times() {
        let class = DispensingClass::Controlled(SaleGroup::ThreeFills);
        check(&line("sertralina", "sertraline", 90), class, Some(date(2026, 9, 9)));
        assert_eq!(class.rule().most_fills, Some(3));
    }

    #[test]
    fn lgs_241_a_treatment_of_fraccion_i_lasts_30_days_at_most() {
        let class = DispensingClass::Controlled(SaleGroup::SpecialPrescription);
        check(&line("morfina", "morphine", 15), class, Some(date(2026, 4, 8)));
        assert_eq!(class.rule().most_days, Some(30));
    }

    #[test]
    fn acuerdo_2010_an_antibiotic_is_valid_while_the_treatment_lasts() {
        check(&line("amoxicilina", "amoxicillin", 7), DispensingClass::Antibiotic, Some(date(2026, 3, 16)));
        let mut open = line("amoxicilina", "amoxicillin", 7);
        open.duration_days = None;
        check(&open, DispensingClass::Antibiotic, None);
    }

    #[test]
    fn lgs_226_the_fraccion_on_the_box_binds_over_that_of_the_substance() {
        let mut risperidone = line("risperidona", "risperidone", 30);
        risperidone.dispensing.fraction = Some(Fraction::IV);
        check(&risperidone, DispensingClass::Ordinary, None);
        let mut other = line("paracetamol", "paracetamol", 5);
        other.dispensing.fraction = Some(Fraction::II);
        check(&other, DispensingClass::Controlled(SaleGroup::Retained), Some(date(2026, 4, 8)));
    }

    #[test]
    fn packages_are_counted_as_written_or_as_computed() {
        let mut request = line("clonazepam", "clonazepam", 60);
        assert_eq!(packs_asked(&request), None);
        request.presentation = Some("tableta de 2 mg, caja con 30".to_owned());
        assert_eq!(packs_asked(&request), Some(6));
        for (written, packs) in [("2 cajas", Some(2)), ("tres cajas", Some(3)), ("30 tabletas", None)] {
            request.quantity = Some(written.to_owned());
            assert_eq!(packs_asked(&request), packs, "{written}");
        }
    }

    #[test]
    fn the_pharmacy_reads_until_when_and_whether_a_brand_may_be_replaced() {
        let said = |request: &MedicationRequest| {
            pharmacy_note(request, date(2026, 3, 9), |day| day.to_string()).join(" ")
        };
        assert!(
            said(&line("clonazepam", "clonazepam", 30))
                .starts_with("Si la caja indica fracción II: vigente 30 días, hasta el 2026-04-08")
        );
        let mut sertraline = line("sertralina", "sertraline", 90);
        sertraline.dispensing.fills = Some(2);
        assert!(
            said(&sertraline).contains("se surte 2 veces, esa cantidad cada vez, y se retiene en la última")
        );
        let mut branded = line("paracetamol", "paracetamol", 5);
        assert_eq!(said(&branded), "");
        branded.brand = Some("Tempra".to_owned());
        assert!(said(&branded).contains("no se sustituye la marca"));
        branded.dispensing.may_substitute = true;
        assert!(said(&branded).contains("puede sustituir"));
    }
}
