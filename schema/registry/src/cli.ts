import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  exitCodes,
  runCommandLine,
  runningEnvironment,
  UsageError,
  wholeNumber,
} from '@rookery/command-line';
import { type Config, createLog, readConfig } from '@rookery/runtime';
import { RegistryError } from './errors.ts';
import { Database } from './storage/database.ts';
import { createToken, listTokens, revokeToken, type Scope, scopes } from './storage/tokens.ts';
import { createWebhook, deleteWebhook, listWebhooks } from './storage/webhooks.ts';
import { type EventType, eventTypes } from './webhooks/events.ts';
import { newSecret } from './webhooks/signature.ts';
import { readTarget, TargetError } from './webhooks/targets.ts';

const usage = `Manages the tokens and webhooks of the registry, directly in Postgres.

  npm run registry -- token create --name NAME --scopes SCOPE,… [--days N]
  npm run registry -- token list
  npm run registry -- token revoke ID
  npm run registry -- webhook create --url URL [--events EVENT,…]
  npm run registry -- webhook list
  npm run registry -- webhook delete ID

  --name NAME    who uses it, for the audit log
  --scopes …     publish, check, read, report
  --days N       days until it expires; default: it does not expire
  --url URL      address that receives the events; REGISTRY_WEBHOOK_TARGETS says which ones are permitted
  --events …     default: all of ${eventTypes.join(', ')}

The address is REGISTRY_POSTGRES_URL, or else POSTGRES_URL, or that of a running npm start. A token, and the secret of a
webhook, are shown once.`;

const options = {
  name: { type: 'string' },
  scopes: { type: 'string' },
  days: { type: 'string' },
  url: { type: 'string' },
  events: { type: 'string' },
} as const;

type Given = { readonly [Name in keyof typeof options]?: string | undefined };

const settingNames = ['REGISTRY_POSTGRES_URL', 'POSTGRES_URL', 'REGISTRY_WEBHOOK_TARGETS'] as const;
type Settings = Config<(typeof settingNames)[number]>;

/** Reads a comma-separated list of known words. @throws UsageError */
const readWords = <T extends string>(option: string, known: readonly T[], text: string): T[] =>
  text.split(',').map((part) => {
    const word = known.find((one) => one === part.trim());
    if (word === undefined) throw new UsageError(`--${option} takes ${known.join(', ')}, and not "${part}"`);
    return word;
  });

const create = async (database: Database, { name, scopes: granted, days }: Given): Promise<void> => {
  if (!name || !granted) throw new UsageError('token create needs --name and --scopes');
  const ttlDays = days === undefined ? undefined : wholeNumber('days', days, 1, 36_500);
  const token = { name, scopes: readWords<Scope>('scopes', scopes, granted), ttlDays };
  console.log(await database.transaction((client) => createToken(client, token)));
};

const runToken = async (database: Database, given: Given, [verb, id]: readonly string[]): Promise<void> => {
  if (verb === 'create') await create(database, given);
  else if (verb === 'list')
    for (const token of await listTokens(database)) console.log(JSON.stringify(token));
  else if (verb === 'revoke' && id !== undefined) await revokeToken(database, id);
  else throw new UsageError('token takes create, list, or revoke ID');
};

/** @throws UsageError */
const readUrl = (url: string, { REGISTRY_WEBHOOK_TARGETS: targets }: Settings): string => {
  try {
    return readTarget(url, targets).href;
  } catch (error) {
    if (error instanceof TargetError) throw new UsageError(`--url ${error.message}`);
    throw error;
  }
};

const addWebhook = async (database: Database, { url, events }: Given, settings: Settings): Promise<void> => {
  if (!url) throw new UsageError('webhook create needs --url');
  const webhook = {
    url: readUrl(url, settings),
    secret: newSecret(),
    events: events === undefined ? [] : readWords<EventType>('events', eventTypes, events),
  };
  const id = await database.transaction((client) => createWebhook(client, webhook));
  console.log(JSON.stringify({ id, secret: webhook.secret }));
};

const runWebhook = async (
  database: Database,
  given: Given,
  settings: Settings,
  [verb, id]: readonly string[],
): Promise<void> => {
  if (verb === 'create') await addWebhook(database, given, settings);
  else if (verb === 'list')
    for (const webhook of await listWebhooks(database)) console.log(JSON.stringify(webhook));
  else if (verb === 'delete' && id !== undefined) await deleteWebhook(database, id);
  else throw new UsageError('webhook takes create, list, or delete ID');
};

const clone = fileURLToPath(new URL('../../..', import.meta.url));

/** Reads the settings of the environment; those of the system that `npm start` runs fill the gaps. */
const readSettings = (env: NodeJS.ProcessEnv): Settings =>
  readConfig(settingNames, { ...runningEnvironment(resolve(clone, env.DATA_DIR || '.rookery')), ...env });

process.exitCode = await runCommandLine({
  name: 'registry',
  usage,
  options,
  positionals: true,
  async run(given, [subject, ...words]) {
    if (subject !== 'token' && subject !== 'webhook') throw new UsageError('the command is token or webhook');
    const settings = readSettings(process.env);
    const { REGISTRY_POSTGRES_URL, POSTGRES_URL } = settings;
    await using database = new Database(REGISTRY_POSTGRES_URL ?? POSTGRES_URL, createLog('registry', 'warn'));
    try {
      if (subject === 'token') await runToken(database, given, words);
      else await runWebhook(database, given, settings, words);
      return exitCodes.ok;
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      console.error(`registry: ${error.message}`);
      return error.code === 'NOT_FOUND' ? exitCodes.problem : exitCodes.couldNotRun;
    }
  },
});
