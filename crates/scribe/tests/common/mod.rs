//! What a small consultation is understood as, line by line.

use clinical::transcript::Transcript;
use scribe::facts::ClinicalFact;

/// The facts of a consultation written as text.
pub(crate) fn facts(text: &str) -> Vec<ClinicalFact> {
    let transcript: Transcript = scribe::parse::transcript(text.as_bytes()).expect("a readable transcript");
    scribe::extract::facts(&transcript)
}

/// One fact as a line: `kind name | detail`, details in a fixed order.
fn line(fact: &ClinicalFact) -> String {
    let a = &fact.attributes;
    let mut details: Vec<String> = Vec::new();
    details.extend(fact.relative().map(str::to_owned));
    details.extend(a.status.map(|status| status.code().to_owned()));
    details.extend(a.certainty.map(|certainty| certainty.code().to_owned()));
    details.extend(a.value.map(|value| value.to_string()));
    details.extend(a.text_value.clone());
    details
        .extend(a.dose_value.map(|value| format!("{value} {}", a.dose_unit.as_deref().unwrap_or_default())));
    details.extend(a.frequency_hours.map(|hours| format!("{hours}h")));
    details.extend(a.duration_days.map(|days| format!("{days}d")));
    details.extend(a.prn.then(|| "prn".to_owned()));
    details.extend(a.days.map(|days| format!("{days} días")));
    let kind = fact.kind.code();
    if details.is_empty() {
        format!("{kind} {}", fact.name)
    } else {
        format!("{kind} {} | {}", fact.name, details.join(", "))
    }
}

/// Every line of `expected` is found; no fact matches a line of `absent` (a line may be only a kind and a name).
#[track_caller]
pub(crate) fn check(text: &str, expected: &[&str], absent: &[&str]) {
    let found: Vec<String> = facts(text).iter().map(line).collect();
    for wanted in expected {
        assert!(found.iter().any(|fact| fact == wanted), "missing {wanted:?} in {text:?}\nfound {found:#?}");
    }
    for unwanted in absent {
        let hit = found.iter().find(|fact| *fact == unwanted || fact.starts_with(&format!("{unwanted} |")));
        assert!(hit.is_none(), "unwanted {unwanted:?} in {text:?}\nfound {found:#?}");
    }
}
