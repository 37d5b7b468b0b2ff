-- Records that are kept and not read any more. Rows are only added: a block is lifted by a row that says why.
CREATE TABLE record_block (
  id TEXT PRIMARY KEY,
  patient_id TEXT NOT NULL REFERENCES patient (id),
  reason TEXT NOT NULL,
  recorded_by TEXT NOT NULL REFERENCES account (id),
  recorded_at BIGINT NOT NULL
) {no_rowid};
CREATE INDEX record_block_patient ON record_block (patient_id);

CREATE TABLE block_lift (
  block_id TEXT PRIMARY KEY REFERENCES record_block (id),
  reason TEXT NOT NULL,
  recorded_by TEXT NOT NULL REFERENCES account (id),
  recorded_at BIGINT NOT NULL
) {no_rowid};
