import type { GraphQLSchema } from 'graphql';
import type { Change } from '../model/change.ts';
import type { Acceptance, Comparison } from '../model/check-report.ts';
import { review } from './accepted-changes.ts';
import { decideChanges, uncovered } from './decide.ts';
import type { CheckRules } from './rules.ts';
import type { LiveOperations } from './usage/live-operations.ts';
import {
  appVersionVerdicts,
  createJudge,
  openSubscriptionVerdicts,
  presentVerdict,
} from './usage/verdicts.ts';

export interface ComparedSchemas {
  readonly before: GraphQLSchema;
  readonly after: GraphQLSchema;
  readonly changes: readonly Change[];
}

export interface Policy {
  readonly rules: CheckRules;
  readonly acceptances: readonly Acceptance[];
  readonly live: LiveOperations;
  /** False if no operation at all is known. */
  readonly hasData: boolean;
}

/** A comparison that changes nothing, before there is one. */
export const noComparison: Comparison = {
  compositionErrors: [],
  changes: [],
  operations: [],
  unaffectedOperations: 0,
  openSubscriptions: [],
  appVersions: [],
};

/** Joins changes with acceptances and with the operations that use what they touch. */
export const compareSchemas = (
  { before, after, changes }: ComparedSchemas,
  { rules, acceptances, live, hasData }: Policy,
): { readonly comparison: Comparison; readonly unused: readonly Acceptance[] } => {
  const reviewed = review(changes, acceptances);
  const judged = live.operations.map(createJudge(before, after, reviewed.changes));
  const traffic = { judged, requests: live.requests, hasData };
  const decided = decideChanges(reviewed.changes, traffic, rules);
  const decisions = new Map(reviewed.changes.map((change, i) => [change, decided[i]?.decision ?? 'refused']));
  const refused = new Set(uncovered(traffic, decisions, rules));
  const shown = judged.filter(({ effect, skipped }) => effect !== 'unaffected' || skipped !== undefined);
  return {
    comparison: {
      compositionErrors: [],
      changes: decided,
      operations: shown.map((one) => presentVerdict(one, refused.has(one))),
      unaffectedOperations: judged.length - shown.length,
      openSubscriptions: openSubscriptionVerdicts(judged),
      appVersions: appVersionVerdicts(judged),
    },
    unused: reviewed.unused,
  };
};
