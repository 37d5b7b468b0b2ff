-- What is kept of each key before the present one, enciphered with the present one: the keys that sealed anchors and digested recovery codes.
CREATE TABLE former_key (
  fingerprint TEXT PRIMARY KEY,
  sealed TEXT NOT NULL,
  replaced_at BIGINT NOT NULL
);
