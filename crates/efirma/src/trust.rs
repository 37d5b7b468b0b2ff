//! Which authorities are believed, and whether a certificate leads to one of them at a given time.
//!
//! SAT's certificates name no address of their issuer and have no key identifiers: the issuer is found by the bytes of its
//! name and by its signature.

use jiff::Timestamp;

use crate::asn1::oid;
use crate::certificate::{Certificate, hex};
use crate::crl::{self, RevocationList};
use crate::hash::Hash;
use crate::ocsp::Status;

/// Fewest bits of an RSA key that is believed.
pub const MIN_KEY_BITS: usize = 2048;

/// Most certificates of a chain, root included; SAT's have three.
const MAX_CHAIN: usize = 6;

/// Most signatures checked to find one chain, whatever certificates somebody sends along.
const MAX_CHECKS: usize = 64;

/// SHA-256 of the roots of Banco de México under SAT's real certificates (ARC0, ARC1, ARC2, ARC5).
const PRODUCTION_ROOTS: [&str; 4] = [
    "11f0f4ab4b06105af76b0b98f3643c4cd1c26ebd9db51524166cf5ccdb39f172",
    "b2b77ad7f5513fecb543abbb9290650125ecc995d0fe4a75348f030705385eb4",
    "5035edf21401e2d23fe39ac1893ee02fa7bd09a870619ecb13e3f1b29e8a0009",
    "cbf3e084a86cac5ef1060b9242196eec15e8786931ffff05466ba7becd43b15e",
];

/// SHA-256 of the roots under SAT's test certificates (ARC_UAT of 2010, arcbeta of 2012, ARC_UAT_2022).
const TEST_ROOTS: [&str; 3] = [
    "d50c91d1f13315bf6a06d4463b2d245ea0e536ce7d1cc487fe6a84a2ff5e1dd6",
    "3193f52df055e4cf0cbc192b14e75673c45e589707a181c2a666c099358d3e41",
    "1ab38194818b59ed7f279e4ed42c7eb61f07d595dcc48dbb2110738824269b88",
];

/// For whom a set of roots speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum World {
    /// It holds a root of SAT's real certificates.
    Production,
    /// It holds a root of SAT's test certificates: what they sign has no legal effect.
    Test,
    /// Neither: authorities of the owner's own choice.
    Own,
}

/// Why certificates make no trust store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// Test roots and real ones in one store: a test certificate would pass for a real one.
    #[error(
        "la carpeta de autoridades mezcla raíces de prueba del SAT con raíces reales; deje solo las reales, o solo las de prueba"
    )]
    Mixed,
}

/// The authorities somebody chose to believe.
#[derive(Debug, Clone)]
pub struct TrustStore {
    roots: Vec<Certificate>,
    others: Vec<Certificate>,
    lists: Vec<RevocationList>,
    world: World,
}

/// What a certificate at the end of a chain is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It signs documents.
    Signature,
    /// It signs timestamps (RFC 3161, 2.3: extendedKeyUsage is critical and names only this).
    Timestamp,
}

/// Certificates from the one asked about to the root, each signed by the next.
#[derive(Debug, Clone)]
pub struct Chain {
    links: Vec<Certificate>,
}

/// Why a certificate leads to no authority that is believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// Nobody in the store signed it, or signed who signed it.
    #[error("ninguna autoridad de confianza respalda el certificado, que emitió «{issuer}»")]
    UnknownIssuer {
        /// Name of the first issuer that is not there.
        issuer: String,
    },
    /// One of the chain was not valid at that time.
    #[error("el certificado de «{name}» vale de {from} a {until}, no en la fecha en que se juzga", from = day(*from), until = day(*until))]
    NotValidThen {
        /// Whose.
        name: String,
        /// From when it is valid.
        from: Timestamp,
        /// Until when.
        until: Timestamp,
    },
    /// One that is no authority, or not that deep, signed another.
    #[error("«{name}» no es una autoridad que pueda emitir este certificado")]
    NotAnAuthority {
        /// Who.
        name: String,
    },
    /// MD5, SHA-1, an unknown algorithm, or a key under [`MIN_KEY_BITS`].
    #[error("el certificado de «{name}» usa una llave o una firma demasiado débil")]
    Weak {
        /// Whose.
        name: String,
    },
    /// An authority of the chain was revoked before that time.
    #[error("el certificado de «{name}» fue revocado el {at}", at = day(*at))]
    Revoked {
        /// Whose.
        name: String,
        /// When.
        at: Timestamp,
    },
    /// It is not meant for what it was used for, or demands something we do not know.
    #[error("el certificado de «{name}» no está hecho para este uso")]
    WrongPurpose {
        /// Whose.
        name: String,
    },
}

