//! What the physician does to a draft, as a pure step: draft and action in, new draft or refusal out.

use clinical::condition::ConditionCode;
use clinical::draft::{
    AlertDecision, DraftItem, DraftNote, ItemContent, Origin, RecordSource, Review, SectionId,
};
use clinical::ids::{ItemId, UserId};
use clinical::outline::Outline;
use drug_safety::OverrideReason;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::catalogue::Catalogue;
use crate::error::CareError;

/// Longest sentence a draft keeps; longer text belongs in several.
pub const SENTENCE_MAX: usize = 4_000;
/// Most items a draft keeps: far beyond any real note, so that a hostile form cannot fill the disk.
pub const ITEMS_MAX: usize = 600;

/// One step of reviewing a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReviewAction {
    /// Make a proposal part of the note.
    Accept(ItemId),
    /// Strike an item out.
    Discard(ItemId),
    /// Put an item back to where nobody has decided about it; an edited sentence gets its proposal back.
    Restore(ItemId),
    /// Put other words or values in the place of an item.
    Edit {
        /// The item.
        item: ItemId,
        /// What it says now.
        content: ItemContent,
    },
    /// Write something nobody proposed.
    Add {
        /// Where it goes.
        section: SectionId,
        /// What it says.
        content: ItemContent,
    },
    /// Put an item before or after its neighbour in the section.
    Move {
        /// The item.
        item: ItemId,
        /// Towards the end.
        down: bool,
    },
    /// Accept the rest of a section, except what must be accepted one by one.
    AcceptSection(SectionId),
    /// Confirm the ICD-11 code of a diagnosis.
    ConfirmCode {
        /// The diagnosis.
        item: ItemId,
        /// The code, as the catalogue writes it.
        icd11: String,
        /// The CIE-10 code beside it; empty for the one that fits best.
        icd10: String,
    },
    /// Take the code of a diagnosis away.
    ClearCode(ItemId),
    /// Put a doubtful sentence into the draft, as the physician's own.
    AddDoubt {
        /// Position in the list of doubts.
        index: usize,
        /// The words as the physician corrected them.
        text: String,
    },
    /// Put a doubt aside.
    DismissDoubt {
        /// Position in the list of doubts.
        index: usize,
    },
    /// Go on in spite of an alert.
    DecideAlert(AlertAnswer),
    /// Lay the document out with the sections of a specialty, by a template of the physician's own, or as the general one.
    SetTemplate {
        /// The specialty.
        code: Option<String>,
        /// The layout of the template.
        outline: Option<Outline>,
    },
    /// Take a decision about an alert back.
    ReopenAlert {
        /// Stable key of the alert.
        key: String,
    },
}

/// Why a physician goes on in spite of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertAnswer {
    /// Stable key of the alert.
    pub key: String,
    /// Severity word at the time.
    pub severity: String,
    /// Its message at the time.
    pub message: String,
    /// Editions of the facts it came from.
    pub data_version: String,
    /// Coded reason.
    pub reason: OverrideReason,
    /// The physician's words.
    pub text: String,
    /// When what is promised will be looked at.
    pub follow_up: Option<Date>,
}

/// Who acts, when, with which codes, and the identifier a new item would get.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// For the item the action may create.
    pub new_id: ItemId,
    /// The codes that can be confirmed.
    pub catalogue: &'a Catalogue,
}

