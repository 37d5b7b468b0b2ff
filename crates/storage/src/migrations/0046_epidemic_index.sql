-- The first page of the day looks for the few diseases that are told at once.
CREATE INDEX diagnosis_fact_epi ON diagnosis_fact (epi, act_at) WHERE epi IS NOT NULL;
