//! The invented clinic as data: what `demo/*.json` may say. Ages and dates are relative, so that they never go stale.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Clinic {
    pub(super) establishment: Establishment,
    pub(super) people: Vec<Person>,
    pub(super) patients: Vec<Patient>,
    pub(super) today: Vec<Visit>,
    pub(super) agenda: Agenda,
    pub(super) waiting: Vec<Waiting>,
    /// Past visits nobody came to.
    pub(super) missed: Vec<Missed>,
    /// Questions to all records that somebody keeps.
    pub(super) questions: Vec<KeptQuestion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeptQuestion {
    pub(super) owner: String,
    pub(super) name: String,
    pub(super) shared: bool,
    /// Its lines, as `figures::question` reads them.
    pub(super) asks: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Establishment {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) address: String,
    pub(super) institution: Option<String>,
    pub(super) owner: String,
    pub(super) phone: String,
    pub(super) clues: Option<String>,
    pub(super) time_zone: String,
    /// Text of its aviso de privacidad.
    pub(super) privacy_notice: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    pub(super) username: String,
    pub(super) display_name: String,
    pub(super) roles: Vec<String>,
    pub(super) practitioner: Option<Professional>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Professional {
    pub(super) title: String,
    pub(super) given: String,
    pub(super) first_surname: String,
    pub(super) second_surname: Option<String>,
    pub(super) license: String,
    pub(super) degree_institution: String,
    pub(super) specialty: Option<Specialty>,
    /// Code of the kind of trainee.
    pub(super) trainee: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Specialty {
    pub(super) name: String,
    pub(super) license: String,
    pub(super) certificate: Option<Certificate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Certificate {
    pub(super) number: String,
    pub(super) council: String,
    /// For how many days more it is in force.
    pub(super) valid_days: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Patient {
    pub(super) key: String,
    pub(super) given: String,
    pub(super) first_surname: String,
    pub(super) second_surname: Option<String>,
    pub(super) born: Born,
    pub(super) sex: String,
    pub(super) phone: Option<String>,
    pub(super) address: Option<String>,
    pub(super) occupation: Option<String>,
    pub(super) allergies: Allergies,
    #[serde(default)]
    pub(super) problems: Vec<Problem>,
    #[serde(default)]
    pub(super) medications: Vec<Medication>,
    #[serde(default)]
    pub(super) visits: Vec<PastVisit>,
    /// Whether they agreed to be told of their visits.
    #[serde(default)]
    pub(super) reminded: bool,
    /// Sheets of laboratories.
    #[serde(default)]
    pub(super) sheets: Vec<Sheet>,
    /// What was noted as done elsewhere.
    #[serde(default)]
    pub(super) done: Vec<Done>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sheet {
    pub(super) days_ago: i32,
    pub(super) panel: String,
    /// Analyte, value, unit and range.
    pub(super) rows: Vec<[String; 4]>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Done {
    pub(super) act: String,
    pub(super) days_ago: i32,
    pub(super) place: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Born {
    pub(super) years: i16,
    pub(super) days: i32,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Allergies {
    Word(String),
    List(Vec<Allergy>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Allergy {
    pub(super) substance: String,
    pub(super) reaction_kind: String,
    pub(super) reaction: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Problem {
    pub(super) text: String,
    pub(super) icd11: Option<String>,
    #[serde(rename = "since_days")]
    pub(super) _since_days: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Medication {
    pub(super) medicine: String,
    pub(super) taken: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PastVisit {
    pub(super) days_ago: i32,
    pub(super) time: String,
    pub(super) practitioner: String,
    pub(super) reason: String,
    pub(super) service: Option<String>,
    pub(super) document: String,
    /// The conversation its note was proposed from; nothing for one that was typed.
    #[serde(default)]
    pub(super) heard: Vec<(String, String)>,
    #[serde(default)]
    pub(super) sections: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub(super) vitals: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) conditions: Vec<Condition>,
    #[serde(default)]
    pub(super) medications: Vec<Request>,
    pub(super) addendum: Option<Addendum>,
    /// Who it waits for, when a trainee wrote it.
    pub(super) send_to: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Condition {
    pub(super) text: String,
    pub(super) certainty: String,
    pub(super) icd11: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    pub(super) medicine: String,
    pub(super) presentation: Option<String>,
    pub(super) dose: Option<String>,
    pub(super) unit: Option<String>,
    pub(super) route: Option<String>,
    pub(super) every_hours: Option<u16>,
    pub(super) schedule: Option<String>,
    pub(super) days: Option<u16>,
    pub(super) quantity: Option<String>,
    #[serde(default)]
    pub(super) as_needed: bool,
    pub(super) instructions: Option<String>,
    pub(super) action: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Addendum {
    pub(super) days_later: i32,
    pub(super) reason: String,
    pub(super) text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Visit {
    pub(super) patient: String,
    pub(super) time: String,
    pub(super) minutes: u16,
    pub(super) service: String,
    pub(super) practitioner: String,
    pub(super) state: String,
    /// Days from today on.
    #[serde(default)]
    pub(super) days: i32,
}

/// What the agenda is made from, and who waits for a time.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Agenda {
    pub(super) services: Vec<Service>,
    pub(super) rooms: Vec<String>,
    pub(super) hours: Vec<Hours>,
    pub(super) waiting_list: Vec<Wish>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Service {
    pub(super) name: String,
    pub(super) minutes: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hours {
    pub(super) practitioner: String,
    pub(super) room: String,
    pub(super) days: Vec<String>,
    pub(super) from: String,
    pub(super) until: String,
    pub(super) overbook: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    pub(super) patient: String,
    pub(super) service: String,
    pub(super) practitioner: Option<String>,
    pub(super) days: i64,
    pub(super) part: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Waiting {
    pub(super) patient: String,
    pub(super) time: String,
    pub(super) practitioner: String,
    pub(super) reason: String,
    pub(super) transcript: Vec<(String, String)>,
}

/// A past visit that did not take place.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Missed {
    pub(super) patient: String,
    pub(super) days_ago: i32,
    pub(super) time: String,
    pub(super) practitioner: String,
    pub(super) service: String,
    /// Given up in time; else nobody came.
    #[serde(default)]
    pub(super) cancelled: bool,
}

/// A conversation as a file that can be brought in.
pub(super) fn turns(spoken: &[(String, String)]) -> serde_json::Result<Vec<u8>> {
    let turns: Vec<_> =
        spoken.iter().map(|(speaker, text)| serde_json::json!({"speaker": speaker, "text": text})).collect();
    serde_json::to_vec(&serde_json::json!({ "turns": turns }))
}
