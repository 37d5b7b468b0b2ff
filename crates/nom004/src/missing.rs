//! What a draft still lacks before it may be signed: sections, medicines, review and header, each with its citation.

use clinical::condition::Certainty;
use clinical::document::{DocumentKind, PatientHeader};
use clinical::draft::{DraftItem, DraftNote, ItemContent, Review, SectionId};
use clinical::ids::ItemId;
use clinical::medication::MedicationRequest;
use clinical::observation::VitalKind;
use clinical::practitioner::{Establishment, Practitioner};

use crate::answers::{Answer, answer, is_date};
use crate::catalogue::definition_of;
use crate::citation::Citation;
use crate::definitions::{FilledBy, Obligation, OneOf, SectionDefinition, Signers};
use crate::header::{HEADER, HeaderElement};
use crate::medicine::medicine_findings;

/// Whether signing waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The document cannot be signed without it.
    Blocks,
    /// Worth a look; signing goes on.
    Warns,
}

/// A field of a medicine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Denominación genérica.
    Medicine,
    /// Presentación.
    Presentation,
    /// Dosis.
    Dose,
    /// Vía de administración.
    Route,
    /// Periodicidad o frecuencia.
    Frequency,
    /// Duración.
    Duration,
    /// Cantidad a surtir.
    Quantity,
    /// Folio of the official special receta.
    SpecialFolio,
}

/// Where a finding points.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// A field of the header.
    Header(HeaderElement),
    /// A section.
    Section(SectionId),
    /// An item, and which field of it for a medicine.
    Item {
        /// The item.
        id: ItemId,
        /// The field, for a medicine.
        field: Option<Field>,
    },
    /// The document as a whole.
    Document,
}

/// Something missing, in the words for the physician.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The document that needs it: the note's draft also carries what its receta will need.
    pub document: DocumentKind,
    /// Where.
    pub place: Place,
    /// One sentence, for example "Falta el pronóstico."
    pub message: String,
    /// Who asks for it; absent where the text was not confirmed or the rule is the project's own.
    pub citation: Option<Citation>,
    /// Whether signing waits for it.
    pub severity: Severity,
}

impl Finding {
    /// Numeral or article alone, for the margin of a form.
    #[must_use]
    pub fn numeral(&self) -> Option<&'static str> {
        self.citation.map(|citation| citation.place)
    }

    /// Whether signing waits for it.
    #[must_use]
    pub fn blocks(&self) -> bool {
        self.severity == Severity::Blocks
    }
}

/// What the header of the document will say. An empty text is a missing field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeaderFacts<'a> {
    /// Tipo de establecimiento.
    pub establishment_kind: &'a str,
    /// Nombre del establecimiento.
    pub establishment_name: &'a str,
    /// Domicilio del establecimiento.
    pub establishment_address: &'a str,
    /// Razón social del propietario.
    pub establishment_owner: &'a str,
    /// Nombre completo del paciente.
    pub patient_name: &'a str,
    /// Sexo.
    pub patient_sex: &'a str,
    /// Edad.
    pub patient_age: &'a str,
    /// Domicilio del paciente.
    pub patient_address: &'a str,
    /// Número de expediente.
    pub record_number: &'a str,
    /// Nombre completo de quien elabora.
    pub author_name: &'a str,
    /// Cédula profesional.
    pub author_license: &'a str,
    /// Institución que expidió el título.
    pub author_institution: &'a str,
    /// Whether it is written under supervision: the cédula then is that of the physician who signs.
    pub supervised: bool,
}

impl<'a> HeaderFacts<'a> {
    /// The facts as the types of the record carry them. `author_name` is the practitioner's full name.
    #[must_use]
    pub fn new(
        establishment: &'a Establishment,
        patient: &'a PatientHeader,
        author: &'a Practitioner,
        author_name: &'a str,
    ) -> Self {
        Self {
            establishment_kind: &establishment.kind,
            establishment_name: &establishment.name,
            establishment_address: &establishment.address,
            establishment_owner: &establishment.owner,
            patient_name: &patient.name,
            patient_sex: &patient.sex,
            patient_age: &patient.age,
            patient_address: patient.address.as_deref().unwrap_or(""),
            record_number: &patient.record_number,
            author_name,
            author_license: author.license.as_str(),
            author_institution: &author.degree_institution,
            supervised: author.trainee.is_some(),
        }
    }

    /// Whether an element is absent that this document needs.
    pub(crate) fn lacks(&self, element: HeaderElement) -> bool {
        let of_supervisor = self.supervised && element == HeaderElement::AuthorLicense;
        !of_supervisor && self.get(element).trim().is_empty()
    }

