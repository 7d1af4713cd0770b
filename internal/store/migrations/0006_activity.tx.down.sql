-- Undoes 0006_activity.tx.up.sql.
DROP TABLE activities;
