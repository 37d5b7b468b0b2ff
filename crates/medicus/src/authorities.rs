//! Whom signatures given in the pages are judged by: SAT's authorities and the owner's, and the services that may be asked,
//! each only where the configuration names it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use care::efirma_proof::{Authorities, PublishedList, Service};

use crate::commands::efirma::trust_or_default;
use crate::config::Config;
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

/// A list of what an authority revoked, where it is published; the authority signed it.
#[derive(Debug)]
struct Published {
    address: Address,
}

impl Service for Published {
    fn ask(&self, _: &[u8]) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
        let mut list = Vec::new();
        fetch::download(&self.address, LIMITS, &mut list, |_, _| {})?;
        Ok(list)
    }
}

/// The authorities that are configured.
///
/// # Errors
/// The field and what is wrong with it: a folder that cannot be read or that holds test and production authorities
/// together, or an address that is none.
pub(crate) fn configured(config: &Config) -> anyhow::Result<Authorities> {
    let own = &config.efirma;
    let trust = trust_or_default(own.trust.as_deref(), config).context("efirma.trust")?;
    let service = |address: &Option<String>, content_type| -> anyhow::Result<Option<Arc<dyn Service>>> {
        let Some(address) = address else { return Ok(None) };
        let address = Address::parse_plain(address)?;
        Ok(Some(Arc::new(Remote { address, content_type })))
    };
    let list =
        |address: &String| Ok(PublishedList::new(Published { address: Address::parse_plain(address)? }));
    let lists: anyhow::Result<Arc<[PublishedList]>> = own.revocation_lists.iter().map(list).collect();
    Ok(Authorities {
        lists: lists.context("efirma.revocation_lists")?,
        trust: Some(Arc::new(trust)),
        timestamps: service(&own.timestamps, "application/timestamp-query").context("efirma.timestamps")?,
        revocations: service(&own.revocations, "application/ocsp-request").context("efirma.revocations")?,
    })
}
