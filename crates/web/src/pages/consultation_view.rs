//! From a consultation as `care` hands it over to what its page shows.

use std::collections::HashSet;

use care::consultation::Consultation;
use care::conversation_sound::ConversationSound;
use care::cosign;
use care::error::FieldError;
use care::{Actor, Permission};
use clinical::calendar::in_words;
use clinical::document::DocumentKind;
use clinical::draft::{Doubt, DraftItem, ItemContent, Origin, Review, SectionId};
use clinical::ids::ItemId;
use clinical::medication::MedicationRequest;
use clinical::transcript::{Evidence, Speaker};
use drug_safety::{AlertKind, Severity};
use nom004::{Field as MedicineField, FilledBy, Obligation, Place as Where, SectionDefinition};

use super::consultation_choices::{model, templates};
use super::consultation_forms::adds;
use super::consultation_queue::concerns;
use super::unsaved::{TRANSCRIPT, add_form, doubt_form, edit_form, offered, recovered};
use super::{patient_bar, shell, sound};
use crate::evidence::segments;
use crate::format;
use crate::ui::count;
use crate::views::consultation::*;
use crate::views::edit::ItemKind;
use crate::views::form::{Field, Posted};
use crate::views::shell::{Extra, PatientBar, Place};

/// Most text of the conversation on one page, in bytes; the rest is on further pages.
const TRANSCRIPT_BYTES: usize = 40_000;
/// Most turns of the conversation on one page.
const TRANSCRIPT_TURNS: usize = 240;
/// Longest part of a single turn that is shown.
const TURN_BYTES: usize = 12_000;
/// Items from which on only the selected one shows its citations, so that the page stays small.
const CITES_UP_TO: usize = 80;

/// What was posted and what is wrong with it.
pub(super) type Refused = (Posted, Vec<FieldError>);

/// What a page shows besides the stored state: an open form, an error, the place to return to.
#[derive(Default)]
pub(super) struct Focus {
    /// The item whose form is open, with what was posted and what is wrong.
    pub(super) editing: Option<(ItemId, Option<Refused>)>,
    /// The section with a form for something new.
    pub(super) adding: Option<(String, ItemKind, Posted, Vec<FieldError>)>,
    /// The section in which one of one's own sentences is chosen.
    pub(super) phrases: String,
    /// An alert whose decision was refused: its key, what was posted and what is wrong.
    pub(super) alert_refused: Option<(String, Refused)>,
    /// The item the keyboard acts on.
    pub(super) selected: Option<ItemId>,
    /// A transcript that could not be read: what was pasted and why.
    pub(super) unread: Option<(String, String)>,
    /// Something to know before going on.
    pub(super) alert: Option<AlertBar>,
    /// Page of the conversation, from 0.
    pub(super) turns_page: usize,
}

/// The word of a document in addresses.
pub(super) fn doc_word(kind: DocumentKind) -> String {
    match kind {
        DocumentKind::CLINICAL_HISTORY => "historia".to_owned(),
        DocumentKind::PROGRESS_NOTE => "nota".to_owned(),
        other => other.code().to_ascii_lowercase(),
    }
}

/// Short mark of an item: joins its sentence with the words it cites.
pub(super) fn mark(id: ItemId) -> String {
    id.0.simple().to_string().split_off(26)
}

/// Place of a section on the page.
pub(super) fn anchor(section: &str) -> String {
    format!("s-{}", section.replace('.', "-"))
}

