//! How a physician likes drafts to be written: learnt at each signature from what they made of the proposals, shown to
//! them alone, turned off or removed by them.
//!
//! Learnt is wording and order, never a fact (`scribe::style` has the rule). A sentence they write again and again
//! becomes one they can put into a note by hand; nothing is written by itself that nobody said. The style of whole notes
//! is chosen, never learnt.

use std::collections::HashSet;

use clinical::audit::AuditAction;
use clinical::document::DocumentKind;
use clinical::draft::{DraftItem, DraftNote, ItemContent, Origin, SectionId};
use clinical::ids::{EncounterId, PractitionerId, PreferenceId};
use clinical::preference::{Habit, Manner, NOTES_TO_FOLLOW, Preference};
use jiff::{SignedDuration, Timestamp};
use nom004::FilledBy;
use scribe::style::{self, Order, Style, Topic, Wording};
use storage::{StorageError, Tx};
use uuid::Uuid;

use crate::Care;
use crate::consultation::{Consultation, read_draft, refuse_signed_kind, stale};
use crate::content::sha256;
use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::setup::Check;

/// Most preferences a person keeps.
const MOST: usize = 300;
/// Shortest sentence, in characters, that is taken for a phrase of theirs.
const PHRASE_MIN: usize = 12;
/// Longest.
const PHRASE_MAX: usize = 300;
/// How long a sentence is counted that was not written again.
const COUNTED: SignedDuration = SignedDuration::from_hours(24 * 180);

