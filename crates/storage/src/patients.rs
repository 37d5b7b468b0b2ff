//! Patients: opening and changing a record, and finding it by name, number, CURP or telephone.

use clinical::identifiers::{Curp, Phone};
use clinical::ids::PatientId;
use clinical::likeness::folded_words;
use clinical::patient::{Identity, NewPatient, Patient};
use clinical::person::{BirthDate, PersonName, Sex};
use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use crate::error::{Result, StorageError};
use crate::person;
use crate::private::{unseen, visible};
use crate::tx::Tx;
use crate::value::{Page, PageRequest, Row, Value, values};

/// Columns of the table under the alias `p`, named so that they can stand beside those of another table.
macro_rules! patient_columns {
    () => {
        "p.id AS p_id, p.record_number AS p_record_number, p.given AS p_given, \
         p.first_surname AS p_first_surname, p.second_surname AS p_second_surname, \
         p.birth_date AS p_birth_date, p.curp AS p_curp, p.unknown_label AS p_unknown_label, p.sex AS p_sex, \
         p.phone AS p_phone, p.address AS p_address, p.occupation AS p_occupation, p.version AS p_version, \
         p.newborn AS p_newborn, p.details AS p_details, p.root AS p_root"
    };
}
pub(crate) use patient_columns;

/// Reads [`patient_columns`].
pub(crate) fn patient(row: &Row) -> Result<Patient> {
    let identity = match row.maybe_text("p_unknown_label")? {
        Some(mother_name) if row.flag("p_newborn")? => {
            Identity::Newborn { mother_name, birth_date: BirthDate::from_stored(row.parsed("p_birth_date")?) }
        }
        Some(label) => Identity::Unknown { label },
        None => Identity::Identified {
            name: person::name(row, "p_given", "p_first_surname", "p_second_surname")?,
            birth_date: BirthDate::from_stored(row.parsed("p_birth_date")?),
            curp: row
                .maybe_text("p_curp")?
                .map(|text| Curp::parse(&text).map_err(|_| row.corrupt("p_curp")))
                .transpose()?,
        },
    };
    Ok(Patient {
        id: row.parsed("p_id")?,
        record_number: row.text("p_record_number")?,
        data: NewPatient {
            identity,
            sex: row.coded("p_sex", Sex::from_code)?,
            phone: person::phone(row, "p_phone")?,
            address: row.maybe_text("p_address")?,
            occupation: row.maybe_text("p_occupation")?,
            details: serde_json::from_str(&row.text("p_details")?).map_err(|_| row.corrupt("p_details"))?,
        },
        version: row.int("p_version")?,
        root: row.parsed("p_root")?,
    })
}

/// What the columns hold for an identity.
struct IdentityColumns<'a> {
    name: Option<&'a PersonName>,
    birth_date: Option<BirthDate>,
    curp: Option<&'a Curp>,
    /// What tells an unknown patient apart, or the name of a newborn's mother.
    label: Option<&'a str>,
    newborn: bool,
    search_text: String,
}

impl<'a> IdentityColumns<'a> {
    fn of(identity: &'a Identity) -> Self {
        let (name, label) = match identity {
            Identity::Identified { name, .. } => (Some(name), None),
            Identity::Newborn { mother_name, .. } => (None, Some(mother_name.as_str())),
            Identity::Unknown { label } => (None, Some(label.as_str())),
        };
        let searched = match identity {
            Identity::Unknown { label } => format!("desconocido {label}"),
            other => other.full_name(),
        };
        Self {
            name,
            birth_date: identity.birth_date(),
            curp: identity.curp(),
            label,
            newborn: matches!(identity, Identity::Newborn { .. }),
            search_text: person::search_text(&searched),
        }
    }
}

