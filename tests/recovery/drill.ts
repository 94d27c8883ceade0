import { parseArgs } from 'node:util';
import { createLog } from '@rookery/service';
import { openDocuments } from '@rookery/stores/documents';
import { openEventStore } from '@rookery/stores/event-store';
import { Redis } from 'ioredis';
import pg from 'pg';
import { Client } from '../e2e/client.ts';
import {
  type Account,
  provideServers,
  type System,
  startSharedServers,
  startSystem,
} from '../world/index.ts';
import { createHistory } from './history.ts';
import { ops } from './ops.ts';

/*
 * The attack drill: somebody with access to the stores edits, adds and removes rows, flushes Redis and truncates a
 * whole projection, while clients write and read. Prints when that was found, what brought it back, and how long
 * each took; and how much slower reads were while a rebuild ran.
 */

const usage = `npm run drill -- [--events N] [--json]

  --events N  history to begin with; 20,000 by default
Exit codes: 0 everything was found and mended, 1 it was not, 2 wrong arguments.`;

const log = createLog('drill', 'silent');
const say = (line: string): void => console.error(`  … ${line}`);
const seconds = (since: number): number => Math.round(performance.now() - since) / 1_000;
const rank = (times: readonly number[], share: number): number =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;

const feedQuery = '{ me { id feed(first: 20) { edges { node { id post { body likeCount } } } } } }';

/** Clients that write and read until they are stopped, and tell how long each read took and which failed. */
const startLoad = (system: System, accounts: readonly Account[]) => {
  let stopped = false;
  let mark = 'before';
  const reads = new Map<string, number[]>();
  const failures: string[] = [];
  let writes = 0;
  const lane = async (account: Account, read: boolean): Promise<void> => {
    const client = new Client(system.gatewayUrl, account.token);
    while (!stopped) {
      const [start, during] = [performance.now(), mark];
      try {
        if (read) await client.ask(feedQuery);
        else {
          await client.ask(
            'mutation ($body: String!) { publishPost(input: { body: $body }) { post { id } } }',
            {
              body: `At ${start}`,
            },
          );
          writes += 1;
        }
        if (read) reads.set(during, [...(reads.get(during) ?? []), performance.now() - start]);
      } catch (error) {
        if (!stopped) failures.push(`${during}: ${error}`);
      }
      await new Promise((resolve) => setTimeout(resolve, read ? 20 : 100));
    }
  };
  const lanes = accounts.map((account, i) => lane(account, i % 2 === 0));
  return {
    at: (name: string): void => {
      mark = name;
    },
    reads,
    failures,
    get writes() {
      return writes;
    },
    async stop() {
      stopped = true;
      await Promise.all(lanes);
    },
  };
};

