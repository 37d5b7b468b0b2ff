//! The list behind each number of the practice: what it counts one by one, of the records a person may see.

use std::collections::HashMap;
use std::time::Duration;

use clinical::audit::AuditAction;
use storage::{Counted, CountedBy, FigureRow, StorageError};

use super::practice::{BoardForm, PAGE, Reader, Scope};
use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::{Care, page_of};

/// How long a list may take: others read meanwhile.
const LIMIT: Duration = Duration::from_secs(10);
/// Longest part an address may name, in letters.
const LONGEST_PART: usize = 300;

/// A number of the practice that has a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Number {
    /// Consultations; a part is a service.
    Visits,
    /// Consultations of who came for the first time.
    NewPatients,
    /// Consultations of who had come before.
    ReturningPatients,
    /// Waits; a part is a stretch.
    Waits,
    /// Lengths of consultations; a part is a stretch.
    Lengths,
    /// Planned visits whose patient came; a part is [`REMINDED`] or empty for those without a reminder.
    Came,
    /// Planned visits whose patient did not come; parts as of [`Number::Came`].
    Missed,
    /// Planned visits that were cancelled.
    Cancelled,
    /// Diagnoses; a part is a code, empty for those without one.
    Diagnoses,
    /// Recetas.
    Recetas,
    /// Medicines of recetas; a part is a name.
    Medicines,
    /// Alerts at a signature; a part is a tier.
    Shown,
    /// Alerts signed in spite of; a part is a tier, a bar and a reason.
    Overridden,
    /// Notes by the time from the beginning of the consultation; a part is a stretch.
    ToSign,
    /// Notes by the time from the end of the visit; a part is a stretch.
    AfterEnd,
    /// Words typed.
    Written,
    /// Words accepted.
    Accepted,
    /// Elements of the norm that are lacking.
    Norm,
    /// Consultations of records without a historia clínica.
    NoHistory,
}

/// The part of planned visits that had a reminder.
pub const REMINDED: &str = "+";

impl Number {
    /// Each of them once.
    pub const ALL: [Self; 19] = [
        Self::Visits,
        Self::NewPatients,
        Self::ReturningPatients,
        Self::Waits,
        Self::Lengths,
        Self::Came,
        Self::Missed,
        Self::Cancelled,
        Self::Diagnoses,
        Self::Recetas,
        Self::Medicines,
        Self::Shown,
        Self::Overridden,
        Self::ToSign,
        Self::AfterEnd,
        Self::Written,
        Self::Accepted,
        Self::Norm,
        Self::NoHistory,
    ];

    /// The word in addresses and in the bitácora.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Visits => "consultas",
            Self::NewPatients => "primera-vez",
            Self::ReturningPatients => "subsecuentes",
            Self::Waits => "espera",
            Self::Lengths => "duracion",
            Self::Came => "asistencia",
            Self::Missed => "faltas",
            Self::Cancelled => "canceladas",
            Self::Diagnoses => "diagnosticos",
            Self::Recetas => "recetas",
            Self::Medicines => "medicamentos",
            Self::Shown => "alertas",
            Self::Overridden => "motivos",
            Self::ToSign => "firma",
            Self::AfterEnd => "firma-fin",
            Self::Written => "escritas",
            Self::Accepted => "aceptadas",
            Self::Norm => "norma",
            Self::NoHistory => "sin-historia",
        }
    }

    /// Reads [`Number::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|number| number.code() == code)
    }

    /// The measure and what of it, of all or of a part.
    fn counted_by(self, part: Option<&str>) -> (&'static str, Vec<String>) {
        let own = |measure| (measure, part.map(str::to_owned).into_iter().collect());
        let planned = |states: &[&str]| {
            let signs = part.map_or(vec!["", REMINDED], |part| vec![part]);
            let items =
                states.iter().flat_map(|state| signs.iter().map(move |sign| format!("{state}{sign}")));
            ("appointment", items.collect())
        };
        match self {
            Self::Visits => own("visit"),
            Self::NewPatients => ("patient", vec!["new".to_owned()]),
            Self::ReturningPatients => ("patient", vec!["returning".to_owned()]),
            Self::Waits => own("wait"),
            Self::Lengths => own("length"),
            Self::Came => planned(&["arrived", "in_consultation", "finished"]),
            Self::Missed => planned(&["no_show"]),
            Self::Cancelled => planned(&["cancelled"]),
            Self::Diagnoses => own("diagnosis"),
            Self::Recetas => own("receta"),
            Self::Medicines => own("medicine"),
            Self::Shown => own("shown"),
            Self::Overridden => own("override"),
            Self::ToSign => own("to_sign"),
            Self::AfterEnd => own("after_end"),
            Self::Written => own("written"),
            Self::Accepted => own("accepted"),
            Self::Norm => own("norm"),
            Self::NoHistory => own("history"),
        }
    }

    /// Whether it says how many are lacking.
    #[must_use]
    pub fn is_of_what_lacks(self) -> bool {
        matches!(self, Self::Norm | Self::NoHistory)
    }

    /// What the number says of rows: how many, or how many are lacking.
    fn value(self, n: i64, total: i64) -> i64 {
        if self.is_of_what_lacks() { total - n } else { n }
    }
}

