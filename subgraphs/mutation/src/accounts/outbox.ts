import { unavailable } from '@rookery/graphql-server';
import type { Queue } from '@rookery/message-queue';
import type { Logger } from '@rookery/runtime';
import type { Envelope } from '@rookery/schema/events';
import type { CommandMetrics } from '../metrics.ts';
import type { AccountTable } from './table.ts';

/** Interval of the sweep. */
const intervalMs = 2_000;
/** Younger ones are left to the request that made them. */
const minAgeMs = 2_000;
/** Events published in one go. */
const batch = 100;

/** Publishes the event that an account has in its outbox. */
export interface PublishFromOutbox {
  /** @throws RookeryError SERVICE_UNAVAILABLE if the queue is down, so that nothing is stored that cannot be published */
  mustAnswer(): Promise<void>;
  /** The account and its event are safe in Postgres: if this does not succeed, the sweep publishes it. */
  now(event: Envelope, log: Logger): Promise<void>;
}

export const publishFromOutbox = (
  table: Pick<AccountTable, 'published'>,
  queue: Pick<Queue, 'publish' | 'ping'>,
  metrics: Pick<CommandMetrics, 'timePublish'>,
): PublishFromOutbox => ({
  mustAnswer: () =>
    queue.ping().catch(() => {
      throw unavailable();
    }),
  now: async (event, log) => {
    try {
      await metrics.timePublish(() => queue.publish(event));
      await table.published(event);
    } catch (error) {
      log.warn(
        { error, userId: event.actor, eventId: event.id },
        'left the event of an account to the sweep',
      );
    }
  },
});

/**
 * Publishes the events of accounts that a kill, or an outage of the queue, has left in their outbox: now, and every 2 s. A repeated
 * event has the same id, and thus one effect. An event whose account the synchronous standby lacks stays in the outbox: a
 * promotion would lose the change of the account, and its event would live on.
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
      await table.published(event);
      const { id: eventId, actor: userId, type, requestid: requestId } = event;
      log.info({ userId, eventId, type, requestId }, 'published the event of an account');
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
