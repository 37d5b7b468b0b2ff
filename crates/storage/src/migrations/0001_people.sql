-- The establishment, the professionals and the accounts that sign in, with their sessions and the plain settings.
CREATE TABLE establishment (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  address TEXT NOT NULL,
  institution TEXT,
  owner TEXT NOT NULL,
  phone TEXT,
  clues TEXT,
  time_zone TEXT NOT NULL
);

CREATE TABLE practitioner (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  given TEXT NOT NULL,
  first_surname TEXT NOT NULL,
  second_surname TEXT,
  license TEXT NOT NULL,
  degree_institution TEXT NOT NULL,
  specialty_name TEXT,
  specialty_license TEXT
);

-- "user" is a reserved word.
CREATE TABLE account (
  id TEXT PRIMARY KEY,
  username TEXT NOT NULL UNIQUE,
  display_name TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  role TEXT NOT NULL,
  practitioner_id TEXT REFERENCES practitioner (id),
  active BIGINT NOT NULL,
  failed_attempts BIGINT NOT NULL,
  locked_until BIGINT,
  created_at BIGINT NOT NULL
);

CREATE TABLE session (
  token_digest TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES account (id),
  csrf_secret TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX session_owner ON session (user_id);
CREATE INDEX session_end ON session (expires_at);

CREATE TABLE setting (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

-- Numbers given out without gaps: records, folios of recetas.
CREATE TABLE counter (
  name TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);
