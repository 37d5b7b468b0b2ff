//! The steps of reviewing a draft. Each is a form; each answers the page again or the parts of it that changed.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use care::CareError;
use care::consultation::Consultation;
use care::error::FieldError;
use care::review::ReviewAction;
use clinical::document::DocumentKind;
use clinical::draft::{ItemContent, Origin, SectionId};
use clinical::ids::{EncounterId, ItemId};
use clinical::person::parse_date;
use clinical::preference::Manner;
use drug_safety::OverrideReason;

use super::consultation::{again, encounter_id, kind, page_of};
use super::consultation_choices::{OWN_TEMPLATE, SAME_TEMPLATE};
use super::consultation_forms::for_sentences;
use super::consultation_view::{Builder, Focus, mark};
use super::unsaved::arrived;
use super::{Answer, encode, precise, render, see};
use crate::App;
use crate::outcome::Outcome;
use crate::session::Form;
use crate::views::consultation::{AlertBar, Said};
use crate::views::edit::{ItemKind, read};
use crate::views::form::Posted;

/// Where a step goes: the consultation and which document of it.
pub(super) struct Spot {
    pub(super) id: EncounterId,
    pub(super) kind: DocumentKind,
}

impl Spot {
    pub(super) fn new(id: &str, doc: &str) -> Result<Self, Outcome> {
        Ok(Self { id: encounter_id(id)?, kind: kind(doc)? })
    }

    fn actions(&self) -> String {
        format!("/consultas/{}/{}", self.id, super::consultation_view::doc_word(self.kind))
    }

    fn item_action(&self, item: ItemId, verb: &str) -> String {
        format!("{}/oraciones/{item}/{verb}", self.actions())
    }
}

pub(super) fn item_id(text: &str) -> Result<ItemId, Outcome> {
    text.parse().map_err(|_| Outcome::not_found("la oración"))
}

/// Takes one step and answers.
async fn step(app: &App, form: &Form, spot: &Spot, action: &ReviewAction, after: After) -> Answer {
    match app.care.review(&form.actor, spot.id, spot.kind, form.version(), action).await {
        Ok(mut view) => {
            arrived(app, form, spot.id, spot.kind, &mut view).await;
            done(form, spot, &view, after)
        }
        Err(error) => refused(app, form, spot, error, after.focus).await,
    }
}

/// What to show after a step: what to say, and what stays open when it is refused.
#[derive(Default)]
pub(super) struct After {
    pub(super) said: Option<Said>,
    pub(super) focus: Focus,
    /// The item to return to.
    pub(super) item: Option<ItemId>,
}

pub(super) fn done(form: &Form, spot: &Spot, view: &Consultation, after: After) -> Answer {
    if form.fragment {
        let focus = Focus { selected: after.item, ..Focus::default() };
        return Ok(render(&Builder::new(view, &form.actor, focus).swap(after.said))?);
    }
    let hash = after.item.map(|item| format!("#o-{}", mark(item))).unwrap_or_default();
    Ok(see(&format!("{}{hash}", page_of(spot.id, spot.kind))))
}

pub(super) async fn refused(
    app: &App,
    form: &Form,
    spot: &Spot,
    error: CareError,
    mut focus: Focus,
) -> Answer {
    let status = match &error {
        CareError::Invalid(errors) => {
            set_errors(&mut focus, errors);
            StatusCode::UNPROCESSABLE_ENTITY
        }
        CareError::Conflict { message } => {
            focus.alert = Some(conflict(message, &form.posted));
            StatusCode::CONFLICT
        }
        _ => return Err(form.failed(error)),
    };
    let view =
        app.care.consultation(&form.actor, spot.id, spot.kind).await.map_err(|error| form.failed(error))?;
    if let Some(alert) = &mut focus.alert
        && let Some((name, _)) = &view.last_saved
    {
        alert.text = format!(
            "{name} guardó este borrador mientras usted lo revisaba. Abajo está lo guardado; lo suyo no se perdió."
        );
    }
    let errors = focus.alert.is_none()
        && focus.editing.is_none()
        && focus.adding.is_none()
        && focus.alert_refused.is_none();
    if errors {
        focus.alert = Some(AlertBar { tone: "bad", text: format!("{error}."), quote: None });
    }
    again(&view, &form.actor, focus, status, form.fragment)
}

