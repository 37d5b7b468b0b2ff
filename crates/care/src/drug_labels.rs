//! Labels of medicines: openFDA's files brought in, and those of the ingredients at hand given to a check.
//!
//! A file is read from end to end, one record in memory at a time, before anything is kept, and what it changes is kept in
//! one transaction: a damaged one leaves everything as it was.

use std::collections::HashMap;
use std::io::{BufReader, Read, Seek};
use std::sync::Arc;

use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::digest::Digest;
use drug_safety::labels::{KeptLabel, Label, Labels, Offered, Piece, READER, Rank, Records, Selection};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use storage::{LabelFile, LabelsLoaded, StoredLabel, Tx};
use zip::ZipArchive;

use crate::error::CareError;
use crate::{Care, once};

/// Most files looked for in a zip.
const MAX_ENTRIES: usize = 200;
/// Broken records named one by one; of the rest only the number is told.
const NAMED: i64 = 20;
/// Records between two lines of progress.
const STEP: i64 = 2_000;
/// Ingredients whose labels stay in memory between two checks.
const REMEMBERED: usize = 400;

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelsImported {
    /// Whether the file was not imported before.
    pub changed: bool,
    /// Records in the file.
    pub records: i64,
    /// Of those, how many could not be read.
    pub broken: i64,
    /// Sets of ingredients that had no label before.
    pub new: usize,
    /// Labels that took the place of another.
    pub replaced: usize,
    /// What is kept now, of all files.
    pub loaded: LabelsLoaded,
}

/// The labels used lately, as they were at an import.
#[derive(Default)]
pub(crate) struct LabelCache {
    of: (i64, Option<Timestamp>),
    known: HashMap<String, Option<Arc<KeptLabel>>>,
}

/// What reading a file found.
struct Reading {
    selection: Selection,
    new: usize,
    published: String,
    records: i64,
    broken: i64,
}

/// Why a file was given back.
enum Refusal {
    Damaged(&'static str),
    Unreadable(std::io::Error),
}

impl Refusal {
    fn told(self, name: &str) -> CareError {
        let why = match self {
            Self::Damaged(why) => why.to_owned(),
            Self::Unreadable(error) => format!("no se pudo leer hasta el final ({error})"),
        };
        let message = format!("«{name}»: {why}. No se cambió nada; descárguelo otra vez de openFDA");
        CareError::invalid("archivo", message)
    }
}

fn digest_of(mut file: impl Read) -> std::io::Result<Digest> {
    let (mut hasher, mut chunk) = (Sha256::new(), vec![0; 256 * 1024]);
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(Digest(hasher.finalize().into())),
            read => hasher.update(&chunk[..read]),
        }
    }
}

impl Reading {
    fn over(selection: Selection) -> Self {
        Self { selection, new: 0, published: String::new(), records: 0, broken: 0 }
    }

    /// Reads a file as it was chosen: JSON, or a zip with JSON in it.
    fn file<F: Read + Seek>(&mut self, mut file: F, progress: &dyn Fn(&str)) -> Result<(), Refusal> {
        let mut first = [0; 2];
        let zipped = file.read_exact(&mut first).is_ok() && &first == b"PK";
        let length = file.seek(std::io::SeekFrom::End(0)).map_err(Refusal::Unreadable)?;
        file.rewind().map_err(Refusal::Unreadable)?;
        if !zipped {
            return self.json(file, length, progress);
        }
        let damaged = |_| Refusal::Damaged("está incompleto o dañado");
        let mut zip = ZipArchive::new(BufReader::new(file)).map_err(damaged)?;
        let mut found = false;
        for at in 0..zip.len().min(MAX_ENTRIES) {
            let entry = zip.by_index(at).map_err(damaged)?;
            if entry.name().is_ok_and(|name| name.to_ascii_lowercase().ends_with(".json")) {
                found = true;
                let size = entry.size();
                self.json(entry, size, progress)?;
            }
        }
        if found { Ok(()) } else { Err(Refusal::Damaged("no contiene un archivo .json de openFDA")) }
    }

