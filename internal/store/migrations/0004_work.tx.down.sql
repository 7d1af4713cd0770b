-- Undoes 0004_work.tx.up.sql.
DROP TABLE contribution_versions, contributions, link_rules, item_priorities, item_transitions, backlog_items;
