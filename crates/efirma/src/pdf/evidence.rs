//! What a signature needs to be judged later without asking anybody: certificates, answers and lists of revocation, in the
//! document security store of the file (PAdES B-LT).

use super::error::Error;
use super::file::File;
use super::increment::Increment;
use super::object::{Dictionary, Object};
use super::stream::unpack;
use crate::crl::{self, RevocationList};
use crate::ocsp::Answer;
use crate::trust::Chain;

/// Largest certificate or answer, in bytes.
const LARGEST: usize = 256 << 10;
/// Most certificates, and most answers.
const MOST: usize = 256;

/// Certificates, answers (OCSP) and lists (CRL) of revocation, each in DER.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Certificates of signers, authorities and responders.
    pub certificates: Vec<Vec<u8>>,
    /// Answers of revocation.
    pub answers: Vec<Vec<u8>>,
    /// Lists of what authorities revoked.
    pub lists: Vec<Vec<u8>>,
}

impl Evidence {
    /// What somebody needs who judges a signature later: the chain of who signed, that of the timestamp, the answer about
    /// who signed, and those of the lists that are of an authority of theirs.
    #[must_use]
    pub fn of(signer: &Chain, stamp: Option<&Chain>, answer: &Answer, lists: &[RevocationList]) -> Self {
        let chains = || [Some(signer), stamp].into_iter().flatten();
        let mut own: Vec<Vec<u8>> = Vec::new();
        for list in chains().flat_map(|chain| crl::of_chain(lists, chain)) {
            if !own.iter().any(|known| known == list.der()) {
                own.push(list.der().to_vec());
            }
        }
        let links = chains().flat_map(Chain::links).chain([&answer.responder]);
        Self {
            certificates: links.map(|link| link.der().to_vec()).collect(),
            answers: vec![answer.der.clone()],
            lists: own,
        }
    }
}

/// What the file carries.
///
/// # Errors
/// What [`Error`] says of a file that cannot be read; [`Error::Endless`] when the store is enormous.
pub fn evidence(pdf: &[u8]) -> Result<Evidence, Error> {
    let file = File::read(pdf)?;
    let (_, catalog) = file.catalog()?;
    let store = catalog.get("DSS").map_or(Ok(None), |store| file.dictionary(store))?.unwrap_or_default();
    Ok(Evidence {
        certificates: contents(&file, &store, "Certs")?,
        answers: contents(&file, &store, "OCSPs")?,
        lists: contents(&file, &store, "CRLs")?,
    })
}

/// Adds to the file what it does not carry yet, behind its end.
///
/// # Errors
/// What [`Error`] says of a file that cannot be read.
pub fn add_evidence(pdf: &[u8], new: &Evidence) -> Result<Vec<u8>, Error> {
    let file = File::read(pdf)?;
    file.ends_cleanly()?;
    let (catalog_id, mut catalog) = file.catalog()?;
    let place = catalog.get("DSS").cloned();
    let mut store = place.as_ref().map_or(Ok(None), |store| file.dictionary(store))?.unwrap_or_default();
    store.set("Type", Object::name("DSS"));
    let mut increment = Increment::new(&file);
    let mut added = false;
    for (key, items) in [("Certs", &new.certificates), ("OCSPs", &new.answers), ("CRLs", &new.lists)] {
        let mut known = contents(&file, &store, key)?;
        let mut list = file.entry_of(&store, key)?.as_array().map(<[Object]>::to_vec).unwrap_or_default();
        for item in items {
            if !known.contains(item) {
                list.push(Object::Reference(increment.add_stream(item)));
                known.push(item.clone());
                added = true;
            }
        }
        if !list.is_empty() {
            store.set(key, Object::Array(list));
        }
    }
    if !added {
        return Ok(pdf.to_vec());
    }
    if let Some(Object::Reference(id)) = place {
        increment.set(id, &store);
    } else {
        let id = increment.reserve();
        increment.set(id, &store);
        catalog.set("DSS", Object::Reference(id));
        increment.set(catalog_id, &catalog);
    }
    Ok(increment.finish()?.bytes)
}

/// The streams a list of the store names.
fn contents(file: &File<'_>, store: &Dictionary, key: &str) -> Result<Vec<Vec<u8>>, Error> {
    let list = file.entry_of(store, key)?;
    let items = list.as_array().unwrap_or_default();
    if items.len() > MOST {
        return Err(Error::Endless { what: "sus pruebas de validez" });
    }
    let mut all = Vec::new();
    for id in items.iter().filter_map(Object::as_reference) {
        let Some(found) = file.get(id.number)? else { continue };
        let packed = found.stream.and_then(|range| file.bytes.get(range));
        if let (Object::Dictionary(entries), Some(packed)) = (found.value, packed) {
            all.push(unpack(&entries, packed, LARGEST)?);
        }
    }
    Ok(all)
}
