//! Signed documents: what they say (Composition), their PDF (DocumentReference) and what binds both (Provenance).

use clinical::digest::Digest;
use clinical::document::{Cancelled, DocumentKind};
use clinical::ids::DocumentId;
use uuid::Uuid;

use crate::datatypes::{
    Attachment, CodeableConcept, Extension, Identifier, Reference, coding, concept, extension, filled,
    full_url, says_yes, text_of, words,
};
use crate::error::{Problem, Result, at, coded, maybe, need, parsed};
use crate::narrative::{lines, narrative};
use crate::prescription::request;
use crate::record::{DocumentFacts, Seal, Section};
use crate::resources::{
    Agent, Attester, Composition, CompositionSection, Condition, Content, DocumentReference, Observation,
    Provenance, RelatesTo, Signature,
};
use crate::summary::{certainty, condition_code, reference_in};
use crate::systems;
use crate::writer::{Writer, derived};
use crate::{Files, paths};

const R: &str = "Composition";
/// Sections that name diagnoses and medicines.
const DIAGNOSES: [&str; 1] = ["11450-4"];
const TREATMENT: [&str; 2] = ["10160-0", "18776-5"];
const VITAL_SIGNS: [&str; 1] = ["8716-3"];

/// Writes a document with everything it names.
pub(crate) fn document(own: &DocumentFacts, observations: &[Observation], files: Files, writer: &mut Writer) {
    writer.role(&own.author, &own.establishment);
    let (author, place) = (writer.practitioner(&own.author), writer.organization(&own.establishment));
    let encounter = own.encounter_id.map(Reference::to);
    let mut conditions = Vec::new();
    for (number, entry) in own.conditions.iter().enumerate() {
        let id = derived("diagnosis", format!("{}/{number}", own.id));
        writer.push(Condition {
            id: Some(id.to_string()),
            verification_status: Some(certainty(entry.certainty)),
            category: vec![concept(systems::CONDITION_CATEGORY, "encounter-diagnosis", None)],
            code: Some(condition_code(entry)),
            subject: Some(writer.patient.clone()),
            encounter: encounter.clone(),
            recorded_date: Some(writer.date_time(own.signed_at)),
            ..Condition::default()
        });
        conditions.push(Reference::to(id));
    }
    let mut requests = Vec::new();
    for (number, entry) in own.medication_requests.iter().enumerate() {
        let id = derived("request", format!("{}/{number}", own.id));
        let cancelled = own.cancelled.as_ref();
        writer.push(request(id, entry, own.signed_at, &author, encounter.clone(), cancelled, writer));
        requests.push(Reference::to(id));
    }
    let measured = match own.encounter_id {
        Some(encounter) if own.sections.iter().any(|s| has_code(s, &VITAL_SIGNS)) => {
            reference_in(observations, encounter)
        }
        _ => Vec::new(),
    };
    let entries = [(&DIAGNOSES[..], conditions), (&TREATMENT[..], requests), (&VITAL_SIGNS[..], measured)];
    writer.push(composition(own, sections(own, entries), &author, &place, writer));
    writer.push(pdf(own, &author, &place, files, writer));
    writer.push(provenance(own, author, place, writer));
}

/// Type of a document: of LOINC where its definition has one, and always of ours.
fn kind_of(own: &DocumentFacts) -> CodeableConcept {
    let loinc = nom004::known(own.kind).and_then(|definition| definition.loinc.as_deref());
    let mut codes: Vec<_> = loinc.map(|code| coding(systems::LOINC, code, None)).into_iter().collect();
    codes.push(coding(systems::DOCUMENT_KINDS, own.kind.code(), Some(&own.title)));
    CodeableConcept { coding: codes, ..words(&own.title) }
}

fn has_code(section: &Section, codes: &[&str]) -> bool {
    section.loinc.as_deref().is_some_and(|own| codes.contains(&own))
}

/// The sections with their entries; entries of no section of theirs follow in one without words.
fn sections(own: &DocumentFacts, entries: [(&[&str], Vec<Reference>); 3]) -> Vec<CompositionSection> {
    let mut written: Vec<CompositionSection> = own
        .sections
        .iter()
        .map(|section| CompositionSection {
            title: filled(&section.title),
            code: section.loinc.as_ref().map(|code| concept(systems::LOINC, code, None)),
            text: Some(narrative(&section.lines)),
            entry: Vec::new(),
        })
        .collect();
    let mut left = Vec::new();
    for (codes, references) in entries {
        let place = own.sections.iter().position(|section| has_code(section, codes));
        match place.and_then(|place| written.get_mut(place)) {
            Some(section) => section.entry.extend(references),
            None => left.extend(references),
        }
    }
    if !left.is_empty() {
        let title = filled("Datos codificados");
        written.push(CompositionSection { title, entry: left, ..CompositionSection::default() });
    }
    written
}

