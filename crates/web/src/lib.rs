//! The pages: Spanish, server-rendered, complete without scripts.
//!
//! In: HTTPS requests. Out: HTML, PDF and the embedded front-end files. A handler reads input, calls one `care`
//! function and renders. It decides nothing about medicine, permission or storage.

mod assets;
pub mod evidence;
pub mod format;
mod handler;
pub mod labels;
mod outcome;
mod pages;
mod qr;
mod security;
mod server;
mod session;
mod ui;
mod upload;
pub mod views;
mod webhook;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use care::Care;

use crate::handler::{get, post};

pub use server::{ServeError, Server, serve};
pub use webhook::{Webhook, serve_webhook, webhook_router};

/// Most bytes of a form without a file: far above any real one.
const FORM_LIMIT: usize = 1024 * 1024;

/// What every handler has at hand.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) care: Care,
    /// Who checks files without an account, and how often.
    pub(crate) turnstile: Arc<pages::checking::Turnstile>,
    /// Who tries links for phones, and how often.
    pub(crate) links: Arc<pages::checking::Turnstile>,
}

/// All pages over a practice, for the server and for tests.
pub fn router(care: Care) -> Router {
    let app = App { care, turnstile: Arc::default(), links: Arc::default() };
    Router::new()
        .route("/", get(pages::access::home))
        .route("/primer-inicio", get(pages::access::setup).merge(post(pages::access::set_up)))
        .merge(account_routes())
        .route("/salir", post(pages::access::sign_out))
        .route("/hoy", get(pages::today::today))
        .route("/consultas", get(pages::today::open_consultations))
        .merge(agenda_routes())
        .route("/citas/{id}/llegada", post(pages::today::arrived))
        .route("/citas/{id}/iniciar", post(pages::today::start))
        .route("/bitacora", get(pages::audit::log))
        .route("/bitacora/exportar", get(pages::audit::export_form).merge(post(pages::audit::export)))
        .route("/bitacora/paciente/{id}", get(pages::audit::access_list))
        .route("/bitacora/aperturas", get(pages::private::openings))
        .route("/bitacora/aperturas/{opening}", post(pages::private::review))
        .route("/buscar", get(pages::search::page).merge(post(pages::search::search)))
        .route("/cumplimiento", get(pages::compliance::professionals))
        .merge(board_routes())
        .merge(message_routes())
        .merge(private_routes())
        .merge(record_routes())
        .merge(keeping_routes())
        .merge(result_routes())
        .merge(consultation_routes())
        .merge(recording_routes())
        .merge(phone_routes())
        .route("/verificar", get(pages::checking::page))
        .route(
            "/verificar",
            post(pages::checking::check).layer(DefaultBodyLimit::max(pages::checking::UPLOAD_LIMIT)),
        )
        .route("/verificador.html", get(pages::checking::verifier))
        .route("/recursos/{file}", get(assets::serve))
        .route("/salud", get(pages::access::health))
        .fallback(pages::not_found)
        .layer(DefaultBodyLimit::max(FORM_LIMIT))
        .layer(middleware::from_fn(security::refuse_foreign_posts))
        .layer(middleware::from_fn(security::refuse_broken_addresses))
        .layer(middleware::from_fn(security::headers))
        .with_state(app)
}

