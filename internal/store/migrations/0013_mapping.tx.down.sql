-- Undoes 0013_mapping.tx.up.sql. What a mapping made of states goes back to what the trackers say.
DROP TABLE superseded_transitions, issue_histories, mappings;
UPDATE issues SET status = tracker_status, type = tracker_type WHERE (status, type) <> (tracker_status, tracker_type);
ALTER TABLE issues
    DROP COLUMN history_wanted_at, DROP COLUMN state_changed_at, DROP COLUMN tracker_type, DROP COLUMN tracker_status;
