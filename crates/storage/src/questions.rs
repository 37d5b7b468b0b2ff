//! Which records a question is about: each condition is the set of records in which it holds, found by an index; the sets
//! are cut with each other and what is denied is taken away. Nothing of a question is text of the query but its shape.

use clinical::ids::PractitionerId;
use clinical::laboratory::Comparator;
use clinical::observation::{Amount, VitalKind};
use clinical::patient::Patient;
use clinical::person::Sex;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::error::Result;
use crate::patients::{patient, patient_columns};
use crate::private::visible;
use crate::tx::Tx;
use crate::value::{Page, PageRequest, Row, Value};

/// Instants from one to another, the second not included; all there are when absent.
type Within = Option<(Timestamp, Timestamp)>;

/// A question with every name turned into what stands in records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    /// Of one sex only.
    pub sex: Option<Sex>,
    /// Born from one day to another, both included.
    pub born: (Option<Date>, Option<Date>),
    /// Who came to consultations.
    pub visits: Option<SoughtVisits>,
    /// What must hold, all of it; or must not, where the mark is set.
    pub facts: Vec<(bool, Holds)>,
}

/// Consultations somebody came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoughtVisits {
    /// When.
    pub within: Within,
    /// With whom.
    pub by: Option<PractitionerId>,
    /// Whether they had come before an instant.
    pub before: Option<(Timestamp, bool)>,
}

/// What may hold of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    /// An open problem with one of these codes.
    OpenProblem(Vec<String>),
    /// A problem with one of these codes, open or closed, or a diagnosis in a signed document.
    EverDiagnosed(Vec<String>),
    /// A confirmed diagnosis of these codes in documents of acts between two instants.
    Diagnosed(Vec<String>, Within),
    /// A medicine of these names is taken.
    Taken(Vec<String>),
    /// One of them is or was taken, or prescribed.
    EverTaken(Vec<String>),
    /// One of them was prescribed between two instants, in a receta that holds.
    Prescribed(Vec<String>, Within),
    /// A possible measurement.
    Sign(VitalKind, Within, Option<SoughtValue>),
    /// A result of an analyte (LOINC) of samples between two days, the second not included.
    Result(String, Option<(Date, Date)>, Option<SoughtValue>),
    /// A control is lacking on a day.
    Lacking(String, Date),
}

/// How much was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoughtValue {
    /// Of the last value only, else of any.
    pub last: bool,
    /// In which direction of the bound.
    pub how: Comparator,
    /// The bound.
    pub bound: Amount,
}

