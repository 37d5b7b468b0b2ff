//! What the forms about ARCO requests post, read into what is kept.

use clinical::arco::{ArcoContent, ArcoRight, ArcoStep, Outcome, RefusalGround, Requester};
use clinical::consent::ConsentPurpose;
use jiff::civil::Date;

use crate::error::CareError;
use crate::setup::Check;

/// Most letters of an answer.
const ANSWER_MAX: usize = 4_000;

/// A request as the form posts it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArcoForm {
    /// [`ArcoRight::code`].
    pub right: String,
    /// Name of the titular.
    pub holder: String,
    /// Number of the expediente; may be empty.
    pub record: String,
    /// Whether somebody asks for the titular.
    pub represented: bool,
    /// Who, then.
    pub representative: String,
    /// The paper that proves it.
    pub proof: String,
    /// Document that proved the identity of who asks.
    pub identity: String,
    /// Address or other means for the answer.
    pub reply_to: String,
    /// What is asked, without clinical detail.
    pub description: String,
    /// The day it was received, as written; today when empty.
    pub received_on: String,
}

/// A step as the form posts it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepForm {
    /// `datos`, `llegaron`, `ampliar`, `responder`, `ampliar-ejecucion`, `efectivo`, `desistir`.
    pub step: String,
    /// How many steps the page showed.
    pub seen: usize,
    /// Why, or which data.
    pub reason: String,
    /// [`Outcome::code`].
    pub outcome: String,
    /// [`RefusalGround::code`].
    pub ground: String,
    /// The answer in words.
    pub text: String,
    /// Id of the delivery, addendum, or `identidad`, that carried it out.
    pub done: String,
    /// [`ConsentPurpose::code`] of the consents that are withdrawn with it.
    pub purposes: Vec<String>,
}

/// What a form asks to do. Carrying out needs the record and is read there.
pub(crate) enum Wanted {
    /// A step that says all.
    Step(ArcoStep),
    /// To note that what was granted was done.
    Execute,
}

pub(crate) fn read_request(form: &ArcoForm, today: Date) -> Result<(ArcoContent, Date), CareError> {
    let mut check = Check::new();
    let right = ArcoRight::from_code(&form.right);
    if right.is_none() {
        check.fail("derecho", "Elija el derecho que se pide");
    }
    let holder = check.text("titular", &form.holder, "Escriba el nombre completo del titular de los datos");
    let requester = if form.represented {
        let name = check.text("representante", &form.representative, "Escriba quién pide por el titular");
        let proof =
            check.text("acredita", &form.proof, "Escriba el documento que acredita la representación");
        Requester::Representative { name, proof }
    } else {
        Requester::Holder
    };
    let identity = check.text(
        "identificacion",
        &form.identity,
        "Escriba con qué documento se identificó quien pide (LFPDPPP, artículo 28)",
    );
    let reply_to =
        check.text("respuesta_a", &form.reply_to, "Escriba un domicilio u otro medio para responder");
    let description =
        check.text("descripcion", &form.description, "Escriba qué datos y qué se pide sobre ellos");
    let received_on = match form.received_on.trim() {
        "" => Some(today),
        written => check.past_day("recibida", written, today),
    };
    let (right, received_on) = check.finish(right.zip(received_on))?;
    Ok((ArcoContent { right, holder, requester, identity, reply_to, description }, received_on))
}

/// `kept_until` is until when the record must be kept, if it must.
pub(crate) fn read_step(form: &StepForm, kept_until: Option<Date>) -> Result<Wanted, CareError> {
    let mut check = Check::new();
    let step = match form.step.as_str() {
        "datos" => {
            let what = check.text("motivo", &form.reason, "Escriba qué datos faltan");
            ArcoStep::DataNeeded { what }
        }
        "llegaron" => ArcoStep::DataReceived,
        "ampliar" => ArcoStep::AnswerExtended { reason: why_longer(&mut check, form) },
        "ampliar-ejecucion" => ArcoStep::ExecutionExtended { reason: why_longer(&mut check, form) },
        "desistir" => {
            let reason = check.text("motivo", &form.reason, "Escriba lo que dijo la persona");
            ArcoStep::Withdrawn { reason }
        }
        "responder" => return answer(check, form, kept_until).map(Wanted::Step),
        "efectivo" => return Ok(Wanted::Execute),
        _ => return Err(CareError::invalid("paso", "Elija qué se hace con la solicitud")),
    };
    check.finish(Some(Wanted::Step(step)))
}

fn why_longer(check: &mut Check, form: &StepForm) -> String {
    check.text("motivo", &form.reason, "Escriba por qué hace falta ampliar el plazo")
}

fn answer(mut check: Check, form: &StepForm, kept_until: Option<Date>) -> Result<ArcoStep, CareError> {
    let outcome = Outcome::from_code(&form.outcome);
    if outcome.is_none() {
        check.fail("sentido", "Elija el sentido de la respuesta");
    }
    let ground = RefusalGround::from_code(&form.ground);
    match (outcome, ground) {
        (Some(Outcome::Granted), Some(_)) => {
            check.fail("causa", "Una respuesta procedente no lleva causa: quítela o elija otro sentido");
        }
        (Some(Outcome::Partial | Outcome::Refused), None) => {
            check.fail("causa", "Elija por qué no procede todo lo que se pide (LFPDPPP, artículo 33)");
        }
        _ => {}
    }
    let text = form.text.replace("\r\n", "\n").trim().to_owned();
    match text.chars().count() {
        0 => check.fail("respuesta", "Escriba la respuesta para la persona"),
        letters if letters > ANSWER_MAX => {
            check.fail("respuesta", &format!("Escriba {ANSWER_MAX} letras o menos"));
        }
        _ => {}
    }
    let kept_until = kept_until.filter(|_| ground == Some(RefusalGround::Conservation));
    check.finish(outcome.map(|outcome| ArcoStep::Answered { outcome, ground, kept_until, text }))
}

/// The purposes that are ticked.
pub(crate) fn purposes(form: &StepForm) -> Vec<ConsentPurpose> {
    let ticked = |purpose: &&ConsentPurpose| form.purposes.iter().any(|code| code == purpose.code());
    ConsentPurpose::ALL.iter().filter(ticked).copied().collect()
}