fn set_errors(focus: &mut Focus, errors: &[FieldError]) {
    if let Some((_, Some((_, open)))) = &mut focus.editing {
        *open = errors.to_vec();
    }
    if let Some((_, _, _, open)) = &mut focus.adding {
        *open = errors.to_vec();
    }
    if let Some((_, (_, open))) = &mut focus.alert_refused {
        *open = errors.to_vec();
    }
}

/// What another person's change means for what this one was about to save.
fn conflict(message: &str, posted: &Posted) -> AlertBar {
    let text = ["texto", "motivo", "medicamento"].into_iter().find_map(|name| posted.filled(name));
    AlertBar { tone: "warn", text: format!("{message}."), quote: text.map(str::to_owned) }
}

fn undo(text: &str, action: String, fields: Vec<(String, String)>) -> Option<Said> {
    Some(Said { text: text.to_owned(), undo: action, fields })
}

type ItemPath = Path<(String, String, String)>;

/// `POST …/oraciones/{item}/aceptar`.
pub(crate) async fn accept(State(app): State<App>, Path((id, doc, item)): ItemPath, form: Form) -> Answer {
    let (spot, item) = (Spot::new(&id, &doc)?, item_id(&item)?);
    let said = undo("Oración aceptada", spot.item_action(item, "recuperar"), Vec::new());
    step(
        &app,
        &form,
        &spot,
        &ReviewAction::Accept(item),
        After { said, item: Some(item), ..After::default() },
    )
    .await
}

/// `POST …/oraciones/{item}/descartar`.
pub(crate) async fn discard(State(app): State<App>, Path((id, doc, item)): ItemPath, form: Form) -> Answer {
    let (spot, item) = (Spot::new(&id, &doc)?, item_id(&item)?);
    let said = undo("Oración descartada", spot.item_action(item, "recuperar"), Vec::new());
    step(
        &app,
        &form,
        &spot,
        &ReviewAction::Discard(item),
        After { said, item: Some(item), ..After::default() },
    )
    .await
}

/// `POST …/oraciones/{item}/recuperar`.
pub(crate) async fn restore(State(app): State<App>, Path((id, doc, item)): ItemPath, form: Form) -> Answer {
    let (spot, item) = (Spot::new(&id, &doc)?, item_id(&item)?);
    step(&app, &form, &spot, &ReviewAction::Restore(item), After { item: Some(item), ..After::default() })
        .await
}

/// `POST …/oraciones/{item}/subir`.
pub(crate) async fn move_up(State(app): State<App>, Path((id, doc, item)): ItemPath, form: Form) -> Answer {
    shift(&app, &form, &Spot::new(&id, &doc)?, item_id(&item)?, false).await
}

/// `POST …/oraciones/{item}/bajar`.
pub(crate) async fn move_down(State(app): State<App>, Path((id, doc, item)): ItemPath, form: Form) -> Answer {
    shift(&app, &form, &Spot::new(&id, &doc)?, item_id(&item)?, true).await
}

async fn shift(app: &App, form: &Form, spot: &Spot, item: ItemId, down: bool) -> Answer {
    let (text, back) =
        if down { ("Oración más abajo", "subir") } else { ("Oración más arriba", "bajar") };
    let said = undo(text, spot.item_action(item, back), Vec::new());
    let after = After { said, item: Some(item), ..After::default() };
    step(app, form, spot, &ReviewAction::Move { item, down }, after).await
}

/// `POST …/oraciones/{item}/editar`.
pub(crate) async fn edit(State(app): State<App>, Path((id, doc, item)): ItemPath, form: Form) -> Answer {
    let (spot, item) = (Spot::new(&id, &doc)?, item_id(&item)?);
    let open =
        |errors| Focus { editing: Some((item, Some((form.posted.clone(), errors)))), ..Focus::default() };
    let kind = ItemKind::from_code(form.posted.get("tipo"));
    let columns = columns_of(form.posted.get("seccion"));
    let content = match read(kind, &form.posted, columns).map(|items| items.into_iter().next()) {
        Ok(Some(content)) => keep_code(&app, &form, &spot, item, content).await?,
        Ok(None) => return Err(Outcome::not_found("la oración")),
        Err(errors) => {
            return refused(&app, &form, &spot, CareError::Invalid(errors), open(Vec::new())).await;
        }
    };
    let action = ReviewAction::Edit { item, content };
    match app.care.review(&form.actor, spot.id, spot.kind, form.version(), &action).await {
        Ok(mut view) => {
            arrived(&app, &form, spot.id, spot.kind, &mut view).await;
            let said = edited(&form, &spot, &view, item);
            done(&form, &spot, &view, After { said, item: Some(item), ..After::default() })
        }
        Err(error) => refused(&app, &form, &spot, error, open(Vec::new())).await,
    }
}

