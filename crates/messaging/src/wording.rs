//! What each message says, once: the text Meta approves as a template, the text inside the window of a conversation, and the
//! text of an e-mail are the same.

use serde_json::{Value, json};

use crate::letter::{Action, Letter, Message, Visit, day_words, hour_words, with_whom};

/// The language of the templates.
pub const LANGUAGE: &str = "es_MX";

/// What stands in a place of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The first name, or "buen día" where it is not said.
    Name,
    /// The practice.
    Practice,
    /// The day.
    Day,
    /// The hour.
    Hour,
    /// The place, and who attends.
    Place,
}

/// A button: what it does and says (at most 20 letters).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Button {
    /// What it does.
    pub action: Action,
    /// What it says.
    pub title: &'static str,
}

/// The words of one kind of message.
#[derive(Debug, Clone, Copy)]
pub struct Wording {
    /// The name of the template, for what may be said outside the window of a conversation. All are of the category
    /// *utility*: they answer to a visit the patient asked for, and not one sentence advertises.
    pub template: Option<&'static str>,
    body: &'static str,
    parts: &'static [Part],
    /// Its buttons, at most three.
    pub buttons: &'static [Button],
}

const fn button(action: Action, title: &'static str) -> Button {
    Button { action, title }
}

const VISIT: &[Part] = &[Part::Name, Part::Practice, Part::Day, Part::Hour, Part::Place];
const CHOICES: &[Button] = &[
    button(Action::Confirm, "Confirmar"),
    button(Action::Move, "Cambiar"),
    button(Action::Cancel, "Cancelar"),
];
const OTHER_TIME: &[Button] = &[button(Action::SeeSlots, "Ver horarios")];

const BOOKED: Wording = Wording {
    template: Some("cita_agendada"),
    body: "Hola, {{1}}. Le escribimos de {{2}}. Su cita quedó agendada para el {{3}} a las {{4}}, en {{5}}.\n\nSi necesita \
           cambiarla o cancelarla, toque uno de los botones o responda a este mensaje. Con gusto le atendemos.",
    parts: VISIT,
    buttons: CHOICES,
};
const THREE_DAYS: Wording = Wording {
    template: Some("cita_tres_dias"),
    body: "Hola, {{1}}. Le escribimos de {{2}} para recordarle su cita del {{3}} a las {{4}}, en {{5}}.\n\n¿Nos confirma, por \
           favor, si podrá asistir?",
    parts: VISIT,
    buttons: CHOICES,
};
const DAY_BEFORE: Wording = Wording {
    template: Some("cita_recordatorio"),
    body: "Hola, {{1}}. Le escribimos de {{2}}. Le recordamos que mañana, {{3}}, a las {{4}}, le esperamos en {{5}}.\n\n¿Nos \
           confirma, por favor, su asistencia? Si no puede venir, avísenos y con gusto buscamos otro horario.",
    parts: VISIT,
    buttons: CHOICES,
};
const SAME_DAY: Wording = Wording {
    template: Some("cita_hoy"),
    body: "Hola, {{1}}. Le escribimos de {{2}}. Su cita es hoy, {{3}}, a las {{4}}, en {{5}}, y aún no tenemos su \
           confirmación.\n\n¿Nos dice, por favor, si podrá venir?",
    parts: VISIT,
    buttons: CHOICES,
};
const CANCELLED: Wording = Wording {
    template: Some("cita_cancelada"),
    body: "Hola, {{1}}. Le escribimos de {{2}}. Gracias por avisarnos: su cita del {{3}} a las {{4}}, en {{5}}, quedó \
           cancelada.\n\nSi desea otro horario, toque el botón o responda a este mensaje.",
    parts: VISIT,
    buttons: OTHER_TIME,
};
const CALLED_OFF: Wording = Wording {
    template: Some("cita_suspendida"),
    body: "Hola, {{1}}. Le escribimos de {{2}}. Le ofrecemos una disculpa: tuvimos que cancelar su cita del {{3}} a las {{4}}, \
           en {{5}}, porque no nos será posible atenderle en ese horario.\n\nCon gusto le damos otro: toque el botón o responda \
           a este mensaje.",
    parts: VISIT,
    buttons: OTHER_TIME,
};
const BOOKED_BY_MISTAKE: Wording = Wording {
    template: Some("cita_por_error"),
    body: "Hola, {{1}}. Le escribimos de {{2}}. Le ofrecemos una disculpa: la cita del {{3}} a las {{4}}, en {{5}}, se agendó \
           por un error nuestro y ya quedó cancelada.\n\nUsted no necesita hacer nada. Si desea una cita, toque el botón o \
           responda a este mensaje.",
    parts: VISIT,
    buttons: OTHER_TIME,
};
const OFFER_ENDED: Wording = Wording {
    template: Some("cita_lugar_vencido"),
    body: "Hola, {{1}}. Le escribimos de {{2}}. Como no recibimos su respuesta a tiempo, ya no le guardamos el lugar del {{3}} a \
           las {{4}}, en {{5}}.\n\nUsted sigue en la lista de espera. Si prefiere elegir otro horario ahora, toque el botón o \
           responda a este mensaje.",
    parts: VISIT,
    buttons: OTHER_TIME,
};
const STANDS: Wording = Wording {
    template: Some("cita_vigente"),
    body: "Hola, {{1}}. Le escribimos de {{2}}. Le ofrecemos una disculpa por el aviso anterior: su cita del {{3}} a las {{4}}, \
           en {{5}}, sigue en pie.\n\n¿Nos confirma, por favor, si podrá asistir?",
    parts: VISIT,
    buttons: CHOICES,
};
const MOVED: Wording = Wording {
    template: Some("cita_cambiada"),
    body: "Hola, {{1}}. Le escribimos de {{2}}. Su cita cambió: ahora es el {{3}} a las {{4}}, en {{5}}.\n\nSi el nuevo horario \
           no le acomoda, toque uno de los botones o responda a este mensaje.",
    parts: VISIT,
    buttons: CHOICES,
};
const SLOT_OFFERED: Wording = Wording {
    template: Some("cita_lugar_disponible"),
    body: "Hola, {{1}}. Le escribimos de {{2}}. Usted pidió que le avisáramos: se liberó un lugar el {{3}} a las {{4}}, en \
           {{5}}.\n\n¿Lo quiere? Se lo guardamos unas horas, mientras nos responde.",
    parts: VISIT,
    buttons: &[button(Action::Take, "Sí, lo quiero"), button(Action::Decline, "No, gracias")],
};

