-- Undoes 0001_people.tx.up.sql.
DROP TABLE counters, cycles, team_members, teams, api_tokens, users, workspaces;
DROP FUNCTION refuse_change();
