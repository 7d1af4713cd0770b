package needle

// SubjectType is the noun of what an activity is about.
type SubjectType string

// The nouns that activities are about.
const (
	SubjectWorkspace    SubjectType = "WORKSPACE"
	SubjectUser         SubjectType = "USER"
	SubjectTeam         SubjectType = "TEAM"
	SubjectCycle        SubjectType = "CYCLE"
	SubjectCategory     SubjectType = "CATEGORY"
	SubjectSegment      SubjectType = "SEGMENT"
	SubjectPainPoint    SubjectType = "PAIN_POINT"
	SubjectEvidence     SubjectType = "EVIDENCE"
	SubjectPainReport   SubjectType = "PAIN_REPORT"
	SubjectPainMerge    SubjectType = "PAIN_MERGE"
	SubjectReliefCheck  SubjectType = "RELIEF_CHECK"
	SubjectReliefAnswer SubjectType = "RELIEF_ANSWER"
	SubjectObjective    SubjectType = "OBJECTIVE"
	SubjectKeyResult    SubjectType = "KEY_RESULT"
	SubjectCheckIn      SubjectType = "CHECK_IN"
	SubjectProposal     SubjectType = "PROPOSAL"
	SubjectSuggestion   SubjectType = "SUGGESTION"
	SubjectComment      SubjectType = "COMMENT"
	SubjectVote         SubjectType = "VOTE"
	SubjectSignOff      SubjectType = "SIGN_OFF"
	SubjectIdea         SubjectType = "IDEA"
	SubjectBacklogItem  SubjectType = "BACKLOG_ITEM"
	SubjectContribution SubjectType = "CONTRIBUTION"
	SubjectLinkRule     SubjectType = "LINK_RULE"
	SubjectOutsideEvent SubjectType = "OUTSIDE_EVENT"
	SubjectExperiment   SubjectType = "EXPERIMENT"
	SubjectDispute      SubjectType = "VERDICT_DISPUTE"
	SubjectConnection   SubjectType = "CONNECTION"
	SubjectSource       SubjectType = "SOURCE"
)

// subjectPrefixes are what the ids of each noun start with.
var subjectPrefixes = map[SubjectType]string{
	SubjectWorkspace: WorkspacePrefix, SubjectUser: UserPrefix, SubjectTeam: TeamPrefix, SubjectCycle: CyclePrefix,
	SubjectCategory: CategoryPrefix, SubjectSegment: SegmentPrefix, SubjectPainPoint: PainPointPrefix,
	SubjectEvidence: EvidencePrefix, SubjectPainReport: PainReportPrefix, SubjectPainMerge: PainMergePrefix,
	SubjectReliefCheck: ReliefCheckPrefix, SubjectReliefAnswer: ReliefAnswerPrefix, SubjectObjective: ObjectivePrefix,
	SubjectKeyResult: KeyResultPrefix, SubjectCheckIn: CheckInPrefix, SubjectProposal: ProposalPrefix,
	SubjectSuggestion: SuggestionPrefix, SubjectComment: CommentPrefix, SubjectVote: VotePrefix,
	SubjectSignOff: SignOffPrefix, SubjectIdea: IdeaPrefix, SubjectBacklogItem: BacklogItemPrefix,
	SubjectContribution: ContributionPrefix, SubjectLinkRule: LinkRulePrefix, SubjectConnection: ConnectionPrefix,
	SubjectOutsideEvent: OutsideEventPrefix, SubjectExperiment: ExperimentPrefix, SubjectDispute: VerdictDisputePrefix,
	SubjectSource: SourcePrefix,
}

// Prefix returns what the ids of the noun start with.
func (t SubjectType) Prefix() string { return subjectPrefixes[t] }
