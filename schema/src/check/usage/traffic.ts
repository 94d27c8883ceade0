import type { UsageSummary } from '../../model/check-report.ts';
import type { TrustedDocument, UsageReport, UsageSource } from '../../model/usage.ts';
import type { Project } from '../project.ts';
import type { CheckRules } from '../rules.ts';
import { type LiveOperations, liveOperations } from './live-operations.ts';
import { createUsageFile, readManifest } from './usage-file.ts';

export interface ReadTraffic {
  /** Null if neither traffic nor trusted documents are configured. */
  readonly summary: UsageSummary | null;
  readonly live: LiveOperations;
  readonly hasData: boolean;
}

/** Traffic of a window, as a source has it. */
interface Window {
  /** Path or address of the traffic; undefined if only trusted documents are known. */
  readonly source: string | undefined;
  readonly from: string;
  readonly to: string;
  readonly report: Pick<UsageReport, 'operations'> | undefined;
  readonly trusted: readonly TrustedDocument[];
}

/** Joins the traffic of a window with the trusted documents. */
export const joinTraffic = (
  { source, from, to, report, trusted }: Window,
  { usage: rules }: Pick<CheckRules, 'usage'>,
): ReadTraffic & { readonly summary: UsageSummary } => {
  const live = liveOperations(report, trusted, rules.excludedClients);
  const hasData = live.requests > 0 || (rules.trustedDocumentsOnly && trusted.length > 0);
  return {
    summary: {
      source: source ?? 'trusted documents',
      from,
      to,
      operations: live.operations.length,
      requests: live.requests,
      trustedDocuments: trusted.length,
      unreadable: live.unreadable,
      hasData,
    },
    live,
    hasData,
  };
};

const dayMs = 86_400_000;

/**
 * Reads the traffic of the window and the trusted documents that a project names.
 * @param source traffic; by default the file of the configuration
 * @throws InputError
 */
export const readTraffic = async (
  { root, config }: Project,
  source: UsageSource | undefined,
  now: Date,
): Promise<ReadTraffic> => {
  const { rules } = config;
  const from = new Date(now.getTime() - rules.usage.windowDays * dayMs);
  const usage = source ?? (config.usage === undefined ? undefined : createUsageFile(root, config.usage));
  const report = await usage?.read({ from, to: now });
  const trusted = config.trustedDocuments.flatMap(({ path, client }) => readManifest(root, path, client));
  const window = { source: usage?.name, from: from.toISOString(), to: now.toISOString(), report, trusted };
  const joined = joinTraffic(window, rules);
  return usage === undefined && trusted.length === 0 ? { ...joined, summary: null, hasData: false } : joined;
};
