//! One ARCO request as its page shows it.

use care::arco::{ArcoView, Due};
use care::error::FieldError;
use care::{Actor, Permission};
use clinical::arco::{ArcoRight, ArcoState, ArcoStep, DatedStep, Done, Outcome, RefusalGround, Requester};
use clinical::consent::ConsentPurpose;

use super::arco::due_words;
use super::patients::record_address;
use super::shell;
use crate::format;
use crate::views::form::{Choice, ErrorSummary, Field, Posted};
use crate::views::rights::{ArcoPage, OtherStep, StepRow};
use crate::views::shell::Place;

pub(super) fn page(actor: &Actor, view: &ArcoView, posted: &Posted, errors: &[FieldError]) -> ArcoPage {
    let (request, content) = (&view.request, &view.request.content);
    let state = view.progress.state;
    let decides = actor.may(Permission::DecideRights);
    let executes = state == ArcoState::ToExecute;
    let cancels = [ArcoRight::Cancellation, ArcoRight::Opposition, ArcoRight::Revocation];
    let by_purpose = executes && cancels.contains(&content.right);
    ArcoPage {
        shell: shell(actor, Place::Rights),
        id: request.id.to_string(),
        number: request.number,
        right: content.right.label(),
        holder: content.holder.clone(),
        errors: ErrorSummary::new(errors),
        state: state.label(),
        running: view.due.is_some(),
        due: view.due.map(due_words).unwrap_or_default(),
        late: view.due.is_some_and(Due::is_over),
        near: view.due.is_some_and(Due::is_near),
        facts: facts(view),
        description: content.description.clone(),
        record: view.patient.as_ref().map(|patient| {
            let id = patient.id.to_string();
            let words = format!("Expediente {}: {}", patient.record_number, patient.full_name());
            let reads = actor.may(Permission::SeeIdentity);
            (if reads { record_address(actor, &id) } else { format!("/pacientes/{id}/conservacion") }, words)
        }),
        steps: view.steps.iter().map(|dated| step_row(dated, view)).collect(),
        seen: view.steps.len(),
        decides,
        answered: view.steps.iter().any(|dated| matches!(dated.step, ArcoStep::Answered { .. })),
        waits: matches!(state, ArcoState::Received | ArcoState::WaitingForData),
        kept: kept(view),
        outcome: outcome(posted, errors),
        ground: ground(posted, errors),
        answer: Field::area("respuesta", "Respuesta para la persona")
            .help("Lo que se le contesta, en palabras claras")
            .max(4000)
            .from(posted, errors),
        executes,
        how: how(content.right),
        done: (executes && !by_purpose).then(|| done(view, posted, errors)),
        purposes: if by_purpose { purposes(view) } else { Vec::new() },
        other_steps: other_steps(view, posted, errors),
    }
}

fn facts(view: &ArcoView) -> Vec<(&'static str, String)> {
    let content = &view.request.content;
    let mut facts = vec![
        ("Titular", content.holder.clone()),
        ("Recibida el", format::long_date(view.request.received_on)),
        ("Recibió", view.request.by_name.clone()),
    ];
    if let Requester::Representative { name, proof } = &content.requester {
        facts.push(("Pide por el titular", format!("{name}, {proof}")));
    }
    facts.push(("Se identificó con", content.identity.clone()));
    facts.push(("Respuesta a", content.reply_to.clone()));
    facts.push(("Plazo para responder", format::long_date(view.answer_due)));
    facts.extend(view.execution_due.map(|due| ("Plazo para hacerlo efectivo", format::long_date(due))));
    facts
}

fn kept(view: &ArcoView) -> String {
    let until = view.kept_until.filter(|_| view.request.content.right == ArcoRight::Cancellation);
    let words = |until| {
        format!(
            "El expediente se conserva al menos hasta el {} (NOM-004-SSA3-2012, numeral 5.4): la cancelación no puede ser procedente antes. Sí pueden dejar de tratarse los datos para otras finalidades.",
            format::long_date(until)
        )
    };
    until.map(words).unwrap_or_default()
}

fn outcome(posted: &Posted, errors: &[FieldError]) -> Choice {
    let mut options = vec![(String::new(), "Elija el sentido".to_owned())];
    options.extend(Outcome::ALL.iter().map(|one| (one.code().to_owned(), one.label().to_owned())));
    Choice::new("sentido", "Sentido de la respuesta", options).from(posted, errors)
}

fn ground(posted: &Posted, errors: &[FieldError]) -> Choice {
    let mut options = vec![(String::new(), "Ninguna: procede todo".to_owned())];
    options.extend(RefusalGround::ALL.iter().map(|one| (one.code().to_owned(), one.label().to_owned())));
    Choice::new("causa", "Por qué no procede todo", options).width("").from(posted, errors)
}

