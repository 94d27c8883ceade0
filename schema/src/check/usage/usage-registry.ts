import { InputError } from '@rookery/command-line';
import { z } from 'zod';
import { type UsageSource, usageReport } from '../../model/usage.ts';
import { callerFolder } from '../project.ts';
import { createUsageFile } from './usage-file.ts';

const timeoutMs = 10_000;

/** Returns whether usage comes from a registry, and not from a file. */
const isRegistry = (source: string): boolean => /^https?:\/\//.test(source);

/** One page of a report; `next` leads to the one after it. */
const usagePage = usageReport.extend({ next: z.string().min(1).optional() });

/** @throws InputError if the answer is no page of a report */
const fetchPage = async (address: string, token: string | undefined, query: URLSearchParams) => {
  const response = await fetch(`${address.replace(/\/$/, '')}/usage?${query}`, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    // Another origin must not get the token.
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: unknown) => {
    throw new Error(`the registry at ${address} is unavailable`, { cause: error });
  });
  if (response.status >= 500) throw new Error(`the registry at ${address} answers ${response.status}`);
  if (!response.ok)
    throw new InputError(
      `${address} answers ${response.status}: REGISTRY_TOKEN must hold a token with the scope check`,
    );
  const parsed = usagePage.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success) throw new InputError(`${address}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
};

/**
 * Reads recorded traffic from the registry's server, page by page.
 * @param address of an environment: `https://registry.example/v1/environments/production`
 * @param token with the scope `check`
 */
const createUsageRegistry = (address: string, token: string | undefined): UsageSource => ({
  name: address,
  async read({ from, to }) {
    const query = new URLSearchParams({ from: from.toISOString(), to: to.toISOString() });
    const { next: first, ...report } = await fetchPage(address, token, query);
    const operations = [...report.operations];
    for (let next = first; next !== undefined; ) {
      query.set('after', next);
      const page = await fetchPage(address, token, query);
      operations.push(...page.operations);
      next = page.next;
    }
    return { ...report, operations };
  },
});

/** Returns the source that `--usage` names: a file, or an environment of a registry. */
export const usageSource = (source: string | undefined): UsageSource | undefined => {
  if (source === undefined) return undefined;
  return isRegistry(source)
    ? createUsageRegistry(source, process.env.REGISTRY_TOKEN)
    : createUsageFile(callerFolder(), source);
};
