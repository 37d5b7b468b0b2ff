-- Certificado de especialidad of a consejo: its number, who issued it and its last day; all three or none.
ALTER TABLE practitioner ADD COLUMN certificate TEXT;
ALTER TABLE practitioner ADD COLUMN certificate_council TEXT;
ALTER TABLE practitioner ADD COLUMN certificate_until TEXT;
