-- How a professional likes drafts to be written. Theirs alone, and no part of any record.
CREATE TABLE preference (
  id TEXT PRIMARY KEY,
  practitioner_id TEXT NOT NULL REFERENCES practitioner (id),
  kind TEXT NOT NULL,
  -- Empty where it holds in every section.
  section TEXT NOT NULL,
  -- What it stands in the place of, or before; empty for a phrase.
  instead_of TEXT NOT NULL,
  preferred TEXT NOT NULL,
  by_hand BIGINT NOT NULL,
  enabled BIGINT NOT NULL,
  notes BIGINT NOT NULL,
  since BIGINT NOT NULL,
  last_seen BIGINT NOT NULL,
  UNIQUE (practitioner_id, kind, section, instead_of, preferred)
) {no_rowid};

-- Sentences somebody wrote in notes, as digests: the words themselves are kept here only once they are a habit.
CREATE TABLE phrase_seen (
  practitioner_id TEXT NOT NULL REFERENCES practitioner (id),
  digest TEXT NOT NULL,
  notes BIGINT NOT NULL,
  last_seen BIGINT NOT NULL,
  PRIMARY KEY (practitioner_id, digest)
) {no_rowid};
CREATE INDEX phrase_seen_age ON phrase_seen (last_seen);
