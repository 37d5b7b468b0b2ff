//! The summary of a record: allergies, problems, medicines taken, what was noted as done, and measurements.

use std::collections::BTreeMap;

use clinical::allergy::{AllergyIntolerance, ReactionKind};
use clinical::care_act::CareAct;
use clinical::condition::{Certainty, ConditionCode, ConditionEntry};
use clinical::ids::EncounterId;
use clinical::medication::MedicationStatement;
use clinical::observation::{Amount, VitalKind, VitalSign};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::datatypes::{
    CodeableConcept, Coding, Decimal, Extension, Quantity, Reference, code_of, coding, concept, extension,
    filled, text_of, words,
};
use crate::error::{Problem, Result, at, coded, maybe, need, parsed};
use crate::record::{Kept, Measurement};
use crate::resources::{
    AllergyIntolerance as Allergy, Component, Condition, Dosage, MedicationStatement as Statement,
    Observation, Procedure, Reaction,
};
use crate::systems;
use crate::writer::{Writer, derived, read_instant};

fn closing(closed_on: Option<Date>) -> Vec<Extension> {
    closed_on.map(|day| Extension::date(systems::CLOSED_ON, day)).into_iter().collect()
}

fn closed_on(extensions: &[Extension], resource: &'static str) -> Result<Option<Date>> {
    let day = extension(extensions, systems::CLOSED_ON).and_then(|own| own.value_date.as_deref());
    maybe(day, resource, "extension(cerrado-el)")
}

fn instant(text: Option<&str>, resource: &'static str, element: &str) -> Result<Timestamp> {
    read_instant(need(text, resource, element)?).ok_or_else(|| at(resource, element, Problem::Value))
}

fn activity(system: &str, closed: bool) -> CodeableConcept {
    concept(system, if closed { "inactive" } else { "active" }, None)
}

pub(crate) fn allergy(kept: &Kept<AllergyIntolerance>, writer: &Writer) -> Allergy {
    let own = &kept.value;
    let severe = matches!(own.reaction_kind, ReactionKind::Anaphylaxis | ReactionKind::SevereSkin);
    let kind = if own.reaction_kind == ReactionKind::Intolerance { "intolerance" } else { "allergy" };
    let mut extensions = vec![Extension::code(systems::REACTION_KIND, own.reaction_kind.code())];
    extensions.extend(closing(kept.closed_on));
    Allergy {
        id: Some(kept.id.to_string()),
        extension: extensions,
        clinical_status: Some(activity(systems::ALLERGY_CLINICAL, kept.closed_on.is_some())),
        verification_status: Some(concept(systems::ALLERGY_CERTAINTY, "confirmed", None)),
        kind: Some(kind.to_owned()),
        criticality: severe.then(|| "high".to_owned()),
        code: Some(words(&own.substance)),
        patient: Some(writer.patient.clone()),
        recorded_date: Some(writer.date_time(kept.recorded_at)),
        reaction: own
            .reaction
            .iter()
            .map(|text| Reaction { manifestation: vec![words(text)], description: None })
            .collect(),
    }
}

/// That allergies were denied, or that nobody asked.
pub(crate) fn no_allergy(denied: Option<Timestamp>, writer: &Writer) -> Allergy {
    let (code, said) = match denied {
        Some(_) => ("no-known-allergies", "Niega alergias"),
        None => ("no-allergy-info", "No interrogadas"),
    };
    let mut what = concept(systems::ABSENT_UNKNOWN, code, None);
    what.text = filled(said);
    Allergy {
        id: Some(derived("allergies", format!("{:?}", writer.patient.reference)).to_string()),
        clinical_status: Some(activity(systems::ALLERGY_CLINICAL, false)),
        code: Some(what),
        patient: Some(writer.patient.clone()),
        recorded_date: denied.map(|at| writer.date_time(at)),
        ..Allergy::default()
    }
}

/// What an AllergyIntolerance says.
pub(crate) enum ReadAllergy {
    Known(Kept<AllergyIntolerance>),
    Denied(Timestamp),
    NotAsked,
}

