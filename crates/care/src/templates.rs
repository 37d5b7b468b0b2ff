//! A physician's own templates of documents: which sections, in which order, and sections of their own. Seen and changed by
//! them alone; what the norm asks for is always there (`nom004::outlined`).

use clinical::audit::AuditAction;
use clinical::document::DocumentKind;
use clinical::draft::{DraftNote, SectionId};
use clinical::ids::{EncounterId, PractitionerId, TemplateId};
use clinical::outline::{NoteTemplate, Outline, OutlineSection};
use nom004::DocumentDefinition;
use storage::{StorageError, Tx};
use uuid::Uuid;

use crate::Care;
use crate::consultation::Consultation;
use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::preferences::{owner, style_of};
use crate::review::ReviewAction;
use crate::setup::Check;

/// Most templates a person keeps.
const MOST: usize = 40;
/// Most sections of their own in one.
const MOST_OWN: usize = 20;
/// Longest name and heading.
const LONGEST: usize = 80;

/// One change of the sections of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutlineChange {
    /// A section changes places with its neighbour.
    Move {
        /// Which.
        section: String,
        /// Towards the end.
        down: bool,
    },
    /// A section is not shown; one of their own is gone.
    Hide(String),
    /// A section of the document is shown again.
    Show(String),
    /// A new section of their own, at the end.
    AddOwn(String),
}

/// A template as its page shows it.
#[derive(Debug, Clone)]
pub struct TemplateView {
    /// The template.
    pub template: NoteTemplate,
    /// What an empty document of it looks like.
    pub shown: DocumentDefinition,
    /// The document without it.
    pub base: &'static DocumentDefinition,
}

impl TemplateView {
    fn of(template: NoteTemplate) -> Self {
        let base = nom004::extended(template.kind, template.base.as_deref());
        Self { shown: nom004::outlined(base, &template.outline, |_| false), base, template }
    }

    /// Whether a section cannot be taken away.
    #[must_use]
    pub fn is_fixed(&self, id: &str) -> bool {
        self.base.sections.iter().any(|one| one.id == id && nom004::always_shown(self.base, one))
    }

    /// The sections of the document that it leaves out.
    pub fn hidden(&self) -> impl Iterator<Item = &'static nom004::SectionDefinition> {
        let shown = |id: &str| self.shown.sections.iter().any(|one| one.id == id);
        self.base.sections.iter().filter(move |one| !shown(&one.id))
    }
}

/// The documents a person may make templates of.
#[must_use]
pub fn documents(actor: &Actor) -> Vec<&'static DocumentDefinition> {
    let all = nom004::definitions().iter();
    all.filter(|definition| definition.is_of_a_conversation() && actor.may_draft(definition)).collect()
}

