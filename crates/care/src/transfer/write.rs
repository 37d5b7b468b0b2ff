//! Writes a package as a stream: what was written so far is handed out after each file, sealed when there is a passphrase.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use age::secrecy::SecretString;
use age::stream::StreamWriter as Sealing;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::ManifestFile;
use crate::content::sha256;
use crate::error::CareError;

/// Bytes on their way out, taken from the other end.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<Vec<u8>>>);

impl Pipe {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Where the zip goes.
enum Sink {
    Plain(Pipe),
    Sealed(Box<Sealing<Pipe>>),
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(pipe) => pipe.write(bytes),
            Self::Sealed(sealing) => sealing.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(pipe) => pipe.flush(),
            Self::Sealed(sealing) => sealing.flush(),
        }
    }
}

/// A package being written.
pub(super) struct PackageWriter {
    zip: ZipWriter<StreamWriter<Sink>>,
    pipe: Pipe,
    files: Vec<ManifestFile>,
}

impl PackageWriter {
    pub(super) async fn new(passphrase: Option<String>) -> Result<Self, CareError> {
        let pipe = Pipe::default();
        let own = pipe.clone();
        // Deriving the key from a passphrase takes about a second on purpose.
        let sink = off_thread(move || match passphrase {
            None => Ok(Sink::Plain(own)),
            Some(passphrase) => {
                let sealing = age::Encryptor::with_user_passphrase(SecretString::from(passphrase));
                sealing
                    .wrap_output(own)
                    .map(|sealing| Sink::Sealed(Box::new(sealing)))
                    .map_err(io::Error::other)
            }
        })
        .await?;
        Ok(Self { zip: ZipWriter::new_stream(sink), pipe, files: Vec::new() })
    }

    /// The files written so far.
    pub(super) fn files(&self) -> &[ManifestFile] {
        &self.files
    }

    /// Adds a file; what is ready to leave comes back.
    pub(super) async fn add(
        mut self,
        path: String,
        bytes: Vec<u8>,
        text: bool,
    ) -> Result<(Self, Vec<u8>), CareError> {
        off_thread(move || {
            let method = if text { CompressionMethod::Deflated } else { CompressionMethod::Stored };
            let options = SimpleFileOptions::default().compression_method(method).large_file(false);
            self.zip.start_file(path.as_str(), options).map_err(io::Error::other)?;
            self.zip.write_all(&bytes)?;
            let size_bytes = bytes.len() as u64;
            self.files.push(ManifestFile { path, size_bytes, sha256: sha256(&bytes) });
            let ready = self.pipe.take();
            Ok((self, ready))
        })
        .await
    }

    /// Writes the end.
    pub(super) async fn finish(self) -> Result<Vec<u8>, CareError> {
        off_thread(move || {
            let stream = self.zip.finish().map_err(io::Error::other)?;
            if let Sink::Sealed(sealing) = stream.into_inner() {
                sealing.finish()?;
            }
            Ok(self.pipe.take())
        })
        .await
    }
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, CareError> {
    tokio::task::spawn_blocking(work).await.map_err(CareError::internal)?.map_err(CareError::internal)
}
