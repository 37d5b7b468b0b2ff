//! Laboratory reports: every version of every result, so that a correction stays a correction.

use clinical::ids::LabResultId;
use clinical::laboratory::{
    Bound, Comparator, LabFlag, LabResult, LabValue, Mark, ReferenceRange, ResultSource, ResultState, TakenAt,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::datatypes::{
    Annotation, CodeableConcept, Decimal, Extension, Quantity, Reference, code_of, coding, concept,
    extension, filled, says_yes, text_of, words,
};
use crate::error::{Problem, Result, at, coded, maybe, need, parsed};
use crate::record::{Report, ResultVersion};
use crate::resources::{DiagnosticReport, Observation, ReferenceRange as Range};
use crate::systems;
use crate::writer::Writer;

const R: &str = "Observation";
const REPORT: &str = "DiagnosticReport";

/// A report and its results.
pub(crate) fn report(own: &Report, writer: &Writer) -> (DiagnosticReport, Vec<Observation>) {
    let taken = taken(own.taken, &writer.zone);
    let results: Vec<Observation> =
        own.results.iter().map(|version| result(version, own, &taken, writer)).collect();
    let corrected = own.results.iter().any(|version| version.state != ResultState::Final);
    let report = DiagnosticReport {
        id: Some(own.id.to_string()),
        extension: vec![Extension::code(systems::SOURCE, own.source.code())],
        status: Some(if corrected { "corrected" } else { "final" }.to_owned()),
        category: vec![concept(systems::DIAGNOSTIC_SECTION, "LAB", None)],
        code: Some(match &own.panel {
            Some(panel) => words(panel),
            None => concept(systems::OWN_CODES, "laboratorio", Some("Resultados de laboratorio")),
        }),
        subject: Some(writer.patient.clone()),
        effective_date_time: Some(taken),
        issued: Some(own.recorded_at.to_string()),
        performer: own.laboratory.iter().map(|name| Reference::named(name)).collect(),
        result: own.results.iter().map(|version| Reference::to(version.id)).collect(),
    };
    (report, results)
}

/// A day, or a local minute with the offset it had there.
fn taken(taken: TakenAt, zone: &TimeZone) -> String {
    let Some(time) = taken.time else { return taken.day.to_string() };
    let offset = taken.day.to_datetime(time).to_zoned_datetime(zone.clone()).map(|at| at.offset());
    let offset = offset.unwrap_or(jiff::tz::Offset::UTC);
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{taken}:00{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

fn read_taken(text: Option<&str>) -> Result<TakenAt> {
    let text = need(text, REPORT, "effectiveDateTime")?;
    let local = if text.contains('T') { text.get(..16).unwrap_or(text) } else { text };
    local.parse().map_err(|_| at(REPORT, "effectiveDateTime", Problem::Value))
}

fn result(own: &ResultVersion, report: &Report, taken: &str, writer: &Writer) -> Observation {
    let result = &own.result;
    // A version whose place another one took no longer says anything about the patient.
    let replaced = report.results.iter().any(|other| other.supersedes == Some(own.id));
    let status = match own.state {
        _ if replaced => "entered-in-error",
        ResultState::Final => "final",
        ResultState::Corrected => "corrected",
        ResultState::Withdrawn => "cancelled",
    };
    let mut extensions = vec![
        Extension::code(systems::STATE, own.state.code()),
        Extension::integer(systems::PLACE, own.place),
    ];
    extensions.extend(own.supersedes.map(|id| Extension::string(systems::SUPERSEDES, id)));
    extensions.extend(own.reason.as_ref().map(|text| Extension::string(systems::REASON, text)));
    extensions.extend(result.flag.map(|flag| Extension::code(systems::LAB_FLAG, flag_code(flag))));
    let codes = result.loinc.as_ref().map(|code| coding(systems::LOINC, code, None));
    let mut observation = Observation {
        id: Some(own.id.to_string()),
        status: Some(status.to_owned()),
        category: vec![concept(systems::OBSERVATION_CATEGORY, "laboratory", None)],
        code: Some(CodeableConcept { coding: codes.into_iter().collect(), ..words(&result.analyte) }),
        subject: Some(writer.patient.clone()),
        effective_date_time: Some(taken.to_owned()),
        issued: Some(own.recorded_at.to_string()),
        interpretation: result
            .mark()
            .map(|mark| concept(systems::INTERPRETATION, mark_code(mark), None))
            .into_iter()
            .collect(),
        note: result.comment.iter().map(|text| Annotation { text: filled(text) }).collect(),
        reference_range: result.range.as_ref().map(|own| range(own, result)).into_iter().collect(),
        ..Observation::default()
    };
    match &result.value {
        LabValue::Quantity { comparator, amount } => {
            observation.value_quantity = Some(Quantity {
                value: Some(Decimal(*amount)),
                comparator: comparator.map(|own| comparator_code(own).to_owned()),
                unit: result.unit.clone(),
                system: result.ucum.as_ref().map(|_| systems::UCUM.to_owned()),
                code: result.ucum.clone(),
            });
        }
        LabValue::Text(text) => {
            observation.value_string = filled(text);
            extensions.extend(result.unit.as_ref().map(|unit| Extension::string(systems::UNIT, unit)));
            extensions.extend(result.ucum.as_ref().map(|unit| Extension::string(systems::UCUM_UNIT, unit)));
        }
    }
    Observation { extension: extensions, ..observation }
}

fn comparator_code(comparator: Comparator) -> &'static str {
    match comparator {
        Comparator::Less => "<",
        Comparator::AtMost => "<=",
        Comparator::More => ">",
        Comparator::AtLeast => ">=",
    }
}

fn flag_code(flag: LabFlag) -> &'static str {
    match flag {
        LabFlag::Low => "L",
        LabFlag::High => "H",
        LabFlag::CriticalLow => "LL",
        LabFlag::CriticalHigh => "HH",
        LabFlag::Abnormal => "A",
    }
}

fn mark_code(mark: Mark) -> &'static str {
    match mark {
        Mark::Low => "L",
        Mark::High => "H",
        Mark::CriticalLow => "LL",
        Mark::CriticalHigh => "HH",
        Mark::Abnormal => "A",
    }
}

