-- Releases of ICD-11 that were imported, several side by side, each in the parts the program reads it from.
CREATE TABLE icd_release (
  name TEXT PRIMARY KEY,
  -- What WHO wrote into the files.
  stamp TEXT NOT NULL,
  attribution TEXT NOT NULL,
  codes BIGINT NOT NULL,
  -- Names of the mapping tables that are there, separated by spaces.
  maps TEXT NOT NULL,
  -- Of all parts: the same files again change nothing.
  digest TEXT NOT NULL,
  imported_at BIGINT NOT NULL,
  -- Absent when it was imported by command.
  imported_by TEXT REFERENCES account (id)
) {no_rowid};

CREATE TABLE icd_part (
  release TEXT NOT NULL REFERENCES icd_release (name),
  place BIGINT NOT NULL,
  name TEXT NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (release, place)
);

-- Codes a professional confirmed or keeps at hand. Theirs alone, and no part of any record.
CREATE TABLE icd_habit (
  practitioner_id TEXT NOT NULL REFERENCES practitioner (id),
  icd11 TEXT NOT NULL,
  favourite BIGINT NOT NULL,
  uses BIGINT NOT NULL,
  last_used BIGINT NOT NULL,
  PRIMARY KEY (practitioner_id, icd11)
) {no_rowid};
