-- A phone lent as the microphone of a consultation: by a link that counts once, then by a secret only the phone has. At most one
-- for each consultation; it is gone when it is taken back.
CREATE TABLE phone (
  encounter_id TEXT PRIMARY KEY REFERENCES encounter (id),
  -- The consent it was lent under: with another one it is lent again.
  consent_id TEXT NOT NULL REFERENCES consent (id),
  lent_by TEXT NOT NULL REFERENCES account (id),
  -- SHA-256 of the secret of the link, later of the one the phone keeps.
  secret_digest TEXT NOT NULL UNIQUE,
  expires_at BIGINT NOT NULL,
  joined_at BIGINT,
  -- What its browser says it is, in words; may be empty.
  browser TEXT NOT NULL DEFAULT '',
  -- What it records, once it began.
  recording_id TEXT REFERENCES recording (id)
) {no_rowid};
