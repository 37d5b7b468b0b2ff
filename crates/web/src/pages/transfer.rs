//! A record taken out and brought in, and documents of other establishments.

use std::collections::HashMap;
use std::io::Cursor;

use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use care::documents::ExternalView;
use care::error::FieldError;
use care::transfer::{
    Counts, Decision, ExportForm, ExportFormat, ImportPlan, MAX_PACKAGE_BYTES, Source, Target,
};
use care::{Actor, CareError, Permission};
use clinical::calendar::in_words;
use clinical::ids::PatientId;

use super::documents::document_id;
use super::patients::{about, patient_id};
use super::{Answer, is_fragment, own_password, patient_bar, pdf as pdf_answer, render, see, shell, to_mend};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::upload::{self, Upload};
use crate::views::form::{Choice, ErrorSummary, Field, Posted};
use crate::views::shell::{Extra, Place};
use crate::views::transfer::{AlikeRecord, ExportPage, ExternalPage, ImportPage, PlanView, TargetView};
use crate::{App, format, ui};

/// Most bytes of a request that brings a package.
pub(crate) const UPLOAD_LIMIT: usize = upload::request_limit(MAX_PACKAGE_BYTES);
/// Documents named before a package is brought in.
const NAMED: usize = 40;

/// `GET /pacientes/{id}/exportar`.
pub(crate) async fn export_form(State(app): State<App>, user: SignedIn, Path(id): Path<String>) -> Answer {
    app.care.allow(&user.actor, Permission::ExportRecord).await?;
    let posted = Posted::default().with("formato", ExportFormat::Zip.code());
    export_page(&app, &user.actor, patient_id(&id)?, &posted, &[]).await
}

async fn export_page(
    app: &App,
    actor: &Actor,
    id: PatientId,
    posted: &Posted,
    errors: &[FieldError],
) -> Answer {
    let patient = app.care.patient(actor, id).await?;
    let zone = app.care.zone(actor).await?;
    let formats = ExportFormat::ALL.iter().map(|one| (one.code().to_owned(), one.label()));
    let phrase = |name, label| Field::password(name, label, "new-password").optional().from(posted, errors);
    Ok(render(&ExportPage {
        shell: shell(actor, Place::Patients),
        id: patient.id.to_string(),
        name: patient.full_name(),
        about: about(&patient, format::day(app.care.now(), &zone)),
        errors: ErrorSummary::new(errors),
        format: Choice::new("formato", "Qué se exporta", formats.collect()).width("").from(posted, errors),
        reason: Field::text("motivo", "Por qué sale")
            .help("Por ejemplo: a petición del paciente")
            .max(300)
            .from(posted, errors),
        passphrase: vec![
            phrase("frase", "Frase para cifrar el paquete")
                .help("12 letras o más. Sin ella nadie puede abrirlo"),
            phrase("frase_otra_vez", "La misma frase otra vez"),
        ],
        password: own_password(errors),
    })?)
}

