-- What PostGraphile's users write for values that no column holds. compare makes these before it starts PostGraphile.
CREATE OR REPLACE FUNCTION objectives_key(o objectives) RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'O-' || o.number $$;
CREATE OR REPLACE FUNCTION key_results_key(k key_results) RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'KR-' || k.number $$;
CREATE OR REPLACE FUNCTION backlog_items_key(b backlog_items) RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'B-' || b.number $$;

-- The check-in that held at an instant; corrected ones do not count.
CREATE OR REPLACE FUNCTION key_results_check_ins_at(k key_results, at timestamptz) RETURNS SETOF check_ins LANGUAGE sql STABLE AS $$
    SELECT c.* FROM check_ins AS c WHERE c.workspace_id = k.workspace_id AND c.key_result_id = k.id AND c.measured_at <= at
    AND NOT EXISTS (SELECT 1 FROM check_ins AS n WHERE n.workspace_id = c.workspace_id AND n.supersedes_id = c.id)
    ORDER BY c.measured_at DESC, c.recorded_at DESC, c.id DESC LIMIT 1
$$;