/// Every word of an indexed column once, read by leaps over the index.
macro_rules! words_of {
    ($table:literal, $column:literal) => {
        concat!(
            "WITH RECURSIVE known (word) AS (
               SELECT MIN(",
            $column,
            ") FROM ",
            $table,
            " UNION ALL
               SELECT (SELECT MIN(",
            $column,
            ") FROM ",
            $table,
            " WHERE ",
            $column,
            " > known.word) FROM known WHERE known.word IS NOT NULL
             ) SELECT word FROM known WHERE word IS NOT NULL"
        )
    };
}

/// A query being written: its values are bound in the order in which they come.
struct Query<'a> {
    tx: &'a Tx,
    values: Vec<Value>,
}

impl Query<'_> {
    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    fn number(&mut self, amount: Amount) -> String {
        let place = self.bind(amount.to_string());
        format!("CAST({place} AS DOUBLE PRECISION)")
    }

    fn one_of(&mut self, column: &str, words: &[String]) -> String {
        let place = self.bind(serde_json::json!(words).to_string());
        format!("{column} IN {}", self.tx.listed(&place))
    }

    fn and_within(
        &mut self,
        which: &mut String,
        column: &str,
        ends: Option<(impl Into<Value>, impl Into<Value>)>,
    ) {
        if let Some((from, until)) = ends {
            let (from, until) = (self.bind(from), self.bind(until));
            *which += &format!(" AND {column} >= {from} AND {column} < {until}");
        }
    }

    /// The records in which something holds, as a query with the column `root`; a record may come more than once.
    fn holds(&mut self, what: &Holds) -> String {
        match what {
            Holds::OpenProblem(codes) => {
                let codes = self.one_of("f.code", codes);
                of("summary_entry", &format!("f.kind = 'condition' AND f.closed_on IS NULL AND {codes}"))
            }
            Holds::EverDiagnosed(codes) => {
                let noted = self.one_of("f.code", codes);
                let stated = self.one_of("f.code", codes);
                either(
                    &of("summary_entry", &format!("f.kind = 'condition' AND {noted}")),
                    &of("diagnosis_fact", &format!("f.suspected = 0 AND {stated}")),
                )
            }
            Holds::Diagnosed(codes, within) => {
                let mut which = format!("f.suspected = 0 AND {}", self.one_of("f.code", codes));
                self.and_within(&mut which, "f.act_at", *within);
                of("diagnosis_fact", &which)
            }
            Holds::Taken(names) => {
                let names = self.one_of("f.medicine", names);
                of("summary_entry", &format!("f.closed_on IS NULL AND {names}"))
            }
            Holds::EverTaken(names) => {
                let noted = self.one_of("f.medicine", names);
                let prescribed = self.one_of("f.medicine", names);
                either(
                    &of("summary_entry", &noted),
                    &of("medicine_fact", &format!("{prescribed} AND {IN_FORCE}")),
                )
            }
            Holds::Prescribed(names, within) => {
                let mut which = format!("{} AND {IN_FORCE}", self.one_of("f.medicine", names));
                self.and_within(&mut which, "f.act_at", *within);
                of("medicine_fact", &which)
            }
            Holds::Sign(kind, within, value) => {
                let kind_code = self.bind(kind.code());
                let (low, high) = kind.possible_range();
                let (low, high) = (self.number(low), self.number(high));
                let mut which =
                    format!("f.kind = {kind_code} AND {NUMBER} > 0 AND {NUMBER} BETWEEN {low} AND {high}");
                self.and_within(&mut which, "f.taken_at", *within);
                self.measured("observation", "f.taken_at DESC, f.id DESC", &which, *value)
            }
            Holds::Result(loinc, days, value) => {
                let loinc = self.bind(loinc);
                let mut which = format!(
                    "f.loinc = {loinc} AND NOT EXISTS (SELECT 1 FROM lab_result n WHERE n.supersedes = f.result_id)"
                );
                self.and_within(&mut which, "f.taken", *days);
                self.measured("lab_fact", "f.taken DESC, f.result_id DESC", &which, *value)
            }
            Holds::Lacking(control, on) => {
                let (control, on) = (self.bind(control), self.bind(*on));
                format!(
                    "SELECT patient_id AS root FROM care_gap WHERE control = {control} AND due_on <= {on}"
                )
            }
        }
    }

    fn measured(&mut self, table: &str, latest: &str, which: &str, value: Option<SoughtValue>) -> String {
        let Some(SoughtValue { last, how, bound }) = value else { return of(table, which) };
        let sign = match how {
            Comparator::Less => "<",
            Comparator::AtMost => "<=",
            Comparator::More => ">",
            Comparator::AtLeast => ">=",
        };
        let bound = self.number(bound);
        if !last {
            return of(table, &format!("{which} AND {NUMBER} {sign} {bound}"));
        }
        format!(
            "SELECT w.root FROM (
               SELECT own.root AS root, {NUMBER} AS amount,
                      ROW_NUMBER() OVER (PARTITION BY own.root ORDER BY {latest}) AS place
                 FROM {table} f JOIN patient own ON own.id = f.patient_id WHERE {which}
             ) w WHERE w.place = 1 AND w.amount {sign} {bound}"
        )
    }

    fn visits(&mut self, visits: &SoughtVisits) -> String {
        let mut which = "f.state NOT IN ('cancelled', 'arrived')".to_owned();
        self.and_within(&mut which, "f.started_at", visits.within);
        if let Some(by) = visits.by {
            which += &format!(" AND f.practitioner_id = {}", self.bind(by));
        }
        of("encounter", &which)
    }

    /// `FROM` and `WHERE` of the records sought, as patients `p`.
    fn records(&mut self, sought: &Sought) -> String {
        self.values = vec![self.tx.eyes().into(), self.tx.moment().into()];
        let mut sets: Vec<String> = sought.visits.iter().map(|visits| self.visits(visits)).collect();
        for (_, what) in sought.facts.iter().filter(|(denied, _)| !denied) {
            sets.push(self.holds(what));
        }
        if sets.is_empty() {
            sets.push("SELECT id AS root FROM patient WHERE root = id".to_owned());
        }
        let mut sets = sets.join(" INTERSECT ");
        for (_, what) in sought.facts.iter().filter(|(denied, _)| *denied) {
            sets += &format!(" EXCEPT {}", self.holds(what));
        }
        let mut which = visible!("p.root", "$1", "$2").to_owned();
        if let Some(sex) = sought.sex {
            which += &format!(" AND p.sex = {}", self.bind(sex.code()));
        }
        if let Some(first) = sought.born.0 {
            which += &format!(" AND p.birth_date >= {}", self.bind(first));
        }
        if let Some(last) = sought.born.1 {
            which += &format!(" AND p.birth_date <= {}", self.bind(last));
        }
        if let Some((instant, came)) = sought.visits.as_ref().and_then(|visits| visits.before) {
            let not = if came { "" } else { "NOT " };
            which += &format!(
                " AND {not}EXISTS (SELECT 1 FROM patient own JOIN encounter e ON e.patient_id = own.id
                                    WHERE own.root = p.id AND e.started_at < {}
                                      AND e.state NOT IN ('cancelled', 'arrived'))",
                self.bind(instant)
            );
        }
        format!(
            "FROM (SELECT DISTINCT s.root FROM ({sets}) s) q JOIN patient p ON p.id = q.root WHERE {which}"
        )
    }
}

