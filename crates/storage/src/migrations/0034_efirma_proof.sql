-- An answer about revocation that came after a signature with an e.firma: the file with the answer behind its end. Rows are
-- only added.
CREATE TABLE efirma_proof (
  document_id TEXT PRIMARY KEY REFERENCES document_efirma (document_id),
  pdf TEXT NOT NULL REFERENCES blob (id),
  pdf_digest TEXT NOT NULL,
  level TEXT NOT NULL,
  revocation TEXT NOT NULL,
  added_at BIGINT NOT NULL
) {no_rowid};
CREATE INDEX efirma_proof_pdf ON efirma_proof (pdf);
CREATE INDEX efirma_proof_pdf_digest ON efirma_proof (pdf_digest);
