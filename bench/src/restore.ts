import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { exitCodes, runCommandLine } from '@rookery/command-line';
import type { Network } from '@rookery/demo/bulk';
import { projectionNames } from '@rookery/read-models/reducers';
import { processNames } from '@rookery/stack';
import {
  freshPostgres,
  provideServers,
  type System,
  startSharedServers,
  startSystem,
} from '@rookery/tests/support';
import { atMost, type Bound, boundsToText, isHeld } from './bound.ts';
import { GatewayClient } from './gateway-client.ts';
import { until } from './measure.ts';
import { logIn } from './member.ts';
import { makeBackup, networkOf, ops } from './restore/backup.ts';
import { expectPage, type ShownPost } from './restore/expected-page.ts';
import { type Result, toText } from './result.ts';
import { readSizes } from './sizes.ts';

const usage = `npm run bench:restore -- [--events N,N,…] [--json]

Measures the time from a backup to a system that serves it. For each size: a network is made in bulk and backed up, ops
restore reads the backup into an empty event store and builds the read models, and all processes start with an empty queue
until a reader gets exactly the page that the events imply, and until a new post is in it. Then the queue loses everything,
and the same is measured again.
  --events N,N,…  sizes in events, smallest first (100000,1000000)
  --json          one JSON object on standard output
Exit codes: 0 every bound is held, 1 one is not, 2 wrong arguments, 3 could not measure.`;

const options = {
  events: { type: 'string', default: '100000,1000000' },
  json: { type: 'boolean', default: false },
} as const;

const say = (line: string): void => console.error(`  … ${line}`);
const timeoutMs = 900_000;
const pageSize = 20;
/** The goal: seconds for a number of events. */
const goal = { seconds: 300, events: 1_000_000 } as const;
/** Largest ratio of two times for each event that should be equal, because no two measurements are. */
const tolerance = 1.3;

const named = {
  events: 'events',
  imported: 'ops restore: events and accounts, seconds',
  built: 'ops restore: read models, seconds',
  total: 'from the backup to the exact page, seconds',
  delivered: 'events that the queue delivered to a projection',
} as const;

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
};

interface Restored {
  readonly events: number;
  readonly readModels: { readonly seconds: number; readonly events: number };
}

/** Starts all processes. Resolves when each is ready. */
const startAll = async (system: System): Promise<void> => {
  await Promise.all(processNames.map((name) => system.start(name)));
};

const readPage = async (reader: GatewayClient): Promise<ShownPost[]> => {
  const { friendsFeed } = await reader.ask<{ friendsFeed: { edges: { node: { post: ShownPost } }[] } }>(
    `{ friendsFeed(first: ${pageSize}) { edges { node { post { id body likeCount shareCount replyCount } } } } }`,
  );
  return friendsFeed.edges.map(({ node }) => node.post);
};

/** Lets the reader follow somebody new, who posts. Resolves when the post is the first of the page. */
const writeAndRead = async (system: System, reader: GatewayClient): Promise<void> => {
  const author = await system.signUp();
  await reader.ask('mutation ($input: UserInput!) { followUser(input: $input) { user { id } } }', {
    input: { userId: author.id },
  });
  await using asAuthor = new GatewayClient(system.gatewayUrl, author.token);
  const { publishPost } = await asAuthor.ask<{ publishPost: { post: { id: string } } }>(
    'mutation { publishPost(input: { body: "The system serves again." }) { post { id } } }',
  );
  const isFirst = async () => (await readPage(reader))[0]?.id === publishPost.post.id;
  await until('the new post is in the feed', timeoutMs, isFirst);
};

/** Returns the largest number of events that a consumer of RECORDED has received. */
const mostDelivered = async ({ servers }: System): Promise<number> => {
  const nats = await connect({ servers: servers.nats.url });
  try {
    const { consumers } = await jetstreamManager(nats);
    const all = await Promise.all(projectionNames.map((name) => consumers.info('RECORDED', name)));
    return Math.max(...all.map(({ delivered }) => delivered.consumer_seq));
  } finally {
    await nats.close();
  }
};

const loseQueue = async ({ servers }: System): Promise<void> => {
  const nats = await connect({ servers: servers.nats.url });
  try {
    const { streams } = await jetstreamManager(nats);
    for await (const { config } of streams.list()) await streams.delete(config.name);
  } finally {
    await nats.close();
  }
};

