//! Forms that change one item of a draft, and reading back what they post.

use askama::Template;
use askama::filters::HtmlSafe;
use care::error::FieldError;
use clinical::allergy::{AllergyIntolerance, ReactionKind};
use clinical::condition::{Certainty, ConditionEntry};
use clinical::draft::{Cell, ItemContent};
use clinical::observation::{Amount, VitalKind, VitalSign};
use nom004::{FilledBy, SectionDefinition};

use super::form::{Choice, ErrorSummary, Field, Part, Posted};
use super::medicine_form::{medicine, medicine_parts, medicine_posted};

/// What kind of item a form writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    /// A sentence.
    Statement,
    /// One measurement, already there.
    Vital,
    /// The measurements of the visit, several at once.
    Vitals,
    /// A diagnosis.
    Condition,
    /// A medicine.
    Medicine,
    /// An allergy.
    Allergy,
    /// One of a few fixed answers.
    Choice,
    /// A date.
    Date,
    /// A date and time.
    DateTime,
    /// A row of a table, or a person who signs by hand.
    Row,
}

/// Names of the fields of a row; the widest table of the catalogue has six columns.
const CELLS: [&str; 8] =
    ["celda_1", "celda_2", "celda_3", "celda_4", "celda_5", "celda_6", "celda_7", "celda_8"];

impl ItemKind {
    /// Posted word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Statement => "oracion",
            Self::Vital => "signo",
            Self::Vitals => "signos",
            Self::Condition => "diagnostico",
            Self::Medicine => "medicamento",
            Self::Allergy => "alergia",
            Self::Choice => "opcion",
            Self::Date => "fecha",
            Self::DateTime => "momento",
            Self::Row => "fila",
        }
    }

    /// Reads [`ItemKind::code`]; a sentence when the word is unknown.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        const OTHERS: [ItemKind; 9] = [
            ItemKind::Vital,
            ItemKind::Vitals,
            ItemKind::Condition,
            ItemKind::Medicine,
            ItemKind::Allergy,
            ItemKind::Choice,
            ItemKind::Date,
            ItemKind::DateTime,
            ItemKind::Row,
        ];
        OTHERS.into_iter().find(|kind| kind.code() == code).unwrap_or(Self::Statement)
    }

    /// The kind of an item, in its section.
    #[must_use]
    pub fn of(content: &ItemContent, section: Option<&SectionDefinition>) -> Self {
        match content {
            ItemContent::Statement { .. } => match section.map(|section| &section.filled_by) {
                Some(FilledBy::Choice(_)) => Self::Choice,
                Some(FilledBy::Date) => Self::Date,
                Some(FilledBy::DateTime) => Self::DateTime,
                _ => Self::Statement,
            },
            ItemContent::Row { .. } => Self::Row,
            ItemContent::AllergiesDenied => Self::Statement,
            ItemContent::VitalSign(_) => Self::Vital,
            ItemContent::Condition(_) => Self::Condition,
            ItemContent::MedicationRequest(_) => Self::Medicine,
            ItemContent::Allergy(_) => Self::Allergy,
        }
    }
}

