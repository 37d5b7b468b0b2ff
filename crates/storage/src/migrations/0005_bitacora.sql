-- The bitácora, and where both chains end. An event names things that may be of any table: no foreign keys.
CREATE TABLE audit_event (
  sequence {sequence_key},
  at BIGINT NOT NULL,
  actor TEXT,
  action TEXT NOT NULL,
  entity TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  patient_id TEXT,
  origin TEXT NOT NULL,
  reason TEXT,
  previous TEXT NOT NULL,
  digest TEXT NOT NULL
);
CREATE INDEX audit_event_patient ON audit_event (patient_id, sequence);
CREATE INDEX audit_event_actor ON audit_event (actor, sequence);
CREATE INDEX audit_event_time ON audit_event (at);

CREATE TABLE chain_head (
  name TEXT PRIMARY KEY,
  sequence BIGINT NOT NULL,
  digest TEXT NOT NULL,
  seal TEXT NOT NULL
);
