-- The reports of the practice that were made: counts, never a patient. One by the plan for each stretch of days, whichever
-- server makes it; by hand there may be more.
CREATE TABLE report (
  id TEXT PRIMARY KEY,
  cadence TEXT NOT NULL,
  from_day TEXT NOT NULL,
  until_day TEXT NOT NULL,
  planned BIGINT NOT NULL,
  pdf TEXT NOT NULL REFERENCES blob (id),
  made_by TEXT REFERENCES account (id),
  made_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX report_once ON report (cadence, from_day) WHERE planned = 1;
CREATE INDEX report_made ON report (made_at);

-- Where each goes: to an address, or with an empty one to the folder of the server.
CREATE TABLE report_delivery (
  report_id TEXT NOT NULL REFERENCES report (id),
  address TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  -- When it is tried next; while somebody sends it, until when it is theirs.
  not_before BIGINT NOT NULL,
  -- Since when it is tried.
  asked_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  -- Why it has not gone, in words.
  problem TEXT,
  PRIMARY KEY (report_id, address)
) {no_rowid};
CREATE INDEX report_delivery_due ON report_delivery (not_before) WHERE state IN ('waiting', 'sending');