/// `POST /pacientes/{id}/exportar`: the file, a piece at a time.
pub(crate) async fn export(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = patient_id(&id)?;
    let posted = &form.posted;
    let wanted = ExportForm {
        format: posted.get("formato").to_owned(),
        reason: posted.get("motivo").to_owned(),
        passphrase: posted.get("frase").to_owned(),
        passphrase_again: posted.get("frase_otra_vez").to_owned(),
        password: posted.get("contrasena").to_owned(),
    };
    let export = match app.care.export_record(&form.actor, id, &wanted).await {
        Ok(export) => export,
        // What was typed holds a passphrase: it goes into no page of an outcome.
        Err(error) => {
            let page = export_page(&app, &form.actor, id, posted, &to_mend(error)?).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let headers = [
        (header::CONTENT_TYPE, export.media_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", export.file_name)),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    let pieces = futures_util::stream::try_unfold(export, async |mut export| {
        let piece = export.next().await?;
        Ok::<_, CareError>(piece.map(|bytes| (bytes, export)))
    });
    Ok((headers, Body::from_stream(pieces)).into_response())
}

/// `GET /pacientes/importar`.
pub(crate) async fn import_form(State(app): State<App>, user: SignedIn) -> Answer {
    app.care.allow(&user.actor, Permission::ImportRecord).await?;
    Ok(render(&import_page(&user.actor, &[], None))?)
}

fn import_page(actor: &Actor, errors: &[FieldError], plan: Option<PlanView>) -> ImportPage {
    ImportPage {
        shell: shell(actor, Place::Patients),
        errors: ErrorSummary::new(errors),
        file_error: errors.iter().find(|error| error.field == "archivo").map(|error| error.message.clone()),
        most_bytes: MAX_PACKAGE_BYTES,
        most: format!("{} MB", MAX_PACKAGE_BYTES / (1024 * 1024)),
        passphrase: Field::password("frase", "Frase del paquete", "off")
            .help("Solo si se exportó con una")
            .optional()
            .from(&Posted::default(), errors),
        plan,
    }
}

/// `POST /pacientes/importar`: looks at a package, or brings it in.
pub(crate) async fn import(State(app): State<App>, user: SignedIn, request: Request) -> Answer {
    let fragment = is_fragment(request.headers());
    let actor = &user.actor;
    app.care.allow(actor, Permission::ImportRecord).await?;
    let read = match upload::read(&app, actor, request, MAX_PACKAGE_BYTES).await {
        Ok(read) => read,
        Err(response) => return Ok(response),
    };
    let Upload { posted, content, .. } = read;
    let Some(content) = content else {
        let most = MAX_PACKAGE_BYTES / (1024 * 1024);
        let message =
            format!("El paquete pesa más de {most} MB. Impórtelo en el servidor con medicus patient import");
        return refused(
            actor,
            &[FieldError::new("archivo", message)],
            StatusCode::PAYLOAD_TOO_LARGE,
            fragment,
        );
    };
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    if content.is_empty() {
        let missing = FieldError::new("archivo", "Elija el paquete que le entregaron");
        return refused(actor, &[missing], unprocessable, fragment);
    }
    let source = |bytes: Vec<u8>| Box::new(Cursor::new(bytes)) as Box<dyn Source>;
    let phrase = posted.get("frase").to_owned();
    if posted.get("accion") != "importar" {
        return match app.care.plan_import(actor, source(content), phrase).await {
            Ok(plan) => planned(actor, &plan, &Posted::default(), &[], fragment),
            Err(CareError::Invalid(errors)) => refused(actor, &errors, unprocessable, fragment),
            Err(error) => Err(error.into()),
        };
    }
    let Some(decision) = decision(&posted) else {
        let plan = app.care.plan_import(actor, source(content), phrase).await?;
        let missing = [FieldError::new("destino", "Elija a qué expediente se agrega")];
        return planned(actor, &plan, &posted, &missing, false);
    };
    match app.care.import_record(actor, source(content.clone()), phrase.clone(), &decision).await {
        Ok(done) => {
            let said = if done.changed() { "importado" } else { "importado-ya" };
            Ok(see(&format!("/pacientes/{}?aviso={said}", done.patient)))
        }
        Err(CareError::Invalid(errors)) => refused(actor, &errors, unprocessable, false),
        // Somebody opened a record of the same person meanwhile.
        Err(CareError::Alike(_)) => {
            let plan = app.care.plan_import(actor, source(content), phrase).await?;
            planned(actor, &plan, &posted, &[], false)
        }
        Err(error) => Err(error.into()),
    }
}

fn decision(posted: &Posted) -> Option<Decision> {
    let seen = posted.0.iter().filter(|(name, _)| name == "visto");
    match posted.get("destino") {
        "nuevo" => Some(Decision::New {
            seen: seen.filter_map(|(_, id)| id.parse().ok()).collect(),
            seen_private: posted.ticked("visto_privado"),
        }),
        id => id.parse().ok().map(Decision::Into),
    }
}

/// What is wrong, where the preview would stand or on the whole page.
fn refused(actor: &Actor, errors: &[FieldError], status: StatusCode, fragment: bool) -> Answer {
    if fragment {
        // Swapped into the page only with a good status; the words are the same.
        return Ok(render(&ErrorSummary::new(errors))?);
    }
    Ok((status, render(&import_page(actor, errors, None))?).into_response())
}

fn planned(
    actor: &Actor,
    plan: &ImportPlan,
    posted: &Posted,
    errors: &[FieldError],
    fragment: bool,
) -> Answer {
    let view = plan_view(plan, posted, errors);
    if fragment {
        return Ok(render(&view)?);
    }
    let page = render(&import_page(actor, errors, Some(view)))?;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, page).into_response())
}

fn plan_view(plan: &ImportPlan, posted: &Posted, errors: &[FieldError]) -> PlanView {
    let today = format::day(plan.now, &plan.zone);
    let when = |at| format::day_and_time(at, &plan.zone, today);
    let mut facts = vec![("Paciente", plan.name.clone()), ("Expediente de origen", plan.number.clone())];
    facts.extend(plan.birth.map(|birth| ("Fecha de nacimiento", format::long_date(birth))));
    facts.extend(plan.curp.clone().map(|curp| ("CURP", curp)));
    facts.push(("Exportado", when(plan.exported_at)));
    let named = plan.documents.iter().rev().take(NAMED);
    PlanView {
        origin: plan.origin.clone(),
        facts,
        holds: holds(&plan.counts),
        documents: named
            .map(|(title, place, at)| (title.clone(), format!("{}. {place}", when(*at))))
            .collect(),
        more: plan.documents.len().saturating_sub(NAMED),
        target: target_view(plan, posted, errors),
    }
}