    fn get(&self, element: HeaderElement) -> &'a str {
        match element {
            HeaderElement::EstablishmentKind => self.establishment_kind,
            HeaderElement::EstablishmentName => self.establishment_name,
            HeaderElement::EstablishmentAddress => self.establishment_address,
            HeaderElement::EstablishmentOwner => self.establishment_owner,
            HeaderElement::PatientName => self.patient_name,
            HeaderElement::PatientSex => self.patient_sex,
            HeaderElement::PatientAge => self.patient_age,
            HeaderElement::PatientAddress => self.patient_address,
            HeaderElement::RecordNumber => self.record_number,
            HeaderElement::AuthorName => self.author_name,
            HeaderElement::AuthorLicense => self.author_license,
            HeaderElement::AuthorInstitution => self.author_institution,
        }
    }
}

/// What the draft lacks, in reading order: header, review, sections, medicines.
///
/// A note's draft is also checked for what the receta made from its medicines will need; those findings carry
/// [`DocumentKind::PRESCRIPTION`]. An element both documents ask for is reported once, for the note.
#[must_use]
pub fn missing(draft: &DraftNote, header: &HeaderFacts<'_>) -> Vec<Finding> {
    let mut found = header_findings(draft.kind, header);
    found.extend(review_findings(draft));
    let definition = definition_of(draft);
    found.extend(definition.sections.iter().filter_map(|section| section_finding(draft, section)));
    found.extend(definition.one_of.iter().filter_map(|rule| one_of_finding(draft, rule)));
    let mut prescribed = 0;
    for (item, request) in requests(draft) {
        if request.is_prescribed() {
            prescribed += 1;
            found.extend(medicine_findings(draft.kind, item, request));
        }
    }
    if draft.kind == DocumentKind::PRESCRIPTION && prescribed == 0 {
        found.push(Finding {
            document: DocumentKind::PRESCRIPTION,
            place: Place::Document,
            message: "La receta no tiene medicamentos.".to_owned(),
            citation: Some(Citation::ris("30")),
            severity: Severity::Blocks,
        });
    }
    found
}

fn header_findings(document: DocumentKind, header: &HeaderFacts<'_>) -> Vec<Finding> {
    let absent = HEADER.iter().filter(|field| header.lacks(field.element));
    absent
        .map(|field| Finding {
            document,
            place: Place::Header(field.element),
            message: field.missing.to_owned(),
            citation: Some(field.citation),
            severity: if field.on_each_document { Severity::Blocks } else { Severity::Warns },
        })
        .collect()
}

fn review_findings(draft: &DraftNote) -> Vec<Finding> {
    let pending = draft.items.iter().filter(|item| item.review == Review::Pending);
    let mut found: Vec<Finding> = pending
        .map(|item| Finding {
            document: draft.kind,
            place: Place::Item { id: item.id, field: None },
            message: format!("Revise: {}", shortened(&item.content.text())),
            citation: None,
            severity: Severity::Blocks,
        })
        .collect();
    if !draft.doubts.is_empty() {
        let message = match draft.doubts.len() {
            1 => "Queda 1 duda por resolver.".to_owned(),
            n => format!("Quedan {n} dudas por resolver."),
        };
        found.push(Finding {
            document: draft.kind,
            place: Place::Document,
            message,
            citation: None,
            severity: Severity::Warns,
        });
    }
    found
}

/// The first words of a sentence, enough to recognise it in a list.
fn shortened(text: &str) -> String {
    const LIMIT: usize = 60;
    if text.chars().count() <= LIMIT {
        return text.to_owned();
    }
    let cut: String = text.chars().take(LIMIT).collect();
    let whole_words = cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words);
    format!("{whole_words}…")
}

fn section_finding(draft: &DraftNote, section: &SectionDefinition) -> Option<Finding> {
    let message = match fill(draft, section) {
        Fill::Filled => return None,
        Fill::Unexplained => format!("Escriba por qué no se hizo: {}.", section.label.to_lowercase()),
        Fill::Wrong(why) => format!("{}: {why}", section.label),
        Fill::Empty if section.obligation == Obligation::Required => section.missing.clone(),
        Fill::Empty => return None,
    };
    Some(Finding {
        document: draft.kind,
        place: Place::Section(SectionId::new(&section.id)),
        message,
        citation: section.citation,
        severity: Severity::Blocks,
    })
}

fn one_of_finding(draft: &DraftNote, rule: &OneOf) -> Option<Finding> {
    let filled = |id: &String| draft.section(&SectionId::new(id)).next().is_some();
    let first = rule.sections.first()?;
    (!rule.sections.iter().any(filled)).then(|| Finding {
        document: draft.kind,
        place: Place::Section(SectionId::new(first)),
        message: rule.message.clone(),
        citation: rule.citation,
        severity: Severity::Blocks,
    })
}

