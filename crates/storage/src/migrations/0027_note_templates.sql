-- Templates of documents that a professional made. Theirs alone, and no part of any record.
CREATE TABLE note_template (
  id TEXT PRIMARY KEY,
  practitioner_id TEXT NOT NULL REFERENCES practitioner (id),
  kind TEXT NOT NULL,
  -- Code of the specialty template it began with.
  base TEXT,
  name TEXT NOT NULL,
  -- The sections in order, as JSON.
  sections TEXT NOT NULL,
  is_default BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  UNIQUE (practitioner_id, kind, name)
) {no_rowid};
