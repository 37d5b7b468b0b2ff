//! A small pool of SQLite connections of our own, because of how SQLCipher ends: it frees its memory when the program
//! exits, and a connection that another thread is still closing at that moment brings the program down. Here a
//! connection is always handed back or closed before the drop of its transaction or pool returns.

use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection as _, Executor as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::PATIENCE;
use super::sqlite::error;
use crate::error::{Result, StorageError};

/// Steps of SQLite's machine between two looks at the time: a millisecond or less.
const STEPS: i32 = 10_000;
/// While another program makes the file that this one opens.
const BETWEEN_TRIES: Duration = Duration::from_millis(20);
/// One writes, the others read.
const CONNECTIONS: u32 = 4;

/// Cloning shares the connections; the last one closes them.
#[derive(Clone)]
pub(crate) struct SqlitePool(Arc<Shared>);

struct Shared {
    options: SqliteConnectOptions,
    setup: &'static str,
    idle: Mutex<Vec<SqliteConnection>>,
    free: Arc<Semaphore>,
    /// Writers wait here in order, instead of polling the file's lock.
    writer: Arc<Semaphore>,
}

impl Shared {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<SqliteConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let idle = std::mem::take(&mut *self.idle());
        for connection in idle {
            let _closed = wait_for(connection.close());
        }
    }
}

impl SqlitePool {
    /// Opens the first connection, so that a wrong key or file is told at once.
    pub(crate) async fn open(options: SqliteConnectOptions, setup: &'static str) -> Result<Self> {
        let pool = Self(Arc::new(Shared {
            options,
            setup,
            idle: Mutex::new(Vec::new()),
            free: Arc::new(Semaphore::new(CONNECTIONS as usize)),
            writer: Arc::new(Semaphore::new(1)),
        }));
        let first = pool.connect().await?;
        pool.0.idle().push(first);
        Ok(pool)
    }

    async fn connect(&self) -> Result<SqliteConnection> {
        let mut connection = SqliteConnection::connect_with(&self.0.options).await.map_err(error)?;
        let begun = Instant::now();
        loop {
            match connection.execute(self.0.setup).await.map_err(error) {
                Ok(_) => return Ok(connection),
                // Two make the same new file: one of them is refused without a wait, lest each waits for the other.
                Err(StorageError::Unavailable(_)) if begun.elapsed() < PATIENCE => {
                    tokio::time::sleep(BETWEEN_TRIES).await;
                }
                Err(refused) => {
                    let _closed = connection.close().await;
                    return Err(refused);
                }
            }
        }
    }

    /// Begins a transaction; one that writes takes its turn first.
    pub(crate) async fn begin(&self, writes: bool) -> Result<SqliteTransaction> {
        let writer = if writes { Some(turn(&self.0.writer).await?) } else { None };
        let free = turn(&self.0.free).await?;
        let idle = self.0.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let mut tx = SqliteTransaction {
            connection: Some(connection),
            state: State::Beginning,
            given_up: None,
            pool: self.clone(),
            _free: free,
            _writer: writer,
        };
        tx.run(if writes { "BEGIN IMMEDIATE" } else { "BEGIN" }, State::Open).await?;
        Ok(tx)
    }

    /// Writes a copy of the whole database as it is at this instant, on a connection of its own. Nobody waits for it.
    pub(crate) async fn copy_into(&self, path: &Path) -> Result<()> {
        let mut connection = self.connect().await?;
        let name = path.to_string_lossy().into_owned();
        let copied = sqlx::query("VACUUM INTO ?").bind(name).execute(&mut connection).await;
        let _closed = connection.close().await;
        copied.map(drop).map_err(error)
    }

    /// Waits for running transactions, then closes all connections.
    pub(crate) async fn close(&self) {
        let all = self.0.free.acquire_many(CONNECTIONS).await;
        self.0.free.close();
        self.0.writer.close();
        drop(all);
        let idle = std::mem::take(&mut *self.0.idle());
        for connection in idle {
            let _closed = connection.close().await;
        }
    }
}

