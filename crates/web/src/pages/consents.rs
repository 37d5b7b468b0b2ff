//! Consentimientos of a patient, and the aviso de privacidad of the establishment.

use axum::extract::{Path, Query, State};
use care::consents::{ConsentFile, ConsentForm};
use care::error::FieldError;
use care::{Actor, CareError, Permission};
use clinical::consent::{Consent, ConsentMeans, ConsentPurpose, PrivacyNotice};

use super::patients::{about, patient_id, record_address};
use super::{Answer, ListQuery, notice, render, see, shell, to_correct};
use crate::session::{Form, SignedIn};
use crate::views::consents::{ConsentsPage, NoticePage, PurposeBlock};
use crate::views::form::{Choice, ErrorSummary, Field, Posted};
use crate::views::shell::Place;
use crate::{App, format};

/// `GET /pacientes/{id}/consentimientos`.
pub(crate) async fn page(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<ListQuery>,
) -> Answer {
    let file = app.care.consents(&user.actor, patient_id(&id)?).await?;
    let mut page = consents_page(&user.actor, &file, &Posted::default(), &[]);
    page.shell.notice = notice(&query.aviso);
    Ok(render(&page)?)
}

fn consents_page(actor: &Actor, file: &ConsentFile, posted: &Posted, errors: &[FieldError]) -> ConsentsPage {
    let id = file.patient.id.to_string();
    ConsentsPage {
        shell: shell(actor, Place::Patients),
        name: file.patient.full_name(),
        about: about(&file.patient, format::day(file.now, &file.zone)),
        back: record_address(actor, &id),
        errors: ErrorSummary::new(errors),
        version: file.notice.as_ref().map_or(0, |notice| notice.version),
        edits: actor.may(Permission::EditIdentity),
        requests: actor
            .may(Permission::ReceiveRights)
            .then(|| format!("/derechos/nueva?expediente={}", file.patient.record_number)),
        open_requests: file.open_requests,
        purposes: ConsentPurpose::ALL.iter().map(|purpose| block(*purpose, file, posted, errors)).collect(),
        id,
    }
}

fn block(
    purpose: ConsentPurpose,
    file: &ConsentFile,
    posted: &Posted,
    errors: &[FieldError],
) -> PurposeBlock {
    let own = || file.answers.iter().filter(|(consent, _)| consent.purpose == purpose);
    let current = own().next().map(|(consent, _)| consent);
    // What was typed stands only in the block it was typed in.
    let here = posted.get("finalidad") == purpose.code();
    let nothing = Posted::default();
    // The summary of errors links to the plain name.
    let id_of = |name: &str| if here { name.to_owned() } else { format!("{name}-{}", purpose.code()) };
    let (posted, errors) = if here { (posted, errors) } else { (&nothing, &[][..]) };
    let mut means = vec![(String::new(), "Elija una opción".to_owned())];
    means.extend(ConsentMeans::ALL.iter().map(|one| (one.code().to_owned(), one.label().to_owned())));
    let by = Field::text("responde", "Quién responde, si no es el paciente")
        .help("Nombre y calidad")
        .optional()
        .id(id_of("responde"));
    let by = if file.patient.is_minor_on(format::day(file.now, &file.zone)) {
        by.value(file.representatives.join("; "))
    } else {
        by
    };
    let version = file.notice.as_ref().map(|notice| notice.version.to_string());
    PurposeBlock {
        code: purpose.code(),
        title: purpose.label(),
        question: purpose.question(),
        state: match current {
            None => ("state-draft", "circle-help", "Sin preguntar"),
            Some(consent) if consent.given => ("state-signed", "check", "Acepta"),
            Some(_) => ("state-draft", "x", "No acepta"),
        },
        given: current.is_some_and(|consent| consent.given),
        answers: own().map(|(consent, name)| answer(consent, name, file)).collect(),
        outdated: version.is_some()
            && current.is_some_and(|consent| Some(&consent.text_version) != version.as_ref()),
        means: Choice::new("medio", "Cómo respondió", means).from(posted, errors).id(id_of("medio")),
        by: if here { by.from(posted, errors) } else { by },
        open: here && !errors.is_empty(),
    }
}

