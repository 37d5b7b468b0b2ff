-- Laboratory results. Rows are only added: a correction names the version it takes the place of.
CREATE TABLE lab_report (
  id TEXT PRIMARY KEY,
  patient_id TEXT NOT NULL REFERENCES patient (id),
  panel TEXT,
  laboratory TEXT,
  -- Local day, or day and minute, of the sample: as exact as it is known.
  taken TEXT NOT NULL,
  source TEXT NOT NULL,
  recorded_by TEXT NOT NULL REFERENCES account (id),
  recorded_at BIGINT NOT NULL
) {no_rowid};
CREATE INDEX lab_report_patient ON lab_report (patient_id, taken, id);

CREATE TABLE lab_result (
  id TEXT PRIMARY KEY,
  report_id TEXT NOT NULL REFERENCES lab_report (id),
  -- The place in its report.
  place BIGINT NOT NULL,
  state TEXT NOT NULL,
  supersedes TEXT UNIQUE REFERENCES lab_result (id),
  -- Why it was corrected or withdrawn.
  reason TEXT,
  recorded_by TEXT NOT NULL REFERENCES account (id),
  recorded_at BIGINT NOT NULL,
  content TEXT NOT NULL,
  CHECK ((state = 'final') = (supersedes IS NULL))
) {no_rowid};
CREATE INDEX lab_result_report ON lab_result (report_id, place);
