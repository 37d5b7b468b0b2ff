//! What norms ask to be watched in a patient, as pure rules over the tables of `catalogs/prevention`: the groups a patient
//! is of, the targets of their treatment, and the controls, vaccines, visits and medicines that are due. It knows neither storage nor the clock; days are arguments.

pub mod acts;
pub mod controls;
pub mod groups;
pub mod targets;

/// The rows of a table of `catalogs/prevention`, without comments and heading.
pub(crate) fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().filter(|line| !line.starts_with('#')).skip(1).map(|line| line.split('\t').collect())
}
