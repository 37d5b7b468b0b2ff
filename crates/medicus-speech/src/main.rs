//! The process that runs the speech model: `medicus-speech MODEL`, spoken to over its standard input and output.
//!
//! It gives up the network and all files but the model before it reads it, and ends when its input does. Whatever native
//! code does here, the program that asks goes on.

mod engine;
mod words;

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use engine_process::protocol::{Refusal, Reply, send};
use engine_process::{sandbox, serve};
use whisper::protocol::Answer;

use engine::Listening;

fn main() -> ExitCode {
    let Some(model) = std::env::args_os().nth(1).map(PathBuf::from) else { return ExitCode::from(2) };
    match run(&model) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
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
