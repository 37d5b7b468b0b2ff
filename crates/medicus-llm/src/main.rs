//! The process that runs the language model: `medicus-llm MODEL`, spoken to over its standard input and output.
//!
//! It gives up the network and all files but the model before it reads it, and ends when its input does. Whatever native
//! code does here, the program that asks goes on.

mod engine;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use engine_process::protocol::{Refusal, Reply, send};
use engine_process::{sandbox, serve};
use llm::protocol::Answer;

use engine::Llama;

fn main() -> ExitCode {
    let Some(model) = std::env::args_os().nth(1).map(PathBuf::from) else { return ExitCode::from(2) };
    match run(&model) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Fails when the other side is gone; what else can go wrong is said to it.
fn run(model: &std::path::Path) -> io::Result<()> {
    // Not locked: the engine says on the way that it works.
    let mut out = io::stdout();
    let Ok(sandbox) = sandbox::enter(model, None) else {
        return send(&mut out, &Reply::<Answer>::Refused { reason: Refusal::Sandbox });
    };
    let loaded = Llama::load(model);
    let mut engine = match loaded.as_ref().map_err(|_| Refusal::Model).and_then(Llama::engine) {
        Ok(engine) => engine,
        Err(reason) => return send(&mut out, &Reply::<Answer>::Refused { reason }),
    };
    send(&mut out, &Reply::<Answer>::Ready { model: engine.name(), sandbox, card: false })?;
    serve::serve(&mut engine, &mut io::stdin().lock(), &mut out)
}
