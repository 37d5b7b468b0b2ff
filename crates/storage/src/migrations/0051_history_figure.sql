-- Whether a record has a historia clínica is asked by patient; days are cut anew, so that it is counted of all of them.
CREATE INDEX document_fact_patient ON document_fact (patient_id, kind, act_at);
DELETE FROM setting WHERE name = 'figures.zone';
