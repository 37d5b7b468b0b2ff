//! What is counted of the practice: facts read once of each signed document, and figures by day, month and year.
//!
//! Whatever changes a visit marks its moment ([`Tx::mark_figures`]); the days of marked moments are added up again from
//! the facts (`daily.rs`), so that figures are exact however often a round is repeated, and a page reads a few rows.

mod behind;
mod daily;
mod results;
mod surveillance;

pub use self::behind::{Counted, CountedBy, CountedRow};
pub use self::results::UnreadResult;
pub use self::surveillance::{EpidemicNotice, SurveilledDiagnosis};

use clinical::ids::{EncounterId, PatientId, PractitionerId};
use clinical::patient::Patient;
use jiff::Timestamp;

use crate::error::Result;
use crate::patients::{patient, patient_columns};
use crate::private::visible;
use crate::tx::Tx;
use crate::value::{Page, PageRequest, Row, values};

/// How far documents were read.
const READ: &str = "figures.read";
/// So many statements of a code, the latest, are looked at for the list of its records.
pub const LATEST_STATED: i64 = 2_000;
/// The zone in which days were cut.
const ZONE: &str = "figures.zone";

/// What is kept of a signed document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentFactRow {
    /// Place of the document in the chain.
    pub sequence: i64,
    /// Code of its kind.
    pub kind: String,
    /// Whose record.
    pub patient_id: PatientId,
    /// Who made it.
    pub practitioner_id: PractitionerId,
    /// Of which consultation.
    pub encounter_id: Option<EncounterId>,
    /// When care happened.
    pub act_at: Timestamp,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// Elements of the norm that are there, and that apply.
    pub compliance: (i64, i64),
    /// Words typed, and words accepted.
    pub words: (i64, i64),
    /// Its diagnoses.
    pub diagnoses: Vec<CodedDiagnosis>,
    /// The medicines of a receta.
    pub prescribed: Option<Vec<String>>,
}

/// A diagnosis of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodedDiagnosis {
    /// ICD-11; empty without a confirmed code.
    pub code: String,
    /// Title of the code.
    pub title: String,
    /// CIE-10 beside it.
    pub icd10: Option<String>,
    /// Key of the disease under surveillance it is.
    pub epi: Option<i64>,
    /// Probable.
    pub suspected: bool,
}

/// A number of the practice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FigureRow {
    /// Name of the step: "2026-03-17", "2026-03" or "2026".
    pub period: String,
    /// What the measure tells apart.
    pub item: String,
    /// How many.
    pub n: i64,
    /// Minutes, lines or elements.
    pub total: i64,
}

/// A time of a visit that cannot be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oddity {
    /// The local day, as 2026-03-17.
    pub day: String,
    /// Which time.
    pub measure: String,
    /// The visit's consultation.
    pub encounter_id: EncounterId,
    /// How many minutes it would have been.
    pub minutes: i64,
    /// Whose record.
    pub patient: Patient,
}

fn figure(row: &Row) -> Result<FigureRow> {
    Ok(FigureRow {
        period: row.text("period")?,
        item: row.text("item")?,
        n: row.int("n")?,
        total: row.int("total")?,
    })
}

/// What has to be added up again.
impl Tx {
    /// The day of a moment has to be added up again.
    pub(crate) async fn mark_figures(&mut self, moment: Timestamp) -> Result<()> {
        self.execute("INSERT INTO figure_change (moment) VALUES ($1)", values![moment]).await.map(drop)
    }

    /// The day of a planned visit, and that of its consultation.
    pub(crate) async fn mark_visit(&mut self, visit: clinical::ids::AppointmentId) -> Result<()> {
        self.execute(
            "INSERT INTO figure_change (moment)
             SELECT starts_at FROM appointment WHERE id = $1
             UNION ALL SELECT started_at FROM encounter WHERE appointment_id = $1",
            values![visit],
        )
        .await
        .map(drop)
    }

    /// The day of a consultation, and of the patient's next one: whether that is a first one may have changed.
    pub(crate) async fn mark_encounter(&mut self, id: EncounterId) -> Result<()> {
        self.execute(
            "INSERT INTO figure_change (moment)
             SELECT started_at FROM encounter WHERE id = $1
             UNION ALL
             SELECT q.moment FROM (SELECT MIN(n.started_at) AS moment FROM encounter e
                       JOIN encounter n ON n.patient_id = e.patient_id AND n.started_at > e.started_at
                      WHERE e.id = $1) q WHERE q.moment IS NOT NULL",
            values![id],
        )
        .await
        .map(drop)
    }

