//! The establishment after its first start: its data, and the picture in its letterhead.

use ::documents::Logo;
use clinical::audit::AuditAction;
use clinical::ids::BlobId;
use storage::Tx;
use uuid::Uuid;

use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::setup::{Check, EstablishmentForm, establishment};
use crate::{Care, because};

impl Care {
    /// Changes the data of the establishment. What was signed keeps what it said.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission; [`CareError::Invalid`] with every field to correct.
    pub async fn change_establishment(
        &self,
        actor: &Actor,
        form: &EstablishmentForm,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::Administer).await?;
        let mut check = Check::new();
        let changed = establishment(&mut check, form);
        let changed = check.finish(changed)?;
        let mut tx = self.begin(actor).await?;
        tx.save_establishment(&changed).await?;
        tx.append_audit(self.event(actor, AuditAction::Update, "establishment", "1", None)).await?;
        Ok(tx.commit().await?)
    }

    /// Puts a picture in the letterhead of what is printed from now on, in place of the one before.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission; [`CareError::Invalid`] for what is no PNG or plain SVG, is too large or
    /// cannot be drawn.
    pub async fn set_logo(&self, actor: &Actor, bytes: Vec<u8>) -> Result<(), CareError> {
        self.require(actor, Permission::Administer).await?;
        let refused = |why: &dyn std::fmt::Display| CareError::invalid("archivo", why);
        let logo = Logo::new(bytes).map_err(|why| refused(&why))?;
        let renderer = std::sync::Arc::clone(&self.renderer);
        let checked = logo.clone();
        let drawn = tokio::task::spawn_blocking(move || renderer.check_logo(&checked)).await;
        if drawn.map_err(CareError::internal)?.is_err() {
            return Err(refused(&"La imagen está dañada: elija otra"));
        }
        let mut tx = self.begin(actor).await?;
        let blob = BlobId(Uuid::now_v7());
        let media_type = logo.kind().media_type();
        self.blobs.put(&mut tx, blob, media_type, logo.bytes().to_vec(), self.now()).await?;
        self.replace_logo(tx, actor, Some(blob), "logotipo").await
    }

    /// Takes the picture out of the letterhead.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission.
    pub async fn remove_logo(&self, actor: &Actor) -> Result<(), CareError> {
        self.require(actor, Permission::Administer).await?;
        let tx = self.begin(actor).await?;
        self.replace_logo(tx, actor, None, "logotipo quitado").await
    }

    async fn replace_logo(
        &self,
        mut tx: Tx,
        actor: &Actor,
        logo: Option<BlobId>,
        why: &str,
    ) -> Result<(), CareError> {
        let before = tx.logo().await?;
        tx.set_logo(logo).await?;
        if let Some(before) = before {
            self.blobs.destroy_key(&mut tx, before, self.now()).await?;
        }
        let event = self.event(actor, AuditAction::Update, "establishment", "1", None);
        tx.append_audit(because(event, why)).await?;
        Ok(tx.commit().await?)
    }

    /// The picture in the letterhead with its media type, to show it.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission; [`CareError::NotFound`] when there is none.
    pub async fn shown_logo(&self, actor: &Actor) -> Result<(&'static str, Vec<u8>), CareError> {
        self.require(actor, Permission::Administer).await?;
        let mut tx = self.begin_read(actor).await?;
        let logo = self.logo(&mut tx).await?.ok_or(CareError::NotFound { what: "el logotipo" })?;
        Ok((logo.kind().media_type(), logo.bytes().to_vec()))
    }

    /// The picture as the letterhead takes it.
    pub(crate) async fn logo(&self, tx: &mut Tx) -> Result<Option<Logo>, CareError> {
        let Some(id) = tx.logo().await? else { return Ok(None) };
        let bytes = self.blobs.get(tx, id).await?;
        Logo::new(bytes).map(Some).map_err(CareError::internal)
    }
}
