//! How likely somebody is to miss a visit, from the practice's own history and nothing else.
//!
//! The share of missed visits of the person, drawn towards that of the practice as if they had `WEIGHT` visits more that
//! went as everybody's do. So one missed visit condemns nobody, and it can be said in one sentence.

/// With how many visits of everybody a person's own are mixed.
const WEIGHT: f64 = 4.0;
/// Before the practice has a history: one in ten, with the weight of ten visits.
const FIRST: (f64, f64) = (1.0, 10.0);
/// From this share on, and at least twice that of the practice, it is shown.
const NOTABLE: f64 = 0.2;

/// Visits that took place and that did not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attendance {
    /// Visits they came to.
    pub came: u32,
    /// Visits they missed.
    pub missed: u32,
}

impl Attendance {
    fn total(self) -> f64 {
        f64::from(self.came) + f64::from(self.missed)
    }
}

/// The share of visits somebody is likely to miss, from 0 to 1.
#[must_use]
pub fn risk(person: Attendance, practice: Attendance) -> f64 {
    let everybody = usual(practice);
    (f64::from(person.missed) + WEIGHT * everybody) / (person.total() + WEIGHT)
}

fn usual(practice: Attendance) -> f64 {
    (f64::from(practice.missed) + FIRST.0) / (practice.total() + FIRST.1)
}

/// The risk in words, with what it rests on; `None` when it is not worth a word.
///
/// ```
/// use clinical::schedule::attendance::{Attendance, warning};
/// let practice = Attendance { came: 180, missed: 20 };
/// assert_eq!(
///     warning(Attendance { came: 2, missed: 3 }, practice).as_deref(),
///     Some("Faltó a 3 de sus 5 citas anteriores; en el consultorio se falta a 1 de cada 10")
/// );
/// assert_eq!(warning(Attendance { came: 0, missed: 0 }, practice), None);
/// ```
#[must_use]
pub fn warning(person: Attendance, practice: Attendance) -> Option<String> {
    let (own, everybody) = (risk(person, practice), usual(practice));
    if person.missed == 0 || own < NOTABLE || own < 2.0 * everybody {
        return None;
    }
    let Attendance { came, missed } = person;
    let before = match came.saturating_add(missed) {
        1 => "su única cita anterior".to_owned(),
        total => format!("{missed} de sus {total} citas anteriores"),
    };
    Some(format!("Faltó a {before}; en el consultorio se falta a 1 de cada {:.0}", (1.0 / everybody).round()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_missed_visit_of_many_says_nothing_and_several_of_few_do() {
        let practice = Attendance { came: 190, missed: 10 };
        let of = |came, missed| warning(Attendance { came, missed }, practice).is_some();
        assert!(!of(10, 1) && !of(3, 0));
        assert!(of(1, 2) && of(5, 5));
    }

    #[test]
    fn who_has_no_history_is_taken_for_anybody() {
        let practice = Attendance { came: 180, missed: 20 };
        let (new, usual) = (risk(Attendance::default(), practice), 21.0 / 210.0);
        assert!((new - usual).abs() < 1e-9);
    }
}
