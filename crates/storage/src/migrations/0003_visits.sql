-- Planned visits, consultations, what was said in them and the drafts being written.
CREATE TABLE appointment (
  id TEXT PRIMARY KEY,
  patient_id TEXT NOT NULL REFERENCES patient (id),
  practitioner_id TEXT NOT NULL REFERENCES practitioner (id),
  starts_at BIGINT NOT NULL,
  minutes BIGINT NOT NULL,
  service TEXT NOT NULL,
  state TEXT NOT NULL
);
CREATE INDEX appointment_start ON appointment (starts_at);
CREATE INDEX appointment_patient ON appointment (patient_id, starts_at);

CREATE TABLE encounter (
  id TEXT PRIMARY KEY,
  patient_id TEXT NOT NULL REFERENCES patient (id),
  practitioner_id TEXT NOT NULL REFERENCES practitioner (id),
  appointment_id TEXT REFERENCES appointment (id),
  started_at BIGINT NOT NULL,
  reason TEXT NOT NULL,
  state TEXT NOT NULL
);
CREATE INDEX encounter_patient ON encounter (patient_id, started_at, id);
CREATE INDEX encounter_state ON encounter (state, started_at);
CREATE INDEX encounter_appointment ON encounter (appointment_id);

CREATE TABLE transcript (
  encounter_id TEXT PRIMARY KEY REFERENCES encounter (id),
  digest TEXT NOT NULL,
  recorded_by TEXT NOT NULL REFERENCES account (id),
  recorded_at BIGINT NOT NULL,
  content TEXT NOT NULL
) {no_rowid};

CREATE TABLE draft (
  encounter_id TEXT NOT NULL REFERENCES encounter (id),
  kind TEXT NOT NULL,
  version BIGINT NOT NULL,
  updated_by TEXT NOT NULL REFERENCES account (id),
  updated_at BIGINT NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (encounter_id, kind)
);
