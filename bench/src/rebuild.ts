import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { openDocuments } from '@rookery/document-store';
import { openEventStore } from '@rookery/event-store';
import { createBackfill, createRanges, findTargets, rangeSize } from '@rookery/projector';
import { projectionNames } from '@rookery/read-models/reducers';
import { createHistory } from '@rookery/tests/history';
import { freshDatabase, provideServers, startSharedServers } from '@rookery/tests/support';
import pg from 'pg';
import { quiet } from './quiet-log.ts';
import { prepareFloor } from './rebuild-floor.ts';
import { type Result, toText } from './result.ts';

const usage = `npm run bench:rebuild -- [--events N] [--json]

Measures how quickly projections are rebuilt from the event store (documents, indexes and counts; without the
waits of the swap), as a share of what a bare keyset read of the same events takes in the same run. Beside it the
floor: the same read, and the same documents written, indexed and counted, but ready, with no event looked at.
  --events N  events in the store; 100,000 by default
  --json      one JSON object on standard output
Exit codes: 0 measured, 1 failed, 2 wrong arguments.`;

const { signal } = new AbortController();
const say = (line: string): void => console.error(`  … ${line}`);
/** Items per second, and microseconds of CPU time of this process for each. */
interface Rate {
  readonly rate: number;
  readonly cpu: number;
}
const rateOf = async (events: number, work: () => Promise<void>): Promise<Rate> => {
  const [start, before] = [performance.now(), process.cpuUsage()];
  await work();
  const rate = (events * 1_000) / (performance.now() - start);
  const { user, system } = process.cpuUsage(before);
  return { rate, cpu: (user + system) / events };
};
const median = (all: readonly number[]): number =>
  all.toSorted((a, b) => a - b)[all.length >> 1] ?? Number.NaN;

/** Reads pages of 1,000 by key with pg, and nothing else. */
const bareRead = (url: string, events: number): Promise<Rate> =>
  rateOf(events, async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    for (let after = 0; after < events; ) {
      const { rows } = await client.query(
        'select position, recorded_at, event from event_store.events where position > $1 order by position limit 1000',
        [after],
      );
      after = Number(rows.at(-1).position);
    }
    await client.end();
  });

const measure = async (url: string, documentsUrl: string, events: number): Promise<Result> => {
  const store = openEventStore(url, { log: quiet });
  const documents = await openDocuments(documentsUrl, { log: quiet });
  try {
    await Promise.all([store.prepare(), documents.prepare()]);
    if ((await store.head()) === 0) {
      say(`recording ${events} events`);
      const history = createHistory({ users: Math.ceil(events / 100) });
      const writer = await store.acquireWriter(signal);
      for (let done = 0; done < events; done += 1_000) await writer.append(history.next(1_000));
      await writer.release();
    }
    let generation = 1;
    const remake = async (projections: readonly string[]): Promise<Rate> => {
      generation += 1;
      const targets = await findTargets({ documents, eventStore: store, projections }, generation);
      const backfill = createBackfill({ eventStore: store, targets, signal });
      const ranges = createRanges(rangeSize, events, { upTo: 0, beyond: [] });
      return rateOf(events, async () => {
        await backfill.load(ranges, undefined, async () => {});
        await backfill.count();
      });
    };
    const bare: Rate[] = [await bareRead(url, events)];
    const rates = new Map<string, Rate>();
    for (const name of projectionNames) {
      say(name);
      rates.set(name, await remake([name]));
      await documents.dropGeneration(generation);
      bare.push(await bareRead(url, events));
    }
    say('all');
    rates.set('all', await remake(projectionNames));
    bare.push(await bareRead(url, events));
    say('floor');
    const from = generation;
    generation += 1;
    const read = () => bareRead(url, events);
    const floor = await prepareFloor({ documents, eventStore: store, from, to: generation, read });
    rates.set('floor of all', await rateOf(events, floor));
    bare.push(await bareRead(url, events));

    const ceiling = median(bare.map(({ rate }) => rate));
    const figures: Record<string, number> = {
      'bare keyset read, events per second': ceiling,
      'bare keyset read, own CPU, µs an event': median(bare.map(({ cpu }) => cpu)),
    };
    for (const [name, { rate, cpu }] of rates) {
      figures[`${name}, events per second`] = rate;
      figures[`${name}, ratio`] = rate / ceiling;
      figures[`${name}, own CPU, µs an event`] = cpu;
    }
    return {
      name: `rebuild: events carried into ${documentsUrl.startsWith('mongo') ? 'MongoDB' : 'Postgres'}, against the bare keyset read`,
      figures,
      reading:
        'a share of the ceiling, higher is better; one process, the servers on what is left of the machine',
    };
  } finally {
    await documents.close();
    await store.close();
  }
};

const main = async (): Promise<number> => {
  let values: { events?: string; json?: boolean; help?: boolean };
  try {
    ({ values } = parseArgs({
      options: { events: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
    }));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    return 2;
  }
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const events = Number(values.events ?? 100_000);
  if (!Number.isSafeInteger(events) || events < 1_000) {
    console.error(`--events must be a whole number of 1,000 or more\n\n${usage}`);
    return 2;
  }
  const { servers, stop } = await startSharedServers(say);
  try {
    provideServers(servers);
    await using database = await freshDatabase();
    const result = await measure(database.url, database.url, Math.ceil(events / 1_000) * 1_000);
    const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
    console.log(values.json ? JSON.stringify({ machine, ...result }) : `${machine}\n\n${toText(result)}`);
    return 0;
  } finally {
    await stop();
  }
};

process.exitCode = await main();
