-- Lines of treatment a professional keeps under a name. Theirs alone, and no part of any record.
CREATE TABLE kept_lines (
  id TEXT PRIMARY KEY,
  practitioner_id TEXT NOT NULL REFERENCES practitioner (id),
  name TEXT NOT NULL,
  -- The lines as JSON.
  lines TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  UNIQUE (practitioner_id, name)
) {no_rowid};

-- A receta that holds no more. Rows are only added: what was signed stays as it is.
CREATE TABLE prescription_cancellation (
  document_id TEXT PRIMARY KEY REFERENCES signed_document (id),
  reason TEXT NOT NULL,
  cancelled_by TEXT NOT NULL REFERENCES account (id),
  cancelled_at BIGINT NOT NULL
) {no_rowid};

-- The picture in the letterhead, in the blob store.
CREATE TABLE letterhead (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  logo TEXT NOT NULL REFERENCES blob (id)
) {no_rowid};
