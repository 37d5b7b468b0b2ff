//! What a line of treatment lacks and the record, the physician's own favourites or the catalogue know: offered with where it
//! is from, and put into the line only by a step of the physician.
//!
//! A dose, a periodicity and a duration come only from a receta that was signed for this patient or from a line the physician
//! keeps; the catalogue gives forms with strengths that the dose can be made of, and the route of a form. Nothing is guessed.

use std::collections::HashMap;

use clinical::calendar::long_date;
use clinical::document::DocumentKind;
use clinical::draft::{DraftNote, ItemContent};
use clinical::form::Form;
use clinical::ids::{EncounterId, ItemId, PatientId};
use clinical::kept_lines::KeptLines;
use clinical::medication::{Dose, DoseUnit, Frequency, MedicationRequest, RequestAction, Route};
use clinical::presentation::measures_ingredient;
use clinical::supply::{Measure, NoSupply, Supply, supply};
use jiff::tz::TimeZone;
use nom004::{Field, absent};
use storage::Tx;
use terminology::fold::fold;
use terminology::medicines::MedicineCatalog;
use terminology::typed_line::{TypedLine, read_rest};

use crate::Care;
use crate::consultation::{Consultation, stale};
use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::prescriptions::{EarlierPrescription, earlier_prescriptions, presentations};
use crate::review::ReviewAction;

/// Most ways offered to complete a line.
const MOST: usize = 4;

/// One way to complete a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The line with what is added.
    pub line: MedicationRequest,
    /// What is added, in words: "tableta de 500 mg, vía oral". Tells it from the others of its line.
    pub adds: String,
    /// Where it is from: "receta R-12 del 3 de marzo de 2026", "catálogo".
    pub from: String,
}

/// How a line that lacks something is completed: by one of the ways offered, or by what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completing<'a> {
    /// The words of a [`Completion`].
    Offered(&'a str),
    /// The rest of the line, as it is typed: "tableta de 500 mg, caja con 20, 5 d".
    Typed(&'a str),
}

/// What became of it.
#[derive(Debug, Clone)]
pub enum Completed {
    /// The line is completed; the consultation as it is now.
    Done(Box<Consultation>),
    /// Something typed must be looked at first.
    Doubtful(Box<TypedLine>),
}

impl Care {
    /// Completes a line of treatment, which accepts it.
    ///
    /// # Errors
    /// [`CareError::Conflict`] when somebody saved the draft since; [`CareError::NotFound`] for a line or a way that is not
    /// there.
    pub async fn complete_line(
        &self,
        actor: &Actor,
        id: EncounterId,
        kind: DocumentKind,
        version: i64,
        item: ItemId,
        how: Completing<'_>,
    ) -> Result<Completed, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let view = self.consultation(actor, id, kind).await?;
        if view.version != version {
            return Err(stale());
        }
        let missing = || CareError::NotFound { what: "ese medicamento" };
        let Some(ItemContent::MedicationRequest(request)) = view.draft.item(item).map(|item| &item.content)
        else {
            return Err(missing());
        };
        let line = match how {
            Completing::Offered(words) => {
                let offered = view.completions.get(&item).into_iter().flatten();
                offered
                    .filter(|one| one.adds == words)
                    .map(|one| one.line.clone())
                    .next()
                    .ok_or_else(missing)?
            }
            Completing::Typed(text) => {
                let read = read_rest(request, text);
                if !read.problems.is_empty() {
                    return Ok(Completed::Doubtful(Box::new(read)));
                }
                read.request
            }
        };
        let action = ReviewAction::Edit { item, content: ItemContent::MedicationRequest(line) };
        self.review(actor, id, kind, version, &action).await.map(|view| Completed::Done(Box::new(view)))
    }
}