/// Builds all views of one consultation.
pub(super) struct Builder<'a> {
    pub(super) view: &'a Consultation,
    pub(super) actor: &'a Actor,
    pub(super) focus: Focus,
    pub(super) desk: Desk,
    selected: Option<ItemId>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(view: &'a Consultation, actor: &'a Actor, focus: Focus) -> Self {
        let base = format!("/consultas/{}", view.encounter.id);
        let doc = doc_word(view.kind);
        let desk = Desk {
            page: super::consultation::page_of(view.encounter.id, view.kind),
            base,
            doc,
            title: nom004::title(view.kind).to_owned(),
            hears: nom004::definition(view.kind).is_of_a_conversation(),
            templates: templates(view),
            manner: Some(view.draft.manner).filter(|_| {
                view.transcript.is_some() && nom004::definition(view.kind).is_of_a_conversation()
            }),
            model: model(view),
            version: view.version,
            token: actor.csrf.clone(),
            writes: actor.may(Permission::WriteRecord),
            signed: view.is_signed(),
            request: request(view),
        };
        let open = focus.editing.as_ref().map(|(id, _)| *id);
        let first_pending =
            || view.draft.items.iter().find(|item| item.review == Review::Pending).map(|item| item.id);
        let first = || view.draft.items.first().map(|item| item.id);
        let selected = open.or(focus.selected).or_else(first_pending).or_else(first);
        Self { view, actor, focus, desk, selected }
    }

    /// The whole page.
    pub(super) fn page(mut self) -> ConsultationPage {
        ConsultationPage {
            shell: shell(self.actor, Place::Consultation),
            patient: self.bar(),
            transcript: self.transcript(),
            note: self.note(),
            queue: self.queue(),
            alert: self.told(),
            desk: self.desk,
        }
    }

    /// The parts that change after a step.
    pub(super) fn swap(mut self, said: Option<Said>) -> ConsultationSwap {
        ConsultationSwap {
            note: self.note(),
            queue: self.queue(),
            patient: self.bar(),
            alert: self.told(),
            said,
        }
    }

    /// Whether this person writes it under supervision: it is sent, not signed.
    pub(super) fn sends(&self) -> bool {
        self.actor.practitioner_id == Some(self.view.practitioner.id)
            && self.actor.may(Permission::SendForSignature)
    }

    /// What to know before going on; without anything else, how far it is on its way to the supervisor.
    fn told(&mut self) -> Option<AlertBar> {
        self.focus.alert.take().or_else(|| self.supervision())
    }

    fn supervision(&self) -> Option<AlertBar> {
        let view = self.view;
        let sending = view.sending.as_ref()?;
        let supervises = self.actor.practitioner_id == Some(sending.physician.id);
        let (author, physician) = (view.practitioner.full_name(), sending.physician.full_name());
        let today = format::day(view.frame.signed_at, &view.zone);
        let moment = |at| format::day_and_time(at, &view.zone, today);
        let sent = moment(sending.sent_at);
        let (tone, text, quote) = match &sending.stage {
            cosign::Stage::Waiting if supervises => (
                "warn",
                format!(
                    "Lo elaboró {author} y se lo envió a firma {sent}. Puede corregirlo, devolverlo o firmarlo."
                ),
                None,
            ),
            cosign::Stage::Waiting => (
                "good",
                format!("Enviado a firma a {physician} {sent}. Si se cambia, hay que enviarlo otra vez."),
                None,
            ),
            cosign::Stage::Outdated => (
                "warn",
                format!("El borrador cambió después de enviarlo a {physician}. Hay que enviarlo otra vez."),
                None,
            ),
            cosign::Stage::Returned { comment, at } => {
                ("warn", format!("{physician} lo devolvió {}:", moment(*at)), Some(comment.clone()))
            }
        };
        Some(AlertBar { tone, text, quote })
    }

    fn bar(&self) -> PatientBar {
        let kept = || self.view.draft.kept();
        let accepted = kept().filter(|item| item.review == Review::Accepted).count();
        let extra = Extra::Progress { accepted, total: kept().count() };
        let view = self.view;
        let mut bar =
            patient_bar(self.actor, &view.patient, &view.allergies, view.frame.signed_at, &view.zone, extra);
        bar.facts.truncate(3);
        if !view.encounter.reason.is_empty() {
            bar.facts.push(view.encounter.reason.clone());
        }
        bar
    }

    fn transcript(&self) -> TranscriptView {
        let unread = self.focus.unread.as_ref();
        let mut paste = Field::area("pegado", "O pegue el texto").optional();
        // What was sent and could not be read is newer than what was kept while it was typed.
        let kept = recovered(self.view, TRANSCRIPT).filter(|_| unread.is_none());
        let (posted, when) = kept.unwrap_or_default();
        paste = paste.value(unread.map_or(posted.get("pegado"), |(text, _)| text));
        let replacing = unread.is_some() || !when.is_empty();
        let typing = self.typing(TRANSCRIPT.to_owned(), when);
        let Some(transcript) = &self.view.transcript else {
            return TranscriptView {
                turns: Vec::new(),
                about: String::new(),
                paste,
                typing,
                error: unread.map(|(_, why)| why.clone()),
                silent: false,
                replacing: false,
                pages: Vec::new(),
            };
        };
        let cited: Vec<(String, Evidence)> = self
            .view
            .draft
            .kept()
            .flat_map(|item| item.evidence.iter().map(|evidence| (mark(item.id), *evidence)))
            .collect();
        let mut voices: Vec<Speaker> = transcript.turns.iter().map(|turn| turn.speaker).collect();
        voices.sort_by_key(|speaker| *speaker as u8);
        voices.dedup();
        let chunks = chunks(&transcript.turns.iter().map(|turn| turn.text.len()).collect::<Vec<_>>());
        let here = self.focus.turns_page.min(chunks.len().saturating_sub(1));
        let (from, to) = chunks.get(here).copied().unwrap_or((0, 0));
        let turns =
            transcript.turns.iter().enumerate().skip(from).take(to - from).map(|(i, turn)| TurnView {
                n: i + 1,
                speaker: turn.speaker,
                segments: segments(shown(&turn.text), i, &cited)
                    .into_iter()
                    .map(|segment| (segment.text, segment.cited_by.join(" ")))
                    .collect(),
                cut: turn.text.len() > TURN_BYTES,
                heard: self
                    .view
                    .sound
                    .turn(i)
                    .filter(|_| self.desk.writes)
                    .map(|(id, stretch)| (sound::address(id, &stretch), sound::clock(stretch.start))),
            });
        let words = transcript.word_count();
        TranscriptView {
            turns: turns.collect(),
            about: format!(
                "{}, {}",
                count(voices.len(), "voz", "voces"),
                count(words, "palabra", "palabras")
            ),
            paste,
            typing,
            error: unread.map(|(_, why)| why.clone()),
            silent: self.desk.writes && self.view.sound == ConversationSound::Destroyed,
            replacing,
            pages: self.transcript_pages(&chunks, here),
        }
    }

    fn transcript_pages(&self, chunks: &[(usize, usize)], here: usize) -> Vec<(String, String, bool)> {
        if chunks.len() < 2 {
            return Vec::new();
        }
        // Far more pages than anyone turns by hand: those around this one, the first and the last.
        let near = |i: usize| i == 0 || i + 1 == chunks.len() || i.abs_diff(here) <= 3;
        let shown = chunks.iter().enumerate().filter(|(i, _)| near(*i));
        shown
            .map(|(i, (from, to))| {
                let href = format!("{}?turnos={}#transcripcion", self.desk.page, i + 1);
                (href, format!("Turnos {} a {to}", from + 1), i == here)
            })
            .collect()
    }

    fn note(&mut self) -> NoteView {
        let definition = nom004::definition_of(&self.view.draft);
        let sections = &definition.sections;
        let open = match (&self.focus.editing, &self.focus.adding) {
            (Some((item, _)), _) => Some(edit_form(*item)),
            (None, Some((section, kind, _, _))) => Some(add_form(section, *kind)),
            (None, None) => None,
        };
        let unsaved = match self.desk.writes {
            true => offered(self.view, &self.desk.page, open.as_deref()),
            false => Vec::new(),
        };
        let sections = sections.iter().map(|section| self.section(section)).collect();
        let notices = self.view.draft.notices.iter();
        let notices = notices
            .map(|notice| NoticeView { text: notice.text.clone(), cites: self.cites(&notice.evidence) })
            .collect();
        NoteView { desk: self.desk.clone(), sections, unsaved, notices }
    }

    fn section(&mut self, definition: &SectionDefinition) -> SectionView {
        let id = SectionId::new(&definition.id);
        let items: Vec<&DraftItem> = self.view.draft.items.iter().filter(|item| item.section == id).collect();
        let bulk = items
            .iter()
            .filter(|item| item.review == Review::Pending && !item.needs_own_acceptance())
            .count();
        let gap = self
            .view
            .findings
            .iter()
            .find(|finding| matches!(&finding.place, Where::Section(place) if *place == id));
        let doubts = self.view.draft.doubts.iter().enumerate().filter(|(_, doubt)| doubt.section == id);
        let doubts = doubts.map(|(index, doubt)| self.doubt(index, doubt)).collect();
        SectionView {
            id: definition.id.clone(),
            anchor: anchor(&definition.id),
            title: definition.label.clone(),
            numeral: definition.numeral(),
            gap: gap
                .filter(|_| definition.obligation == Obligation::Required || !items.is_empty())
                .map(|f| f.message.clone()),
            hint: definition.hint.clone(),
            bulk: bulk > 1,
            adds: adds(definition),
            adding: self.adding(definition),
            medicines: definition.filled_by == FilledBy::Treatment,
            has_phrases: self.phrases(&id).next().is_some(),
            phrases: match self.focus.phrases == definition.id {
                true => self.phrases(&id).map(str::to_owned).collect(),
                false => Vec::new(),
            },
            doubts,
            sentences: items.into_iter().map(|item| self.sentence(item)).collect(),
        }
    }

    fn doubt(&self, index: usize, doubt: &Doubt) -> DoubtView {
        let form = doubt_form(doubt);
        let (posted, when) = recovered(self.view, &form).unwrap_or_default();
        let text = posted.filled("texto").unwrap_or(&doubt.text);
        DoubtView {
            index,
            text: doubt.text.clone(),
            reason: doubt.reason.clone(),
            cites: self.cites(&doubt.evidence),
            field: Field::area("texto", "Cómo debe quedar").id(format!("duda-{index}-texto")).value(text),
            typing: self.typing(form, when),
        }
    }

    fn sentence(&self, item: &DraftItem) -> SentenceView {
        let selected = self.selected == Some(item.id);
        let own = self.actor.practitioner_id == Some(self.view.practitioner.id);
        let few = self.view.draft.items.len() <= CITES_UP_TO;
        let editing = self.focus.editing.as_ref().filter(|(id, _)| *id == item.id && !self.desk.signed);
        SentenceView {
            id: item.id.to_string(),
            mark: mark(item.id),
            text: in_words(&item.content.text()).into_owned(),
            stage: match item.review {
                Review::Pending => Stage::Pending,
                Review::Accepted => Stage::Accepted,
                Review::Discarded => Stage::Discarded,
            },
            selected,
            author: match &item.origin {
                Origin::Proposed if item.plain.is_none() => None,
                Origin::Proposed if own => Some(("user-round-pen", "según su preferencia")),
                Origin::Proposed => Some(("user-round-pen", "según la preferencia del médico")),
                Origin::Edited { .. } if own => Some(("pencil", "editada por usted")),
                Origin::Edited { .. } => Some(("pencil", "editada a mano")),
                Origin::Written if own => Some(("pen-line", "escrita por usted")),
                Origin::Written => Some(("pen-line", "escrita a mano")),
            },
            plain: item.plain.clone().filter(|_| item.origin == Origin::Proposed),
            source: item
                .source
                .as_ref()
                .and_then(|source| source.document)
                .map(|document| format!("/documentos/{document}")),
            cites: if few || selected { self.cites(&item.evidence) } else { Vec::new() },
            code: self.code(item),
            medicine: match &item.content {
                ItemContent::MedicationRequest(request) => {
                    Some(self.medicine(item.id, request, item.review == Review::Pending))
                }
                _ => None,
            },
            editing: editing.map(|(_, posted)| self.edit_form(item, posted.as_ref())),
            heard: self
                .view
                .sound
                .stretch(&item.evidence)
                .filter(|_| self.desk.writes)
                .map(|(id, stretch)| sound::address(id, &stretch)),
        }
    }

    fn code(&self, item: &DraftItem) -> Option<(String, bool)> {
        let ItemContent::Condition(condition) = &item.content else { return None };
        if let Some(code) = &condition.code {
            return Some((code.shown(), true));
        }
        let first = self.view.candidates.get(&item.id).and_then(|candidates| candidates.first());
        first.map(|choice| (format!("{} por confirmar", choice.code.icd11), false))
    }

    fn cites(&self, evidence: &[Evidence]) -> Vec<CiteView> {
        let Some(transcript) = &self.view.transcript else { return Vec::new() };
        cites(transcript, evidence)
    }

    fn medicine(&self, id: ItemId, request: &MedicationRequest, pending: bool) -> MedicineView {
        let wanted: HashSet<MedicineField> = self
            .view
            .findings
            .iter()
            .filter_map(|finding| match &finding.place {
                Where::Item { id: place, field: Some(field) } if *place == id && finding.blocks() => {
                    Some(*field)
                }
                _ => None,
            })
            .collect();
        let mut cells = Vec::new();
        let mut cell = |label, value: Option<String>, field| match value {
            Some(value) => cells.push((label, value, true)),
            None if wanted.contains(&field) => cells.push((label, "falta".to_owned(), false)),
            None => {}
        };
        cell("Presentación", request.presentation.clone(), MedicineField::Presentation);
        cell("Dosis", request.dose.map(|dose| dose.to_string()), MedicineField::Dose);
        cell("Vía", request.route.map(|route| route.label().to_owned()), MedicineField::Route);
        cell("Periodicidad", request.frequency.as_ref().map(ToString::to_string), MedicineField::Frequency);
        cell("Duración", request.duration_text(), MedicineField::Duration);
        let quantity = request.to_dispense().map(|quantity| match quantity.computed {
            true => format!("{} (calculada)", quantity.text),
            false => quantity.text,
        });
        cell("Cantidad", quantity, MedicineField::Quantity);
        let told = &request.dispensing;
        cell("Receta especial", told.special_folio.clone(), MedicineField::SpecialFolio);
        if let Some(fraction) = told.fraction {
            cells.push(("Caja", fraction.label().to_owned(), true));
        }
        if let Some(fills) = told.fills {
            let each = if fills > 1 { ", esa cantidad cada una" } else { "" };
            cells.push(("Se surte", count(usize::from(fills), "vez", "veces") + each, true));
        }
        if request.as_needed {
            cells.push(("", "solo si lo necesita".to_owned(), true));
        }
        let name = match &request.brand {
            Some(brand) => format!("{} ({brand})", request.medicine),
            None => request.medicine.clone(),
        };
        let worst = self.view.safety.alerts.iter().find(|alert| concerns(alert, request));
        let worst =
            worst.map(|alert| alert.alert.severity).filter(|severity| *severity <= Severity::Moderada);
        MedicineView {
            action: request.action.label(),
            name,
            cells,
            instructions: request.instructions.clone().unwrap_or_default(),
            severity: worst.map(|severity| (severity.code(), severity.label())),
            twins: if pending { twins(self.view, request) } else { String::new() },
            completing: self.completing(id, &wanted),
        }
    }

    /// What is offered for a line that lacks something; for one that merely goes on, only what is known of it.
    fn completing(&self, id: ItemId, wanted: &HashSet<MedicineField>) -> Option<Vec<(String, String)>> {
        let ways = self.view.completions.get(&id).map(Vec::as_slice).unwrap_or_default();
        let open = self.desk.writes && !self.desk.signed && !(wanted.is_empty() && ways.is_empty());
        open.then(|| ways.iter().map(|way| (way.adds.clone(), way.from.clone())).collect())
    }
}