fn composition(
    own: &DocumentFacts,
    section: Vec<CompositionSection>,
    author: &Reference,
    place: &Reference,
    writer: &Writer,
) -> Composition {
    let seal = &own.seal;
    let mut extensions = vec![
        Extension::instant(systems::ACT_AT, own.act_at),
        Extension::string(systems::CONTENT_SHA256, seal.content_digest),
    ];
    extensions.extend(own.transcript.map(|digest| Extension::string(systems::TRANSCRIPT_SHA256, digest)));
    extensions.extend(own.external.then(|| Extension::yes(systems::EXTERNAL)));
    // What was attested stays final; that it holds no more is said beside it.
    if let Some(cancelled) = &own.cancelled {
        extensions.push(Extension::instant(systems::CANCELLED_AT, cancelled.at));
        extensions.push(Extension::string(systems::CANCELLED_BY, &cancelled.by));
        extensions.push(Extension::string(systems::REASON, &cancelled.reason));
    }
    let signed_at = writer.date_time(own.signed_at);
    Composition {
        id: Some(own.id.to_string()),
        extension: extensions,
        identifier: Some(Identifier::new(systems::DOCUMENT, own.id)),
        status: Some("final".to_owned()),
        kind: Some(kind_of(own)),
        subject: Some(writer.patient.clone()),
        encounter: own.encounter_id.map(Reference::to),
        date: Some(signed_at.clone()),
        author: vec![author.clone()],
        title: filled(&own.title),
        attester: vec![Attester {
            mode: Some("legal".to_owned()),
            time: Some(signed_at),
            party: Some(author.clone()),
        }],
        custodian: Some(place.clone()),
        relates_to: own
            .amends
            .map(|id| RelatesTo {
                code: Some("appends".to_owned()),
                target_reference: Some(Reference::to(id)),
            })
            .into_iter()
            .collect(),
        section,
    }
}

fn pdf(
    own: &DocumentFacts,
    author: &Reference,
    place: &Reference,
    files: Files,
    writer: &Writer,
) -> DocumentReference {
    let url = |beside: String, inside: &Uuid| match files {
        Files::Beside => beside,
        Files::Inside => full_url(paths::binary(inside)),
    };
    let file = |title: &str, digest: Digest, url: String| Content {
        attachment: Some(Attachment {
            extension: vec![Extension::string(systems::SHA256, digest)],
            content_type: Some("application/pdf".to_owned()),
            url: Some(url),
            title: filled(title),
            creation: Some(writer.date_time(own.signed_at)),
            size: None,
        }),
    };
    let mut content = vec![file(&own.title, own.seal.pdf_digest, url(paths::pdf(own.id), &own.id.0))];
    content.extend(own.efirma.map(|digest| {
        let title = format!("{}, con e.firma", own.title);
        file(&title, digest, url(paths::efirma(own.id), &paths::efirma_file(own.id)))
    }));
    // "superseded" is what FHIR has for a document that is no longer to be used and was no error.
    let status = if own.cancelled.is_some() { "superseded" } else { "current" };
    DocumentReference {
        id: Some(derived("pdf", own.id).to_string()),
        extension: Vec::new(),
        status: Some(status.to_owned()),
        kind: Some(kind_of(own)),
        category: vec![concept(systems::OWN_CODES, SIGNED, Some("Documento firmado"))],
        subject: Some(writer.patient.clone()),
        date: Some(own.signed_at.to_string()),
        author: vec![author.clone()],
        custodian: Some(place.clone()),
        description: filled(&own.title),
        content,
    }
}

/// SHA-256 of a document's PDF with an e.firma, from the DocumentReference of its files.
pub(crate) fn read_efirma(own: &DocumentReference) -> Result<Option<Digest>> {
    const R: &str = "DocumentReference";
    let second = own.content.get(1).and_then(|content| content.attachment.as_ref());
    let Some(attachment) = second else { return Ok(None) };
    parsed(text_of(&attachment.extension, systems::SHA256), R, "content.attachment.extension").map(Some)
}

/// Category of the files of a signed document.
pub(crate) const SIGNED: &str = "documento-firmado";

fn provenance(own: &DocumentFacts, author: Reference, place: Reference, writer: &Writer) -> Provenance {
    let seal = &own.seal;
    let signature = coding(systems::SIGNATURE_TYPE, systems::AUTHOR_SIGNATURE, Some("Author's Signature"));
    Provenance {
        id: Some(derived("provenance", own.id).to_string()),
        extension: vec![
            Extension::string(systems::CONTENT_SHA256, seal.content_digest),
            Extension::string(systems::SHA256, seal.pdf_digest),
            Extension::integer(systems::CHAIN_PLACE, seal.sequence),
            Extension::string(systems::CHAIN_PREVIOUS, seal.previous),
            Extension::string(systems::CHAIN_LINK, seal.digest),
        ],
        target: vec![Reference::to(own.id), Reference::to(derived("pdf", own.id))],
        occurred_date_time: Some(writer.date_time(own.act_at)),
        recorded: Some(own.signed_at.to_string()),
        agent: vec![Agent {
            kind: Some(concept(systems::PROVENANCE_AGENT, "author", None)),
            who: Some(author.clone()),
            on_behalf_of: Some(place),
        }],
        signature: vec![Signature {
            kind: vec![signature],
            when: Some(own.signed_at.to_string()),
            who: Some(author),
            target_format: Some("application/pdf".to_owned()),
        }],
    }
}

