-- Undoes 0010_census.tx.up.sql.
ALTER TABLE sources DROP COLUMN accept_vanished, DROP COLUMN unobserved, DROP COLUMN census_at;
