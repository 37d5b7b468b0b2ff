//! Medicines used in Mexico: names, classes, sale group; look-up by any name, search as one types, and the medicines named in running text.
//!
//! In: the tables of `catalogs/medicines` (embedded). Out: [`Medicine`] entries. It knows nothing of doses for a patient nor of
//! what may be combined: that is `drug-safety`. Facts await review by a pharmacist (see `PROVENANCE.md` beside the tables).
//!
//! ```
//! use terminology::medicines::MedicineCatalog;
//! let catalog = MedicineCatalog::core();
//! let found = catalog.find("Tempra").unwrap();
//! assert_eq!(found.medicines[0].name_es, "paracetamol");
//! let mentions = catalog.mentions("Siga con el ácido acetilsalicílico y tome Losec.");
//! assert_eq!(mentions.len(), 2);
//! ```

mod approximate;
mod catalog;
mod mentions;
mod presentations;

pub use approximate::{Correction, Suggestion};
pub use catalog::{CatalogFiles, CatalogProblem, MedicineCatalog};
pub use mentions::{Certainty, MedicineMention, MentionKind};

/// An active ingredient.
///
/// Source: `catalogs/medicines/ingredients.tsv` and `presentations.tsv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Medicine {
    /// International non-proprietary name in English; the key of every other table.
    pub inn: &'static str,
    /// Denominación común internacional in Spanish, as a prescription must write it.
    pub name_es: &'static str,
    /// Name used in the United States when it is not the INN.
    pub usan: Option<&'static str>,
    /// Other Spanish or English names, salts included.
    pub synonyms: Vec<&'static str>,
    /// Interaction classes, e.g. `aine`, `ieca`, `qt_conocido`.
    pub classes: Vec<&'static str>,
    /// Allergy families, e.g. `penicilina_aminopenicilina`.
    pub allergy_families: Vec<&'static str>,
    /// Sale group of article 226 of the Ley General de Salud; a working value still to be verified.
    pub sale_group: SaleGroup,
    /// Usual dosage forms with their strengths; empty when not stated.
    pub presented: Vec<Presented>,
    /// Usual routes in Spanish; empty when not stated.
    pub routes: Vec<&'static str>,
}

/// A dosage form and what it is sold in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    /// The form in Spanish: "tableta", "suspensión oral".
    pub form: &'static str,
    /// Usual strengths as packs write them; empty when not stated.
    pub strengths: Vec<&'static str>,
}

impl Medicine {
    /// Whether the ingredient belongs to the interaction class.
    #[must_use]
    pub fn has_class(&self, class: &str) -> bool {
        self.classes.contains(&class)
    }

    /// Whether it is an antibiotic, which a pharmacy sells only against prescription (Acuerdo DOF 27-05-2010).
    #[must_use]
    pub fn is_antibiotic(&self) -> bool {
        self.has_class("antibiotico")
    }
}

/// Sale group (fracción) of article 226 of the Ley General de Salud.
///
/// The binding group is that of the product's registration; this is a safety net "por verificar".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SaleGroup {
    /// Narcotics: special prescription with bar code.
    I,
    /// Retained prescription, 30 days, two packages at most.
    II,
    /// Prescription that can be filled three times in six months.
    III,
    /// Ordinary prescription.
    IV,
    /// Without prescription, in pharmacies.
    V,
    /// Without prescription, anywhere.
    VI,
    /// Not settled: look at the box.
    Unverified,
}

impl SaleGroup {
    /// Roman numeral, or `verificar`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::I => "I",
            Self::II => "II",
            Self::III => "III",
            Self::IV => "IV",
            Self::V => "V",
            Self::VI => "VI",
            Self::Unverified => "verificar",
        }
    }

    /// Reads the numeral; anything else is [`SaleGroup::Unverified`].
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "I" => Self::I,
            "II" => Self::II,
            "III" => Self::III,
            "IV" => Self::IV,
            "V" => Self::V,
            "VI" => Self::VI,
            _ => Self::Unverified,
        }
    }
}

/// What kind of name was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameKind {
    /// Generic name, synonym or salt.
    Generic,
    /// Brand name.
    Brand,
    /// A form that speech recognition or hurried typing makes of a generic name.
    Heard,
}

/// A name of the catalogue that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Match<'a> {
    /// The name as the catalogue writes it.
    pub name: &'static str,
    /// What kind of name it is.
    pub kind: NameKind,
    /// Every active ingredient; several for a fixed combination.
    pub medicines: Vec<&'a Medicine>,
}

impl Match<'_> {
    /// Spanish generic names joined by ` / `, as a prescription writes a combination.
    #[must_use]
    pub fn generic_name(&self) -> String {
        self.medicines.iter().map(|m| m.name_es).collect::<Vec<_>>().join(" / ")
    }
}