/// A receta that was not cancelled.
const IN_FORCE: &str = "f.sequence NOT IN (SELECT d.sequence FROM prescription_cancellation c
                          JOIN signed_document d ON d.id = c.document_id)";
/// A stored amount as a number.
const NUMBER: &str = "CAST(f.value AS DOUBLE PRECISION)";

/// The records of the rows `f` of a table.
fn of(table: &str, which: &str) -> String {
    format!("SELECT own.root AS root FROM {table} f JOIN patient own ON own.id = f.patient_id WHERE {which}")
}

fn either(one: &str, other: &str) -> String {
    format!("SELECT e.root FROM ({one} UNION ALL {other}) e")
}

impl Tx {
    /// How many records a question is about, of those that may be seen.
    ///
    /// # Errors
    /// [`crate::StorageError::TooLong`] under [`Tx::limit_time`]; what the engine says.
    pub async fn count_sought(&mut self, sought: &Sought) -> Result<i64> {
        let mut query = Query { tx: self, values: Vec::new() };
        let records = query.records(sought);
        let values = query.values;
        self.number(sqlx::AssertSqlSafe(format!("SELECT COUNT(*) AS n {records}")), &values).await
    }

    /// How many, and a number made of the records themselves: the same records give the same one, and one more another.
    ///
    /// # Errors
    /// As [`Tx::count_sought`].
    pub async fn count_sought_with_seed(&mut self, sought: &Sought) -> Result<(i64, i64)> {
        let mut query = Query { tx: self, values: Vec::new() };
        let records = query.records(sought);
        let values = query.values;
        // An id ends in chance (UUID version 7): a bit of each of its last twelve digits.
        let bits = (0..12).map(|bit| {
            let place = 36 - bit;
            let upper = "('8', '9', 'a', 'b', 'c', 'd', 'e', 'f')";
            format!("CASE WHEN SUBSTR(p.id, {place}, 1) IN {upper} THEN {} ELSE 0 END", 1 << bit)
        });
        let sql = format!(
            "SELECT COUNT(*) AS n, CAST(COALESCE(SUM({}), 0) AS BIGINT) AS seed {records}",
            bits.collect::<Vec<_>>().join(" + ")
        );
        let read = |row: &Row| Ok((row.int("n")?, row.int("seed")?));
        Ok(self.one("patient", sqlx::AssertSqlSafe(sql), &values, read).await?.unwrap_or_default())
    }

    /// The records a question is about, by name, of those that may be seen.
    ///
    /// # Errors
    /// As [`Tx::count_sought`].
    pub async fn list_sought(&mut self, sought: &Sought, page: PageRequest) -> Result<Page<Patient>> {
        let total = self.count_sought(sought).await?;
        let mut query = Query { tx: self, values: Vec::new() };
        let records = query.records(sought);
        let (limit, offset) = (query.bind(page.limit()), query.bind(page.offset()));
        let values = query.values;
        let sql = format!(
            "SELECT {} {records} ORDER BY p.search_text, p.id LIMIT {limit} OFFSET {offset}",
            patient_columns!()
        );
        let items = self.list("patient", sqlx::AssertSqlSafe(sql), &values, patient).await?;
        Ok(Page { items, total })
    }

    /// Every ICD-11 code of a problem or signed diagnosis, once.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn codes_in_use(&mut self) -> Result<Vec<String>> {
        let noted = words_of!("summary_entry", "code");
        let stated = words_of!("diagnosis_fact", "code");
        self.words_in_use([noted, stated]).await
    }

    /// Every name of a medicine that is taken or was prescribed, once.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn medicines_in_use(&mut self) -> Result<Vec<String>> {
        let noted = words_of!("summary_entry", "medicine");
        let prescribed = words_of!("medicine_fact", "medicine");
        self.words_in_use([noted, prescribed]).await
    }

    async fn words_in_use(&mut self, sources: [&'static str; 2]) -> Result<Vec<String>> {
        let mut words = Vec::new();
        for sql in sources {
            words.extend(self.list("word", sql, &[], |row| row.text("word")).await?);
        }
        words.sort_unstable();
        words.dedup();
        Ok(words)
    }
}
