//! The e.firma of a physician on documents they already signed here: what the key in their browser has to sign, and what
//! becomes of its answer. Neither key nor password of an e.firma ever comes here (`efirma_proof.rs` has the authorities).
//!
//! What is signed is the stored PDF, byte for byte, with the place of a signature behind its end; a receta is first typeset
//! again with its square code, which the key signs before (`efirma_code.rs`). The same file, claim and certificate give the
//! same bytes again, so only a digest waits while the browser signs.

use clinical::audit::AuditAction;
use clinical::digest::Digest;
use clinical::document::{DocumentContent, DocumentKind, SignedDocument};
use clinical::efirma::{AccountEfirma, DocumentEfirma, RevocationCheck, SignatureLevel};
use clinical::ids::{BlobId, DocumentId};
use documents::RenderContext;
use efirma::pdf::Claim;
use efirma::seal::{Facts, Seal};
use efirma::trust::Chain;
use efirma::{Certificate, Person, Signing, refusal};
use jiff::{SignedDuration, Timestamp};
use storage::{EfirmaWaiting, Tx, WaitsFor};
use uuid::Uuid;

use crate::Care;
use crate::content::{capital, sha256};
use crate::documents::intact;
use crate::efirma_code;
use crate::efirma_proof::Proven;
use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::session::Secret;
use crate::{because, once};

/// How long a document waits for the answer of the key. The browser needs less than a second.
const WAIT: SignedDuration = SignedDuration::from_mins(5);

/// From when on somebody is told that their certificate ends: appointments at SAT take weeks.
pub const ENDS_SOON: SignedDuration = SignedDuration::from_hours(60 * 24);

/// The end of the certificate somebody signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EfirmaEnd {
    /// When it ends, or ended.
    pub at: Timestamp,
    /// Whether it is over.
    pub past: bool,
}

/// Most documents of one act.
const MOST_DOCUMENTS: usize = 20;

/// A document that can be given an e.firma.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signable {
    /// The document.
    pub id: DocumentId,
    /// Its kind.
    pub kind: DocumentKind,
    /// When it was signed here.
    pub signed_at: Timestamp,
}

/// What a physician is offered to sign with their e.firma.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EfirmaOffer {
    /// What they signed in the visit and has no e.firma yet; the document that was asked for first.
    pub documents: Vec<Signable>,
    /// Whose e.firma the account uses, once a first signature confirmed it.
    pub account: Option<AccountEfirma>,
    /// Whether authorities are loaded; without, nothing can be signed.
    pub has_trust: bool,
    /// Whether a timestamp authority will be asked.
    pub asks_time: bool,
    /// Whether it will be asked for revocations.
    pub asks_revocation: bool,
}

/// What the browser posts first.
pub struct EfirmaOrder {
    /// The certificate, as the file has it.
    pub certificate: Vec<u8>,
    /// What to sign.
    pub documents: Vec<DocumentId>,
    /// That the person on the certificate is the one of the account, said the first time.
    pub confirmed: bool,
    /// The password of the account (never that of the key).
    pub password: String,
}

/// What follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EfirmaBegun {
    /// Whether the certificate is of the person of the account has to be confirmed.
    Confirm(Person),
    /// What the key has to sign.
    Sign(Vec<ToSign>),
}

/// Bytes for the key: RSASSA-PKCS1-v1_5 with SHA-256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToSign {
    /// Of which document.
    pub document: DocumentId,
    /// What the answer is sent with; good once.
    pub token: String,
    /// The bytes.
    pub message: Vec<u8>,
}

/// What an answer of the key led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EfirmaNext {
    /// Another thing of the same document.
    Sign(ToSign),
    /// It is signed and kept.
    Done {
        /// Which.
        document: DocumentId,
        /// What the signature proves.
        level: SignatureLevel,
        /// What is known of a revocation.
        revocation: RevocationCheck,
    },
}

/// Who signs, with what and when.
struct Act {
    certificate: Certificate,
    person: Person,
    chain: Chain,
    at: Timestamp,
}

/// What the key is asked about a document, and the digest of what that rests on.
struct Ready {
    asked: Asked,
    base_digest: Digest,
}

enum Asked {
    Code(Box<Facts>),
    Pdf { signing: Box<Signing>, code: Option<String> },
}

impl Ready {
    fn message(&self) -> Result<Vec<u8>, CareError> {
        match &self.asked {
            Asked::Code(facts) => Ok(facts.cadena().map_err(CareError::internal)?.into_bytes()),
            Asked::Pdf { signing, .. } => signing.to_sign().message().map_err(CareError::internal),
        }
    }
}