    /// The days of all consultations of a record from a moment on: whether it has a historia clínica may have changed.
    pub(crate) async fn mark_record(&mut self, patient: PatientId, from: Timestamp) -> Result<()> {
        self.execute(
            "INSERT INTO figure_change (moment)
             SELECT e.started_at FROM patient o JOIN patient s ON s.root = o.root
               JOIN encounter e ON e.patient_id = s.id
              WHERE o.id = $1 AND e.started_at >= $2",
            values![patient, from],
        )
        .await
        .map(drop)
    }

    /// Every day that has anything is to be added up again: days were cut in another zone, or figures are made anew.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn mark_all_figures(&mut self) -> Result<()> {
        self.script(
            "DELETE FROM figure;
             DELETE FROM figure_oddity;
             DELETE FROM figure_change;
             INSERT INTO figure_change (moment)
             SELECT d.day * 86400000 FROM (
               SELECT started_at / 86400000 AS day FROM encounter
               UNION SELECT starts_at / 86400000 FROM appointment
               UNION SELECT act_at / 86400000 FROM document_fact
               UNION SELECT recorded_at / 86400000 FROM alert_override
               UNION SELECT at / 86400000 FROM alert_shown
             ) d;
             INSERT INTO figure_change (moment) SELECT moment + 86399999 FROM figure_change;",
        )
        .await
    }

    /// Forgets what was read of documents and of results, so that all are read again.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn forget_facts(&mut self) -> Result<()> {
        self.script(
            "DELETE FROM medicine_fact; DELETE FROM diagnosis_fact; DELETE FROM document_fact;
             DELETE FROM lab_fact; DELETE FROM lab_unread;
             INSERT INTO lab_unread (result_id) SELECT id FROM lab_result WHERE state <> 'withdrawn';",
        )
        .await?;
        self.set_setting(READ, "0").await
    }

    /// Holds the figures against whoever else adds them up, until the end of the transaction.
    ///
    /// # Errors
    /// [`crate::StorageError::Unavailable`] when another holds them for long.
    pub async fn hold_figures(&mut self) -> Result<()> {
        let sql = "SELECT value FROM setting WHERE name = 'figures'";
        self.locked("setting", sql, values![], |_| Ok(())).await.map(drop)
    }

    /// The zone in which days were cut; `None` before the first round.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn figures_zone(&mut self) -> Result<Option<String>> {
        self.setting(ZONE).await
    }

    /// Keeps the zone in which days are cut from now on.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn set_figures_zone(&mut self, zone: &str) -> Result<()> {
        self.set_setting(ZONE, zone).await
    }

    /// The place of the last document that was read.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn documents_counted(&mut self) -> Result<i64> {
        Ok(self.setting(READ).await?.and_then(|place| place.parse().ok()).unwrap_or(0))
    }

    /// Whether documents wait to be read.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn documents_wait(&mut self) -> Result<bool> {
        let read = self.documents_counted().await?;
        // Not "WHERE sequence > $1 LIMIT 1": PostgreSQL plans that without the value and reads the whole table for nothing.
        let sql = "SELECT COALESCE(MAX(sequence), CAST(0 AS BIGINT)) AS n FROM signed_document";
        Ok(self.number(sql, &[]).await? > read)
    }

    /// Whether documents, results or days wait to be counted.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn figures_wait(&mut self) -> Result<bool> {
        let sql = "SELECT (SELECT COUNT(*) FROM (SELECT moment FROM figure_change LIMIT 1) c)
                        + (SELECT COUNT(*) FROM (SELECT result_id FROM lab_unread LIMIT 1) u) AS n";
        Ok(self.documents_wait().await? || self.number(sql, &[]).await? > 0)
    }

    /// The earliest moments whose days wait, at most so many.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn marked_moments(&mut self, most: u32) -> Result<Vec<Timestamp>> {
        let sql = "SELECT moment FROM figure_change ORDER BY moment LIMIT $1";
        self.list("figure_change", sql, values![i64::from(most)], |row| row.time("moment")).await
    }
}