impl Care {
    /// The templates of this person.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who writes no notes.
    pub async fn note_templates(&self, actor: &Actor) -> Result<Vec<NoteTemplate>, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin_read(actor).await?;
        Ok(tx.note_templates(owner(actor)?).await?)
    }

    /// One of them.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when this person has no such template.
    pub async fn note_template(&self, actor: &Actor, id: TemplateId) -> Result<TemplateView, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin_read(actor).await?;
        Ok(TemplateView::of(find(&mut tx, owner(actor)?, id).await?))
    }

    /// A new template, with every section of its document.
    ///
    /// # Errors
    /// [`CareError::Invalid`] without a name, with one that is taken, or for a document they do not write.
    pub async fn create_note_template(
        &self,
        actor: &Actor,
        kind: Option<DocumentKind>,
        base: Option<&str>,
        name: &str,
    ) -> Result<TemplateId, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut check = Check::new();
        let name = named(&mut check, "nombre", name);
        let kind = kind.filter(|kind| documents(actor).iter().any(|one| one.kind == *kind));
        if kind.is_none() {
            check.fail("documento", "Elija el documento");
        }
        let fits = |code: &str| {
            let mut all = nom004::templates().iter();
            kind.is_some_and(|kind| all.any(|one| one.code == code && one.extends(kind)))
        };
        if !base.is_none_or(fits) {
            check.fail("base", "Elija una especialidad de la lista");
        }
        let (name, kind) = check.finish(kind.map(|kind| (name, kind)))?;
        let of = owner(actor)?;
        let sections = nom004::extended(kind, base).sections.iter();
        let sections =
            sections.map(|one| OutlineSection { id: SectionId::new(&one.id), own_label: None }).collect();
        let template = NoteTemplate {
            id: TemplateId(Uuid::now_v7()),
            practitioner_id: of,
            kind,
            base: base.map(str::to_owned),
            outline: Outline { name, sections },
            is_default: false,
            changed_at: self.now(),
        };
        let mut tx = self.begin(actor).await?;
        if tx.note_templates(of).await?.len() >= MOST {
            return Err(CareError::invalid("nombre", "Ya tiene 40 plantillas. Quite antes alguna"));
        }
        self.keep_template(tx, actor, &template, "creada").await?;
        Ok(template.id)
    }

    /// Gives a template another name.
    ///
    /// # Errors
    /// [`CareError::Invalid`] without a name or with one that is taken; [`CareError::NotFound`].
    pub async fn rename_note_template(
        &self,
        actor: &Actor,
        id: TemplateId,
        name: &str,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut check = Check::new();
        let name = named(&mut check, "nombre", name);
        let name = check.finish(Some(name))?;
        let mut tx = self.begin(actor).await?;
        let mut template = find(&mut tx, owner(actor)?, id).await?;
        template.outline.name = name;
        self.keep_template(tx, actor, &template, "renombrada").await
    }

    /// Has new drafts of its document begin with a template, or no longer.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when this person has no such template.
    pub async fn set_default_template(
        &self,
        actor: &Actor,
        id: TemplateId,
        is_default: bool,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin(actor).await?;
        let template = NoteTemplate { is_default, ..find(&mut tx, owner(actor)?, id).await? };
        let why = if is_default { "predeterminada" } else { "ya no predeterminada" };
        self.keep_template(tx, actor, &template, why).await
    }

    /// Changes the sections of a template. Drafts that follow it already stay as they are.
    ///
    /// # Errors
    /// [`CareError::Invalid`] for a section that must stay or an empty heading; [`CareError::NotFound`].
    pub async fn change_note_template(
        &self,
        actor: &Actor,
        id: TemplateId,
        change: &OutlineChange,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin(actor).await?;
        let view = TemplateView::of(find(&mut tx, owner(actor)?, id).await?);
        let mut template = view.template.clone();
        template.outline.sections = changed(&view, change)?;
        self.keep_template(tx, actor, &template, "cambiada").await
    }

    /// Removes a template; drafts that follow it keep their layout.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when this person has no such template.
    pub async fn remove_note_template(&self, actor: &Actor, id: TemplateId) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let of = owner(actor)?;
        let mut tx = self.begin(actor).await?;
        match tx.remove_note_template(of, id).await {
            Err(StorageError::Missing { .. }) => return Err(CareError::NotFound { what: "esa plantilla" }),
            other => other?,
        }
        let event = self.event(actor, AuditAction::Update, "note_template", id, None);
        tx.append_audit(crate::because(event, "quitada")).await?;
        Ok(tx.commit().await?)
    }

    /// An invented consultation written with a template, in this person's style.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when this person has no such template.
    pub async fn template_example(&self, actor: &Actor, id: TemplateId) -> Result<DraftNote, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let of = owner(actor)?;
        let mut tx = self.begin_read(actor).await?;
        let template = find(&mut tx, of, id).await?;
        let style = style_of(&mut tx, of).await?;
        drop(tx);
        tokio::task::spawn_blocking(move || {
            let told = scribe::parse::transcript(include_bytes!("example.txt"))?;
            let base = nom004::extended(template.kind, template.base.as_deref());
            let note = scribe::draft_in_style(&told, &style).note(base);
            Ok(DraftNote { template: template.base, outline: Some(template.outline), ..note })
        })
        .await
        .map_err(CareError::internal)?
    }

    /// Lays a draft out by one of this person's templates. What it says stays.
    ///
    /// # Errors
    /// [`CareError::Conflict`] when someone else saved since; [`CareError::NotFound`] for a template of another document;
    /// [`CareError::Invalid`] when the draft says something in a section that only its present template has.
    pub async fn use_note_template(
        &self,
        actor: &Actor,
        id: EncounterId,
        kind: DocumentKind,
        version: i64,
        template: TemplateId,
    ) -> Result<Consultation, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin_read(actor).await?;
        let template = find(&mut tx, owner(actor)?, template).await?;
        drop(tx);
        if template.kind != kind {
            return Err(CareError::NotFound { what: "esa plantilla" });
        }
        let action = ReviewAction::SetTemplate { code: template.base, outline: Some(template.outline) };
        self.review(actor, id, kind, version, &action).await
    }

    async fn keep_template(
        &self,
        mut tx: Tx,
        actor: &Actor,
        template: &NoteTemplate,
        why: &str,
    ) -> Result<(), CareError> {
        let template = NoteTemplate { changed_at: self.now(), ..template.clone() };
        match tx.save_note_template(&template).await {
            Err(StorageError::NotUnique { .. }) => {
                return Err(CareError::invalid(
                    "nombre",
                    "Ya tiene una plantilla de ese documento con ese nombre",
                ));
            }
            other => other?,
        }
        let event = self.event(actor, AuditAction::Update, "note_template", template.id, None);
        tx.append_audit(crate::because(event, why)).await?;
        Ok(tx.commit().await?)
    }
}

