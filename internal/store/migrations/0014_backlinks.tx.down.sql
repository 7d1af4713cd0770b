-- Undoes 0014_backlinks.tx.up.sql.
DROP TABLE backlinks;
ALTER TABLE connections
    DROP COLUMN wrote_back_at, DROP COLUMN write_back_run, DROP COLUMN write_back_at, DROP COLUMN write_back_failures,
    DROP COLUMN write_back_reason, DROP COLUMN write_back;