fn how(right: ArcoRight) -> &'static str {
    match right {
        ArcoRight::Access => {
            "Entregue las copias en Entregas y accesos de terceros del expediente, con esta solicitud como escrito, y elija aquí esa entrega."
        }
        ArcoRight::Rectification => {
            "Lo firmado no se modifica: firme una nota aclaratoria desde el documento, o corrija los datos de identidad, y elíjalo aquí."
        }
        ArcoRight::Cancellation | ArcoRight::Opposition | ArcoRight::Revocation => {
            "Marque las finalidades que dejan de tratarse: se registran en sus consentimientos como retiradas."
        }
    }
}

fn done(view: &ArcoView, posted: &Posted, errors: &[FieldError]) -> Choice {
    let mut options = vec![(String::new(), "Elija qué lo hizo efectivo".to_owned())];
    if view.request.content.right == ArcoRight::Access {
        options.extend(view.evidence.deliveries.iter().map(|one| {
            let words = format!("Entrega {} del {}", one.number, format::long_date(one.content.on));
            (one.id.to_string(), words)
        }));
    } else {
        if view.evidence.identity_corrected {
            options.push(("identidad".to_owned(), "Corrección de los datos de identidad".to_owned()));
        }
        options.extend(view.evidence.addenda.iter().map(|head| {
            let day = format::day(head.signed_at, &view.zone);
            (head.id.to_string(), format!("Nota aclaratoria del {}", format::long_date(day)))
        }));
    }
    Choice::new("hecho", "Qué lo hizo efectivo", options).width("").from(posted, errors)
}

fn purposes(view: &ArcoView) -> Vec<(&'static str, &'static str, bool)> {
    let row =
        |purpose: &ConsentPurpose| (purpose.code(), purpose.label(), view.evidence.given.contains(purpose));
    ConsentPurpose::ALL.iter().map(row).collect()
}

fn step_row(dated: &DatedStep, view: &ArcoView) -> StepRow {
    let lines = match &dated.step {
        ArcoStep::DataNeeded { what: line }
        | ArcoStep::AnswerExtended { reason: line }
        | ArcoStep::ExecutionExtended { reason: line }
        | ArcoStep::Withdrawn { reason: line } => vec![line.clone()],
        ArcoStep::DataReceived => Vec::new(),
        ArcoStep::Answered { outcome, ground, kept_until, text } => {
            let mut lines = vec![outcome.label().to_owned()];
            lines.extend(ground.map(|ground| format!("{} ({})", ground.label(), ground.citation())));
            lines.extend(kept_until.map(|day| format!("Se conserva hasta el {}", format::long_date(day))));
            lines.extend(text.split('\n').filter(|line| !line.trim().is_empty()).map(str::to_owned));
            lines
        }
        ArcoStep::Executed { done } => vec![match done {
            Done::Delivered { .. } => "Se entregaron las copias".to_owned(),
            Done::Addendum { .. } => "Se firmó una nota aclaratoria".to_owned(),
            Done::IdentityCorrected => "Se corrigieron los datos de identidad".to_owned(),
            Done::ConsentsWithdrawn { purposes } => {
                let names: Vec<&str> = purposes.iter().map(|purpose| purpose.label()).collect();
                format!("Se retiraron: {}", names.join("; "))
            }
        }],
    };
    let today = format::day(view.now, &view.zone);
    let about = format!("{}, {}", format::day_and_time(dated.at, &view.zone, today), dated.by_name);
    StepRow { title: dated.step.label(), about, lines }
}

fn other_steps(view: &ArcoView, posted: &Posted, errors: &[FieldError]) -> Vec<OtherStep> {
    let field = |code: &'static str, label| {
        let (nothing, none) = (Posted::default(), Vec::new());
        let here = posted.get("paso") == code;
        let (posted, errors) = if here { (posted, errors) } else { (&nothing, none.as_slice()) };
        let id = if here { "motivo".to_owned() } else { format!("motivo-{code}") };
        Some(Field::text("motivo", label).max(300).from(posted, errors).id(id))
    };
    let step = |code, title, help, field| OtherStep {
        code,
        title,
        help,
        field,
        open: posted.get("paso") == code && !errors.is_empty(),
    };
    let needs = || {
        let help = "El plazo para responder sigue corriendo.";
        step("datos", "Pedir más datos", help, field("datos", "Qué datos faltan"))
    };
    let longer =
        |code: &'static str, help| step(code, "Ampliar el plazo", help, field(code, "Por qué hace falta"));
    let withdraw = || {
        let help = "Solo si la persona ya no quiere continuar.";
        step("desistir", "Registrar desistimiento", help, field("desistir", "Qué dijo la persona"))
    };
    let answer = "Una sola vez, por 20 días hábiles más (LFPDPPP, artículo 31).";
    let execution = "Una sola vez, por 15 días hábiles más (LFPDPPP, artículo 31).";
    match view.progress.state {
        ArcoState::Received => vec![needs(), longer("ampliar", answer), withdraw()],
        ArcoState::WaitingForData => {
            let came = step("llegaron", "Registrar que llegaron los datos", "", None);
            vec![came, longer("ampliar", answer), withdraw()]
        }
        ArcoState::ToExecute => vec![longer("ampliar-ejecucion", execution), withdraw()],
        ArcoState::Refused | ArcoState::Executed | ArcoState::Withdrawn => Vec::new(),
    }
}