fn account_routes() -> Router<App> {
    use pages::{accounts, establishment, own_account as own, preferences, releases, sign_in, templates};
    Router::new()
        .route("/entrar", get(sign_in::sign_in_page).merge(post(sign_in::sign_in)))
        .route("/entrar/paso", get(sign_in::step))
        .route("/entrar/codigo", post(sign_in::prove))
        .route("/entrar/llave", post(sign_in::prove_passkey))
        .route("/entrar/contrasena", post(sign_in::replace_password))
        .route("/entrar/configurar", post(sign_in::enrol))
        .route("/cuenta", get(own::own))
        .route("/cuenta/factores", post(own::begin_app))
        .route("/cuenta/factores/confirmar", post(own::confirm_app))
        .route("/cuenta/factores/{factor}/quitar", post(own::remove_factor))
        .route("/cuenta/llaves", post(own::begin_passkey))
        .route("/cuenta/llaves/confirmar", post(own::confirm_passkey))
        .route("/cuenta/codigos", post(own::renew_codes))
        .route("/cuenta/sesiones/cerrar", post(own::close_sessions))
        .route("/cuenta/efirma/quitar", post(own::forget_efirma))
        .route("/cuenta/contrasena", post(own::change_password))
        .route(
            "/cuenta/voz",
            get(pages::voice::page)
                .merge(post(pages::voice::enrol))
                .layer(DefaultBodyLimit::max(pages::voice::UPLOAD_LIMIT)),
        )
        .route("/cuenta/voz/borrar", post(pages::voice::forget))
        .route("/cuenta/preferencias", get(preferences::list))
        .route("/cuenta/preferencias/estilo", post(preferences::choose_style))
        .route("/cuenta/preferencias/palabras", post(preferences::add_wording))
        .route("/cuenta/preferencias/frases", post(preferences::add_phrase))
        .route("/cuenta/preferencias/{preference}/activar", post(preferences::enable))
        .route("/cuenta/preferencias/{preference}/quitar", post(preferences::remove))
        .route("/cuenta/preferencias/favoritos/{kept}/quitar", post(pages::prescriptions::remove_kept))
        .route("/cuenta/plantillas", get(templates::list).merge(post(templates::create)))
        .route("/cuenta/plantillas/{template}", get(templates::one))
        .route("/cuenta/plantillas/{template}/nombre", post(templates::rename))
        .route("/cuenta/plantillas/{template}/apartados", post(templates::change))
        .route("/cuenta/plantillas/{template}/inicio", post(templates::set_default))
        .route("/cuenta/plantillas/{template}/quitar", post(templates::remove))
        .route("/cuentas", get(accounts::list))
        .route("/cuentas/nueva", get(accounts::new_form).merge(post(accounts::add)))
        .route("/cuentas/acceso", get(accounts::policy).merge(post(accounts::set_policy)))
        .route("/establecimiento", get(establishment::page).merge(post(establishment::change)))
        .route("/establecimiento/logotipo", get(establishment::logo))
        .route(
            "/establecimiento/logotipo",
            post(establishment::set_logo).layer(DefaultBodyLimit::max(establishment::UPLOAD_LIMIT)),
        )
        .route("/establecimiento/logotipo/quitar", post(establishment::remove_logo))
        .route("/establecimiento/grabaciones", post(establishment::set_sound_rule))
        .route("/cie11", get(releases::list))
        .route("/cie11", post(releases::import).layer(DefaultBodyLimit::max(releases::UPLOAD_LIMIT)))
        .route("/cie11/usar", post(releases::choose))
        .route("/cuentas/{user}", get(accounts::edit).merge(post(accounts::change)))
        .route("/cuentas/{user}/contrasena", post(accounts::set_password))
        .route("/cuentas/{user}/factores/quitar", post(accounts::reset_factors))
        .route("/cuentas/{user}/sesiones/cerrar", post(accounts::close_sessions))
}

fn board_routes() -> Router<App> {
    use pages::boards as page;
    Router::new()
        .route("/tableros", get(page::practice))
        .route("/tableros/capitulo", get(page::chapter))
        .route("/tableros/pacientes", get(page::patients))
        .route("/tableros/calidad", get(page::oddities))
        .route("/tableros/lista", get(pages::boards_list::page))
        .route("/tableros/preguntas", get(pages::questions::page))
        .route("/tableros/preguntas/guardadas", post(pages::questions::keep))
        .route(
            "/tableros/preguntas/pacientes.csv",
            get(pages::questions::export_form).merge(post(pages::questions::export)),
        )
        .route("/tableros/preguntas/{question}/nombre", post(pages::questions::rename))
        .route("/tableros/preguntas/{question}/quitar", post(pages::questions::remove))
        .route("/tableros/epidemiologia", get(pages::surveillance::week))
        .route("/tableros/epidemiologia/suive.csv", get(pages::surveillance::export))
        .route("/tableros/epidemiologia/{document}/aviso", post(pages::surveillance::told))
        .route("/tableros/informes", get(pages::reports::page).merge(post(pages::reports::save)))
        .route("/tableros/informes/hacer", post(pages::reports::make))
        .route("/tableros/informes/vista", get(pages::reports::preview))
        .route("/tableros/informes/{report}", get(pages::reports::file))
        .route("/tableros/informes/{report}/reenviar", post(pages::reports::again))
}

