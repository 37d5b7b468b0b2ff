//! Recordings that were destroyed stay destroyed: their ids lie beside the back-ups, and one that is put back forgets again
//! what was destroyed after it was made.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::Path;

use anyhow::Context as _;
use clinical::ids::RecordingId;
use storage::Database;

/// The file beside the back-ups: an id a line, which says nothing to anybody else.
const FILE: &str = "grabaciones-destruidas.txt";
/// Most bytes of it that are read: a million recordings take less.
const MOST: u64 = 64 * 1024 * 1024;

/// Writes down which recordings are destroyed by now, beside the back-ups of a folder; what stands there stays.
pub(super) async fn remember(database: &Database, folder: &Path) -> anyhow::Result<()> {
    let mut known = read(folder)?;
    known.extend(database.begin_read().await?.destroyed_recordings().await?);
    if known.is_empty() {
        return Ok(());
    }
    let lines: String = known.iter().map(|id| format!("{id}\n")).collect();
    let (path, fresh) = (folder.join(FILE), folder.join(format!("{FILE}.nuevo")));
    let written = || -> std::io::Result<()> {
        let mut file = File::create(&fresh)?;
        file.write_all(lines.as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, &path)
    };
    written().with_context(|| format!("No se pudo escribir {}", path.display()))
}

/// The ids beside the back-ups; none without the file. What is no id is passed over.
pub(super) fn read(folder: &Path) -> anyhow::Result<BTreeSet<RecordingId>> {
    let path = folder.join(FILE);
    let file = match File::open(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        other => other.with_context(|| format!("No se pudo leer {}", path.display()))?,
    };
    let mut text = String::new();
    file.take(MOST)
        .read_to_string(&mut text)
        .with_context(|| format!("No se pudo leer {}", path.display()))?;
    Ok(text.lines().filter_map(|line| line.trim().parse().ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_id_is_passed_over_and_no_file_is_no_id() {
        let folder = std::env::temp_dir().join(format!("medicus-{}", uuid::Uuid::now_v7().simple()));
        fs::create_dir(&folder).unwrap();
        assert!(read(&folder).unwrap().is_empty());
        let id = RecordingId(uuid::Uuid::now_v7());
        fs::write(folder.join(FILE), format!("\u{feff}otra cosa\n {id} \r\n{id}\n")).unwrap();
        assert_eq!(read(&folder).unwrap(), BTreeSet::from([id]));
        fs::remove_dir_all(&folder).unwrap();
    }
}
