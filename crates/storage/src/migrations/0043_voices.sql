-- The voice of somebody who attends, so that a recording says when they speak. It identifies a person.
CREATE TABLE voice (
  user_id TEXT PRIMARY KEY REFERENCES account (id),
  -- Enciphered with a key derived from the master key.
  print TEXT NOT NULL,
  recorded_at BIGINT NOT NULL
) {no_rowid};
