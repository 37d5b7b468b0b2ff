//! Builds what a signed document says from a reviewed draft: pure, so that what is previewed is what is signed.

use clinical::allergy::AllergyStatus;
use clinical::digest::Digest;
use clinical::document::{
    CONTENT_SCHEMA, DocumentBody, DocumentContent, DocumentKind, DocumentReference, PatientHeader,
    SignedItem, SignedSection, Supervision,
};
use clinical::draft::{DraftNote, ItemContent, SectionId};
use clinical::identifiers::ProfessionalLicense;
use clinical::ids::{DocumentId, PatientId, PractitionerId};
use clinical::medication::MedicationRequest;
use clinical::patient::Patient;
use clinical::person::PersonName;
use clinical::practitioner::{Establishment, Practitioner};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use nom004::{DispensingClass, FilledBy, SaleGroup};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::error::CareError;

/// What every document of one signature shares.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Where.
    pub establishment: Establishment,
    /// About whom, at the date of the act.
    pub patient: PatientHeader,
    /// By whom.
    pub author: Practitioner,
    /// Under whose supervision, for a trainee.
    pub supervision: Option<Supervision>,
    /// The request the note answers.
    pub answers: Option<DocumentReference>,
    /// When care happened.
    pub act_at: Timestamp,
    /// When it is signed.
    pub signed_at: Timestamp,
}

impl Frame {
    fn content(&self, id: DocumentId, kind: DocumentKind, body: DocumentBody) -> DocumentContent {
        DocumentContent {
            schema: CONTENT_SCHEMA,
            id,
            kind,
            title: nom004::title(kind).to_owned(),
            establishment: self.establishment.clone(),
            patient: self.patient.clone(),
            author: self.author.clone(),
            supervision: self.supervision.clone(),
            answers: None,
            act_at: self.act_at,
            signed_at: self.signed_at,
            body,
        }
    }

    /// The note: sections in the order of the norm, only what the physician kept.
    #[must_use]
    pub fn note(&self, id: DocumentId, draft: &DraftNote, transcript: Option<Digest>) -> DocumentContent {
        let document = nom004::definition_of(draft);
        let sections = document.sections.iter().map(|definition| {
            let section = SectionId::new(&definition.id);
            let items = draft.section(&section).map(|item| SignedItem {
                text: item.content.text(),
                origin: item.origin.clone(),
                evidence: item.evidence.clone(),
                source: item.source.clone(),
                cells: match &item.content {
                    ItemContent::Row { cells } => cells.clone(),
                    _ => Vec::new(),
                },
            });
            SignedSection {
                id: definition.id.clone(),
                label: definition.label.clone(),
                numeral: definition.numeral().map(str::to_owned),
                layout: definition.layout(),
                items: items.collect(),
            }
        });
        let body = DocumentBody::Note {
            sections: sections.collect(),
            vital_signs: collect(draft, |content| match content {
                ItemContent::VitalSign(sign) => Some(*sign),
                _ => None,
            }),
            conditions: collect(draft, |content| match content {
                ItemContent::Condition(condition) => Some(condition.clone()),
                _ => None,
            }),
            medication_requests: draft.medication_requests().cloned().collect(),
            transcript,
        };
        DocumentContent { answers: self.answers.clone(), ..self.content(id, draft.kind, body) }
    }

    /// The receta with these lines of the draft, when there are any. Its author is who signs it: a trainee does not
    /// prescribe.
    #[must_use]
    pub fn prescription(
        &self,
        id: DocumentId,
        folio: &str,
        draft: &DraftNote,
        requests: Vec<MedicationRequest>,
    ) -> Option<DocumentContent> {
        if requests.is_empty() {
            return None;
        }
        let document = nom004::definition_of(draft);
        let treatments = document.sections.iter().filter(|s| s.filled_by == FilledBy::Treatment);
        let plans: Vec<SectionId> = treatments.map(|section| SectionId::new(&section.id)).collect();
        let instructions = draft.kept().filter_map(|item| match &item.content {
            ItemContent::Statement { text } if plans.contains(&item.section) => Some(text.clone()),
            _ => None,
        });
        let special = draft.medication_requests().filter_map(special_line);
        let body = DocumentBody::Prescription {
            folio: folio.to_owned(),
            medication_requests: requests,
            // RIS and LGS ask for the diagnosis only on the special receta (fraction I), which is not printed here;
            // leaving it out tells the pharmacy no more than it needs.
            diagnosis: None,
            instructions: instructions.chain(special).collect(),
            alert_decisions: draft.alert_decisions.clone(),
        };
        let mut content = self.content(id, DocumentKind::PRESCRIPTION, body);
        if let Some(supervision) = content.supervision.take() {
            content.author = supervision.physician;
        }
        Some(content)
    }

    /// An addendum to a signed document.
    #[must_use]
    pub fn addendum(&self, id: DocumentId, original: &Amended, reason: &str, text: &str) -> DocumentContent {
        let body = DocumentBody::Addendum {
            amends: original.id,
            amends_title: original.title.clone(),
            amends_digest: original.digest,
            reason: reason.to_owned(),
            text: text.to_owned(),
        };
        self.content(id, DocumentKind::ADDENDUM, body)
    }
}

