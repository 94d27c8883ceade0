import { Redis } from 'ioredis';
import type { ServerName } from '../arena.ts';
import type { Fault, FaultContext } from '../fault.ts';
import { perform } from '../workload/send.ts';
import { sample, within2s } from './sample.ts';

/** Kills a server (SIGKILL, with all its processes), leaves it dead for a while, and brings it back on its data. */
const down = async (
  { arena, hold, fired }: FaultContext,
  name: ServerName,
  seconds: number,
): Promise<void> => {
  const server = arena.servers[name];
  const { pid } = server;
  await server.kill();
  fired(`SIGKILL to ${name}, pid ${pid}`);
  await hold(seconds);
  await server.restart();
};

const frozen = async (
  { arena, hold, fired }: FaultContext,
  name: ServerName,
  seconds: number,
): Promise<void> => {
  const server = arena.servers[name];
  server.signal('SIGSTOP');
  fired(`SIGSTOP to ${name}, pid ${server.pid}`);
  await hold(seconds);
  server.signal('SIGCONT');
};

const queueRow = 'queue down';
const storeRow = 'event store down 60 s';

/** Is there a second queue in this arena? Then nobody may notice; else writes are refused in time. */
const queueDown = (
  name: string,
  how: (context: FaultContext, during: () => Promise<void>) => Promise<void>,
): Fault => ({
  name,
  row: queueRow,
  expected: 'SERVICE_UNAVAILABLE within 2 s; reads go on',
  run: (context) =>
    how(context, async () => {
      const { writes, reads } = await sample(context, 4);
      within2s(
        context,
        'queue away',
        writes.map(({ took }) => took),
      );
      context.expect(
        'no write is acknowledged by nobody',
        writes.every(({ ok }) => !ok),
        writes,
      );
      context.expect(
        'reads go on',
        reads.every(({ ok }) => ok),
        reads,
      );
    }),
});

const queueFaults: readonly Fault[] = [
  queueDown('queue-down', async (context, during) => {
    const { servers } = context.arena;
    const { pid } = servers.queue;
    await servers.queue.kill();
    context.fired(`SIGKILL to the queue, pid ${pid}`);
    await during();
    await context.hold(10);
    await servers.queue.restart();
  }),
  queueDown('queue-frozen', async (context, during) => {
    context.arena.servers.queue.signal('SIGSTOP');
    context.fired('SIGSTOP to the queue');
    await during();
    await context.hold(10);
    context.arena.servers.queue.signal('SIGCONT');
  }),
  queueDown('queue-unreachable', async (context, during) => {
    const link = context.arena.links['mutation-queue'];
    const { harmed } = link.counts;
    link.set({ kind: 'half-open' });
    await during();
    await context.hold(5);
    if (link.counts.harmed > harmed)
      context.fired(`mutation-queue held ${link.counts.harmed - harmed} chunks`);
    link.set({ kind: 'pass' });
  }),
];

const storeFaults: readonly Fault[] = [
  {
    name: 'event-store-down',
    row: storeRow,
    expected: 'mutations go on and queue; afterwards all is recorded',
    async run(context) {
      const { servers } = context.arena;
      await servers.store.kill();
      context.fired(`SIGKILL to the event store, pid ${servers.store.pid}`);
      const { writes, reads } = await sample(context, 4);
      within2s(
        context,
        'event store away',
        writes.map(({ took }) => took),
      );
      context.expect(
        'mutations go on',
        writes.every(({ ok }) => ok),
        writes,
      );
      context.expect(
        'reads go on',
        reads.every(({ ok }) => ok),
        reads,
      );
      await context.hold(60);
      await servers.store.restart();
    },
  },
  {
    name: 'event-store-frozen',
    row: 'event store frozen (SIGSTOP)',
    expected: 'timeouts fire, pools stay bounded',
    async run(context) {
      const { arena, expect } = context;
      arena.servers.store.signal('SIGSTOP');
      context.fired('SIGSTOP to the event store and its backends');
      const { writes } = await sample(context, 4);
      expect(
        'mutations go on',
        writes.every(({ ok }) => ok),
        writes,
      );
      await context.hold(20);
      const open = arena.linksTo('store').map(({ counts }) => counts.open);
      expect(
        'pools stay bounded',
        open.every((count) => count <= 40),
        open,
      );
      arena.servers.store.signal('SIGCONT');
    },
  },
  {
    name: 'event-store-unreachable',
    row: storeRow,
    expected: 'the writer gives up and comes back; no hole, no double append',
    async run({ arena, hold, fired }) {
      const link = arena.links['recorder-store'];
      const { harmed } = link.counts;
      link.set({ kind: 'half-open' });
      await hold(20);
      if (link.counts.harmed > harmed) fired('recorder-store held what was sent');
      link.set({ kind: 'pass' });
    },
  },
];

const documentsRow = 'documents down';
const documentsFaults: readonly Fault[] = [
  {
    name: 'documents-down',
    row: documentsRow,
    expected: 'reads answer with a clear error; the projector waits and adds no dead letter; mutations go on',
    async run(context) {
      const { servers } = context.arena;
      await servers.documents.kill();
      context.fired(`SIGKILL to the documents, pid ${servers.documents.pid}`);
      const { writes } = await sample(context, 4);
      within2s(
        context,
        'documents away',
        writes.map(({ took }) => took),
      );
      context.expect(
        'mutations go on',
        writes.every(({ ok }) => ok),
        writes,
      );
      await context.hold(15);
      await servers.documents.restart();
    },
  },
  {
    name: 'documents-frozen',
    row: documentsRow,
    expected: 'as down; timeouts fire',
    run: (context) => frozen(context, 'documents', 12),
  },
];