fn range(own: &ReferenceRange, result: &LabResult) -> Range {
    let end = |bound: Option<Bound>| {
        bound.map(|bound| Quantity {
            value: Some(Decimal(bound.at)),
            unit: result.unit.clone(),
            ..Quantity::default()
        })
    };
    let exclusive =
        |bound: Option<Bound>, url| bound.filter(|bound| !bound.inclusive).map(|_| Extension::yes(url));
    let marks = [exclusive(own.low, systems::LOW_EXCLUSIVE), exclusive(own.high, systems::HIGH_EXCLUSIVE)];
    Range {
        extension: marks.into_iter().flatten().collect(),
        low: end(own.low),
        high: end(own.high),
        text: filled(&own.printed),
    }
}

/// A result read, with the report it belongs to still unknown.
pub(crate) fn read_result(own: &Observation) -> Result<ResultVersion> {
    let id: LabResultId = parsed(own.id.as_deref(), R, "id")?;
    let place = extension(&own.extension, systems::PLACE).and_then(|own| own.value_integer);
    let supersedes = maybe(text_of(&own.extension, systems::SUPERSEDES), R, "extension(sustituye-a)")?;
    Ok(ResultVersion {
        id,
        place: need(place, R, "extension(lugar-en-el-informe)")?,
        state: coded(
            code_of(&own.extension, systems::STATE),
            ResultState::from_code,
            R,
            "extension(estado-de-la-version)",
        )?,
        supersedes,
        reason: text_of(&own.extension, systems::REASON).map(str::to_owned),
        result: read_lab_result(own)?,
        recorded_at: parsed::<Timestamp>(own.issued.as_deref(), R, "issued")?,
    })
}

fn read_lab_result(own: &Observation) -> Result<LabResult> {
    let code = need(own.code.as_ref(), R, "code")?;
    let (value, unit, ucum) = match &own.value_quantity {
        Some(quantity) => {
            let Decimal(amount) = need(quantity.value, R, "valueQuantity.value")?;
            let comparator = quantity.comparator.as_deref().map(|text| match text {
                "<" => Ok(Comparator::Less),
                "<=" => Ok(Comparator::AtMost),
                ">" => Ok(Comparator::More),
                ">=" => Ok(Comparator::AtLeast),
                _ => Err(at(R, "valueQuantity.comparator", Problem::Value)),
            });
            let value = LabValue::Quantity { comparator: comparator.transpose()?, amount };
            (value, quantity.unit.clone(), quantity.code.clone())
        }
        None => {
            let text = |url| text_of(&own.extension, url).map(str::to_owned);
            let value = LabValue::Text(own.value_string.clone().unwrap_or_default());
            (value, text(systems::UNIT), text(systems::UCUM_UNIT))
        }
    };
    let flag = code_of(&own.extension, systems::LAB_FLAG);
    let flag = flag.map(|code| LabFlag::from_hl7(code).ok_or_else(|| at(R, "extension", Problem::Value)));
    Ok(LabResult {
        analyte: need(code.text.clone(), R, "code.text")?,
        loinc: code.code_in(systems::LOINC).map(str::to_owned),
        value,
        unit,
        ucum,
        range: own.reference_range.first().map(read_range).transpose()?,
        flag: flag.transpose()?,
        comment: own.note.first().and_then(|note| note.text.clone()),
    })
}

fn read_range(own: &Range) -> Result<ReferenceRange> {
    let end = |quantity: &Option<Quantity>, url| -> Result<Option<Bound>> {
        let Some(quantity) = quantity else { return Ok(None) };
        let Decimal(at) = need(quantity.value, R, "referenceRange")?;
        Ok(Some(Bound { at, inclusive: !says_yes(&own.extension, url) }))
    };
    Ok(ReferenceRange {
        printed: own.text.clone().unwrap_or_default(),
        low: end(&own.low, systems::LOW_EXCLUSIVE)?,
        high: end(&own.high, systems::HIGH_EXCLUSIVE)?,
    })
}

/// A report read; `take` hands over the result a reference names.
pub(crate) fn read_report(
    own: &DiagnosticReport,
    mut take: impl FnMut(&str) -> Option<ResultVersion>,
) -> Result<Report> {
    let results = own.result.iter().map(|reference| {
        let url = need(reference.reference.as_deref(), REPORT, "result")?;
        take(url).ok_or_else(|| at(REPORT, "result", Problem::Dangling))
    });
    Ok(Report {
        id: parsed(own.id.as_deref(), REPORT, "id")?,
        panel: own.code.as_ref().and_then(|code| code.text.clone()),
        laboratory: own.performer.first().and_then(|by| by.display.clone()),
        taken: read_taken(own.effective_date_time.as_deref())?,
        source: coded(
            code_of(&own.extension, systems::SOURCE),
            ResultSource::from_code,
            REPORT,
            "extension(origen-del-resultado)",
        )?,
        recorded_at: parsed(own.issued.as_deref(), REPORT, "issued")?,
        results: results.collect::<Result<_>>()?,
    })
}
