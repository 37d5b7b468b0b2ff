//! The annotation of a consultation as facts of the classes the model knows.

use scribe::learned::facts::CLASSES;
use serde_json::Value;

/// An annotated fact.
#[derive(Debug)]
pub(crate) struct Gold {
    /// Index of its class; `None` for kinds the model leaves alone, whose words still are no other kind's.
    pub class: Option<usize>,
    /// Its name and further accepted wordings.
    pub names: Vec<String>,
    /// The turns it comes from.
    pub turns: Vec<usize>,
}

/// All facts of an annotated consultation.
pub(crate) fn facts(file: &Value) -> Vec<Gold> {
    let gold = &file["gold"];
    let mut out = Vec::new();
    let mut all = |list: &Value, code: &dyn Fn(&Value) -> String| {
        for item in list.as_array().into_iter().flatten() {
            out.push(fact(item, &code(item)));
        }
    };
    all(&gold["symptoms_present"], &|_| "symptom".to_owned());
    all(&gold["symptoms_denied"], &|_| "denied_symptom".to_owned());
    for section in ["pathological", "surgical", "family", "habits", "ob_gyn"] {
        all(&gold["history"][section], &|item| {
            let denied = item["name"].as_str().is_some_and(|name| name.starts_with("no "));
            if denied { "denied_history".to_owned() } else { format!("history.{section}") }
        });
    }
    all(&gold["history_denied"], &|_| "denied_history".to_owned());
    all(&gold["exam_findings"], &|item| format!("finding.{}", item["status"].as_str().unwrap_or_default()));
    all(&gold["results"], &|_| "result".to_owned());
    all(&gold["diagnoses"], &|item| {
        let excluded = item["certainty"] == "ruled_out";
        if excluded { "excluded".to_owned() } else { "diagnosis".to_owned() }
    });
    for kind in ["orders", "referrals"] {
        all(&gold[kind], &|_| "order".to_owned());
    }
    for kind in ["current_medications", "medications_stopped", "prescriptions"] {
        all(&gold[kind], &|_| "medicine".to_owned());
    }
    all(&gold["history"]["allergies"], &|_| "allergy".to_owned());
    out
}

fn fact(item: &Value, code: &str) -> Gold {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let aliases = item["aliases"].as_array().into_iter().flatten();
    Gold {
        class: CLASSES.iter().position(|class| class.code == code),
        names: [&item["name"], &item["drug_inn"]].into_iter().chain(aliases).filter_map(text).collect(),
        turns: item["evidence_turns"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|turn| usize::try_from(turn.as_u64()?).ok())
            .collect(),
    }
}