/// The ways to complete each line of a draft that lacks something. The record is asked only if there is one.
pub(crate) async fn of(
    tx: &mut Tx,
    actor: &Actor,
    patient: PatientId,
    draft: &DraftNote,
    zone: &TimeZone,
) -> Result<HashMap<ItemId, Vec<Completion>>, CareError> {
    let lines = draft.kept().filter_map(|item| match &item.content {
        ItemContent::MedicationRequest(request) if request.is_prescribed() && !absent(request).is_empty() => {
            Some((item.id, request))
        }
        _ => None,
    });
    let lines: Vec<(ItemId, &MedicationRequest)> = lines.collect();
    if lines.is_empty() {
        return Ok(HashMap::new());
    }
    let kept = match actor.practitioner_id {
        Some(of) => tx.kept_lines(of).await?,
        None => Vec::new(),
    };
    let earlier = earlier_prescriptions(tx, patient).await?;
    let ways = lines.into_iter().map(|(id, line)| (id, completions(line, &earlier, &kept, zone)));
    Ok(ways.filter(|(_, ways)| !ways.is_empty()).collect())
}

/// The ways to complete a line: as it was prescribed to this patient, as the physician keeps it, by the catalogue; before all
/// those whose pieces the dose is made of as they are.
fn completions(
    request: &MedicationRequest,
    earlier: &[EarlierPrescription],
    kept: &[KeptLines],
    zone: &TimeZone,
) -> Vec<Completion> {
    let mut ways: Vec<(u8, Completion)> = Vec::new();
    let mut offer = |line: Option<(u8, MedicationRequest)>, from: String| {
        let Some((rank, line)) = line else { return };
        let adds = added(request, &line);
        if !adds.is_empty() && !ways.iter().any(|(_, way)| way.adds == adds) {
            ways.push((rank, Completion { line, adds, from }));
        }
    };
    let goes_on = request.action == RequestAction::Continue;
    for receta in earlier.iter().filter(|receta| !receta.cancelled) {
        let day = long_date(receta.signed_at.to_zoned_datetime(zone.clone()).date());
        for line in receta.lines.iter().filter(|line| same_medicine(line, request)) {
            offer(filled(request, line, goes_on), format!("receta {} del {day}", receta.folio));
        }
    }
    for one in kept {
        for line in one.lines.iter().filter(|line| same_medicine(line, request)) {
            let label = one.label().to_lowercase();
            offer(filled(request, line, !goes_on), format!("su {label} «{}»", one.name));
        }
    }
    for line in of_the_catalogue(request) {
        offer(Some(line), "catálogo".to_owned());
    }
    ways.sort_by_key(|(rank, _)| *rank);
    ways.into_iter().map(|(_, way)| way).take(MOST).collect()
}

fn same_medicine(one: &MedicationRequest, other: &MedicationRequest) -> bool {
    if one.ingredients.is_empty() || other.ingredients.is_empty() {
        return fold(&one.medicine) == fold(&other.medicine);
    }
    one.ingredients.len() == other.ingredients.len()
        && one.ingredients.iter().all(|inn| other.ingredients.contains(inn))
}

/// A line with what it lacks out of another one of the same medicine, and how well its dose fits; `None` when that is taken in
/// another way. How much, how often and how long is taken over only where the other says it of this line too (`whole`).
fn filled(
    request: &MedicationRequest,
    other: &MedicationRequest,
    whole: bool,
) -> Option<(u8, MedicationRequest)> {
    if request.route.is_some() && other.route.is_some() && request.route != other.route {
        return None;
    }
    let mut line = request.clone();
    for field in absent(request) {
        match field {
            Field::Presentation => line.presentation.clone_from(&other.presentation),
            Field::Route => line.route = other.route,
            Field::Dose if whole => line.dose = other.dose,
            Field::Frequency if whole => line.frequency.clone_from(&other.frequency),
            Field::Duration if whole => line.duration_days = other.duration_days,
            _ => {}
        }
    }
    // Tablets that the dose cannot be made of are no presentation of it.
    let rank = match line.presentation.as_deref().filter(|_| line.presentation != request.presentation) {
        Some(words) => fit(line.dose, words)?,
        None => 0,
    };
    Some((rank, line))
}