impl Care {
    /// The preferences of this person, those seen most often first.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who writes no notes.
    pub async fn preferences(&self, actor: &Actor) -> Result<Vec<Preference>, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin_read(actor).await?;
        Ok(tx.preferences(owner(actor)?).await?)
    }

    /// Keeps a sentence to be put into notes; into any section when none is named.
    ///
    /// # Errors
    /// [`CareError::Invalid`] for an empty sentence or an unknown section.
    pub async fn add_phrase(&self, actor: &Actor, section: &str, text: &str) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut check = Check::new();
        let text = check.text("frase", text, "Escriba la frase");
        if !section.is_empty() && !nom004::section(section).is_some_and(|section| is_free(&section.filled_by))
        {
            check.fail("apartado", "Elija un apartado de la lista");
        }
        let text = check.finish(Some(text))?;
        self.tell(actor, Habit::Phrase { section: SectionId::new(section), text }).await
    }

    /// Keeps words to be written in place of others.
    ///
    /// # Errors
    /// [`CareError::Invalid`] when they do not say the same.
    pub async fn add_wording(&self, actor: &Actor, before: &str, after: &str) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut check = Check::new();
        let before = check.text("antes", before, "Escriba las palabras del borrador").to_lowercase();
        let after = check.text("despues", after, "Escriba sus palabras").to_lowercase();
        let (before, after) = check.finish(Some((before, after)))?;
        if before == after || !style::is_wording(&before, &after) {
            return Err(CareError::invalid(
                "despues",
                "Con esas palabras la oración podría decir otra cosa, así que no se cambian por su cuenta. Escriba dos \
                 maneras de decir lo mismo, por ejemplo «cefalea» y «dolor de cabeza»",
            ));
        }
        self.tell(actor, Habit::Wording { before, after }).await
    }

    /// Has the notes of this person written in a style from now on.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who writes no notes; [`CareError::Invalid`] without a style.
    pub async fn choose_manner(
        &self,
        actor: &Actor,
        manner: impl Into<Option<Manner>>,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let manner = chosen(manner)?;
        let of = owner(actor)?;
        let mut tx = self.begin(actor).await?;
        for other in tx.preferences(of).await?.iter().filter(|kept| matches!(kept.habit, Habit::Manner(_))) {
            tx.remove_preference(of, other.id).await?;
        }
        let told = Preference { by_hand: true, notes: 0, ..seen_now(of, Habit::Manner(manner), self.now()) };
        if !manner.is_complete() {
            tx.add_preference(&told).await?;
        }
        let event = self.event(actor, AuditAction::Update, "preference", told.id, None);
        tx.append_audit(crate::because(event, &format!("estilo: {}", manner.label()))).await?;
        Ok(tx.commit().await?)
    }

    /// The nota de evolución of an invented consultation, as it would be proposed to this person in a style; in their own
    /// when none is named.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who writes no notes.
    pub async fn style_example(&self, actor: &Actor, manner: Option<Manner>) -> Result<DraftNote, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin_read(actor).await?;
        let mut style = style_of(&mut tx, owner(actor)?).await?;
        drop(tx);
        style.manner = manner.unwrap_or(style.manner);
        tokio::task::spawn_blocking(move || {
            let told = scribe::parse::transcript(include_bytes!("example.txt"))?;
            Ok(scribe::draft_in_style(&told, &style).note(nom004::definition(DocumentKind::PROGRESS_NOTE)))
        })
        .await
        .map_err(CareError::internal)?
    }

    /// Writes a draft again in another style. What was accepted, changed, rejected or written by hand stays as it is.
    ///
    /// # Errors
    /// [`CareError::Conflict`] when someone else saved since; [`CareError::NotFound`] when it has no conversation.
    pub async fn rewrite(
        &self,
        actor: &Actor,
        id: EncounterId,
        kind: DocumentKind,
        version: i64,
        manner: impl Into<Option<Manner>>,
    ) -> Result<Consultation, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let manner = chosen(manner)?;
        let mut tx = self.begin(actor).await?;
        let encounter = tx.encounter(id).await?.ok_or(CareError::NotFound { what: "la consulta" })?;
        refuse_signed_kind(&mut tx, &encounter, kind).await?;
        let told = tx.transcript(id).await?.map(|stored| stored.transcript);
        let told = told.filter(|_| nom004::definition(kind).is_of_a_conversation());
        let told = told.ok_or(CareError::NotFound { what: "la conversación de esta nota" })?;
        let saved = tx.draft(id, kind).await?;
        if saved.as_ref().map_or(0, |row| row.version) != version {
            return Err(stale());
        }
        let old = match saved {
            Some(row) => read_draft(&row.content)?,
            None => crate::templates::blank(&mut tx, encounter.practitioner_id, kind).await?,
        };
        let style = Style { manner, ..style_of(&mut tx, encounter.practitioner_id).await? };
        let next = tokio::task::spawn_blocking(move || scribe::rewritten(&told, &style, &old))
            .await
            .map_err(CareError::internal)?;
        self.keep_draft(&mut tx, actor, &encounter, version, &next).await?;
        let view = self.load(&mut tx, actor, id, kind).await?;
        tx.commit().await?;
        Ok(view)
    }

    async fn tell(&self, actor: &Actor, habit: Habit) -> Result<(), CareError> {
        let of = owner(actor)?;
        let mut tx = self.begin(actor).await?;
        if tx.preferences(of).await?.len() >= MOST {
            return Err(CareError::invalid("frase", "Ya tiene 300 preferencias. Quite antes alguna"));
        }
        let told = Preference { by_hand: true, notes: 0, ..seen_now(of, habit, self.now()) };
        tx.add_preference(&told).await?;
        tx.append_audit(self.event(actor, AuditAction::Create, "preference", told.id, None)).await?;
        Ok(tx.commit().await?)
    }

    /// Lets drafts follow a preference, or not.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when this person has no such preference.
    pub async fn enable_preference(
        &self,
        actor: &Actor,
        id: PreferenceId,
        enabled: bool,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let of = owner(actor)?;
        let mut tx = self.begin(actor).await?;
        found(tx.enable_preference(of, id, enabled).await)?;
        let event = self.event(actor, AuditAction::Update, "preference", id, None);
        let why = if enabled { "activada" } else { "desactivada" };
        tx.append_audit(crate::because(event, why)).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets a preference; seen again, it is learnt from the beginning.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when this person has no such preference.
    pub async fn remove_preference(&self, actor: &Actor, id: PreferenceId) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let of = owner(actor)?;
        let mut tx = self.begin(actor).await?;
        found(tx.remove_preference(of, id).await)?;
        let event = self.event(actor, AuditAction::Update, "preference", id, None);
        tx.append_audit(crate::because(event, "quitada")).await?;
        Ok(tx.commit().await?)
    }

    /// Keeps what a signed note has shown.
    pub(crate) async fn learn(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        of: PractitionerId,
        lessons: &Lessons,
    ) -> Result<(), CareError> {
        let now = self.now();
        let kept = tx.preferences(of).await?;
        let mut changed = false;
        for preference in kept.iter().filter(|preference| preference.is_followed()) {
            if lessons.undo(preference) {
                tx.doubt_preference(of, preference.id).await?;
                changed = true;
            }
        }
        let known = |habit: &Habit| kept.iter().find(|preference| preference.habit == *habit);
        let room = MOST.saturating_sub(kept.len());
        for habit in lessons.habits.iter().filter(|habit| !reverses(habit, &kept)) {
            let before = known(habit);
            // What drafts follow already is no news.
            if before.is_some_and(Preference::is_followed) || before.is_none() && room == 0 {
                continue;
            }
            tx.add_preference(&seen_now(of, habit.clone(), now)).await?;
            changed = true;
        }
        changed |= learn_phrases(tx, of, lessons, &kept, now).await?;
        if changed {
            tx.append_audit(self.event(actor, AuditAction::Update, "preference", of, None)).await?;
        }
        Ok(())
    }
}