async fn turn(semaphore: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit> {
    tokio::time::timeout(PATIENCE, Arc::clone(semaphore).acquire_owned())
        .await
        .map_err(|late| StorageError::Unavailable(late.into()))?
        .map_err(|closed| StorageError::Unavailable(closed.into()))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The first statement has not come back.
    Beginning,
    Open,
    Ended,
}

/// A transaction on a connection of the pool. Dropped while open it is rolled back.
pub(crate) struct SqliteTransaction {
    connection: Option<SqliteConnection>,
    state: State,
    /// Set once nobody waits for its statements any more; only where their time is limited.
    given_up: Option<Arc<AtomicBool>>,
    pool: SqlitePool,
    // Given back in this order after the connection.
    _free: OwnedSemaphorePermit,
    _writer: Option<OwnedSemaphorePermit>,
}

impl SqliteTransaction {
    pub(crate) fn connection(&mut self) -> Result<&mut SqliteConnection, sqlx::Error> {
        self.connection.as_mut().ok_or(sqlx::Error::WorkerCrashed)
    }

    /// Interrupts what runs when the time is over, and when the transaction is dropped meanwhile.
    pub(crate) async fn limit_time(&mut self, limit: Duration) -> Result<(), sqlx::Error> {
        let given_up = Arc::new(AtomicBool::new(false));
        let (end, over) = (Instant::now() + limit, Arc::clone(&given_up));
        self.given_up = Some(given_up);
        let mut handle = self.connection()?.lock_handle().await?;
        handle.set_progress_handler(STEPS, move || Instant::now() < end && !over.load(Ordering::Relaxed));
        Ok(())
    }

    pub(crate) async fn commit(mut self) -> Result<()> {
        self.run("COMMIT", State::Ended).await
    }

    pub(crate) async fn rollback(mut self) -> Result<()> {
        self.run("ROLLBACK", State::Ended).await
    }

    async fn run(&mut self, statement: &'static str, then: State) -> Result<()> {
        self.connection().map_err(error)?.execute(statement).await.map_err(error)?;
        self.state = then;
        Ok(())
    }
}

impl Drop for SqliteTransaction {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        if let Some(given_up) = &self.given_up {
            given_up.store(true, Ordering::Relaxed);
        }
        let mut usable = match self.state {
            State::Ended => true,
            State::Open => wait_for(connection.execute("ROLLBACK")).is_ok(),
            // It may still be waiting for a lock held from outside: not worth waiting for.
            State::Beginning => return,
        };
        if usable && self.given_up.is_some() {
            // The next one has the connection without limit.
            let handle = wait_for(connection.lock_handle());
            usable = handle.map(|mut handle| handle.remove_progress_handler()).is_ok();
        }
        if usable {
            self.pool.0.idle().push(connection);
        } else {
            let _closed = wait_for(connection.close());
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for an answer of a connection's own thread. It comes without the help of the runtime, so that this also works
/// inside a drop, on any thread. Only for what takes no longer than a rollback.
fn wait_for<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(answer) => return answer,
            Poll::Pending => thread::park(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sqlite::connect;
    use crate::keys::MasterKey;

    #[tokio::test]
    async fn programs_that_make_the_same_new_file_at_once_all_open_it() {
        let folder = std::env::temp_dir().join(format!("medicus-pool-{}", std::process::id()));
        let key = MasterKey::from_bytes([7; 32]);
        for round in 0..50 {
            let path = folder.join(format!("{round}.db"));
            let (one, two, three) =
                tokio::join!(connect(&path, &key), connect(&path, &key), connect(&path, &key));
            for opened in [one, two, three] {
                let pool = opened.unwrap_or_else(|refused| panic!("round {round}: {refused:?}"));
                pool.begin(true).await.unwrap();
            }
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
