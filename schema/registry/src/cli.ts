import { exitCodes, runCommandLine, UsageError, wholeNumber } from '@rookery/command-line';
import { createLog, readConfig } from '@rookery/runtime';
import { RegistryError } from './errors.ts';
import { Database } from './storage/database.ts';
import { createToken, listTokens, revokeToken, type Scope, scopes } from './storage/tokens.ts';

const usage = `Creates and revokes the tokens of the registry, directly in Postgres.

  npm run registry -- token create --name NAME --scopes SCOPE,… [--days N]
  npm run registry -- token list
  npm run registry -- token revoke ID

  --name NAME    who uses it, for the audit log
  --scopes …     publish, check, read, report
  --days N       days until it expires; default: it does not expire

The address is REGISTRY_POSTGRES_URL, or else POSTGRES_URL. The text of a token is shown once: only its hash is stored.`;

const options = {
  name: { type: 'string' },
  scopes: { type: 'string' },
  days: { type: 'string' },
} as const;

interface Given {
  readonly name?: string | undefined;
  readonly scopes?: string | undefined;
  readonly days?: string | undefined;
}

/** @throws UsageError */
const readScopes = (text: string): Scope[] =>
  text.split(',').map((part) => {
    const scope = scopes.find((one) => one === part.trim());
    if (scope === undefined) throw new UsageError(`--scopes takes ${scopes.join(', ')}, and not "${part}"`);
    return scope;
  });

const create = async (database: Database, { name, scopes: granted, days }: Given): Promise<void> => {
  if (!name || !granted) throw new UsageError('token create needs --name and --scopes');
  const ttlDays = days === undefined ? undefined : wholeNumber('days', days, 1, 36_500);
  const token = { name, scopes: readScopes(granted), ttlDays };
  console.log(await database.transaction((client) => createToken(client, token)));
};

const run = async (database: Database, given: Given, words: readonly string[]): Promise<void> => {
  const [subject, verb, id] = words;
  if (subject !== 'token') throw new UsageError('the command is token');
  if (verb === 'create') await create(database, given);
  else if (verb === 'list')
    for (const token of await listTokens(database)) console.log(JSON.stringify(token));
  else if (verb === 'revoke' && id !== undefined) await revokeToken(database, id);
  else throw new UsageError('token takes create, list, or revoke ID');
};

process.exitCode = await runCommandLine({
  name: 'registry',
  usage,
  options,
  positionals: true,
  async run(given, words) {
    const { REGISTRY_POSTGRES_URL, POSTGRES_URL } = readConfig(['REGISTRY_POSTGRES_URL', 'POSTGRES_URL']);
    await using database = new Database(REGISTRY_POSTGRES_URL ?? POSTGRES_URL, createLog('registry', 'warn'));
    try {
      await run(database, given, words);
      return exitCodes.ok;
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      console.error(`registry: ${error.message}`);
      return error.code === 'NOT_FOUND' ? exitCodes.problem : exitCodes.couldNotRun;
    }
  },
});