fn message_routes() -> Router<App> {
    use pages::messages as page;
    Router::new()
        .route("/mensajes", get(page::desk))
        .route("/mensajes/conversaciones/{conversation}", post(page::conversation_done))
        .route("/mensajes/avisos/{message}", post(page::said_by_telephone))
        .route("/mensajes/ajustes", get(page::office).merge(post(page::save)))
        .route("/mensajes/alarmas", post(page::mended))
}

fn private_routes() -> Router<App> {
    use pages::private as page;
    Router::new()
        .route("/grupos", get(page::groups).merge(post(page::add_group)))
        .route("/grupos/{group}/quitar", post(page::remove_group))
        .route("/grupos/{group}/miembros", post(page::add_member))
        .route("/grupos/{group}/miembros/{user}/quitar", post(page::remove_member))
        .route("/grupos/{group}/expedientes", post(page::add_record))
        .route("/grupos/{group}/expedientes/{patient}/quitar", post(page::remove_record))
        .route("/expediente-privado", get(page::find_form).merge(post(page::find)))
        .route("/expediente-privado/abrir", post(page::open))
}

fn record_routes() -> Router<App> {
    Router::new()
        .route("/pacientes", get(pages::patients::list))
        .route("/pacientes/nuevo", get(pages::patients::new_form).merge(post(pages::patients::register)))
        .route("/pacientes/importar", get(pages::transfer::import_form))
        .route(
            "/pacientes/importar",
            post(pages::transfer::import).layer(DefaultBodyLimit::max(pages::transfer::UPLOAD_LIMIT)),
        )
        .route("/pacientes/{id}", get(pages::chart::chart))
        .route(
            "/pacientes/{id}/exportar",
            get(pages::transfer::export_form).merge(post(pages::transfer::export)),
        )
        .route("/documentos/externos/{id}", get(pages::transfer::external))
        .route("/documentos/externos/{id}/pdf", get(pages::transfer::external_pdf))
        .route(
            "/pacientes/{id}/editar",
            get(pages::patients::edit_form).merge(post(pages::patients::correct)),
        )
        .route("/pacientes/{id}/identidad", get(pages::identity::page))
        .route(
            "/pacientes/{id}/consentimientos",
            get(pages::consents::page).merge(post(pages::consents::record)),
        )
        .route(
            "/aviso-de-privacidad",
            get(pages::consents::notice_page).merge(post(pages::consents::publish)),
        )
        .route("/pacientes/{id}/representantes", post(pages::identity::add_representative))
        .route("/pacientes/{id}/representantes/{entry}/quitar", post(pages::identity::close_representative))
        .route("/pacientes/{id}/unir", get(pages::identity::plan).merge(post(pages::identity::merge)))
        .route("/pacientes/{id}/uniones/{merge}/separar", post(pages::identity::undo))
        .route("/pacientes/{id}/consultas", post(pages::chart::start_visit))
        .route(
            "/pacientes/{id}/documentos/nuevo",
            get(pages::new_document::choose).merge(post(pages::new_document::start)),
        )
        .route("/pacientes/{id}/estancia", post(pages::chart::end_stay))
        .route("/pacientes/{id}/vigilancias/{follow_up}/hecha", post(pages::chart::end_follow_up))
        .route("/pacientes/{id}/alergias", post(pages::chart::add_allergy))
        .route("/pacientes/{id}/alergias/negadas", post(pages::chart::deny_allergies))
        .route("/pacientes/{id}/problemas", post(pages::chart::add_problem))
        .route("/pacientes/{id}/medicamentos", post(pages::chart::add_medication))
        .route("/pacientes/{id}/resumen/{kind}/{entry}/cerrar", post(pages::chart::close_entry))
        .route("/pacientes/{id}/archivos", get(pages::attachments::list))
        .route(
            "/pacientes/{id}/archivos",
            post(pages::attachments::add).layer(DefaultBodyLimit::max(pages::attachments::UPLOAD_LIMIT)),
        )
        .route("/archivos/{id}", get(pages::attachments::show))
        .route("/archivos/{id}/contenido", get(pages::attachments::content))
        .route("/archivos/{id}/retirar", post(pages::attachments::withdraw))
        .route("/pacientes/{id}/cumplimiento", get(pages::compliance::record))
        .route("/documentos", get(pages::documents::list))
        .route("/documentos/{id}", get(pages::documents::document))
        .route("/documentos/{id}/impresiones", post(pages::documents::print))
        .route("/documentos/{id}/impresiones/{n}", get(pages::documents::printed))
        .route("/documentos/{id}/cancelar", post(pages::prescriptions::cancel))
        .route("/documentos/{id}/hoja", get(pages::prescriptions::sheet))
        .route("/documentos/{id}/responder", post(pages::documents::answer))
        .route("/documentos/{id}/efirma", get(pages::efirma::page).merge(post(pages::efirma::begin)))
        .route("/documentos/{id}/efirma/respuesta", post(pages::efirma::answer))
        .route(
            "/documentos/{id}/adenda",
            get(pages::documents::addendum_form).merge(post(pages::documents::add_addendum)),
        )
        .route("/documentos/{id}/adenda/sin-guardar", post(pages::unsaved::keep_addendum))
        .route("/documentos/{id}/adenda/sin-guardar/descartar", post(pages::unsaved::discard_addendum))
}

