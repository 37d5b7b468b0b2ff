-- What came beside a document of another establishment. Rows are only added.

-- The file with the e.firma of who signed it. A later package may bring one that proves more.
CREATE TABLE external_efirma (
  pdf TEXT PRIMARY KEY REFERENCES blob (id),
  document_id TEXT NOT NULL REFERENCES external_document (id),
  pdf_digest TEXT NOT NULL,
  -- When the package it came in was made: the latest counts.
  exported_at BIGINT NOT NULL
) {no_rowid};
CREATE INDEX external_efirma_document ON external_efirma (document_id, exported_at);

-- A receta that was cancelled where it was signed.
CREATE TABLE external_cancellation (
  document_id TEXT PRIMARY KEY REFERENCES external_document (id),
  reason TEXT NOT NULL,
  -- As named there.
  cancelled_by TEXT NOT NULL,
  cancelled_at BIGINT NOT NULL
) {no_rowid};
