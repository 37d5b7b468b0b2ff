-- What was said of a visit is looked for each minute, of every visit ahead. SQLite does not use the unique index for it, since
-- that one leaves answers out.
CREATE INDEX message_out_visit ON message_out (appointment_id, purpose, visit_at);
