import type { Change, ChangeDecision, ChangeUsage, DecidedChange } from '../model/change.ts';
import type { CheckRules } from './rules.ts';
import type { LiveOperation } from './usage/live-operations.ts';
import type { JudgedOperation } from './usage/verdicts.ts';

/** Traffic against which changes are decided. */
export interface Traffic {
  readonly judged: readonly JudgedOperation[];
  readonly requests: number;
  /** False if no operation at all is known. */
  readonly hasData: boolean;
}

const percentOf = (count: number, requests: number): number =>
  requests === 0 ? 0 : (count * 100) / requests;

const usageOf = (live: readonly LiveOperation[], requests: number): ChangeUsage => {
  const counts = new Map<string, number>();
  for (const { clients } of live)
    for (const { name, version, count } of clients) {
      const client = version === null ? name : `${name}@${version}`;
      counts.set(client, (counts.get(client) ?? 0) + count);
    }
  const count = live.reduce((sum, one) => sum + one.count, 0);
  return {
    operations: live.length,
    count,
    percent: percentOf(count, requests),
    clients: [...counts].sort((a, b) => b[1] - a[1]).map(([client]) => client),
    lastSeen:
      live
        .map(({ lastSeen }) => lastSeen ?? '')
        .toSorted()
        .at(-1) || null,
  };
};

/** True if operations together are used enough to protect what they use. */
const counts = (live: readonly LiveOperation[], requests: number, { usage }: CheckRules): boolean => {
  if (live.some(({ trusted, openSubscriptions }) => trusted || openSubscriptions > 0)) return true;
  const count = live.reduce((sum, one) => sum + one.count, 0);
  return count >= usage.minimumCount && percentOf(count, requests) >= usage.minimumPercent;
};

/** True if a change is refused unless it is accepted or nobody uses what it touches. */
const blocks = ({ kind, criticality, access }: Change, { refuse }: CheckRules): boolean =>
  criticality === 'breaking' || access === 'widened' || refuse.includes(kind);

const decide = (
  change: Change,
  users: readonly LiveOperation[],
  { hasData, requests }: Traffic,
  rules: CheckRules,
): ChangeDecision => {
  if (!blocks(change, rules)) return 'allowed';
  if (change.accepted !== undefined) return 'accepted';
  // Usage says who is there, not who would come; and it knows nothing of subgraphs that rely on each other.
  if (change.access === 'widened' || change.routing) return 'refused';
  if (counts(users, requests, rules)) return 'refused';
  return hasData || rules.usage.withoutData === 'pass' ? 'unused' : 'refused';
};

/** Decides on each change, with the operations that use what it touches. */
export const decideChanges = (
  changes: readonly Change[],
  traffic: Traffic,
  rules: CheckRules,
): DecidedChange[] =>
  changes.map((change) => {
    const users = traffic.judged
      .filter(({ touchedBy }) => touchedBy.includes(change))
      .map(({ live }) => live);
    const usage = traffic.hasData && !change.routing ? { usage: usageOf(users, traffic.requests) } : {};
    return { ...change, decision: decide(change, users, traffic, rules), ...usage };
  });

/**
 * Returns the broken operations that the decisions on the changes do not cover: those that no change explains, and those
 * that an allowed or refused change breaks. An operation below the thresholds is not protected.
 */
export const uncovered = (
  { judged, requests }: Traffic,
  decided: ReadonlyMap<Change, ChangeDecision>,
  rules: CheckRules,
): JudgedOperation[] =>
  judged.filter(({ live, causes }) => {
    const isCovered = (change: Change) => ['accepted', 'unused'].includes(decided.get(change) ?? 'refused');
    return (
      counts([live], requests, rules) &&
      causes.some(({ breaks, changes }) => breaks && (changes.length === 0 || !changes.every(isCovered)))
    );
  });
