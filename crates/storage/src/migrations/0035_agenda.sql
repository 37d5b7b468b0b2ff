-- The agenda: what can be booked, where and when; who holds which time; the steps of each visit; the waiting list.
CREATE TABLE service (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  minutes BIGINT NOT NULL,
  buffer BIGINT NOT NULL,
  active BIGINT NOT NULL
) {no_rowid};
-- What a practice begins with; it changes them as it likes.
INSERT INTO service (id, name, minutes, buffer, active) VALUES
  ('019ac000-0000-7000-8000-000000000001', 'Primera vez', 40, 0, 1),
  ('019ac000-0000-7000-8000-000000000002', 'Subsecuente', 30, 0, 1);

CREATE TABLE room (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  -- IANA name, where it is not the zone of the establishment.
  zone TEXT,
  video_link TEXT,
  active BIGINT NOT NULL
) {no_rowid};
INSERT INTO room (id, name, active) VALUES ('019ac000-0000-7000-8000-000000000011', 'Consultorio 1', 1);

CREATE TABLE shift (
  id TEXT PRIMARY KEY,
  practitioner_id TEXT NOT NULL REFERENCES practitioner (id),
  room_id TEXT NOT NULL REFERENCES room (id),
  -- Minutes of the wall clock since midnight.
  from_minute BIGINT NOT NULL,
  until_minute BIGINT NOT NULL,
  -- Monday is 1, Sunday 64; none for a single day, which is `since`.
  weekdays BIGINT,
  every_weeks BIGINT NOT NULL,
  since TEXT NOT NULL,
  until_day TEXT,
  step BIGINT NOT NULL,
  overbook BIGINT NOT NULL,
  -- Ids of services as JSON; an empty list for all.
  services TEXT NOT NULL
) {no_rowid};
CREATE INDEX shift_practitioner ON shift (practitioner_id);

CREATE TABLE closure (
  id TEXT PRIMARY KEY,
  practitioner_id TEXT NOT NULL REFERENCES practitioner (id),
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  reason TEXT NOT NULL
) {no_rowid};
CREATE INDEX closure_practitioner ON closure (practitioner_id, ends_at);

ALTER TABLE appointment ADD COLUMN buffer BIGINT NOT NULL DEFAULT 0;
-- None for who came without an appointment.
ALTER TABLE appointment ADD COLUMN lane BIGINT;
ALTER TABLE appointment ADD COLUMN room_id TEXT REFERENCES room (id);
UPDATE appointment SET lane = 0;
-- All that free times are made of, so that they are read from the index alone.
CREATE INDEX appointment_diary ON appointment (practitioner_id, starts_at, minutes, buffer, lane, state);

-- Each five minutes that a visit holds of a professional's diary, in its line: the key is what makes it impossible
-- to book a time twice, on both engines and from any client.
CREATE TABLE held_time (
  practitioner_id TEXT NOT NULL REFERENCES practitioner (id),
  lane BIGINT NOT NULL,
  grain BIGINT NOT NULL,
  appointment_id TEXT NOT NULL REFERENCES appointment (id),
  PRIMARY KEY (practitioner_id, lane, grain)
) {no_rowid};
CREATE INDEX held_time_appointment ON held_time (appointment_id);
INSERT INTO held_time (practitioner_id, lane, grain, appointment_id)
WITH RECURSIVE piece (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM piece WHERE n < 287)
SELECT a.practitioner_id, 0, a.starts_at / 300000 + piece.n, a.id
  FROM appointment a
  JOIN piece ON (a.starts_at / 300000 + piece.n) * 300000 < a.starts_at + a.minutes * 60000
 WHERE a.state NOT IN ('no_show', 'cancelled')
ON CONFLICT DO NOTHING;

CREATE TABLE appointment_step (
  appointment_id TEXT NOT NULL REFERENCES appointment (id),
  place BIGINT NOT NULL,
  -- Where the visit stood after it.
  state TEXT NOT NULL,
  at BIGINT NOT NULL,
  -- None when the patient did it, or the program.
  by_user TEXT REFERENCES account (id),
  author TEXT NOT NULL,
  reason TEXT,
  PRIMARY KEY (appointment_id, place)
) {no_rowid};

CREATE TABLE waiting_entry (
  id TEXT PRIMARY KEY,
  patient_id TEXT NOT NULL REFERENCES patient (id),
  practitioner_id TEXT REFERENCES practitioner (id),
  service_id TEXT NOT NULL REFERENCES service (id),
  from_day TEXT NOT NULL,
  until_day TEXT NOT NULL,
  part TEXT NOT NULL,
  joined_at BIGINT NOT NULL,
  -- When they got a time or left the list.
  ended_at BIGINT
) {no_rowid};
CREATE INDEX waiting_entry_open ON waiting_entry (ended_at, joined_at);

-- A freed time that was offered to somebody of the list: the visit that holds it for them.
CREATE TABLE waiting_offer (
  appointment_id TEXT PRIMARY KEY REFERENCES appointment (id),
  waiting_id TEXT NOT NULL REFERENCES waiting_entry (id),
  kept_until BIGINT NOT NULL
) {no_rowid};
CREATE INDEX waiting_offer_entry ON waiting_offer (waiting_id);