/// The empty draft of a document as its physician has it laid out.
pub(crate) async fn blank(
    tx: &mut Tx,
    of: PractitionerId,
    kind: DocumentKind,
) -> Result<DraftNote, CareError> {
    let default = tx.note_templates(of).await?.into_iter().find(|one| one.is_default && one.kind == kind);
    let blank = DraftNote::new(kind);
    Ok(match default {
        Some(template) => DraftNote { template: template.base, outline: Some(template.outline), ..blank },
        None => blank,
    })
}

/// The templates of a document that a person may use.
pub(crate) async fn of(
    tx: &mut Tx,
    actor: &Actor,
    kind: DocumentKind,
) -> Result<Vec<NoteTemplate>, CareError> {
    let Some(of) = actor.practitioner_id else { return Ok(Vec::new()) };
    let mut own = tx.note_templates(of).await?;
    own.retain(|template| template.kind == kind);
    Ok(own)
}

fn named(check: &mut Check, field: &'static str, name: &str) -> String {
    let name = check.text(field, name, "Escriba el nombre");
    if name.chars().count() > LONGEST {
        check.fail(field, "Escriba 80 letras o menos");
    }
    name
}

async fn find(tx: &mut Tx, of: PractitionerId, id: TemplateId) -> Result<NoteTemplate, CareError> {
    let found = tx.note_templates(of).await?.into_iter().find(|template| template.id == id);
    found.ok_or(CareError::NotFound { what: "esa plantilla" })
}

/// The sections after a change, all that are shown named, so that their order is kept as it is seen.
fn changed(view: &TemplateView, change: &OutlineChange) -> Result<Vec<OutlineSection>, CareError> {
    let own = |id: &str| {
        let own = view.template.outline.sections.iter().find(|one| one.id.0 == id);
        own.and_then(|one| one.own_label.clone())
    };
    let shown = view.shown.sections.iter();
    let mut next: Vec<OutlineSection> =
        shown.map(|one| OutlineSection { id: SectionId::new(&one.id), own_label: own(&one.id) }).collect();
    let gone = CareError::NotFound { what: "ese apartado" };
    let at = |id: &str| next.iter().position(|one| one.id.0 == id);
    match change {
        OutlineChange::Move { section, down } => {
            let at = at(section).ok_or(gone)?;
            // What the head says has no place among what is written.
            let written = |other: &usize| !view.shown.sections[*other].filled_by.is_in_head();
            let to = match down {
                true => (at + 1..next.len()).find(written),
                false => (0..at).rev().find(written),
            };
            if let Some(to) = to {
                next.swap(at, to);
            }
        }
        OutlineChange::Hide(section) => {
            if view.is_fixed(section) {
                let message = "La norma pide ese apartado: se puede mover, no quitar";
                return Err(CareError::invalid("apartado", message));
            }
            let at = at(section).ok_or(gone)?;
            next.remove(at);
        }
        OutlineChange::Show(section) => {
            let hidden = view.hidden().find(|one| one.id == *section).ok_or(gone)?;
            let before = view.base.sections.iter().take_while(|one| one.id != hidden.id);
            let place = before.filter_map(|one| at(&one.id)).last().map_or(0, |place| place + 1);
            next.insert(place, OutlineSection { id: SectionId::new(section), own_label: None });
        }
        OutlineChange::AddOwn(label) => {
            let mut check = Check::new();
            let label = named(&mut check, "titulo", label);
            if next.iter().filter(|one| one.own_label.is_some()).count() >= MOST_OWN {
                check.fail("titulo", "Ya tiene 20 apartados propios en esta plantilla");
            }
            let label = check.finish(Some(label))?;
            let id = SectionId::new(&format!("propio.{}", Uuid::now_v7().simple()));
            next.push(OutlineSection { id, own_label: Some(label) });
        }
    }
    Ok(next)
}
