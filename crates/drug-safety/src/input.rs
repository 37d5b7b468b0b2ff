//! What a check is given: medicines by their ingredients, and what is known about the patient.

use clinical::allergy::AllergyIntolerance;
use clinical::medication::Route;
use clinical::person::Sex;

use crate::names;

/// A medicine to check.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Drug {
    /// As shown to the physician.
    pub name: String,
    /// International names (INN, English) of every ingredient; empty when the name is not in the catalogue.
    pub ingredients: Vec<String>,
    /// Milligrams a day of the medicine, when dose and frequency are known. Of a combination: not used.
    pub daily_dose_mg: Option<f64>,
    /// Route, when known; without it the medicine counts as systemic unless it only exists for local use.
    pub route: Option<Route>,
}

impl Drug {
    /// A medicine by any name: generic, salt, brand, combination or an international name, with strength and form or
    /// without.
    ///
    /// A name that is not in the catalogue keeps no ingredients, and the check reports it.
    #[must_use]
    pub fn named(text: &str) -> Self {
        let (name, ingredients) = (text.trim().to_owned(), names::ingredients(text));
        Self { name, ingredients, daily_dose_mg: None, route: None }
    }
}

/// What is known about a pregnancy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pregnancy {
    /// Nobody asked.
    #[default]
    Unknown,
    /// Not pregnant.
    No,
    /// Pregnant.
    Yes {
        /// Completed weeks, when dated.
        weeks: Option<u8>,
    },
}

/// What is known about the patient. Everything may be missing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Patient {
    /// Age in years.
    pub age_years: Option<f64>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Weight in kilograms.
    pub weight_kg: Option<f64>,
    /// Last serum creatinine in mg/dL.
    pub creatinine_mg_dl: Option<f64>,
    /// Days since its sample; a creatinine without a date counts as recent.
    pub creatinine_days_ago: Option<u32>,
    /// Last glomerular filtration rate in mL/min/1.73 m², when the laboratory or the physician states it.
    pub egfr: Option<f64>,
    /// Days since its sample.
    pub egfr_days_ago: Option<u32>,
    /// The most that a noted stage of kidney disease allows, in mL/min/1.73 m².
    pub egfr_at_most: Option<f64>,
    /// Last serum potassium in mmol/L.
    pub potassium_mmol_l: Option<f64>,
    /// Last serum magnesium in mg/dL.
    pub magnesium_mg_dl: Option<f64>,
    /// Heart rate in beats a minute.
    pub heart_rate: Option<f64>,
    /// Last corrected QT in milliseconds.
    pub qtc_ms: Option<f64>,
    /// Pregnancy.
    pub pregnancy: Pregnancy,
    /// Breast feeding.
    pub lactating: Option<bool>,
    /// Liver disease.
    pub liver_disease: Option<bool>,
    /// Heart failure.
    pub heart_failure: Option<bool>,
    /// Asthma.
    pub asthma: Option<bool>,
    /// Dementia.
    pub dementia: Option<bool>,
    /// G6PD deficiency.
    pub g6pd_deficiency: Option<bool>,
    /// Further states that diagnoses told, by their codes in `states.tsv`: see [`Patient::learn`].
    pub states: Vec<&'static str>,
}

impl Patient {
    /// Whether it has to be asked if she is pregnant: a woman of 12 to 50 years (reference, section 6).
    #[must_use]
    pub fn may_be_pregnant(&self) -> bool {
        self.sex == Some(Sex::Female) && self.age_years.is_some_and(|age| (12.0..=50.0).contains(&age))
    }
}

/// Everything one check looks at.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CheckInput {
    /// What this prescription starts, changes or goes on with.
    pub proposed: Vec<Drug>,
    /// What the patient also takes, over-the-counter and herbal products included.
    pub active: Vec<Drug>,
    /// What was stopped, and how many days ago.
    pub stopped: Vec<(Drug, u32)>,
    /// Allergies and intolerances.
    pub allergies: Vec<AllergyIntolerance>,
    /// Who takes it.
    pub patient: Patient,
}