fn keeping_routes() -> Router<App> {
    use pages::{arco, blocks, deliveries, retention};
    Router::new()
        .route("/pacientes/{id}/entregas", get(deliveries::list).merge(post(deliveries::add)))
        .route("/pacientes/{id}/entregas/lista", get(deliveries::log))
        .route("/entregas/{id}/acuse", get(deliveries::receipt))
        .route("/entregas/{id}/anular", post(deliveries::void))
        .route("/pacientes/{id}/conservacion", get(retention::record))
        .route("/pacientes/{id}/conservacion/retencion", post(retention::hold))
        .route("/pacientes/{id}/conservacion/archivo", post(retention::archive))
        .route("/pacientes/{id}/conservacion/regreso", post(retention::bring_back))
        .route("/pacientes/{id}/conservacion/supresion", post(retention::ask_deletion))
        .route("/pacientes/{id}/conservacion/bloqueo", post(blocks::block))
        .route("/bloqueos/{id}/levantar", post(blocks::lift))
        .route("/bloqueos/{id}/abrir", post(blocks::open))
        .route("/retenciones/{id}/levantar", post(retention::lift))
        .route("/conservacion", get(retention::practice).merge(post(retention::set_years)))
        .route("/derechos", get(arco::list))
        .route("/derechos/nueva", get(arco::new_form).merge(post(arco::receive)))
        .route("/derechos/calendario", get(arco::calendar).merge(post(arco::mark_day)))
        .route("/derechos/calendario/quitar", post(arco::unmark_day))
        .route("/derechos/{id}", get(arco::show).merge(post(arco::step)))
        .route("/derechos/{id}/acuse", get(arco::acknowledgement))
        .route("/derechos/{id}/respuesta", get(arco::answer))
}

