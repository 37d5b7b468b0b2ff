//! The process that runs the speech model: `medicus-speech MODEL`, spoken to over its standard input and output.
//!
//! It gives up the network and all files but the model before it reads it, and ends when its input does. Whatever native
//! code does here, the program that asks goes on. A file is for whisper.cpp; a folder of ONNX files for sherpa-onnx, where it
//! was built with that feature. Built with `cuda`, whisper.cpp computes on a graphics card where there is one.
//! `medicus-speech --engines` names what it was built with, one a line.

mod engine;
#[cfg(feature = "sherpa-onnx")]
mod onnx_folder;
#[cfg(feature = "sherpa-onnx")]
mod sherpa;
mod words;

use std::env;
use std::io::{self, Write};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use engine_process::card::Card;
use engine_process::protocol::{Refusal, Reply, send};
use engine_process::sandbox::{self, Sandbox};
use engine_process::serve::{self, Engine};
use whisper::protocol::{Answer, Task};

/// What is asked in place of a model.
const ENGINES: &str = "--engines";
/// The graphics card it was built for.
const CARD: Option<Card> = if cfg!(feature = "cuda") { Some(Card::Cuda) } else { None };

/// How many threads OpenBLAS starts before `main` does.
const EARLY_THREADS: &str = "OPENBLAS_NUM_THREADS";

fn main() -> ExitCode {
    let Some(model) = env::args_os().nth(1).map(PathBuf::from) else { return ExitCode::from(2) };
    let answered = if model == Path::new(ENGINES) {
        io::stdout().write_all(built().as_bytes())
    } else {
        alone().and_then(|()| run(&model))
    };
    match answered {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// The engines that were built in, and the card.
fn built() -> String {
    let second = cfg!(feature = "sherpa-onnx").then_some("sherpa-onnx");
    let lines = [Some("whisper.cpp"), second, CARD.map(Card::name)];
    lines.into_iter().flatten().map(|line| format!("{line}\n")).collect()
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
    let Ok(sandbox) = sandbox::enter(model, CARD) else {
        return send(&mut io::stdout(), &refused(Refusal::Sandbox));
    };
    if model.is_dir() {
        return folder(model, sandbox);
    }
    let loaded = engine::Listening::load(model);
    answer(loaded.map(|engine| (engine.name(), engine)), sandbox)
}

#[cfg(feature = "sherpa-onnx")]
fn folder(model: &Path, sandbox: Sandbox) -> io::Result<()> {
    let loaded = sherpa::Listening::load(model);
    answer(loaded.map(|engine| (engine.name(), engine)), sandbox)
}

#[cfg(not(feature = "sherpa-onnx"))]
fn folder(_: &Path, _: Sandbox) -> io::Result<()> {
    send(&mut io::stdout(), &refused(Refusal::Family))
}

fn refused(reason: Refusal) -> Reply<Answer> {
    Reply::Refused { reason }
}

/// Answers until the questions end, with an engine and its name.
fn answer<E: Engine<Task = Task>>(loaded: Result<(String, E), Refusal>, sandbox: Sandbox) -> io::Result<()> {
    // Not locked: the engine says on the way that it works.
    let mut out = io::stdout();
    match loaded {
        Ok((model, mut engine)) => {
            send(&mut out, &Reply::<Answer>::Ready { model, sandbox, card: Card::is_taken() })?;
            serve::serve(&mut engine, &mut io::stdin().lock(), &mut out)
        }
        Err(reason) => send(&mut out, &refused(reason)),
    }
}
