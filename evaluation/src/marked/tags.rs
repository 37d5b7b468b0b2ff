//! The tags of a marked text, and what each says of a fact.

use serde_json::{Value, json};

/// A kind of mark.
#[derive(Debug)]
pub(crate) struct Tag {
    /// As it is written.
    pub(crate) code: &'static str,
    /// The list of the annotation its facts go to; a list of the history has a dot in its name.
    pub(crate) list: &'static str,
    /// The fields it may have, and what each is called in the annotation.
    pub(crate) fields: &'static [(&'static str, &'static str)],
    /// Whether the turn that answers is evidence too, where the words were asked.
    pub(crate) answered: bool,
}

const fn tag(
    code: &'static str,
    list: &'static str,
    fields: &'static [(&'static str, &'static str)],
    answered: bool,
) -> Tag {
    Tag { code, list, fields, answered }
}

const VITALS: [(&str, &str); 9] = [
    ("bp_systolic", "bp_systolic"),
    ("bp_diastolic", "bp_diastolic"),
    ("hr", "hr"),
    ("rr", "rr"),
    ("temp_c", "temp_c"),
    ("spo2", "spo2"),
    ("weight_kg", "weight_kg"),
    ("height_m", "height_m"),
    ("glucose_mg_dl", "glucose_mg_dl"),
];

const PRESCRIBED: [(&str, &str); 8] = [
    ("dose", "dose_value"),
    ("form", "form"),
    ("route", "route"),
    ("freq", "frequency_hours"),
    ("sched", "schedule"),
    ("dur", "duration_days"),
    ("action", "action"),
    ("prn", "prn"),
];

/// All of them.
pub(crate) const TAGS: [Tag; 26] = [
    tag("s", "symptoms_present", &[("ini", "onset_duration"), ("sev", "severity")], true),
    tag("n", "symptoms_denied", &[], true),
    tag("hp", "history.pathological", &[], true),
    tag("hq", "history.surgical", &[], true),
    tag("hf", "history.family", &[("rel", "relative")], true),
    tag("hb", "history.habits", &[], true),
    tag("ho", "history.ob_gyn", &[], true),
    tag("hn", "history_denied", &[("sec", "section")], true),
    tag("al", "history.allergies", &[("reac", "reaction")], true),
    tag("al-", "history.allergies", &[], true),
    tag("al0", "history.allergies", &[], true),
    tag("m", "current_medications", &[("dose", "dose"), ("route", "route"), ("freq", "frequency")], true),
    tag("x", "medications_stopped", &[("why", "reason")], true),
    tag("v", "vitals", &VITALS, false),
    tag("f+", "exam_findings", &[], true),
    tag("f-", "exam_findings", &[], true),
    tag("f0", "exam_findings", &[], true),
    tag("r", "results", &[("v", "value"), ("u", "unit")], false),
    tag("d", "diagnoses", &[], true),
    tag("d?", "diagnoses", &[], true),
    tag("d-", "diagnoses", &[], true),
    tag("p", "prescriptions", &PRESCRIBED, false),
    tag("o", "orders", &[], false),
    tag("rf", "referrals", &[], false),
    tag("fu", "follow_up", &[("days", "days")], false),
    tag("ed", "education", &[], false),
];

impl Tag {
    /// The tag that is written so.
    pub(crate) fn find(code: &str) -> Option<&'static Self> {
        TAGS.iter().find(|tag| tag.code == code)
    }

    /// What the annotation calls the name of its facts.
    pub(crate) fn name_key(&self) -> &'static str {
        match self.code {
            "m" | "x" | "p" => "drug_inn",
            _ => "name",
        }
    }

    /// What every fact of the tag says by itself, before its fields.
    pub(crate) fn says(&self) -> Value {
        let diagnosis = |certainty: &str| json!({"certainty": certainty, "icd11": null, "icd11_accepted": [], "icd10": null, "icd10_accepted": []});
        match self.code {
            "hp" | "hq" | "hf" | "hb" | "ho" => json!({"detail": null}),
            "hn" => json!({"section": "pathological"}),
            "al" => json!({"negated": false}),
            "al-" | "al0" => json!({"negated": true, "reaction": null}),
            "f+" => json!({"status": "present"}),
            "f-" => json!({"status": "absent"}),
            "f0" => json!({"status": "normal"}),
            "d" => diagnosis("confirmed"),
            "d?" => diagnosis("suspected"),
            "d-" => diagnosis("ruled_out"),
            "p" => json!({"dose_unit": null}),
            _ => json!({}),
        }
    }
}
