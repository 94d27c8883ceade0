import type { Documents } from '@rookery/document-store';
import type { Queue } from '@rookery/message-queue';
import { type Logger, waitBeforeRetry } from '@rookery/runtime';

/**
 * Limits after which RECORDED stops waiting for a standby: length of its outage in milliseconds, and its lag
 * in events.
 */
const standbyLimits = { outageMs: 10_000, lagEvents: 50_000 } as const;

/** A consumer that feeds one projection. */
export interface StandbyConsumer extends AsyncDisposable {
  /** @throws the reason why this projection has stopped */
  check(): Promise<void>;
}

/** Callbacks of a running consumer. */
export interface StandbyWatch {
  readonly onAway: (outageMs: number) => void;
  readonly onLag: (events: number) => void;
}

interface KeepOptions {
  /** Name of the consumer on RECORDED. */
  readonly name: string;
  readonly documents: Pick<Documents, 'ping' | 'prepare'>;
  readonly queue: Pick<Queue, 'letGo'>;
  readonly start: (watch: StandbyWatch) => Promise<StandbyConsumer>;
  readonly log: Logger;
}

/**
 * Feeds one projection of a standby while the standby is available. If it is not, deletes its consumer: the
 * stream keeps every event until all consumers have acknowledged it and must not fill up because a standby is
 * missing. The standby later receives the missed events from the event store (the projector's progress.ts), so nothing is
 * lost.
 */
export const keepStandby = ({ name, documents, queue, start, log }: KeepOptions): StandbyConsumer => {
  const stopping = new AbortController();
  const { signal } = stopping;
  let consumer: StandbyConsumer | undefined;

  const untilThere = async (): Promise<void> => {
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        await documents.ping();
        return await documents.prepare();
      } catch (error) {
        log[failures === 1 ? 'warn' : 'debug']({ error }, 'the standby is down');
        await waitBeforeRetry(failures, { maxMs: 1_000, signal });
      }
    }
  };

  /** Resolves if RECORDED must stop waiting for the standby. */
  const feed = async (): Promise<string | undefined> => {
    const { promise: given, resolve: giveUp } = Promise.withResolvers<string | undefined>();
    const stop = (): void => giveUp(undefined);
    signal.addEventListener('abort', stop, { once: true });
    consumer = await start({
      onAway: (ms) => void (ms > standbyLimits.outageMs && giveUp('away')),
      onLag: (events) => void (events > standbyLimits.lagEvents && giveUp('far behind')),
    });
    if (signal.aborted) stop();
    const why = await given;
    signal.removeEventListener('abort', stop);
    await consumer[Symbol.asyncDispose]();
    consumer = undefined;
    return why;
  };

  const run = async (): Promise<void> => {
    for (let failures = 0; !signal.aborted; ) {
      await untilThere();
      if (signal.aborted) return;
      try {
        const why = await feed();
        if (why === undefined) return;
        failures = 0;
        log.error({ why }, 'detached the standby from RECORDED; it will catch up from the event store');
        await queue.letGo(name);
      } catch (error) {
        failures += 1;
        log.warn({ error, failures }, 'failed to feed the standby; trying again');
        await waitBeforeRetry(failures, { signal });
      }
    }
  };
  const running = run();

  return {
    async check() {
      await consumer?.check();
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await running;
    },
  };
};