/// What to say of a sentence that was changed. Only the first change of a proposal is taken back to where it was.
fn edited(form: &Form, spot: &Spot, view: &Consultation, item: ItemId) -> Option<Said> {
    let proposed = matches!(view.draft.item(item)?.origin, Origin::Edited { .. });
    if !proposed || form.posted.ticked("editada") {
        return None;
    }
    undo("Oración cambiada", spot.item_action(item, "recuperar"), Vec::new())
}

/// The columns of the rows of a section, whatever template it comes from.
fn columns_of(section: &str) -> &'static [String] {
    nom004::section(section).map_or(&[], |definition| definition.filled_by.columns())
}

/// A diagnosis whose words did not change keeps its confirmed code.
async fn keep_code(
    app: &App,
    form: &Form,
    spot: &Spot,
    item: ItemId,
    content: ItemContent,
) -> Result<ItemContent, Outcome> {
    let ItemContent::Condition(mut condition) = content else { return Ok(content) };
    let view =
        app.care.consultation(&form.actor, spot.id, spot.kind).await.map_err(|error| form.failed(error))?;
    if let Some(ItemContent::Condition(old)) = view.draft.item(item).map(|item| &item.content)
        && old.text.trim_end_matches('.') == condition.text.trim_end_matches('.')
    {
        condition.code.clone_from(&old.code);
    }
    Ok(ItemContent::Condition(condition))
}

/// `POST …/oraciones`: something nobody proposed. Measurements may be several at once.
pub(crate) async fn add(
    State(app): State<App>,
    Path((id, doc)): Path<(String, String)>,
    form: Form,
) -> Answer {
    let spot = Spot::new(&id, &doc)?;
    let section = form.posted.get("seccion").to_owned();
    let kind = ItemKind::from_code(form.posted.get("tipo"));
    let open = || Focus {
        adding: Some((section.clone(), kind, form.posted.clone(), Vec::new())),
        ..Focus::default()
    };
    let items = match read(kind, &form.posted, columns_of(&section)) {
        Ok(items) => items,
        Err(errors) => return refused(&app, &form, &spot, CareError::Invalid(errors), open()).await,
    };
    let mut version = form.version();
    let mut last = None;
    for content in items {
        let action = ReviewAction::Add { section: SectionId::new(&section), content };
        match app.care.review(&form.actor, spot.id, spot.kind, version, &action).await {
            Ok(view) => {
                version = view.version;
                last = Some(view);
            }
            Err(error) => return refused(&app, &form, &spot, error, open()).await,
        }
    }
    let mut view = last.ok_or_else(|| Outcome::not_found("la oración"))?;
    arrived(&app, &form, spot.id, spot.kind, &mut view).await;
    let section = SectionId::new(&section);
    let added = view.draft.section(&section).last().map(|item| item.id);
    let said =
        added.and_then(|item| undo("Agregada a la nota", spot.item_action(item, "descartar"), Vec::new()));
    done(&form, &spot, &view, After { said, item: added, ..After::default() })
}

/// `POST …/secciones/{section}/aceptar`.
pub(crate) async fn accept_section(
    State(app): State<App>,
    Path((id, doc, section)): ItemPath,
    form: Form,
) -> Answer {
    let spot = Spot::new(&id, &doc)?;
    step(&app, &form, &spot, &ReviewAction::AcceptSection(SectionId::new(&section)), After::default()).await
}

/// `POST …/oraciones/{item}/codigo`.
pub(crate) async fn confirm_code(
    State(app): State<App>,
    Path((id, doc, item)): ItemPath,
    form: Form,
) -> Answer {
    let (spot, item) = (Spot::new(&id, &doc)?, item_id(&item)?);
    let icd11 = form.posted.get("codigo").to_owned();
    if form.posted.ticked("precisar") {
        return Ok(see(&format!("{}{}", precise::address(&id, &item.to_string(), &doc), encode(&icd11))));
    }
    // Every code of the form brings its own CIE-10 code.
    let icd10 = form.posted.get(&format!("cie10-{icd11}")).to_owned();
    let with = if icd10.is_empty() { String::new() } else { format!(" con CIE-10 {icd10}") };
    let told = format!("Código {icd11}{with} confirmado");
    let said = undo(&told, spot.item_action(item, "codigo/quitar"), Vec::new());
    let after = After { said, item: Some(item), ..After::default() };
    step(&app, &form, &spot, &ReviewAction::ConfirmCode { item, icd11, icd10 }, after).await
}