/// The values of `$1` to `$15`, the same for adding and changing.
fn bound(id: PatientId, data: &NewPatient) -> Result<Vec<Value>> {
    let identity = IdentityColumns::of(&data.identity);
    let details =
        serde_json::to_string(&data.details).map_err(|error| StorageError::Database(error.into()))?;
    Ok(vec![
        id.into(),
        identity.name.map(PersonName::given).into(),
        identity.name.map(PersonName::first_surname).into(),
        identity.name.and_then(PersonName::second_surname).into(),
        identity.birth_date.map(BirthDate::date).into(),
        identity.curp.map(Curp::as_str).into(),
        identity.label.into(),
        data.sex.code().into(),
        data.phone.as_ref().map(Phone::as_str).into(),
        data.address.as_deref().into(),
        data.occupation.as_deref().into(),
        identity.search_text.into(),
        identity.newborn.into(),
        details.into(),
        data.details.mother.into(),
    ])
}

impl Tx {
    /// Opens a record with the next record number ("000412").
    ///
    /// # Errors
    /// [`StorageError::CurpInUse`] names the record that has the CURP; nothing was written.
    pub async fn insert_patient(
        &mut self,
        id: PatientId,
        data: &NewPatient,
        at: Timestamp,
    ) -> Result<Patient> {
        self.refuse_curp_of_another(id, data).await?;
        let record_number = format!("{:06}", self.next_number("record_number").await?);
        let mut values = bound(id, data)?;
        values.extend([record_number.clone().into(), at.into()]);
        self.execute(
            "INSERT INTO patient (id, given, first_surname, second_surname, birth_date, curp, unknown_label, sex,
                                  phone, address, occupation, search_text, newborn, details, mother_id,
                                  record_number, last_activity_at, version, root)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 1, $1)",
            &values,
        )
        .await?;
        self.write_keys(id, &data.identity).await?;
        Ok(Patient { id, record_number, data: data.clone(), version: 1, root: id })
    }

    /// Changes a record that is still at `expected_version`; returns the new version.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] with the stored version when someone else changed it, [`StorageError::CurpInUse`].
    pub async fn update_patient(
        &mut self,
        id: PatientId,
        expected_version: i64,
        data: &NewPatient,
        at: Timestamp,
    ) -> Result<i64> {
        self.refuse_curp_of_another(id, data).await?;
        let mut values = bound(id, data)?;
        values.extend([at.into(), expected_version.into()]);
        let changed = self
            .execute(
                "UPDATE patient
                    SET given = $2, first_surname = $3, second_surname = $4, birth_date = $5, curp = $6,
                        unknown_label = $7, sex = $8, phone = $9, address = $10, occupation = $11,
                        search_text = $12, newborn = $13, details = $14, mother_id = $15,
                        last_activity_at = $16, version = version + 1
                  WHERE id = $1 AND version = $17",
                &values,
            )
            .await?;
        if changed == 1 {
            self.write_keys(id, &data.identity).await?;
            return Ok(expected_version + 1);
        }
        let current = self
            .one("patient", "SELECT version FROM patient WHERE id = $1", values![id], |row| {
                row.int("version")
            })
            .await?;
        Err(StorageError::Conflict { current })
    }

    async fn refuse_curp_of_another(&mut self, id: PatientId, data: &NewPatient) -> Result<()> {
        let Some(curp) = IdentityColumns::of(&data.identity).curp else { return Ok(()) };
        let other = self
            .one(
                "patient",
                "SELECT id, record_number FROM patient WHERE curp = $1 AND id <> $2",
                values![curp.as_str(), id],
                |row| Ok((row.parsed("id")?, row.text("record_number")?)),
            )
            .await?;
        match other {
            Some((patient_id, record_number)) => Err(StorageError::CurpInUse { patient_id, record_number }),
            None => Ok(()),
        }
    }

    /// A record.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn patient(&mut self, id: PatientId) -> Result<Option<Patient>> {
        let sql = concat!(
            "SELECT ",
            patient_columns!(),
            " FROM patient p WHERE p.id = $1 AND ",
            visible!("p.root", "$2", "$3")
        );
        self.one("patient", sql, values![id, self.eyes(), self.moment()], patient).await
    }

    /// Records by what reception has at hand, also by what a record joined to them has: beginnings of words of the name in any order and without accents,
    /// record number, CURP or its beginning, telephone or a part of it (four digits or more). No words, no records.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn find_patients(&mut self, query: &str, page: PageRequest) -> Result<Page<Patient>> {
        let Some((condition, mut values)) = search_condition(query) else {
            return Ok(Page { items: Vec::new(), total: 0 });
        };
        let (user, at) = (format!("${}", values.len() + 1), format!("${}", values.len() + 2));
        values.extend([self.eyes().into(), self.moment().into()]);
        let visible = visible!("p.root", "{user}", "{at}").replace("{user}", &user).replace("{at}", &at);
        let condition = format!("p.id IN (SELECT x.root FROM patient x WHERE {condition}) AND {visible}");
        let total = format!("SELECT COUNT(*) AS n FROM patient p WHERE {condition}");
        let total = self.number(AssertSqlSafe(total), &values).await?;
        let (limit, offset) = (values.len() + 1, values.len() + 2);
        values.extend([page.limit().into(), page.offset().into()]);
        let sql = format!(
            "SELECT {} FROM patient p WHERE {condition} ORDER BY p.search_text, p.id LIMIT ${limit} OFFSET ${offset}",
            patient_columns!()
        );
        let items = self.list("patient", AssertSqlSafe(sql), &values, patient).await?;
        Ok(Page { items, total })
    }

    /// Records by what happened last in them, without those in the archive.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn recent_patients(&mut self, page: PageRequest) -> Result<Page<Patient>> {
        let total = concat!(
            "SELECT (SELECT COUNT(*) FROM patient WHERE root = id AND archived_at IS NULL)
                  - (SELECT COUNT(DISTINCT x.root) FROM (",
            unseen!("$1", "$2"),
            ") x JOIN patient own ON own.id = x.root WHERE own.archived_at IS NULL) AS n"
        );
        let total = self.number(total, values![self.eyes(), self.moment()]).await?;
        let sql = concat!(
            "SELECT ",
            patient_columns!(),
            " FROM patient p WHERE p.root = p.id AND p.archived_at IS NULL AND ",
            visible!("p.root", "$3", "$4"),
            " ORDER BY p.last_activity_at DESC, p.id DESC LIMIT $1 OFFSET $2"
        );
        let values = values![page.limit(), page.offset(), self.eyes(), self.moment()];
        let items = self.list("patient", sql, values, patient).await?;
        Ok(Page { items, total })
    }

    pub(crate) async fn note_activity(&mut self, id: PatientId, at: Timestamp) -> Result<()> {
        self.execute(
            "UPDATE patient SET last_activity_at = $2 WHERE id = $1 AND last_activity_at < $2",
            values![id, at],
        )
        .await
        .map(drop)
    }
}

