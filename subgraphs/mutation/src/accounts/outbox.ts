import type { Queue } from '@rookery/message-queue';
import type { Logger } from '@rookery/runtime';
import type { AccountTable } from './table.ts';

/** Interval of the sweep. */
const intervalMs = 2_000;
/** Younger ones are left to the request that made them. */
const minAgeMs = 2_000;
/** Events published in one go. */
const batch = 100;

/**
 * Publishes the sign-ups that a kill, or an outage of the queue, has left in their outbox: now, and every 2 s. A repeated
 * event has the same id, and thus one effect. A sign-up whose account the synchronous standby lacks stays in the outbox: a
 * promotion would lose the account, and its event would live on.
 */
export const startOutboxSweep = (
  table: Pick<AccountTable, 'unpublished' | 'replicated' | 'published'>,
  queue: Pick<Queue, 'publish'>,
  log: Logger,
): AsyncDisposable => {
  let stopped = false;
  const stopping = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();

  const sweep = async (): Promise<void> => {
    const left = await table.unpublished(minAgeMs, batch);
    if (left.length > 0) await Promise.race([table.replicated(), stopping.promise]);
    for (const event of left) {
      if (stopped) return;
      await queue.publish(event);
      await table.published([event.id]);
      log.info({ userId: event.id, requestId: event.requestid }, 'completed a sign-up');
    }
  };
  const next = () => {
    running = sweep()
      // Postgres or the queue is down, which each of them reports; the next sweep tries again.
      .catch((error) => log.debug({ error }, 'sweep did not finish'))
      .then(() => {
        if (!stopped) timer = setTimeout(next, intervalMs);
      });
  };
  next();

  return {
    [Symbol.asyncDispose]: async () => {
      stopped = true;
      stopping.resolve();
      clearTimeout(timer);
      await running;
    },
  };
};