pub(crate) fn read_allergy(own: &Allergy) -> Result<ReadAllergy> {
    const R: &str = "AllergyIntolerance";
    let code = need(own.code.as_ref(), R, "code")?;
    match code.code_in(systems::ABSENT_UNKNOWN) {
        Some("no-known-allergies") => {
            return instant(own.recorded_date.as_deref(), R, "recordedDate").map(ReadAllergy::Denied);
        }
        Some("no-allergy-info") => return Ok(ReadAllergy::NotAsked),
        Some(_) => return Err(at(R, "code", Problem::Value)),
        None => {}
    }
    let kind = code_of(&own.extension, systems::REACTION_KIND);
    let reaction = own.reaction.first().and_then(|own| own.manifestation.first()?.text.clone());
    Ok(ReadAllergy::Known(Kept {
        id: parsed(own.id.as_deref(), R, "id")?,
        value: AllergyIntolerance {
            substance: need(code.text.clone(), R, "code.text")?,
            reaction_kind: coded(kind, ReactionKind::from_code, R, "extension(tipo-de-reaccion)")?,
            reaction,
        },
        recorded_at: instant(own.recorded_date.as_deref(), R, "recordedDate")?,
        closed_on: closed_on(&own.extension, R)?,
    }))
}

/// A diagnosis in words with its codes.
pub(crate) fn condition_code(own: &ConditionEntry) -> CodeableConcept {
    let mut codes = Vec::new();
    if let Some(code) = &own.code {
        let icd11 = coding(systems::ICD11, &code.icd11, Some(&code.title));
        codes.push(Coding { version: code.release.clone(), ..icd11 });
        codes.extend(code.icd10.as_ref().map(|icd10| coding(systems::ICD10, icd10, None)));
    }
    CodeableConcept { coding: codes, ..words(&own.text) }
}

pub(crate) fn certainty(certainty: Certainty) -> CodeableConcept {
    let code = match certainty {
        Certainty::Confirmed => "confirmed",
        Certainty::Suspected => "provisional",
        Certainty::RuledOut => "refuted",
    };
    concept(systems::CONDITION_CERTAINTY, code, None)
}

pub(crate) fn read_condition_entry(own: &Condition) -> Result<ConditionEntry> {
    const R: &str = "Condition";
    let what = need(own.code.as_ref(), R, "code")?;
    let certainty =
        own.verification_status.as_ref().and_then(|own| own.code_in(systems::CONDITION_CERTAINTY));
    let code = what.coding_in(systems::ICD11).map(|icd11| -> Result<ConditionCode> {
        Ok(ConditionCode {
            icd11: need(icd11.code.clone(), R, "code.coding.code")?,
            title: icd11.display.clone().unwrap_or_default(),
            icd10: what.code_in(systems::ICD10).map(str::to_owned),
            release: icd11.version.clone(),
        })
    });
    Ok(ConditionEntry {
        text: need(what.text.clone(), R, "code.text")?,
        certainty: match need(certainty, R, "verificationStatus")? {
            "confirmed" => Certainty::Confirmed,
            "provisional" => Certainty::Suspected,
            "refuted" => Certainty::RuledOut,
            _ => return Err(at(R, "verificationStatus", Problem::Value)),
        },
        code: code.transpose()?,
    })
}

pub(crate) fn problem(kept: &Kept<ConditionEntry>, writer: &Writer) -> Condition {
    Condition {
        id: Some(kept.id.to_string()),
        clinical_status: Some(activity(systems::CONDITION_CLINICAL, kept.closed_on.is_some())),
        verification_status: Some(certainty(kept.value.certainty)),
        category: vec![concept(systems::CONDITION_CATEGORY, "problem-list-item", None)],
        code: Some(condition_code(&kept.value)),
        subject: Some(writer.patient.clone()),
        abatement_date_time: kept.closed_on.map(|day| day.to_string()),
        recorded_date: Some(writer.date_time(kept.recorded_at)),
        ..Condition::default()
    }
}

pub(crate) fn read_problem(own: &Condition) -> Result<Kept<ConditionEntry>> {
    const R: &str = "Condition";
    Ok(Kept {
        id: parsed(own.id.as_deref(), R, "id")?,
        value: read_condition_entry(own)?,
        recorded_at: instant(own.recorded_date.as_deref(), R, "recordedDate")?,
        closed_on: maybe(own.abatement_date_time.as_deref(), R, "abatementDateTime")?,
    })
}

pub(crate) fn statement(kept: &Kept<MedicationStatement>, writer: &Writer) -> Statement {
    let own = &kept.value;
    let mut extensions: Vec<Extension> =
        own.ingredients.iter().map(|name| Extension::string(systems::INGREDIENT, name)).collect();
    extensions.extend(closing(kept.closed_on));
    Statement {
        id: Some(kept.id.to_string()),
        extension: extensions,
        status: Some(if kept.closed_on.is_some() { "stopped" } else { "active" }.to_owned()),
        medication_codeable_concept: Some(words(&own.medicine)),
        subject: Some(writer.patient.clone()),
        effective_period: None,
        date_asserted: Some(writer.date_time(kept.recorded_at)),
        dosage: own
            .taken
            .iter()
            .map(|text| Dosage { text: Some(text.clone()), ..Dosage::default() })
            .collect(),
    }
}

