-- What is counted of the practice. All of it can be made again from what it was read from.
-- The moments whose day has to be added up again.
CREATE TABLE figure_change (moment BIGINT NOT NULL);
CREATE INDEX figure_change_moment ON figure_change (moment);

-- What was read of each signed document, once.
CREATE TABLE document_fact (
  sequence BIGINT PRIMARY KEY REFERENCES signed_document (sequence),
  kind TEXT NOT NULL,
  patient_id TEXT NOT NULL REFERENCES patient (id),
  practitioner_id TEXT NOT NULL,
  encounter_id TEXT,
  act_at BIGINT NOT NULL,
  signed_at BIGINT NOT NULL,
  -- Elements of the norm that are there, and that apply.
  present BIGINT NOT NULL,
  applicable BIGINT NOT NULL,
  -- Words by where they came from.
  written BIGINT NOT NULL,
  accepted BIGINT NOT NULL,
  -- Medicines of a receta; none for another document.
  prescribed BIGINT
);
CREATE INDEX document_fact_act ON document_fact (act_at);
CREATE INDEX document_fact_encounter ON document_fact (encounter_id, signed_at);

-- The diagnoses a document states; without a code, an empty one.
CREATE TABLE diagnosis_fact (
  sequence BIGINT NOT NULL REFERENCES document_fact (sequence),
  code TEXT NOT NULL,
  icd10 TEXT,
  -- Key of the disease under surveillance it is.
  epi BIGINT,
  suspected BIGINT NOT NULL,
  patient_id TEXT NOT NULL,
  practitioner_id TEXT NOT NULL,
  act_at BIGINT NOT NULL,
  PRIMARY KEY (sequence, code)
) {no_rowid};
CREATE INDEX diagnosis_fact_act ON diagnosis_fact (act_at);
CREATE INDEX diagnosis_fact_code ON diagnosis_fact (code, act_at, patient_id);
CREATE INDEX diagnosis_fact_patient ON diagnosis_fact (patient_id, code, act_at);

-- The medicines of a receta.
CREATE TABLE medicine_fact (
  sequence BIGINT NOT NULL REFERENCES document_fact (sequence),
  medicine TEXT NOT NULL,
  patient_id TEXT NOT NULL,
  practitioner_id TEXT NOT NULL,
  act_at BIGINT NOT NULL,
  PRIMARY KEY (sequence, medicine)
) {no_rowid};
CREATE INDEX medicine_fact_act ON medicine_fact (act_at);
CREATE INDEX medicine_fact_patient ON medicine_fact (patient_id, medicine, act_at);

-- The title of each code that was used, as it stands in the documents.
CREATE TABLE code_title (
  code TEXT PRIMARY KEY,
  title TEXT NOT NULL
) {no_rowid};

-- The alerts that stood beside what was signed, whatever was decided about them. Written by the signature itself.
CREATE TABLE alert_shown (
  document_id TEXT NOT NULL REFERENCES signed_document (id),
  severity TEXT NOT NULL,
  practitioner_id TEXT NOT NULL,
  shown BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (document_id, severity)
) {no_rowid};
CREATE INDEX alert_shown_time ON alert_shown (at);
CREATE INDEX alert_override_time ON alert_override (recorded_at);

-- The figures themselves: by day, month and year, of each professional.
CREATE TABLE figure (
  measure TEXT NOT NULL,
  grain TEXT NOT NULL,
  period TEXT NOT NULL,
  practitioner_id TEXT NOT NULL,
  item TEXT NOT NULL,
  -- How many.
  n BIGINT NOT NULL,
  -- Minutes, lines or elements, where the measure has them.
  total BIGINT NOT NULL,
  PRIMARY KEY (measure, grain, period, practitioner_id, item)
) {no_rowid};
CREATE INDEX figure_period ON figure (grain, period);

-- Times that cannot be right: not counted, and never dropped in silence.
CREATE TABLE figure_oddity (
  day TEXT NOT NULL,
  measure TEXT NOT NULL,
  encounter_id TEXT NOT NULL,
  minutes BIGINT NOT NULL,
  PRIMARY KEY (day, measure, encounter_id)
) {no_rowid};

CREATE INDEX encounter_started ON encounter (started_at);
-- Whoever adds figures up holds this row; how far documents were read, and the zone days were cut in, are others.
INSERT INTO setting (name, value) VALUES ('figures', 'held');