fn day(at: Timestamp) -> String {
    at.strftime("%d/%m/%Y").to_string()
}

impl TrustStore {
    /// A store of what a folder holds: self-signed authorities are its roots, the rest helps to reach them.
    ///
    /// # Errors
    /// [`TrustError::Mixed`].
    pub fn new(certificates: Vec<Certificate>) -> Result<Self, TrustError> {
        let is_root = |certificate: &Certificate| certificate.is_self_issued() && certificate.may_issue(0);
        let (roots, others): (Vec<_>, Vec<_>) = certificates.into_iter().partition(is_root);
        let has =
            |known: &[&str]| roots.iter().any(|root| known.contains(&hex(&root.fingerprint()).as_str()));
        let world = match (has(&PRODUCTION_ROOTS), has(&TEST_ROOTS)) {
            (true, true) => return Err(TrustError::Mixed),
            (true, false) => World::Production,
            (false, true) => World::Test,
            (false, false) => World::Own,
        };
        Ok(Self { roots, others, lists: Vec::new(), world })
    }

    /// The same, with lists of what authorities revoked. Whose they are is found out where they are used.
    #[must_use]
    pub fn with_lists(mut self, lists: Vec<RevocationList>) -> Self {
        self.lists.extend(lists);
        self
    }

    /// The lists of what authorities revoked.
    #[must_use]
    pub fn lists(&self) -> &[RevocationList] {
        &self.lists
    }

    /// Whether there is no root: then nothing can be believed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.roots.is_empty()
    }

    /// For whom its roots speak.
    #[must_use]
    pub const fn world(&self) -> World {
        self.world
    }

    /// The roots.
    #[must_use]
    pub fn roots(&self) -> &[Certificate] {
        &self.roots
    }

    /// All certificates, roots first.
    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.roots.iter().chain(&self.others)
    }

    /// The chain from `leaf` to a root, all valid at `at`. `brought` came with the signature and is believed only as far as
    /// the store's own certificates sign it.
    ///
    /// # Errors
    /// [`ChainError`]: what stood in the way of the most promising chain.
    pub fn chain(
        &self,
        leaf: &Certificate,
        brought: &[Certificate],
        at: Timestamp,
        purpose: Purpose,
    ) -> Result<Chain, ChainError> {
        check_end(leaf, at, purpose)?;
        let mut search = Search { store: self, brought, at, checks: 0, obstacle: None };
        let mut path = vec![leaf];
        if search.climb(&mut path) {
            let chain = Chain { links: path.into_iter().cloned().collect() };
            chain.check_authorities(&self.lists, at)?;
            return Ok(chain);
        }
        Err(search
            .obstacle
            .unwrap_or_else(|| ChainError::UnknownIssuer { issuer: leaf.issuer_name().to_owned() }))
    }

    /// The authority that issued `certificate`, of this store or of what was `brought`; not yet believed.
    #[must_use]
    pub fn issuer_of<'a>(
        &'a self,
        certificate: &Certificate,
        brought: &'a [Certificate],
    ) -> Option<&'a Certificate> {
        let all = self.others.iter().chain(&self.roots).chain(brought);
        all.filter(|issuer| issuer.may_issue(0)).find(|issuer| certificate.is_signed_by(issuer))
    }
}

impl Chain {
    /// From the certificate asked about to the root.
    #[must_use]
    pub fn links(&self) -> &[Certificate] {
        &self.links
    }

    /// The authorities between the certificate and the root.
    #[must_use]
    pub fn intermediates(&self) -> &[Certificate] {
        self.links.get(1..self.links.len().saturating_sub(1)).unwrap_or_default()
    }

    /// Whether no authority of the chain was revoked at `at`, as far as lists say.
    ///
    /// # Errors
    /// [`ChainError::Revoked`].
    pub(crate) fn check_authorities(
        &self,
        lists: &[RevocationList],
        at: Timestamp,
    ) -> Result<(), ChainError> {
        for (authority, issuer) in self.below_root() {
            if let Some(Status::Revoked { at: since }) = crl::status(lists, authority, issuer, at)
                && since <= at
            {
                return Err(ChainError::Revoked { name: authority.name().to_owned(), at: since });
            }
        }
        Ok(())
    }