pub(crate) fn ingredients(extensions: &[Extension]) -> Vec<String> {
    let own = extensions.iter().filter(|own| own.url.as_deref() == Some(systems::INGREDIENT));
    own.filter_map(|own| own.value_string.clone()).collect()
}

pub(crate) fn read_statement(own: &Statement) -> Result<Kept<MedicationStatement>> {
    const R: &str = "MedicationStatement";
    let medicine = own.medication_codeable_concept.as_ref().and_then(|own| own.text.clone());
    Ok(Kept {
        id: parsed(own.id.as_deref(), R, "id")?,
        value: MedicationStatement {
            medicine: need(medicine, R, "medicationCodeableConcept.text")?,
            ingredients: ingredients(&own.extension),
            taken: own.dosage.first().and_then(|own| own.text.clone()),
        },
        recorded_at: instant(own.date_asserted.as_deref(), R, "dateAsserted")?,
        closed_on: closed_on(&own.extension, R)?,
    })
}

/// Something noted as done; what was noted by mistake says so.
pub(crate) fn procedure(kept: &Kept<CareAct>, writer: &Writer) -> Procedure {
    let own = &kept.value;
    let mut extensions = vec![Extension::instant(systems::RECORDED_AT, kept.recorded_at)];
    extensions.extend(own.place.iter().map(|place| Extension::string(systems::DONE_AT, place)));
    extensions.extend(closing(kept.closed_on));
    let label = prevention::acts::act(&own.act).map(|known| known.label);
    let code = CodeableConcept {
        coding: vec![coding(systems::CARE_ACTS, &own.act, label)],
        text: label.map(str::to_owned),
        ..CodeableConcept::default()
    };
    Procedure {
        id: Some(kept.id.to_string()),
        extension: extensions,
        status: Some(if kept.closed_on.is_some() { "entered-in-error" } else { "completed" }.to_owned()),
        code: Some(code),
        subject: Some(writer.patient.clone()),
        performed_date_time: Some(own.on.to_string()),
    }
}

pub(crate) fn read_procedure(own: &Procedure) -> Result<Kept<CareAct>> {
    const R: &str = "Procedure";
    let code = need(own.code.as_ref(), R, "code")?.code_in(systems::CARE_ACTS);
    let recorded =
        extension(&own.extension, systems::RECORDED_AT).and_then(|own| own.value_instant.as_deref());
    Ok(Kept {
        id: parsed(own.id.as_deref(), R, "id")?,
        value: CareAct {
            act: need(code, R, "code.coding.code")?.to_owned(),
            on: parsed(own.performed_date_time.as_deref(), R, "performedDateTime")?,
            place: text_of(&own.extension, systems::DONE_AT).map(str::to_owned),
        },
        recorded_at: parsed(recorded, R, "extension(registrado-el)")?,
        closed_on: closed_on(&own.extension, R)?,
    })
}

/// LOINC code of a measurement.
fn loinc(kind: VitalKind) -> &'static str {
    match kind {
        VitalKind::BpSystolic => "8480-6",
        VitalKind::BpDiastolic => "8462-4",
        VitalKind::HeartRate => "8867-4",
        VitalKind::RespiratoryRate => "9279-1",
        VitalKind::Temperature => "8310-5",
        VitalKind::OxygenSaturation => "2708-6",
        VitalKind::Weight => "29463-7",
        VitalKind::Height => "8302-2",
        VitalKind::CapillaryGlucose => "41653-7",
        VitalKind::FundalHeight => "11881-0",
    }
}

/// Both pressures together.
const BLOOD_PRESSURE: &str = "85354-9";

/// The profile of vital signs wants the height in centimetres.
fn quantity(sign: VitalSign) -> Quantity {
    let (value, unit) = match sign.kind {
        VitalKind::Height => (scaled(sign.value, 100.0), "cm"),
        kind => (sign.value, kind.ucum()),
    };
    Quantity {
        value: Some(Decimal(value)),
        unit: Some(unit.to_owned()),
        system: Some(systems::UCUM.to_owned()),
        code: Some(unit.to_owned()),
        comparator: None,
    }
}

fn scaled(value: Amount, by: f64) -> Amount {
    Amount::from_f64(value.as_f64() * by).unwrap_or(value)
}

fn code_of_sign(kind: VitalKind) -> CodeableConcept {
    CodeableConcept { coding: vec![coding(systems::LOINC, loinc(kind), None)], ..words(kind.label()) }
}

