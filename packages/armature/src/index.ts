/** Armature: learns rubric-based reward models from preference data and judges with them. */

// How good a reward model is
export { type AlpacaWinRate, alpacaWinRate, readAlpacaPreferences } from "./bench/alpaca-eval.ts";
export { benchReport } from "./bench/bench-report.ts";
export {
  type BenchAgreement,
  type BenchResult,
  type BenchRow,
  benchResult,
  type ResultFacts,
} from "./bench/bench-result.ts";
export {
  type BenchScorer,
  LONGER,
  type PairScorer,
  type ResponseScore,
  type ResponseScorer,
  type ResponseTask,
  randomScorer,
  SHORTER,
} from "./bench/bench-scorer.ts";
export type {
  BenchItem,
  BenchSuite,
  Comparison,
  Contribution,
  Grader,
  GroupMean,
  JudgedItem,
  SuiteAverage,
} from "./bench/bench-suite.ts";
export {
  type BenchComparison,
  compareResults,
  type Disagreement,
  type GroupComparison,
} from "./bench/compare-results.ts";
export type { FailureCount } from "./bench/failure-counts.ts";
export {
  gradeBest,
  gradeOrders,
  gradePairs,
  OVER_GROUPS,
  OVER_ITEMS,
  overSections,
} from "./bench/grading.ts";
export { type JournalEntry, journaledScorer } from "./bench/journaled-scorer.ts";
export { itemPairs, type JudgeItemsOptions, judgeItems } from "./bench/judge-items.ts";
export { readSuite, type SuiteItems } from "./bench/read-suite.ts";
export { type LanguagePairScorerSettings, languagePairScorer } from "./bench/rubric-pair-scorer.ts";
export {
  type PromptRubric,
  type RubricScore,
  type RubricScorer,
  rubricScorer,
} from "./bench/rubric-scorer.ts";
export { SUITES, suiteNamed } from "./bench/suites.ts";
export type { VotePoint } from "./bench/vote-curve.ts";
export { pairCalibration, type WinProbability } from "./bench/win-probabilities.ts";
// What we learn from
export { applyLengthRule, type LengthReport, type LengthRule } from "./data/length-rule.ts";
export {
  type DuplicateReport,
  findDuplicates,
  findOverlap,
  type OverlapReport,
  withoutOverlap,
} from "./data/overlap.ts";
export {
  type BadRows,
  type PairFileReport,
  pairFileSummary,
  readPreferencePairs,
} from "./data/preference-pairs.ts";
export { lastUserTurn, type Message, type PreferencePair, type Prompt } from "./data/prompt.ts";
export { type JsonlLine, type JsonlRow, readJsonl } from "./data/read-jsonl.ts";
export { readRowLines, readRows, type TableFormat, tableFormat } from "./data/read-rows.ts";
export { splitHeldOut, splitIntoRounds } from "./data/split.ts";
export { checkRowsPath, documentText, writeRows } from "./data/write-rows.ts";
export { ArmatureError, ConfigError, DataError, ModelError, RunError } from "./errors.ts";
// How well a judge agrees with the truth
export {
  type AlphaMetric,
  cohenKappa,
  fleissKappa,
  type ItemRatings,
  type KappaWeights,
  krippendorffAlpha,
  percentAgreement,
} from "./evaluation/agreement.ts";
export {
  type BootstrapSettings,
  bootstrapDifference,
  bootstrapDifferencePValue,
  bootstrapMean,
  bootstrapStrata,
  type Interval,
} from "./evaluation/bootstrap.ts";
export { type Calibration, calibration, type ReliabilityBin } from "./evaluation/calibration.ts";
export { crossedBootstrap } from "./evaluation/crossed-bootstrap.ts";
export {
  type LengthComparison,
  type LengthControlledWinRate,
  type LengthControlSettings,
  lengthControlledWinRate,
} from "./evaluation/length-control.ts";
export { type PairAccuracy, pairAccuracy, pairScores, type Scoring } from "./evaluation/pair-accuracy.ts";
export { averageRanks, kendallTauB, pearson, spearman } from "./evaluation/rank-correlation.ts";
export {
  exactMcNemar,
  holmAdjusted,
  type McNemar,
  type ShareInterval,
  wilsonInterval,
} from "./evaluation/significance.ts";
// Where rubrics come from
export type { WriterSettings } from "./generate/ask-for-rubric.ts";
export { type Contrast, type ContrastSettings, contrast } from "./generate/contrast.ts";
export { contrastiveWriter } from "./generate/contrastive-writer.ts";
export {
  type CandidateScore,
  type Differentiated,
  type DifferentiationRound,
  type DifferentiationSettings,
  type DifferentiationTask,
  differentiate,
  type RoundFailure,
} from "./generate/differentiate.ts";
export {
  type ConditionCandidates,
  candidatesOf,
  DIFFERENTIATION_CONDITIONS,
  type DifferentiationCondition,
  type DifferentiationConditionName,
  type SourcedResponse,
} from "./generate/differentiation-conditions.ts";
export {
  type DistinctSettings,
  type DistinctTexts,
  distinctResponses,
} from "./generate/distinct-responses.ts";
export {
  type GeneratorWriterSettings,
  generatorWriter,
  promptOnlyWriter,
} from "./generate/generator-writer.ts";
export { improvingWriter } from "./generate/improving-writer.ts";
export { initialWriter } from "./generate/initial-writer.ts";
export {
  type ConsistencySettings,
  type DiscardReason,
  type FilteredPair,
  filterByLabels,
  type JudgedPair,
  type LabelConsistency,
  type PairByRubric,
} from "./generate/label-filter.ts";
export { languagePairJudge, type PairJudgeSettings } from "./generate/language-pair-judge.ts";
export { type Ranking, rankResponses } from "./generate/rank-responses.ts";
export { RAR_PRESETS, type RarPreset, type RarPresetName } from "./generate/rar-presets.ts";
export { rarWriter } from "./generate/rar-writer.ts";
export {
  type Refinement,
  type RefinementSettings,
  type RefinementTask,
  refineRubric,
} from "./generate/refine.ts";
export type { RubricTask, RubricWriter, RubricWriting, WritingTrace } from "./generate/rubric-writer.ts";
export {
  type ResponseSource,
  type SampledResponse,
  type SampledResponses,
  type SamplingFailure,
  type SamplingSettings,
  sampleResponses,
} from "./generate/sample-responses.ts";
export type { InstructionCheck, InstructionType, InstructionTypes } from "./instructions/instruction-type.ts";
// How good a policy is
export {
  IFBENCH_TYPES,
  IFEVAL_TYPES,
  type Instruction,
  readInstructions,
  UNCHECKED_TYPES,
} from "./instructions/instruction-types.ts";
export {
  checkInstructions,
  type InstructionVerdict,
  type VerifyMode,
  verifyInstructions,
} from "./instructions/verify-instructions.ts";
// Rubrics and judgements
export { type ArrowReading, arrowProtocol } from "./judge/arrow-protocol.ts";
export { chasingTheTailProtocol } from "./judge/chasing-the-tail-protocol.ts";
export { type AskingSettings, type CriterionJudgeSettings, criterionJudge } from "./judge/criterion-judge.ts";
export type { AskedCriterion, CriterionProtocol } from "./judge/criterion-protocol.ts";
export type { CriterionVerdict, RatingVerdict } from "./judge/criterion-verdict.ts";
export { decisionJudge } from "./judge/decision-judge.ts";
export {
  type Decision,
  type DecisionAnswer,
  type DecisionModel,
  firstTokenDecisions,
} from "./judge/decision-model.ts";
export type { Dialect, Speaker } from "./judge/dialect.ts";
export { chatEncoder } from "./judge/engine-chat-encoder.ts";
export { greedyRubrics } from "./judge/greedy-rubrics.ts";
export { healthBenchProtocol } from "./judge/healthbench-protocol.ts";
export {
  isRatingMode,
  JUDGE_MODES,
  type JudgeMode,
  type JudgeModeSettings,
  judgeOfMode,
  MODE_AGGREGATIONS,
} from "./judge/judge-modes.ts";
export type { PairwiseJudgement, Side } from "./judge/judgement.ts";
export {
  diffJudgements,
  type JudgementDiff,
  type ScoreChange,
  type VerdictChange,
} from "./judge/judgement-diff.ts";
export { type CriterionRow, type JudgementRow, readJudgementRow } from "./judge/judgement-row.ts";
export { majorityVerdict, type PairOutcome, type PairVerdict, type Vote } from "./judge/outcome.ts";
export type { PairOrders, PairQuestions } from "./judge/pair-questions.ts";
export { judgePairs, type PairwiseJudging } from "./judge/pairwise-judge.ts";
export {
  judgePairsByLanguageModel,
  type LanguagePairOutcome,
  type PairwiseLanguageJudging,
} from "./judge/pairwise-language-judge.ts";
export { type PanelJudge, type PanelJudgement, type PanelRule, panelJudge } from "./judge/panel-judge.ts";
export { type ChatEncoder, PAPER_LIMITS, paperDialect } from "./judge/paper-dialect.ts";
export { plainProtocol } from "./judge/plain-protocol.ts";
export { PREDEFINED_RUBRIC } from "./judge/predefined-rubric.ts";
export { programJudge } from "./judge/program-judge.ts";
export { PROGRAMS } from "./judge/programs/programs.ts";
export type { TextCheck, TextProgram, TextPrograms } from "./judge/programs/text-program.ts";
export { type RatingJudgeSettings, type RatingMode, ratingJudge } from "./judge/rating-judge.ts";
export type { JudgeTask, RubricJudge, RubricJudgement } from "./judge/rubric-judge.ts";
// Language models
export {
  AdaptiveLimiter,
  type LimiterSettings,
  type Permit,
  type RequestEnd,
} from "./llm/adaptive-limiter.ts";
export { type AiSdkLanguageModel, AiSdkModel } from "./llm/ai-sdk-model.ts";
export { AnswerFillingModel } from "./llm/answer-filling-model.ts";
export { AnswerLog, type LoggedAnswer, readAnswerLog } from "./llm/answer-log.ts";
export {
  type Amount,
  Budget,
  type BudgetLimits,
  costOf,
  type Reservation,
  type SpendLedger,
  type TokenPrice,
} from "./llm/budget.ts";
export { BudgetedModel } from "./llm/budgeted-model.ts";
export { CachedModel } from "./llm/cached-model.ts";
export { DeadlineModel } from "./llm/deadline-model.ts";
export {
  addUsage,
  type CallOptions,
  type Choice,
  type Completion,
  type CompletionRequest,
  type FinishReason,
  type LanguageModel,
  NO_USAGE,
  type TokenLogprob,
  type Usage,
} from "./llm/language-model.ts";
export { LimitedModel } from "./llm/limited-model.ts";
export { type ConcurrentMapOptions, mapConcurrently } from "./llm/map-concurrently.ts";
export { MeteredModel, UsageMeter } from "./llm/metered-model.ts";
export { ModelAccessError } from "./llm/model-access-error.ts";
export { ModelCallError, type ModelCallFacts } from "./llm/model-call-error.ts";
export {
  type LanguageModelSettings,
  type OpenLanguageModels,
  openLanguageModels,
} from "./llm/open-language-model.ts";
export { openPolicyModel, type PolicyModelOptions } from "./llm/open-policy-model.ts";
export { OpenAICompatibleModel, type OpenAICompatibleSettings } from "./llm/openai-compatible.ts";
export { PolicyModel, type PolicyModelSettings } from "./llm/policy-model.ts";
export { ReplayingModel } from "./llm/replaying-model.ts";
export { requestKey } from "./llm/request-key.ts";
export { RetryingModel, type RetrySettings } from "./llm/retrying-model.ts";
export { type Script, type ScriptedCall, ScriptedModel, type ScriptedReply } from "./llm/scripted-model.ts";
export { ThinkStrippingModel } from "./llm/think-stripping-model.ts";
export { type PurposeUsage, type UsageReport, usageLine } from "./llm/usage-report.ts";
export {
  curveOfRuns,
  evaluationAfter,
  promptMeans,
  RESPONSE_VALUES,
  type ResponseValue,
} from "./policy/evaluation/evaluation-values.ts";
export {
  type BoundedEstimate,
  curveEstimates,
  type TrainingCurve,
  type TurningPoint,
  turningPoint,
} from "./policy/evaluation/over-optimisation.ts";
export {
  type AnswerSource,
  askedPolicy,
  filedResponses,
  givenResponses,
  type PolicyAnswer,
  type PolicySampling,
  type ResponseRow,
} from "./policy-bench/answer-source.ts";
export { type BoxedAnswer, readBoxedAnswer, type UnreadableAnswer } from "./policy-bench/boxed-answer.ts";
export {
  comparePolicies,
  type DifferingQuestion,
  type MeasureDifference,
  type PolicyComparison,
  readPolicyResult,
} from "./policy-bench/compare-policies.ts";
export { type GradedTask, type GradingOptions, gradePolicy } from "./policy-bench/grade-policy.ts";
export {
  type JudgedMetaItem,
  type MetaAgreement,
  type MetaEvaluation,
  type MetaItem,
  metaEvaluation,
  readMetaItem,
} from "./policy-bench/meta-evaluation.ts";
export { policyReport } from "./policy-bench/policy-report.ts";
export {
  type MeasuredValue,
  type PolicyFacts,
  type PolicyResult,
  type PolicyRow,
  policyResult,
} from "./policy-bench/policy-result.ts";
export type {
  Grade,
  Mark,
  Measure,
  PolicySuite,
  PolicyTask,
  TaskReading,
} from "./policy-bench/policy-suite.ts";
export { openPolicySuite, POLICY_SUITES } from "./policy-bench/policy-suites.ts";
export { type PolicyTasks, readPolicyTasks, type TaskSelection } from "./policy-bench/read-tasks.ts";
export {
  type AnsweredTwice,
  type PolicyWinRate,
  policyWinRate,
  type WinRateFacts,
  type WinRateRow,
  winRatePairs,
} from "./policy-bench/win-rate.ts";
export type { Aggregate, Aggregator } from "./reward/aggregate.ts";
export {
  AGGREGATORS,
  type AggregatorName,
  RATING_REWARDS,
  type RatingRewardName,
  withMinimumCoverage,
} from "./reward/aggregators.ts";
// Rewards that policies are trained with
export {
  combinedReward,
  type RewardCombination,
  type RewardPart,
} from "./reward/combined-reward.ts";
export {
  type HealthBenchScore,
  healthBenchScore,
  healthBenchTagScores,
} from "./reward/healthbench-set.ts";
export { type LanguageJudgeRewardSettings, languageJudgeReward } from "./reward/language-judge-reward.ts";
export { allMet, anyMet, gated, maximumCredit, minimumCredit } from "./reward/logical-aggregators.ts";
export { absolute, clamped, healthBench } from "./reward/points-share.ts";
export { pointwiseReward, type RatedResponse } from "./reward/pointwise-reward.ts";
export {
  type PolicyReward,
  type Preference,
  preferByValue,
  type ResponseGroup,
  type ResponsePair,
  type ResponseReward,
} from "./reward/policy-reward.ts";
export { programRubricReward } from "./reward/program-rubric-reward.ts";
export { type RatingReward, ratingRange, ratingShare } from "./reward/rating-reward.ts";
export { type ReferenceComparison, referenceRelative } from "./reward/reference-relative.ts";
export {
  type Reward,
  type RewardEvidence,
  type RewardModel,
  type RubricRewardSettings,
  rubricRewardModel,
} from "./reward/reward-model.ts";
export { type RubricArmRewardSettings, rubricArmReward } from "./reward/rubric-arm-reward.ts";
export {
  type SandboxRubricSettings,
  type SandboxScoring,
  sandboxRubricReward,
} from "./reward/sandbox-rubric-reward.ts";
export { sandboxTruthReward } from "./reward/sandbox-truth-reward.ts";
export {
  openScalarReward,
  type ScalarItem,
  type ScalarReward,
  type ScalarRewardSettings,
} from "./reward/scalar-reward.ts";
export { arrow, arrowSum, arrowUniformSum } from "./reward/signed-probability.ts";
export {
  chasingTheTail,
  chasingTheTailSum,
  meanCredit,
  rarExplicit,
  rarExplicitV1,
} from "./reward/weighted-mean.ts";
export type { ArmCriterion, ArmRubric, ArmRubricReading } from "./rubric/arm-rubric.ts";
export { readArmText, writeArmText } from "./rubric/arm-text.ts";
export { type CriterionParts, checkRubric, makeRubric } from "./rubric/check-rubric.ts";
export { exportRubrics, type RubricExport } from "./rubric/export-rubrics.ts";
export { criterionFingerprint, rubricFingerprint } from "./rubric/fingerprint.ts";
export { RUBRIC_FORMATS, rubricFormat } from "./rubric/formats/all-formats.ts";
export { readRubricItem, writeRubricItem } from "./rubric/formats/native.ts";
export type { Detection, FieldMapping, RubricFormat } from "./rubric/formats/rubric-format.ts";
export { type ImportReport, importSummary } from "./rubric/import-report.ts";
export { LINT_RULES, type LintFinding, lintRubric } from "./rubric/lint/lint-rubrics.ts";
export { type PolarityReading, pitfallPolarity } from "./rubric/polarity.ts";
export { type RubricReading, readRubricItems } from "./rubric/read-rubric-items.ts";
export type {
  Criterion,
  CriterionChoice,
  CriterionKind,
  CriterionVerifier,
  ImportanceCategory,
  Rubric,
} from "./rubric/rubric.ts";
export {
  type CriterionChange,
  diffRubric,
  diffRubrics,
  type RubricChange,
  type RubricsDiff,
} from "./rubric/rubric-diff.ts";
export type { RubricItem, RubricResponse } from "./rubric/rubric-item.ts";
export { textSimilarity } from "./rubric/text-similarity.ts";
export { diffVerdicts, type VerdictsChange } from "./rubric/verdict-diff.ts";
export { formatBounds, sandboxBounds } from "./sandbox/bounds.ts";
// The controlled world
export { nanoDialect } from "./sandbox/nano-dialect.ts";
export { nanoReader } from "./sandbox/nano-reader.ts";
export { type NoteReader, type ProgramReading, programReader, readerJudge } from "./sandbox/note-reader.ts";
export { type ScriptedProposerSettings, scriptedProposer } from "./sandbox/scripted-proposer.ts";
export {
  HELD_OUT_PAIRS,
  type PairOptions,
  type PairTruth,
  TRAINING_PAIRS,
  type WorldPair,
  worldPairs,
} from "./sandbox/world.ts";