/// `POST …/oraciones/{item}/codigo/quitar`.
pub(crate) async fn clear_code(
    State(app): State<App>,
    Path((id, doc, item)): ItemPath,
    form: Form,
) -> Answer {
    let (spot, item) = (Spot::new(&id, &doc)?, item_id(&item)?);
    step(&app, &form, &spot, &ReviewAction::ClearCode(item), After { item: Some(item), ..After::default() })
        .await
}

fn doubt_index(text: &str) -> Result<usize, Outcome> {
    text.parse().map_err(|_| Outcome::not_found("la duda"))
}

/// `POST …/dudas/{n}/agregar`.
pub(crate) async fn add_doubt(State(app): State<App>, Path((id, doc, n)): ItemPath, form: Form) -> Answer {
    let (spot, index) = (Spot::new(&id, &doc)?, doubt_index(&n)?);
    let text = form.posted.get("texto").to_owned();
    step(&app, &form, &spot, &ReviewAction::AddDoubt { index, text }, After::default()).await
}

/// `POST …/dudas/{n}/descartar`.
pub(crate) async fn dismiss_doubt(
    State(app): State<App>,
    Path((id, doc, n)): ItemPath,
    form: Form,
) -> Answer {
    let (spot, index) = (Spot::new(&id, &doc)?, doubt_index(&n)?);
    step(&app, &form, &spot, &ReviewAction::DismissDoubt { index }, After::default()).await
}

/// `POST …/alertas`: going on in spite of an alert, with a reason.
pub(crate) async fn decide_alert(
    State(app): State<App>,
    Path((id, doc)): Path<(String, String)>,
    form: Form,
) -> Answer {
    let spot = Spot::new(&id, &doc)?;
    let key = form.posted.get("clave").to_owned();
    // Severity and words are those of the check, not of the form.
    let view =
        app.care.consultation(&form.actor, spot.id, spot.kind).await.map_err(|error| form.failed(error))?;
    let alert = view
        .safety
        .alerts
        .iter()
        .find(|alert| alert.key == key)
        .ok_or_else(|| Outcome::not_found("esa alerta"))?;
    let refusal = Some((key.clone(), (form.posted.clone(), Vec::new())));
    let focus = Focus { alert_refused: refusal, ..Focus::default() };
    let Some(reason) = OverrideReason::from_code(form.posted.get("motivo_codigo")) else {
        let error = CareError::invalid("motivo_codigo", "Elija un motivo");
        return refused(&app, &form, &spot, error, focus).await;
    };
    let follow_up = match form.posted.filled("fecha").map(parse_date) {
        Some(Err(_)) if reason == OverrideReason::WillMonitor => {
            let error = CareError::invalid("fecha", "Escriba el día como 17/03/2026");
            return refused(&app, &form, &spot, error, focus).await;
        }
        read => read.and_then(Result::ok),
    };
    let action =
        ReviewAction::DecideAlert(view.safety.answer(alert, reason, form.posted.get("motivo"), follow_up));
    let undo_fields = vec![("clave".to_owned(), key)];
    let said = undo("Decisión guardada", format!("{}/alertas/reabrir", spot.actions()), undo_fields);
    step(&app, &form, &spot, &action, After { said, focus, item: None }).await
}

/// `POST …/embarazo`: the answer to whether she is pregnant, as a sentence of the note.
pub(crate) async fn answer_pregnancy(
    State(app): State<App>,
    Path((id, doc)): Path<(String, String)>,
    form: Form,
) -> Answer {
    let spot = Spot::new(&id, &doc)?;
    let view =
        app.care.consultation(&form.actor, spot.id, spot.kind).await.map_err(|error| form.failed(error))?;
    let definition = nom004::definition_of(&view.draft);
    let section = for_sentences(&definition).ok_or_else(|| Outcome::not_found("el apartado"))?;
    let weeks: Option<u8> = form.posted.filled("semanas").and_then(|weeks| weeks.parse().ok());
    let text = match (form.posted.get("respuesta"), weeks.filter(|weeks| (2..=42).contains(weeks))) {
        ("no", _) => "Niega embarazo.".to_owned(),
        ("si", None) => "Embarazo actual, sin semanas precisadas.".to_owned(),
        ("si", Some(weeks)) => format!("Embarazo actual de {weeks} semanas."),
        _ => return Err(Outcome::not_found("esa respuesta")),
    };
    let content = ItemContent::Statement { text };
    let action = ReviewAction::Add { section: SectionId::new(&section.id), content };
    step(&app, &form, &spot, &action, After::default()).await
}

