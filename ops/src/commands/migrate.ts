import { openAccountDatabase } from '@rookery/mutation/accounts';
import { createLog } from '@rookery/runtime';
import { defineCommand } from '../command.ts';
import { reach } from '../reach.ts';

export const migrate = defineCommand({
  about:
    'Creates what this version needs in the stores and does not find: tables, indexes, streams and consumers',
  options: {},
  help: [],

  async run(_options, { config, stores }) {
    const { eventStore, documents, queue } = stores;
    await using accounts = openAccounts(config.POSTGRES_URL);
    const parts = await Promise.all([
      prepare('accounts', () => accounts.database.query('select')),
      prepare(
        'event store',
        () => eventStore.ping(),
        () => eventStore.prepare(),
      ),
      prepare(
        'documents',
        () => documents.ping(),
        () => documents.prepare(),
      ),
      prepare(
        'queue',
        () => queue.ping(),
        () => queue.prepare(),
      ),
    ]);
    return {
      ok: parts.every(({ ok }) => ok),
      json: { parts: parts.map(({ name, ok, reason }) => ({ name, ok, ...(reason && { reason }) })) },
      text: parts.map(({ name, reason }) => `${name}: ${reason ?? 'ready for this version'}`).join('\n'),
    };
  },
});

/** Prepares a store that answers, for as long as that takes: an index on a large table takes minutes. */
const prepare = async (
  name: string,
  ping: () => Promise<unknown>,
  work: () => Promise<unknown> = async () => {},
): Promise<{ name: string; ok: boolean; reason?: string }> => {
  const { ok, reason } = await reach(ping);
  if (!ok) return { name, ok, ...(reason && { reason }) };
  try {
    await work();
    return { name, ok };
  } catch (error) {
    return { name, ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
};

const openAccounts = (url: string) => {
  const database = openAccountDatabase(url, createLog('ops', 'silent'));
  return { database, [Symbol.asyncDispose]: () => database.close() };
};