/// "hoy 10:24: acepta, versión 2, firma en papel; responde Ana Luna, madre; registró recepción".
fn answer(consent: &Consent, name: &str, file: &ConsentFile) -> String {
    let when = format::day_and_time(consent.recorded_at, &file.zone, format::day(file.now, &file.zone));
    let what = if consent.given { "acepta" } else { "no acepta" };
    let by = consent.answered_by.as_ref().map(|by| format!("; responde {by}")).unwrap_or_default();
    // A withdrawal may come before there is an aviso.
    let text = match consent.text_version.as_str() {
        "0" => "sin aviso publicado".to_owned(),
        version => format!("versión {version} del aviso"),
    };
    format!("{when}: {what}, {text}, {}{by}; registró {name}", consent.means.label().to_lowercase())
}

/// `POST /pacientes/{id}/consentimientos`.
pub(crate) async fn record(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = patient_id(&id)?;
    let answer = ConsentForm {
        purpose: form.posted.get("finalidad").to_owned(),
        given: form.posted.get("respuesta") == "si",
        means: form.posted.get("medio").to_owned(),
        answered_by: form.posted.get("responde").to_owned(),
        version: form.version(),
        today_only: false,
    };
    match app.care.record_consent(&form.actor, id, &answer).await {
        Ok(()) => {
            let purpose =
                ConsentPurpose::from_code(&answer.purpose).map(ConsentPurpose::code).unwrap_or_default();
            Ok(see(&format!("/pacientes/{id}/consentimientos?aviso=consentimiento#{purpose}")))
        }
        Err(CareError::Invalid(errors)) => {
            let file = app.care.consents(&form.actor, id).await?;
            let page = consents_page(&form.actor, &file, &form.posted, &errors);
            to_correct(&page)
        }
        Err(error) => Err(form.failed(error)),
    }
}

/// `GET /aviso-de-privacidad`.
pub(crate) async fn notice_page(
    State(app): State<App>,
    user: SignedIn,
    Query(query): Query<ListQuery>,
) -> Answer {
    let notices = app.care.notices(&user.actor).await?;
    let current = notices.first().map(|notice| notice.text.clone()).unwrap_or_default();
    let posted = Posted::default().with("texto", current);
    let mut page = privacy_page(&app, &user.actor, &notices, &posted, &[]);
    page.shell.notice = notice(&query.aviso);
    Ok(render(&page)?)
}

fn privacy_page(
    app: &App,
    actor: &Actor,
    notices: &[PrivacyNotice],
    posted: &Posted,
    errors: &[FieldError],
) -> NoticePage {
    let zone = care::zone(care::DEFAULT_ZONE);
    let today = format::day(app.care.now(), &zone);
    let mut versions = notices.iter().map(|notice| {
        let when = format::day_and_time(notice.published_at, &zone, today);
        let title = format!("Versión {}, {when}, {}", notice.version, notice.published_by);
        let paragraphs = notice.text.split('\n').map(str::trim).filter(|line| !line.is_empty());
        (title, paragraphs.map(str::to_owned).collect())
    });
    NoticePage {
        shell: shell(actor, Place::Patients),
        errors: ErrorSummary::new(errors),
        current: versions.next(),
        earlier: versions.collect(),
        publishes: actor.may(Permission::Administer),
        text: Field::area("texto", "Texto del aviso").from(posted, errors),
    }
}

/// `POST /aviso-de-privacidad`.
pub(crate) async fn publish(State(app): State<App>, form: Form) -> Answer {
    match app.care.publish_notice(&form.actor, form.posted.get("texto")).await {
        Ok(_) => Ok(see("/aviso-de-privacidad?aviso=aviso-nuevo")),
        Err(CareError::Invalid(errors)) => {
            let notices = app.care.notices(&form.actor).await?;
            let page = privacy_page(&app, &form.actor, &notices, &form.posted, &errors);
            to_correct(&page)
        }
        Err(error) => Err(form.failed(error)),
    }
}