/// Applies one action. The draft handed in is not changed when the action is refused.
///
/// # Errors
/// [`CareError::NotFound`] for an item that is not there, [`CareError::Invalid`] for empty or over-long text.
pub fn apply(draft: &DraftNote, action: &ReviewAction, step: Step<'_>) -> Result<DraftNote, CareError> {
    let mut next = draft.clone();
    match action {
        ReviewAction::Accept(id) => item_mut(&mut next, *id)?.review = Review::Accepted,
        ReviewAction::Discard(id) => item_mut(&mut next, *id)?.review = Review::Discarded,
        ReviewAction::Restore(id) => restore(item_mut(&mut next, *id)?),
        ReviewAction::Edit { item, content } => edit(item_mut(&mut next, *item)?, content)?,
        ReviewAction::Add { section, content } => add(&mut next, section, content, step)?,
        ReviewAction::Move { item, down } => shift(&mut next, *item, *down)?,
        ReviewAction::AcceptSection(section) => accept_section(&mut next, section),
        ReviewAction::ConfirmCode { item, icd11, icd10 } => {
            set_code(&mut next, *item, Some(step.catalogue.code(icd11, icd10)?))?;
        }
        ReviewAction::ClearCode(item) => set_code(&mut next, *item, None)?,
        ReviewAction::AddDoubt { index, text } => add_doubt(&mut next, *index, text, step)?,
        ReviewAction::DismissDoubt { index } => {
            take_doubt(&mut next, *index)?;
        }
        ReviewAction::DecideAlert(answer) => decide(&mut next, answer, step)?,
        ReviewAction::SetTemplate { code, outline } => {
            set_template(&mut next, code.as_deref(), outline.as_ref())?;
        }
        ReviewAction::ReopenAlert { key } => {
            next.alert_decisions.retain(|decision| &decision.alert_key != key);
        }
    }
    Ok(next)
}

/// Furthest day a promise can be made for.
const FOLLOW_UP_DAYS: i64 = 730;

fn decide(draft: &mut DraftNote, answer: &AlertAnswer, step: Step<'_>) -> Result<(), CareError> {
    let AlertAnswer { key, severity, message, data_version, reason, text, follow_up } = answer;
    let text = text.trim();
    if text.is_empty() && severity == "contraindicada" {
        return Err(CareError::invalid("motivo", "Escriba por qué se indica a pesar de la contraindicación"));
    }
    check_length("motivo", text)?;
    let follow_up = match (reason, follow_up) {
        (OverrideReason::WillMonitor, Some(day)) => Some(check_follow_up(*day, step.at)?),
        (OverrideReason::WillMonitor, None) => {
            return Err(CareError::invalid("fecha", "Escriba qué día se vigilará, por ejemplo 17/03/2026"));
        }
        _ => None,
    };
    draft.alert_decisions.retain(|decision| &decision.alert_key != key);
    draft.alert_decisions.push(AlertDecision {
        alert_key: key.clone(),
        severity: severity.clone(),
        message: message.clone(),
        reason_code: reason.code().to_owned(),
        reason_text: text.to_owned(),
        follow_up,
        data_version: Some(data_version.clone()),
        by: step.by,
        at: step.at,
    });
    Ok(())
}

/// A day that is not over anywhere in Mexico and not years away.
fn check_follow_up(day: Date, at: Timestamp) -> Result<Date, CareError> {
    let now = jiff::tz::Offset::UTC.to_datetime(at - SignedDuration::from_hours(8)).date();
    let latest = now.checked_add(SignedDuration::from_hours(24 * FOLLOW_UP_DAYS)).unwrap_or(now);
    if day < now {
        return Err(CareError::invalid("fecha", "Escriba un día que todavía no haya pasado"));
    }
    if day > latest {
        return Err(CareError::invalid("fecha", "Escriba un día dentro de los próximos dos años"));
    }
    Ok(day)
}

fn item_mut(draft: &mut DraftNote, id: ItemId) -> Result<&mut DraftItem, CareError> {
    draft.items.iter_mut().find(|item| item.id == id).ok_or(CareError::NotFound { what: "la oración" })
}

fn restore(item: &mut DraftItem) {
    if let (Origin::Edited { original }, ItemContent::Statement { text }) = (&item.origin, &mut item.content)
    {
        text.clone_from(original);
        item.origin = Origin::Proposed;
    }
    item.review = if item.origin == Origin::Written { Review::Accepted } else { Review::Pending };
}

