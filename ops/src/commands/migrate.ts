import { setTimeout } from 'node:timers/promises';
import { wholeNumber } from '@rookery/command-line';
import { openAccountDatabase } from '@rookery/mutation/accounts';
import { createLog } from '@rookery/runtime';
import { defineCommand } from '../command.ts';

export const migrate = defineCommand({
  about:
    'Creates what this version needs in the stores and does not find: tables, indexes, streams and consumers',
  options: { wait: { type: 'string' } },
  help: [['--wait <seconds>', 'time in which each store must have answered; 30 by default']],

  async run({ wait }, { config, stores }) {
    const waitMs = 1_000 * (wait === undefined ? 30 : wholeNumber('wait', wait, 0));
    await using accounts = openAccounts(config.POSTGRES_URL);
    const steps = {
      accounts: () => accounts.database.prepare(),
      'event store': () => stores.eventStore.prepare(),
      documents: () => stores.documents.prepare(),
      queue: () => stores.queue.prepare(),
    };
    const parts = await Promise.all(
      Object.entries(steps).map(async ([name, step]) => {
        const reason = await prepare(step, waitMs);
        return { name, ok: reason === undefined, ...(reason !== undefined && { reason }) };
      }),
    );
    return {
      ok: parts.every(({ ok }) => ok),
      json: { parts },
      text: parts.map(({ name, reason }) => `${name}: ${reason ?? 'ready for this version'}`).join('\n'),
    };
  },
});

/**
 * Prepares a store, and again until `waitMs` have passed if it does not answer. Work that is under way is never cut off: an
 * index on a large table takes minutes.
 * @returns the reason of the last failure; undefined if it is prepared
 */
const prepare = async (work: () => Promise<unknown>, waitMs: number): Promise<string | undefined> => {
  const deadline = performance.now() + waitMs;
  for (;;) {
    try {
      await work();
      return undefined;
    } catch (error) {
      if (performance.now() >= deadline) return error instanceof Error ? error.message : String(error);
    }
    await setTimeout(250);
  }
};

const openAccounts = (url: string) => {
  const database = openAccountDatabase(url, createLog('ops', 'silent'));
  return { database, [Symbol.asyncDispose]: () => database.close() };
};
