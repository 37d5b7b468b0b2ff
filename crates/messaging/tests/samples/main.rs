//! The recorded notifications of `../shared/data/whatsapp`, byte for byte, and some with Mexican numbers as the reference
//! describes them.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use messaging::graph::Class;
use messaging::webhook::{AccountEvent, AppSecret, Content, Event, Progress, parse};
use proptest::prelude::*;
use zeroize::Zeroizing;

fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/whatsapp/webhook");
    let there = folder.is_dir();
    if !there {
        println!("skipped: ../shared is not there");
    }
    there.then_some(folder)
}

fn samples() -> BTreeMap<String, Vec<u8>> {
    let Some(folder) = folder() else { return BTreeMap::new() };
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read(&path).unwrap()))
        .collect()
}

fn secret() -> AppSecret {
    AppSecret::new(Zeroizing::new("secreto-de-prueba".to_owned())).unwrap()
}

#[test]
fn every_sample_signed_as_it_lies_is_accepted_and_read() {
    for (name, body) in samples() {
        let header = secret().header(&body).unwrap();
        assert!(secret().signed([header.as_bytes()], &body), "{name}");
        let mut changed = body.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(!secret().signed([header.as_bytes()], &changed), "{name} with its last byte changed");
        let events = parse(&body).unwrap();
        assert!(!events.is_empty() || name.starts_with("p-"), "{name}: nothing was read");
        for event in &events {
            assert!(event.key.len() > 2, "{name}");
        }
        let again = parse(&body).unwrap();
        assert_eq!(events, again, "{name}: sent again it has the same keys");
    }
}

#[test]
fn the_vector_of_the_reference_fits_the_recorded_button() {
    let Some(body) = samples().remove("b-buttonMessage") else { return };
    assert_eq!(body.len(), 1189);
    let expected = "sha256=2549810b6ee8634d0676786fb43ac289df0cf5aaafcbea432a5be4404da885fd";
    assert_eq!(secret().header(&body).as_deref(), Some(expected));
}

fn only(samples: &BTreeMap<String, Vec<u8>>, name: &str) -> Event {
    let events = parse(&samples[name]).unwrap();
    assert_eq!(events.len(), 1, "{name}");
    events.into_iter().next().unwrap().event
}

#[test]
fn each_kind_of_sample_is_what_it_is() {
    let samples = samples();
    if samples.is_empty() {
        return;
    }
    let content = |name: &str| match only(&samples, name) {
        Event::Message { content, .. } => content,
        other => unreachable!("{name}: {other:?}"),
    };
    assert_eq!(content("b-buttonMessage"), Content::Reply("SIM".to_owned()));
    assert_eq!(content("p-callback_button-button"), Content::Reply("callback_data".to_owned()));
    assert_eq!(content("p-callback_button-quick_reply"), Content::Reply("callback_data".to_owned()));
    assert_eq!(content("p-callback_selection-description"), Content::Reply("callback_data".to_owned()));
    assert_eq!(content("p-message-text"), Content::Text("Body Text".to_owned()));
    assert_eq!(content("p-message-voice"), Content::Other("audio".to_owned()));
    assert_eq!(content("p-message-reaction"), Content::Other("reaction".to_owned()));
    assert_eq!(content("p-message-interactive_message_with_err"), Content::Other("interactive".to_owned()));
    let Event::Message { from, .. } = only(&samples, "p-message-text") else { unreachable!() };
    assert_eq!(from.wa_id.as_deref(), Some("972987654321"));
    assert_eq!(from.user_id.as_deref(), Some("US.13491208655302741918"));

    let status = |name: &str| match only(&samples, name) {
        Event::Status { progress, failure, callback, .. } => {
            (progress, failure.map(|failure| failure.class), callback)
        }
        other => unreachable!("{name}: {other:?}"),
    };
    assert_eq!(status("p-message_status-read"), (Progress::Read, None, None));
    assert_eq!(status("p-message_status-played"), (Progress::Read, None, None));
    assert_eq!(status("p-message_status-with_tracker"), (Progress::Sent, None, Some("some data".to_owned())));
    assert_eq!(status("p-message_status-failed"), (Progress::Failed, Some(Class::Withheld), None));
    assert_eq!(status("b-reEngagementMessageError"), (Progress::Failed, Some(Class::WindowClosed), None));

    let changed =
        AccountEvent::Category { name: "my_message_template".to_owned(), category: "MARKETING".to_owned() };
    assert_eq!(only(&samples, "p-template_category_update-marketing"), Event::Account(changed));
    let refused =
        AccountEvent::Template { name: "schedule_confirmation4".to_owned(), state: "REJECTED".to_owned() };
    assert_eq!(only(&samples, "b-rejectedTemplate"), Event::Account(refused));
    assert_eq!(
        only(&samples, "b-qualityUpdate"),
        Event::Account(AccountEvent::Quality("FLAGGED".to_owned()))
    );
    let Event::NumberChanged { from, to } = only(&samples, "p-system-phone_number_change") else {
        unreachable!()
    };
    assert_eq!((from.wa_id.as_deref(), to.wa_id.as_deref()), (Some("972987654321"), Some("972912345678")));
    let Event::Preference { stopped, .. } = only(&samples, "p-user_marketing_preferences-resume") else {
        unreachable!()
    };
    assert!(!stopped);
}

#[test]
fn a_mexican_of_the_old_form_is_who_their_number_says_and_a_hidden_number_is_no_number() {
    let body = br#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"7"},
        "contacts":[{"profile":{"name":"L"},"wa_id":"5215512345678","user_id":"MX.1"}],
        "messages":[{"from":"5215512345678","id":"wamid.1","timestamp":"1764000000","type":"text","text":{"body":"s\u00ed"}}]}},
        {"field":"messages","value":{"metadata":{"phone_number_id":"7"},"contacts":[{"profile":{"username":"l"},"user_id":"MX.2"}],
        "messages":[{"id":"wamid.2","timestamp":"1764000000","type":"text","text":{"body":"hola"}}]}}]}]}"#;
    let events = parse(body).unwrap();
    let from = |at: usize| match &events[at].event {
        Event::Message { from, .. } => from.clone(),
        other => unreachable!("{other:?}"),
    };
    assert_eq!(from(0).number().map(|number| number.to_string()).as_deref(), Some("+525512345678"));
    assert_eq!(from(1).number(), None);
    assert_eq!(from(1).user_id.as_deref(), Some("MX.2"));
}

proptest! {
    #[test]
    fn bytes_of_any_kind_do_no_harm(body in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = parse(&body);
    }

    #[test]
    fn a_notification_with_anything_in_its_places_does_no_harm(value in json(4), field in "(messages|user_preferences|account_update|message_template_status_update|calls)") {
        let body = format!(r#"{{"entry":[{{"changes":[{{"field":"{field}","value":{{"messages":[{value}],"statuses":[{value}],"contacts":{value},"user_preferences":[{value}]}}}}]}}]}}"#);
        let _ = parse(body.as_bytes());
    }
}

/// JSON of any shape with the names the reader looks for.
fn json(depth: u32) -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        "(sent|failed|text|button|interactive|system|wamid.x|1764000000|99999999999999999999)"
            .prop_map(|text| format!("\"{text}\"")),
    ];
    leaf.prop_recursive(depth, 24, 4, |inner| {
        let name = "(id|type|status|timestamp|text|body|button|payload|interactive|list_reply|errors|code|pricing|context|system|wa_id|from)";
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(|list| format!("[{}]", list.join(","))),
            proptest::collection::vec((name, inner), 0..5).prop_map(|fields| {
                let fields: Vec<String> = fields.into_iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}
