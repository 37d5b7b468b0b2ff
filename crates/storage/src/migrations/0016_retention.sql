-- Legal holds and the archive. Rows are only added; `archived_at` of a record is where the newest move left it.
CREATE TABLE retention_hold (
  id TEXT PRIMARY KEY,
  patient_id TEXT NOT NULL REFERENCES patient (id),
  reason TEXT NOT NULL,
  until_day TEXT,
  recorded_by TEXT NOT NULL REFERENCES account (id),
  recorded_at BIGINT NOT NULL
) {no_rowid};
CREATE INDEX retention_hold_patient ON retention_hold (patient_id, recorded_at);

CREATE TABLE hold_lift (
  hold_id TEXT PRIMARY KEY REFERENCES retention_hold (id),
  reason TEXT NOT NULL,
  recorded_by TEXT NOT NULL REFERENCES account (id),
  recorded_at BIGINT NOT NULL
) {no_rowid};

CREATE TABLE archive_move (
  id TEXT PRIMARY KEY,
  patient_id TEXT NOT NULL REFERENCES patient (id),
  archived BIGINT NOT NULL,
  reason TEXT NOT NULL,
  recorded_by TEXT NOT NULL REFERENCES account (id),
  recorded_at BIGINT NOT NULL
) {no_rowid};
CREATE INDEX archive_move_patient ON archive_move (patient_id, recorded_at);

ALTER TABLE patient ADD COLUMN archived_at BIGINT;
