-- Which request an act of care answers; the signed answer says it too.
CREATE TABLE reply (
  encounter_id TEXT PRIMARY KEY REFERENCES encounter (id),
  document_id TEXT NOT NULL REFERENCES signed_document (id)
) {no_rowid};
CREATE INDEX reply_document ON reply (document_id);
