-- Encrypted files and the signed documents. `content` comes last so that lists need not read past it.
CREATE TABLE blob (
  id TEXT PRIMARY KEY,
  media_type TEXT NOT NULL,
  size_bytes BIGINT NOT NULL,
  digest TEXT NOT NULL,
  -- Nonce and wrapped key as hexadecimal digits; NULL once the key was destroyed.
  wrapped_key TEXT,
  created_at BIGINT NOT NULL,
  destroyed_at BIGINT
) {no_rowid};

-- The sequence is the only row number, so that no hidden one can be used to replace a row.
CREATE TABLE signed_document (
  sequence {sequence_key},
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  patient_id TEXT NOT NULL REFERENCES patient (id),
  encounter_id TEXT REFERENCES encounter (id),
  amends TEXT REFERENCES signed_document (id),
  signed_by TEXT NOT NULL REFERENCES account (id),
  signed_at BIGINT NOT NULL,
  act_at BIGINT NOT NULL,
  content_digest TEXT NOT NULL,
  pdf TEXT NOT NULL REFERENCES blob (id),
  pdf_digest TEXT NOT NULL,
  previous TEXT NOT NULL,
  digest TEXT NOT NULL,
  content TEXT NOT NULL
);
CREATE INDEX signed_document_patient ON signed_document (patient_id, act_at, sequence);
CREATE INDEX signed_document_encounter ON signed_document (encounter_id);
CREATE INDEX signed_document_amends ON signed_document (amends);
CREATE INDEX signed_document_pdf ON signed_document (pdf);
CREATE INDEX signed_document_content_digest ON signed_document (content_digest);
CREATE INDEX signed_document_pdf_digest ON signed_document (pdf_digest);
CREATE INDEX signed_document_digest ON signed_document (digest);
