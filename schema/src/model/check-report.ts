import type { DecidedChange, SdlPosition } from './change.ts';
import type { LintFinding } from './lint-finding.ts';
import type { AppVersionVerdict, OpenSubscriptionVerdict, OperationVerdict } from './operation-verdict.ts';
import type { Conclusion } from './outcome.ts';

/** One reason why subgraphs do not compose. */
export interface CompositionProblem {
  /** Code of Apollo Federation, such as `FIELD_TYPE_MISMATCH`. */
  readonly code: string;
  readonly message: string;
  /** Usual remedy; absent if the code has no hint. */
  readonly hint?: string;
  /** Empty if the composition names no place. */
  readonly positions: readonly SdlPosition[];
}

/** A reviewed change, as `accepted-changes.json` lists it. */
export interface Acceptance {
  readonly path: string;
  readonly message: string;
  readonly reason: string;
}

/** Result of asking a running subgraph. */
export interface ProbeResult {
  readonly what: 'health' | 'queries' | 'subscriptions';
  readonly address: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** `new`: the base has no schema. `broken`: the base does not compose, so there is nothing to break. */
type ComparisonState = 'compared' | 'new' | 'broken' | 'skipped';

/** Traffic that the check took into account. */
export interface UsageSummary {
  readonly source: string;
  readonly from: string;
  readonly to: string;
  /** Different operations, after the rules excluded clients. */
  readonly operations: number;
  readonly requests: number;
  readonly trustedDocuments: number;
  /** Recorded documents that cannot be parsed. */
  readonly unreadable: readonly { readonly document: string; readonly reason: string }[];
  /** False if no operation is known: the rule `withoutData` decides. */
  readonly hasData: boolean;
}

/** Comparison of one schema that clients see: the whole API, or one contract. */
export interface Comparison {
  readonly compositionErrors: readonly CompositionProblem[];
  readonly changes: readonly DecidedChange[];
  /** Operations that are broken, possibly affected, or could not be compared. */
  readonly operations: readonly OperationVerdict[];
  /** Operations that nothing affects. */
  readonly unaffectedOperations: number;
  /** Open subscriptions that are broken or possibly affected. */
  readonly openSubscriptions: readonly OpenSubscriptionVerdict[];
  readonly appVersions: readonly AppVersionVerdict[];
}

/** Comparison of one contract: the part of the API that its tags select. */
export interface ContractReport extends Comparison {
  readonly name: string;
}

/** All that a check found, without its conclusion. */
export interface Findings extends Comparison {
  /** The commit compared with; null if there was none. */
  readonly base: string | null;
  readonly comparison: ComparisonState;
  readonly contracts: readonly ContractReport[];
  readonly usage: UsageSummary | null;
  /** Generated files that are out of step with their sources. */
  readonly drift: readonly string[];
  /** Acceptances that this comparison did not need. */
  readonly unusedAcceptances: readonly Acceptance[];
  readonly probes: readonly ProbeResult[];
  /** Objections of lint rules to the SDL that changed. */
  readonly lint: readonly LintFinding[];
}

/** JSON output of `check`. Every list is present, whatever the outcome. */
export interface CheckReport extends Conclusion, Findings {
  readonly version: 1;
}
