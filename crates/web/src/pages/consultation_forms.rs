//! The forms of a consultation: one more item of a section, or a change of one, with what was typed and never sent.

use clinical::draft::{DraftItem, Origin, SectionId};
use clinical::preference::Habit;
use nom004::{FilledBy, SectionDefinition};

use super::consultation_view::{Builder, Refused, anchor, mark};
use super::unsaved::{add_form, edit_form, recovered};
use crate::views::edit::{EditForm, ItemKind, Typing, parts, posted_from};
use crate::views::form::ErrorSummary;

impl Builder<'_> {
    pub(super) fn adding(&mut self, definition: &SectionDefinition) -> Option<EditForm> {
        let (section, kind, posted, errors) =
            self.focus.adding.take_if(|adding| adding.0 == definition.id)?;
        let name = add_form(&section, kind);
        // What was posted and refused is newer than what was kept while it was typed.
        let kept = recovered(self.view, &name).filter(|_| posted.0.is_empty());
        let (posted, when) = kept.unwrap_or((posted, String::new()));
        let parts = parts(kind, nom004::section(&definition.id), &posted, &errors);
        Some(EditForm {
            action: format!("{}/oraciones", self.desk.actions()),
            token: self.desk.token.clone(),
            version: self.desk.version,
            cancel: format!("{}#{}", self.desk.page, anchor(&section)),
            section,
            kind,
            parts,
            errors: ErrorSummary::new(&errors),
            original: None,
            hidden: ("", String::new()),
            typing: self.typing(name, when),
        })
    }

    /// The sentences this person keeps that fit in a section.
    pub(super) fn phrases(&self, section: &SectionId) -> impl Iterator<Item = &str> {
        self.view.phrases.iter().filter_map(move |preference| match &preference.habit {
            Habit::Phrase { section: place, text } if place.0.is_empty() || place == section => {
                Some(text.as_str())
            }
            _ => None,
        })
    }

    pub(super) fn edit_form(&self, item: &DraftItem, posted: Option<&Refused>) -> EditForm {
        let document = nom004::definition_of(&self.view.draft);
        let definition = document.section(&item.section);
        let kind = ItemKind::of(&item.content, definition);
        let name = edit_form(item.id);
        let kept = recovered(self.view, &name).filter(|_| posted.is_none());
        let (stored, when) = kept.unwrap_or_else(|| (posted_from(&item.content, definition), String::new()));
        let none = Vec::new();
        let (fields, errors) = posted.map_or((&stored, &none), |(posted, errors)| (posted, errors));
        let hidden = if kind == ItemKind::Vital {
            ("signo", stored.get("signo").to_owned())
        } else {
            ("", String::new())
        };
        let fields = fields.clone();
        let fields = if kind == ItemKind::Vital { fields.with("signo", &hidden.1) } else { fields };
        EditForm {
            action: format!("{}/oraciones/{}/editar", self.desk.actions(), item.id),
            token: self.desk.token.clone(),
            version: self.desk.version,
            section: item.section.to_string(),
            kind,
            parts: parts(kind, nom004::section(&item.section.0), &fields, errors),
            errors: ErrorSummary::new(errors),
            original: match &item.origin {
                Origin::Edited { original } => Some(original.clone()),
                _ => None,
            },
            cancel: format!("{}#o-{}", self.desk.page, mark(item.id)),
            hidden,
            typing: self.typing(name, when),
        }
    }

    pub(super) fn typing(&self, form: String, recovered: String) -> Typing {
        Typing { address: format!("{}/sin-guardar", self.desk.actions()), form, recovered }
    }
}

/// The first section of a document in which a sentence about the patient can be written.
pub(super) fn for_sentences(definition: &nom004::DocumentDefinition) -> Option<&SectionDefinition> {
    let plain = |section: &&SectionDefinition| {
        adds(section).iter().map(|(kind, _)| *kind).eq([ItemKind::Statement.code()])
    };
    definition.sections.iter().find(plain)
}

/// What can be written in a section: the forms that fill it.
pub(super) fn adds(definition: &SectionDefinition) -> Vec<(&'static str, &'static str)> {
    let one = |kind: ItemKind, words| vec![(kind.code(), words)];
    match &definition.filled_by {
        filled if filled.is_in_head() => Vec::new(),
        FilledBy::Measurements(_) => one(ItemKind::Vitals, "Escribir mediciones"),
        FilledBy::Diagnoses => one(ItemKind::Condition, "Agregar diagnóstico"),
        FilledBy::Treatment => vec![
            (ItemKind::Statement.code(), "Agregar indicación"),
            (ItemKind::Medicine.code(), "Agregar medicamento"),
        ],
        FilledBy::Choice(_) => one(ItemKind::Choice, "Elegir"),
        FilledBy::Date => one(ItemKind::Date, "Escribir la fecha"),
        FilledBy::DateTime => one(ItemKind::DateTime, "Escribir fecha y hora"),
        FilledBy::Rows(_) => {
            vec![(ItemKind::Row.code(), "Agregar fila"), (ItemKind::Statement.code(), "Agregar oración")]
        }
        FilledBy::Signers(_) => one(ItemKind::Row, "Agregar persona"),
        _ if definition.asks_allergies => vec![
            (ItemKind::Statement.code(), "Agregar oración"),
            (ItemKind::Allergy.code(), "Agregar alergia"),
        ],
        _ => one(ItemKind::Statement, "Agregar oración"),
    }
}
