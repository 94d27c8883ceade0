import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { AckPolicy, jetstream } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { exitCodes, runCommandLine, wholeNumber } from '@rookery/command-line';
import { openDocuments } from '@rookery/document-store';
import { openEventStore } from '@rookery/event-store';
import { openQueue } from '@rookery/message-queue';
import { cloneDir } from '@rookery/stack';
import { createHistory } from '@rookery/tests/history';
import {
  type FreshServer,
  freshNats,
  freshPostgres,
  freshRedis,
  provideServers,
  startSharedServers,
} from '@rookery/tests/support';
import pg from 'pg';
import { atLeast, type Bound, boundsToText, isHeld } from './bound.ts';
import { type CpuTimes, cpuFigures, cpuTimesOf } from './cpu.ts';
import { measureLiveBesideBacklog } from './live-beside-backlog.ts';
import { until } from './measure.ts';
import { projectedPosition } from './projected-position.ts';
import { quiet } from './quiet-log.ts';
import { type Result, toText } from './result.ts';

const usage = `npm run bench:catch-up -- [--events N] [--json]

Measures how quickly a projector works off a backlog of recorded events, all projections together: events per second,
and CPU time per event by process. In the same run the floor: one consumer that pulls the same messages, parses them,
and inserts each batch by one statement. Then how soon one projection applies a new event while another one works off a
backlog of the same size, and afterwards.
Options:
  --events N  recorded events, sign-ups, posts, edits, likes, shares and follows (50000)
  --json      one JSON object on standard output
Exit codes: 0 the goal is held, 1 it is not, 2 wrong arguments, 3 could not measure.`;

const options = {
  events: { type: 'string', default: '50000' },
  json: { type: 'boolean', default: false },
} as const;

const say = (line: string): void => console.error(`  … ${line}`);
const batch = 500;
const floorConsumer = 'floor';

interface Servers {
  readonly postgres: FreshServer;
  readonly nats: FreshServer;
  readonly redis: FreshServer;
}

const cpuOf = ({ postgres, nats, redis }: Servers, own: readonly (readonly [string, number])[]): CpuTimes =>
  cpuTimesOf([['NATS', nats.pid], ['Redis', redis.pid], ['Postgres', postgres.pid], ...own]);

/** Records a history and publishes it, for all projections and the floor. */
const recordHistory = async ({ postgres, nats }: Servers, events: number): Promise<void> => {
  const store = openEventStore(postgres.url, { log: quiet });
  const queue = openQueue({ url: nats.url, replicas: 1, maxBytes: 4e9, ackTimeoutMs: 5_000, log: quiet });
  const connection = await connect({ servers: nats.url });
  try {
    await Promise.all([store.prepare(), queue.prepare()]);
    const manager = await jetstream(connection).jetstreamManager();
    await manager.consumers.add('RECORDED', {
      durable_name: floorConsumer,
      ack_policy: AckPolicy.Explicit,
      max_ack_pending: -1,
    });
    const history = createHistory({ users: Math.ceil(events / 100) });
    const writer = await store.acquireWriter(new AbortController().signal);
    for (let done = 0; done < events; done += 1_000) {
      const { recorded } = await writer.append(history.next(Math.min(1_000, events - done)));
      await queue.relay(recorded);
    }
    await writer.release();
  } finally {
    await connection.close();
    await queue.close();
    await store.close();
  }
};

/** Pulls, parses, inserts, and acknowledges, and nothing else. Returns events per second. */
const measureFloor = async ({ postgres, nats }: Servers, events: number): Promise<number> => {
  const connection: NatsConnection = await connect({ servers: nats.url });
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  try {
    await client.query('create table floor (id text primary key, event jsonb not null)');
    const consumer = await jetstream(connection).consumers.get('RECORDED', floorConsumer);
    const start = performance.now();
    for (let done = 0; done < events; ) {
      const messages = [];
      for await (const message of await consumer.fetch({ max_messages: Math.min(batch, events - done) }))
        messages.push(message);
      const parsed = messages.map((message) => JSON.parse(message.string()) as { id: string });
      await client.query('insert into floor select * from unnest($1::text[], $2::jsonb[])', [
        parsed.map(({ id }) => id),
        parsed.map((event) => JSON.stringify(event)),
      ]);
      for (const message of messages) message.ack();
      done += messages.length;
    }
    await connection.flush();
    return (events * 1_000) / (performance.now() - start);
  } finally {
    await client.end();
    await connection.close();
  }
};

