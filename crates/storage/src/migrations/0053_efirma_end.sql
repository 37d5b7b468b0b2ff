-- Until when the certificate is good that an account last signed with; unknown for those that signed before this step.
ALTER TABLE account_efirma ADD COLUMN valid_until BIGINT;
