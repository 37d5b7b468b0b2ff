-- The calendar a professional's telephone reads: its address is a secret of which only the digest is kept.
CREATE TABLE calendar_feed (
  practitioner_id TEXT PRIMARY KEY REFERENCES practitioner (id),
  secret TEXT NOT NULL UNIQUE,
  -- What of a visit it shows.
  shown TEXT NOT NULL,
  -- Who made it: it ends with their account.
  user_id TEXT NOT NULL REFERENCES account (id),
  created_at BIGINT NOT NULL,
  -- When it was last read.
  read_at BIGINT
) {no_rowid};

-- Which of the weekdays of a month hours are kept on: the first is 1, the last 16; none for every week.
ALTER TABLE shift ADD COLUMN month_places BIGINT;
