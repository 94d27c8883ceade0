import { UsageError, wholeNumber } from '@rookery/command-line';
import { type AppVersion, appVersion } from '@rookery/registry-protocol';
import { z } from 'zod';
import { readManifest } from '../../check/usage/usage-file.ts';
import { headCommit } from '../../compose/git.ts';
import { callerFolder } from '../../model/installation.ts';
import type { RegistryClient } from '../../registry-client/client.ts';
import { authorOf, authorUsage } from '../author.ts';
import type { CommandResult } from '../command.ts';
import { defineRegistryCommand } from '../registry-command.ts';

const options = {
  client: { type: 'string' },
  'client-version': { type: 'string' },
  author: { type: 'string' },
  commit: { type: 'string' },
  reason: { type: 'string' },
  force: { type: 'boolean' },
  limit: { type: 'string' },
} as const;

interface Given {
  readonly client?: string | undefined;
  readonly 'client-version'?: string | undefined;
  readonly author?: string | undefined;
  readonly commit?: string | undefined;
  readonly reason?: string | undefined;
  readonly force?: boolean | undefined;
  readonly limit?: string | undefined;
}

const published = appVersion.extend({ created: z.boolean() });
const retired = appVersion.extend({ changed: z.boolean() });
const listed = z.object({ appVersions: z.array(appVersion) });

/** @throws UsageError */
const clientOf = ({ client: name, 'client-version': version }: Given) => {
  if (name === undefined || version === undefined)
    throw new UsageError('name the app version with --client and --client-version');
  return { name, version };
};

const appText = ({
  client,
  state,
  documents,
  publishedAt,
  author,
  lastSeen,
  retiredReason,
}: AppVersion): string =>
  [
    `${client.name} ${client.version}: ${state}`,
    `${documents} ${documents === 1 ? 'operation' : 'operations'}`,
    `published ${publishedAt.slice(0, 10)} by ${author}`,
    lastSeen === null ? 'never seen' : `last seen ${lastSeen.slice(0, 10)}`,
    ...(retiredReason === null ? [] : [`retired: ${retiredReason}`]),
  ].join(', ');

type Verb = (registry: RegistryClient, given: Given, words: readonly string[]) => Promise<CommandResult>;

const publish: Verb = async (registry, given, [manifest, ...rest]) => {
  if (manifest === undefined || rest.length > 0)
    throw new UsageError('operations publish takes one MANIFEST');
  const client = clientOf(given);
  const documents = readManifest(callerFolder(), manifest, client);
  const { created, ...app } = await registry.post(
    registry.inEnvironment('/app-versions'),
    {
      client,
      documents: documents.map(({ id, document }) => ({ id, document })),
      author: authorOf(given.author),
      commit: given.commit ?? headCommit(callerFolder()),
    },
    published,
  );
  const note = created ? '' : ' (published before)';
  return { text: `${appText(app)}${note}`, data: { appVersion: app, created } };
};

const retire: Verb = async (registry, given, words) => {
  if (words.length > 0) throw new UsageError('operations retire takes no arguments besides its options');
  const { reason } = given;
  if (reason === undefined) throw new UsageError('say why with --reason');
  const { changed, ...app } = await registry.post(
    registry.inEnvironment('/app-versions/retire'),
    {
      client: clientOf(given),
      author: authorOf(given.author),
      reason,
      force: given.force ?? false,
    },
    retired,
  );
  return { text: `${appText(app)}${changed ? '' : ' (retired before)'}`, data: { appVersion: app, changed } };
};

const list: Verb = async (registry, { limit = '50' }, words) => {
  if (words.length > 0) throw new UsageError('operations list takes no arguments besides its options');
  const { appVersions } = await registry.get(registry.inEnvironment('/app-versions'), listed, {
    limit: wholeNumber('limit', limit, 1, 200),
  });
  const lines = appVersions.map(appText);
  const text =
    lines.length === 0 ? `no app version was published to ${registry.environment} yet` : lines.join('\n');
  return { text, data: { appVersions } };
};

const verbs: Readonly<Record<string, Verb>> = { publish, retire, list };

export const operationsCommand = defineRegistryCommand({
  name: 'operations',
  about: 'publishes, retires and lists the operations that app versions ship with',
  usage: `Keeps the trusted documents of app versions in the registry. Every check counts those that are not retired, with or without
traffic.

  npm run schema -- operations publish manifest.json --client ios --client-version 4.2.0
  npm run schema -- operations retire --client ios --client-version 3.0.0 --reason "forced upgrade"
  npm run schema -- operations list

MANIFEST is Apollo's manifest of persisted queries, or an object with the text of each operation by its id, as Relay writes it.
The same operations in another layout are the same operations.

  --client NAME            name that the app sends with its requests
  --client-version TEXT    its version
  --reason TEXT            why it is retired
  --force                  retire it although somebody used it a short while ago
  --commit COMMIT          commit that the app was built from; default: that of the work tree
  --limit N                app versions that are listed, up to 200; default: 50
${authorUsage}`,
  options,
  positionals: true,
  timeoutSeconds: 90,
  run(registry, given, [name = '', ...words]) {
    const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
    if (verb === undefined)
      throw new UsageError(`operations takes ${Object.keys(verbs).join(', ')}, and not "${name}"`);
    return verb(registry, given, words);
  },
});
