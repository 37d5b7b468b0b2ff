-- Copies of signed documents that were handed out. Rows are only added.
CREATE TABLE document_print (
  -- The document and the number, so that no two prints have one number.
  id TEXT PRIMARY KEY,
  document_id TEXT NOT NULL REFERENCES signed_document (id),
  number BIGINT NOT NULL,
  -- How many copies came before this one; NULL for the signed file, which counts as none.
  copy BIGINT,
  reason TEXT,
  printed_by TEXT NOT NULL REFERENCES account (id),
  printed_at BIGINT NOT NULL
) {no_rowid};
CREATE INDEX document_print_document ON document_print (document_id, number);
