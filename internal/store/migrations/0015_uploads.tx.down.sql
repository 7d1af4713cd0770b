-- Undoes 0015_uploads.tx.up.sql.
ALTER TABLE sources DROP COLUMN census_asked;
DROP TABLE upload_chunks;
DROP TABLE uploads;
