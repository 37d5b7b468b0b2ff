-- Patients, what is always known about them at a glance, and their consents.
CREATE TABLE patient (
  id TEXT PRIMARY KEY,
  record_number TEXT NOT NULL UNIQUE,
  given TEXT,
  first_surname TEXT,
  second_surname TEXT,
  birth_date TEXT,
  curp TEXT UNIQUE,
  unknown_label TEXT,
  sex TEXT NOT NULL,
  phone TEXT,
  address TEXT,
  occupation TEXT,
  -- Name in small letters without accents, each word after a space.
  search_text TEXT NOT NULL,
  version BIGINT NOT NULL,
  last_activity_at BIGINT NOT NULL,
  -- Named, or told apart by a label.
  CHECK ((given IS NULL) = (unknown_label IS NOT NULL))
);
CREATE INDEX patient_recent ON patient (last_activity_at);
CREATE INDEX patient_phone ON patient (phone);

-- Allergies (and that they were denied), problems and medicines: one reading shows the summary.
CREATE TABLE summary_entry (
  id TEXT PRIMARY KEY,
  patient_id TEXT NOT NULL REFERENCES patient (id),
  kind TEXT NOT NULL,
  content TEXT NOT NULL,
  -- ICD-11 code of a problem.
  code TEXT,
  encounter_id TEXT,
  recorded_by TEXT NOT NULL REFERENCES account (id),
  recorded_at BIGINT NOT NULL,
  closed_on TEXT,
  closed_by TEXT REFERENCES account (id)
);
CREATE INDEX summary_entry_patient ON summary_entry (patient_id, kind, recorded_at);
CREATE INDEX summary_entry_code ON summary_entry (code);

CREATE TABLE observation (
  id TEXT PRIMARY KEY,
  patient_id TEXT NOT NULL REFERENCES patient (id),
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  taken_at BIGINT NOT NULL,
  encounter_id TEXT,
  recorded_by TEXT NOT NULL REFERENCES account (id),
  recorded_at BIGINT NOT NULL
);
CREATE INDEX observation_patient ON observation (patient_id, taken_at);

CREATE TABLE consent (
  id TEXT PRIMARY KEY,
  patient_id TEXT NOT NULL REFERENCES patient (id),
  purpose TEXT NOT NULL,
  text_version TEXT NOT NULL,
  given BIGINT NOT NULL,
  recorded_by TEXT NOT NULL REFERENCES account (id),
  recorded_at BIGINT NOT NULL
) {no_rowid};
CREATE INDEX consent_patient ON consent (patient_id, purpose, recorded_at);
