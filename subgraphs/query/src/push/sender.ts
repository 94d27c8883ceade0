import { setTimeout } from 'node:timers/promises';
import { backoffMs, isPushService, type Logger } from '@rookery/runtime';
import type { QueryMetrics } from '../metrics.ts';
import type { PushRequest } from './message.ts';
import type { PushSubscriptions } from './subscriptions.ts';

/** Messages of this process that wait or are on their way. Beyond it they are dropped: the notification is in the list anyway. */
const maxMessages = 1_000;
/** Messages on their way to one push service at once, so that a slow one does not hold up the others. */
const maxForService = 16;
const maxAttempts = 5;
const timeoutMs = 10_000;
const maxRetryMs = 60_000;

type PushOutcome = 'sent' | 'gone' | 'refused' | 'failed' | 'dropped';

export interface PushSender extends AsyncDisposable {
  /** Sends a message in the background. */
  send(request: PushRequest): void;
}

export interface PushSenderParts {
  readonly subscriptions: Pick<PushSubscriptions, 'remove'>;
  readonly services: readonly string[];
  readonly metrics: Pick<QueryMetrics, 'pushes'>;
  readonly log: Logger;
  /** Delay after the first failure in milliseconds, which doubles with each. Default: 1 s. */
  readonly firstRetryMs?: number;
}

/** Returns the delay that a push service asks for in milliseconds, bounded; 0 if it asks for none. */
const askedDelayMs = (retryAfter: string | null): number =>
  Math.min(Math.max(0, Number(retryAfter) * 1_000 || 0), maxRetryMs);

/** Sends messages to push services: each a few times, and at most 16 at once to each service. */
export const createPushSender = ({
  subscriptions,
  services,
  metrics,
  log,
  firstRetryMs = 1_000,
}: PushSenderParts): PushSender => {
  const stopping = new AbortController();
  const waiting = new Map<string, PushRequest[]>();
  const running = new Map<string, Set<Promise<void>>>();
  let messages = 0;

  const post = async ({ endpoint, headers, body }: PushRequest): Promise<Response> => {
    const response = await fetch(endpoint, {
      ...{ method: 'POST', headers: { ...headers }, body: new Uint8Array(body) },
      // Another address than that of a push service must not get the message.
      redirect: 'manual',
      signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(timeoutMs)]),
    });
    await response.body?.cancel();
    return response;
  };

  const pause = (delayMs: number): Promise<void> =>
    setTimeout(delayMs, undefined, { signal: stopping.signal }).catch(() => {});

  const attempt = async (request: PushRequest): Promise<PushOutcome | { readonly retryMs: number }> => {
    try {
      const { status, headers } = await post(request);
      if (status >= 200 && status < 300) return 'sent';
      if (status === 404 || status === 410) {
        await subscriptions.remove(request.endpoint);
        return 'gone';
      }
      if (status === 429 || status >= 500) return { retryMs: askedDelayMs(headers.get('retry-after')) };
      log.warn({ status, service: new URL(request.endpoint).host }, 'a push service refused a message');
      return 'refused';
    } catch (error) {
      log.debug({ error }, 'a push service did not answer');
      return { retryMs: 0 };
    }
  };

  const deliver = async (request: PushRequest): Promise<PushOutcome> => {
    if (!isPushService(request.endpoint, services)) return 'refused';
    for (let attempts = 1; ; attempts++) {
      const outcome = await attempt(request);
      if (typeof outcome === 'string') return outcome;
      if (attempts >= maxAttempts || stopping.signal.aborted) return 'failed';
      await pause(
        Math.max(outcome.retryMs, backoffMs(attempts, { firstMs: firstRetryMs, maxMs: maxRetryMs })),
      );
    }
  };

  const next = (service: string): void => {
    const active = running.get(service) ?? new Set();
    const queue = waiting.get(service) ?? [];
    if (active.size === 0 && queue.length === 0) {
      running.delete(service);
      waiting.delete(service);
      return;
    }
    running.set(service, active);
    while (active.size < maxForService && queue.length > 0 && !stopping.signal.aborted) {
      const request = queue.shift() as PushRequest;
      const sent: Promise<void> = deliver(request)
        .then((outcome) => metrics.pushes.inc({ outcome }))
        .catch((error: unknown) => log.warn({ error }, 'failed to note how a message was pushed'))
        .finally(() => {
          messages -= 1;
          active.delete(sent);
          next(service);
        });
      active.add(sent);
    }
  };

  return {
    send(request) {
      if (messages >= maxMessages) {
        metrics.pushes.inc({ outcome: 'dropped' });
        return;
      }
      messages += 1;
      const service = new URL(request.endpoint).origin;
      waiting.set(service, [...(waiting.get(service) ?? []), request]);
      next(service);
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await Promise.all([...running.values()].flatMap((active) => [...active]));
    },
  };
};