/// A form for one item, in its place in the note.
#[derive(Template)]
#[template(path = "_edit_form.html")]
pub struct EditForm {
    /// Where it is posted.
    pub action: String,
    /// Secret of the session.
    pub token: String,
    /// Version of the draft.
    pub version: i64,
    /// The section, for a new item.
    pub section: String,
    /// What it writes.
    pub kind: ItemKind,
    /// Its fields.
    pub parts: Vec<Part>,
    /// What is wrong.
    pub errors: ErrorSummary,
    /// The words of the proposal, when they are no longer those shown.
    pub original: Option<String>,
    /// Where Cancelar leads.
    pub cancel: String,
    /// One more hidden field: the kind of measurement. Empty name for none.
    pub hidden: (&'static str, String),
    /// What is kept of it while somebody types.
    pub typing: Typing,
}

/// How the text of a form is kept before it is sent.
#[derive(Template)]
#[template(path = "_typing.html")]
pub struct Typing {
    /// Where it is posted while somebody types.
    pub address: String,
    /// Name of the form.
    pub form: String,
    /// From when the text is that was recovered into it; empty when there was none.
    pub recovered: String,
}

impl HtmlSafe for Typing {}

impl HtmlSafe for EditForm {}

impl EditForm {
    fn grid(&self) -> bool {
        matches!(self.kind, ItemKind::Vitals | ItemKind::Medicine | ItemKind::Row | ItemKind::DateTime)
    }
}

/// The form fields that show an item.
#[must_use]
pub fn posted_from(content: &ItemContent, section: Option<&SectionDefinition>) -> Posted {
    let posted = Posted::default();
    match content {
        ItemContent::Statement { text } if ItemKind::of(content, section) != ItemKind::Statement => {
            let (day, time) = text.trim_end_matches('.').split_once(' ').unwrap_or((text, ""));
            posted.with("opcion", text).with("fecha", iso_date(day)).with("hora", time)
        }
        ItemContent::Row { cells } => {
            let columns = section.map_or(&[][..], |section| section.filled_by.columns());
            let value =
                |column: &String| cells.iter().find(|cell| cell.label == *column).map_or("", |c| &c.text);
            CELLS.iter().zip(columns).fold(posted, |posted, (name, column)| posted.with(name, value(column)))
        }
        ItemContent::Statement { text } => posted.with("texto", text),
        ItemContent::AllergiesDenied => posted.with("texto", content.text()),
        ItemContent::VitalSign(sign) => posted.with("signo", sign.kind.code()).with("valor", sign.value),
        ItemContent::Condition(condition) => {
            posted.with("texto", &condition.text).with("certeza", condition.certainty.code())
        }
        ItemContent::Allergy(allergy) => posted
            .with("sustancia", &allergy.substance)
            .with("reaccion_tipo", allergy.reaction_kind.code())
            .with("reaccion", allergy.reaction.as_deref().unwrap_or("")),
        ItemContent::MedicationRequest(request) => medicine_posted(posted, request),
    }
}

/// The fields for a kind of item.
#[must_use]
pub fn parts(
    kind: ItemKind,
    section: Option<&'static SectionDefinition>,
    posted: &Posted,
    errors: &[FieldError],
) -> Vec<Part> {
    let field = |field: Field| Part::Field(Box::new(field.from(posted, errors)));
    let choice = |choice: Choice| Part::Choice(choice.from(posted, errors));
    match kind {
        ItemKind::Statement => vec![field(Field::area("texto", "Oración").max(4000).focused())],
        ItemKind::Vital => {
            let kind = VitalKind::from_code(posted.get("signo")).unwrap_or(VitalKind::HeartRate);
            vec![field(Field::text("valor", vital_label(kind)).width("w-10").mode("decimal").focused())]
        }
        ItemKind::Vitals => {
            let kinds = match section.map(|section| &section.filled_by) {
                Some(FilledBy::Measurements(kinds)) => kinds.as_slice(),
                _ => &[],
            };
            vital_parts(kinds, posted, errors)
        }
        ItemKind::Choice => {
            let options = match section.map(|section| &section.filled_by) {
                Some(FilledBy::Choice(options)) => options.iter().map(|o| (o.clone(), o.clone())).collect(),
                _ => Vec::new(),
            };
            let label = section.map_or("Elija", |section| section.label.as_str());
            vec![choice(Choice::new("opcion", label, options))]
        }
        ItemKind::Date => vec![field(Field::date("fecha", "Fecha").focused())],
        ItemKind::DateTime => {
            vec![field(Field::date("fecha", "Fecha").focused()), field(Field::time("hora", "Hora"))]
        }
        ItemKind::Row => {
            let columns = section.map_or(&[][..], |section| section.filled_by.columns());
            let optional: &[String] = match section.map(|section| &section.filled_by) {
                Some(FilledBy::Signers(signers)) => &signers.optional,
                _ => &[],
            };
            let cells = CELLS.iter().zip(columns).map(|(name, column)| {
                let cell = Field::text(name, column).max(400);
                field(if optional.contains(column) { cell.optional() } else { cell })
            });
            cells.collect()
        }
        ItemKind::Condition => vec![
            field(Field::area("texto", "Diagnóstico o problema clínico").max(400).focused()),
            choice(
                Choice::new("certeza", "Certeza", coded(&Certainty::ALL, Certainty::code, Certainty::label))
                    .width("w-18"),
            ),
        ],
        ItemKind::Allergy => vec![
            field(Field::text("sustancia", "¿A qué?").focused()),
            choice(Choice::new(
                "reaccion_tipo",
                "Tipo de reacción",
                coded(&ReactionKind::ALL, ReactionKind::code, ReactionKind::label),
            )),
            field(Field::text("reaccion", "Qué pasó").optional()),
        ],
        ItemKind::Medicine => medicine_parts(posted, errors),
    }
}

/// A field for each of these measurements; for all when there are none.
fn vital_parts(kinds: &[VitalKind], posted: &Posted, errors: &[FieldError]) -> Vec<Part> {
    let kinds = if kinds.is_empty() { VitalKind::ALL.as_slice() } else { kinds };
    let field =
        |kind: &VitalKind| Field::text(vital_field(*kind), vital_label(*kind)).width("w-10").mode("decimal");
    kinds.iter().map(|kind| Part::Field(Box::new(field(kind).from(posted, errors)))).collect()
}

pub(super) fn coded<T: Copy>(
    all: &[T],
    code: fn(T) -> &'static str,
    label: fn(T) -> &'static str,
) -> Vec<(String, String)> {
    all.iter().map(|value| (code(*value).to_owned(), label(*value).to_owned())).collect()
}

fn vital_label(kind: VitalKind) -> &'static str {
    match kind {
        VitalKind::BpSystolic => "Tensión sistólica (mmHg)",
        VitalKind::BpDiastolic => "Tensión diastólica (mmHg)",
        VitalKind::HeartRate => "Frecuencia cardiaca (por minuto)",
        VitalKind::RespiratoryRate => "Frecuencia respiratoria (por minuto)",
        VitalKind::Temperature => "Temperatura (°C)",
        VitalKind::OxygenSaturation => "Saturación de oxígeno (%)",
        VitalKind::Weight => "Peso (kg)",
        VitalKind::Height => "Talla (m)",
        VitalKind::CapillaryGlucose => "Glucosa capilar (mg/dL)",
        VitalKind::FundalHeight => "Fondo uterino, en el embarazo (cm)",
    }
}

