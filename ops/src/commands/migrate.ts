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
    const steps = {
      accounts: () => accounts.database.query('select'),
      'event store': () => eventStore.prepare(),
      documents: () => documents.prepare(),
      queue: () => queue.prepare(),
    };
    const answers = Object.entries(steps).map(async ([name, step]) => ({ name, ...(await reach(step)) }));
    const parts = await Promise.all(answers);
    return {
      ok: parts.every(({ ok }) => ok),
      json: { parts: parts.map(({ name, ok, reason }) => ({ name, ok, ...(reason && { reason }) })) },
      text: parts.map(({ name, reason }) => `${name}: ${reason ?? 'ready for this version'}`).join('\n'),
    };
  },
});

const openAccounts = (url: string) => {
  const database = openAccountDatabase(url, createLog('ops', 'silent'));
  return { database, [Symbol.asyncDispose]: () => database.close() };
};
