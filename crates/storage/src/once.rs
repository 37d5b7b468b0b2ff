//! Files that are made once, whichever machine of several is first.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use uuid::Uuid;

/// Makes a file only its owner reads, unless there is one: whole or not at all, and on the disk; whether it was made. Who finds
/// that another was first reads what is there.
///
/// # Errors
/// What the disk says.
pub fn write_once(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    fs::create_dir_all(folder_of(path))?;
    // Asked first too: the move for disks without second names would take the place of what is there.
    if path.try_exists()? {
        return Ok(false);
    }
    let mut beside = OsString::from(path);
    beside.push(format!(".{}.nuevo", Uuid::now_v7().simple()));
    let beside = Path::new(&beside);
    let made = write(beside, bytes).and_then(|()| match fs::hard_link(beside, path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        // A file has one name only on some disks.
        Err(_) => fs::rename(beside, path).map(|()| true),
    });
    // Gone already where it was moved.
    let _left = fs::remove_file(beside);
    let made = made?;
    sync_folder(path)?;
    Ok(made)
}

/// The folder a file lies in.
pub(crate) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes the name of a file last: it is there on disk when this returns.
pub(crate) fn sync_folder(file: &Path) -> io::Result<()> {
    fs::File::open(folder_of(file))?.sync_all()
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::{fs, write_once};

    #[test]
    fn what_is_there_is_left_alone_and_nothing_is_left_beside_it() {
        let folder = std::env::temp_dir().join(format!("medicus-once-{}", uuid::Uuid::now_v7().simple()));
        let path = folder.join("llave");
        assert!(write_once(&path, b"first").unwrap());
        assert!(!write_once(&path, b"second").unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(folder).unwrap();
    }
}
