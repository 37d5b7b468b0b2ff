-- Messages to patients about their visits: who is written to, what is to be sent and became of it, what came in.
CREATE TABLE correspondent (
  id TEXT PRIMARY KEY,
  -- Digits in the international form; none of who hides their number.
  phone TEXT UNIQUE,
  -- Both as Meta gives them.
  wa_id TEXT UNIQUE,
  user_id TEXT UNIQUE,
  -- Until then anything may be said: they wrote 24 hours before.
  window_until BIGINT,
  -- They want no messages.
  stopped_at BIGINT,
  -- WhatsApp cannot reach them.
  unreachable_at BIGINT,
  -- A person of the practice should answer.
  waiting_since BIGINT,
  -- They were told last that a person will, or that pictures are not looked at.
  told_at BIGINT
) {no_rowid};
CREATE INDEX correspondent_waiting ON correspondent (waiting_since);

CREATE TABLE message_out (
  id TEXT PRIMARY KEY,
  correspondent_id TEXT REFERENCES correspondent (id),
  patient_id TEXT REFERENCES patient (id),
  appointment_id TEXT REFERENCES appointment (id),
  purpose TEXT NOT NULL,
  -- When the visit was to begin as the message says it.
  visit_at BIGINT,
  channel TEXT NOT NULL,
  -- What it says, as JSON.
  letter TEXT NOT NULL,
  not_before BIGINT NOT NULL,
  -- From then on it would not be true any more.
  not_after BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  state TEXT NOT NULL,
  -- Times nobody knew whether it was taken.
  doubts BIGINT NOT NULL,
  meta_id TEXT,
  -- The code of the last failure.
  failure BIGINT,
  -- The category it was charged as.
  charged TEXT,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
) {no_rowid};
-- One of each kind for a visit as it stands; a visit that was moved gets new ones. Answers are as many as questions.
CREATE UNIQUE INDEX message_out_once ON message_out (appointment_id, purpose, visit_at) WHERE purpose <> 'reply';
CREATE INDEX message_out_due ON message_out (state, not_before);
CREATE UNIQUE INDEX message_out_meta ON message_out (meta_id);
CREATE INDEX message_out_correspondent ON message_out (correspondent_id, created_at);
CREATE INDEX message_out_created ON message_out (created_at);

-- What the buttons and rows of a message stand for.
CREATE TABLE message_token (
  token TEXT PRIMARY KEY,
  message_id TEXT NOT NULL REFERENCES message_out (id),
  -- A free time that was offered, as JSON.
  slot TEXT,
  used_at BIGINT
) {no_rowid};

-- Notifications as they came: kept before they are answered, worked on later.
CREATE TABLE message_in (
  digest TEXT PRIMARY KEY,
  body TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  done_at BIGINT
) {no_rowid};
CREATE INDEX message_in_open ON message_in (done_at, received_at);

-- What was already worked on: Meta tells things more than once.
CREATE TABLE message_seen (
  name TEXT PRIMARY KEY,
  at BIGINT NOT NULL
) {no_rowid};
CREATE INDEX message_seen_age ON message_seen (at);

-- What people wrote, for reception; no part of any record, and gone after thirty days.
CREATE TABLE message_text (
  name TEXT PRIMARY KEY,
  correspondent_id TEXT NOT NULL REFERENCES correspondent (id),
  content TEXT NOT NULL,
  at BIGINT NOT NULL
) {no_rowid};
CREATE INDEX message_text_correspondent ON message_text (correspondent_id, at);
CREATE INDEX message_text_age ON message_text (at);

-- What its owner has to know of the account, until somebody says it is mended.
CREATE TABLE message_alarm (
  name TEXT PRIMARY KEY,
  detail TEXT NOT NULL,
  since BIGINT NOT NULL
) {no_rowid};