/// What the ordinary receta may say of a medicine of fracción I: that it is on the official one.
fn special_line(request: &MedicationRequest) -> Option<String> {
    let folio = request.dispensing.special_folio.as_deref()?;
    let special = DispensingClass::Controlled(SaleGroup::SpecialPrescription);
    (request.is_prescribed() && DispensingClass::of(request) == special).then(|| {
        format!("{} se surte con la receta especial, folio {folio}, no con esta.", capital(&request.medicine))
    })
}

/// The words with a large first letter, as a sentence begins.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default() + letters.as_str()
}

/// The document an addendum corrects.
#[derive(Debug, Clone)]
pub struct Amended {
    /// Its identifier.
    pub id: DocumentId,
    /// Its name and date, for the reader.
    pub title: String,
    /// Digest of its content.
    pub digest: Digest,
}

fn collect<T>(draft: &DraftNote, pick: impl Fn(&ItemContent) -> Option<T>) -> Vec<T> {
    draft.kept().filter_map(|item| pick(&item.content)).collect()
}

/// The patient as documents name them on the day of the act.
#[must_use]
pub fn patient_header(
    patient: &Patient,
    allergies: &AllergyStatus,
    act_at: Timestamp,
    zone: &TimeZone,
) -> PatientHeader {
    let day = act_at.to_zoned_datetime(zone.clone()).date();
    PatientHeader {
        id: patient.id,
        name: patient.full_name(),
        sex: patient.data.sex.label().to_owned(),
        age: patient.age_text(day),
        birth_date: patient.birth_date().map(|birth| birth.date().to_string()),
        curp: patient.curp().map(|curp| curp.as_str().to_owned()),
        address: patient.data.address.clone(),
        record_number: patient.record_number.clone(),
        allergies: allergy_line(allergies),
    }
}

/// Allergies in one line, for the header of every page.
#[must_use]
pub fn allergy_line(allergies: &AllergyStatus) -> String {
    match allergies {
        AllergyStatus::NotAsked => "no interrogadas".to_owned(),
        AllergyStatus::Denied => "negadas".to_owned(),
        AllergyStatus::Known(list) => {
            list.iter().map(|allergy| allergy.substance.as_str()).collect::<Vec<_>>().join(", ")
        }
    }
}

/// The allergies of the summary with those the draft adds.
#[must_use]
pub fn with_draft_allergies(known: AllergyStatus, draft: &DraftNote) -> AllergyStatus {
    let told = collect(draft, |content| match content {
        ItemContent::Allergy(allergy) => Some(allergy.clone()),
        _ => None,
    });
    let denied = draft.kept().any(|item| item.content == ItemContent::AllergiesDenied);
    match known {
        AllergyStatus::Known(mut list) => {
            let same = |a: &str, b: &str| terminology::fold::fold(a) == terminology::fold::fold(b);
            for allergy in told {
                if !list.iter().any(|other| same(&other.substance, &allergy.substance)) {
                    list.push(allergy);
                }
            }
            AllergyStatus::Known(list)
        }
        _ if !told.is_empty() => AllergyStatus::Known(told),
        AllergyStatus::NotAsked if denied => AllergyStatus::Denied,
        other => other,
    }
}

/// The content as stored and digested: JSON with the fields in the order of the types.
///
/// # Errors
/// [`CareError::Internal`] when it cannot be written, which no value of these types causes.
pub fn canonical(content: &DocumentContent) -> Result<(String, Digest), CareError> {
    let text = serde_json::to_string(content).map_err(CareError::internal)?;
    let digest = sha256(text.as_bytes());
    Ok((text, digest))
}

/// SHA-256 of bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

/// A draft that belongs to no record (a transcript from a file): every identifying element says so.
#[must_use]
pub fn anonymous_draft(draft: &DraftNote, now: Timestamp) -> DocumentContent {
    const NONE: &str = "Sin registrar";
    let word = || NONE.to_owned();
    let frame = Frame {
        establishment: Establishment {
            kind: word(),
            name: word(),
            address: word(),
            institution: None,
            owner: word(),
            phone: None,
            clues: None,
            time_zone: crate::DEFAULT_ZONE.to_owned(),
        },
        patient: PatientHeader {
            id: PatientId(Uuid::nil()),
            name: word(),
            sex: word(),
            age: word(),
            birth_date: None,
            curp: None,
            address: None,
            record_number: word(),
            allergies: allergy_line(&with_draft_allergies(AllergyStatus::NotAsked, draft)),
        },
        author: Practitioner {
            id: PractitionerId(Uuid::nil()),
            title: String::new(),
            name: PersonName::unknown(),
            license: ProfessionalLicense::none(),
            degree_institution: word(),
            specialty: None,
            trainee: None,
        },
        supervision: None,
        answers: None,
        act_at: now,
        signed_at: now,
    };
    frame.note(DocumentId(Uuid::nil()), draft, None)
}