/** The projector dies with events in hand that it could not apply: nobody but the queue knows of them. */
const projectorDiesWaiting: Fault = {
  name: 'projector-dies-waiting-for-documents',
  row: documentsRow,
  expected: 'the projector waits and acknowledges nothing; killed then, all is delivered again',
  async run(context) {
    const { arena, fired, hold } = context;
    await arena.servers.documents.kill();
    await sample(context, 4);
    await hold(3);
    await arena.system.kill('projector');
    fired('SIGKILL to the documents, and then to the projector that waited for them');
    await arena.servers.documents.restart();
    await arena.start('projector');
  },
};

const redisRow = 'Redis flushed or down';
const redisFaults: readonly Fault[] = [
  {
    name: 'redis-flushed',
    row: redisRow,
    expected: 'feeds served from the documents and rebuilt',
    async run({ arena, fired, hold }) {
      const redis = new Redis(arena.urls.redis, { maxRetriesPerRequest: 3 });
      try {
        for (let i = 1; i <= 3; i++) {
          const keys = await redis.dbsize();
          await redis.flushall();
          if (keys > 0) fired(`FLUSHALL of ${keys} keys`);
          await hold(2);
        }
      } finally {
        redis.disconnect();
      }
    },
  },
  {
    name: 'redis-down',
    row: redisRow,
    expected: 'feeds from the documents; live subscriptions catch up',
    async run(context) {
      const { servers } = context.arena;
      await servers.redis.kill();
      context.fired(`SIGKILL to Redis, pid ${servers.redis.pid}`);
      const { writes, reads } = await sample(context, 4);
      context.expect(
        'mutations go on',
        writes.every(({ ok }) => ok),
        writes,
      );
      context.expect(
        'reads go on',
        reads.every(({ ok }) => ok),
        reads,
      );
      await context.hold(10);
      await servers.redis.restart();
    },
  },
  {
    name: 'redis-frozen',
    row: redisRow,
    expected: 'as down; timeouts fire',
    run: (context) => frozen(context, 'redis', 10),
  },
  {
    name: 'redis-lost-by-projector',
    row: redisRow,
    expected: 'readers, who still reach Redis, do not read feeds with holes',
    async run({ arena, fired, hold }) {
      const link = arena.links['projector-redis'];
      const { harmed } = link.counts;
      link.set({ kind: 'cut' });
      await hold(8);
      if (link.counts.harmed > harmed) fired('projector-redis was cut');
      link.set({ kind: 'pass' });
    },
  },
];

/** All servers, one after the other and over each other, by kill -9: in any order. */
const everything: Fault = {
  name: 'everything-killed',
  row: 'P1: kill -9 of any process or server, in any order',
  expected: 'nothing acknowledged is lost',
  async run(context) {
    for (const name of context.random.shuffle(['queue', 'store', 'documents', 'redis'] as const)) {
      await down(context, name, 1);
      const processes = ['gateway', 'mutation', 'recorder', 'projector', 'query'] as const;
      const victim = context.random.pick(processes);
      await context.arena.system.kill(victim);
      context.fired(`SIGKILL to ${victim}`);
      await context.hold(1);
      if (context.arena.system.pid(victim) === undefined) await context.arena.start(victim);
    }
  },
};

/** Back-pressure instead of memory: with nobody to record, the queue fills to its limit and says so. */
const queueFull: Fault = {
  name: 'queue-full',
  row: 'event store down for long: the limit of the queue is reached',
  expected: 'writes are refused clearly and in time; what was acknowledged is recorded afterwards',
  arena: async () => ({ env: { QUEUE_MAX_BYTES: String(1 << 20) } }),
  async run(context) {
    const { arena, workload, fired, expect, until } = context;
    await arena.servers.store.kill();
    const body = 'x'.repeat(4_900);
    let refused: readonly string[] = [];
    await until('a write is refused', 120_000, async () => {
      // Many at once: each answer waits for its own write to be projected, which nothing does now.
      const post = { action: 'publish', subject: null, data: { body }, key: null } as const;
      const operations = await Promise.all(
        Array.from({ length: 16 }, () => perform(workload.world, workload.herald, post)),
      );
      refused = operations.flatMap(({ outcome }) => (outcome === 'ok' ? [] : [outcome]));
      return refused.length > 0;
    });
    if (refused.length > 0) fired('the queue was full');
    const { writes, reads } = await sample(context, 3);
    within2s(
      context,
      'queue full',
      writes.map(({ took }) => took),
    );
    expect(
      'reads go on',
      reads.every(({ ok }) => ok),
      reads,
    );
    await arena.servers.store.restart();
  },
};

export const serverFaults: readonly Fault[] = [
  ...queueFaults,
  ...storeFaults,
  ...documentsFaults,
  projectorDiesWaiting,
  ...redisFaults,
  everything,
  queueFull,
];
