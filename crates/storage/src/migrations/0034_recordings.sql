-- The words a consent was asked with, and from when on it no longer counts.
ALTER TABLE consent ADD COLUMN asked TEXT;
ALTER TABLE consent ADD COLUMN until_at BIGINT;

-- A recording of a consultation. Its sound lies encrypted in a file of its own; what opens it lies here, wrapped.
CREATE TABLE recording (
  id TEXT PRIMARY KEY,
  encounter_id TEXT NOT NULL REFERENCES encounter (id),
  patient_id TEXT NOT NULL REFERENCES patient (id),
  -- The consent it was opened with.
  consent_id TEXT NOT NULL REFERENCES consent (id),
  media_type TEXT NOT NULL,
  state TEXT NOT NULL,
  started_by TEXT NOT NULL REFERENCES account (id),
  started_at BIGINT NOT NULL,
  ended_at BIGINT,
  -- How many pieces the device said it made; known at the end.
  announced BIGINT,
  -- Nonce and wrapped key as hexadecimal digits; NULL once the key was destroyed.
  wrapped_key TEXT,
  destroyed_at BIGINT,
  -- What was destroyed: SHA-256 of the digests of its pieces, and their bytes.
  digest TEXT,
  size_bytes BIGINT
) {no_rowid};
CREATE INDEX recording_encounter ON recording (encounter_id, started_at);
CREATE INDEX recording_patient ON recording (patient_id);
CREATE INDEX recording_consent ON recording (consent_id);

-- Its pieces, numbered by the device from 0.
CREATE TABLE recording_piece (
  recording_id TEXT NOT NULL REFERENCES recording (id),
  number BIGINT NOT NULL,
  -- Where the piece lies in the file, and the bytes of its sound before they were enciphered.
  place BIGINT NOT NULL,
  size_bytes BIGINT NOT NULL,
  digest TEXT NOT NULL,
  -- Milliseconds from the start of the recording, by the clock of the device.
  begins_ms BIGINT NOT NULL,
  PRIMARY KEY (recording_id, number)
) {no_rowid};
