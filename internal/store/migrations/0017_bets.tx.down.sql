-- Undoes 0017_bets.tx.up.sql.
DROP TABLE verdict_disputes;
DROP TABLE experiments;
DROP TABLE outside_events;