    fn json(&mut self, input: impl Read, length: u64, progress: &dyn Fn(&str)) -> Result<(), Refusal> {
        let before = self.records - self.broken;
        let mut records = Records::new(input);
        let mut published = None;
        while let Some(piece) = records.next_piece().map_err(Refusal::Unreadable)? {
            let date = published.get_or_insert_with(|| records.last_updated().unwrap_or_default());
            self.records += 1;
            match piece {
                Piece::Damaged(why) => return Err(Refusal::Damaged(why)),
                Piece::Broken(why) => self.skip(why, progress),
                Piece::Record(bytes) => match Label::read(&bytes, date) {
                    Ok(label) => label.into_iter().for_each(|label| self.take(label)),
                    Err(problem) => self.skip(&problem.to_string(), progress),
                },
            }
            if self.records % STEP == 0 {
                let part = records.bytes_read().saturating_mul(100).checked_div(length).unwrap_or(100);
                let kept = self.selection.known();
                progress(&format!("{} registros leídos ({part} %), {kept} fichas…", self.records));
            }
        }
        if self.records - self.broken == before {
            return Err(Refusal::Damaged("no tiene fichas de medicamentos como las publica openFDA"));
        }
        self.published = self.published.clone().max(published.unwrap_or_default());
        Ok(())
    }

    fn take(&mut self, label: Label) {
        self.new += usize::from(self.selection.offer(label) == Offered::New);
    }

    fn skip(&mut self, why: &str, progress: &dyn Fn(&str)) {
        self.broken += 1;
        if self.broken <= NAMED {
            progress(&format!("Aviso: se omitió el registro {}: {why}", self.records));
        }
    }
}

fn stored(label: &Label) -> StoredLabel {
    let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    let sections = [
        ("boxed_warning", &label.boxed_warning),
        ("contraindications", &label.contraindications),
        ("drug_interactions", &label.interactions),
        ("pregnancy", &label.pregnancy),
    ];
    let said = sections.into_iter().filter(|(_, text)| !text.is_empty());
    StoredLabel {
        ingredients: label.ingredients.clone(),
        set_id: label.set_id.clone(),
        version: number(label.version),
        effective: number(label.effective),
        original_packager: label.original_packager,
        interactions: i64::try_from(label.interactions.len()).unwrap_or(i64::MAX),
        published: label.published.clone(),
        sections: said.map(|(name, text)| (name.to_owned(), text.clone())).collect(),
    }
}

fn kept(stored: StoredLabel) -> Label {
    let mut sections: HashMap<String, String> = stored.sections.into_iter().collect();
    let mut section = |name| sections.remove(name).unwrap_or_default();
    Label {
        ingredients: stored.ingredients,
        set_id: stored.set_id,
        version: u64::try_from(stored.version).unwrap_or_default(),
        effective: u64::try_from(stored.effective).unwrap_or_default(),
        original_packager: stored.original_packager,
        boxed_warning: section("boxed_warning"),
        contraindications: section("contraindications"),
        interactions: section("drug_interactions"),
        pregnancy: section("pregnancy"),
        published: stored.published,
    }
}

/// What is kept already, by its rank alone.
async fn known(tx: &mut Tx) -> Result<Selection, CareError> {
    let mut selection = Selection::default();
    for label in tx.labels().await? {
        let rank = Rank {
            set_id: label.set_id,
            version: u64::try_from(label.version).unwrap_or_default(),
            effective: u64::try_from(label.effective).unwrap_or_default(),
            original_packager: label.original_packager,
            interactions: usize::try_from(label.interactions).unwrap_or_default(),
        };
        selection.know(label.ingredients.join("+"), rank);
    }
    Ok(selection)
}

/// Every label that is kept, for who checks without a record.
///
/// # Errors
/// What the engine says.
pub async fn all(tx: &mut Tx) -> Result<Labels, CareError> {
    let mut labels = Labels::default();
    for label in tx.labels().await? {
        let sections = tx.label_sections(&label.ingredients).await?;
        labels.put(Arc::new(KeptLabel::new(kept(StoredLabel { sections, ..label }))));
    }
    Ok(labels)
}

