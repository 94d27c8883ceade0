import { UsageError } from '@rookery/command-line';
import { openAccountDatabase, openSessionTable } from '@rookery/mutation/accounts';
import { createLog } from '@rookery/runtime';
import { type Command, defineCommand } from '../command.ts';

/** Creates a command that changes one account, named by id or handle. */
const onAccount = (about: string, change: 'suspend' | 'unsuspend', done: (id: string) => string): Command =>
  defineCommand({
    about,
    positionals: '<user id or handle>',
    options: {},
    help: [],

    async run(_options, { config }, [user, ...more]) {
      if (user === undefined || more.length > 0) throw new UsageError('one user must be named');
      await using open = new AsyncDisposableStack();
      const database = openAccountDatabase(config.POSTGRES_URL, createLog('ops', 'silent'));
      open.defer(() => database.close());
      const id = await openSessionTable(database, { ttlSeconds: config.TOKEN_TTL })[change](user);
      return {
        ok: id !== undefined,
        json: { user: id ?? null },
        text: id === undefined ? `there is no account ${user}` : done(id),
      };
    },
  });

export const suspend = onAccount(
  'Ends all sessions of a user within 2 s and lets no new one begin; what was posted stays',
  'suspend',
  (id) => `${id} is suspended`,
);

export const unsuspend = onAccount(
  'Lets a suspended user log in again',
  'unsuspend',
  (id) => `${id} may log in again`,
);
