import type { SubgraphFiles, SubgraphSdls } from '../compose/compose.ts';
import { SdlSyntaxError } from '../compose/composition-error.ts';
import type { LintRules } from '../lint/rules.ts';
import type { Acceptance, CheckReport } from '../model/check-report.ts';
import type { OperationUsage, TrustedDocument } from '../model/usage.ts';
import { checkSources, noFindings } from './check.ts';
import { concludeCheck, reportOfError } from './conclude-check.ts';
import type { CheckRules, ContractRules } from './rules.ts';
import { joinTraffic } from './usage/traffic.ts';

/** Two states of the subgraphs of a registry, and the traffic of an environment. */
export interface StatesToCheck {
  /** Name of the state compared with, for the report. */
  readonly baseName: string | null;
  /** Undefined if there is nothing to compare with. */
  readonly base: SubgraphSdls | undefined;
  readonly head: SubgraphSdls;
  /** Paths of the SDL files of `head`, for positions; default: the names of the subgraphs. */
  readonly files: SubgraphFiles;
  readonly rules: CheckRules;
  readonly contracts: readonly ContractRules[];
  readonly lint: LintRules;
  readonly acceptances: readonly Acceptance[];
  readonly usage: {
    readonly source: string;
    readonly from: string;
    readonly to: string;
    readonly operations: readonly OperationUsage[];
    readonly trusted: readonly TrustedDocument[];
  };
}

/** Checks one state of a registry against another. A state that does not compose is a report, too. */
export const checkStates = async ({
  baseName,
  base,
  head,
  files,
  rules,
  contracts,
  lint,
  acceptances,
  usage,
}: StatesToCheck): Promise<CheckReport> => {
  const { source, from, to, operations, trusted } = usage;
  const { summary, live, hasData } = joinTraffic(
    { source, from, to, report: { operations }, trusted },
    rules,
  );
  const policy = { rules, acceptances, live, hasData };
  const sources = {
    head: { sdls: head, files },
    base: base === undefined ? undefined : { sdls: base, files: {} },
  };
  try {
    const { found } = await checkSources(sources, contracts, policy, lint);
    // The approvals of a registry belong to all teams: those that this comparison does not need say nothing.
    return concludeCheck({ ...found, base: baseName, usage: summary, unusedAcceptances: [] });
  } catch (error) {
    if (!(error instanceof SdlSyntaxError)) throw error;
    return reportOfError(error, { ...noFindings, base: baseName, usage: summary });
  }
};

export type { CheckReport } from '../model/check-report.ts';