/// What is read of documents.
impl Tx {
    /// Keeps what was read of the next documents, in their order, and marks their days.
    ///
    /// # Errors
    /// [`crate::StorageError::NotUnique`] for a document that was read already.
    pub async fn insert_document_facts(&mut self, rows: &[DocumentFactRow]) -> Result<()> {
        for row in rows {
            self.insert_document_fact(row).await?;
        }
        let hours: std::collections::BTreeSet<i64> =
            rows.iter().map(|row| row.act_at.as_millisecond().div_euclid(3_600_000)).collect();
        // Midnight may lie within an hour of UTC: both ends of the hour are marked, one of them lies in the right day.
        for hour in hours {
            for moment in [hour * 3_600_000, hour * 3_600_000 + 3_599_999] {
                self.execute("INSERT INTO figure_change (moment) VALUES ($1)", values![moment]).await?;
            }
        }
        match rows.last() {
            Some(last) => self.set_setting(READ, &last.sequence.to_string()).await,
            None => Ok(()),
        }
    }

    async fn insert_document_fact(&mut self, row: &DocumentFactRow) -> Result<()> {
        let prescribed = row.prescribed.as_ref().map(|names| i64::try_from(names.len()).unwrap_or(i64::MAX));
        self.execute(
            "INSERT INTO document_fact (sequence, kind, patient_id, practitioner_id, encounter_id, act_at, signed_at,
                                        present, applicable, written, accepted, prescribed)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            values![
                row.sequence,
                &row.kind,
                row.patient_id,
                row.practitioner_id,
                row.encounter_id,
                row.act_at,
                row.signed_at,
                row.compliance.0,
                row.compliance.1,
                row.words.0,
                row.words.1,
                prescribed,
            ],
        )
        .await?;
        if matches!(row.kind.as_str(), "HC" | "HCH") {
            self.mark_record(row.patient_id, row.act_at).await?;
        }
        for diagnosis in &row.diagnoses {
            self.execute(
                "INSERT INTO diagnosis_fact (sequence, code, icd10, epi, suspected, patient_id, practitioner_id, act_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                values![
                    row.sequence,
                    &diagnosis.code,
                    diagnosis.icd10.as_deref(),
                    diagnosis.epi,
                    diagnosis.suspected,
                    row.patient_id,
                    row.practitioner_id,
                    row.act_at,
                ],
            )
            .await?;
            if !diagnosis.code.is_empty() {
                self.execute(
                    "INSERT INTO code_title (code, title) VALUES ($1, $2) ON CONFLICT (code) DO NOTHING",
                    values![&diagnosis.code, &diagnosis.title],
                )
                .await?;
            }
        }
        for medicine in row.prescribed.iter().flatten() {
            self.execute(
                "INSERT INTO medicine_fact (sequence, medicine, patient_id, practitioner_id, act_at)
                 VALUES ($1, $2, $3, $4, $5)",
                values![row.sequence, medicine, row.patient_id, row.practitioner_id, row.act_at],
            )
            .await?;
        }
        Ok(())
    }

    /// Keeps how many alerts of a tier stood beside what was signed.
    ///
    /// # Errors
    /// [`crate::StorageError::Missing`] for an unknown document.
    pub async fn insert_alerts_shown(
        &mut self,
        document: clinical::ids::DocumentId,
        practitioner: PractitionerId,
        at: Timestamp,
        tiers: &[(&str, i64)],
    ) -> Result<()> {
        for (severity, shown) in tiers {
            self.execute(
                "INSERT INTO alert_shown (document_id, severity, practitioner_id, shown, at)
                 VALUES ($1, $2, $3, $4, $5)",
                values![document, *severity, practitioner, *shown, at],
            )
            .await?;
        }
        if tiers.is_empty() { Ok(()) } else { self.mark_figures(at).await }
    }
}