async fn learn_phrases(
    tx: &mut Tx,
    of: PractitionerId,
    lessons: &Lessons,
    kept: &[Preference],
    now: Timestamp,
) -> Result<bool, CareError> {
    let mut changed = false;
    if !lessons.phrases.is_empty() {
        tx.purge_phrases(now - COUNTED).await?;
    }
    for (section, text) in &lessons.phrases {
        let habit = Habit::Phrase { section: section.clone(), text: text.clone() };
        if kept.iter().any(|preference| preference.habit == habit) {
            tx.add_preference(&seen_now(of, habit, now)).await?;
            changed = true;
            continue;
        }
        let digest = sha256(format!("{section}\n{text}").as_bytes());
        let notes = tx.see_phrase(of, digest, now).await?;
        if notes >= NOTES_TO_FOLLOW && kept.len() < MOST {
            tx.add_preference(&Preference { notes, ..seen_now(of, habit, now) }).await?;
            tx.forget_phrase(of, digest).await?;
            changed = true;
        }
    }
    Ok(changed)
}

pub(crate) fn owner(actor: &Actor) -> Result<PractitionerId, CareError> {
    actor.practitioner_id.ok_or_else(|| CareError::Denied {
        message: "Esta cuenta no es de un profesional: no redacta notas ni tiene preferencias.".to_owned(),
    })
}

fn found(changed: Result<(), StorageError>) -> Result<(), CareError> {
    match changed {
        Err(StorageError::Missing { .. }) => Err(CareError::NotFound { what: "esa preferencia" }),
        other => Ok(other?),
    }
}

fn seen_now(of: PractitionerId, habit: Habit, now: Timestamp) -> Preference {
    Preference {
        id: PreferenceId(Uuid::now_v7()),
        practitioner_id: of,
        habit,
        by_hand: false,
        enabled: true,
        notes: 1,
        since: now,
        last_seen: now,
    }
}

fn chosen(manner: impl Into<Option<Manner>>) -> Result<Manner, CareError> {
    manner.into().ok_or_else(|| CareError::invalid("estilo", "Elija un estilo de la lista"))
}

/// What drafts of a physician follow.
pub(crate) async fn style_of(tx: &mut Tx, of: PractitionerId) -> Result<Style, CareError> {
    let mut style = Style::default();
    for preference in tx.preferences(of).await?.iter().filter(|preference| preference.is_followed()) {
        style.wordings.extend(wording_of(preference));
        style.orders.extend(order_of(preference));
        if let Habit::Manner(manner) = preference.habit {
            style.manner = manner;
        }
    }
    // The most particular words first: "tos con flemas" before "tos".
    style.wordings.sort_by_key(|wording| std::cmp::Reverse(wording.before.split(' ').count()));
    Ok(style)
}

/// The sentences a person may put into a note.
pub(crate) async fn phrases(tx: &mut Tx, actor: &Actor) -> Result<Vec<Preference>, CareError> {
    let Some(of) = actor.practitioner_id else { return Ok(Vec::new()) };
    let mut kept = tx.preferences(of).await?;
    kept.retain(|preference| matches!(preference.habit, Habit::Phrase { .. }) && preference.is_followed());
    Ok(kept)
}

fn wording_of(preference: &Preference) -> Option<Wording> {
    match &preference.habit {
        Habit::Wording { before, after } => Some(Wording { before: before.clone(), after: after.clone() }),
        _ => None,
    }
}

