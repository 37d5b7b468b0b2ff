-- Labels of medicines that were imported from openFDA: one for each set of ingredients, in its sections.
CREATE TABLE drug_label (
  -- International names joined with a plus sign.
  ingredients TEXT PRIMARY KEY,
  width BIGINT NOT NULL,
  set_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  -- YYYYMMDD.
  effective BIGINT NOT NULL,
  original_packager BIGINT NOT NULL,
  -- Bytes it says about interactions.
  interactions BIGINT NOT NULL,
  -- Date of the publisher's data it was read from.
  published TEXT NOT NULL
) {no_rowid};

CREATE TABLE drug_label_ingredient (
  inn TEXT NOT NULL,
  ingredients TEXT NOT NULL REFERENCES drug_label (ingredients),
  PRIMARY KEY (inn, ingredients)
) {no_rowid};

CREATE TABLE drug_label_section (
  ingredients TEXT NOT NULL REFERENCES drug_label (ingredients),
  section TEXT NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (ingredients, section)
);

-- The files they were read from; the same file again changes nothing.
CREATE TABLE drug_label_file (
  digest TEXT NOT NULL,
  reader BIGINT NOT NULL,
  name TEXT NOT NULL,
  published TEXT NOT NULL,
  records BIGINT NOT NULL,
  broken BIGINT NOT NULL,
  imported_at BIGINT NOT NULL,
  PRIMARY KEY (digest, reader)
) {no_rowid};
