-- What somebody is typing and has not sent yet, by form: offered back after a closed tab or an ended session.
CREATE TABLE unsaved_text (
  user_id TEXT NOT NULL REFERENCES account (id),
  encounter_id TEXT NOT NULL REFERENCES encounter (id),
  kind TEXT NOT NULL,
  form TEXT NOT NULL,
  content TEXT NOT NULL,
  saved_at BIGINT NOT NULL,
  PRIMARY KEY (user_id, encounter_id, kind, form)
) {no_rowid};
CREATE INDEX unsaved_text_age ON unsaved_text (saved_at);
