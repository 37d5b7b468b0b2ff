//! Adding up: all figures of one local day, then of its month and year, from the facts.

use jiff::Timestamp;

use crate::error::Result;
use crate::tx::Tx;
use crate::value::values;

/// Consultations of the day: `e.started_at` in `$1..$2`, but those opened by mistake and those nobody has begun.
macro_rules! attended {
    () => {
        "e.started_at >= $1 AND e.started_at < $2 AND e.state NOT IN ('cancelled', 'arrived')"
    };
}

/// Minutes that can be right, at most `$most`, as one of four stretches.
macro_rules! stretches {
    ($inner:expr, $most:literal) => {
        concat!(
            "SELECT w.who, CASE WHEN w.m < 15 THEN '00' WHEN w.m < 30 THEN '15' WHEN w.m < 60 THEN '30' ELSE '60' END
                    AS item, 1 AS n, w.m AS total, w.whose, w.at FROM (",
            $inner,
            ") w WHERE w.m BETWEEN 0 AND ",
            $most
        )
    };
}

/// From the arrival that was noted, and not undone, to the beginning of the consultation.
macro_rules! waits {
    () => {
        concat!(
            "SELECT e.practitioner_id AS who, e.id AS id, (e.started_at - MIN(s.at)) / 60000 AS m,
                    e.patient_id AS whose, e.started_at AS at FROM encounter e
               JOIN appointment_step s ON s.appointment_id = e.appointment_id AND s.state = 'arrived'
                AND NOT EXISTS (SELECT 1 FROM appointment_step u WHERE u.appointment_id = s.appointment_id
                                   AND u.place > s.place AND u.state = 'booked')
              WHERE ",
            attended!(),
            " GROUP BY e.practitioner_id, e.id, e.started_at, e.patient_id"
        )
    };
}

/// From the beginning of a consultation to its end that was noted; without one, to its first signature.
macro_rules! lengths {
    () => {
        concat!(
            "SELECT e.practitioner_id AS who, e.id AS id,
                    (COALESCE((SELECT MIN(s.at) FROM appointment_step s
                                WHERE s.appointment_id = e.appointment_id AND s.state = 'finished'),
                              (SELECT MIN(d.signed_at) FROM document_fact d WHERE d.encounter_id = e.id))
                     - e.started_at) / 60000 AS m, e.patient_id AS whose, e.started_at AS at
               FROM encounter e WHERE ",
            attended!()
        )
    };
}

/// The note each consultation was opened for, with its signature; signed before the end counts as no time after it.
macro_rules! signatures {
    ($from:literal) => {
        concat!(
            "SELECT v.who, CASE WHEN v.m < 60 THEN '00' WHEN v.m < 1440 THEN '01' ELSE '24' END AS item, 1 AS n,
                    CASE WHEN v.m < 0 THEN 0 ELSE v.m END AS total, v.whose, v.at
               FROM (SELECT e.practitioner_id AS who, (MIN(d.signed_at) - ",
            $from,
            ") / 60000 AS m, e.patient_id AS whose, e.started_at AS at FROM encounter e
                       JOIN document_fact d ON d.encounter_id = e.id AND d.kind = e.document
                      WHERE ",
            attended!(),
            " GROUP BY e.practitioner_id, e.id, e.started_at, e.appointment_id, e.patient_id) v WHERE v.m IS NOT NULL"
        )
    };
}

/// Each measure with its rows between two instants `$1..$2`: who, item, n, total, and of whose record and when it was. What
/// is added up for a day is what is listed behind a number (`behind.rs`): one query for both.
pub(super) const MEASURES: [(&str, &str); 16] = [
    (
        "visit",
        concat!(
            "SELECT e.practitioner_id AS who, COALESCE(a.service, '') AS item, 1 AS n, 0 AS total,
                    e.patient_id AS whose, e.started_at AS at
               FROM encounter e LEFT JOIN appointment a ON a.id = e.appointment_id WHERE ",
            attended!()
        ),
    ),
    (
        "patient",
        concat!(
            "SELECT e.practitioner_id AS who,
                    CASE WHEN EXISTS (SELECT 1 FROM encounter x WHERE x.patient_id = e.patient_id
                                         AND x.started_at < e.started_at
                                         AND x.state NOT IN ('cancelled', 'arrived'))
                         THEN 'returning' ELSE 'new' END AS item, 1 AS n, 0 AS total,
                    e.patient_id AS whose, e.started_at AS at
               FROM encounter e WHERE ",
            attended!()
        ),
    ),
    ("wait", stretches!(waits!(), "720")),
    ("length", stretches!(lengths!(), "480")),
    (
        "appointment",
        "SELECT a.practitioner_id AS who, a.state || CASE WHEN EXISTS (SELECT 1 FROM message_out m
                  WHERE m.appointment_id = a.id AND m.purpose IN ('three_days', 'day_before', 'same_day')
                    AND m.state IN ('accepted', 'sent', 'delivered', 'read', 'by_hand')) THEN '+' ELSE '' END AS item,
                1 AS n, 0 AS total, a.patient_id AS whose, a.starts_at AS at
           FROM appointment a WHERE a.starts_at >= $1 AND a.starts_at < $2",
    ),
    (
        "diagnosis",
        "SELECT f.practitioner_id AS who, f.code AS item, 1 AS n, 0 AS total, f.patient_id AS whose, f.act_at AS at
           FROM diagnosis_fact f WHERE f.act_at >= $1 AND f.act_at < $2",
    ),
    (
        "receta",
        "SELECT d.practitioner_id AS who, '' AS item, 1 AS n, d.prescribed AS total,
                d.patient_id AS whose, d.act_at AS at
           FROM document_fact d WHERE d.act_at >= $1 AND d.act_at < $2 AND d.prescribed IS NOT NULL",
    ),
    (
        "medicine",
        "SELECT f.practitioner_id AS who, f.medicine AS item, 1 AS n, 0 AS total, f.patient_id AS whose, f.act_at AS at
           FROM medicine_fact f WHERE f.act_at >= $1 AND f.act_at < $2",
    ),
    (
        "written",
        "SELECT d.practitioner_id AS who, '' AS item, d.written AS n, 0 AS total,
                d.patient_id AS whose, d.act_at AS at
           FROM document_fact d WHERE d.act_at >= $1 AND d.act_at < $2 AND d.written > 0",
    ),
    (
        "accepted",
        "SELECT d.practitioner_id AS who, '' AS item, d.accepted AS n, 0 AS total,
                d.patient_id AS whose, d.act_at AS at
           FROM document_fact d WHERE d.act_at >= $1 AND d.act_at < $2 AND d.accepted > 0",
    ),
    (
        "norm",
        "SELECT d.practitioner_id AS who, '' AS item, d.present AS n, d.applicable AS total,
                d.patient_id AS whose, d.act_at AS at
           FROM document_fact d WHERE d.act_at >= $1 AND d.act_at < $2",
    ),
    // Consultations of a record that had its historia clínica by then (NOM-004 6.1); that of the very visit counts.
    (
        "history",
        concat!(
            "SELECT e.practitioner_id AS who, '' AS item,
                    CASE WHEN EXISTS (SELECT 1 FROM patient o JOIN patient s ON s.root = o.root
                                        JOIN document_fact h ON h.patient_id = s.id
                                       WHERE o.id = e.patient_id AND h.kind IN ('HC', 'HCH')
                                         AND h.act_at <= e.started_at)
                         THEN 1 ELSE 0 END AS n, 1 AS total, e.patient_id AS whose, e.started_at AS at
               FROM encounter e WHERE ",
            attended!()
        ),
    ),
    ("to_sign", signatures!("e.started_at")),
    (
        "after_end",
        signatures!(
            "(SELECT MIN(s.at) FROM appointment_step s
               WHERE s.appointment_id = e.appointment_id AND s.state = 'finished')"
        ),
    ),
    (
        "shown",
        "SELECT s.practitioner_id AS who, s.severity AS item, s.shown AS n, 0 AS total,
                (SELECT d.patient_id FROM signed_document d WHERE d.id = s.document_id) AS whose, s.at AS at
           FROM alert_shown s WHERE s.at >= $1 AND s.at < $2",
    ),
    (
        "override",
        "SELECT COALESCE(u.practitioner_id, '') AS who, o.severity || '|' || o.reason_code AS item, 1 AS n, 0 AS total,
                o.patient_id AS whose, o.recorded_at AS at
           FROM alert_override o JOIN account u ON u.id = o.recorded_by
          WHERE o.recorded_at >= $1 AND o.recorded_at < $2",
    ),
];

/// Times that cannot be right, of one of the two measures that have them.
const ODD: [(&str, &str); 2] = [
    ("wait", concat!("SELECT w.id, w.m FROM (", waits!(), ") w WHERE w.m NOT BETWEEN 0 AND 720")),
    ("length", concat!("SELECT w.id, w.m FROM (", lengths!(), ") w WHERE w.m NOT BETWEEN 0 AND 480")),
];

impl Tx {
    /// Adds up the local day `day` (as 2026-03-17), whose instants are `from..until`. Its marks are taken away first, so
    /// that what is marked meanwhile is added up later.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn add_up_day(&mut self, day: &str, from: Timestamp, until: Timestamp) -> Result<()> {
        self.execute("DELETE FROM figure_change WHERE moment >= $1 AND moment < $2", values![from, until])
            .await?;
        self.execute("DELETE FROM figure WHERE grain = 'day' AND period = $1", values![day]).await?;
        self.execute("DELETE FROM figure_oddity WHERE day = $1", values![day]).await?;
        for (measure, rows) in MEASURES {
            let sql = format!(
                "INSERT INTO figure (measure, grain, period, practitioner_id, item, n, total)
                 SELECT '{measure}', 'day', CAST($3 AS TEXT), q.who, q.item, CAST(SUM(q.n) AS BIGINT),
                        CAST(SUM(q.total) AS BIGINT)
                   FROM ({rows}) q GROUP BY q.who, q.item"
            );
            self.execute(sqlx::AssertSqlSafe(sql), values![from, until, day]).await?;
        }
        for (measure, rows) in ODD {
            let sql = format!(
                "INSERT INTO figure_oddity (day, measure, encounter_id, minutes)
                 SELECT CAST($3 AS TEXT), '{measure}', q.id, q.m FROM ({rows}) q"
            );
            self.execute(sqlx::AssertSqlSafe(sql), values![from, until, day]).await?;
        }
        Ok(())
    }

    /// Adds up a month from its days, or a year from its months.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn add_up_span(&mut self, grain: &str, key: &str, finer: &str) -> Result<()> {
        self.execute("DELETE FROM figure WHERE grain = $1 AND period = $2", values![grain, key]).await?;
        // What is finer begins with the name of what holds it; there is no month or day 99.
        self.execute(
            "INSERT INTO figure (measure, grain, period, practitioner_id, item, n, total)
             SELECT measure, CAST($1 AS TEXT), CAST($2 AS TEXT), practitioner_id, item, CAST(SUM(n) AS BIGINT),
                    CAST(SUM(total) AS BIGINT)
               FROM figure WHERE grain = $3 AND period >= $2 || '-' AND period < $2 || '-99'
              GROUP BY measure, practitioner_id, item",
            values![grain, key, finer],
        )
        .await
        .map(drop)
    }
}