/// What stands behind a number.
#[derive(Debug, Clone)]
pub struct Behind {
    /// Which days, of whom.
    pub scope: Scope,
    /// Which number.
    pub number: Number,
    /// A part of it only.
    pub part: Option<String>,
    /// The number as the board says it, of all records.
    pub said: i64,
    /// The part of it that stands in records that may be seen.
    pub seen: i64,
    /// What is counted, a page of it, of records that may be seen.
    pub counted: Counted,
    /// Titles of the codes, for a list of diagnoses.
    pub titles: HashMap<String, String>,
}

impl Care {
    /// What a number of the board counts, one by one, a page from 0.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who may not read clinical text; [`CareError::NotFound`] for an unknown number;
    /// [`CareError::Invalid`] for days that are none, or so many that it takes too long.
    pub async fn behind_number(
        &self,
        actor: &Actor,
        form: &BoardForm,
        (code, part): (&str, Option<&str>),
        page: u32,
    ) -> Result<Behind, CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let known = Number::from_code(code).filter(|_| part.is_none_or(|part| part.len() <= LONGEST_PART));
        let number = known.ok_or(CareError::NotFound { what: "ese número" })?;
        let waits = self.count_before_a_page().await?;
        let mut tx = self.begin(actor).await?;
        let scope = self.scope(&mut tx, actor, form, waits).await?;
        let (measure, items) = number.counted_by(part);
        let own = |row: &FigureRow| items.is_empty() || items.contains(&row.item);
        let rows = Reader::new(&mut tx, &scope).items(measure).await?;
        let said = rows.iter().filter(|row| own(row)).map(|row| number.value(row.n, row.total)).sum();
        let titles = match number {
            Number::Diagnoses => tx.code_titles().await?.into_iter().collect(),
            _ => HashMap::new(),
        };
        tx.append_audit(self.event(actor, AuditAction::Search, "figures", number.code(), None)).await?;
        let (from, _) = super::ends_of_day(scope.period.from(), &scope.zone)?;
        let (_, until) = super::ends_of_day(scope.period.until(), &scope.zone)?;
        let lacking = number.is_of_what_lacks();
        let by = CountedBy { measure, items, lacking, practitioner: scope.practitioner };
        tx.limit_time(LIMIT).await?;
        let counted = match tx.counted(&by, (from, until), page_of(page, PAGE)).await {
            Err(StorageError::TooLong(_)) => {
                return Err(CareError::invalid(
                    "hasta",
                    "La lista tarda demasiado: elija un periodo más corto",
                ));
            }
            counted => counted?,
        };
        tx.commit().await?;
        let seen = number.value(counted.n, counted.total);
        Ok(Behind { scope, number, part: part.map(str::to_owned), said, seen, counted, titles })
    }
}