    /// The authorities between the certificate and the root, each with its issuer.
    pub(crate) fn below_root(&self) -> impl Iterator<Item = (&Certificate, &Certificate)> {
        self.links.iter().zip(self.links.iter().skip(1)).skip(1)
    }

    /// Who issued the certificate asked about.
    #[must_use]
    pub fn issuer(&self) -> Option<&Certificate> {
        self.links.get(1)
    }
}

/// What the certificate asked about must fulfil by itself.
fn check_end(leaf: &Certificate, at: Timestamp, purpose: Purpose) -> Result<(), ChainError> {
    let name = || leaf.name().to_owned();
    let is_meant = match purpose {
        Purpose::Signature => leaf.may_sign(),
        Purpose::Timestamp => leaf.may_sign() && leaf.is_only_for(oid::TIME_STAMPING),
    };
    if !is_meant || leaf.demands_the_unknown() {
        return Err(ChainError::WrongPurpose { name: name() });
    }
    if is_weak(leaf) || leaf.signature_hash() == Some(Hash::Sha1) {
        return Err(ChainError::Weak { name: name() });
    }
    check_time(leaf, at)
}

fn check_time(certificate: &Certificate, at: Timestamp) -> Result<(), ChainError> {
    if certificate.is_valid_at(at) {
        return Ok(());
    }
    Err(ChainError::NotValidThen {
        name: certificate.name().to_owned(),
        from: certificate.valid_from(),
        until: certificate.valid_until(),
    })
}

fn is_weak(certificate: &Certificate) -> bool {
    certificate.key_bits().is_none_or(|bits| bits < MIN_KEY_BITS) || certificate.signature_hash().is_none()
}

struct Search<'a> {
    store: &'a TrustStore,
    brought: &'a [Certificate],
    at: Timestamp,
    checks: usize,
    obstacle: Option<ChainError>,
}

impl<'a> Search<'a> {
    /// Adds issuers to the path until a root is reached.
    fn climb(&mut self, path: &mut Vec<&'a Certificate>) -> bool {
        let Some(&last) = path.last() else { return false };
        for root in &self.store.roots {
            if self.fits(last, root, path.len() - 1, true) {
                path.push(root);
                return true;
            }
        }
        if path.len() + 1 >= MAX_CHAIN {
            return false;
        }
        let own = self.store.others.iter().map(|certificate| (certificate, true));
        let brought = self.brought.iter().map(|certificate| (certificate, false));
        for (candidate, is_own) in own.chain(brought) {
            if path.contains(&candidate) || !self.fits(last, candidate, path.len() - 1, is_own) {
                continue;
            }
            path.push(candidate);
            if self.climb(path) {
                return true;
            }
            path.pop();
        }
        // Further from the certificate asked about is nearer to the truth of what is missing.
        let missing = ChainError::UnknownIssuer { issuer: last.issuer_name().to_owned() };
        self.obstacle.get_or_insert(missing);
        false
    }

    /// Whether `issuer` signed `last` and may have done so. An authority somebody brings must be signed with more than SHA-1;
    /// one the owner put into the folder is believed for that reason.
    fn fits(&mut self, last: &Certificate, issuer: &'a Certificate, below: usize, is_own: bool) -> bool {
        if last.issuer_der() != issuer.subject_der() || self.checks >= MAX_CHECKS {
            return false;
        }
        self.checks += 1;
        if !last.is_signed_by(issuer) {
            return false;
        }
        let name = || issuer.name().to_owned();
        let is_root = issuer.is_self_issued();
        let weak_signature = !is_root
            && (issuer.signature_hash().is_none()
                || (!is_own && issuer.signature_hash() == Some(Hash::Sha1)));
        let obstacle = if !issuer.may_issue(below) || issuer.demands_the_unknown() {
            Some(ChainError::NotAnAuthority { name: name() })
        } else if weak_signature || issuer.key_bits().is_none_or(|bits| bits < MIN_KEY_BITS) {
            Some(ChainError::Weak { name: name() })
        } else {
            check_time(issuer, self.at).err()
        };
        let fits = obstacle.is_none();
        if let Some(obstacle) = obstacle {
            self.obstacle.get_or_insert(obstacle);
        }
        fits
    }
}