interface RunningProjector extends AsyncDisposable {
  readonly pid: number;
}

const startProjector = ({ postgres, nats, redis }: Servers): RunningProjector => {
  const child = spawn(process.execPath, [join(cloneDir, 'projector/src/main.ts')], {
    env: {
      ...process.env,
      NODE_ENV: 'test',
      LOG_LEVEL: 'warn',
      PROJECTOR_PORT: '0',
      PROJECTOR_METRICS_PORT: '0',
      POSTGRES_URL: postgres.url,
      DOCUMENTS_URL: postgres.url,
      NATS_URL: nats.url,
      REDIS_URL: redis.url,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return {
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
};

interface CatchUp {
  /** Events per second that the slowest projection has applied. */
  readonly rate: number;
  readonly cpu: Readonly<Record<string, number>>;
}

const measureCatchUp = async (servers: Servers, events: number): Promise<CatchUp> => {
  const documents = await openDocuments(servers.postgres.url, { log: quiet });
  await documents.prepare();
  const reached = () => projectedPosition(documents);
  try {
    await using projector = startProjector(servers);
    const own = [['projector', projector.pid]] as const;
    // Without its start: the clock starts when every projection has applied something.
    await until('the first events are applied', 60_000, async () => (await reached()) > 0);
    const [first, before, start] = [await reached(), cpuOf(servers, own), performance.now()];
    await until('all events are applied', 900_000, async () => (await reached()) >= events);
    const seconds = (performance.now() - start) / 1_000;
    return {
      rate: (events - first) / seconds,
      cpu: cpuFigures('event', events - first, before, cpuOf(servers, own)),
    };
  } finally {
    await documents.close();
  }
};

const measure = async (events: number): Promise<Result & { readonly goals: readonly Bound[] }> => {
  const { servers: shared, stop } = await startSharedServers(say);
  try {
    provideServers(shared);
    await using postgres = await freshPostgres();
    await using nats = await freshNats();
    await using redis = await freshRedis();
    const servers = { postgres, nats, redis };
    say(`recording ${events} events`);
    await recordHistory(servers, events);
    say('floor');
    const floor = await measureFloor(servers, events);
    say('catch-up of all projections');
    const { rate, cpu } = await measureCatchUp(servers, events);
    say('one projection beside the backlog of another');
    const { beside, alone } = await measureLiveBesideBacklog(servers, events, () => startProjector(servers));
    return {
      name: `catch-up: a backlog of ${events} recorded events, all projections together`,
      figures: {
        'all projections, events per second': rate,
        'one bare consumer, events per second': floor,
        ratio: rate / floor,
        ...cpu,
        'recorded to applied beside a backlog of another projection, p50 ms': beside.p50,
        'recorded to applied beside a backlog of another projection, p99 ms': beside.p99,
        'recorded to applied without a backlog, p50 ms': alone.p50,
        'recorded to applied without a backlog, p99 ms': alone.p99,
      },
      reading: 'CPU time is the figure to trust on a machine that does other work as well',
      goals: [atLeast('events per second of all projections together', rate, 5_000)],
    };
  } finally {
    await stop();
  }
};

try {
  process.exitCode = await runCommandLine({
    name: 'bench:catch-up',
    usage,
    options,
    async run({ events, json }) {
      const { goals, ...result } = await measure(wholeNumber('events', events, 1_000, 2_000_000));
      if (json) console.log(JSON.stringify({ results: [result], goals }));
      else console.log(`${toText(result)}\n\ngoals\n${boundsToText(goals)}`);
      return goals.every(isHeld) ? exitCodes.ok : exitCodes.problem;
    },
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = exitCodes.couldNotRun;
}
