-- Second factors and recovery codes, a sign-in between its steps, and what is known of each session.
CREATE TABLE factor (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES account (id),
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  -- Enciphered with a key derived from the master key.
  secret TEXT NOT NULL,
  -- The last time step of which a code was taken, so that none is taken twice.
  last_step BIGINT NOT NULL,
  -- Until a first code proves that the person has it, it does not count.
  confirmed_at BIGINT,
  last_used_at BIGINT,
  created_at BIGINT NOT NULL
);
CREATE INDEX factor_owner ON factor (user_id);

-- Keyed digests of codes that were not used.
CREATE TABLE recovery_code (
  user_id TEXT NOT NULL REFERENCES account (id),
  digest TEXT NOT NULL,
  PRIMARY KEY (user_id, digest)
) {no_rowid};

-- A password was right and something else is still to be done. No session: it opens nothing.
CREATE TABLE sign_in_step (
  token_digest TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES account (id),
  csrf_secret TEXT NOT NULL,
  -- What a passkey was asked to sign.
  challenge TEXT,
  -- Whether the second factor was proven already.
  proven BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX sign_in_step_owner ON sign_in_step (user_id);

ALTER TABLE session ADD COLUMN origin TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN browser TEXT NOT NULL DEFAULT '';
-- A password that somebody else knows: to be changed before anything else.
ALTER TABLE account ADD COLUMN provisional BIGINT NOT NULL DEFAULT 0;
-- The administrator removed the second factors; the person is told at the next sign-in.
ALTER TABLE account ADD COLUMN factors_reset_at BIGINT;
