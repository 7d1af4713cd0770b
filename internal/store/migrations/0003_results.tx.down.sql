-- Undoes 0003_results.tx.up.sql. The tables refer to each other, so they go in one statement.
DROP TABLE check_ins, key_result_goals, key_results, objective_pain_points, objectives;