const fn said(body: &'static str, parts: &'static [Part], buttons: &'static [Button]) -> Wording {
    Wording { template: None, body, parts, buttons }
}

const CONFIRMED: Wording = said(
    "Muchas gracias. Su cita del {{1}} a las {{2}}, en {{3}}, está confirmada. Le esperamos.",
    &[Part::Day, Part::Hour, Part::Place],
    &[],
);
const STANDING: Wording = said(
    "Su cita es el {{1}} a las {{2}}, en {{3}}. ¿Qué desea hacer?",
    &[Part::Day, Part::Hour, Part::Place],
    CHOICES,
);
const FREE_SLOTS: Wording = said(
    "Estos son los próximos horarios disponibles en {{1}}. Por favor, elija el que mejor le acomode.",
    &[Part::Practice],
    &[],
);
const NO_SLOTS: Wording = said(
    "Por ahora no tenemos horarios disponibles como los pide. Una persona de {{1}} le ayudará en cuanto sea posible.",
    &[Part::Practice],
    &[],
);
const SLOT_GONE: Wording =
    said("Una disculpa: ese horario se acaba de ocupar. Con gusto le mostramos otros.", &[], OTHER_TIME);
const DECLINED: Wording = said(
    "Gracias por responder. Ya no le guardamos el lugar del {{1}} a las {{2}}, en {{3}}. Usted sigue en la lista de espera.",
    &[Part::Day, Part::Hour, Part::Place],
    OTHER_TIME,
);
const NO_VISIT: Wording =
    said("No encontramos una cita próxima con este número. ¿Desea agendar una?", &[], OTHER_TIME);
const WHO_WE_ARE: Wording = said(
    "Le escribimos de {{1}}. Por este medio solo atendemos citas: agendar, confirmar, cambiar o cancelar. Para dejar de recibir \
     avisos, responda BAJA.",
    &[Part::Practice],
    &[],
);
const TO_A_PERSON: Wording = said(
    "Gracias por su mensaje. Una persona de {{1}} le responderá en horario de atención. Si se trata de una urgencia, llame al \
     911.",
    &[Part::Practice],
    &[],
);
const STOPPED: Wording = said(
    "Listo: ya no le enviaremos avisos por este medio. Si cambia de opinión, responda ALTA. Gracias.",
    &[],
    &[],
);
const RESTARTED: Wording =
    said("Listo: volverá a recibir los avisos de sus citas en {{1}}. Gracias.", &[Part::Practice], &[]);
const ONLY_VISITS: Wording = said(
    "Por este medio solo atendemos citas, con mensajes de texto: no revisamos fotos, audios ni documentos. Si se trata de una \
     urgencia, llame al 911.",
    &[],
    &[],
);

/// The words that may open a conversation: what Meta has to approve.
pub const TEMPLATES: [Wording; 11] = [
    BOOKED,
    THREE_DAYS,
    DAY_BEFORE,
    SAME_DAY,
    CANCELLED,
    CALLED_OFF,
    BOOKED_BY_MISTAKE,
    STANDS,
    MOVED,
    SLOT_OFFERED,
    OFFER_ENDED,
];

