-- What each patient should have next, by control; made again from the record whenever it or the time changes it.
CREATE TABLE care_gap (
  patient_id TEXT NOT NULL REFERENCES patient (id),
  control TEXT NOT NULL,
  -- From this day on it is lacking.
  due_on TEXT NOT NULL,
  last_on TEXT,
  what TEXT NOT NULL,
  PRIMARY KEY (patient_id, control)
) {no_rowid};
CREATE INDEX care_gap_control ON care_gap (control, due_on, patient_id);

-- When each record is to be looked at again; empty: now.
CREATE TABLE care_check (
  patient_id TEXT PRIMARY KEY REFERENCES patient (id),
  recheck_on TEXT NOT NULL
) {no_rowid};
CREATE INDEX care_check_day ON care_check (recheck_on, patient_id);
INSERT INTO care_check (patient_id, recheck_on) SELECT id, '' FROM patient WHERE root = id;
