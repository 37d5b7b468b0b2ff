//! The models that can be brought by name: `catalogs/models`.

use anyhow::Context;
use clinical::digest::Digest;
use engine_process::models::Kind;

const FILE: &str = include_str!("../../../../../catalogs/models/models.tsv");

/// A model somebody publishes.
pub(super) struct Published {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) bytes: u64,
    pub(super) digest: Digest,
    pub(super) licence: &'static str,
    pub(super) languages: &'static str,
    /// Working memory to count with.
    pub(super) memory_mb: u32,
    pub(super) address: &'static str,
}

impl Published {
    /// What its file is called.
    pub(super) fn file(&self) -> String {
        format!("{}.{}", self.name, self.kind.ending())
    }
}

/// All of them.
pub(super) fn published() -> anyhow::Result<Vec<Published>> {
    FILE.lines().skip(1).map(|line| read(line).with_context(|| format!("catalogs/models: {line}"))).collect()
}

/// The one of a name.
pub(super) fn named(name: &str) -> anyhow::Result<Option<Published>> {
    Ok(published()?.into_iter().find(|model| model.name == name))
}

fn read(line: &'static str) -> anyhow::Result<Published> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [name, "speech", bytes, digest, licence, languages, memory_mb, address] = fields.as_slice() else {
        anyhow::bail!("not the eight columns of a speech model");
    };
    let digest = digest.parse().ok().context("no SHA-256")?;
    let (bytes, memory_mb) = (bytes.parse()?, memory_mb.parse()?);
    Ok(Published { name, kind: Kind::Speech, bytes, digest, licence, languages, memory_mb, address })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::Address;

    #[test]
    fn every_published_model_has_an_address_with_its_own_file() {
        let all = published().unwrap();
        assert!(all.len() >= 3);
        for model in all {
            assert_eq!(Address::parse(model.address).unwrap().file_name(), model.file());
            assert!(model.bytes > 50_000_000 && model.memory_mb > 100, "{}", model.name);
        }
    }
}
