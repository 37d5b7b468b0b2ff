-- Who writes under supervision, and the way of their documents to the supervising physician.
ALTER TABLE practitioner ADD COLUMN trainee TEXT;

-- Rows are only added: sent at a version, revised by the supervisor to another, returned with a comment. The newest counts.
CREATE TABLE endorsement (
  id TEXT PRIMARY KEY,
  encounter_id TEXT NOT NULL REFERENCES encounter (id),
  kind TEXT NOT NULL,
  step TEXT NOT NULL,
  -- The version of the draft the step is about.
  version BIGINT NOT NULL,
  supervisor TEXT NOT NULL REFERENCES practitioner (id),
  comment TEXT,
  -- The draft as it was sent.
  draft TEXT,
  recorded_by TEXT NOT NULL REFERENCES account (id),
  recorded_at BIGINT NOT NULL,
  CHECK ((step = 'sent') = (draft IS NOT NULL)),
  CHECK ((step = 'returned') = (comment IS NOT NULL))
) {no_rowid};
CREATE INDEX endorsement_draft ON endorsement (encounter_id, kind, id);
CREATE INDEX endorsement_supervisor ON endorsement (supervisor);
