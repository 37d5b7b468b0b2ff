-- That a case under surveillance was notified at once: when, to whom, how, and what was answered. Only added.
CREATE TABLE epidemic_notice (
  sequence BIGINT NOT NULL REFERENCES signed_document (sequence),
  epi BIGINT NOT NULL,
  notified_at BIGINT NOT NULL,
  told TEXT NOT NULL,
  channel TEXT NOT NULL,
  -- Folio or name of who received it.
  acknowledgement TEXT NOT NULL,
  recorded_by TEXT NOT NULL REFERENCES account (id),
  recorded_at BIGINT NOT NULL,
  PRIMARY KEY (sequence, epi)
) {no_rowid};
