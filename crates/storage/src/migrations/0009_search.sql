-- What can be searched: one row an entry, whatever it is an entry of. The terms lie in `search_index`, which each
-- engine keeps in its own way; the words as written are kept to complete one that is being typed.
CREATE TABLE search_entry (
  -- The minute of the act, then the order of arrival: newest first is the order of this number alone.
  place BIGINT PRIMARY KEY,
  entity TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  patient_id TEXT NOT NULL REFERENCES patient (id),
  author TEXT REFERENCES account (id),
  act_at BIGINT NOT NULL,
  title TEXT NOT NULL,
  content TEXT NOT NULL,
  UNIQUE (entity, entity_id)
);

CREATE TABLE search_word (
  word TEXT {bytewise} PRIMARY KEY,
  term TEXT NOT NULL
) {no_rowid};

{search_index}
