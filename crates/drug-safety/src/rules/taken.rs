//! Every ingredient the patient would take, with the medicine it comes in.

use clinical::medication::Route;
use terminology::medicines::Medicine;

use crate::facts::medicines;
use crate::groups::place;
use crate::{Alert, AlertKind, CheckInput, Drug, Severity};

/// One ingredient of one medicine.
#[derive(Clone, Copy)]
pub(crate) struct Taken<'a> {
    pub(crate) medicine: &'static Medicine,
    /// Place of the medicine in the catalogue: what rules look at.
    pub(crate) at: usize,
    pub(crate) drug: &'a Drug,
    /// Position of the medicine, so that ingredients of one product are not checked against each other.
    pub(crate) product: usize,
    /// Part of this prescription.
    pub(crate) proposed: bool,
    /// Reaches the whole body; a cream or an inhaler mostly does not (reference, section 3).
    pub(crate) systemic: bool,
}

impl Taken<'_> {
    pub(crate) fn has_class(&self, class: &str) -> bool {
        self.medicine.has_class(class)
    }

    pub(crate) fn has_any(&self, classes: &[&str]) -> bool {
        classes.iter().any(|class| self.has_class(class))
    }

    pub(crate) fn name(&self) -> String {
        self.medicine.name_es.to_owned()
    }
}

/// The ingredients of what is proposed and taken.
pub(crate) fn expand(input: &CheckInput) -> Vec<Taken<'_>> {
    let proposed = input.proposed.iter().map(|drug| (drug, true));
    let active = input.active.iter().map(|drug| (drug, false));
    let products = proposed.chain(active).enumerate();
    products
        .flat_map(|(product, (drug, proposed))| {
            ingredients(drug).map(move |medicine| (product, drug, proposed, medicine))
        })
        .filter_map(|(product, drug, proposed, medicine)| {
            Some((product, drug, proposed, medicine, place(medicine.inn)?))
        })
        .map(|(product, drug, proposed, medicine, at)| Taken {
            medicine,
            at,
            drug,
            product,
            proposed,
            systemic: is_systemic(drug, medicine),
        })
        .collect()
}

pub(crate) fn ingredients(drug: &Drug) -> impl Iterator<Item = &'static Medicine> {
    drug.ingredients.iter().filter_map(|inn| medicines().by_inn(inn))
}

fn is_systemic(drug: &Drug, medicine: &Medicine) -> bool {
    const LOCAL: [&str; 8] =
        ["tópica", "oftálmica", "ótica", "nasal", "vaginal", "inhalada", "cutánea", "bucal"];
    match drug.route {
        Some(
            Route::Topical | Route::Ophthalmic | Route::Otic | Route::Nasal | Route::Vaginal | Route::Inhaled,
        ) => false,
        Some(_) => true,
        None => medicine.routes.is_empty() || !medicine.routes.iter().all(|route| LOCAL.contains(route)),
    }
}

/// Names that are not in the catalogue, once each: never silent (reference, section 1, rule 5).
pub(crate) fn unknown(input: &CheckInput) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for drug in input.proposed.iter().chain(&input.active) {
        if ingredients(drug).next().is_none() && !names.contains(&drug.name) {
            names.push(drug.name.clone());
        }
    }
    names
}

/// An alert about these ingredients.
pub(crate) fn alert(
    kind: AlertKind,
    severity: Severity,
    about: &[&Taken<'_>],
    mechanism: &str,
    message: String,
    recommendation: &str,
    source: &str,
) -> Alert {
    Alert {
        kind,
        severity,
        drugs: about.iter().map(|taken| taken.name()).collect(),
        mechanism: mechanism.to_owned(),
        message,
        recommendation: recommendation.to_owned(),
        sources: vec![source.to_owned()],
        quotes: Vec::new(),
        inns: about.iter().map(|taken| taken.medicine.inn.to_owned()).collect(),
    }
}

/// The first letter as a capital.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default() + letters.as_str()
}

/// Pairs of ingredients of different products, at least one proposed.
pub(crate) fn pairs<'a, 'b>(all: &'b [Taken<'a>]) -> impl Iterator<Item = (&'b Taken<'a>, &'b Taken<'a>)> {
    all.iter().enumerate().flat_map(move |(i, one)| {
        all[i + 1..]
            .iter()
            .filter(move |other| (one.proposed || other.proposed) && one.product != other.product)
            .map(move |other| (one, other))
    })
}
