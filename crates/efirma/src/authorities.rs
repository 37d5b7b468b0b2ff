//! The authorities behind a real e.firma, as they ship (`catalogs/efirma`). Those for tests never do.

use crate::certificate::{Certificate, CertificateError};

/// Banco de México's root and SAT's authority under it. A successor is added to the owner's folder.
///
/// # Errors
/// [`CertificateError`] when the program was built with a broken file.
pub fn of_sat() -> Result<Vec<Certificate>, CertificateError> {
    Certificate::read_all(include_bytes!("../../../catalogs/efirma/authorities.pem"))
}

#[cfg(test)]
mod tests {
    use super::of_sat;
    use crate::trust::{Purpose, TrustStore, World};

    #[test]
    fn what_ships_is_the_real_root_and_the_authority_it_stands_behind() {
        let all = of_sat().unwrap();
        let store = TrustStore::new(all.clone()).unwrap();
        assert_eq!((all.len(), store.roots().len(), store.world()), (2, 1, World::Production));
        assert!(all.iter().all(|authority| !authority.is_for_tests()));
        assert!(store.chain(&all[1], &[], all[1].valid_from(), Purpose::Signature).is_ok());
    }
}
