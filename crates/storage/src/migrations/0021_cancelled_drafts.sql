-- Drafts that were given up, with their reason, for as long as that can be undone and for who asks afterwards.
CREATE TABLE cancelled_draft (
  id TEXT PRIMARY KEY,
  encounter_id TEXT NOT NULL REFERENCES encounter (id),
  kind TEXT NOT NULL,
  version BIGINT NOT NULL,
  updated_by TEXT NOT NULL REFERENCES account (id),
  updated_at BIGINT NOT NULL,
  content TEXT NOT NULL,
  reason TEXT NOT NULL,
  cancelled_by TEXT NOT NULL REFERENCES account (id),
  cancelled_at BIGINT NOT NULL
) {no_rowid};
CREATE INDEX cancelled_draft_encounter ON cancelled_draft (encounter_id, cancelled_at);
