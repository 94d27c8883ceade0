import { z } from 'zod';
import { callerFolder } from '../../model/installation.ts';
import { type UsageSource, usageReport } from '../../model/usage.ts';
import { type GivenRegistry, openRegistry } from '../../registry-client/access.ts';
import { createUsageFile } from './usage-file.ts';

/** Returns whether usage comes from a registry, and not from a file. */
const isRegistry = (source: string): boolean => /^https?:\/\//.test(source);

/** One page of a report; `next` leads to the one after it. */
const usagePage = usageReport.extend({ next: z.string().min(1).optional() });

/**
 * Reads recorded traffic from the registry's server, page by page.
 * @param address of an environment: `https://registry.example/v1/environments/production`
 * @throws UsageError
 */
const createUsageRegistry = (address: string, given: GivenRegistry): UsageSource => {
  const registry = openRegistry({ ...given, registry: address });
  return {
    name: address,
    async read({ from, to }) {
      const window = { from: from.toISOString(), to: to.toISOString() };
      const { next: first, ...report } = await registry.get('/usage', usagePage, window);
      const operations = [...report.operations];
      for (let next = first; next !== undefined; ) {
        const page = await registry.get('/usage', usagePage, { ...window, after: next });
        operations.push(...page.operations);
        next = page.next;
      }
      return { ...report, operations };
    },
  };
};

/** Returns the source that `--usage` names: a file, or an environment of a registry. @throws UsageError */
export const usageSource = (
  source: string | undefined,
  given: GivenRegistry = {},
): UsageSource | undefined => {
  if (source === undefined) return undefined;
  return isRegistry(source) ? createUsageRegistry(source, given) : createUsageFile(callerFolder(), source);
};