/// The condition on `patient x` and its values; `None` when there is nothing to look for.
fn search_condition(query: &str) -> Option<(String, Vec<Value>)> {
    let words = folded_words(query);
    let digits: String = query.chars().filter(char::is_ascii_digit).collect();
    let only_digits = query.chars().all(|c| c.is_ascii_digit() || c.is_whitespace() || "()+-.".contains(c));
    if only_digits && !digits.is_empty() {
        let local = digits.strip_prefix("52").filter(|rest| rest.len() >= 10).unwrap_or(&digits);
        let mut values = vec![Value::from(format!("{digits:0>6}"))];
        if digits.len() < 4 {
            return Some(("x.record_number = $1".to_owned(), values));
        }
        values.push(format!("%{local}%").into());
        return Some(("(x.record_number = $1 OR x.phone LIKE $2)".to_owned(), values));
    }
    let mut values: Vec<Value> = words.iter().map(|word| format!("% {word}%").into()).collect();
    let by_name = (1..=values.len()).map(|i| format!("x.search_text LIKE ${i}")).collect::<Vec<_>>();
    let mut condition = by_name.join(" AND ");
    match words.as_slice() {
        [] => return None,
        [word] if word.len() >= 4 && word.is_ascii() => {
            values.push(format!("{}%", word.to_uppercase()).into());
            condition = format!("({condition} OR x.curp LIKE $2)");
        }
        _ => {}
    }
    Some((condition, values))
}
