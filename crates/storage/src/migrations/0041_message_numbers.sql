-- A practice may have several numbers: the one of ours somebody last wrote to, from which they are answered.
ALTER TABLE correspondent ADD COLUMN number_id TEXT;