const drill = async (system: System, events: number) => {
  const { env, servers } = system;
  const store = openEventStore(servers.database.url, { log });
  const documents = openDocuments(system.documentsUrl, { log });
  await using open = new AsyncDisposableStack();
  open.defer(() => store.close());
  open.defer(() => documents.close());
  const client = new pg.Client({ connectionString: servers.database.url });
  await client.connect();
  open.defer(() => client.end());

  say(`a history of ${events} events`);
  await system.kill('recorder', 'SIGTERM');
  const history = createHistory({ users: 300 });
  const writer = await store.acquireWriter(new AbortController().signal);
  for (let done = 0; done < events; done += 500) await writer.append(history.next(500));
  await writer.release();
  await system.start('recorder');
  const accounts = [
    await system.signUp(),
    await system.signUp(),
    await system.signUp(),
    await system.signUp(),
  ];
  for (;;) if ((await ops(env, 'verify')).code !== 3) break;
  const load = startLoad(system, accounts);
  await new Promise((resolve) => setTimeout(resolve, 5_000));

  const report: Record<string, unknown>[] = [];
  const attack = async (name: string, tamper: () => Promise<unknown>, mend: readonly string[]) => {
    say(name);
    load.at('between');
    await tamper();
    const start = performance.now();
    const found = await ops(env, 'verify');
    const detected = seconds(start);
    load.at(mend.join(' '));
    const from = performance.now();
    const mended = await ops(env, ...mend);
    const recovered = seconds(from);
    load.at('between');
    const after = await ops(env, 'verify');
    report.push({
      attack: name,
      found: found.code === 1 ? found.json.differences.length : 0,
      'detected after (s)': detected,
      mended: mend.join(' '),
      'mended after (s)': recovered,
      // What the load changes all the time is named as unsettled, and is no difference.
      equal: mended.code < 2 && after.code < 2 && after.json.differences.length === 0,
      ...(mended.err || after.err ? { error: `${mended.err} ${after.err}`.trim() } : {}),
      ...(after.code === 1 ? { left: JSON.stringify(after.json).slice(0, 300) } : {}),
      ...(mended.code === 1 ? { unmended: JSON.stringify(mended.json).slice(-300) } : {}),
    });
  };
  const table = async (projection: string, name: string) => {
    const { live } = (await documents.generations(true)).of(projection);
    return `${live === 0 ? 'documents' : `generation_${live}`}."${name}"`;
  };

  await attack(
    'rows edited, removed and added',
    async () =>
      client.query(`
        update ${await table('posts', 'posts')} set doc = doc || '{"body":"never said"}'
          where id in (select id from ${await table('posts', 'posts')} order by id limit 5);
        delete from ${await table('feeds', 'follows')} where id in (select id from ${await table('feeds', 'follows')} order by id limit 5);
        insert into ${await table('profiles', 'users')} select 'f' || substr(id, 2), 1, doc || '{"handle":"nobody"}' from ${await table('profiles', 'users')} limit 1;
        update ${await table('reactions', 'counts')} set doc = '{"n":1000000}' where id in (select id from ${await table('reactions', 'counts')} where id like 'likes:%' limit 5)`),
    ['repair'],
  );
  await attack('Redis flushed', async () => {
    const redis = new Redis(servers.redis.url);
    await redis.flushall();
    redis.disconnect();
  }, ['verify']);
  await attack(
    'the likes and their counts truncated',
    async () =>
      client.query(
        `truncate ${await table('reactions', 'likes')}; delete from ${await table('reactions', 'counts')} where id like 'likes:%'`,
      ),
    ['rebuild', 'reactions'],
  );
  await attack('a clean rebuild of everything', async () => {}, ['rebuild', 'all']);
  const audited = await ops(env, 'audit');
  await load.stop();

  const of = (name: string) => load.reads.get(name) ?? [];
  const slower = (name: string) => (rank(of(name), 0.5) / rank(of('before'), 0.5) - 1) * 100;
  const mean = (times: readonly number[]) => times.reduce((sum, one) => sum + one, 0) / times.length;
  return {
    report,
    reads: [...load.reads].map(([during, times]) => ({
      during,
      reads: times.length,
      'p50 (ms)': Math.round(rank(times, 0.5) * 10) / 10,
      'p99 (ms)': Math.round(rank(times, 0.99) * 10) / 10,
      'mean slower than before (%)': Math.round((mean(times) / mean(of('before')) - 1) * 100),
      'p50 slower than before (%)': Math.round(slower(during)),
    })),
    writes: load.writes,
    failures: load.failures,
    audit: audited.code === 0,
  };
};

const main = async (): Promise<number> => {
  let events: number;
  let json = false;
  try {
    const { values } = parseArgs({
      options: { events: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
    });
    if (values.help) {
      console.log(usage);
      return 0;
    }
    json = values.json ?? false;
    events = Number(values.events ?? 20_000);
    if (!Number.isSafeInteger(events) || events < 500) throw new Error('--events must be 500 or more');
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    return 2;
  }
  const { servers, stop } = await startSharedServers(say);
  try {
    provideServers(servers);
    await using system = await startSystem({ env: { LOG_LEVEL: 'warn' } });
    const outcome = await drill(system, events);
    if (json) console.log(JSON.stringify(outcome));
    else {
      console.table(outcome.report);
      console.table(outcome.reads);
      console.log(`${outcome.writes} posts written meanwhile, ${outcome.failures.length} requests failed`);
      for (const failure of outcome.failures.slice(0, 5)) console.log(failure);
    }
    const well = outcome.report.every(({ equal }) => equal === true) && outcome.failures.length === 0;
    return well && outcome.audit ? 0 : 1;
  } finally {
    await stop();
  }
};

process.exitCode = await main();
