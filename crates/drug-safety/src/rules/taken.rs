//! Every ingredient the patient would take, with the medicine it comes in.

use clinical::medication::Route;
use terminology::medicines::Medicine;

use crate::facts::medicines;
use crate::{Alert, AlertKind, CheckInput, Drug, Severity};

/// One ingredient of one medicine.
#[derive(Clone, Copy)]
pub(super) struct Taken<'a> {
    pub(super) medicine: &'static Medicine,
    pub(super) drug: &'a Drug,
    /// Position of the medicine, so that ingredients of one product are not checked against each other.
    pub(super) product: usize,
    /// Part of this prescription.
    pub(super) proposed: bool,
    /// Reaches the whole body; a cream or an inhaler mostly does not (reference, section 3).
    pub(super) systemic: bool,
}

impl Taken<'_> {
    pub(super) fn has_class(&self, class: &str) -> bool {
        self.medicine.has_class(class)
    }

    pub(super) fn has_any(&self, classes: &[&str]) -> bool {
        classes.iter().any(|class| self.has_class(class))
    }

    pub(super) fn name(&self) -> String {
        self.medicine.name_es.to_owned()
    }
}

/// The ingredients of what is proposed and taken.
pub(super) fn expand(input: &CheckInput) -> Vec<Taken<'_>> {
    let proposed = input.proposed.iter().map(|drug| (drug, true));
    let active = input.active.iter().map(|drug| (drug, false));
    let products = proposed.chain(active).enumerate();
    products
        .flat_map(|(product, (drug, proposed))| {
            ingredients(drug).map(move |medicine| (product, drug, proposed, medicine))
        })
        .map(|(product, drug, proposed, medicine)| Taken {
            medicine,
            drug,
            product,
            proposed,
            systemic: is_systemic(drug, medicine),
        })
        .collect()
}

pub(super) fn ingredients(drug: &Drug) -> impl Iterator<Item = &'static Medicine> {
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
pub(super) fn unknown(input: &CheckInput) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for drug in input.proposed.iter().chain(&input.active) {
        if ingredients(drug).next().is_none() && !names.contains(&drug.name) {
            names.push(drug.name.clone());
        }
    }
    names
}

/// An alert about these ingredients.
pub(super) fn alert(
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
        inns: about.iter().map(|taken| taken.medicine.inn.to_owned()).collect(),
    }
}

/// The first letter as a capital.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default() + letters.as_str()
}

/// Pairs of ingredients of different products, at least one proposed.
pub(super) fn pairs<'a, 'b>(all: &'b [Taken<'a>]) -> impl Iterator<Item = (&'b Taken<'a>, &'b Taken<'a>)> {
    all.iter().enumerate().flat_map(move |(i, one)| {
        all[i + 1..]
            .iter()
            .filter(move |other| (one.proposed || other.proposed) && one.product != other.product)
            .map(move |other| (one, other))
    })
}