/// The document a Provenance is of, and what it binds.
pub(crate) fn read_seal(own: &Provenance) -> Result<(DocumentId, Seal)> {
    const R: &str = "Provenance";
    let target = own.target.first().and_then(|own| own.reference.as_deref()?.strip_prefix("urn:uuid:"));
    let digest = |url| parsed::<Digest>(text_of(&own.extension, url), R, "extension");
    let place = extension(&own.extension, systems::CHAIN_PLACE).and_then(|own| own.value_integer);
    let seal = Seal {
        content_digest: digest(systems::CONTENT_SHA256)?,
        pdf_digest: digest(systems::SHA256)?,
        sequence: need(place, R, "extension(lugar-en-la-cadena)")?,
        previous: digest(systems::CHAIN_PREVIOUS)?,
        digest: digest(systems::CHAIN_LINK)?,
    };
    Ok((parsed(target, R, "target")?, seal))
}

/// What reading a document needs from the rest of the bundle.
pub(crate) trait Lookup {
    fn establishment(&self, reference: Option<&Reference>) -> Result<clinical::practitioner::Establishment>;
    fn author(&self, reference: Option<&Reference>) -> Result<clinical::practitioner::Practitioner>;
    fn condition(&self, url: &str) -> Option<Result<clinical::condition::ConditionEntry>>;
    fn request(&self, url: &str) -> Option<Result<clinical::medication::MedicationRequest>>;
    fn seal(&self, id: DocumentId) -> Option<Seal>;
    fn efirma(&self, id: DocumentId) -> Result<Option<Digest>>;
}

pub(crate) fn read_document(own: &Composition, from: &impl Lookup) -> Result<DocumentFacts> {
    let id: DocumentId = parsed(own.id.as_deref(), R, "id")?;
    let kind = own.kind.as_ref().and_then(|kind| kind.code_in(systems::DOCUMENT_KINDS));
    let uuid = |reference: Option<&Reference>| {
        reference.and_then(|own| own.reference.as_deref()?.strip_prefix("urn:uuid:").map(str::to_owned))
    };
    let seal = from.seal(id).ok_or_else(|| at(R, "id", Problem::Dangling))?;
    let digest = text_of(&own.extension, systems::CONTENT_SHA256);
    if parsed::<Digest>(digest, R, "extension(sha-256-del-contenido)")? != seal.content_digest {
        return Err(at(R, "extension(sha-256-del-contenido)", Problem::Value));
    }
    let (mut sections, mut conditions, mut medication_requests) = (Vec::new(), Vec::new(), Vec::new());
    for section in &own.section {
        if let Some(text) = &section.text {
            sections.push(Section {
                title: section.title.clone().unwrap_or_default(),
                loinc: section.code.as_ref().and_then(|code| code.code_in(systems::LOINC)).map(str::to_owned),
                lines: lines(text).ok_or_else(|| at(R, "section.text.div", Problem::Form))?,
            });
        }
        for url in section.entry.iter().filter_map(|entry| entry.reference.as_deref()) {
            conditions.extend(from.condition(url).transpose()?);
            medication_requests.extend(from.request(url).transpose()?);
        }
    }
    let act_at = extension(&own.extension, systems::ACT_AT).and_then(|own| own.value_instant.as_deref());
    let amends = own.relates_to.first().and_then(|own| uuid(own.target_reference.as_ref()));
    Ok(DocumentFacts {
        id,
        kind: coded(kind, DocumentKind::from_code, R, "type")?,
        title: own.title.clone().unwrap_or_default(),
        establishment: from.establishment(own.custodian.as_ref())?,
        author: from.author(own.author.first())?,
        act_at: parsed(act_at, R, "extension(fecha-y-hora-del-acto)")?,
        signed_at: parsed(own.date.as_deref(), R, "date")?,
        encounter_id: maybe(uuid(own.encounter.as_ref()).as_deref(), R, "encounter")?,
        amends: maybe(amends.as_deref(), R, "relatesTo")?,
        sections,
        conditions,
        medication_requests,
        transcript: maybe(
            text_of(&own.extension, systems::TRANSCRIPT_SHA256),
            R,
            "extension(sha-256-de-la-transcripcion)",
        )?,
        seal,
        external: says_yes(&own.extension, systems::EXTERNAL),
        efirma: from.efirma(id)?,
        cancelled: read_cancelled(own)?,
    })
}

fn read_cancelled(own: &Composition) -> Result<Option<Cancelled>> {
    let at = extension(&own.extension, systems::CANCELLED_AT).and_then(|own| own.value_instant.as_deref());
    let at = maybe(at, R, "extension(cancelada-el)")?;
    let text = |url| text_of(&own.extension, url).unwrap_or_default().to_owned();
    Ok(at.map(|at| Cancelled { at, by: text(systems::CANCELLED_BY), reason: text(systems::REASON) }))
}