/// The measurements; two pressures of one moment are one resource, as the profile wants it.
pub(crate) fn observations(all: &[Measurement], writer: &Writer) -> Vec<Observation> {
    let mut pairs: BTreeMap<(Timestamp, Option<EncounterId>, Timestamp), Vec<&Measurement>> = BTreeMap::new();
    let mut written = Vec::new();
    for own in all {
        match own.sign.kind {
            VitalKind::BpSystolic | VitalKind::BpDiastolic => {
                pairs.entry((own.taken_at, own.encounter_id, own.recorded_at)).or_default().push(own);
            }
            kind => written.push(Observation {
                code: Some(code_of_sign(kind)),
                value_quantity: Some(quantity(own.sign)),
                ..frame(own, own.id, writer)
            }),
        }
    }
    for pair in pairs.values() {
        let Some(first) = pair.first() else { continue };
        let component = |own: &&Measurement| Component {
            id: Some(own.id.to_string()),
            code: Some(code_of_sign(own.sign.kind)),
            value_quantity: Some(quantity(own.sign)),
            ..Component::default()
        };
        written.push(Observation {
            code: Some(CodeableConcept {
                coding: vec![coding(systems::LOINC, BLOOD_PRESSURE, None)],
                ..words("Tensión arterial")
            }),
            component: pair.iter().map(component).collect(),
            ..frame(first, derived("blood-pressure", first.id), writer)
        });
    }
    written
}

fn frame(own: &Measurement, id: impl std::fmt::Display, writer: &Writer) -> Observation {
    Observation {
        id: Some(id.to_string()),
        status: Some("final".to_owned()),
        category: vec![concept(systems::OBSERVATION_CATEGORY, "vital-signs", None)],
        subject: Some(writer.patient.clone()),
        encounter: own.encounter_id.map(Reference::to),
        effective_date_time: Some(writer.date_time(own.taken_at)),
        issued: Some(own.recorded_at.to_string()),
        ..Observation::default()
    }
}

/// The reference of the measurement of a moment to its resource.
pub(crate) fn reference_in(observations: &[Observation], encounter: EncounterId) -> Vec<Reference> {
    let encounter = Reference::to(encounter);
    let own = observations.iter().filter(|own| own.encounter.as_ref() == Some(&encounter));
    own.filter_map(|own| own.id.as_deref()).map(Reference::to).collect()
}

pub(crate) fn read_vital_signs(own: &Observation) -> Result<Vec<Measurement>> {
    const R: &str = "Observation";
    let encounter = own.encounter.as_ref().and_then(|own| own.reference.as_deref());
    let encounter_id = maybe(encounter.and_then(|url| url.strip_prefix("urn:uuid:")), R, "encounter")?;
    let taken_at = instant(own.effective_date_time.as_deref(), R, "effectiveDateTime")?;
    let recorded_at = instant(own.issued.as_deref(), R, "issued")?;
    let one = |id: Option<&str>, code: Option<&CodeableConcept>, value: Option<&Quantity>| {
        let sign = read_sign(code, value)?;
        Ok(Measurement { id: parsed(id, R, "id")?, sign, taken_at, recorded_at, encounter_id })
    };
    if own.component.is_empty() {
        return Ok(vec![one(own.id.as_deref(), own.code.as_ref(), own.value_quantity.as_ref())?]);
    }
    let parts = own.component.iter();
    parts.map(|part| one(part.id.as_deref(), part.code.as_ref(), part.value_quantity.as_ref())).collect()
}

fn read_sign(code: Option<&CodeableConcept>, value: Option<&Quantity>) -> Result<VitalSign> {
    const R: &str = "Observation";
    let code = need(code.and_then(|code| code.code_in(systems::LOINC)), R, "code")?;
    let kind = VitalKind::ALL.into_iter().find(|kind| loinc(*kind) == code);
    let kind = kind.ok_or_else(|| at(R, "code", Problem::Value))?;
    let value = need(value, R, "valueQuantity")?;
    let Decimal(amount) = need(value.value, R, "valueQuantity.value")?;
    let unit = if kind == VitalKind::Height { "cm" } else { kind.ucum() };
    if value.code.as_deref() != Some(unit) || value.comparator.is_some() {
        return Err(at(R, "valueQuantity", Problem::Value));
    }
    let amount = if kind == VitalKind::Height { scaled(amount, 0.01) } else { amount };
    VitalSign::new(kind, amount).map_err(|_| at(R, "valueQuantity.value", Problem::Value))
}
