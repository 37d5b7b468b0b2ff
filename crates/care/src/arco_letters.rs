//! What a person is handed about their ARCO request: the acknowledgement with its terms, and the answer.

use clinical::arco::{
    ArcoContent, ArcoRequest, ArcoRight, ArcoStep, DatedStep, EXECUTION_DAYS, Outcome, Requester,
};
use clinical::audit::AuditAction;
use clinical::ids::ArcoId;

use crate::Care;
use crate::documents::Pdf;
use crate::error::CareError;
use crate::letters::{day, fact};
use crate::permission::{Actor, Permission};

impl Care {
    /// The acknowledgement that a request was received, with the last day to answer it.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is no such request.
    pub async fn arco_acknowledgement(&self, actor: &Actor, id: ArcoId) -> Result<Pdf, CareError> {
        self.require(actor, Permission::ReceiveRights).await?;
        let mut tx = self.begin(actor).await?;
        let view = self.arco_view(&mut tx, actor, id).await?;
        let number = view.request.number;
        let title = "Acuse de solicitud de derechos ARCO";
        let mut letter = self.letter(&mut tx, title, format!("solicitud {number}")).await?;
        letter.facts = facts(&view.request);
        letter.paragraphs = vec![
            format!("Lo que se pide: {}", view.request.content.description),
            format!(
                "Este establecimiento responderá a más tardar el {}: 20 días hábiles desde que recibió la solicitud, que pueden ampliarse una sola vez por un periodo igual. Si procede, lo hará efectivo dentro de los 15 días hábiles siguientes a la respuesta (LFPDPPP, artículo 31).",
                day(view.answer_due)
            ),
            "El trámite no tiene costo, salvo los gastos de reproducción y envío (LFPDPPP, artículos 32 a 34).".to_owned(),
        ];
        letter.signers = vec![
            (asked_by(&view.request.content), "Solicita".to_owned()),
            (view.request.by_name.clone(), "Recibe".to_owned()),
        ];
        let event = self.event(actor, AuditAction::Print, "arco", id, view.request.patient_id);
        tx.append_audit(event).await?;
        tx.commit().await?;
        self.letter_pdf(letter, format!("acuse-arco-{number}.pdf")).await
    }

    /// The answer to a request. Only who reads clinical text prints it, since its words may touch the record.
    ///
    /// # Errors
    /// [`CareError::NotFound`] while there is no answer.
    pub async fn arco_answer(&self, actor: &Actor, id: ArcoId) -> Result<Pdf, CareError> {
        self.require(actor, Permission::DecideRights).await?;
        let mut tx = self.begin(actor).await?;
        let view = self.arco_view(&mut tx, actor, id).await?;
        let is_answer = |dated: &&DatedStep| matches!(dated.step, ArcoStep::Answered { .. });
        let dated = view.steps.iter().find(is_answer).ok_or(CareError::NotFound { what: "la respuesta" })?;
        let number = view.request.number;
        let title = "Respuesta a una solicitud de derechos ARCO";
        let mut letter = self.letter(&mut tx, title, format!("solicitud {number}")).await?;
        letter.facts = facts(&view.request);
        letter.facts.push(fact("Respondida el", day(dated.on)));
        let (mut said, granted) = decision(&dated.step);
        if let Some(due) = view.execution_due.filter(|_| granted) {
            said.push(format!(
                "Lo que procede se hará efectivo a más tardar el {}: {EXECUTION_DAYS} días hábiles desde esta respuesta, que pueden ampliarse una sola vez por un periodo igual (LFPDPPP, artículo 31).",
                day(due)
            ));
        }
        said.extend(by_right(view.request.content.right).filter(|_| granted).map(str::to_owned));
        said.push("Si no está de acuerdo con esta respuesta puede acudir, dentro de los 15 días siguientes, ante la Secretaría Anticorrupción y Buen Gobierno (LFPDPPP, artículo 40).".to_owned());
        letter.paragraphs = said;
        letter.signers = vec![
            (dated.by_name.clone(), "Responde por el establecimiento".to_owned()),
            (asked_by(&view.request.content), "Recibe la respuesta".to_owned()),
        ];
        let event = self.event(actor, AuditAction::Print, "arco", id, view.request.patient_id);
        tx.append_audit(event).await?;
        tx.commit().await?;
        self.letter_pdf(letter, format!("respuesta-arco-{number}.pdf")).await
    }
}

fn facts(request: &ArcoRequest) -> Vec<(String, String)> {
    let content = &request.content;
    let mut facts = vec![
        fact("Solicitud", request.number),
        fact("Derecho", content.right.label()),
        fact("Titular de los datos", &content.holder),
        fact("Recibida el", day(request.received_on)),
    ];
    if let Requester::Representative { name, proof } = &content.requester {
        facts.push(fact("Pide por el titular", format!("{name}, {proof}")));
    }
    facts.push(fact("Se identificó con", &content.identity));
    facts.push(fact("Respuesta a", &content.reply_to));
    facts
}

fn asked_by(content: &ArcoContent) -> String {
    match &content.requester {
        Requester::Holder => content.holder.clone(),
        Requester::Representative { name, .. } => name.clone(),
    }
}

/// The words of an answer, and whether anything is granted.
fn decision(step: &ArcoStep) -> (Vec<String>, bool) {
    let ArcoStep::Answered { outcome, ground, kept_until, text } = step else { return (Vec::new(), false) };
    let mut said = vec![format!("Su solicitud es: {}.", outcome.label().to_lowercase())];
    said.extend(ground.map(|ground| format!("Motivo: {} ({}).", ground.label(), ground.citation())));
    said.extend(kept_until.map(|until| {
        format!(
            "El expediente se conserva al menos hasta el {}; después de esa fecha la solicitud podrá revisarse.",
            day(until)
        )
    }));
    said.extend(text.split('\n').map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
    (said, *outcome != Outcome::Refused)
}

/// What has to be known about a right that is granted.
fn by_right(right: ArcoRight) -> Option<&'static str> {
    match right {
        ArcoRight::Rectification => Some(
            "Los documentos firmados no se modifican: la rectificación se agrega como nota aclaratoria o como corrección de los datos de identidad, y lo anterior se conserva.",
        ),
        ArcoRight::Revocation => {
            Some("La revocación del consentimiento no tiene efectos retroactivos (LFPDPPP, artículo 7).")
        }
        ArcoRight::Access | ArcoRight::Cancellation | ArcoRight::Opposition => None,
    }
}
