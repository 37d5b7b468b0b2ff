//! The process that runs the speech model: `medicus-speech MODEL`, spoken to over its standard input and output.
//!
//! It gives up the network and all files but the model before it reads it, and ends when its input does. Whatever native
//! code does here, the program that asks goes on.

mod engine;
mod words;

use std::env;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use engine_process::protocol::{Refusal, Reply, send};
use engine_process::{sandbox, serve};
use whisper::protocol::Answer;

use engine::Listening;

/// How many threads OpenBLAS starts before `main` does.
const EARLY_THREADS: &str = "OPENBLAS_NUM_THREADS";

fn main() -> ExitCode {
    let Some(model) = env::args_os().nth(1).map(PathBuf::from) else { return ExitCode::from(2) };
    match alone().and_then(|()| run(&model)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Begins again, as the same process, unless it began with one thread: the kernel takes the files from the thread that asks
/// for it and from those it starts, not from the ones beside it. The others are started when there is work for them.
fn alone() -> io::Result<()> {
    if env::var_os(EARLY_THREADS).is_some_and(|threads| threads == "1") {
        return Ok(());
    }
    Err(Command::new(env::current_exe()?).args(env::args_os().skip(1)).env(EARLY_THREADS, "1").exec())
}

/// Fails when the other side is gone; what else can go wrong is said to it.
fn run(model: &Path) -> io::Result<()> {
    // Not locked: the engine says on the way that it works.
    let mut out = io::stdout();
    let refused = |reason| Reply::<Answer>::Refused { reason };
    let Ok(sandbox) = sandbox::enter(model) else {
        return send(&mut out, &refused(Refusal::Sandbox));
    };
    let mut engine = match Listening::load(model) {
        Ok(engine) => engine,
        Err(reason) => return send(&mut out, &refused(reason)),
    };
    send(&mut out, &Reply::<Answer>::Ready { model: engine.name(), sandbox })?;
    serve::serve(&mut engine, &mut io::stdin().lock(), &mut out)
}
