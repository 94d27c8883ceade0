import { type Composed, compose, type SubgraphSdls } from '../../compose/compose.ts';
import type { CheckReport } from '../../model/check-report.ts';
import type { OperationUsage, TrustedDocument } from '../../model/usage.ts';
import { compareComposed, noFindings } from '../check.ts';
import { concludeCheck, reportOfError } from '../conclude-check.ts';
import { type CheckRules, type ContractRules, checkRules } from '../rules.ts';
import { liveOperations } from '../usage/live-operations.ts';

export interface CheckedOptions {
  readonly operations?: readonly OperationUsage[];
  readonly trusted?: readonly TrustedDocument[];
  readonly rules?: Parameters<typeof checkRules.parse>[0];
  readonly contracts?: readonly ContractRules[];
}

const to = '2026-11-29T12:00:00.000Z';

/** Returns traffic of an operation. */
export const seen = (document: string, more: Partial<OperationUsage> = {}): OperationUsage => ({
  document,
  client: { name: 'web', version: '1.0' },
  count: 5,
  lastSeen: to,
  ...more,
});

const files = (sdls: SubgraphSdls) =>
  Object.fromEntries(Object.keys(sdls).map((name) => [name, `${name}.graphql`]));

const compositions = new Map<string, Composed>();

const composedOnce = (sdls: SubgraphSdls): Composed => {
  const key = JSON.stringify(sdls);
  const known = compositions.get(key) ?? compose(sdls, files(sdls));
  compositions.set(key, known);
  return known;
};

/** Checks SDL texts against others, without files. */
export const checked = async (
  base: SubgraphSdls,
  head: SubgraphSdls,
  { operations = [], trusted = [], rules = {}, contracts = [] }: CheckedOptions = {},
): Promise<CheckReport> => {
  const parsed: CheckRules = checkRules.parse(rules);
  const report = { version: 1 as const, from: to, to, operations: [...operations] };
  const live = liveOperations(report, trusted, parsed.usage.excludedClients);
  const hasData = live.requests > 0 || (parsed.usage.trustedDocumentsOnly && trusted.length > 0);
  try {
    const [before, after] = [composedOnce(base), composedOnce(head)];
    const policy = { rules: parsed, acceptances: [], live, hasData };
    return concludeCheck({ ...noFindings, ...(await compareComposed(before, after, contracts, policy)) });
  } catch (error) {
    return reportOfError(error);
  }
};
