-- Questions to all records: what they are answered from, and those somebody keeps.
-- What a numeric result says in the unit of its analyte, read once of each version; all of it can be made again.
CREATE TABLE lab_fact (
  result_id TEXT PRIMARY KEY REFERENCES lab_result (id),
  patient_id TEXT NOT NULL,
  loinc TEXT NOT NULL,
  value TEXT NOT NULL,
  -- As in its report.
  taken TEXT NOT NULL
) {no_rowid};
CREATE INDEX lab_fact_analyte ON lab_fact (loinc, taken, patient_id);

-- Results that wait to be read.
CREATE TABLE lab_unread (
  result_id TEXT PRIMARY KEY REFERENCES lab_result (id)
) {no_rowid};
INSERT INTO lab_unread (result_id) SELECT id FROM lab_result WHERE state <> 'withdrawn';

-- The name of a medicine that is taken, as it stands in the content.
ALTER TABLE summary_entry ADD COLUMN medicine TEXT;
UPDATE summary_entry SET medicine = {medicine_of_content} WHERE kind = 'medication';
CREATE INDEX summary_entry_medicine ON summary_entry (medicine, patient_id);
CREATE INDEX medicine_fact_name ON medicine_fact (medicine, act_at, patient_id);
CREATE INDEX observation_kind ON observation (kind, taken_at, patient_id);

CREATE TABLE saved_question (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  -- As `figures::question` writes it.
  question TEXT NOT NULL,
  -- Everybody who sees the boards may ask it.
  shared BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  UNIQUE (owner, name)
) {no_rowid};
