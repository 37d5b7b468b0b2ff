//! What the templates receive: every text of the document, already in the words that are printed.

use clinical::calendar::long_date;
use clinical::digest::Digest;
use clinical::document::{Cancelled, DocumentBody, DocumentContent, DocumentKind, SignedSection};
use clinical::draft::Origin;
use clinical::practitioner::{Establishment, Practitioner, Trainee};
use jiff::ZonedDateTime;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use nom004::{DispensingClass, SaleGroup};
use serde::Serialize;

use crate::dates::{local, minute_in_words, second_in_words, time_zone};
use crate::error::Error;
use crate::logo::Logo;
use crate::medicines::{self, PrescriptionItem, sentence};
use crate::note::{self, Handwritten, SectionView, Structured};
use crate::qr::{QrCodeEcc, Square, square};
use crate::renderer::{Copy, RenderContext};
use crate::weighed;

/// A document as the templates lay it out.
#[derive(Debug, Serialize)]
pub(crate) struct View {
    title: String,
    /// Title in the properties of the file: it names the expediente, not the person.
    file_title: String,
    draft: bool,
    /// What kind of copy it is, beside the title.
    copy_mark: Option<String>,
    /// The same with when and by whom, at the foot of every page.
    copy_note: Option<String>,
    /// That it holds no more: when, who and why.
    cancelled: Option<String>,
    /// File of the picture in the letterhead.
    logo: Option<&'static str>,
    establishment: EstablishmentView,
    patient: PatientView,
    author: AuthorView,
    /// Who supervised the author and signed.
    supervisor: Option<AuthorView>,
    /// Act, signature, issue: as many as say something different.
    dates: Vec<DateView>,
    folio: Option<String>,
    /// The request it answers.
    answers: Option<ReferenceView>,
    seal: Option<Seal>,
    body: Body,
}

#[derive(Debug, Serialize)]
pub(crate) struct EstablishmentView {
    kind: String,
    name: String,
    address: String,
    owner: String,
    institution: Option<String>,
    phone: Option<String>,
    clues: Option<String>,
}

#[derive(Debug, Serialize)]
struct PatientView {
    name: String,
    sex: String,
    age: String,
    birth_date: Option<String>,
    curp: Option<String>,
    address: Option<String>,
    record_number: String,
    /// Absent on what others than those who treat the patient get to read.
    allergies: Option<String>,
}

#[derive(Debug, Serialize)]
struct AuthorView {
    name: String,
    /// "Residente", for who writes under supervision.
    trainee: Option<&'static str>,
    license: Option<String>,
    institution: String,
    specialty: Option<String>,
    specialty_license: Option<String>,
    /// "4711, Consejo Mexicano de Pediatría, vigente hasta el 30 de junio de 2029".
    certificate: Option<String>,
}

#[derive(Debug, Serialize)]
struct ReferenceView {
    title: String,
    id: String,
    digest: [String; 2],
}

#[derive(Debug, Serialize)]
struct DateView {
    label: &'static str,
    short: &'static str,
    at: String,
}

