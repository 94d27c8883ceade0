import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openDocuments } from '@rookery/document-store';
import { openEventStore } from '@rookery/event-store';
import { createLog } from '@rookery/runtime';
import { Redis } from 'ioredis';
import pg from 'pg';
import { createHistory } from '../support/events/history.ts';
import { provideServers, type System, startSharedServers, startSystem } from '../support/index.ts';
import { opsProcess } from '../support/ops-process.ts';
import { startLoad } from './drill-load.ts';

/*
 * The attack drill: somebody with access to the stores edits, adds and removes rows, flushes Redis and truncates a
 * whole projection, while clients write and read. Prints when that was found, what brought it back, and how long
 * each took; and how much slower reads were while a rebuild ran.
 */

const usage = `npm run drill -- [--events N] [--json]

  --events N  history to begin with; 20,000 by default
Exit codes: 0 everything was found and mended, no request failed, and reads were at most 20 % slower while a rebuild
ran than right before and after it; 1 not so; 2 wrong arguments.`;

const log = createLog('drill', 'silent');
const say = (line: string): void => console.error(`  … ${line}`);
const seconds = (since: number): number => Math.round(performance.now() - since) / 1_000;
const rank = (times: readonly number[], share: number): number =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
const tenths = (value: number): number => Math.round(value * 10) / 10;
const mean = (times: readonly number[]): number => times.reduce((sum, one) => sum + one, 0) / times.length;

/** Maximum average slowdown of reads during a rebuild; percent. */
const mostSlower = 20;
/** Milliseconds for which the system is left to its clients: at first, and right before and after what is measured. */
const warmUp = 10_000;
const undisturbed = 15_000;
const quiet = 'nothing';

const drill = async (system: System, events: number) => {
  const { env, servers } = system;
  const store = openEventStore(servers.database.url, { log });
  const documents = await openDocuments(system.documentsUrl, { log });
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
  const signUp = async () => [await system.signUp(), await system.signUp()];
  const people = { readers: await signUp(), writers: await signUp() };
  while ((await opsProcess(env, 'verify')).code === 3) say('the projections catch up');
  const load = await startLoad(system, people, history.users.slice(0, 5));
  await setTimeout(warmUp);
  const leaveAlone = async () => {
    load.at(quiet);
    await setTimeout(undisturbed);
  };

  const report: Record<string, unknown>[] = [];
  const attack = async (name: string, tamper: () => Promise<unknown>, mend: readonly string[]) => {
    say(name);
    load.at('ops verify');
    await tamper();
    const start = performance.now();
    const found = await opsProcess(env, 'verify');
    const detected = seconds(start);
    load.at(`ops ${mend.join(' ')}`);
    const from = performance.now();
    const mended = await opsProcess(env, ...mend);
    const recovered = seconds(from);
    load.at('ops verify');
    const after = await opsProcess(env, 'verify');
    report.push({
      attack: name,
      found: found.code === 1 ? found.json.differences.length : 0,
      'detected after (s)': detected,
      mended: mend.join(' '),
      'mended after (s)': recovered,
      // Documents that the load changes all the time are reported as unsettled, which is no difference.
      equal: mended.code < 2 && after.code < 2 && after.json.differences.length === 0,
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
  say('a clean rebuild of everything');
  await leaveAlone();
  load.at('ops rebuild all');
  const from = performance.now();
  const rebuilt = await opsProcess(env, 'rebuild', 'all');
  const took = seconds(from);
  await leaveAlone();
  await load.stop();
  report.push({ attack: 'none', mended: 'rebuild all', 'mended after (s)': took, equal: rebuilt.code === 0 });
  const audited = await opsProcess(env, 'audit');

  const alone = load.reads.get(quiet) ?? [];
  const percent = (now: number, before: number) => Math.round((now / before - 1) * 100);
  const reads = [...load.reads].map(([during, times]) => ({
    during,
    reads: times.length,
    'mean (ms)': tenths(mean(times)),
    'p50 (ms)': tenths(rank(times, 0.5)),
    'p99 (ms)': tenths(rank(times, 0.99)),
    'mean slower (%)': percent(mean(times), mean(alone)),
    'p50 slower (%)': percent(rank(times, 0.5), rank(alone, 0.5)),
  }));
  return { report, reads, writes: load.writes, failures: load.failures, audit: audited.code === 0 };
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
    const slower = outcome.reads.find(({ during }) => during === 'ops rebuild all')?.['mean slower (%)'];
    const well =
      outcome.report.every(({ equal }) => equal === true) &&
      outcome.failures.length === 0 &&
      outcome.audit &&
      slower !== undefined &&
      slower <= mostSlower;
    return well ? 0 : 1;
  } finally {
    await stop();
  }
};

process.exitCode = await main();
