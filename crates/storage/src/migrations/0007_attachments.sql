-- Files brought into a record. Rows are only added: a file is withdrawn by a row that says why, never removed.
CREATE TABLE attachment (
  -- Also the id of its content.
  id TEXT PRIMARY KEY REFERENCES blob (id),
  patient_id TEXT NOT NULL REFERENCES patient (id),
  category TEXT NOT NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  file_name TEXT NOT NULL,
  width BIGINT,
  height BIGINT,
  studied_on TEXT,
  recorded_by TEXT NOT NULL REFERENCES account (id),
  recorded_at BIGINT NOT NULL
) {no_rowid};
CREATE INDEX attachment_patient ON attachment (patient_id, recorded_at, id);

CREATE TABLE attachment_withdrawal (
  attachment_id TEXT PRIMARY KEY REFERENCES attachment (id),
  reason TEXT NOT NULL,
  recorded_by TEXT NOT NULL REFERENCES account (id),
  recorded_at BIGINT NOT NULL
) {no_rowid};
