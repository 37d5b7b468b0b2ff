//! The reports of the practice: made and sent as long as the program runs, and the folder the owner configured for them.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use care::Care;
use care::reports::ReportFolder;

use crate::config::Config;

/// Between one look at which reports are due and the next.
const ROUND: Duration = Duration::from_secs(60);

/// The practice with the folder for its reports, where one is configured.
pub(crate) fn equipped(config: &Config, care: Care) -> Care {
    match &config.reports {
        Some(section) => care.with_report_folder(Arc::new(Folder::new(&section.folder))),
        None => care,
    }
}

/// Reports are made when their days are over, and sent until they went.
pub(crate) async fn work(care: Care) {
    let mut rounds = tokio::time::interval(ROUND);
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        match care.make_due_reports().await {
            Ok(0) => {}
            Ok(made) => tracing::info!(made, "reports of the practice were made"),
            Err(error) => tracing::error!(%error, "a report of the practice could not be made"),
        }
        loop {
            match care.send_next_report().await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::error!(%error, "a report of the practice could not be sent");
                    break;
                }
            }
        }
    }
}

/// A folder of this machine.
struct Folder(PathBuf);

impl Folder {
    fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }
}

impl ReportFolder for Folder {
    fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        // Written beside its place and moved: who looks finds it whole, and a second time is the same file.
        let beside = self.0.join(format!(".{name}.nuevo"));
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o640).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, self.0.join(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_whole_in_the_folder_and_once() {
        let folder = std::env::temp_dir().join(format!("medicus-informes-{}", uuid::Uuid::now_v7().simple()));
        fs::create_dir(&folder).expect("a folder");
        let shelf = Folder::new(&folder);
        for _ in 0..2 {
            shelf.put("informe.pdf", b"%PDF").expect("written");
        }
        let found = fs::read_dir(&folder).expect("read").flatten();
        let names: Vec<_> = found.map(|one| one.file_name()).collect();
        assert_eq!(names, ["informe.pdf"]);
        assert!(Folder::new(&folder.join("no")).put("informe.pdf", b"%PDF").is_err());
        fs::remove_dir_all(&folder).expect("removed");
    }
}