/// A line with each presentation of the catalogue that its dose can be made of, and how well.
fn of_the_catalogue(request: &MedicationRequest) -> Vec<(u8, MedicationRequest)> {
    let lacks = absent(request);
    let new = request.action != RequestAction::Continue;
    let mut found: Vec<(u8, MedicationRequest)> = Vec::new();
    if new && lacks.contains(&Field::Presentation) {
        for words in presentations(&request.medicine) {
            let Some((rank, route)) = fit(request.dose, &words).zip(route_of(&words, request.route)) else {
                continue;
            };
            let line = MedicationRequest { presentation: Some(words), route, ..request.clone() };
            found.push((rank, line));
        }
    } else if lacks.contains(&Field::Route)
        && let Some(catalogued) = MedicineCatalog::core().find(&request.medicine)
        && let [medicine] = catalogued.medicines.as_slice()
        && let [route] = medicine.routes.as_slice()
    {
        found.push((0, MedicationRequest { route: Route::from_code(route), ..request.clone() }));
    }
    found
}

/// How well a dose is made of a presentation: 0 of one piece, more of several, of parts or of a volume; `None` when it is not.
fn fit(dose: Option<Dose>, presentation: &str) -> Option<u8> {
    let Some(dose) = dose else { return Some(1) };
    let form = Form::read(presentation);
    let injected = form == Some(Form::Injection);
    if measures_ingredient(dose.unit) {
        return measured(dose, presentation, injected);
    }
    let drawn_up = injected && dose.unit == DoseUnit::Milliliter;
    form.is_some_and(|form| form.counts(dose.unit)).then_some(u8::from(drawn_up))
}

/// The same for an amount of the ingredient, by the rules of the quantity to dispense: four doses tell one piece from parts.
fn measured(dose: Dose, presentation: &str, injected: bool) -> Option<u8> {
    let four = MedicationRequest {
        presentation: Some(presentation.to_owned()),
        dose: Some(dose),
        frequency: Some(Frequency::EveryHours(24)),
        duration_days: Some(4),
        ..MedicationRequest::named("", RequestAction::Start)
    };
    match supply(&four) {
        Ok(Supply::Loose { count: 4, of: Measure::Pieces(_) }) => Some(0),
        Ok(Supply::Loose { count: 1..=16, of: Measure::Pieces(_) }) => Some(1),
        Ok(Supply::Packs { of: Measure::Pieces(_), .. }) => Some(1),
        Ok(
            Supply::Loose { of: Measure::Milliliters, .. } | Supply::Packs { of: Measure::Milliliters, .. },
        ) => Some(2),
        // An injection or a cream says how much it has in its own way.
        Err(NoSupply::UnknownStrength) if injected => Some(2),
        _ => None,
    }
}

/// The route of a line in a form: the one it has, where the form can go there; else the one the form leaves no doubt about.
/// `None` when the form does not go where the line says.
fn route_of(presentation: &str, said: Option<Route>) -> Option<Option<Route>> {
    let form = Form::read(presentation)?;
    said.is_none_or(|route| form.goes(route)).then_some(said.or(form.route()))
}

/// What one line says that the other does not, in words.
fn added(before: &MedicationRequest, line: &MedicationRequest) -> String {
    let words = [
        line.presentation.clone().filter(|_| before.presentation != line.presentation),
        line.dose.filter(|_| before.dose.is_none()).map(|dose| dose.to_string()),
        line.route.filter(|_| before.route.is_none()).map(|route| format!("vía {}", route.label())),
        line.frequency.as_ref().filter(|_| before.frequency.is_none()).map(ToString::to_string),
        line.duration_text().filter(|_| before.duration_days.is_none()),
    ];
    words.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
