-- The list of the records with a code reads the professional too, and nothing but the index.
DROP INDEX diagnosis_fact_code;
CREATE INDEX diagnosis_fact_code ON diagnosis_fact (code, act_at, patient_id, practitioner_id);
