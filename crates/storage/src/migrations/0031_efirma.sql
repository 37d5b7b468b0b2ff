-- Whose e.firma an account signs with, as confirmed with its first signature.
CREATE TABLE account_efirma (
  user_id TEXT PRIMARY KEY REFERENCES account (id),
  rfc TEXT NOT NULL,
  curp TEXT NOT NULL,
  confirmed_at BIGINT NOT NULL
) {no_rowid};

-- Documents that were also signed with an e.firma. Rows are only added.
CREATE TABLE document_efirma (
  document_id TEXT PRIMARY KEY REFERENCES signed_document (id),
  pdf TEXT NOT NULL REFERENCES blob (id),
  pdf_digest TEXT NOT NULL,
  name TEXT NOT NULL,
  rfc TEXT NOT NULL,
  curp TEXT NOT NULL,
  serial TEXT NOT NULL,
  level TEXT NOT NULL,
  revocation TEXT NOT NULL,
  claimed_at BIGINT NOT NULL,
  proven_at BIGINT,
  -- Text of the square code of a receta.
  code TEXT,
  signed_by TEXT NOT NULL REFERENCES account (id)
) {no_rowid};
CREATE INDEX document_efirma_pdf ON document_efirma (pdf);
CREATE INDEX document_efirma_pdf_digest ON document_efirma (pdf_digest);

-- What waits a few minutes for the answer of a key that is elsewhere.
CREATE TABLE efirma_waiting (
  token_digest TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES account (id),
  document_id TEXT NOT NULL REFERENCES signed_document (id),
  -- Digest of the PDF before the signature: the answer is for these bytes.
  base_digest TEXT NOT NULL,
  -- DER, as hexadecimal digits.
  certificate TEXT NOT NULL,
  claimed_at BIGINT NOT NULL,
  -- What is asked: 'code' for the square code, 'pdf' for the document.
  step TEXT NOT NULL,
  code TEXT,
  expires_at BIGINT NOT NULL
) {no_rowid};
