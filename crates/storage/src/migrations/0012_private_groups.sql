-- Groups of patients whose records only their members see, and what was opened in spite of that.
CREATE TABLE patient_group (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL
);

CREATE TABLE group_member (
  group_id TEXT NOT NULL REFERENCES patient_group (id),
  user_id TEXT NOT NULL REFERENCES account (id),
  PRIMARY KEY (group_id, user_id)
) {no_rowid};
CREATE INDEX group_member_person ON group_member (user_id);

CREATE TABLE group_record (
  patient_id TEXT NOT NULL REFERENCES patient (id),
  group_id TEXT NOT NULL REFERENCES patient_group (id),
  PRIMARY KEY (patient_id, group_id)
) {no_rowid};
CREATE INDEX group_record_group ON group_record (group_id);

-- Never changed: who opened a private record without being a member, why and until when; and what the review said.
CREATE TABLE private_opening (
  id TEXT PRIMARY KEY,
  patient_id TEXT NOT NULL REFERENCES patient (id),
  user_id TEXT NOT NULL REFERENCES account (id),
  reason TEXT NOT NULL,
  detail TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  until BIGINT NOT NULL
);
CREATE INDEX private_opening_person ON private_opening (user_id, until);
CREATE INDEX private_opening_record ON private_opening (patient_id, user_id);

CREATE TABLE opening_review (
  opening_id TEXT PRIMARY KEY REFERENCES private_opening (id),
  justified BIGINT NOT NULL,
  note TEXT NOT NULL,
  reviewed_by TEXT NOT NULL REFERENCES account (id),
  reviewed_at BIGINT NOT NULL
);
