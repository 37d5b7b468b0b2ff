//! Diagnoses under epidemiological surveillance, and that they were notified.

use clinical::ids::{DocumentId, PractitionerId, UserId};
use clinical::patient::Patient;
use jiff::Timestamp;

use crate::error::Result;
use crate::patients::{patient, patient_columns};
use crate::private::visible;
use crate::tx::Tx;
use crate::value::{Row, values};

/// Most diagnoses that are read of one stretch of time.
const MOST: i64 = 20_000;

/// A diagnosis of the list, as a document states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveilledDiagnosis {
    /// Place of the document in the chain.
    pub sequence: i64,
    /// The document.
    pub document_id: DocumentId,
    /// Key of the disease.
    pub epi: i64,
    /// Its CIE-10 code.
    pub icd10: String,
    /// Probable, under study.
    pub suspected: bool,
    /// Who made the document.
    pub practitioner_id: PractitionerId,
    /// When care happened.
    pub act_at: Timestamp,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// When the same disease was stated of the same person before, if it was.
    pub previous: Option<Timestamp>,
    /// Of whom.
    pub patient: Patient,
    /// That it was notified.
    pub notice: Option<EpidemicNotice>,
}

/// That a case was notified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpidemicNotice {
    /// When.
    pub notified_at: Timestamp,
    /// To whom.
    pub told: String,
    /// How.
    pub channel: String,
    /// Folio or name of who received it.
    pub acknowledgement: String,
    /// Who noted it.
    pub recorded_by: UserId,
    /// When it was noted.
    pub recorded_at: Timestamp,
}

fn diagnosis(row: &Row) -> Result<SurveilledDiagnosis> {
    let notice = match row.maybe_time("notified_at")? {
        None => None,
        Some(notified_at) => Some(EpidemicNotice {
            notified_at,
            told: row.text("told")?,
            channel: row.text("channel")?,
            acknowledgement: row.text("acknowledgement")?,
            recorded_by: row.parsed("notice_by")?,
            recorded_at: row.time("notice_at")?,
        }),
    };
    Ok(SurveilledDiagnosis {
        sequence: row.int("f_sequence")?,
        document_id: row.parsed("document_id")?,
        epi: row.int("epi")?,
        icd10: row.text("icd10")?,
        suspected: row.flag("suspected")?,
        practitioner_id: row.parsed("author")?,
        act_at: row.time("act_at")?,
        signed_at: row.time("signed_at")?,
        previous: row.maybe_time("previous")?,
        patient: patient(row)?,
        notice,
    })
}

impl Tx {
    /// The diagnoses of the list stated in `from..until`, in order, of records that may be seen; with `only`, those of
    /// these diseases.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn surveilled(
        &mut self,
        from: Timestamp,
        until: Timestamp,
        only: Option<&[u16]>,
    ) -> Result<Vec<SurveilledDiagnosis>> {
        const FOUND: &str = concat!(
            "SELECT f.sequence AS f_sequence, d.id AS document_id, f.epi, f.icd10, f.suspected,
                    f.practitioner_id AS author, f.act_at, d.signed_at,
                    (SELECT MAX(x.act_at) FROM diagnosis_fact x
                      WHERE x.patient_id IN (SELECT id FROM patient s WHERE s.root = own.root)
                        AND x.epi = f.epi AND x.act_at < f.act_at) AS previous,
                    n.notified_at, n.told, n.channel, n.acknowledgement, n.recorded_by AS notice_by,
                    n.recorded_at AS notice_at, ",
            patient_columns!(),
            " FROM diagnosis_fact f
               JOIN signed_document d ON d.sequence = f.sequence
               JOIN patient own ON own.id = f.patient_id
               JOIN patient p ON p.id = own.root
               LEFT JOIN epidemic_notice n ON n.sequence = f.sequence AND n.epi = f.epi
              WHERE f.act_at >= $1 AND f.act_at < $2 AND f.epi IS NOT NULL AND ",
            visible!("p.root", "$3", "$4")
        );
        const ORDER: &str = "ORDER BY f.act_at, f.sequence, f.epi LIMIT $5";
        let keys = only.map(|keys| keys.iter().map(u16::to_string).collect::<Vec<_>>().join(", "));
        let these = keys.map(|keys| format!("AND f.epi IN ({keys})")).unwrap_or_default();
        let sql = sqlx::AssertSqlSafe(format!("{FOUND} {these} {ORDER}"));
        let values = values![from, until, self.eyes(), self.moment(), MOST];
        self.list("diagnosis_fact", sql, values, diagnosis).await
    }

    /// Keeps that a case was notified.
    ///
    /// # Errors
    /// [`crate::StorageError::NotUnique`] when that was noted before; [`crate::StorageError::Missing`] for an unknown
    /// document or account.
    pub async fn insert_epidemic_notice(
        &mut self,
        sequence: i64,
        epi: i64,
        notice: &EpidemicNotice,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO epidemic_notice (sequence, epi, notified_at, told, channel, acknowledgement, recorded_by,
                                          recorded_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            values![
                sequence,
                epi,
                notice.notified_at,
                &notice.told,
                &notice.channel,
                &notice.acknowledgement,
                notice.recorded_by,
                notice.recorded_at,
            ],
        )
        .await
        .map(drop)
    }
}