#[derive(Debug, Serialize)]
struct Seal {
    at: String,
    digest: [String; 2],
    assisted: Option<String>,
    /// What the supervisor changed in what the author had sent.
    revised: Option<String>,
    /// The square code of a receta.
    qr: Option<Square>,
    /// The square code that its author signed with the e.firma: all of the receta, for who has only the paper.
    code: Option<Square>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Body {
    Note {
        sections: Vec<SectionView>,
        /// Who signs by hand on the printed copy.
        handwritten: Vec<Handwritten>,
        has_codes: bool,
        /// The releases of ICD-11 the codes are of, in words; empty where that is not known.
        editions: String,
        has_numerals: bool,
    },
    Prescription {
        items: Vec<PrescriptionItem>,
        diagnosis: Option<String>,
        instructions: Vec<String>,
        /// What the pharmacy is told of alerts that were weighed.
        weighed: Vec<String>,
        closing: String,
    },
    Addendum {
        amends: ReferenceView,
        reason: String,
        text: String,
    },
}

/// Puts a document into words.
pub(crate) fn view(content: &DocumentContent, ctx: &RenderContext) -> Result<View, Error> {
    let zone = time_zone(&content.establishment.time_zone)?;
    let act = local(content.act_at, &zone);
    let signed = local(content.signed_at, &zone);
    let draft = matches!(ctx.copy, Copy::Draft { .. });
    let (copy_mark, copy_note) = match &ctx.copy {
        Copy::Original => (None, None),
        Copy::Reprint { number, printed_at, printed_by } => {
            let mark = format!("Reimpresión {number}");
            let at = minute_in_words(&local(*printed_at, &zone));
            let note = format!("{mark}, {at}, {printed_by}");
            (Some(mark), Some(note))
        }
        Copy::Draft { printed_at } => {
            let note = format!("Borrador impreso el {}", minute_in_words(&local(*printed_at, &zone)));
            (Some(note.clone()), Some(note))
        }
    };
    // Large as it is, it has the least correction; and what was cancelled is not to be dispensed.
    let code = ctx.code.as_deref().filter(|_| ctx.cancelled.is_none());
    let code = code.and_then(|text| square(text, QrCodeEcc::Low));
    Ok(View {
        title: content.title.clone(),
        file_title: format!("{}, expediente {}", content.title, content.patient.record_number),
        draft,
        copy_mark,
        copy_note,
        cancelled: ctx.cancelled.as_ref().map(|it| cancelled(it, &zone)),
        logo: ctx.logo.as_ref().map(Logo::file_name),
        establishment: establishment(&content.establishment),
        patient: patient(content),
        author: author(&content.author),
        supervisor: content.supervision.as_ref().map(|supervision| author(&supervision.physician)),
        dates: dates(content.kind, &act, &signed, draft),
        folio: folio(&content.body),
        answers: content.answers.as_ref().map(|request| ReferenceView {
            title: request.title.clone(),
            id: request.id.to_string(),
            digest: two_lines(&request.digest.grouped()),
        }),
        seal: (!draft).then(|| Seal {
            at: second_in_words(&signed),
            digest: two_lines(&ctx.content_digest.grouped()),
            assisted: assisted(content),
            revised: revised(content),
            // One code a sheet: readers take the first they find.
            qr: if code.is_some() { None } else { qr(content, &ctx.content_digest) },
            code,
        }),
        body: body(&content.body, signed.date())?,
    })
}

/// The act and its record are shown apart when they differ (reference 2.1, late entry).
/// A receta always shows its date of issue (RIS 29).
fn dates(kind: DocumentKind, act: &ZonedDateTime, signed: &ZonedDateTime, draft: bool) -> Vec<DateView> {
    let act_at = minute_in_words(act);
    let signed_at = minute_in_words(signed);
    let differ = act_at != signed_at;
    let issued = kind == DocumentKind::PRESCRIPTION;
    let act = DateView { label: "Fecha y hora de la atención", short: "Atención", at: act_at };
    let signed = if issued {
        DateView { label: "Fecha y hora de expedición", short: "Expedición", at: signed_at }
    } else {
        DateView { label: "Fecha y hora de la firma", short: "Firma", at: signed_at }
    };
    match (draft, differ) {
        (true, _) => vec![act],
        (false, true) => vec![act, signed],
        (false, false) if issued => vec![signed],
        (false, false) => vec![act],
    }
}

pub(crate) fn establishment(establishment: &Establishment) -> EstablishmentView {
    // The full stop is the template's: these stand in a line with others.
    let open_ended = |text: &str| text.trim_end().trim_end_matches('.').to_owned();
    EstablishmentView {
        kind: open_ended(&establishment.kind),
        name: establishment.name.clone(),
        address: open_ended(&establishment.address),
        owner: establishment.owner.clone(),
        institution: establishment.institution.clone(),
        phone: establishment.phone.as_ref().map(ToString::to_string),
        clues: establishment.clues.clone(),
    }
}

fn patient(content: &DocumentContent) -> PatientView {
    let patient = &content.patient;
    let birth = patient
        .birth_date
        .as_deref()
        .map(|text| text.parse::<jiff::civil::Date>().map_or_else(|_| text.to_owned(), long_date));
    PatientView {
        name: patient.name.clone(),
        sex: patient.sex.clone(),
        age: patient.age.clone(),
        birth_date: birth,
        curp: patient.curp.clone(),
        address: patient.address.clone(),
        record_number: patient.record_number.clone(),
        allergies: (content.kind.code() != CERTIFICATE).then(|| medicines::capitalised(&patient.allergies)),
    }
}

/// The document that a school or an employer reads: it says what is certified and nothing else about the patient's health.
const CERTIFICATE: &str = "CER";

fn author(author: &Practitioner) -> AuthorView {
    let certificate = author.specialty.as_ref().and_then(|specialty| specialty.certificate.as_ref());
    AuthorView {
        name: author.full_name(),
        trainee: author.trainee.map(Trainee::label),
        license: Some(author.license.as_str().to_owned()).filter(|license| !license.is_empty()),
        institution: author.degree_institution.clone(),
        specialty: author.specialty.as_ref().map(|specialty| specialty.name.clone()),
        specialty_license: author.specialty.as_ref().map(|specialty| specialty.license.as_str().to_owned()),
        certificate: certificate.map(|own| {
            format!("{}, {}, vigente hasta el {}", own.number, own.council, long_date(own.valid_until))
        }),
    }
}

fn folio(body: &DocumentBody) -> Option<String> {
    match body {
        DocumentBody::Prescription { folio, .. } => Some(folio.clone()),
        DocumentBody::Note { .. } | DocumentBody::Addendum { .. } => None,
    }
}

/// "el 10 de marzo de 2026, 09:15, por Dra. Citlali Encino Robles. Motivo: dosis equivocada."
pub(crate) fn cancelled(cancelled: &Cancelled, zone: &TimeZone) -> String {
    let at = minute_in_words(&local(cancelled.at, zone));
    format!("{at}, por {}. Motivo: {}", cancelled.by, sentence(&cancelled.reason))
}

/// What the square code of a receta carries: its folio, its identifier and the digest of what was signed.
fn qr(content: &DocumentContent, digest: &Digest) -> Option<Square> {
    let DocumentBody::Prescription { folio, .. } = &content.body else { return None };
    square(&format!("medicus:receta:{folio}:{}:{digest}", content.id), QrCodeEcc::Medium)
}

/// 64 digits in groups of four, in two lines of eight groups.
fn two_lines(grouped: &str) -> [String; 2] {
    let middle = grouped.len() / 2;
    let (first, second) = grouped.split_at_checked(middle).unwrap_or((grouped, ""));
    [first.trim().to_owned(), second.trim().to_owned()]
}

/// The printed document says in one line that it was written with help (design language, section 10).
fn assisted(content: &DocumentContent) -> Option<String> {
    let DocumentBody::Note { sections, .. } = &content.body else { return None };
    sections.iter().any(was_proposed).then(|| {
        format!("Elaborada con asistencia; revisada y firmada por {}.", content.signer().full_name())
    })
}

/// A change by who supervises is named, so that nobody takes it for the author's.
fn revised(content: &DocumentContent) -> Option<String> {
    let supervision = content.supervision.as_ref().filter(|supervision| !supervision.changed.is_empty())?;
    Some(format!("Modificado por quien supervisa: {}.", supervision.changed.join("; ")))
}

fn was_proposed(section: &SignedSection) -> bool {
    section.items.iter().any(|item| item.origin != Origin::Written)
}

fn body(body: &DocumentBody, issued: Date) -> Result<Body, Error> {
    Ok(match body {
        DocumentBody::Note { sections, vital_signs, conditions, medication_requests, .. } => {
            let structured = Structured { vital_signs, conditions, requests: medication_requests };
            let views = note::sections(sections, &structured);
            Body::Note {
                has_codes: views.iter().any(SectionView::has_codes),
                editions: note::editions(&views),
                handwritten: note::handwritten(sections),
                has_numerals: sections.iter().any(|section| section.numeral.is_some()),
                sections: views,
            }
        }
        DocumentBody::Prescription {
            medication_requests, diagnosis, instructions, alert_decisions, ..
        } => {
            let prescribed = || medication_requests.iter().filter(|request| request.is_prescribed());
            // Nothing that looks like a receta of fracción I may leave this program (legal reference 3.4).
            let special = DispensingClass::Controlled(SaleGroup::SpecialPrescription);
            if let Some(special) = prescribed().find(|request| DispensingClass::of(request) == special) {
                return Err(Error::SpecialPrescription { medicine: special.medicine.clone() });
            }
            let items: Vec<_> = prescribed().map(|request| medicines::item(request, issued)).collect();
            Body::Prescription {
                closing: closing(items.len()),
                items,
                diagnosis: diagnosis.clone().filter(|text| !text.trim().is_empty()),
                instructions: instructions.iter().map(|text| sentence(text)).collect(),
                weighed: weighed::lines(alert_decisions, medication_requests),
            }
        }
        DocumentBody::Addendum { amends, amends_title, amends_digest, reason, text } => Body::Addendum {
            amends: ReferenceView {
                title: amends_title.clone(),
                id: amends.to_string(),
                digest: two_lines(&amends_digest.grouped()),
            },
            reason: reason.clone(),
            text: text.clone(),
        },
    })
}

/// The line after the last medicine, so that nothing can be added.
fn closing(count: usize) -> String {
    match count {
        1 => "Fin de la receta: 1 medicamento".to_owned(),
        many => format!("Fin de la receta: {many} medicamentos"),
    }
}
