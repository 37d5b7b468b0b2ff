-- Identity: the rest of the minimum data set, newborns, former identities, representatives, and records joined into one.
ALTER TABLE patient ADD COLUMN newborn BIGINT NOT NULL DEFAULT 0;
ALTER TABLE patient ADD COLUMN details TEXT NOT NULL DEFAULT '{}';
ALTER TABLE patient ADD COLUMN mother_id TEXT REFERENCES patient (id);
-- The record this one belongs to: itself, or the one it was joined to, at the end of all joins.
ALTER TABLE patient ADD COLUMN root TEXT;
UPDATE patient SET root = id;
CREATE INDEX patient_root ON patient (root);
CREATE INDEX patient_birth ON patient (birth_date);
CREATE INDEX patient_mother ON patient (mother_id);

-- By which words a record is found when another one may be of the same person.
CREATE TABLE patient_key (
  key TEXT NOT NULL,
  birth_date TEXT NOT NULL,
  patient_id TEXT NOT NULL REFERENCES patient (id),
  PRIMARY KEY (key, birth_date, patient_id)
) {no_rowid};
CREATE INDEX patient_key_owner ON patient_key (patient_id);

-- What a record said before a change of identity. Never changed.
CREATE TABLE former_identity (
  id TEXT PRIMARY KEY,
  patient_id TEXT NOT NULL REFERENCES patient (id),
  version BIGINT NOT NULL,
  content TEXT NOT NULL,
  replaced_by TEXT NOT NULL REFERENCES account (id),
  replaced_at BIGINT NOT NULL
) {no_rowid};
CREATE INDEX former_identity_patient ON former_identity (patient_id, version);

CREATE TABLE patient_merge (
  id TEXT PRIMARY KEY,
  kept TEXT NOT NULL REFERENCES patient (id),
  merged TEXT NOT NULL REFERENCES patient (id),
  -- The CURP that went from the joined record to the kept one.
  moved_curp TEXT,
  reason TEXT NOT NULL,
  merged_by TEXT NOT NULL REFERENCES account (id),
  merged_at BIGINT NOT NULL,
  undone_by TEXT REFERENCES account (id),
  undone_at BIGINT,
  undone_reason TEXT
);
CREATE UNIQUE INDEX patient_merge_live ON patient_merge (merged) WHERE undone_at IS NULL;
CREATE INDEX patient_merge_kept ON patient_merge (kept);
CREATE INDEX patient_merge_merged ON patient_merge (merged);

CREATE TABLE representative (
  id TEXT PRIMARY KEY,
  patient_id TEXT NOT NULL REFERENCES patient (id),
  content TEXT NOT NULL,
  recorded_by TEXT NOT NULL REFERENCES account (id),
  recorded_at BIGINT NOT NULL,
  closed_on TEXT,
  closed_by TEXT REFERENCES account (id)
);
CREATE INDEX representative_patient ON representative (patient_id, recorded_at);
