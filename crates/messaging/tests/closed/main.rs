//! Nothing clinical leaves: over every message, what its type can hold and what its words say.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;

use jiff::civil::date;
use messaging::graph::{Window, body};
use messaging::letter::{Letter, Message, Slot, Token, Visit};
use messaging::mail;
use messaging::wording::TEMPLATES;
use messaging::words::{FirstName, Label, telling};
use serde_json::Value;

fn visit() -> Visit {
    Visit {
        starts: date(2026, 11, 24).at(10, 30, 0, 0),
        place: Label::parse("Lugarmarca").unwrap(),
        physician: Some(Label::parse("Dra. Apellidomarca").unwrap()),
    }
}

fn messages() -> Vec<Message> {
    let slot = |hour| Slot {
        token: Token::from_bytes([3; 16]),
        starts: date(2026, 11, 24).at(hour, 30, 0, 0),
        physician: Some(Label::parse("Dra. Apellidomarca").unwrap()),
    };
    let all = vec![
        Message::Booked(visit()),
        Message::ThreeDays(visit()),
        Message::DayBefore(visit()),
        Message::SameDay(visit()),
        Message::Cancelled(visit()),
        Message::CalledOff(visit()),
        Message::BookedByMistake(visit()),
        Message::OfferEnded(visit()),
        Message::Stands(visit()),
        Message::Moved(visit()),
        Message::SlotOffered(visit()),
        Message::Confirmed(visit()),
        Message::Standing(visit()),
        Message::FreeSlots((8..20).map(slot).collect()),
        Message::NoSlots,
        Message::SlotGone,
        Message::Declined(visit()),
        Message::NoVisit,
        Message::WhoWeAre,
        Message::ToAPerson,
        Message::Stopped,
        Message::Restarted,
        Message::OnlyVisits,
    ];
    // A new kind of message does not compile until it is here, and then it must be in the list above.
    for message in &all {
        match message {
            Message::Booked(_) | Message::ThreeDays(_) | Message::DayBefore(_) | Message::SameDay(_) => {}
            Message::Cancelled(_) | Message::Moved(_) | Message::SlotOffered(_) => {}
            Message::CalledOff(_)
            | Message::BookedByMistake(_)
            | Message::OfferEnded(_)
            | Message::Stands(_) => {}
            Message::Confirmed(_) | Message::Standing(_) | Message::FreeSlots(_) | Message::NoSlots => {}
            Message::SlotGone | Message::Declined(_) | Message::NoVisit | Message::WhoWeAre => {}
            Message::ToAPerson | Message::Stopped | Message::Restarted | Message::OnlyVisits => {}
        }
    }
    let kinds: BTreeSet<String> = all
        .iter()
        .map(|message| format!("{message:?}").chars().take_while(|c| c.is_alphabetic()).collect())
        .collect();
    assert_eq!(kinds.len(), 23, "each kind once");
    all
}

fn letter(message: Message) -> Letter {
    Letter {
        practice: Label::parse("Consultoriomarca").unwrap(),
        name: Some(FirstName::of("Nombremarca Segundo Tercero").unwrap()),
        token: Token::from_bytes([9; 16]),
        message,
    }
}

fn names(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            into.insert(name.clone());
            names(value, into);
        }),
        Value::Array(list) => list.iter().for_each(|value| names(value, into)),
        _ => {}
    }
}

#[test]
fn a_message_has_no_place_for_a_diagnosis_a_medicine_a_specialty_or_a_reason() {
    let mut fields = BTreeSet::new();
    for message in messages() {
        let kept = serde_json::to_value(letter(message)).unwrap();
        names(&kept, &mut fields);
        assert!(serde_json::from_value::<Letter>(kept).is_ok(), "what is kept is read again");
    }
    let kinds = [
        "booked",
        "three_days",
        "day_before",
        "same_day",
        "cancelled",
        "called_off",
        "booked_by_mistake",
        "offer_ended",
        "stands",
        "declined",
        "moved",
        "slot_offered",
        "confirmed",
        "standing",
        "free_slots",
    ];
    let allowed = ["practice", "name", "token", "message", "starts", "place", "physician"];
    for field in fields {
        assert!(kinds.contains(&field.as_str()) || allowed.contains(&field.as_str()), "{field}");
    }
    let more = r#"{"practice":"C","name":null,"token":"09090909090909090909090909090909","message":"no_slots","diagnosis":"x"}"#;
    assert!(serde_json::from_str::<Letter>(more).is_err(), "another field is refused");
}