fn agenda_routes() -> Router<App> {
    use pages::{agenda, agenda_days, agenda_setup as setup, booking, calendars};
    Router::new()
        .route("/agenda", get(agenda_days::agenda))
        .route("/agenda/nueva", get(booking::page))
        .route("/citas", post(booking::book))
        .route("/agenda/calendario", get(calendars::page).merge(post(calendars::share)))
        .route(
            "/agenda/calendario/importar",
            post(calendars::import).layer(DefaultBodyLimit::max(calendars::UPLOAD_LIMIT)),
        )
        .route("/agenda/calendario/olvidar", post(calendars::forget))
        .route("/calendario/{secret}", get(calendars::feed))
        .route("/agenda/espera", get(agenda::waiting_list))
        .route("/agenda/espera/quitar", post(agenda::leave_list))
        .route("/agenda/horarios", get(setup::page).merge(post(setup::add_shift)))
        .route("/agenda/horarios/quitar", post(setup::remove_shift))
        .route("/agenda/ausencias", post(setup::add_closure))
        .route("/agenda/ausencias/quitar", post(setup::remove_closure))
        .route("/agenda/servicios", post(setup::save_service))
        .route("/agenda/consultorios", post(setup::save_room))
        .route("/citas/{id}", get(agenda::visit))
        .route("/citas/{id}/paso", post(agenda::step))
        .route("/citas/{id}/cancelar", post(agenda::cancel))
        .route("/citas/{id}/mover", post(agenda::reschedule))
}

fn result_routes() -> Router<App> {
    use pages::laboratory as page;
    Router::new()
        .route("/pacientes/{id}/curso", get(pages::course::page))
        .route("/pacientes/{id}/curso/hecho", post(pages::gaps::done))
        .route("/pacientes/{id}/curso/hecho/{entry}/quitar", post(pages::gaps::withdraw))
        .route("/tableros/pendientes", get(pages::gaps::page))
        .route("/pacientes/{id}/resultados", get(page::list))
        .route("/pacientes/{id}/resultados/nuevo", get(page::new_form).merge(post(page::add)))
        .route("/pacientes/{id}/resultados/subir", get(page::upload_form))
        .route(
            "/pacientes/{id}/resultados/subir",
            post(page::preview).layer(DefaultBodyLimit::max(page::UPLOAD_LIMIT)),
        )
        .route("/pacientes/{id}/resultados/guardar", post(page::import))
        .route("/resultados/{id}", get(page::show))
        .route("/resultados/{id}/corregir", post(page::correct))
        .route("/resultados/{id}/retirar", post(page::withdraw))
}