fn edit(item: &mut DraftItem, content: &ItemContent) -> Result<(), CareError> {
    let content = checked(content)?;
    if item.content != content {
        if item.origin == Origin::Proposed {
            item.origin = Origin::Edited { original: item.content.text() };
        }
        item.content = content;
    }
    item.review = Review::Accepted;
    Ok(())
}

fn add(
    draft: &mut DraftNote,
    section: &SectionId,
    content: &ItemContent,
    step: Step<'_>,
) -> Result<(), CareError> {
    insert(draft, section, content, step.new_id, None)
}

/// Puts an item after the last one of its section: written by the physician; or, with a source, taken from the record and
/// still to be accepted.
pub(crate) fn insert(
    draft: &mut DraftNote,
    section: &SectionId,
    content: &ItemContent,
    id: ItemId,
    source: Option<RecordSource>,
) -> Result<(), CareError> {
    if draft.items.len() >= ITEMS_MAX {
        return Err(CareError::invalid("texto", "La nota ya tiene demasiadas oraciones"));
    }
    if nom004::definition_of(draft).section(section).is_none() {
        return Err(CareError::NotFound { what: "el apartado" });
    }
    let (origin, review) = match source {
        None => (Origin::Written, Review::Accepted),
        Some(_) => (Origin::Proposed, Review::Pending),
    };
    let item = DraftItem {
        id,
        section: section.clone(),
        content: checked(content)?,
        evidence: Vec::new(),
        source,
        plain: None,
        origin,
        review,
    };
    // A section is read together: the new item goes after the last one of its section.
    let place =
        draft.items.iter().rposition(|other| &other.section == section).map_or(draft.items.len(), |i| i + 1);
    draft.items.insert(place, item);
    Ok(())
}

/// What was written in the sections of the template left behind keeps a place only in the template that has it.
fn set_template(
    draft: &mut DraftNote,
    code: Option<&str>,
    outline: Option<&Outline>,
) -> Result<(), CareError> {
    let known = |code: &str| nom004::templates().iter().any(|t| t.code == code && t.extends(draft.kind));
    if !code.is_none_or(known) {
        return Err(CareError::invalid("plantilla", "Elija una plantilla de la lista"));
    }
    let mut next = draft.clone();
    next.template = code.map(str::to_owned);
    next.outline = outline.cloned();
    let definition = nom004::definition_of(&next);
    if let Some(homeless) = draft.kept().find(|item| definition.section(&item.section).is_none()) {
        let present = nom004::definition_of(draft);
        let label = present.section(&homeless.section).map_or("otro apartado", |s| &s.label);
        let message =
            format!("Quite primero lo escrito en «{label}»: la otra plantilla no tiene ese apartado");
        return Err(CareError::invalid("plantilla", message));
    }
    *draft = next;
    Ok(())
}

/// Changes places with the neighbour in the section; at its end nothing happens.
fn shift(draft: &mut DraftNote, id: ItemId, down: bool) -> Result<(), CareError> {
    let at = draft.items.iter().position(|item| item.id == id);
    let at = at.ok_or(CareError::NotFound { what: "la oración" })?;
    let section = draft.items[at].section.clone();
    let same = |item: &DraftItem| item.section == section;
    let to = match down {
        true => draft.items[at + 1..].iter().position(same).map(|next| at + 1 + next),
        false => draft.items[..at].iter().rposition(same),
    };
    if let Some(to) = to {
        draft.items.swap(at, to);
        if !draft.arranged.contains(&section) {
            draft.arranged.push(section);
        }
    }
    Ok(())
}

fn accept_section(draft: &mut DraftNote, section: &SectionId) {
    for item in &mut draft.items {
        if &item.section == section && item.review == Review::Pending && !item.needs_own_acceptance() {
            item.review = Review::Accepted;
        }
    }
}

fn set_code(draft: &mut DraftNote, id: ItemId, code: Option<ConditionCode>) -> Result<(), CareError> {
    match &mut item_mut(draft, id)?.content {
        ItemContent::Condition(condition) => condition.code = code,
        _ => return Err(CareError::NotFound { what: "el diagnóstico" }),
    }
    Ok(())
}