fn vital_field(kind: VitalKind) -> &'static str {
    match kind {
        VitalKind::BpSystolic => "signo_bp_systolic",
        VitalKind::BpDiastolic => "signo_bp_diastolic",
        VitalKind::HeartRate => "signo_hr",
        VitalKind::RespiratoryRate => "signo_rr",
        VitalKind::Temperature => "signo_temp_c",
        VitalKind::OxygenSaturation => "signo_spo2",
        VitalKind::Weight => "signo_weight_kg",
        VitalKind::Height => "signo_height_m",
        VitalKind::CapillaryGlucose => "signo_glucose_mg_dl",
        VitalKind::FundalHeight => "signo_fundal_height_cm",
    }
}

/// Reads what a form posted. Measurements may be several; everything else is one.
///
/// # Errors
/// Every field to correct, with what to do.
pub fn read(
    kind: ItemKind,
    posted: &Posted,
    columns: &[String],
) -> Result<Vec<ItemContent>, Vec<FieldError>> {
    match kind {
        ItemKind::Choice => match posted.filled("opcion") {
            Some(text) => Ok(vec![ItemContent::Statement { text: text.to_owned() }]),
            None => Err(vec![FieldError::new("opcion", "Elija una de las opciones")]),
        },
        ItemKind::Date => {
            read_date(posted).map(|text| vec![ItemContent::Statement { text }]).map_err(|e| vec![e])
        }
        ItemKind::DateTime => match (read_date(posted), posted.filled("hora")) {
            (Ok(date), Some(time)) => Ok(vec![ItemContent::Statement { text: format!("{date} {time}") }]),
            (Err(error), _) => Err(vec![error]),
            (_, None) => Err(vec![FieldError::new("hora", "Escriba la hora, por ejemplo 14:30")]),
        },
        ItemKind::Row => {
            let cells = CELLS.iter().zip(columns).filter_map(|(name, column)| {
                let text = posted.filled(name)?.to_owned();
                Some(Cell { label: column.clone(), text })
            });
            let cells: Vec<Cell> = cells.collect();
            if cells.is_empty() {
                return Err(vec![FieldError::new(CELLS[0], "Escriba al menos un dato")]);
            }
            Ok(vec![ItemContent::Row { cells }])
        }
        ItemKind::Statement => match posted.filled("texto") {
            Some(text) => Ok(vec![ItemContent::Statement { text: text.to_owned() }]),
            None => Err(vec![FieldError::new("texto", "Escriba la oración")]),
        },
        ItemKind::Vital => {
            let Some(kind) = VitalKind::from_code(posted.get("signo")) else {
                return Err(vec![FieldError::new("valor", "Elija qué se midió")]);
            };
            vital("valor", kind, posted.get("valor")).map(|sign| vec![sign]).map_err(|error| vec![error])
        }
        ItemKind::Vitals => vitals(posted),
        ItemKind::Condition => match posted.filled("texto") {
            Some(text) => Ok(vec![ItemContent::Condition(ConditionEntry {
                text: text.to_owned(),
                certainty: Certainty::from_code(posted.get("certeza")).unwrap_or(Certainty::Confirmed),
                code: None,
            })]),
            None => Err(vec![FieldError::new("texto", "Escriba el diagnóstico")]),
        },
        ItemKind::Allergy => match posted.filled("sustancia") {
            Some(substance) => Ok(vec![ItemContent::Allergy(AllergyIntolerance {
                substance: substance.to_owned(),
                reaction_kind: ReactionKind::from_code(posted.get("reaccion_tipo"))
                    .unwrap_or(ReactionKind::Unknown),
                reaction: posted.filled("reaccion").map(str::to_owned),
            })]),
            None => Err(vec![FieldError::new("sustancia", "Escriba a qué es la alergia")]),
        },
        ItemKind::Medicine => medicine(posted).map(|request| vec![ItemContent::MedicationRequest(request)]),
    }
}

