//! The promise: the process that sees the consultation cannot open a socket. A process of this test closes the sandbox
//! around itself and tries everything; the same tries outside show that they would have worked.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use engine_process::card::Card;
use engine_process::probe::{Reached, probe};
use engine_process::sandbox::{self, Sandbox, SandboxError};

const FILE: &str = "MEDICUS_SANDBOX_FILE";
const CARD: &str = "MEDICUS_SANDBOX_CARD";
const MARK: &str = "tried:";

/// Not a test: what the process of the tests below does.
#[test]
#[ignore = "runs in a process of its own, started by the other tests"]
fn tries() {
    let Some(file) = std::env::var_os(FILE).map(PathBuf::from) else { return };
    let card = std::env::var_os(CARD).map(|_| Card::Cuda);
    let sandbox = sandbox::enter(&file, card);
    let read = |path: &Path| std::fs::read(path).is_ok();
    let own = if file.is_dir() {
        std::fs::read_dir(&file).is_ok_and(|mut all| all.all(|one| one.is_ok_and(|one| read(&one.path()))))
    } else {
        read(&file)
    };
    let beside = read(&file.with_extension("beside"));
    let mut reached = probe();
    reached.file |= beside;
    let threads_work = std::thread::spawn(|| probe().network()).join().unwrap();
    let entered = match sandbox {
        Ok(Sandbox { files }) => format!("{files}"),
        Err(SandboxError::Inherited) => "inherited".to_owned(),
        Err(error) => format!("{error:?}"),
    };
    println!("{MARK}{}", serde_json::json!([entered, own, reached, threads_work]));
}

/// A model to be read, and something beside it that is not.
fn model(name: &str) -> PathBuf {
    let file = std::env::temp_dir().join(format!("medicus-sandbox-{name}-{}", std::process::id()));
    std::fs::write(file.with_extension("beside"), "no").unwrap();
    file
}

fn file() -> PathBuf {
    let file = model("file");
    std::fs::write(&file, "GGUF").unwrap();
    file
}

fn inside(file: &Path, card: Option<&str>, stdin: Stdio) -> (String, bool, Reached, bool) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tries", "--ignored", "--nocapture", "--test-threads=1"])
        .env(FILE, file)
        .envs(card.map(|card| (CARD, card)))
        .stdin(stdin)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.split(MARK).nth(1).and_then(|rest| rest.lines().next());
    assert!(line.is_some(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(line.unwrap()).unwrap()
}

#[test]
fn the_process_that_sees_the_consultation_reaches_no_network_no_file_and_no_program() {
    let outside = probe();
    assert!(outside.tcp && outside.udp && outside.unix && outside.file && outside.program, "{outside:?}");
    if !(outside.raw && outside.io_uring) {
        println!(
            "this machine lets nobody have a raw socket or io_uring: those two prove nothing here: {outside:?}"
        );
    }
    let folder = model("folder");
    std::fs::create_dir_all(&folder).unwrap();
    for name in ["encoder.onnx", "tokens.txt"] {
        std::fs::write(folder.join(name), "onnx").unwrap();
    }
    for (model, card) in [(file(), None), (folder, None), (file(), Some("yes"))] {
        let (entered, own_files, reached, from_a_thread) = inside(&model, card, Stdio::null());
        assert!(entered == "true" || entered == "false", "the sandbox is closed: {entered}");
        assert!(own_files, "the model can be read");
        assert!(!reached.network() && !from_a_thread, "{reached:?}");
        assert!(!reached.program, "{reached:?}");
        if entered == "true" {
            assert!(!reached.file, "{reached:?}");
        } else {
            println!("this kernel has no Landlock: files are not taken away here");
        }
    }
}

#[test]
fn a_process_that_was_given_a_socket_does_not_start() {
    let (socket, _other) = std::os::unix::net::UnixStream::pair().unwrap();
    let (entered, ..) = inside(&file(), None, Stdio::from(std::os::fd::OwnedFd::from(socket)));
    assert_eq!(entered, "inherited");
}