fn take_doubt(draft: &mut DraftNote, index: usize) -> Result<clinical::draft::Doubt, CareError> {
    if index < draft.doubts.len() {
        Ok(draft.doubts.remove(index))
    } else {
        Err(CareError::NotFound { what: "la duda" })
    }
}

fn add_doubt(draft: &mut DraftNote, index: usize, text: &str, step: Step<'_>) -> Result<(), CareError> {
    let doubt = take_doubt(draft, index)?;
    let content = ItemContent::Statement { text: text.to_owned() };
    add(draft, &doubt.section, &content, step)?;
    let item = item_mut(draft, step.new_id)?;
    item.evidence = doubt.evidence;
    item.origin = Origin::Edited { original: doubt.text };
    Ok(())
}

fn check_length(field: &'static str, text: &str) -> Result<(), CareError> {
    if text.chars().count() > SENTENCE_MAX {
        return Err(CareError::invalid(field, "Escriba 4 000 letras o menos"));
    }
    Ok(())
}

/// The content tidied; empty text is refused.
fn checked(content: &ItemContent) -> Result<ItemContent, CareError> {
    let mut content = content.clone();
    match &mut content {
        ItemContent::Statement { text } => tidy("texto", text, "Escriba la oración")?,
        ItemContent::Condition(condition) => tidy("texto", &mut condition.text, "Escriba el diagnóstico")?,
        ItemContent::MedicationRequest(request) => {
            tidy("medicamento", &mut request.medicine, "Escriba el nombre genérico del medicamento")?;
            crate::prescribing::identify(request);
        }
        ItemContent::Allergy(allergy) => {
            tidy("sustancia", &mut allergy.substance, "Escriba a qué es la alergia")?;
        }
        ItemContent::Row { cells } => {
            for cell in cells.iter_mut() {
                cell.text = cell.text.split_whitespace().collect::<Vec<_>>().join(" ");
                check_length("celda", &cell.text)?;
            }
            cells.retain(|cell| !cell.text.is_empty());
            if cells.is_empty() {
                return Err(CareError::invalid("celda", "Escriba al menos un dato"));
            }
        }
        ItemContent::VitalSign(_) | ItemContent::AllergiesDenied => {}
    }
    Ok(content)
}

fn tidy(field: &'static str, text: &mut String, when_empty: &str) -> Result<(), CareError> {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() {
        return Err(CareError::invalid(field, when_empty));
    }
    check_length(field, &words)?;
    *text = words;
    Ok(())
}

/// Merges a new proposal into a draft: what the physician wrote, changed or accepted stays; the rest is replaced.
#[must_use]
pub fn merge_proposal(old: Option<&DraftNote>, proposed: DraftNote) -> DraftNote {
    let Some(old) = old else { return proposed };
    let decided = |item: &&DraftItem| item.origin != Origin::Proposed || item.review == Review::Accepted;
    let mut kept: Vec<DraftItem> = old.items.iter().filter(decided).cloned().collect();
    for item in &mut kept {
        // The words it pointed to are gone with the old transcript.
        item.evidence.clear();
        if item.origin == Origin::Proposed {
            item.origin = Origin::Edited { original: item.content.text() };
        }
    }
    let said: Vec<String> = kept.iter().map(|item| item.content.text()).collect();
    let mut items: Vec<DraftItem> =
        proposed.items.into_iter().filter(|item| !said.contains(&item.content.text())).collect();
    items.extend(kept);
    DraftNote {
        kind: old.kind,
        template: old.template.clone(),
        outline: old.outline.clone(),
        items,
        doubts: proposed.doubts,
        notices: proposed.notices,
        alert_decisions: old.alert_decisions.clone(),
        manner: proposed.manner,
        // What it proposed went with the conversation it read.
        model: None,
        arranged: old.arranged.clone(),
    }
}

#[cfg(test)]
mod tests;