/// `POST …/plantilla`: the sections a specialty adds, or a template of one's own.
pub(crate) async fn set_template(
    State(app): State<App>,
    Path((id, doc)): Path<(String, String)>,
    form: Form,
) -> Answer {
    let spot = Spot::new(&id, &doc)?;
    let chosen = form.posted.filled("plantilla").map(str::to_owned);
    if let Some(own) = chosen.as_deref().and_then(|code| code.strip_prefix(OWN_TEMPLATE)) {
        let own = own.parse().map_err(|_| Outcome::not_found("esa plantilla"))?;
        let used = app.care.use_note_template(&form.actor, spot.id, spot.kind, form.version(), own).await;
        return match used {
            Ok(view) => done(&form, &spot, &view, After::default()),
            Err(error) => refused(&app, &form, &spot, error, Focus::default()).await,
        };
    }
    if chosen.as_deref() == Some(SAME_TEMPLATE) {
        return shown(&app, &form, &spot).await;
    }
    step(&app, &form, &spot, &ReviewAction::SetTemplate { code: chosen, outline: None }, After::default())
        .await
}

/// `POST …/modelo`: the language model is asked; what it proposes comes later.
pub(crate) async fn ask_model(
    State(app): State<App>,
    Path((id, doc)): Path<(String, String)>,
    form: Form,
) -> Answer {
    let spot = Spot::new(&id, &doc)?;
    let asked = app.care.ask_model(&form.actor, spot.id, spot.kind).await;
    asked.map_err(|error| form.failed(error))?;
    shown(&app, &form, &spot).await
}

/// The document as it is, after something that changed nothing of it.
async fn shown(app: &App, form: &Form, spot: &Spot) -> Answer {
    let view = app.care.consultation(&form.actor, spot.id, spot.kind).await;
    done(form, spot, &view.map_err(|error| form.failed(error))?, After::default())
}

/// `POST …/estilo`: the note written again in another style; what the physician decided stays.
pub(crate) async fn rewrite(
    State(app): State<App>,
    Path((id, doc)): Path<(String, String)>,
    form: Form,
) -> Answer {
    let spot = Spot::new(&id, &doc)?;
    let manner = Manner::from_code(form.posted.get("estilo"));
    let before = Manner::from_code(form.posted.get("antes"));
    let said = manner.zip(before).and_then(|(manner, before)| {
        let text = format!("Nota en estilo «{}»", manner.label().to_lowercase());
        undo(&text, format!("{}/estilo", spot.actions()), vec![("estilo".into(), before.code().into())])
    });
    match app.care.rewrite(&form.actor, spot.id, spot.kind, form.version(), manner).await {
        Ok(mut view) => {
            arrived(&app, &form, spot.id, spot.kind, &mut view).await;
            done(&form, &spot, &view, After { said, ..After::default() })
        }
        Err(error) => refused(&app, &form, &spot, error, Focus::default()).await,
    }
}

/// `POST …/alertas/reabrir`.
pub(crate) async fn reopen_alert(
    State(app): State<App>,
    Path((id, doc)): Path<(String, String)>,
    form: Form,
) -> Answer {
    let spot = Spot::new(&id, &doc)?;
    let key = form.posted.get("clave").to_owned();
    step(&app, &form, &spot, &ReviewAction::ReopenAlert { key }, After::default()).await
}

/// `POST …/cancelar`: gives the draft up, with a reason.
pub(crate) async fn cancel(
    State(app): State<App>,
    Path((id, doc)): Path<(String, String)>,
    form: Form,
) -> Answer {
    let spot = Spot::new(&id, &doc)?;
    let reason = form.posted.get("motivo");
    match app.care.cancel_draft(&form.actor, spot.id, spot.kind, form.version(), reason).await {
        Ok(patient) => Ok(see(&format!("/pacientes/{patient}?aviso=borrador-cancelado"))),
        Err(error) => refused(&app, &form, &spot, error, Focus::default()).await,
    }
}

/// `POST /borradores/{id}/recuperar`: takes a draft up again that was given up today.
pub(crate) async fn take_up(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = id.parse().map_err(|_| Outcome::not_found("ese borrador"))?;
    let restored = app.care.restore_draft(&form.actor, id).await;
    let (encounter, kind) = restored.map_err(|error| form.failed(error))?;
    Ok(see(&page_of(encounter, kind)))
}
