-- That a stay in which notes are due is over, where no document says so. Never changed.
CREATE TABLE stay_end (
  id TEXT PRIMARY KEY,
  patient_id TEXT NOT NULL REFERENCES patient (id),
  -- The note that is no longer due.
  kind TEXT NOT NULL,
  reason TEXT NOT NULL,
  recorded_by TEXT NOT NULL REFERENCES account (id),
  recorded_at BIGINT NOT NULL
) {no_rowid};
CREATE INDEX stay_end_patient ON stay_end (patient_id);
CREATE INDEX signed_document_kind ON signed_document (kind, act_at);