const measureRestored = async (
  network: Network,
  dir: string,
  wanted: readonly ShownPost[],
): Promise<Record<string, number>> => {
  await using postgres = await freshPostgres();
  await using system = await startSystem({
    postgresUrl: postgres.url,
    processes: [],
    env: { LOG_LEVEL: 'warn' },
  });
  let restored: Restored | undefined;
  const restore = await seconds(async () => {
    restored = await ops<Restored>(system.env, 'restore', '--from', dir);
  });
  const { events, readModels } = restored ?? { events: 0, readModels: { seconds: Number.NaN, events: 0 } };
  say(`restored in ${restore.toFixed(1)} s; starting the processes`);
  const start = await seconds(() => startAll(system));
  const [handle = ''] = network.handles.readers;
  let reader: GatewayClient | undefined;
  const page = await seconds(async () => {
    const { client } = await logIn(system.gatewayUrl, handle);
    reader = client;
    await until('the page is exact', timeoutMs, async () =>
      isDeepStrictEqual(await readPage(client), wanted),
    );
  });
  if (!reader) throw new Error('nobody could log in');
  await using client = reader;
  const write = await seconds(() => writeAndRead(system, client));
  const delivered = await mostDelivered(system);

  say('the queue loses everything');
  await Promise.all(processNames.map((name) => system.kill(name)));
  await loseQueue(system);
  const restart = await seconds(async () => {
    await startAll(system);
    await writeAndRead(system, client);
  });
  const total = restore + start + page;
  return {
    [named.events]: events,
    [named.imported]: restore - readModels.seconds,
    [named.built]: readModels.seconds,
    'read models, events per second': readModels.events / readModels.seconds,
    'start of all processes, seconds': start,
    'first exact page, seconds': page,
    [named.total]: total,
    'first post to the feed, seconds': write,
    'start with a queue that lost everything, until a post is in the feed, seconds': restart,
    [named.delivered]: Math.max(delivered, await mostDelivered(system)),
  };
};

const measureSize = async (size: number): Promise<Result> => {
  const dir = mkdtempSync(join(tmpdir(), 'rookery-backup-'));
  try {
    const network = networkOf(size);
    const made = await makeBackup(network, dir, say);
    const wanted = expectPage(network, pageSize);
    if (wanted.length < pageSize) throw new Error(`the network has only ${wanted.length} posts to compare`);
    const figures = await measureRestored(network, dir, wanted);
    return {
      name: `restore of ${figures[named.events]?.toLocaleString('en')} events`,
      figures: {
        'made in bulk, seconds': made.seconds.make,
        'ops backup, seconds': made.seconds.backup,
        ...figures,
      },
      reading: 'lower is better; the first two are not part of the restore',
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};

const boundsOf = (results: readonly Result[]): Bound[] => {
  const [first, last] = [results[0]?.figures ?? {}, results.at(-1)?.figures ?? {}];
  const value = (figures: Result['figures'], name: string): number => figures[name] ?? Number.NaN;
  const perEvent = (figures: Result['figures'], name: string): number =>
    value(figures, name) / value(figures, named.events);
  const events = value(last, named.events);
  return [
    atMost(named.delivered, value(last, named.delivered), 100),
    // About as many as the goal is for: a network has a few percent more or less.
    ...(events >= goal.events * 0.9 ? [atMost(named.total, value(last, named.total), goal.seconds)] : []),
    ...(results.length > 1
      ? [named.imported, named.built, named.total].map((name) =>
          atMost(`growth for each event: ${name}`, perEvent(last, name) / perEvent(first, name), tolerance),
        )
      : []),
  ];
};

try {
  process.exitCode = await runCommandLine({
    name: 'bench:restore',
    usage,
    options,
    async run({ events, json }) {
      const sizes = readSizes('events', events, 20_000, 100_000_000);
      const { servers, stop } = await startSharedServers(say);
      const results: Result[] = [];
      try {
        provideServers(servers);
        for (const size of sizes) {
          console.error(`${size.toLocaleString('en')} events:`);
          const result = await measureSize(size);
          results.push(result);
          if (!json) console.log(`${toText(result)}\n`);
        }
      } finally {
        await stop();
      }
      const bounds = boundsOf(results);
      if (json)
        console.log(JSON.stringify({ results, bounds: bounds.map((b) => ({ ...b, held: isHeld(b) })) }));
      else console.log(boundsToText(bounds));
      return bounds.every(isHeld) ? exitCodes.ok : exitCodes.problem;
    },
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = exitCodes.couldNotRun;
}
