//! The book of a record on its way out: what goes into it, and how each document is shown there.

use std::collections::HashMap;
use std::sync::Arc;

use clinical::audit::AuditEvent;
use clinical::calendar::long_date;
use clinical::care_act::CareAct;
use clinical::document::{Cancelled, DocumentContent};
use documents::{Book, BookDocument, Copy, RenderContext, TrailRow};
use fhir::{DocumentFacts, Kept};
use jiff::tz::TimeZone;

use super::export::RecordExport;
use super::gather::Carried;
use crate::audit::entity_label;
use crate::error::CareError;
use crate::zone;

impl RecordExport {
    /// The whole record as one PDF.
    pub(super) async fn book(&self) -> Result<Vec<u8>, CareError> {
        let mut pdfs = Vec::with_capacity(self.gathered.documents.len());
        for (document, facts) in self.gathered.documents.iter().zip(&self.gathered.record.documents) {
            let (pdf, efirma) = match (&facts.cancelled, document.efirma) {
                // Printed again, so that none of its pages can be taken for a receta that holds.
                (Some(cancelled), _) => (self.cancelled_copy(document, facts, cancelled).await?, false),
                (None, Some((signed, _))) => (self.stored(signed).await?, true),
                (None, None) => (self.stored(document.pdf).await?, false),
            };
            pdfs.push(BookDocument {
                title: document.title.clone(),
                author: document.author.clone(),
                act_at: document.act_at,
                origin: document.origin.clone(),
                efirma,
                cancelled: facts.cancelled.clone(),
                pdf,
            });
        }
        let book = self.book_of(pdfs);
        let renderer = Arc::clone(&self.renderer);
        let made =
            tokio::task::spawn_blocking(move || renderer.book(book)).await.map_err(CareError::internal)?;
        Ok(made.map_err(CareError::internal)?.bytes)
    }

    /// A cancelled receta that says so on every page.
    async fn cancelled_copy(
        &self,
        document: &Carried,
        facts: &DocumentFacts,
        cancelled: &Cancelled,
    ) -> Result<Vec<u8>, CareError> {
        let content: DocumentContent =
            serde_json::from_str(&document.content).map_err(CareError::internal)?;
        let context = RenderContext {
            logo: self.logo.clone().filter(|_| document.origin.is_none()),
            cancelled: Some(cancelled.clone()),
            ..RenderContext::new(facts.seal.content_digest, Copy::Original)
        };
        let renderer = Arc::clone(&self.renderer);
        let made = tokio::task::spawn_blocking(move || renderer.render(&content, &context)).await;
        made.map_err(CareError::internal)?.map_err(CareError::internal)
    }

    fn book_of(&self, documents: Vec<BookDocument>) -> Book {
        let gathered = &self.gathered;
        let zone = zone(&gathered.establishment.time_zone);
        let today = gathered.record.exported_at.to_zoned_datetime(zone.clone()).date();
        let patient = &gathered.patient;
        let mut facts = vec![
            ("Expediente", patient.record_number.clone()),
            ("Sexo", patient.data.sex.label().to_owned()),
            ("Edad", patient.age_text(today)),
        ];
        facts.extend(patient.birth_date().map(|birth| ("Fecha de nacimiento", long_date(birth.date()))));
        facts.extend(patient.curp().map(|curp| ("CURP", curp.as_str().to_owned())));
        facts.extend(patient.data.address.clone().map(|address| ("Domicilio", address)));
        if !gathered.record.patient.joined.is_empty() {
            facts.push(("Reúne también", gathered.record.patient.joined.join(", ")));
        }
        let files = gathered.record.files.iter().map(|file| {
            let withdrawn = if file.withdrawn.is_some() { " (retirado)" } else { "" };
            format!("{}. {}, {}{withdrawn}", file.title, file.category.label(), file.kind.label())
        });
        // A document by its name and day, as the index of the book has it.
        let named: HashMap<String, String> = gathered
            .documents
            .iter()
            .map(|document| {
                let day = document.act_at.to_zoned_datetime(zone.clone()).date();
                let name = format!("{} del {}", document.title, long_date(day));
                (document.id.to_string(), name)
            })
            .collect();
        let about = |event: &AuditEvent| {
            named.get(&event.entity_id).map_or_else(|| entity_label(&event.entity), String::as_str).to_owned()
        };
        let trail = gathered.events.iter().map(|(event, who)| TrailRow {
            at: event.at,
            who: who.clone(),
            what: format!("{}: {}", event.action.label(), about(event)),
            reason: event.reason.clone().unwrap_or_default(),
        });
        Book {
            establishment: gathered.establishment.clone(),
            patient: patient.full_name(),
            record_number: patient.record_number.clone(),
            facts,
            acts: acts(&gathered.record.acts, &zone),
            made_at: gathered.record.exported_at,
            made_by: self.made_by.clone(),
            reason: self.reason.clone(),
            documents,
            files: files.collect(),
            trail: trail.collect(),
            trail_left_out: gathered.events_left_out,
        }
    }
}

/// What was noted as done, oldest first, a line each; what was taken back says so.
fn acts(noted: &[Kept<CareAct>], zone: &TimeZone) -> Vec<String> {
    let mut noted: Vec<&Kept<CareAct>> = noted.iter().collect();
    noted.sort_by_key(|own| (own.value.on, own.recorded_at));
    let line = |own: &&Kept<CareAct>| {
        let CareAct { act, on, place } = &own.value;
        let what = prevention::acts::act(act).map_or(act.as_str(), |known| known.label);
        let place = place.as_ref().map(|place| format!(", {place}")).unwrap_or_default();
        let recorded = long_date(own.recorded_at.to_zoned_datetime(zone.clone()).date());
        let closed = own.closed_on.map(|on| format!("; se retiró el {}", long_date(on))).unwrap_or_default();
        format!("{what}: {}{place} (anotado el {recorded}{closed})", long_date(*on))
    };
    noted.iter().map(line).collect()
}