enum Fill {
    Filled,
    /// "No explorado" or "se negó" without a reason.
    Unexplained,
    /// Something is there that is not an answer; what to correct.
    Wrong(String),
    Empty,
}

fn fill(draft: &DraftNote, section: &SectionDefinition) -> Fill {
    let id = SectionId::new(&section.id);
    match &section.filled_by {
        filled if filled.is_in_head() => return Fill::Filled,
        FilledBy::Measurements(kinds) => {
            let measured = match kinds.as_slice() {
                [] => draft.section(&id).any(|item| matches!(item.content, ItemContent::VitalSign(_))),
                kinds => kinds.iter().all(|&kind| has_measurement(draft, kind)),
            };
            if measured {
                return Fill::Filled;
            }
        }
        FilledBy::Choice(options) => {
            return written(draft, &id, "elija una de las opciones.", |text| {
                options.iter().any(|option| option.as_str() == text)
            });
        }
        FilledBy::Date => {
            let why = "escriba la fecha con día, mes y año, por ejemplo 25/11/2026.";
            return written(draft, &id, why, |text| is_date(text, false));
        }
        FilledBy::DateTime => {
            let why = "escriba la fecha y la hora, por ejemplo 25/11/2026 14:30.";
            return written(draft, &id, why, |text| is_date(text, true));
        }
        FilledBy::Signers(signers) => return signed_by_hand(draft, &id, signers),
        _ => {}
    }
    said(draft, &id, &section.filled_by)
}

/// A section with one short answer of a fixed form; a reason why it was not done also fills it.
fn written(draft: &DraftNote, id: &SectionId, why: &str, fits: impl Fn(&str) -> bool) -> Fill {
    let mut fill = Fill::Empty;
    for item in draft.section(id) {
        let text = item.content.text();
        let text = text.trim().trim_end_matches('.');
        match answer(text) {
            _ if fits(text) => fill = Fill::Filled,
            Answer::NotDoneWithReason => fill = Fill::Filled,
            Answer::NotDone => return Fill::Unexplained,
            Answer::Stated | Answer::Empty => return Fill::Wrong(why.to_owned()),
        }
    }
    fill
}

/// Enough persons, each with every column that may not stay empty.
fn signed_by_hand(draft: &DraftNote, id: &SectionId, signers: &Signers) -> Fill {
    let mut persons = 0;
    for item in draft.section(id) {
        let ItemContent::Row { cells } = &item.content else {
            return Fill::Wrong("escriba el nombre de quien firma.".to_owned());
        };
        let filled =
            |column: &String| cells.iter().any(|cell| cell.label == *column && !cell.text.trim().is_empty());
        let needed = signers.columns.iter().filter(|column| !signers.optional.contains(column));
        if let Some(absent) = needed.into_iter().find(|column| !filled(column)) {
            return Fill::Wrong(format!("falta «{absent}»."));
        }
        persons += 1;
    }
    match persons {
        0 => Fill::Empty,
        n if n < signers.at_least => Fill::Wrong(format!("hacen falta {}.", signers.at_least)),
        _ => Fill::Filled,
    }
}

fn said(draft: &DraftNote, id: &SectionId, filled_by: &FilledBy) -> Fill {
    let mut fill = Fill::Empty;
    for item in draft.section(id) {
        match &item.content {
            ItemContent::Statement { text } => match answer(text) {
                Answer::Stated | Answer::NotDoneWithReason => return Fill::Filled,
                Answer::NotDone => fill = Fill::Unexplained,
                Answer::Empty => {}
            },
            ItemContent::Condition(condition) => {
                let stands = condition.certainty != Certainty::RuledOut || *filled_by != FilledBy::Diagnoses;
                if stands && !condition.text.trim().is_empty() {
                    return Fill::Filled;
                }
            }
            // Half of the tensión arterial does not fill its section; elsewhere a measurement is content.
            ItemContent::VitalSign(_) => {
                if !matches!(filled_by, FilledBy::Measurements(kinds) if !kinds.is_empty()) {
                    return Fill::Filled;
                }
            }
            ItemContent::Row { cells } if cells.iter().all(|cell| cell.text.trim().is_empty()) => {}
            ItemContent::MedicationRequest(_)
            | ItemContent::Allergy(_)
            | ItemContent::AllergiesDenied
            | ItemContent::Row { .. } => {
                return Fill::Filled;
            }
        }
    }
    fill
}

fn has_measurement(draft: &DraftNote, kind: VitalKind) -> bool {
    draft.kept().any(|item| matches!(&item.content, ItemContent::VitalSign(sign) if sign.kind == kind))
}

fn requests(draft: &DraftNote) -> impl Iterator<Item = (&DraftItem, &MedicationRequest)> {
    draft.kept().filter_map(|item| match &item.content {
        ItemContent::MedicationRequest(request) => Some((item, request)),
        _ => None,
    })
}
