//! Signing with the e.firma: the page, and what the script of the page asks for. No key and no password of an e.firma
//! comes here: the fields that hold them have no name and are never sent.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use care::CareError;
use care::documents::DocumentView;
use care::efirma::{EfirmaBegun, EfirmaNext, EfirmaOffer, EfirmaOrder, ToSign};
use care::error::FieldError;
use clinical::efirma::DocumentEfirma;
use serde_json::{Value, json};

use super::documents::{document_bar, document_id};
use super::{Answer, render, shell};
use crate::session::{Form, SignedIn};
use crate::views::efirma::{EfirmaLine, EfirmaPage, EfirmaSeal};
use crate::views::form::Field;
use crate::views::shell::Place;
use crate::{App, format};

/// `GET /documentos/{id}/efirma`.
pub(crate) async fn page(State(app): State<App>, user: SignedIn, Path(id): Path<String>) -> Answer {
    let id = document_id(&id)?;
    let offer = app.care.efirma_offer(&user.actor, id).await?;
    let view = app.care.document(&user.actor, id).await?;
    let today = format::day(view.now, &view.zone);
    let documents = offer.documents.iter().map(|one| EfirmaLine {
        id: one.id.to_string(),
        title: nom004::title(one.kind).to_owned(),
        when: format::day_and_time(one.signed_at, &view.zone, today),
    });
    Ok(render(&EfirmaPage {
        shell: shell(&user.actor, Place::Documents),
        patient: document_bar(&user.actor, &view),
        id: id.to_string(),
        documents: documents.collect(),
        proves: proves(&offer),
        account: offer.account.map(|account| account.rfc),
        has_trust: offer.has_trust,
        password: Field::password("contrasena", "Su contraseña de Medicus", "current-password"),
    })?)
}

/// What a signature will prove with what is configured.
fn proves(offer: &EfirmaOffer) -> Vec<&'static str> {
    let time = if offer.asks_time {
        "Se pedirá la hora a la autoridad de sellado de tiempo configurada, que recibe solo una huella."
    } else {
        "No hay autoridad de sellado de tiempo configurada: la firma prueba quién firmó y que nada cambió; la hora será la de este equipo."
    };
    let revocation = if offer.asks_revocation {
        "Se preguntará al SAT si su certificado está revocado."
    } else {
        "No se preguntará al SAT si su certificado está revocado: no hay dirección configurada."
    };
    vec![time, revocation]
}

/// `POST /documentos/{id}/efirma`: the certificate, and what to sign.
pub(crate) async fn begin(State(app): State<App>, form: Form) -> Answer {
    let documents = form.posted.0.iter().filter(|(name, _)| name == "documento");
    let order = EfirmaOrder {
        certificate: BASE64_STANDARD.decode(form.posted.get("certificado")).unwrap_or_default(),
        documents: documents.filter_map(|(_, value)| value.parse().ok()).collect(),
        confirmed: form.posted.ticked("confirmado"),
        password: form.posted.get("contrasena").to_owned(),
    };
    match app.care.begin_efirma(&form.actor, order).await {
        Ok(EfirmaBegun::Confirm(person)) => {
            let (name, rfc, curp) = (person.name, person.rfc, person.curp);
            let account = &form.actor.display_name;
            let reply =
                json!({ "kind": "confirm", "name": name, "rfc": rfc, "curp": curp, "account": account });
            Ok(Json(reply).into_response())
        }
        Ok(EfirmaBegun::Sign(asked)) => Ok(Json(to_sign(&asked)).into_response()),
        Err(error) => refused(error),
    }
}

/// `POST /documentos/{id}/efirma/respuesta`: what the key answered.
pub(crate) async fn answer(State(app): State<App>, form: Form) -> Answer {
    let signed = BASE64_STANDARD.decode(form.posted.get("firma")).unwrap_or_default();
    match app.care.answer_efirma(&form.actor, form.posted.get("turno"), &signed).await {
        Ok(EfirmaNext::Sign(next)) => Ok(Json(to_sign(&[next])).into_response()),
        Ok(EfirmaNext::Done { .. }) => Ok(Json(json!({ "kind": "done" })).into_response()),
        Err(error) => refused(error),
    }
}

fn to_sign(asked: &[ToSign]) -> Value {
    let one =
        |asked: &ToSign| json!({ "token": asked.token, "message": BASE64_STANDARD.encode(&asked.message) });
    json!({ "kind": "sign", "asked": asked.iter().map(one).collect::<Vec<_>>() })
}

/// What a person can mend, beside its field; anything else is an outcome like everywhere.
fn refused(error: CareError) -> Answer {
    let status = match error {
        CareError::Denied { .. } => StatusCode::FORBIDDEN,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let errors = match error {
        CareError::Invalid(errors) => errors,
        CareError::WrongPassword => {
            vec![FieldError::new("contrasena", "La contraseña no coincide. Escríbala otra vez")]
        }
        error @ CareError::LockedOut { .. } => vec![FieldError::new("contrasena", error)],
        error @ (CareError::Conflict { .. } | CareError::Denied { .. }) => {
            vec![FieldError::new("firma", error)]
        }
        error => return Err(error.into()),
    };
    let errors: Vec<Value> =
        errors.iter().map(|one| json!({ "field": one.field, "message": one.message })).collect();
    let reply = Json(json!({ "kind": "errors", "errors": errors }));
    Ok((status, reply).into_response())
}

/// The e.firma of a document, as its page shows it.
pub(super) fn seal(view: &DocumentView, efirma: &DocumentEfirma) -> EfirmaSeal {
    let moment = |at| {
        let day = format::long_date(format::day(at, &view.zone));
        format!("{day}, {}", format::time(at, &view.zone))
    };
    let mut facts = vec![
        ("RFC", efirma.rfc.clone()),
        ("CURP", efirma.curp.clone()),
        ("Número de serie", efirma.serial.clone()),
        ("Firmado", moment(efirma.claimed_at)),
    ];
    facts.extend(efirma.proven_at.map(|at| ("Hora certificada", moment(at))));
    facts.push(("Nivel", format!("PAdES {}", efirma.level.code())));
    facts.push(("Huella del PDF", efirma.pdf_digest.grouped()));
    EfirmaSeal {
        name: efirma.name.clone(),
        facts,
        meaning: efirma.level.meaning(),
        revocation: efirma.revocation.label(),
    }
}
