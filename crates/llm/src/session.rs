//! A running process of the model: started, asked, ended. It dies with this value.

use std::io::{self, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use crate::probe::Reached;
use crate::protocol::{Answer, Refusal, Reply, Request, Task, receive, send};
use crate::sandbox::Sandbox;

/// What went wrong with the process or its answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The program is not there or may not be run.
    #[error("no se pudo arrancar el programa del modelo")]
    Start(#[source] io::Error),
    /// It ended while it was needed, for example by a fault in native code.
    #[error("el proceso del modelo terminó de improviso{}", .0.map(|status| format!(" ({status})")).unwrap_or_default())]
    Died(Option<ExitStatus>),
    /// It did not answer in time and was ended.
    #[error("el modelo no respondió en {} s", .0.as_secs())]
    Slow(Duration),
    /// What it said is no answer.
    #[error("el proceso del modelo respondió algo que no se entiende")]
    Garbage,
    /// It answered that it cannot.
    #[error("{}", refusal(*.0))]
    Refused(Refusal),
}

fn refusal(reason: Refusal) -> &'static str {
    match reason {
        Refusal::Sandbox => "el proceso del modelo no pudo quitarse la red y no arrancó",
        Refusal::Model => "el archivo del modelo está dañado o no es un modelo GGUF que se pueda usar",
        Refusal::TooLong => "la parte de la consulta no cabe en el modelo",
        Refusal::Question => "el proceso del modelo no entendió lo que se le pidió",
        Refusal::Engine => "el modelo falló al escribir",
    }
}

impl Failure {
    /// Whether another process could do better: this one is gone or no longer to be trusted.
    #[must_use]
    pub fn ends_the_process(&self) -> bool {
        !matches!(self, Self::Refused(_))
    }
}

/// A process with its model loaded.
#[derive(Debug)]
pub struct Session {
    child: Child,
    questions: ChildStdin,
    replies: Receiver<io::Result<Reply>>,
    /// The model's own name.
    pub model: String,
    /// What was taken away from the process.
    pub sandbox: Sandbox,
}

impl Session {
    /// Starts `program` on a model and waits until it is loaded. It gets nothing of this program's environment.
    ///
    /// # Errors
    /// [`Failure`], also when loading takes longer than `patience`.
    pub fn start(program: &Path, model: &Path, patience: Duration) -> Result<Self, Failure> {
        let mut child = Command::new(program)
            .arg(model)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(Failure::Start)?;
        let (Some(questions), Some(replies)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Failure::Start(io::ErrorKind::BrokenPipe.into()));
        };
        // Read by a thread of its own: a pipe knows no time limit. It ends with the process.
        let (sender, receiver) = sync_channel(1);
        std::thread::spawn(move || {
            let mut replies = BufReader::new(replies);
            while let Some(reply) = receive(&mut replies).transpose() {
                let broken = reply.is_err();
                if sender.send(reply).is_err() || broken {
                    break;
                }
            }
        });
        let mut session = Self {
            child,
            questions,
            replies: receiver,
            model: String::new(),
            sandbox: Sandbox { files: false },
        };
        match session.hear(patience)? {
            Reply::Ready { model, sandbox, .. } => {
                session.model = model;
                session.sandbox = sandbox;
                Ok(session)
            }
            Reply::Refused { reason } => Err(Failure::Refused(reason)),
            _ => Err(Failure::Garbage),
        }
    }

    /// Has something written.
    ///
    /// # Errors
    /// [`Failure`]; see [`Failure::ends_the_process`].
    pub fn write(&mut self, task: Task, patience: Duration) -> Result<Answer, Failure> {
        match self.ask(&Request::Write(task), patience)? {
            Reply::Written(answer) => Ok(answer),
            Reply::Refused { reason } => Err(Failure::Refused(reason)),
            _ => Err(Failure::Garbage),
        }
    }

    /// Has the process try to reach the network and the files.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn probe(&mut self, patience: Duration) -> Result<Reached, Failure> {
        match self.ask(&Request::Probe, patience)? {
            Reply::Probed(reached) => Ok(reached),
            _ => Err(Failure::Garbage),
        }
    }

    fn ask(&mut self, request: &Request, patience: Duration) -> Result<Reply, Failure> {
        if send(&mut self.questions, request).is_err() {
            return Err(self.died());
        }
        self.hear(patience)
    }

    fn hear(&mut self, patience: Duration) -> Result<Reply, Failure> {
        match self.replies.recv_timeout(patience) {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(_)) => Err(Failure::Garbage),
            Err(RecvTimeoutError::Timeout) => Err(Failure::Slow(patience)),
            Err(RecvTimeoutError::Disconnected) => Err(self.died()),
        }
    }

    /// The output was closed: the process is ending, or has no business any more.
    fn died(&mut self) -> Failure {
        let ended = (0..20).find_map(|_| {
            std::thread::sleep(Duration::from_millis(10));
            self.child.try_wait().ok().flatten()
        });
        Failure::Died(ended)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