fn holds(counts: &Counts) -> String {
    let all = [
        (counts.documents, "documento firmado", "documentos firmados"),
        (counts.allergies, "alergia", "alergias"),
        (counts.problems, "problema activo", "problemas activos"),
        (counts.medicines, "medicamento activo", "medicamentos activos"),
        (counts.measurements, "medición", "mediciones"),
        (counts.reports, "toma de laboratorio", "tomas de laboratorio"),
        (counts.files, "archivo", "archivos"),
        (counts.consents, "consentimiento", "consentimientos"),
    ];
    let some: Vec<String> =
        all.iter().filter(|(n, ..)| *n > 0).map(|(n, one, many)| ui::count(*n, one, many)).collect();
    if some.is_empty() {
        "Solo la identificación del paciente.".to_owned()
    } else {
        format!("{}.", some.join(", "))
    }
}

fn target_view(plan: &ImportPlan, posted: &Posted, errors: &[FieldError]) -> TargetView {
    let today = format::day(plan.now, &plan.zone);
    match (&plan.already, &plan.target) {
        (Some(earlier), _) => TargetView::Known {
            href: format!("/pacientes/{}", earlier.patient_id),
            words: format!(
                "Este paquete ya se importó el {}. Importarlo otra vez no cambia nada.",
                format::long_date(format::day(earlier.recorded_at, &plan.zone))
            ),
            adds: false,
        },
        (None, Target::Here(patient)) => TargetView::Known {
            href: format!("/pacientes/{}", patient.id),
            words: format!(
                "Es del expediente {} de {}, que ya está aquí. Se agrega solo lo que falta.",
                patient.record_number,
                patient.full_name()
            ),
            adds: true,
        },
        (None, Target::New { candidates, curp_taken, private }) => {
            let mut options = vec![(String::new(), "Elija una opción".to_owned())];
            options.extend(candidates.iter().map(|one| {
                let words = format!(
                    "Agregar al expediente {} de {}",
                    one.patient.record_number,
                    one.patient.full_name()
                );
                (one.patient.id.to_string(), words)
            }));
            if !curp_taken {
                options.push(("nuevo".to_owned(), "Es otra persona: abrir un expediente nuevo".to_owned()));
            }
            let alike = candidates.iter().map(|one| AlikeRecord {
                id: one.patient.id.to_string(),
                name: one.patient.full_name(),
                about: about(&one.patient, today),
                why: one.likeness.reasons.iter().map(|reason| reason.label()).collect::<Vec<_>>().join(", "),
            });
            TargetView::New {
                alike: alike.collect(),
                private: *private,
                choice: Choice::new("destino", "A qué expediente se agrega", options)
                    .width("")
                    .from(posted, errors),
            }
        }
    }
}

/// `GET /documentos/externos/{id}`.
pub(crate) async fn external(State(app): State<App>, user: SignedIn, Path(id): Path<String>) -> Answer {
    let view = app.care.external_document(&user.actor, document_id(&id)?).await?;
    Ok(render(&external_page(&app, &user.actor, &view))?)
}

fn external_page(app: &App, actor: &Actor, view: &ExternalView) -> ExternalPage {
    let (head, content) = (&view.document.head, &view.content);
    let moment =
        |at| format!("{}, {}", format::long_date(format::day(at, &view.zone)), format::time(at, &view.zone));
    let who = &content.patient;
    let author = &content.author;
    ExternalPage {
        shell: shell(actor, Place::Documents),
        patient: patient_bar(
            actor,
            &view.patient,
            &view.allergies,
            app.care.now(),
            &view.zone,
            Extra::Nothing,
        ),
        id: head.id.to_string(),
        title: content.title.clone(),
        origin: content.establishment.name.clone(),
        letterhead: super::documents::letterhead(content),
        fields: vec![
            ("Paciente", who.name.clone()),
            ("Edad", who.age.clone()),
            ("Sexo", who.sex.clone()),
            ("Expediente de origen", who.record_number.clone()),
            ("Alergias", who.allergies.clone()),
            ("Fecha y hora del acto", moment(content.act_at)),
        ],
        sections: view.sections.iter().map(|own| (own.title.clone(), said(&own.lines))).collect(),
        signer: (author.full_name(), super::documents::credentials(author)),
        when: moment(content.signed_at),
        digest: head.content_digest.grouped(),
        pdf_digest: head.pdf_digest.grouped(),
        sequence: head.origin_link.0.to_string(),
        intact: view.intact,
        amends: view.amends_here.map(|id| format!("/documentos/externos/{id}")),
        signatures: super::checking::signatures(&view.signatures, None, &view.zone),
        cancelled: head
            .cancelled
            .as_ref()
            .map(|it| super::documents::cancelled_words(it, view.now, &view.zone)),
    }
}

/// The lines of a section as they are read.
fn said(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| in_words(line).into_owned()).collect()
}

/// `GET /documentos/externos/{id}/pdf`; with `?efirma` the file with the e.firma of who signed it.
pub(crate) async fn external_pdf(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Outcome> {
    let with_efirma = query.contains_key("efirma");
    let pdf = app.care.external_pdf(&user.actor, document_id(&id)?, with_efirma).await?;
    let mut response = pdf_answer(pdf.bytes, &pdf.file_name);
    // Made elsewhere: shown like any file that was brought, in a sandbox.
    super::attachments::as_foreign(response.headers_mut());
    Ok(response)
}
