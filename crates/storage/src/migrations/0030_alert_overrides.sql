-- Alerts of medicines a physician signed in spite of: never changed.
CREATE TABLE alert_override (
  id TEXT PRIMARY KEY,
  document_id TEXT NOT NULL REFERENCES signed_document (id),
  alert_key TEXT NOT NULL,
  patient_id TEXT NOT NULL REFERENCES patient (id),
  severity TEXT NOT NULL,
  reason_code TEXT NOT NULL,
  -- Editions of the facts the alert came from.
  data_version TEXT NOT NULL,
  recorded_by TEXT NOT NULL REFERENCES account (id),
  recorded_at BIGINT NOT NULL
) {no_rowid};
CREATE INDEX alert_override_patient ON alert_override (patient_id, recorded_at);

-- What a physician promised to look at on a day. Never changed; that it was done is a row of its own.
CREATE TABLE follow_up (
  id TEXT PRIMARY KEY,
  patient_id TEXT NOT NULL REFERENCES patient (id),
  document_id TEXT NOT NULL REFERENCES signed_document (id),
  what TEXT NOT NULL,
  -- Day, as 2026-03-17.
  due TEXT NOT NULL,
  recorded_by TEXT NOT NULL REFERENCES account (id),
  recorded_at BIGINT NOT NULL
) {no_rowid};
CREATE INDEX follow_up_patient ON follow_up (patient_id, due);
CREATE INDEX follow_up_due ON follow_up (due);

CREATE TABLE follow_up_end (
  follow_up_id TEXT PRIMARY KEY REFERENCES follow_up (id),
  outcome TEXT NOT NULL,
  recorded_by TEXT NOT NULL REFERENCES account (id),
  recorded_at BIGINT NOT NULL
) {no_rowid};
