//! The programs of PostgreSQL itself, for back-ups: `pg_dump` and `pg_restore`. The password goes through the environment,
//! where other users of the machine cannot read it.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

use crate::backup::BackupError;
use crate::location::DatabaseUrl;

/// Runs `pg_dump` and hands its output over.
///
/// # Errors
/// [`BackupError::Tool`] with the program's own words, or what `take` says.
pub(crate) fn dump(
    url: &DatabaseUrl,
    take: impl FnOnce(&mut std::process::ChildStdout) -> Result<(), BackupError>,
) -> Result<(), BackupError> {
    const PROGRAM: &str = "pg_dump";
    let mut command = command(PROGRAM, url);
    command.args(["--format=custom", "--no-owner", "--no-privileges"]);
    let mut child = start(PROGRAM, command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
    let taken = child.stdout.take().map_or(Ok(()), |mut words| take(&mut words));
    if taken.is_err() {
        let _stopped = child.kill();
    }
    let ended = end(PROGRAM, child);
    // A dump that was not wanted to its end fails of that.
    taken.and(ended)
}

/// Runs `pg_restore` into an empty database, in one transaction.
///
/// # Errors
/// [`BackupError::Tool`] with the program's own words; then the database is as it was.
pub(crate) fn restore(url: &DatabaseUrl, dump: &mut impl Read) -> Result<(), BackupError> {
    const PROGRAM: &str = "pg_restore";
    let mut command = command(PROGRAM, url);
    command.args(["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]);
    feed(PROGRAM, &mut command, dump)
}

/// Whether `pg_restore` can read a dump to its end, without a server.
///
/// # Errors
/// [`BackupError::Tool`] with the program's own words.
pub(crate) fn list(dump: &mut impl Read) -> Result<(), BackupError> {
    feed("pg_restore", Command::new("pg_restore").args(["--list"]), dump)
}

fn command(program: &str, url: &DatabaseUrl) -> Command {
    let mut command = Command::new(program);
    if let DatabaseUrl::Postgres(url) = url {
        let (open, password) = without_password(url);
        command.arg(format!("--dbname={open}"));
        if let Some(password) = password {
            command.env("PGPASSWORD", password);
        }
    }
    command
}

fn feed(program: &'static str, command: &mut Command, dump: &mut impl Read) -> Result<(), BackupError> {
    let mut child = start(program, command.stdin(Stdio::piped()).stdout(Stdio::null()))?;
    let mut fed = Ok(0);
    if let Some(mut entry) = child.stdin.take() {
        fed = std::io::copy(dump, &mut entry).and_then(|size| entry.flush().map(|()| size));
    }
    end(program, child)?;
    match fed {
        // Who has read enough closes its entry.
        Err(source) if source.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(BackupError::Tool { program, words: source.to_string() })
        }
        _ => Ok(()),
    }
}

fn start(program: &'static str, command: &mut Command) -> Result<Child, BackupError> {
    command
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| BackupError::Tool { program, words: source.to_string() })
}

fn end(program: &'static str, child: Child) -> Result<(), BackupError> {
    let failed = |words: String| BackupError::Tool { program, words };
    let output = child.wait_with_output().map_err(|source| failed(source.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(failed(words.lines().next().unwrap_or("sin explicación").chars().take(300).collect()))
}

/// The address without its password, and the password as it is.
fn without_password(url: &str) -> (String, Option<String>) {
    let parts = || {
        let (scheme, rest) = url.split_once("://")?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (user, host) = authority.rsplit_once('@')?;
        let (name, password) = user.split_once(':')?;
        Some((format!("{scheme}://{name}@{host}{path}"), unescaped(password)))
    };
    parts().map_or_else(|| (url.to_owned(), None), |(open, password)| (open, Some(password)))
}

/// Undoes the `%40` of an address.
fn unescaped(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((&first, after)) = rest.split_first() {
        let code = (first == b'%')
            .then(|| after.get(..2).and_then(|digits| crate::hex::decode(std::str::from_utf8(digits).ok()?)))
            .flatten();
        match code.as_deref() {
            Some([byte]) => {
                bytes.push(*byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_taken_out_of_the_address_and_read_as_it_is() {
        let read = |url| without_password(url);
        assert_eq!(
            read("postgres://ana:se%40creto@db.local:5432/medicus?sslmode=require"),
            ("postgres://ana@db.local:5432/medicus?sslmode=require".to_owned(), Some("se@creto".to_owned()))
        );
        assert_eq!(read("postgres://db/medicus"), ("postgres://db/medicus".to_owned(), None));
        assert_eq!(read("postgres://u:100%@h/d").1.as_deref(), Some("100%"));
    }
}