impl Care {
    /// What this person can sign with their e.firma, beginning from one of their documents.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is no such document; [`CareError::Denied`] when somebody else signed it.
    pub async fn efirma_offer(&self, actor: &Actor, id: DocumentId) -> Result<EfirmaOffer, CareError> {
        self.require(actor, Permission::Sign).await?;
        let mut tx = self.begin_read(actor).await?;
        let document = own_document(&mut tx, actor, id).await?;
        let mut documents = vec![Signable { id, kind: document.kind, signed_at: document.signed_at }];
        if let Some(encounter) = document.encounter_id {
            let others = tx.documents_of_encounter(encounter).await?.into_iter();
            let own = others.filter(|head| head.id != id && head.signed_by == actor.user_id);
            documents.extend(own.map(|head| Signable {
                id: head.id,
                kind: head.kind,
                signed_at: head.signed_at,
            }));
        }
        let mut open = Vec::with_capacity(documents.len());
        for signable in documents {
            let cancelled = tx.prescription_cancellation(signable.id).await?.is_some();
            if !cancelled && tx.document_efirma(signable.id).await?.is_none() {
                open.push(signable);
            }
        }
        Ok(EfirmaOffer {
            documents: open,
            account: tx.account_efirma(actor.user_id).await?,
            has_trust: self.authorities.trust.is_some(),
            asks_time: self.authorities.timestamps.is_some(),
            asks_revocation: self.authorities.revocations.is_some(),
        })
    }

    /// Whose e.firma the account of this person uses.
    ///
    /// # Errors
    /// What storage says.
    pub async fn own_efirma(&self, actor: &Actor) -> Result<Option<AccountEfirma>, CareError> {
        Ok(self.unseen.begin_read().await?.account_efirma(actor.user_id).await?)
    }

    /// Until when the certificate is good that this person last signed with, once that is [`ENDS_SOON`] or past; they cannot sign
    /// after it. Nothing of somebody who signed with none.
    ///
    /// # Errors
    /// What storage says.
    pub async fn own_efirma_ends(&self, actor: &Actor) -> Result<Option<EfirmaEnd>, CareError> {
        let end = self.unseen.begin_read().await?.account_efirma_end(actor.user_id).await?;
        let now = self.now();
        Ok(end.filter(|end| *end < now + ENDS_SOON).map(|at| EfirmaEnd { at, past: at < now }))
    }

    /// Forgets whose e.firma the account of this person uses, when a wrong one was confirmed: the next signature asks again.
    /// What was signed stays signed with what it was signed with.
    ///
    /// # Errors
    /// [`CareError::WrongPassword`], [`CareError::LockedOut`]; [`CareError::NotFound`] when it uses none.
    pub async fn forget_own_efirma(&self, actor: &Actor, password: String) -> Result<(), CareError> {
        let user = self.confirm_password(actor, password).await?;
        let mut tx = self.unseen.begin().await?;
        let none = CareError::NotFound { what: "la e.firma de su cuenta: quizá ya se había desvinculado" };
        let Some(efirma) = tx.account_efirma(user.id).await? else { return Err(none) };
        tx.forget_account_efirma(user.id).await?;
        let event = self.event(actor, AuditAction::Update, "account_efirma", user.id, None);
        tx.append_audit(because(event, &format!("desvinculada, RFC {}", efirma.rfc))).await?;
        Ok(tx.commit().await?)
    }

    /// Checks certificate, person and password, and says what the key has to sign.
    ///
    /// # Errors
    /// [`CareError::Invalid`] at `cer` for a certificate that may not sign, at `documentos` for what cannot be signed;
    /// [`CareError::WrongPassword`]; [`CareError::Denied`] for the document of somebody else.
    pub async fn begin_efirma(&self, actor: &Actor, order: EfirmaOrder) -> Result<EfirmaBegun, CareError> {
        self.require(actor, Permission::Sign).await?;
        let certificate = Certificate::read(&order.certificate).map_err(|error| at_certificate(&error))?;
        let act = self.act(certificate, seconds(self.now()))?;
        let mut tx = self.begin_read(actor).await?;
        match tx.account_efirma(actor.user_id).await? {
            Some(account) => refusal::belongs_to(&act.person, Some(&account.rfc), Some(&account.curp))
                .map_err(|error| at_certificate(&error))?,
            None if !order.confirmed => return Ok(EfirmaBegun::Confirm(act.person)),
            None => {}
        }
        if order.documents.is_empty() || order.documents.len() > MOST_DOCUMENTS {
            let message = format!("Elija de 1 a {MOST_DOCUMENTS} documentos");
            return Err(CareError::invalid("documentos", message));
        }
        let mut documents = Vec::with_capacity(order.documents.len());
        for id in &order.documents {
            let document = own_document(&mut tx, actor, *id).await?;
            if tx.document_efirma(*id).await?.is_some() {
                return Err(already());
            }
            documents.push(document);
        }
        drop(tx);
        self.confirm_password(actor, order.password).await?;
        let mut asked = Vec::with_capacity(documents.len());
        for document in documents {
            let content = intact(&document)?;
            let code = efirma_code::facts(&document, &content, &act.person, act.at);
            // What no code can say has none.
            let waits_for = match code.filter(|facts| facts.cadena().is_ok()) {
                Some(_) => WaitsFor::Code,
                None => WaitsFor::Pdf { code: None },
            };
            asked.push(self.ask_key(actor, &document, &act, waits_for).await?);
        }
        Ok(EfirmaBegun::Sign(asked))
    }