/// What a page shows.
impl Tx {
    /// The figures of a measure by step and item, of one professional or of all.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn figures(
        &mut self,
        measure: &str,
        grain: &str,
        ends: (&str, &str),
        practitioner: Option<PractitionerId>,
    ) -> Result<Vec<FigureRow>> {
        let sql = "SELECT period, item, CAST(SUM(n) AS BIGINT) AS n, CAST(SUM(total) AS BIGINT) AS total
                     FROM figure
                    WHERE measure = $1 AND grain = $2 AND period >= $3 AND period <= $4
                      AND ($5 IS NULL OR practitioner_id = $5)
                    GROUP BY period, item ORDER BY period, item";
        self.list("figure", sql, values![measure, grain, ends.0, ends.1, practitioner], figure).await
    }

    /// The figures of a measure by item alone, or, with `by_person`, by professional.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn figure_items(
        &mut self,
        measure: &str,
        grain: &str,
        ends: (&str, &str),
        practitioner: Option<PractitionerId>,
        by_person: bool,
    ) -> Result<Vec<FigureRow>> {
        let sql = "SELECT '' AS period, CASE WHEN $6 = 1 THEN practitioner_id ELSE item END AS item,
                          CAST(SUM(n) AS BIGINT) AS n, CAST(SUM(total) AS BIGINT) AS total
                     FROM figure
                    WHERE measure = $1 AND grain = $2 AND period >= $3 AND period <= $4
                      AND ($5 IS NULL OR practitioner_id = $5)
                    GROUP BY CASE WHEN $6 = 1 THEN practitioner_id ELSE item END ORDER BY 3 DESC, 2";
        let values = values![measure, grain, ends.0, ends.1, practitioner, by_person];
        self.list("figure", sql, values, figure).await
    }

    /// The titles of all codes that were used.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn code_titles(&mut self) -> Result<Vec<(String, String)>> {
        let sql = "SELECT code, title FROM code_title";
        self.list("code_title", sql, &[], |row| Ok((row.text("code")?, row.text("title")?))).await
    }

    /// The records in which a code was stated in `from..until`, latest first, with when it was stated last: those of the
    /// latest [`LATEST_STATED`] statements, as nobody reads a longer list and one of a million notes takes a second.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn patients_with_code(
        &mut self,
        code: &str,
        (from, until): (Timestamp, Timestamp),
        practitioner: Option<PractitionerId>,
        page: PageRequest,
    ) -> Result<Page<(Patient, Timestamp)>> {
        const FOUND: &str = concat!(
            "FROM (SELECT own.root AS root, MAX(f.act_at) AS at
                     FROM (SELECT patient_id, act_at FROM diagnosis_fact
                            WHERE code = $1 AND act_at >= $2 AND act_at < $3
                              AND ($4 IS NULL OR practitioner_id = $4)
                            ORDER BY act_at DESC LIMIT $7) f JOIN patient own ON own.id = f.patient_id
                    GROUP BY own.root) q JOIN patient p ON p.id = q.root WHERE ",
            visible!("p.root", "$5", "$6")
        );
        let count = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) AS n {FOUND}"));
        let (eyes, moment) = (self.eyes(), self.moment());
        let total =
            self.number(count, values![code, from, until, practitioner, eyes, moment, LATEST_STATED]).await?;
        let sql = format!(
            "SELECT q.at, {} {FOUND} ORDER BY q.at DESC, p.id LIMIT $8 OFFSET $9",
            patient_columns!()
        );
        let values = values![
            code,
            from,
            until,
            practitioner,
            eyes,
            moment,
            LATEST_STATED,
            page.limit(),
            page.offset()
        ];
        let read = |row: &Row| Ok((patient(row)?, row.time("at")?));
        let items = self.list("diagnosis_fact", sqlx::AssertSqlSafe(sql), values, read).await?;
        Ok(Page { items, total })
    }

    /// The times that cannot be right, of visits between two local days, latest first; those of records that may be
    /// seen.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn oddities(&mut self, ends: (&str, &str), most: u32) -> Result<Vec<Oddity>> {
        let sql = concat!(
            "SELECT o.day, o.measure, o.encounter_id, o.minutes, ",
            patient_columns!(),
            " FROM figure_oddity o
               JOIN encounter e ON e.id = o.encounter_id
               JOIN patient own ON own.id = e.patient_id
               JOIN patient p ON p.id = own.root
              WHERE o.day >= $1 AND o.day <= $2 AND ",
            visible!("p.root", "$3", "$4"),
            " ORDER BY o.day DESC, o.encounter_id LIMIT $5"
        );
        let values = values![ends.0, ends.1, self.eyes(), self.moment(), i64::from(most)];
        self.list("figure_oddity", sql, values, |row| {
            Ok(Oddity {
                day: row.text("day")?,
                measure: row.text("measure")?,
                encounter_id: row.parsed("encounter_id")?,
                minutes: row.int("minutes")?,
                patient: patient(row)?,
            })
        })
        .await
    }

    /// How many there are.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn oddity_count(&mut self, ends: (&str, &str)) -> Result<i64> {
        let sql = "SELECT COUNT(*) AS n FROM figure_oddity WHERE day >= $1 AND day <= $2";
        self.number(sql, values![ends.0, ends.1]).await
    }
}
