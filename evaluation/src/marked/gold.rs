//! The annotation that the marks of a consultation say.

use serde_json::{Map, Value, json};

use super::fault::Fault;
use super::tags::TAGS;
use super::{Mark, Turn};

const SECTIONS: [&str; 6] = ["pathological", "surgical", "family", "habits", "ob_gyn", "medication"];
const ACTIONS: [&str; 5] = ["start", "continue", "increase", "decrease", "change"];

type Item = Map<String, Value>;

/// A list of the annotation with its facts, in the order they were first said.
type List = (&'static str, Vec<Item>);

/// The annotation of a consultation; faults go to `problems` with their line.
pub(super) fn annotate(
    setting: &str,
    turns: &[Turn],
    marks: &[Mark<'_>],
    problems: &mut Vec<(usize, Fault)>,
) -> Value {
    let mut lists: Vec<List> = Vec::new();
    for tag in &TAGS {
        if !lists.iter().any(|(name, _)| *name == tag.list) && !matches!(tag.code, "v" | "fu") {
            lists.push((tag.list, Vec::new()));
        }
    }
    let mut vitals = Item::new();
    let mut follow_up = Value::Null;
    for mark in marks {
        let evidence = mark.evidence(turns);
        let read = match mark.tag.code {
            "v" => signs(mark).map(|signs| {
                for (sign, value) in signs {
                    vitals.insert(sign.to_owned(), json!({"value": value, "evidence_turns": evidence}));
                }
            }),
            "fu" => days(mark).map(|days| {
                follow_up = json!({"text": mark.spoken, "days": days, "evidence_turns": evidence});
            }),
            _ => item(mark).map(|item| {
                if let Some((_, list)) = lists.iter_mut().find(|(name, _)| *name == mark.tag.list) {
                    put(list, item, mark, &evidence);
                }
            }),
        };
        problems.extend(read.err().map(|fault| (mark.line, fault)));
    }
    let chief = chief_complaint(&lists, setting);
    let mut gold = json!({"chief_complaint": chief, "history": {}, "vitals": vitals, "follow_up": follow_up});
    for (name, list) in lists {
        match name.split_once('.') {
            Some((outer, inner)) => gold[outer][inner] = list_value(list),
            None => gold[name] = list_value(list),
        }
    }
    gold
}

fn list_value(list: Vec<Item>) -> Value {
    list.into_iter().map(Value::Object).collect()
}

/// The first symptom, or else what the header says.
fn chief_complaint(lists: &[List], setting: &str) -> Value {
    match lists.iter().find(|(name, _)| *name == "symptoms_present").and_then(|(_, list)| list.first()) {
        Some(symptom) => json!({
            "name": symptom["name"], "aliases": symptom["aliases"], "evidence_turns": symptom["evidence_turns"],
        }),
        None => {
            let reason = setting.split('|').next().filter(|reason| !reason.is_empty());
            json!({"name": reason.unwrap_or("consulta"), "evidence_turns": [0]})
        }
    }
}

/// What one mark says, without its evidence.
fn item(mark: &Mark<'_>) -> Result<Item, Fault> {
    let mut item = match mark.tag.says() {
        Value::Object(item) => item,
        _ => Item::new(),
    };
    if mark.tag.code == "ed" {
        item.insert("text".to_owned(), mark.spoken.into());
        return Ok(item);
    }
    for (field, key) in mark.tag.fields {
        let said = mark.field(field);
        let value = match (mark.tag.code, *field) {
            ("p", "dose") => continue,
            ("p", "freq") => positive("freq", said, "a number of hours, or `sched=` with words")?,
            ("p", "dur") => positive("dur", said, "a number of days")?,
            ("p", "action") => one_of("action", said, &ACTIONS)?,
            ("p", "prn") => as_needed(said)?,
            ("hn", "sec") if said.is_none() => continue,
            ("hn", "sec") => one_of("sec", said, &SECTIONS)?,
            ("hf", "rel") if said.is_none() => {
                let example = "{hf:spoken words|disease|rel=madre}";
                return Err(Fault::Missing { tag: "hf", field: "rel", example });
            }
            ("r", "v") => {
                let example = "{r:spoken words|name|v=7.5|u=%}";
                let said = said.ok_or(Fault::Missing { tag: "r", field: "v", example })?;
                number(said).unwrap_or_else(|| said.into())
            }
            _ => said.map_or(Value::Null, Value::from),
        };
        item.insert((*key).to_owned(), value);
    }
    if mark.tag.code == "p" {
        doses(mark.field("dose").unwrap_or_default(), &mut item)?;
    }
    let (name, aliases) = mark.names();
    item.insert(mark.tag.name_key().to_owned(), name.into());
    item.insert("aliases".to_owned(), aliases.into());
    Ok(item)
}

/// The dose of one administration, and what it comes to in other units.
fn doses(said: &str, item: &mut Item) -> Result<(), Fault> {
    let mut alternatives = Vec::new();
    item.insert("dose_value".to_owned(), Value::Null);
    for dose in said.split('/').map(str::trim).filter(|dose| !dose.is_empty()) {
        let end = dose.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(dose.len());
        let (amount, unit) = dose.split_at(end);
        let unit = unit.trim_start();
        let Some(amount) = whole_or_not(amount).filter(|_| !unit.is_empty()) else {
            let wanted = "a number and its unit, `dose=500 mg` or `dose=500 mg/1 tableta`".to_owned();
            return Err(Fault::Value { field: "dose", value: said.to_owned(), wanted });
        };
        if item["dose_value"].is_null() {
            item.insert("dose_value".to_owned(), amount);
            item.insert("dose_unit".to_owned(), unit.into());
        } else {
            alternatives.push(json!({"dose_value": amount, "dose_unit": unit}));
        }
    }
    if !alternatives.is_empty() {
        item.insert("dose_alternatives".to_owned(), alternatives.into());
    }
    Ok(())
}

/// Adds a fact, or what is new of one that was said before.
fn put(list: &mut Vec<Item>, mut item: Item, mark: &Mark<'_>, evidence: &[usize]) {
    let name_key = mark.tag.name_key();
    if mark.tag.code == "ed" {
        item.insert("evidence_turns".to_owned(), evidence.into());
        return list.push(item);
    }
    let mut aliases = texts(item.remove("aliases"));
    let same = |other: &&mut Item| {
        [name_key, "relative", "section"].iter().all(|key| other.get(*key) == item.get(*key))
    };
    let name = item.get(name_key).cloned().unwrap_or_default();
    let Some(before) = list.iter_mut().find(same) else {
        if name != mark.spoken && !aliases.iter().any(|alias| alias == mark.spoken) {
            aliases.insert(0, mark.spoken.to_owned());
        }
        item.insert("aliases".to_owned(), aliases.into());
        item.insert("evidence_turns".to_owned(), evidence.into());
        return list.push(item);
    };
    let mut all = texts(before.remove("aliases"));
    for alias in std::iter::once(mark.spoken.to_owned()).chain(aliases) {
        if name != alias && !all.contains(&alias) {
            all.push(alias);
        }
    }
    before.insert("aliases".to_owned(), all.into());
    let earlier = before.remove("evidence_turns");
    let mut turns: Vec<Value> = earlier.as_ref().and_then(Value::as_array).cloned().unwrap_or_default();
    turns.extend(evidence.iter().map(|&turn| Value::from(turn)));
    turns.sort_by_key(Value::as_u64);
    turns.dedup();
    before.insert("evidence_turns".to_owned(), turns.into());
    for (key, value) in item {
        let silent = value.is_null() || value == json!([]) || (key == "prn" && value == json!(false));
        if !silent {
            before.insert(key, value);
        }
    }
}

fn texts(list: Option<Value>) -> Vec<String> {
    let list = list.as_ref().and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

/// The vital signs of a mark.
fn signs<'a>(mark: &Mark<'a>) -> Result<Vec<(&'a str, Value)>, Fault> {
    if mark.fields.is_empty() {
        let example = "{v:ciento veinte sobre ochenta|bp_systolic=120|bp_diastolic=80}";
        return Err(Fault::Missing { tag: "v", field: "bp_systolic", example });
    }
    let sign = |&(field, key): &(&'static str, &'static str)| {
        let said = mark.field(field)?;
        let wanted = || "the value that was measured, a number with a point".to_owned();
        let value =
            number(said).ok_or_else(|| Fault::Value { field, value: said.to_owned(), wanted: wanted() });
        Some(value.map(|value| (key, value)))
    };
    mark.tag.fields.iter().filter_map(sign).collect()
}

fn days(mark: &Mark<'_>) -> Result<Option<i64>, Fault> {
    let read = |said: &str| {
        let wanted = "a whole number of days, or leave it out".to_owned();
        said.parse().map_err(|_| Fault::Value { field: "days", value: said.to_owned(), wanted })
    };
    mark.field("days").map(read).transpose()
}

fn one_of(field: &'static str, said: Option<&str>, allowed: &[&str]) -> Result<Value, Fault> {
    match said {
        Some(said) if !allowed.contains(&said) => {
            let wanted = format!("one of {}", allowed.join(", "));
            Err(Fault::Value { field, value: said.to_owned(), wanted })
        }
        said => Ok(said.map_or(Value::Null, Value::from)),
    }
}

fn positive(field: &'static str, said: Option<&str>, wanted: &str) -> Result<Value, Fault> {
    let read = |said: &str| {
        whole_or_not(said).ok_or_else(|| Fault::Value {
            field,
            value: said.to_owned(),
            wanted: wanted.to_owned(),
        })
    };
    said.map_or(Ok(Value::Null), read)
}

fn as_needed(said: Option<&str>) -> Result<Value, Fault> {
    match said {
        None => Ok(false.into()),
        Some("si" | "sí" | "true" | "1") => Ok(true.into()),
        Some(said) => {
            let wanted = "only `prn`, or leave it out".to_owned();
            Err(Fault::Value { field: "prn", value: said.to_owned(), wanted })
        }
    }
}

/// A number as it is written: with a point it is a fraction.
fn number(said: &str) -> Option<Value> {
    if said.contains('.') {
        said.parse().ok().filter(|number: &f64| number.is_finite()).map(Value::from)
    } else {
        said.parse::<i64>().ok().map(Value::from)
    }
}

/// A number that is no fraction where nothing comes after its point.
fn whole_or_not(said: &str) -> Option<Value> {
    let number: f64 = said.parse().ok()?;
    if !number.is_finite() || number < 0.0 {
        return None;
    }
    let whole = number.fract() == 0.0 && number < 1e15;
    Some(if whole { Value::from(number as i64) } else { Value::from(number) })
}
