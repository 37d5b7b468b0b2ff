//! A physician's own templates: what a draft begins with, what stays in it, and whose they are.

use care::CareError;
use care::review::ReviewAction;
use care::templates::OutlineChange;
use clinical::document::{DocumentBody, DocumentKind};
use clinical::draft::{ItemContent, SectionId};
use clinical::ids::TemplateId;
use nom004::Obligation;
use test_support::{Clinic, PASSWORD, actor, engines};

const NEV: DocumentKind = DocumentKind::PROGRESS_NOTE;

const TRANSCRIPT: &str = "D: ¿Qué lo trae por aquí?\n\
    P: Me duele la rodilla derecha desde hace tres semanas.\n\
    D: La presión está en ciento treinta y dos sobre ochenta.\n\
    D: Tiene osteoartritis de la rodilla derecha.";

async fn template(clinic: &Clinic, name: &str) -> TemplateId {
    clinic.care.create_note_template(&clinic.physician, Some(NEV), None, name).await.unwrap()
}

async fn change(clinic: &Clinic, id: TemplateId, change: OutlineChange) {
    clinic.care.change_note_template(&clinic.physician, id, &change).await.unwrap();
}

/// The headings of a document as it would be signed.
fn headings(view: &care::consultation::Consultation) -> Vec<String> {
    nom004::definition_of(&view.draft).sections.iter().map(|section| section.label.clone()).collect()
}

#[tokio::test]
async fn new_drafts_begin_with_the_default_template_and_its_own_section_is_signed_in_its_place() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let (care, by) = (&clinic.care, &clinic.physician);
        let id = template(&clinic, "Control").await;
        change(&clinic, id, OutlineChange::AddOwn("Metas del paciente".to_owned())).await;
        let own = care.note_template(by, id).await.unwrap().shown.sections.last().unwrap().id.clone();
        for _ in 0..10 {
            change(&clinic, id, OutlineChange::Move { section: own.clone(), down: false }).await;
        }
        care.set_default_template(by, id, true).await.unwrap();

        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let visit = clinic.consultation(patient, TRANSCRIPT).await;
        let view = care.consultation(by, visit, NEV).await.unwrap();
        assert_eq!(headings(&view).first().unwrap(), "Metas del paciente");
        let text = "Caminar veinte minutos al día.".to_owned();
        let content = ItemContent::Statement { text: text.clone() };
        let add = ReviewAction::Add { section: SectionId::new(&own), content };
        let mut view = care.review(by, visit, NEV, view.version, &add).await.unwrap();
        for item in view.draft.items.clone() {
            let accept = ReviewAction::Accept(item.id);
            view = care.review(by, visit, NEV, view.version, &accept).await.unwrap();
        }
        // What the norm asks for is still asked for.
        let refused = care.sign(by, visit, NEV, view.version, PASSWORD.to_owned()).await;
        assert!(matches!(refused, Err(CareError::Invalid(_))), "{refused:?}");
        for section in [SectionId::PROGNOSIS, SectionId::TREATMENT] {
            let content = ItemContent::Statement { text: "Escrito por la médica.".to_owned() };
            let add = ReviewAction::Add { section, content };
            view = care.review(by, visit, NEV, view.version, &add).await.unwrap();
        }
        // The template goes; the draft that follows it stays as it is.
        care.remove_note_template(by, id).await.unwrap();
        let signed = care.sign(by, visit, NEV, view.version, PASSWORD.to_owned()).await.unwrap();
        let note = care.document(by, signed.note).await.unwrap();
        let DocumentBody::Note { sections, .. } = note.content.body else { panic!("not a note") };
        assert_eq!(sections[0].label, "Metas del paciente");
        assert_eq!(sections[0].items[0].text, text);
        assert_eq!(sections[0].numeral, None);
    }
}

#[tokio::test]
async fn what_was_said_is_shown_though_its_section_was_taken_away_and_required_ones_cannot_be() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let (care, by) = (&clinic.care, &clinic.physician);
        let id = template(&clinic, "Breve").await;
        for section in nom004::definition(NEV).sections.iter().filter(|one| !one.filled_by.is_in_head()) {
            let hide = OutlineChange::Hide(section.id.clone());
            let hidden = care.change_note_template(by, id, &hide).await;
            assert_eq!(hidden.is_err(), section.obligation == Obligation::Required, "{}", section.id);
        }
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let visit = clinic.consultation(patient, TRANSCRIPT).await;
        let before = care.consultation(by, visit, NEV).await.unwrap();
        let view = care.use_note_template(by, visit, NEV, before.version, id).await.unwrap();
        assert_eq!(view.draft.items, before.draft.items, "a layout changes nothing that is said");
        let shown = headings(&view);
        assert!(shown.iter().any(|label| label == "Signos vitales"), "the pressure was told: {shown:?}");
        assert!(!shown.iter().any(|label| label == "Resultados de los estudios"), "{shown:?}");
    }
}

#[tokio::test]
async fn names_are_not_used_twice_and_nobody_sees_or_uses_the_templates_of_another() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let (care, by) = (&clinic.care, &clinic.physician);
        let id = template(&clinic, "Control").await;
        for name in ["Control", "  ", &"x".repeat(81)] {
            let again = care.create_note_template(by, Some(NEV), None, name).await;
            assert!(matches!(again, Err(CareError::Invalid(_))), "{name}: {again:?}");
        }
        let other = care.create_note_template(by, Some(DocumentKind::PRESCRIPTION), None, "Receta").await;
        assert!(matches!(other, Err(CareError::Invalid(_))), "{other:?}");
        let trainee = actor(care, "residente").await;
        assert!(care.note_templates(&trainee).await.unwrap().is_empty());
        let foreign = care.rename_note_template(&trainee, id, "Mía").await;
        assert!(matches!(foreign, Err(CareError::NotFound { .. })), "{foreign:?}");
        let reception = actor(care, "recepcion").await;
        assert!(matches!(care.note_templates(&reception).await, Err(CareError::Denied { .. })));
    }
}