// Why a reward works and where it breaks
export {
  type Duel,
  type DuelOutcome,
  fightDuels,
  meanOverPrompts,
  type PromptValue,
  shareOverPrompts,
} from "./study/duels.ts";
export {
  type EstimatorVariance,
  type GradientVariance,
  type GradientVarianceTask,
  measureGradientVariance,
} from "./study/gradient-variance.ts";
export {
  type HackingProbe,
  hackingProbes,
  PROBE_KINDS,
  type ProbeName,
} from "./study/hacking-probes.ts";
export {
  type Intervention,
  LENGTH,
  MARKS,
  PADDINGS,
  RESTYLINGS,
  type SurfaceFeature,
} from "./study/interventions.ts";
export {
  type JudgeAlignment,
  type JudgeCondition,
  type JudgeScaleStudy,
  judgeAlignment,
} from "./study/judge-scale.ts";
export {
  CORRECT,
  type LinearPiece,
  type MisspecificationMap,
  REVERSED,
  topRightEnvelope,
  topWrong,
  worstWrong,
} from "./study/misspecification-map.ts";
export { type PositionStudy, studyPosition } from "./study/position-study.ts";
export { type ProbeResult, type ProbeStudy, type ProbeSubject, studyProbes } from "./study/probe-study.ts";
export type { RegionAccuracy } from "./study/region-accuracy.ts";
export { type RewardProbeResult, type RewardProbeSubject, studyRewardProbes } from "./study/reward-probes.ts";
export {
  type CriterionGroup,
  type RedundantCriteria,
  type RubricJudgedPair,
  type RubricStudy,
  studyRubrics,
} from "./study/rubric-study.ts";
export {
  honestNote,
  SANDBOX_PROBE_KINDS,
  type SandboxProbe,
  type SandboxProbeName,
  sandboxProbes,
} from "./study/sandbox-probes.ts";
export { readScoredResponses, type ScoredFile, type ScoredResponses } from "./study/scored-responses.ts";
export {
  type FeatureAssociation,
  type InterventionEffect,
  type SurfaceStudy,
  studySurface,
} from "./study/surface-study.ts";
export {
  type BestOfNPoint,
  estimateMap,
  type HeldOutCheck,
  studyTail,
  type TailStudy,
  type TailStudySettings,
} from "./study/tail-empirical.ts";
export {
  bestOfNKl,
  bestOfNWinRate,
  betaAtKl,
  type TailPoint,
  tailByIntegration,
  tailCurve,
  tailKl,
  tailWinRate,
} from "./study/tail-theory.ts";
export { checkVariance, type Identity, type VarianceCheck } from "./study/variance-identities.ts";
export {
  type CycleOutcome,
  cycleOutcome,
  type JudgeBlockVariance,
  judgeBlockVariance,
  type Schedule,
} from "./study/variance-schedules.ts";
export {
  type CounterExample,
  type ScheduleResult,
  studyVariance,
  type VarianceSettings,
  type VarianceStudy,
} from "./study/variance-study.ts";
export { randomToy, type ToyScores, toyScores, type VarianceToy, type Vector } from "./study/variance-toy.ts";
export { type WriterAgreement, writerAgreement } from "./study/writer-agreement.ts";
export { type AdvantageStd, groupAdvantages } from "./train/advantages.ts";
export { type ArmHooks, type ArmProgress, type ArmTask, trainArm } from "./train/arm.ts";
export { type ArmStep, armSchedule } from "./train/arm-schedule.ts";
export type { ArmSettings, PhaseSettings } from "./train/arm-settings.ts";
// Training
export {
  type BradleyTerryLoss,
  bradleyTerryLoss,
  pairwiseScoreLoss,
  type ScoredPair,
} from "./train/bradley-terry.ts";
export {
  type DpoMetrics,
  dpoStep,
  type PairLogprobs,
  pairLogprobs,
  type ReferencedPair,
  type TokenPair,
} from "./train/dpo.ts";
export {
  type DpoLossName,
  type DpoLossSettings,
  type DpoResponse,
  type DpoTerms,
  dpoLoss,
  type ImplicitRewards,
  implicitRewards,
} from "./train/dpo-loss.ts";
export {
  type GrpoMetrics,
  type GrpoSettings,
  grpoUpdate,
  type LossNormalization,
  type Policy,
} from "./train/grpo.ts";
export { type MinimalArm, minimalArm } from "./train/minimal-arm.ts";
export { type Baseline, baselineWeights } from "./train/optimal-baseline.ts";
export type { DriftMetrics } from "./train/policy-drift.ts";
export { clippedPolicyLoss, klTerm, type PolicyTerms } from "./train/policy-loss.ts";
export { type PriorConstraint, priorBound } from "./train/prior-constraint.ts";
export type { Rollout, RolloutGroup } from "./train/rollout.ts";
export { mostVaried } from "./train/rollout-selection.ts";
export { type SftExample, type SftMetrics, sftStep } from "./train/sft.ts";