#[test]
fn no_message_says_anything_of_an_illness_in_any_of_its_forms() {
    for message in messages() {
        let letter = letter(message);
        let mut said = vec![letter.text(), mail::text(&letter)];
        said.extend(
            [Window::Open, Window::Closed]
                .into_iter()
                .filter_map(|window| body(&letter, "525512345678", window, "7").map(|body| body.to_string())),
        );
        for text in said {
            assert_eq!(telling(&text), None, "{text}");
            for word in [
                "diagn",
                "medicament",
                "receta",
                "estudio",
                "resultado",
                "análisis",
                "síntoma",
                "tratamiento",
                "enfermedad",
                "curp",
                "expediente",
                "Segundo",
                "Tercero",
                "{{",
            ] {
                assert!(!text.to_lowercase().contains(&word.to_lowercase()), "«{word}» in: {text}");
            }
        }
    }
}

#[test]
fn outside_the_window_only_templates_and_inside_what_whatsapp_allows() {
    for message in messages() {
        let letter = letter(message);
        let closed = body(&letter, "525512345678", Window::Closed, "7");
        assert_eq!(closed.is_some(), letter.message.wording().template.is_some());
        if let Some(closed) = closed {
            assert_eq!(closed["type"], "template");
            assert_eq!(closed["template"]["language"]["code"], "es_MX");
            for parameter in closed["template"]["components"][0]["parameters"].as_array().unwrap() {
                let text = parameter["text"].as_str().unwrap();
                assert!(!text.is_empty() && !text.contains(['\n', '\t']) && !text.contains("    "));
            }
        }
        let open = body(&letter, "525512345678", Window::Open, "7").unwrap();
        assert!(letter.text().chars().count() <= 1024, "the text of buttons");
        for button in
            open.pointer("/interactive/action/buttons").and_then(Value::as_array).into_iter().flatten()
        {
            assert!(button["reply"]["title"].as_str().unwrap().chars().count() <= 20);
        }
        let rows = open.pointer("/interactive/action/sections/0/rows").and_then(Value::as_array);
        assert!(rows.is_none_or(|rows| rows.len() == 10), "twelve were free, ten can be offered");
        for row in rows.into_iter().flatten() {
            assert!(row["title"].as_str().unwrap().chars().count() <= 24);
        }
        assert_eq!(open["biz_opaque_callback_data"], "7");
    }
}

#[test]
fn each_template_is_defined_as_meta_wants_it() {
    let mut seen = BTreeSet::new();
    for wording in TEMPLATES {
        let definition = wording.definition().unwrap();
        assert!(seen.insert(definition["name"].to_string()));
        assert_eq!(definition["category"], "UTILITY");
        let body = wording.body();
        assert!(!body.starts_with("{{") && !body.trim_end_matches('.').ends_with("}}"), "{body}");
        assert!(!body.contains("}}{{") && !body.contains("}} {{"), "{body}");
        let examples = definition["components"][0]["example"]["body_text"][0].as_array().unwrap();
        for at in 1..=examples.len() {
            assert_eq!(body.matches(&format!("{{{{{at}}}}}")).count(), 1, "{body}");
        }
        assert_eq!(body.matches("{{").count(), examples.len(), "{body}");
        for promotion in ["oferta", "descuento", "promoción", "gratis", "hace tiempo"] {
            assert!(
                !body.to_lowercase().contains(promotion),
                "one promotional sentence makes it marketing: {body}"
            );
        }
    }
}

#[test]
fn a_reminder_reads_as_a_courteous_practice_would_write_it() {
    let text = letter(Message::DayBefore(visit())).text();
    assert_eq!(
        text,
        "Hola, Nombremarca. Le escribimos de Consultoriomarca. Le recordamos que mañana, martes 24 de noviembre, a las 10:30 h, le \
         esperamos en Lugarmarca, con la Dra. Apellidomarca.\n\n¿Nos confirma, por favor, su asistencia? Si no puede venir, avísenos y \
         con gusto buscamos otro horario."
    );
}

#[test]
fn a_cancelled_visit_is_told_by_who_gave_it_up_with_thanks_or_with_an_apology() {
    let (thanks, apology) = ("Gracias por avisarnos", "Le ofrecemos una disculpa");
    for (message, says, not) in [
        (Message::Cancelled(visit()), thanks, "disculpa"),
        (Message::CalledOff(visit()), apology, "Gracias por avisarnos"),
        (Message::BookedByMistake(visit()), apology, "Gracias por avisarnos"),
        (Message::OfferEnded(visit()), "ya no le guardamos el lugar", "su cita"),
        (Message::Declined(visit()), "Gracias por responder", "su cita"),
    ] {
        let letter = letter(message);
        // What is only said in a conversation is in no e-mail.
        let mailed = letter.message.wording().template.map(|_| mail::text(&letter));
        for said in [Some(letter.text()), mailed].into_iter().flatten() {
            assert!(said.contains(says) && !said.contains(not), "{said}");
            assert!(said.contains("martes 24 de noviembre a las 10:30 h"), "{said}");
        }
    }
}
