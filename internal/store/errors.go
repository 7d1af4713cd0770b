package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/lib/pq"

	"github.com/needle-okr/needle/internal/needle"
)

// constraintErrors says what a broken constraint means to the caller whose input broke it. A constraint that is not
// listed is a fault of the server: validation should have caught it.
var constraintErrors = map[string]*needle.Error{
	"users_workspace_id_email_key":                                    needle.Invalid("input.email", needle.CodeDuplicate, "somebody has this e-mail address already"),
	"teams_workspace_id_key_key":                                      needle.Invalid("input.key", needle.CodeDuplicate, "another team has this key"),
	"cycles_workspace_id_name_key":                                    needle.Invalid("input.name", needle.CodeDuplicate, "another cycle has this name"),
	"connections_workspace_id_name_key":                               needle.Invalid("input.name", needle.CodeDuplicate, "another connection has this name"),
	"sources_workspace_id_connection_id_remote_key_key":               needle.Invalid("input.sources", needle.CodeDuplicate, "the connection reads this source already"),
	"check_ins_workspace_id_supersedes_id_key":                        needle.Conflict("input.supersedesId", "this check-in was corrected already; correct its correction"),
	"check_ins_workspace_id_key_result_id_metric_source_external_key": needle.Conflict("input.checkIns", "another call recorded one of these at the same moment; send them again"),
	"outside_events_workspace_id_supersedes_id_key":                   needle.Conflict("input.id", "this event was corrected already; correct its correction"),
	"verdict_disputes_workspace_id_contribution_id_author_id_key":     needle.Conflict("input.contributionId", "you dispute this verdict already; withdraw that first"),
	"objectives_workspace_id_carried_from_id_cycle_id_key":            needle.Conflict("input.cycleId", "this objective was carried over into this cycle already"),
	"pain_points_workspace_id_category_fkey":                          needle.Invalid("input.category", needle.CodeNotFound, "there is no such category"),
	"categories_workspace_id_name_key":                                errCategoryTaken,
	"categories_workspace_id_lower_name_key":                          errCategoryTaken,
	"segments_workspace_id_name_key":                                  errSegmentTaken,
	"segments_workspace_id_lower_name_key":                            errSegmentTaken,
	"votes_workspace_id_subject_id_key":                               needle.Conflict("input.subjectId", "a vote about this is open already"),
	"link_rules_workspace_id_kind_pattern_key_result_id_key":          needle.Invalid("input.pattern", needle.CodeDuplicate, "there is such a rule already"),
}

// Names that must be unique have two constraints: one that others refer to, and one that does not care about case.
var (
	errCategoryTaken = needle.Invalid("input.name", needle.CodeDuplicate, "another category has this name")
	errSegmentTaken  = needle.Invalid("input.name", needle.CodeDuplicate, "another segment has this name")
)

// SQLSTATE classes and codes that are told apart.
const (
	stateForeignKey   = "23503"
	stateUnique       = "23505"
	stateSerialize    = "40001"
	stateDeadlock     = "40P01"
	stateCanceled     = "57014"
	classConnection   = "08"
	classIntervention = "57"
	classResources    = "53"
)

// mapError turns what lib/pq says into the errors that the layers above speak: needle.Errors for what a caller can
// mend, UNAVAILABLE for a database that does not answer, context errors for deadlines, and the rest untouched.
func mapError(err error) error {
	if err == nil || needle.UserErrors(err) != nil {
		return err
	}
	var pe *pq.Error
	if errors.As(err, &pe) {
		return mapPQ(pe, err)
	}
	var ne net.Error
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.As(err, &ne) {
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		return unavailable(err)
	}
	return err
}

func mapPQ(pe *pq.Error, err error) error {
	code := string(pe.Code)
	if code == stateForeignKey && strings.Contains(pe.Message, "update or delete") {
		return needle.Conflict("", "something else still refers to this")
	}
	if known, ok := constraintErrors[pe.Constraint]; ok {
		return known
	}
	switch {
	case code == stateCanceled:
		// lib/pq reports a passed deadline as a canceled statement.
		return fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
	case code == stateSerialize || code == stateDeadlock:
		return needle.Conflict("", "somebody else changed this at the same moment; try again")
	case code == stateForeignKey && strings.Contains(pe.Message, "insert or update"):
		return needle.NotFound("input", "object to refer to")
	case code == stateUnique:
		return needle.Invalid("", needle.CodeDuplicate, "this is there already")
	case strings.HasPrefix(code, classConnection), strings.HasPrefix(code, classIntervention), strings.HasPrefix(code, classResources):
		return unavailable(err)
	default:
		return err
	}
}

// unavailableError keeps the cause for the log behind the coded error for the user.
type unavailableError struct {
	coded *needle.Error
	cause error
}

// Error implements error; it is for the log.
func (e *unavailableError) Error() string { return e.coded.Message + ": " + e.cause.Error() }

// Unwrap lets errors.As find the coded error and the cause.
func (e *unavailableError) Unwrap() []error { return []error{e.coded, e.cause} }

func unavailable(cause error) error {
	return &unavailableError{
		coded: &needle.Error{Code: needle.CodeUnavailable, Message: "the database does not answer; try again in a moment"},
		cause: cause,
	}
}

// Reason says in a sentence why the database cannot be used, without what an outsider should not read.
func Reason(err error) string {
	for _, e := range needle.UserErrors(err) {
		return e.Message
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "the database takes too long to answer"
	}
	return "the database cannot be used; the server's log says why"
}
