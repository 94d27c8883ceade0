import { request } from 'undici';
import type { EnvironmentAccess } from './options.ts';

const timeoutMs = 5_000;

/** The registry does not take a report; the same one would be refused again. */
export class ReportRefusedError extends Error {
  override name = 'ReportRefusedError';
}

/**
 * Sends a report to the registry.
 * @param path below that of the environment
 * @throws ReportRefusedError for an answer from 400 to 499; Error if the registry does not take it for another reason
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
  if (statusCode < 300) return;
  const message = `the registry answers ${statusCode}`;
  throw statusCode >= 400 && statusCode < 500 ? new ReportRefusedError(message) : new Error(message);
};
