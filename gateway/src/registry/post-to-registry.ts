import { request } from 'undici';
import type { EnvironmentAccess } from './access.ts';

const timeoutMs = 5_000;

/**
 * Sends a report to the registry.
 * @param path below that of the environment
 * @throws Error if the registry does not take it
 */
export const postToRegistry = async (
  { url, environment, token }: EnvironmentAccess,
  path: string,
  report: unknown,
  stopped?: AbortSignal,
): Promise<void> => {
  const timeout = AbortSignal.timeout(timeoutMs);
  const { statusCode, body } = await request(new URL(`/v1/environments/${environment}/${path}`, url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(report),
    signal: stopped === undefined ? timeout : AbortSignal.any([stopped, timeout]),
  });
  await body.dump();
  if (statusCode >= 300) throw new Error(`the registry answers ${statusCode}`);
};
