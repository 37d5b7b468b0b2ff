//! What the square code of a receta with e.firma says (`efirma::seal` has its layout): enough for a pharmacy that has only the
//! paper, and no name of the patient.

use clinical::document::{DocumentBody, DocumentContent, SignedDocument};
use efirma::Person;
use efirma::seal::Facts;
use jiff::Timestamp;
use jiff::civil::Date;

/// What the code of a document says when its author signs it at `at`; nothing for what is no receta.
pub(crate) fn facts(
    document: &SignedDocument,
    content: &DocumentContent,
    signer: &Person,
    at: Timestamp,
) -> Option<Facts> {
    let DocumentBody::Prescription { medication_requests, .. } = &content.body else { return None };
    let zone = crate::zone(&content.establishment.time_zone);
    let issued = document.signed_at.to_zoned_datetime(zone.clone()).date();
    let prescribed = || medication_requests.iter().filter(|request| request.is_prescribed());
    let until: Option<Vec<Date>> = prescribed().map(|request| nom004::valid_until(request, issued)).collect();
    let lines = prescribed().map(|request| {
        // As the paper says it, computed or written: a pharmacy compares the two.
        let quantity = request.to_dispense().map(|quantity| format!("; surtir {}", quantity.text));
        let fills =
            request.dispensing.fills.filter(|times| *times > 1).map(|times| format!(", {times} veces"));
        let last = nom004::valid_until(request, issued).map(|last| format!("; hasta {last}"));
        // The sign that separates fields has no place in one.
        std::iter::once(request.to_string())
            .chain(quantity)
            .chain(fills)
            .chain(last)
            .collect::<String>()
            .replace('|', "/")
    });
    Some(Facts {
        document: document.id.to_string(),
        version: 1,
        content: document.content_digest.0,
        patient: document.patient_id.to_string(),
        issued: at,
        offset: zone.to_offset(at),
        rfc: signer.rfc.clone(),
        curp: signer.curp.clone(),
        license: content.signer().license.to_string(),
        // The law sets a last day for some medicines only: the paper ends where all its lines end.
        valid_until: until.and_then(|days| days.into_iter().max()),
        lines: lines.collect(),
    })
}
