-- Which document an act of care is written as; a consultation is a nota de evolución.
ALTER TABLE encounter ADD COLUMN document TEXT NOT NULL DEFAULT 'NEV';
CREATE INDEX signed_document_author ON signed_document (signed_by, signed_at);
