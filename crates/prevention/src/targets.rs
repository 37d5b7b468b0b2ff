//! What treatment aims at in the groups of patients norms speak of.

use std::sync::OnceLock;

use crate::groups::Group;

/// What a quantity should be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target {
    /// Lower end, in the unit of the quantity.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// "menor de 7 %".
    pub words: &'static str,
    /// Where it is from.
    pub source: &'static str,
}

struct Row {
    quantity: &'static str,
    group: Group,
    target: Target,
}

fn table() -> &'static [Row] {
    static TABLE: OnceLock<Vec<Row>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let end = |cell: &str| match cell {
            "-" => Some(None),
            number => number.parse::<f64>().ok().map(Some),
        };
        let read = |row: Vec<&'static str>| {
            let [quantity, group, low, high, words, source] = *row.as_slice() else { return None };
            let group = Group::from_code(group)?;
            Some(Row { quantity, group, target: Target { low: end(low)?, high: end(high)?, words, source } })
        };
        crate::rows(include_str!("../../../catalogs/prevention/targets.tsv")).filter_map(read).collect()
    })
}

/// The target of a quantity (the code of a measurement, or a LOINC code) for a patient of these groups.
#[must_use]
pub fn target(quantity: &str, groups: &[Group]) -> Option<Target> {
    table().iter().find(|row| row.quantity == quantity && groups.contains(&row.group)).map(|row| row.target)
}

/// The height of the uterus that goes with the weeks of a pregnancy, in cm: as many as weeks, within three, from week 20 to
/// 36 (rule of McDonald). None outside.
#[must_use]
pub fn fundal_height(weeks: f64) -> Option<(f64, f64)> {
    (20.0..=36.0).contains(&weeks).then_some((weeks - 3.0, weeks + 3.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_diabetes_is_held_to_its_stricter_pressure() {
        let high = |groups: &[Group]| target("bp_systolic", groups).and_then(|target| target.high);
        assert_eq!(high(&[Group::Hypertension]), Some(140.0));
        assert_eq!(high(&[Group::Hypertension, Group::Diabetes]), Some(130.0));
        assert_eq!(high(&[]), None);
        assert_eq!(table().len(), 14, "a row of targets.tsv cannot be read");
        assert!(table().iter().all(|row| row.target.low.or(row.target.high).is_some()));
    }
}
