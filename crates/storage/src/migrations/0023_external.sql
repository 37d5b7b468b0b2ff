-- Records brought from another installation and the documents that were signed there. Rows are only added.
CREATE TABLE record_import (
  id TEXT PRIMARY KEY,
  patient_id TEXT NOT NULL REFERENCES patient (id),
  -- SHA-256 of the manifest of the package: one package is brought in once.
  package_digest TEXT NOT NULL UNIQUE,
  -- Who exported it, and the number the record has there.
  origin TEXT NOT NULL,
  origin_number TEXT NOT NULL,
  exported_at BIGINT NOT NULL,
  recorded_by TEXT NOT NULL REFERENCES account (id),
  recorded_at BIGINT NOT NULL
) {no_rowid};
CREATE INDEX record_import_patient ON record_import (patient_id, recorded_at);

-- `content` and `transcript` come last so that lists need not read past them.
CREATE TABLE external_document (
  -- As it has where it was signed.
  id TEXT PRIMARY KEY,
  import_id TEXT NOT NULL REFERENCES record_import (id),
  patient_id TEXT NOT NULL REFERENCES patient (id),
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  establishment TEXT NOT NULL,
  signed_by TEXT NOT NULL,
  signed_at BIGINT NOT NULL,
  act_at BIGINT NOT NULL,
  amends TEXT,
  pdf TEXT NOT NULL REFERENCES blob (id),
  pdf_digest TEXT NOT NULL,
  content_digest TEXT NOT NULL,
  -- Its place in the chain of where it was signed: a fact about it, no link of a chain here.
  origin_sequence BIGINT NOT NULL,
  origin_previous TEXT NOT NULL,
  origin_digest TEXT NOT NULL,
  content TEXT NOT NULL,
  transcript TEXT
) {no_rowid};
CREATE INDEX external_document_patient ON external_document (patient_id, act_at, id);
CREATE INDEX external_document_pdf ON external_document (pdf);