    /// Takes the answer of the key. It is checked before anything is kept, and an answer is taken once, right or wrong.
    ///
    /// # Errors
    /// [`CareError::Conflict`] when nothing waits for it any more; [`CareError::Invalid`] at `key` when it is not the
    /// signature asked for, at `cer` when the certificate turns out to be revoked.
    pub async fn answer_efirma(
        &self,
        actor: &Actor,
        token: &str,
        answer: &[u8],
    ) -> Result<EfirmaNext, CareError> {
        self.require(actor, Permission::Sign).await?;
        let now = self.now();
        let mut tx = self.begin(actor).await?;
        let taken = tx.take_efirma_waiting(sha256(token.as_bytes()), actor.user_id, now).await?;
        tx.commit().await?;
        let waiting = taken.ok_or_else(too_late)?;
        let mut tx = self.begin_read(actor).await?;
        let document = own_document(&mut tx, actor, waiting.document_id).await?;
        drop(tx);
        let certificate = Certificate::from_der(&waiting.certificate).map_err(CareError::internal)?;
        let act = self.act(certificate, waiting.claimed_at)?;
        let ready = self.prepare_efirma(actor, &document, &act, waiting.waits_for).await?;
        if ready.base_digest != waiting.base_digest {
            return Err(too_late());
        }
        match ready.asked {
            Asked::Code(facts) => {
                let code = Seal::new(*facts, answer.to_vec(), act.certificate.clone());
                // More medicines than a code holds: the paper goes without.
                let code = code.map_err(|_| wrong_key())?.text().ok();
                Ok(EfirmaNext::Sign(self.ask_key(actor, &document, &act, WaitsFor::Pdf { code }).await?))
            }
            Asked::Pdf { signing, code } => {
                let signed = signing.to_sign().finish(answer).map_err(|_| wrong_key())?;
                let authorities = self.authorities.clone();
                let (certificate, chain) = (act.certificate.clone(), act.chain.clone());
                let proven = tokio::task::spawn_blocking(move || {
                    authorities.prove(*signing, signed, &certificate, &chain, now)
                })
                .await
                .map_err(CareError::internal)??;
                self.keep_efirma(actor, &document, &act, code, proven).await
            }
        }
    }

    /// Who may sign with a certificate at a time.
    fn act(&self, certificate: Certificate, at: Timestamp) -> Result<Act, CareError> {
        let trust = self.authorities.trust()?;
        let (person, chain) =
            refusal::trusted_signer(&certificate, &[], trust, at).map_err(|error| at_certificate(&error))?;
        Ok(Act { person: person.clone(), chain, at, certificate })
    }

    async fn keep_efirma(
        &self,
        actor: &Actor,
        document: &SignedDocument,
        act: &Act,
        code: Option<String>,
        proven: Proven,
    ) -> Result<EfirmaNext, CareError> {
        let person = &act.person;
        let kept = DocumentEfirma {
            document_id: document.id,
            pdf: BlobId(Uuid::now_v7()),
            pdf_digest: sha256(&proven.pdf),
            name: person.name.clone(),
            rfc: person.rfc.clone(),
            curp: person.curp.clone(),
            serial: proven.serial,
            level: proven.level,
            revocation: proven.revocation,
            claimed_at: act.at,
            proven_at: proven.proven_at,
            code,
            signed_by: actor.user_id,
        };
        let account = AccountEfirma { rfc: person.rfc.clone(), curp: person.curp.clone() };
        let mut tx = self.begin(actor).await?;
        self.blobs.put(&mut tx, kept.pdf, "application/pdf", proven.pdf, self.now()).await?;
        once(tx.insert_document_efirma(&kept).await, already)?;
        let end = act.certificate.valid_until();
        tx.confirm_account_efirma(actor.user_id, &account, end, self.now()).await?;
        let event =
            self.event(actor, AuditAction::Sign, "document_efirma", document.id, Some(document.patient_id));
        tx.append_audit(because(event, &storage::verify::trace(kept.pdf_digest))).await?;
        tx.commit().await?;
        Ok(EfirmaNext::Done { document: document.id, level: kept.level, revocation: kept.revocation })
    }