impl Care {
    /// Brings in a file of labels by command; `progress` is told in Spanish what is being done.
    ///
    /// # Errors
    /// [`CareError::Invalid`] for a file that is damaged or another one, [`CareError::Conflict`] when another import was
    /// faster: then nothing was changed.
    pub async fn import_labels_by_program<F>(
        &self,
        name: &str,
        mut file: F,
        progress: impl Fn(&str) + Send + Sync + 'static,
    ) -> Result<LabelsImported, CareError>
    where
        F: Read + Seek + Send + 'static,
    {
        progress("Comprobando el archivo…");
        let hashed = tokio::task::spawn_blocking(move || {
            let digest = digest_of(&mut file)?;
            file.rewind()?;
            Ok::<_, std::io::Error>((file, digest))
        });
        let hashed = hashed.await.map_err(CareError::internal)?;
        let (file, digest) = hashed.map_err(|error| Refusal::Unreadable(error).told(name))?;
        let mut tx = self.unseen.begin_read().await?;
        let before = tx.label_files().await?;
        let same = |known: &&LabelFile| known.digest == digest && known.reader == i64::from(READER);
        if let Some(known) = before.iter().find(same) {
            let (records, broken, loaded) = (known.records, known.broken, tx.labels_loaded().await?);
            return Ok(LabelsImported { changed: false, records, broken, new: 0, replaced: 0, loaded });
        }
        let selection = known(&mut tx).await?;
        drop(tx);
        let reading = tokio::task::spawn_blocking(move || {
            let mut reading = Reading::over(selection);
            reading.file(file, &progress).map(|()| reading)
        });
        let reading = reading.await.map_err(CareError::internal)?.map_err(|refusal| refusal.told(name))?;
        let source = LabelFile {
            digest,
            reader: i64::from(READER),
            name: name.to_owned(),
            published: reading.published.clone(),
            records: reading.records,
            broken: reading.broken,
            imported_at: self.now(),
        };
        self.keep_labels(&before, &source, reading).await
    }

    async fn keep_labels(
        &self,
        before: &[LabelFile],
        source: &LabelFile,
        reading: Reading,
    ) -> Result<LabelsImported, CareError> {
        let meanwhile = || CareError::Conflict {
            message: "Otra importación terminó mientras se leía este archivo. Vuelva a importarlo".to_owned(),
        };
        let chosen = reading.selection.into_chosen();
        let mut tx = self.unseen.begin().await?;
        if tx.label_files().await?.as_slice() != before {
            return Err(meanwhile());
        }
        once(tx.insert_label_file(source).await, meanwhile)?;
        for label in &chosen {
            tx.save_label(&stored(label)).await?;
        }
        tx.append_audit(NewAuditEvent {
            at: source.imported_at,
            actor: None,
            action: AuditAction::Create,
            entity: "drug_labels",
            entity_id: source.digest.to_string(),
            patient_id: None,
            origin: "program".to_owned(),
            reason: None,
        })
        .await?;
        let loaded = tx.labels_loaded().await?;
        tx.commit().await?;
        Ok(LabelsImported {
            changed: true,
            records: source.records,
            broken: source.broken,
            new: reading.new,
            replaced: chosen.len().saturating_sub(reading.new),
            loaded,
        })
    }

    /// The labels of these ingredients, and what is loaded.
    pub(crate) async fn labels_of(
        &self,
        tx: &mut Tx,
        inns: &[String],
    ) -> Result<(Labels, LabelsLoaded), CareError> {
        let loaded = tx.labels_loaded().await?;
        let mut labels = Labels::default();
        if loaded.files == 0 {
            return Ok((labels, loaded));
        }
        let mut cache = self.labels.lock().await;
        let stamp = (loaded.files, loaded.imported_at);
        if cache.of != stamp || cache.known.len() > REMEMBERED {
            *cache = LabelCache { of: stamp, known: HashMap::new() };
        }
        for inn in inns {
            if !cache.known.contains_key(inn) {
                let found = tx.label_of(inn).await?.map(|label| Arc::new(KeptLabel::new(kept(label))));
                cache.known.insert(inn.clone(), found);
            }
            cache.known.get(inn).cloned().flatten().into_iter().for_each(|label| labels.put(label));
        }
        Ok((labels, loaded))
    }
}
