import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { guardedLookup, readTarget, type WebhookTargets } from './targets.ts';

const timeoutMs = 10_000;

/**
 * Posts a body and returns the status. Redirects are not followed, and what the receiver answers is not read.
 * @throws TargetError if the address is not permitted, or an error if the receiver cannot be reached in time
 */
export const post = async (
  address: string,
  { body, headers }: { readonly body: string; readonly headers: Readonly<Record<string, string>> },
  targets: WebhookTargets,
  stopped: AbortSignal,
): Promise<number> => {
  const url = readTarget(address, targets);
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const onAnswer = (response: IncomingMessage): void => {
    resolve(response.statusCode ?? 0);
    response.destroy();
  };
  request(
    url,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'rookery-registry', ...headers },
      // A connection of its own: a name is resolved and judged for each message.
      agent: false,
      lookup: guardedLookup(targets),
      signal: AbortSignal.any([stopped, AbortSignal.timeout(timeoutMs)]),
    },
    onAnswer,
  )
    .on('error', reject)
    .end(body);
  return promise;
};
