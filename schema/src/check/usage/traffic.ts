import type { UsageSummary } from '../../model/check-report.ts';
import type { UsageSource } from '../../model/usage.ts';
import type { Project } from '../project.ts';
import { type LiveOperations, liveOperations } from './live-operations.ts';
import { createUsageFile, readManifest } from './usage-file.ts';

export interface ReadTraffic {
  /** Null if neither traffic nor trusted documents are configured. */
  readonly summary: UsageSummary | null;
  readonly live: LiveOperations;
  readonly hasData: boolean;
}

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
  const { usage: rules } = config.rules;
  const from = new Date(now.getTime() - rules.windowDays * dayMs);
  const usage = source ?? (config.usage === undefined ? undefined : createUsageFile(root, config.usage));
  const report = await usage?.read({ from, to: now });
  const trusted = config.trustedDocuments.flatMap(({ path, client }) => readManifest(root, path, client));
  const live = liveOperations(report, trusted, rules.excludedClients);
  const isKnown = live.requests > 0 || (rules.trustedDocumentsOnly && trusted.length > 0);
  if (usage === undefined && trusted.length === 0) return { summary: null, live, hasData: false };
  return {
    summary: {
      source: usage?.name ?? 'trusted documents',
      from: from.toISOString(),
      to: now.toISOString(),
      operations: live.operations.length,
      requests: live.requests,
      trustedDocuments: trusted.length,
      unreadable: live.unreadable,
      hasData: isKnown,
    },
    live,
    hasData: isKnown,
  };
};
