import { UsageError } from '@rookery/command-line';
import { openAccountDatabase, openSessionTable } from '@rookery/mutation/accounts';
import { createLog } from '@rookery/runtime';
import { type Command, defineCommand } from '../command.ts';

/** Scopes that operators can grant. */
const scopes = ['moderate'];

type Sessions = ReturnType<typeof openSessionTable>;

/** Creates a command that changes one account, named by id or handle. */
const onAccount = (
  about: string,
  change: (sessions: Sessions, user: string, scope: string) => Promise<string | undefined>,
  done: (id: string, scope: string) => string,
  takesScope = false,
): Command =>
  defineCommand({
    about,
    positionals: takesScope ? '<user id or handle> <scope>' : '<user id or handle>',
    options: {},
    help: [],

    async run(_options, { config }, [user, ...more]) {
      if (user === undefined || more.length > (takesScope ? 1 : 0))
        throw new UsageError('one user must be named');
      const [scope = ''] = more;
      if (takesScope && !scopes.includes(scope))
        throw new UsageError(`the scope must be one of ${scopes.join(', ')}`);
      await using open = new AsyncDisposableStack();
      const database = openAccountDatabase(config.POSTGRES_URL, createLog('ops', 'silent'));
      open.defer(() => database.close());
      await database.prepare();
      const sessions = openSessionTable(database, { ttlSeconds: config.TOKEN_TTL });
      const id = await change(sessions, user, scope);
      return {
        ok: id !== undefined,
        json: { user: id ?? null },
        text: id === undefined ? `there is no account ${user}` : done(id, scope),
      };
    },
  });

export const suspend = onAccount(
  'Ends all sessions of a user within 2 s and lets no new one begin; what was posted stays',
  (sessions, user) => sessions.suspend(user),
  (id) => `${id} is suspended`,
);

export const unsuspend = onAccount(
  'Lets a suspended user log in again',
  (sessions, user) => sessions.unsuspend(user),
  (id) => `${id} may log in again`,
);

export const grant = onAccount(
  'Grants a user a scope, which their next access tokens have',
  (sessions, user, scope) => sessions.grant(user, scope),
  (id, scope) => `${id} has the scope ${scope}`,
  true,
);

export const withdraw = onAccount(
  'Withdraws a scope from a user, whose sessions end within 2 s',
  (sessions, user, scope) => sessions.withdraw(user, scope),
  (id, scope) => `${id} no longer has the scope ${scope}`,
  true,
);