/// "25/11/2026" from what a date field posts.
fn read_date(posted: &Posted) -> Result<String, FieldError> {
    let wrong = || FieldError::new("fecha", "Escriba la fecha con día, mes y año, por ejemplo 25/11/2026");
    let text = posted.filled("fecha").ok_or_else(wrong)?;
    match text.parse::<jiff::civil::Date>() {
        Ok(date) => Ok(format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year())),
        // Typed by hand where the browser has no date field; the check of the document reads it again.
        Err(_) if text.split('/').count() == 3 => Ok(text.to_owned()),
        Err(_) => Err(wrong()),
    }
}

/// "2026-11-25" from "25/11/2026"; any other text as it is.
fn iso_date(text: &str) -> String {
    match text.split('/').collect::<Vec<_>>().as_slice() {
        [day, month, year] => format!("{year}-{month:0>2}-{day:0>2}"),
        _ => text.to_owned(),
    }
}

fn vital(field: &'static str, kind: VitalKind, text: &str) -> Result<ItemContent, FieldError> {
    let value: Amount = text.parse().map_err(|error| FieldError::new(field, error))?;
    VitalSign::new(kind, value).map(ItemContent::VitalSign).map_err(|error| FieldError::new(field, error))
}

fn vitals(posted: &Posted) -> Result<Vec<ItemContent>, Vec<FieldError>> {
    let (mut found, mut errors) = (Vec::new(), Vec::new());
    for kind in VitalKind::ALL {
        let field = vital_field(kind);
        if let Some(text) = posted.filled(field) {
            match vital(field, kind, text) {
                Ok(sign) => found.push(sign),
                Err(error) => errors.push(error),
            }
        }
    }
    if found.is_empty() && errors.is_empty() {
        errors.push(FieldError::new(vital_field(VitalKind::BpSystolic), "Escriba al menos una medición"));
    }
    if errors.is_empty() { Ok(found) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: ItemKind, fields: &[(&str, &str)], expected: Result<&str, &str>) {
        let posted = Posted(fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect());
        let found = read(kind, &posted, &[]);
        match (&found, expected) {
            (Ok(items), Ok(text)) => assert_eq!(items[0].text(), text),
            (Err(errors), Err(field)) => assert_eq!(errors[0].field, field),
            _ => panic!("{found:?}"),
        }
    }

    #[test]
    fn a_medicine_is_read_back_as_it_was_shown() {
        let fields = [
            ("medicamento", "paracetamol"),
            ("accion", "start"),
            ("dosis", "500"),
            ("unidad", "mg"),
            ("via", "oral"),
            ("periodicidad", "8"),
            ("duracion", "5"),
        ];
        check(ItemKind::Medicine, &fields, Ok("Paracetamol 500 mg, vía oral, cada 8 horas, por 5 días."));
        let posted = Posted(fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect());
        let items = read(ItemKind::Medicine, &posted, &[]).unwrap();
        assert_eq!(read(ItemKind::Medicine, &posted_from(&items[0], None), &[]).unwrap(), items);
    }

    #[test]
    fn what_is_wrong_in_a_medicine_is_said_at_its_field() {
        check(ItemKind::Medicine, &[("medicamento", "")], Err("medicamento"));
        check(ItemKind::Medicine, &[("medicamento", "x"), ("dosis", "mucho")], Err("dosis"));
        check(ItemKind::Medicine, &[("medicamento", "x"), ("dosis", "5")], Err("unidad"));
        check(ItemKind::Medicine, &[("medicamento", "x"), ("duracion", "-2")], Err("duracion"));
        check(ItemKind::Medicine, &[("medicamento", "x"), ("duracion", "400")], Err("duracion"));
        check(ItemKind::Medicine, &[("medicamento", "x"), ("periodicidad", "0")], Err("periodicidad"));
        check(ItemKind::Medicine, &[("medicamento", "x"), ("veces", "0")], Err("veces"));
        let typed = |dose| [("medicamento", "x"), ("dosis", dose), ("unidad", "tableta")];
        check(ItemKind::Medicine, &typed("500.000"), Err("dosis"));
        check(ItemKind::Medicine, &typed("0"), Err("dosis"));
        check(ItemKind::Medicine, &typed("1/2"), Ok("X 0.5 tableta."));
        check(ItemKind::Medicine, &typed("una y media"), Ok("X 1.5 tabletas."));
        check(ItemKind::Medicine, &[("medicamento", "x"), ("periodicidad", "esquema")], Err("esquema"));
    }

    #[test]
    fn whoever_writes_a_name_that_is_like_another_says_which_one_is_meant() {
        let typed = |name, said| [("medicamento", name), ("cual", said)];
        check(ItemKind::Medicine, &typed("hidroxicina", ""), Err("cual"));
        check(ItemKind::Medicine, &typed("Hidroxizina", "hidroxizina"), Ok("Hidroxizina."));
        check(ItemKind::Medicine, &typed("hidroxizina", "hidralazina"), Ok("Hidralazina."));
        // An answer about another name is none about this one; neither is a brand's own name.
        check(ItemKind::Medicine, &typed("clonazepam", "hidroxizina"), Err("cual"));
        check(ItemKind::Medicine, &typed("Rivotril", ""), Err("cual"));
        check(
            ItemKind::Medicine,
            &[("medicamento", "clonazepam"), ("accion", "stop")],
            Ok("Se suspende clonazepam."),
        );
        // What stands in the record was meant when it was written.
        let items = read(
            ItemKind::Medicine,
            &Posted(vec![("medicamento".into(), "clonazepam".into()), ("cual".into(), "clonazepam".into())]),
            &[],
        )
        .unwrap();
        assert_eq!(read(ItemKind::Medicine, &posted_from(&items[0], None), &[]).unwrap(), items);
    }

    #[test]
    fn impossible_measurements_are_refused_at_their_field() {
        check(ItemKind::Vitals, &[("signo_temp_c", "380")], Err("signo_temp_c"));
        check(ItemKind::Vitals, &[], Err("signo_bp_systolic"));
        check(ItemKind::Vitals, &[("signo_hr", "76")], Ok("Frecuencia cardiaca 76 por minuto"));
    }

    #[test]
    fn an_empty_sentence_is_refused() {
        check(ItemKind::Statement, &[("texto", "  ")], Err("texto"));
        check(
            ItemKind::Condition,
            &[("texto", "Migraña"), ("certeza", "suspected")],
            Ok("Migraña, probable."),
        );
    }
}
