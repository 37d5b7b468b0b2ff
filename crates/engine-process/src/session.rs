//! A running process of a model: started, asked, ended. It dies with this value.

use std::io::{self, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel, sync_channel};
use std::time::{Duration, Instant};

use crate::probe::Reached;
use crate::protocol::{Refusal, Reply, Request, Task, line, receive};
use crate::sandbox::Sandbox;

/// The longest time for one answer, whatever the process says of itself.
const LONGEST: Duration = Duration::from_mins(15);

/// What went wrong with the process or its answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The program is not there or may not be run.
    #[error("no se pudo arrancar el programa del modelo")]
    Start(#[source] io::Error),
    /// It ended while it was needed, for example by a fault in native code.
    #[error("el proceso del modelo terminó de improviso{}", .0.map(|status| format!(" ({status})")).unwrap_or_default())]
    Died(Option<ExitStatus>),
    /// It gave no sign of life for so long and was ended.
    #[error("el modelo se quedó {} s sin avanzar y se detuvo", .0.as_secs())]
    Stuck(Duration),
    /// It worked on and on, and was ended.
    #[error("el modelo no terminó en {} minutos y se detuvo", LONGEST.as_secs() / 60)]
    Endless,
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
        Refusal::Model => "el archivo del modelo está dañado o no es de los que este programa puede usar",
        Refusal::Family => {
            "este programa se compiló sin el motor para modelos en carpeta (archivos ONNX, como Parakeet); cómo conseguirlo: \
             docs/manual/escuchar.md, «El otro motor»"
        }
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

/// A process with its model loaded, asked for `T`.
#[derive(Debug)]
pub struct Session<T: Task> {
    child: Child,
    questions: Sender<Vec<u8>>,
    replies: Receiver<io::Result<Reply<T::Answer>>>,
    /// The model's own name.
    pub model: String,
    /// What was taken away from the process.
    pub sandbox: Sandbox,
    /// A graphics card computes the model.
    pub card: bool,
    /// The longest it said nothing during an answer it gave.
    pub(crate) slowest: Duration,
}

impl<T: Task> Session<T> {
    /// Starts `program` on a model and waits until it is loaded. It gets nothing of this program's environment.
    ///
    /// # Errors
    /// [`Failure`], also when it says nothing for longer than `patience`.
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
        let (Some(into), Some(out)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Failure::Start(io::ErrorKind::BrokenPipe.into()));
        };
        let mut session = Self {
            child,
            questions: written_by_a_thread(into),
            replies: read_by_a_thread(out),
            model: String::new(),
            sandbox: Sandbox { files: false },
            card: false,
            slowest: Duration::ZERO,
        };
        let loaded = session.hear(patience)?;
        session.slowest = Duration::ZERO;
        match loaded {
            Reply::Ready { model, sandbox, card } => {
                session.model = model;
                session.sandbox = sandbox;
                session.card = card;
                Ok(session)
            }
            Reply::Refused { reason } => Err(Failure::Refused(reason)),
            _ => Err(Failure::Garbage),
        }
    }

    /// Has something written. `patience` is for each step of it: until the process says that the work goes on.
    ///
    /// # Errors
    /// [`Failure`]; see [`Failure::ends_the_process`].
    pub fn write(&mut self, task: &T, patience: Duration) -> Result<T::Answer, Failure> {
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

    fn ask(&mut self, request: &Request<&T>, patience: Duration) -> Result<Reply<T::Answer>, Failure> {
        let sent = line(request).is_ok_and(|line| self.questions.send(line).is_ok());
        if sent { self.hear(patience) } else { Err(self.died()) }
    }

    fn hear(&mut self, patience: Duration) -> Result<Reply<T::Answer>, Failure> {
        let began = Instant::now();
        while began.elapsed() < LONGEST {
            let step = Instant::now();
            match self.replies.recv_timeout(patience) {
                Ok(Ok(Reply::Working)) => self.slowest = self.slowest.max(step.elapsed()),
                Ok(Ok(reply)) => {
                    self.slowest = self.slowest.max(step.elapsed());
                    return Ok(reply);
                }
                Ok(Err(_)) => return Err(Failure::Garbage),
                Err(RecvTimeoutError::Timeout) => return Err(Failure::Stuck(patience)),
                Err(RecvTimeoutError::Disconnected) => return Err(self.died()),
            }
        }
        Err(Failure::Endless)
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

/// A pipe knows no time limit, and a process that hangs reads nothing more: a question is written by a thread of its own. It
/// ends with the process or the session.
fn written_by_a_thread(mut into: impl Write + Send + 'static) -> Sender<Vec<u8>> {
    let (sender, lines) = channel::<Vec<u8>>();
    std::thread::spawn(move || {
        while let Ok(line) = lines.recv() {
            if into.write_all(&line).and_then(|()| into.flush()).is_err() {
                break;
            }
        }
    });
    sender
}

/// The answers, also waited for by a thread; it ends with the process.
fn read_by_a_thread<A: serde::de::DeserializeOwned + Send + 'static>(
    out: impl io::Read + Send + 'static,
) -> Receiver<io::Result<Reply<A>>> {
    let (sender, receiver) = sync_channel(1);
    std::thread::spawn(move || {
        let mut replies = BufReader::new(out);
        while let Some(reply) = receive(&mut replies).transpose() {
            let broken = reply.is_err();
            if sender.send(reply).is_err() || broken {
                break;
            }
        }
    });
    receiver
}

impl<T: Task> Drop for Session<T> {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