impl Message {
    /// The words of this kind of message.
    #[must_use]
    pub fn wording(&self) -> Wording {
        match self {
            Self::Booked(_) => BOOKED,
            Self::ThreeDays(_) => THREE_DAYS,
            Self::DayBefore(_) => DAY_BEFORE,
            Self::SameDay(_) => SAME_DAY,
            Self::Cancelled(_) => CANCELLED,
            Self::CalledOff(_) => CALLED_OFF,
            Self::BookedByMistake(_) => BOOKED_BY_MISTAKE,
            Self::OfferEnded(_) => OFFER_ENDED,
            Self::Stands(_) => STANDS,
            Self::Moved(_) => MOVED,
            Self::SlotOffered(_) => SLOT_OFFERED,
            Self::Confirmed(_) => CONFIRMED,
            Self::Standing(_) => STANDING,
            Self::FreeSlots(_) => FREE_SLOTS,
            Self::NoSlots => NO_SLOTS,
            Self::SlotGone => SLOT_GONE,
            Self::Declined(_) => DECLINED,
            Self::NoVisit => NO_VISIT,
            Self::WhoWeAre => WHO_WE_ARE,
            Self::ToAPerson => TO_A_PERSON,
            Self::Stopped => STOPPED,
            Self::Restarted => RESTARTED,
            Self::OnlyVisits => ONLY_VISITS,
        }
    }

    fn visit(&self) -> Option<&Visit> {
        match self {
            Self::Booked(visit)
            | Self::ThreeDays(visit)
            | Self::DayBefore(visit)
            | Self::SameDay(visit)
            | Self::Cancelled(visit)
            | Self::CalledOff(visit)
            | Self::BookedByMistake(visit)
            | Self::OfferEnded(visit)
            | Self::Declined(visit)
            | Self::Stands(visit)
            | Self::Moved(visit)
            | Self::SlotOffered(visit)
            | Self::Confirmed(visit)
            | Self::Standing(visit) => Some(visit),
            Self::FreeSlots(_)
            | Self::NoSlots
            | Self::SlotGone
            | Self::NoVisit
            | Self::WhoWeAre
            | Self::ToAPerson
            | Self::Stopped
            | Self::Restarted
            | Self::OnlyVisits => None,
        }
    }
}

impl Letter {
    fn part(&self, part: Part) -> String {
        let visit = self.message.visit();
        let of_visit = |say: &dyn Fn(&Visit) -> String| visit.map(say).unwrap_or_default();
        match part {
            Part::Name => self.name.as_ref().map_or("buen día", |name| name.as_str()).to_owned(),
            Part::Practice => self.practice.as_str().to_owned(),
            Part::Day => of_visit(&|visit| day_words(visit.starts.date())),
            Part::Hour => of_visit(&|visit| hour_words(visit.starts.time())),
            Part::Place => of_visit(&|visit| match &visit.physician {
                Some(physician) => format!("{}, {}", visit.place.as_str(), with_whom(physician)),
                None => visit.place.as_str().to_owned(),
            }),
        }
    }

    /// What is put into the places of its text, in order.
    #[must_use]
    pub fn parameters(&self) -> Vec<String> {
        self.message.wording().parts.iter().map(|part| self.part(*part)).collect()
    }

    /// Its whole text, as it is read.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.message.wording().body.to_owned();
        for (at, value) in self.parameters().into_iter().enumerate() {
            text = text.replace(&format!("{{{{{}}}}}", at + 1), &value);
        }
        text
    }
}

impl Wording {
    /// The text with its numbered places, as Meta approves it.
    #[must_use]
    pub fn body(&self) -> &'static str {
        self.body
    }

    /// What is sent to Meta to have the template approved; `None` for what is only said inside a conversation.
    #[must_use]
    pub fn definition(&self) -> Option<Value> {
        let name = self.template?;
        let examples: Vec<&str> = self
            .parts
            .iter()
            .map(|part| match part {
                Part::Name => "Lucía",
                Part::Practice => "Consultorio Ceiba",
                Part::Day => "martes 24 de noviembre",
                Part::Hour => "10:30 h",
                Part::Place => "Av. Juárez 10, con la Dra. Prueba",
            })
            .collect();
        let mut components =
            vec![json!({"type": "BODY", "text": self.body, "example": {"body_text": [examples]}})];
        if !self.buttons.is_empty() {
            let buttons: Vec<Value> = self
                .buttons
                .iter()
                .map(|button| json!({"type": "QUICK_REPLY", "text": button.title}))
                .collect();
            components.push(json!({"type": "BUTTONS", "buttons": buttons}));
        }
        Some(json!({"name": name, "category": "UTILITY", "language": LANGUAGE, "components": components}))
    }
}
