//! The language model asked from a consultation: what it says and was said waits in the draft, what it makes up is nowhere,
//! and what the physician did meanwhile stays. The model is a few lines of shell; no model code is needed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use care::consultation::Consultation;
use care::model::ModelState;
use care::review::ReviewAction;
use care::{Care, CareError};
use clinical::document::DocumentKind;
use clinical::draft::Review;
use clinical::ids::EncounterId;
use engine_process::models::{self, Model};
use llm::Writer;
use test_support::{Clinic, engines};

const NEV: DocumentKind = DocumentKind::PROGRESS_NOTE;

const TRANSCRIPT: &str = "D: ¿Qué le pasa?\n\
    P: Me duele la rodilla derecha desde hace dos semanas, sobre todo al subir escaleras. Empezó cargando cajas en la mudanza.\n\
    D: ¿Ha tenido fiebre o se le ha hinchado?\n\
    P: No, nada de eso.";

const TRUE_WORDS: &str = "empezó cargando cajas en la mudanza";

/// Says that it is ready, waits, and answers each question with something true and something made up.
const PROCESS: &str = r#"echo '{"say":"ready","model":"de mentiras","context":2048,"sandbox":{"files":true}}'
while read -r question; do
sleep 0.3
echo '{"say":"written","text":"{\"facts\":[{\"turns\":[1],\"text\":\"dolor de rodilla derecha, empezó cargando cajas en la mudanza\"},{\"turns\":[2,3],\"text\":\"Refiere fiebre.\"}]}","complete":true,"asked_tokens":9,"written_tokens":9}'
done
"#;

fn installed(folder: &Path, process: &str) -> (Model, Writer) {
    let file = folder.join("de-mentiras.gguf");
    fs::write(&file, "GGUF").unwrap();
    let model = models::add(&folder.join("modelos"), &file, None).unwrap();
    let program = folder.join("proceso");
    fs::write(&program, format!("#!/bin/sh\nPATH=/usr/bin:/bin\n{process}")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    let writer = Writer::new(program, model.clone(), Duration::from_secs(20));
    (model, writer)
}

/// The consultation once the model has finished.
async fn finished(care: &Care, clinic: &Clinic, id: EncounterId) -> Consultation {
    for _ in 0..200 {
        let view = care.consultation(&clinic.physician, id, NEV).await.unwrap();
        if view.model != ModelState::Writing {
            return view;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the model never finished");
}

fn says(view: &Consultation, words: &str) -> bool {
    view.draft.items.iter().any(|item| item.content.text().contains(words))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_model_proposes_is_guarded_waits_for_review_and_names_model_and_instructions() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let (model, writer) = installed(&clinic.directory, PROCESS);
        let care = clinic.care.clone().with_writer(writer);
        let by = &clinic.physician;
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let id = clinic.consultation(patient, TRANSCRIPT).await;
        let before = care.consultation(by, id, NEV).await.unwrap();
        assert_eq!((&before.model, &before.draft.model), (&ModelState::Ready, &None));
        assert!(!says(&before, TRUE_WORDS));

        care.ask_model(by, id, NEV).await.unwrap();
        assert_eq!(care.consultation(by, id, NEV).await.unwrap().model, ModelState::Writing);
        // The physician goes on while it writes.
        let decided = before.draft.items[0].id;
        let accept = ReviewAction::Accept(decided);
        care.review(by, id, NEV, before.version, &accept).await.unwrap();

        let view = finished(&care, &clinic, id).await;
        assert_eq!(view.model, ModelState::Ready);
        assert!(says(&view, TRUE_WORDS), "{:?}", view.draft.items);
        let fever = |text: String| text.contains("fiebre") && !text.contains("Niega");
        assert!(!view.draft.items.iter().any(|item| fever(item.content.text())), "made up");
        let own = view.draft.items.iter().find(|item| item.content.text().contains(TRUE_WORDS)).unwrap();
        assert_eq!(own.review, Review::Pending);
        assert!(!own.evidence.is_empty());
        assert_eq!(view.draft.item(decided).map(|item| item.review), Some(Review::Accepted));
        let share = view.draft.model.unwrap();
        assert_eq!((share.added, share.refused), (1, 1));
        assert_eq!(share.model_digest, model.digest);
        assert_eq!(share.prompt_digest, llm::prompt::digest());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_model_or_with_one_that_dies_the_draft_stays_as_it_is() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let by = &clinic.physician;
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let id = clinic.consultation(patient, TRANSCRIPT).await;
        let before = clinic.care.consultation(by, id, NEV).await.unwrap();
        assert_eq!(before.model, ModelState::Absent);
        assert_eq!(clinic.care.language_model(by).await.unwrap(), None);
        let asked = clinic.care.ask_model(by, id, NEV).await;
        assert!(matches!(asked, Err(CareError::NotFound { .. })), "{asked:?}");

        let (_, writer) = installed(&clinic.directory, "exit 3\n");
        let care = clinic.care.clone().with_writer(writer);
        care.ask_model(by, id, NEV).await.unwrap();
        let view = finished(&care, &clinic, id).await;
        assert!(matches!(&view.model, ModelState::Failed(why) if !why.is_empty()), "{:?}", view.model);
        assert_eq!((view.version, &view.draft), (before.version, &before.draft));
        let denied = care.ask_model(&clinic.reception, id, NEV).await;
        assert!(matches!(denied, Err(CareError::Denied { .. })), "{denied:?}");
    }
}
