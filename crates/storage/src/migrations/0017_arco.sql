-- Requests about one's own data (ARCO) and their steps. Rows are only added; state and terms follow from them.
CREATE TABLE arco_request (
  id TEXT PRIMARY KEY,
  number BIGINT NOT NULL,
  patient_id TEXT REFERENCES patient (id),
  received_on TEXT NOT NULL,
  content TEXT NOT NULL,
  recorded_by TEXT NOT NULL REFERENCES account (id),
  recorded_at BIGINT NOT NULL
) {no_rowid};
CREATE INDEX arco_request_patient ON arco_request (patient_id);
CREATE INDEX arco_request_number ON arco_request (number);

CREATE TABLE arco_step (
  -- The request and the place, so that of two who write the next step at once the second is told.
  id TEXT PRIMARY KEY,
  request_id TEXT NOT NULL REFERENCES arco_request (id),
  place BIGINT NOT NULL,
  on_day TEXT NOT NULL,
  content TEXT NOT NULL,
  recorded_by TEXT NOT NULL REFERENCES account (id),
  recorded_at BIGINT NOT NULL
) {no_rowid};
CREATE INDEX arco_step_request ON arco_step (request_id, place);

-- Days the practice marked against the rule of the calendar: holidays of its own, or rest days it works.
CREATE TABLE marked_day (
  day TEXT PRIMARY KEY,
  works BIGINT NOT NULL,
  name TEXT NOT NULL
);
