//! Whom signatures are judged by: the folder of authorities of the owner, and the services that may be asked, each only
//! where the configuration names it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use care::efirma_proof::{Authorities, Service};

use crate::commands::efirma::read_trust;
use crate::config::Efirma;
use crate::fetch::{self, Address, Limits};

/// What an answer may have at most. A physician waits for it before a screen.
const LIMITS: Limits = Limits { most: 512 * 1024, patience: Duration::from_secs(10) };

/// A service at an address. What it answers proves by itself where it comes from.
#[derive(Debug)]
struct Remote {
    address: Address,
    content_type: &'static str,
}

impl Service for Remote {
    fn ask(&self, question: &[u8]) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
        Ok(fetch::post(&self.address, self.content_type, question, LIMITS)?)
    }
}

/// The authorities that are configured; nobody where nothing is.
///
/// # Errors
/// The field and what is wrong with it: a folder that cannot be read, that holds test and production authorities
/// together, or no root at all.
pub(crate) fn configured(config: &Efirma) -> anyhow::Result<Authorities> {
    let Some(folder) = &config.trust else { return Ok(Authorities::default()) };
    let trust = read_trust(folder).context("efirma.trust")?;
    anyhow::ensure!(
        !trust.is_empty(),
        "efirma.trust: la carpeta {} no tiene ninguna autoridad raíz",
        folder.display()
    );
    let service = |address: &Option<String>, content_type| -> anyhow::Result<Option<Arc<dyn Service>>> {
        let Some(address) = address else { return Ok(None) };
        let address = Address::parse_plain(address)?;
        Ok(Some(Arc::new(Remote { address, content_type })))
    };
    Ok(Authorities {
        trust: Some(Arc::new(trust)),
        timestamps: service(&config.timestamps, "application/timestamp-query")
            .context("efirma.timestamps")?,
        revocations: service(&config.revocations, "application/ocsp-request")
            .context("efirma.revocations")?,
    })
}
