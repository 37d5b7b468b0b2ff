-- Versions of the aviso de privacidad, and how and by whom a consent was given. Never changed.
CREATE TABLE privacy_notice (
  version {sequence_key},
  text TEXT NOT NULL,
  published_by TEXT NOT NULL REFERENCES account (id),
  published_at BIGINT NOT NULL
);
ALTER TABLE consent ADD COLUMN means TEXT NOT NULL DEFAULT 'spoken';
ALTER TABLE consent ADD COLUMN answered_by TEXT;
