package jira

// Bracketed is bracketed, for fuzzing.
var Bracketed = bracketed