fn consultation_routes() -> Router<App> {
    use pages::{coding, consultation as page, prescriptions, review, signing};
    Router::new()
        .route("/consultas/{id}", get(page::note))
        .route("/consultas/{id}/cie", get(coding::search))
        .route("/consultas/{id}/cie/favorito", post(coding::keep))
        .route("/consultas/{id}/cie/precisar", get(pages::precise::page))
        .route(
            "/consultas/{id}/transcripcion",
            get(page::bring).merge(post(page::attach)).layer(DefaultBodyLimit::max(page::UPLOAD_LIMIT)),
        )
        .route("/consultas/{id}/{doc}", get(page::other_document))
        .route("/consultas/{id}/{doc}/plantilla", post(review::set_template))
        .route("/consultas/{id}/{doc}/estilo", post(review::rewrite))
        .route("/consultas/{id}/{doc}/modelo", post(review::ask_model))
        .route("/consultas/{id}/{doc}/renglon", post(prescriptions::line))
        .route("/consultas/{id}/{doc}/renglon/nombres", post(prescriptions::names))
        .route("/consultas/{id}/{doc}/receta", get(prescriptions::offers))
        .route("/consultas/{id}/{doc}/receta/favorito", post(prescriptions::use_kept))
        .route("/consultas/{id}/{doc}/receta/renovar", post(prescriptions::renew))
        .route("/consultas/{id}/{doc}/receta/guardar", post(prescriptions::keep))
        .route("/consultas/{id}/{doc}/oraciones", post(review::add))
        .route("/consultas/{id}/{doc}/oraciones/{item}/aceptar", post(review::accept))
        .route("/consultas/{id}/{doc}/oraciones/{item}/editar", post(review::edit))
        .route("/consultas/{id}/{doc}/oraciones/{item}/completar", post(prescriptions::complete))
        .route("/consultas/{id}/{doc}/oraciones/{item}/descartar", post(review::discard))
        .route("/consultas/{id}/{doc}/oraciones/{item}/recuperar", post(review::restore))
        .route("/consultas/{id}/{doc}/oraciones/{item}/subir", post(review::move_up))
        .route("/consultas/{id}/{doc}/oraciones/{item}/bajar", post(review::move_down))
        .route("/consultas/{id}/{doc}/oraciones/{item}/codigo", post(review::confirm_code))
        .route("/consultas/{id}/{doc}/oraciones/{item}/codigo/quitar", post(review::clear_code))
        .route("/consultas/{id}/{doc}/secciones/{section}/aceptar", post(review::accept_section))
        .route("/consultas/{id}/{doc}/dudas/{n}/agregar", post(review::add_doubt))
        .route("/consultas/{id}/{doc}/dudas/{n}/descartar", post(review::dismiss_doubt))
        .route("/consultas/{id}/{doc}/alertas", post(review::decide_alert))
        .route("/consultas/{id}/{doc}/alertas/reabrir", post(review::reopen_alert))
        .route("/consultas/{id}/{doc}/embarazo", post(review::answer_pregnancy))
        .route("/consultas/{id}/{doc}/borrador.pdf", get(signing::draft_pdf))
        .route("/consultas/{id}/{doc}/receta.pdf", get(signing::draft_prescription))
        .route("/consultas/{id}/{doc}/firmar", get(signing::sign_page).merge(post(signing::sign)))
        .route("/consultas/{id}/{doc}/sin-guardar", post(pages::unsaved::keep))
        .route("/consultas/{id}/{doc}/sin-guardar/descartar", post(pages::unsaved::discard))
        .route("/consultas/{id}/{doc}/cancelar", post(review::cancel))
        .route("/borradores/{id}/recuperar", post(review::take_up))
        .route("/consultas/{id}/{doc}/enviar", post(signing::send))
        .route("/consultas/{id}/{doc}/devolver", post(signing::give_back))
}

fn phone_routes() -> Router<App> {
    use pages::{phone as page, recording};
    Router::new()
        .route("/consultas/{id}/grabacion/telefono", get(page::look).merge(post(page::lend)))
        .route("/consultas/{id}/grabacion/telefono/quitar", post(page::take_back))
        .route("/telefono", get(page::page).merge(post(page::join)))
        .route("/telefono/grabacion", post(page::begin))
        .route("/telefono/grabacion/estado", get(page::status))
        .route(
            "/telefono/grabacion/piezas/{n}",
            post(page::keep).layer(DefaultBodyLimit::max(recording::PIECE_LIMIT)),
        )
        .route("/telefono/grabacion/paso", post(page::step))
}

fn recording_routes() -> Router<App> {
    use pages::{heard, live, recording as page, sound, sound_file};
    Router::new()
        .route("/consultas/{id}/grabacion", get(page::page).merge(post(page::begin)))
        .route("/consultas/{id}/grabacion/consentimiento", post(page::record_consent))
        .route(
            "/consultas/{id}/grabacion/archivo",
            post(sound_file::bring).layer(DefaultBodyLimit::max(sound_file::UPLOAD_LIMIT)),
        )
        .route("/grabaciones/{id}/estado", get(page::status))
        .route(
            "/grabaciones/{id}/piezas/{n}",
            post(page::keep).layer(DefaultBodyLimit::max(page::PIECE_LIMIT)),
        )
        .route("/grabaciones/{id}/paso", post(page::step))
        .route("/grabaciones/{id}/audio", get(sound::play))
        .route("/grabaciones/{id}/destruir", post(page::destroy))
        .route("/grabaciones/{id}/escuchar", post(heard::ask))
        .route("/grabaciones/{id}/en-vivo", get(live::words))
        .route("/grabaciones/{id}/palabras", get(heard::page).merge(post(heard::correct)))
        .route("/grabaciones/{id}/palabras/usar", post(heard::apply))
}