    /// What the key has to sign of a document now. The same each time, until something of it changes.
    async fn prepare_efirma(
        &self,
        actor: &Actor,
        document: &SignedDocument,
        act: &Act,
        waits_for: WaitsFor,
    ) -> Result<Ready, CareError> {
        let content = intact(document)?;
        let code = match waits_for {
            WaitsFor::Code => {
                let facts = efirma_code::facts(document, &content, &act.person, act.at);
                let facts = facts.ok_or_else(too_late)?;
                let cadena = facts.cadena().map_err(CareError::internal)?;
                return Ok(Ready {
                    base_digest: sha256(cadena.as_bytes()),
                    asked: Asked::Code(Box::new(facts)),
                });
            }
            WaitsFor::Pdf { code } => code,
        };
        let base = self.base(actor, document, &content, code.clone()).await?;
        let (certificate, authorities) = (act.certificate.clone(), act.chain.intermediates().to_vec());
        let at = act.at.to_zoned_datetime(crate::zone(&content.establishment.time_zone));
        tokio::task::spawn_blocking(move || {
            let claim = Claim {
                at: &at,
                name: certificate.name(),
                reason: &format!("Firma de {}", content.title),
                place: &content.establishment.name,
            };
            let signing = Box::new(Signing::begin(&base, &claim, &certificate, &authorities)?);
            Ok(Ready { asked: Asked::Pdf { signing, code }, base_digest: sha256(&base) })
        })
        .await
        .map_err(CareError::internal)?
        .map_err(|error: efirma::SigningError| CareError::internal(error))
    }

    /// The PDF that is signed: the stored one, or a receta typeset again with its code.
    async fn base(
        &self,
        actor: &Actor,
        document: &SignedDocument,
        content: &DocumentContent,
        code: Option<String>,
    ) -> Result<Vec<u8>, CareError> {
        let mut tx = self.begin_read(actor).await?;
        if code.is_some() {
            let logo = self.logo(&mut tx).await?;
            let copy = ::documents::Copy::Original;
            let context = RenderContext { logo, code, ..RenderContext::new(document.content_digest, copy) };
            return self.render(content.clone(), context).await;
        }
        let base = self.blobs.get(&mut tx, document.pdf).await?;
        if sha256(&base) != document.pdf_digest {
            return Err(CareError::Internal("the stored PDF does not match its digest".into()));
        }
        Ok(base)
    }

    /// Says what the key has to sign, and waits for it.
    async fn ask_key(
        &self,
        actor: &Actor,
        document: &SignedDocument,
        act: &Act,
        waits_for: WaitsFor,
    ) -> Result<ToSign, CareError> {
        let ready = self.prepare_efirma(actor, document, act, waits_for.clone()).await?;
        let token = Secret::random();
        let now = self.now();
        let waiting = EfirmaWaiting {
            token_digest: token.digest(),
            user_id: actor.user_id,
            document_id: document.id,
            base_digest: ready.base_digest,
            certificate: act.certificate.der().to_vec(),
            claimed_at: act.at,
            waits_for,
            expires_at: now.checked_add(WAIT).map_err(CareError::internal)?,
        };
        let mut tx = self.begin(actor).await?;
        tx.insert_efirma_waiting(&waiting, now).await?;
        tx.commit().await?;
        Ok(ToSign { document: document.id, token: token.expose().to_owned(), message: ready.message()? })
    }
}

async fn own_document(tx: &mut Tx, actor: &Actor, id: DocumentId) -> Result<SignedDocument, CareError> {
    let document = tx.document(id).await?.ok_or(CareError::NotFound { what: "el documento" })?;
    if document.signed_by != actor.user_id {
        let message = "Con e.firma firma solo quien firmó el documento.".to_owned();
        return Err(CareError::Denied { message });
    }
    if tx.prescription_cancellation(id).await?.is_some() {
        let message = "La receta está cancelada: ya no se firma".to_owned();
        return Err(CareError::Finished { message });
    }
    Ok(document)
}

fn wrong_key() -> CareError {
    let message = "La llave no corresponde al certificado. Elija los dos archivos de la misma e.firma";
    CareError::invalid("key", message)
}

/// Whole seconds: what the signature writes as its time has no more.
fn seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

fn at_certificate(error: &dyn std::error::Error) -> CareError {
    CareError::invalid("cer", capital(&error.to_string()))
}

fn already() -> CareError {
    CareError::Conflict {
        message: "Uno de los documentos ya tiene e.firma. Abra de nuevo la página".to_owned(),
    }
}

fn too_late() -> CareError {
    CareError::Conflict { message: "La firma tardó demasiado o ya se usó. Vuelva a intentarlo".to_owned() }
}