/// "Se confunde con clonidina y clozapina. Al aceptarlo confirma que es clonazepam."; empty for a name like no other.
fn twins(view: &Consultation, request: &MedicationRequest) -> String {
    let notices = view.safety.notices.iter().filter(|notice| {
        notice.kind == AlertKind::LookAlike && notice.inns.iter().any(|inn| request.ingredients.contains(inn))
    });
    match notices.map(|notice| notice.message.as_str()).next() {
        Some(message) => format!("{message} Al aceptarlo confirma que es {}.", request.medicine),
        None => String::new(),
    }
}

/// The words some evidence points at.
pub(super) fn cites(transcript: &clinical::transcript::Transcript, evidence: &[Evidence]) -> Vec<CiteView> {
    let quoted = evidence.iter().filter_map(|evidence| {
        let turn = transcript.turns.get(evidence.turn)?;
        let quote = transcript.quote(*evidence)?;
        Some(CiteView { speaker: turn.speaker, turn: evidence.turn + 1, quote: quote.to_owned() })
    });
    quoted.collect()
}

/// The request a document answers: address and name.
pub(super) fn request(view: &Consultation) -> Option<(String, String)> {
    let request = view.frame.answers.as_ref()?;
    Some((format!("/documentos/{}", request.id), request.title.clone()))
}

