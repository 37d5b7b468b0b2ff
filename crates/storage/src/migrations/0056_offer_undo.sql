-- Which visit let go of an offered time, and until when it can have it back; nobody is told of the offer before that.
ALTER TABLE waiting_offer ADD COLUMN freed_by TEXT REFERENCES appointment (id);
ALTER TABLE waiting_offer ADD COLUMN undo_until BIGINT;
