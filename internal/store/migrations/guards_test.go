package migrations_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/lib/pq"
	"github.com/uptrace/bun"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// world fills every table of a fresh workspace with at least one row.
func world(t *testing.T, db *bun.DB) *storetest.Factory {
	t.Helper()
	f := storetest.Seed(t, db)
	f.Token()
	team := f.Team()
	f.Join(team, f.Owner, f.User())
	o := f.Objective()
	f.Address(o, f.PainPoint())
	f.Evidence()
	f.CheckIn()
	must := needle.MoscowMust
	f.Item(func(b *needle.BacklogItem) { b.Moscow = &must })
	worldOfBets(f)
	rule := f.LinkRule()
	f.Contribution(func(c *needle.Contribution) { c.Origin, c.AuthorID, c.RuleID = needle.OriginRule, nil, &rule.ID })
	issue := f.Issue()
	run := f.SyncRun()
	for _, statement := range []string{
		`INSERT INTO issue_histories (workspace_id, issue_id, steps, read_at) SELECT workspace_id, id, '[]', updated_at FROM issues WHERE workspace_id = ?`,
		`INSERT INTO mappings (workspace_id, connection_id, item_policy, pending, created_at, updated_at, version)
			SELECT workspace_id, connection_id, 'ALL', 0, updated_at, updated_at, 1 FROM issues WHERE workspace_id = ?`,
		`INSERT INTO computed_attributions (workspace_id, key_result_id, rules, facts, answer, computed_at, version)
			SELECT workspace_id, id, 1, '', '{}', created_at, 1 FROM key_results WHERE workspace_id = ?`,
		`INSERT INTO superseded_transitions (workspace_id, transition_id, superseded_at)
			SELECT workspace_id, id, recorded_at FROM item_transitions WHERE workspace_id = ? LIMIT 1`,
	} {
		if _, err := db.ExecContext(t.Context(), statement, issue.WorkspaceID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.ExecContext(t.Context(), `
		INSERT INTO quarantined_issues (workspace_id, id, connection_id, source_id, remote_id, raw, reason, first_seen_at, last_seen_at)
		VALUES (?, ?, ?, ?, '7', '{', 'not JSON', ?, ?)`,
		f.Workspace.ID, needle.NewIssueID(), run.ConnectionID, run.SourceID, storetest.Now(), storetest.Now()); err != nil {
		t.Fatal(err)
	}
	f.WebhookDelivery()
	if _, err := db.ExecContext(t.Context(), `
		INSERT INTO webhooks (workspace_id, connection_id, sealed_secret, sealed_key_id, secret_set_at) VALUES (?, ?, 'sealed', 'k', ?)`,
		f.Workspace.ID, run.ConnectionID, storetest.Now()); err != nil {
		t.Fatal(err)
	}
	f.Activity()
	worldOfPain(f)
	worldTogether(t, db, f, o)
	f.Source() // nothing refers to the newest one
	return f
}

func worldOfBets(f *storetest.Factory) {
	f.CorrectEvent(f.OutsideEvent(), storetest.Now(), func(e *needle.OutsideEvent) { e.RemovedAt, e.RemovedBy = &e.RecordedAt, &f.Owner.ID })
	link := f.Contribution(func(c *needle.Contribution) { c.ItemID = f.Item().ID }).ID
	f.Experiment(func(x *needle.Experiment) {
		x.ContributionID, x.RemovedAt, x.RemovedBy = link, &x.RecordedAt, &f.Owner.ID
	})
	f.Dispute(func(d *needle.VerdictDispute) { d.ContributionID = link })
}

func worldOfPain(f *storetest.Factory) {
	f.Category()
	f.Segment()
	f.Merge(func(m *needle.PainMerge) { m.UndoneBy, m.UndoneAt = &f.Owner.ID, &m.RecordedAt })
	f.ReliefCheck()
	f.ReliefAnswer()
}

func worldTogether(t *testing.T, db *bun.DB, f *storetest.Factory, o *needle.Objective) {
	t.Helper()
	f.Invite(o, f.Owner)
	now, decided := storetest.Now(), needle.Offer{
		State: needle.OfferDeclined, DecidedBy: &f.Owner.ID, DecidedAt: ptr(storetest.Now()), CreatedBy: f.Owner.ID,
	}
	f.Upload(f.Source())
	f.Proposal(func(p *needle.Proposal) {
		p.Offer, p.KeyResultID = decided, &f.KeyResult().ID
		p.State = needle.OfferAccepted
	})
	f.Suggestion(func(s *needle.Suggestion) { s.Offer = decided })
	f.Comment()
	c := f.Comment(func(c *needle.Comment) { c.ResolvedAt, c.ResolvedBy = &now, &f.Owner.ID })
	f.Mention(c, f.Owner)
	f.CommentEdit(c, "Before", storetest.Now())
	f.Ballot(f.Vote(func(v *needle.Vote) { v.State, v.ClosedAt, v.ClosedBy = needle.VoteClosed, &now, &f.Owner.ID }), f.Owner, 3)
	f.SignOff()
	f.Backlink(f.Issue())
	f.Idea(func(i *needle.Idea) { i.State, i.ItemID = needle.IdeaPromoted, &f.Item().ID })
	if _, err := db.ExecContext(t.Context(), `INSERT INTO inbox_reads (workspace_id, user_id, item_id, read_at) VALUES (?, ?, ?, ?)`,
		f.Workspace.ID, f.Owner.ID, needle.NewInboxItemID(), storetest.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `INSERT INTO rule_matches (workspace_id, rule_id, item_id) VALUES (?, ?, ?)`,
		f.Workspace.ID, f.LinkRule(func(r *needle.LinkRule) { r.Pattern = "covers" }).ID, f.Item().ID); err != nil {
		t.Fatal(err)
	}
}

func TestGuards_refuseEveryReferenceIntoAnotherWorkspace(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	ours, theirs := world(t, db), world(t, db)
	// Names that only they have, as ids are.
	if _, err := db.ExecContext(t.Context(), `UPDATE categories SET name = 'THEIR ' || name WHERE workspace_id = ?`, theirs.Workspace.ID); err != nil {
		t.Fatal(err)
	}
	var references []struct{ Name, OfTable, ToTable, Columns, Targets string }
	err := db.NewRaw(`
		SELECT conname AS name, conrelid::regclass::text AS of_table, confrelid::regclass::text AS to_table,
			(SELECT string_agg(quote_ident(attname), ', ' ORDER BY place) FROM unnest(conkey[2:]) WITH ORDINALITY AS key (number, place)
				JOIN pg_attribute ON attrelid = conrelid AND attnum = number) AS columns,
			(SELECT string_agg(quote_ident(attname), ', ' ORDER BY place) FROM unnest(confkey[2:]) WITH ORDINALITY AS key (number, place)
				JOIN pg_attribute ON attrelid = confrelid AND attnum = number) AS targets
		FROM pg_constraint
		WHERE connamespace = 'public'::regnamespace AND contype = 'f' AND cardinality(conkey) > 1 ORDER BY 1`).Scan(t.Context(), &references)
	if err != nil {
		t.Fatal(err)
	}
	if len(references) < 40 {
		t.Fatalf("found %d references, which cannot be all", len(references))
	}
	for _, r := range references {
		tx, err := db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		// History refuses every update, which is not what is tried here.
		_, disabled := tx.ExecContext(t.Context(), `ALTER TABLE `+r.OfTable+` DISABLE TRIGGER USER`)
		columns, targets := r.Columns, r.Targets
		switch r.Name {
		case "ideas_workspace_id_key_result_id_fkey": // An idea has one of two subjects.
			columns, targets = columns+", pain_point_id", targets+", NULL::uuid"
		case "contributions_workspace_id_epic_id_fkey", "contribution_versions_workspace_id_epic_id_fkey": // Only heirs have one.
			columns, targets = columns+", origin, rule_id", targets+", 'EPIC', NULL::uuid"
		case "comments_workspace_id_thread_id_fkey": // Only what opens a thread is resolved.
			columns, targets = columns+", resolved_at, resolved_by", targets+", NULL::timestamptz, NULL::uuid"
		}
		_, err = tx.ExecContext(t.Context(), fmt.Sprintf(
			`UPDATE %[1]s SET (%[2]s) = (SELECT %[3]s FROM %[4]s WHERE workspace_id = ? LIMIT 1)
			WHERE ctid = (SELECT ctid FROM %[1]s WHERE workspace_id = ? ORDER BY ctid DESC LIMIT 1)`,
			r.OfTable, columns, targets, r.ToTable), theirs.Workspace.ID, ours.Workspace.ID)
		if rolledBack := tx.Rollback(); disabled != nil || rolledBack != nil {
			t.Fatal(disabled, rolledBack)
		}
		if got := constraintOf(err); got != r.Name {
			t.Errorf("a row of %s that points at another workspace's %s: got %v, want a violation of %s", r.OfTable, r.ToTable, err, r.Name)
		}
	}
}

func TestGuards_keepHistoryAsItWas(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	world(t, db)
	histories := texts(t, db, `SELECT tgrelid::regclass::text FROM pg_trigger 
		WHERE NOT tgisinternal AND tgfoid = 'refuse_change'::regproc ORDER BY 1`)
	want := []string{
		"activities", "check_ins", "comment_edits", "contribution_versions", "cycle_states", "item_priorities", "item_transitions",
		"key_result_goals", "objective_states", "pain_point_states", "relief_answers", "relief_checks", "segment_states", "sign_offs",
		"superseded_transitions",
	}
	if diff := cmp.Diff(want, histories); diff != "" {
		t.Errorf("append-only tables (-want +got):\n%s", diff)
	}
	for _, table := range histories {
		for _, statement := range []string{"UPDATE %s SET workspace_id = workspace_id", "DELETE FROM %s", "TRUNCATE %s CASCADE"} {
			t.Run(fmt.Sprintf(statement, table), func(t *testing.T) {
				t.Parallel()
				_, err := db.ExecContext(t.Context(), fmt.Sprintf(statement, table))
				var refusal *pq.Error
				if !errors.As(err, &refusal) {
					t.Fatalf("got %v, want a refusal", err)
				}
				got := []string{string(refusal.Code), refusal.Table, refusal.Constraint}
				if diff := cmp.Diff([]string{"23001", table, table + "_append_only"}, got); diff != "" {
					t.Errorf("refusal (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestGuards_refuseWhatNoNounMayBe(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	f := world(t, db)
	for constraint, statement := range map[string]string{
		"users_email_check":                         `UPDATE users SET email = ''`,
		"users_workspace_id_email_key":              `UPDATE users SET email = 'OWNER@example.com' WHERE email <> 'owner@example.com'`,
		"teams_key_check":                           `UPDATE teams SET key = 'pay'`,
		"teams_id_parent_id_check":                  `UPDATE teams SET parent_id = id`,
		"cycles_starts_on_ends_on_check":            `UPDATE cycles SET ends_on = starts_on - 1`,
		"pain_points_severity_check":                `UPDATE pain_points SET severity = 6`,
		"pain_points_status_dismissed_reason_check": `UPDATE pain_points SET status = 'DISMISSED'`,
		"objectives_title_check":                    `UPDATE objectives SET title = ''`,
		"objectives_state_outcome_check":            `UPDATE objectives SET state = 'CLOSED'`,
		"objectives_parent_objective_id_parent_key_result_id_check": `UPDATE objectives
			SET parent_objective_id = gen_random_uuid(), parent_key_result_id = gen_random_uuid()`,
		"key_results_band_low_band_high_check":           `UPDATE key_results SET band_low = 2, band_high = 1`,
		"key_results_weight_check":                       `UPDATE key_results SET weight = 'NaN'`,
		"key_results_lag_min_days_lag_max_days_check":    `UPDATE key_results SET lag_min_days = 9, lag_max_days = 8`,
		"key_results_current_value_current_at_check":     `UPDATE key_results SET current_at = NULL`,
		"backlog_items_effort_check":                     `UPDATE backlog_items SET effort = -1`,
		"backlog_items_status_delivered_at_check":        `UPDATE backlog_items SET delivered_at = now()`,
		"contributions_expected_low_expected_high_check": `UPDATE contributions SET expected_low = 1`,
		"contributions_lag_min_days_lag_max_days_check":  `UPDATE contributions SET lag_min_days = 731`,
		"contributions_origin_rule_id_check":             `UPDATE contributions SET origin = 'TEXT'`,
		"contributions_valid_from_valid_to_check":        `UPDATE contributions SET valid_to = valid_from - interval '1 s'`,
		"connections_sealed_secrets_sealed_key_id_check": `UPDATE connections SET sealed_secrets = 'x'`,
		"issues_labels_check":                            `UPDATE issues SET labels = 'null'`,
		"sync_runs_state_finished_at_check":              `UPDATE sync_runs SET state = 'RUNNING'`,
		"counters_letters_check":                         `UPDATE counters SET letters = 'X'`,
		"outside_events_from_at_to_at_check":             `UPDATE outside_events SET to_at = from_at - interval '1 s'`,
		"outside_events_recorded_at_removed_at_check":    `UPDATE outside_events SET removed_at = recorded_at - interval '1 s', removed_by = author_id`,
		"outside_events_removed_at_removed_by_check":     `UPDATE outside_events SET removed_by = NULL WHERE removed_at IS NOT NULL`,
		"experiments_low_estimate_high_check":            `UPDATE experiments SET high = 'NaN'`,
		"verdict_disputes_reason_check":                  `UPDATE verdict_disputes SET reason = ''`,
		"votes_state_closed_at_closed_by_check":          `UPDATE votes SET closed_by = NULL`,
		"ballots_value_check":                            `UPDATE ballots SET value = 6`,
		"ideas_state_item_id_check":                      `UPDATE ideas SET state = 'OPEN'`,
		"ideas_state_reason_check":                       `UPDATE ideas SET state = 'PARKED', item_id = NULL`,
		"ideas_key_result_id_pain_point_id_check":        `UPDATE ideas SET pain_point_id = NULL`,
	} {
		t.Run(constraint, func(t *testing.T) {
			t.Parallel()
			_, err := db.ExecContext(t.Context(), statement)
			if got := constraintOf(err); got != constraint {
				t.Errorf("got %v, want a violation of %s", err, constraint)
			}
		})
	}
	for _, value := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		_, err := db.ExecContext(t.Context(), `UPDATE key_results SET target = ? WHERE workspace_id = ?`, value, f.Workspace.ID)
		if got := constraintOf(err); got != "key_results_target_check" {
			t.Errorf("target %v: got %v, want a violation of key_results_target_check", value, err)
		}
	}
}

func TestGuards_allowOneLiveLinkPerItemAndKeyResult(t *testing.T) {
	t.Parallel()
	f := storetest.Seed(t, storetest.New(t))
	first := f.Contribution()
	f.EndContribution(first, storetest.Now())
	second := f.Contribution()
	if first.ItemID != second.ItemID || first.KeyResultID != second.KeyResultID {
		t.Fatal("the two links do not join the same two")
	}
}

func TestGuards_refuseASecondLiveLink(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	f := storetest.Seed(t, db)
	c := f.Contribution()
	twin := *c
	twin.ID = needle.NewContributionID()
	_, err := db.NewInsert().Model(&twin).Exec(t.Context())
	if got := constraintOf(err); got != "contributions_workspace_id_item_id_key_result_id_key" {
		t.Errorf("got %v", err)
	}
}

// constraintOf returns the name of the constraint that err says was violated, "" for any other error.
func constraintOf(err error) string {
	var violation *pq.Error
	if errors.As(err, &violation) {
		return violation.Constraint
	}
	return ""
}

func ptr[T any](v T) *T { return &v }
