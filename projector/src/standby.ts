import type { Logger } from '@rookery/service';
import type { Documents } from '@rookery/stores/documents';
import type { Queue } from '@rookery/stores/queue';
import type { Consumer } from './consume.ts';
import { pause } from './pause.ts';

/** A standby that is away for longer, or further behind, is no longer waited for by RECORDED. Milliseconds; events. */
export const patience = { away: 10_000, behind: 50_000 } as const;

/** What a running consumer tells whoever keeps it. */
export interface Watch {
  readonly onAway: (milliseconds: number) => void;
  readonly onLag: (events: number) => void;
}

export interface StandbyOptions {
  /** The consumer on RECORDED. */
  readonly name: string;
  readonly documents: Pick<Documents, 'ping' | 'prepare'>;
  readonly queue: Pick<Queue, 'letGo'>;
  readonly start: (watch: Watch) => Promise<Consumer>;
  readonly log: Logger;
}

/**
 * Feeds one projection of a standby for as long as the standby is there, and lets go of RECORDED where it isn't: the
 * stream keeps every event until all its consumers have acknowledged it, and must not fill up for want of a standby.
 * What is missed meanwhile comes from the event store (progress.ts), so letting go loses nothing.
 */
export const keepStandby = ({ name, documents, queue, start, log }: StandbyOptions): Consumer => {
  const stopping = new AbortController();
  const { signal } = stopping;
  let consumer: Consumer | undefined;

  const untilThere = async (): Promise<void> => {
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        await documents.ping();
        return await documents.prepare();
      } catch (error) {
        log[failures === 1 ? 'warn' : 'debug']({ error }, 'the standby is away');
        await pause(failures, { longest: 1_000, signal });
      }
    }
  };

  /** Resolves where RECORDED is no longer to wait for it. */
  const feed = async (): Promise<string | undefined> => {
    const { promise: given, resolve: giveUp } = Promise.withResolvers<string | undefined>();
    const stop = (): void => giveUp(undefined);
    signal.addEventListener('abort', stop, { once: true });
    consumer = await start({
      onAway: (ms) => void (ms > patience.away && giveUp('away')),
      onLag: (events) => void (events > patience.behind && giveUp('far behind')),
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
        log.error({ why }, 'the standby is let go: it will be fed from the event store');
        await queue.letGo(name);
      } catch (error) {
        failures += 1;
        log.warn({ error, failures }, 'the standby could not be fed');
        await pause(failures, { signal });
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
