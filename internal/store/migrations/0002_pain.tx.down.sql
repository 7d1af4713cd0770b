-- Undoes 0002_pain.tx.up.sql.
DROP TABLE evidence, pain_points;
