//! `medicus models pull`: brings a published model, from its publisher or from a folder, and takes it only as published.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clinical::digest::Digest;
use engine_process::models::{self, AddError, Model};

use super::catalogue::{self, Published};
use crate::commands::{BadInput, progress};
use crate::config::Config;
use crate::fetch::{self, Address, Limits};
use crate::installed;

/// How long a download may take: a gigabyte over the slow line of a village.
const PATIENCE: Duration = Duration::from_hours(12);

/// Brings the model of a name; from a folder, if one is given, else from its publisher.
pub(super) fn pull(config: &Config, name: &str, from: Option<&Path>) -> anyhow::Result<Model> {
    let Some(published) = catalogue::named(name)? else {
        let names: Vec<&str> = catalogue::published()?.iter().map(|model| model.name).collect();
        return Err(BadInput::error(format!(
            "no hay un modelo {name}; se pueden traer: {}",
            names.join(", ")
        )));
    };
    let folder = installed::folder(config);
    if let Some(from) = from {
        return add(&folder, &from.join(published.file()), Some(published.digest));
    }
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let waiting = folder.join("descargas");
    let file = download(&published, &waiting)?;
    let outcome = add(&folder, &file, Some(published.digest));
    // Whether it is installed now or was damaged: what was brought is of no more use.
    fs::remove_dir_all(&waiting).with_context(|| waiting.display().to_string())?;
    outcome
}

/// Installs a file or a folder; one with the name of a published model only if it is that model.
pub(super) fn add(folder: &Path, file: &Path, expected: Option<Digest>) -> anyhow::Result<Model> {
    let known = catalogue::named(&models::name_of(file))?.map(|published| published.digest);
    models::add(folder, file, expected.or(known)).map_err(|error| match error {
        AddError::Copy { .. } if expected.is_none() => BadInput::wrap(error.into()),
        AddError::Copy { .. } => error.into(),
        AddError::NotAModel(_)
        | AddError::NotAPlainFile(_)
        | AddError::NotOnnx(_)
        | AddError::NameTaken(_)
        | AddError::NotAsPublished { .. } => BadInput::wrap(error.into()),
    })
}

/// Brings the file of a model into a folder; goes on where an earlier try was cut.
fn download(published: &Published, waiting: &Path) -> anyhow::Result<PathBuf> {
    let file = waiting.join(published.file());
    let named = || file.display().to_string();
    fs::create_dir_all(waiting).with_context(named)?;
    let address = Address::parse(published.address)?;
    let have = fs::metadata(&file).map_or(0, |found| found.len());
    if have < published.bytes {
        progress(&format!("Se trae {address}, {} MB", published.bytes.div_ceil(1_000_000)));
        let mut into: File = OpenOptions::new().create(true).append(true).open(&file).with_context(named)?;
        let limits = Limits { most: published.bytes, patience: PATIENCE };
        let mut told = 0;
        fetch::resume(&address, limits, have, &mut into, |had, _| {
            let percent = had * 100 / published.bytes.max(1);
            if percent / 5 > told {
                told = percent / 5;
                progress(&format!("  {percent} %"));
            }
        })
        .context("La descarga se cortó; la misma orden la sigue donde quedó")?;
        into.sync_all().with_context(named)?;
    }
    Ok(file)
}
