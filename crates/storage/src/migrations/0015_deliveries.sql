-- Information of a record given to somebody. Rows are only added: a wrong entry is voided by a row that says why.
CREATE TABLE delivery (
  id TEXT PRIMARY KEY,
  number BIGINT NOT NULL,
  patient_id TEXT NOT NULL REFERENCES patient (id),
  -- The written request or order, where the ground asks for one.
  request TEXT REFERENCES attachment (id),
  content TEXT NOT NULL,
  recorded_by TEXT NOT NULL REFERENCES account (id),
  recorded_at BIGINT NOT NULL
) {no_rowid};
CREATE INDEX delivery_patient ON delivery (patient_id, number);

CREATE TABLE delivery_void (
  delivery_id TEXT PRIMARY KEY REFERENCES delivery (id),
  reason TEXT NOT NULL,
  recorded_by TEXT NOT NULL REFERENCES account (id),
  recorded_at BIGINT NOT NULL
) {no_rowid};
