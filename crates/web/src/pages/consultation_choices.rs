//! What can be chosen for a whole document: its template, and whether the language model proposes for it too.

use care::consultation::Consultation;
use care::model::ModelState;

use crate::ui::count;
use crate::views::consultation::ModelView;

/// What the language model does, where there is one and it may be asked.
pub(super) fn model(view: &Consultation) -> ModelView {
    let asks = view.transcript.is_some() && nom004::definition(view.kind).is_of_a_conversation();
    let share = view.draft.model.as_ref().map(|share| {
        let added = count(share.added, "oración más", "oraciones más");
        let refused = count(share.refused, "oración descartada", "oraciones descartadas");
        format!(
            "El modelo de lenguaje {} propuso {added}; {refused} porque lo dicho no las sostiene. Modelo, SHA-256 {}; \
             instrucciones, SHA-256 {}.",
            share.name, share.model_digest, share.prompt_digest
        )
    });
    ModelView {
        ready: asks && matches!(view.model, ModelState::Ready | ModelState::Failed(_)),
        writing: view.model == ModelState::Writing,
        failed: match &view.model {
            ModelState::Failed(why) => Some(why.clone()),
            _ => None,
        },
        share,
    }
}

/// What stands before the id of a template of one's own.
pub(super) const OWN_TEMPLATE: &str = "propia:";
/// The template that a draft has and nobody offers any more.
pub(super) const SAME_TEMPLATE: &str = "igual";

/// The templates a draft may use: those of specialties, and those of who looks at it.
pub(super) fn templates(view: &Consultation) -> Vec<(String, String, bool)> {
    let draft = &view.draft;
    let fitting = nom004::templates().iter().filter(|template| template.extends(draft.kind));
    let used = |code: &str| draft.outline.is_none() && draft.template.as_deref() == Some(code);
    let mut offered: Vec<(String, String, bool)> =
        fitting.map(|t| (t.code.clone(), t.title.clone(), used(&t.code))).collect();
    let name = draft.outline.as_ref().map(|outline| outline.name.as_str());
    offered.extend(view.templates.iter().map(|own| {
        let words = format!("{} (suya)", own.outline.name);
        (format!("{OWN_TEMPLATE}{}", own.id), words, name == Some(own.outline.name.as_str()))
    }));
    if let Some(name) = name.filter(|_| !offered.iter().any(|(_, _, used)| *used)) {
        offered.push((SAME_TEMPLATE.to_owned(), format!("{name} (la de este borrador)"), true));
    }
    offered
}