fn shown(text: &str) -> &str {
    let mut end = text.len().min(TURN_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or(text)
}

/// Cuts the conversation into pages: (first turn, one past the last).
fn chunks(lengths: &[usize]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let (mut from, mut bytes) = (0, 0);
    for (i, length) in lengths.iter().enumerate() {
        let length = (*length).min(TURN_BYTES);
        if i > from && (bytes + length > TRANSCRIPT_BYTES || i - from >= TRANSCRIPT_TURNS) {
            found.push((from, i));
            (from, bytes) = (i, 0);
        }
        bytes += length;
    }
    if from < lengths.len() {
        found.push((from, lengths.len()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_conversation_is_cut_into_pages_without_losing_a_turn() {
        for lengths in [vec![], vec![10; 700], vec![9_000_000; 3], vec![30_000, 30_000, 1, 1]] {
            let pages = chunks(&lengths);
            let turns: usize = pages.iter().map(|(from, to)| to - from).sum();
            assert_eq!(turns, lengths.len());
            assert!(pages.windows(2).all(|pair| pair[0].1 == pair[1].0));
        }
        assert_eq!(chunks(&[10; 700]).len(), 3);
    }

    #[test]
    fn a_huge_turn_is_shown_up_to_a_whole_character() {
        let text = "ñ".repeat(TURN_BYTES);
        assert!(shown(&text).len() <= TURN_BYTES && text.starts_with(shown(&text)));
    }
}