fn order_of(preference: &Preference) -> Option<Order> {
    match &preference.habit {
        Habit::Order { section, first, then } => Some(Order {
            section: section.clone(),
            first: Topic::from_code(first)?,
            then: Topic::from_code(then)?,
        }),
        _ => None,
    }
}

/// Whether a habit only takes back one that is kept: "comenta" for "refiere" and then "refiere" for "comenta".
fn reverses(habit: &Habit, kept: &[Preference]) -> bool {
    let Habit::Wording { before, after } = habit else { return false };
    let turned = Habit::Wording { before: after.clone(), after: before.clone() };
    kept.iter().any(|preference| preference.habit == turned)
}

/// Whether sentences of the physician's own stand in what is filled so.
fn is_free(filled_by: &FilledBy) -> bool {
    matches!(filled_by, FilledBy::Items | FilledBy::Region | FilledBy::Treatment | FilledBy::Rows(_))
}

/// What a note shows of how its physician writes.
#[derive(Debug, Default)]
pub(crate) struct Lessons {
    habits: Vec<Habit>,
    phrases: Vec<(SectionId, String)>,
    /// Sentences that were proposed in preferred words: as composed, and as they were signed.
    reworded: Vec<(String, String)>,
    /// The items of the sections whose order was changed.
    arranged: Vec<(SectionId, Vec<DraftItem>)>,
}

impl Lessons {
    /// Whether the note goes back behind a preference that its draft followed.
    fn undo(&self, preference: &Preference) -> bool {
        if let Some(wording) = wording_of(preference) {
            let turned = Wording { before: wording.after.clone(), after: wording.before.clone() };
            return self.reworded.iter().any(|(plain, signed)| {
                wording.put_into(plain).is_some()
                    && wording.put_into(signed).is_some()
                    && turned.put_into(signed).is_none()
            });
        }
        order_of(preference).is_some_and(|order| {
            let section = self.arranged.iter().find(|(section, _)| *section == order.section);
            section.is_some_and(|(_, items)| order.is_undone_by(&items.iter().collect::<Vec<_>>()))
        })
    }
}

/// What the note about to be signed shows; nothing when somebody else wrote it.
pub(crate) async fn lessons(view: &Consultation) -> Result<Lessons, CareError> {
    if view.sending.is_some() {
        return Ok(Lessons::default());
    }
    let draft = view.draft.clone();
    tokio::task::spawn_blocking(move || read(&draft)).await.map_err(CareError::internal)
}

fn read(draft: &DraftNote) -> Lessons {
    let mut lessons = Lessons::default();
    let mut seen = HashSet::new();
    for item in draft.kept() {
        let ItemContent::Statement { text } = &item.content else { continue };
        match &item.origin {
            Origin::Edited { original } => {
                for wording in style::learn(item.plain.as_ref().unwrap_or(original), text) {
                    let habit = Habit::Wording { before: wording.before, after: wording.after };
                    if seen.insert(habit.clone()) {
                        lessons.habits.push(habit);
                    }
                }
            }
            Origin::Written if is_phrase(draft, item, text) => {
                let phrase = (item.section.clone(), text.clone());
                if !lessons.phrases.contains(&phrase) {
                    lessons.phrases.push(phrase);
                }
            }
            _ => {}
        }
        lessons.reworded.extend(item.plain.as_ref().map(|plain| (plain.clone(), text.clone())));
    }
    for section in &draft.arranged {
        let items: Vec<DraftItem> = draft.section(section).cloned().collect();
        let orders = style::learn_order(section, &items.iter().collect::<Vec<_>>());
        lessons.habits.extend(orders.into_iter().map(|order| Habit::Order {
            section: order.section,
            first: order.first.code().to_owned(),
            then: order.then.code().to_owned(),
        }));
        lessons.arranged.push((section.clone(), items));
    }
    lessons
}

fn is_phrase(draft: &DraftNote, item: &DraftItem, text: &str) -> bool {
    let definition = nom004::definition_of(draft);
    let section = definition.section(&item.section);
    (PHRASE_MIN..=PHRASE_MAX).contains(&text.chars().count())
        && section.is_some_and(|section| is_free(&section.filled_by))
}
