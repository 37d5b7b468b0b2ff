-- Recordings that are to be listened to, and what was heard in them.
CREATE TABLE listening (
  recording_id TEXT PRIMARY KEY REFERENCES recording (id),
  state TEXT NOT NULL,
  asked_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  -- Who works on it says so again and again; after this it is free for another server.
  held_until BIGINT,
  -- How much of it is done, in hundredths.
  progress BIGINT NOT NULL,
  -- Why it failed, in words.
  problem TEXT,
  -- Who said what and when, as JSON.
  content TEXT
) {no_rowid};
CREATE INDEX listening_state ON listening (state, asked_at);
