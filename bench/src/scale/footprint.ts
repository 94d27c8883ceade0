import { readFileSync } from 'node:fs';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { processTree } from '@rookery/tests/support';
import { Redis } from 'ioredis';
import pg from 'pg';
import { pidsOf } from '../cpu.ts';
import type { Figures } from './figures.ts';
import type { SizedSystem } from './sized-system.ts';

/** Memory of a process and all below it, in bytes; pages that several share count once. Linux only. */
const residentBytes = (pid: number): number =>
  processTree(pid).reduce((sum, one) => sum + proportionalBytes(one), 0);

const proportionalBytes = (pid: number): number => {
  for (const [file, field] of [
    ['smaps_rollup', 'Pss'],
    ['status', 'VmRSS'],
  ]) {
    try {
      const text = readFileSync(`/proc/${pid}/${file}`, 'utf8');
      const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text);
      if (found) return Number(found[1]) * 1_024;
    } catch {
      // It is gone, or belongs to another user.
    }
  }
  return 0;
};

/** Bytes of each table with its indexes, partitions included, and its rows. */
const tableSizes = `
select n.nspname as schema, c.relname as name,
  pg_total_relation_size(c.oid)::float8 as bytes, greatest(c.reltuples, 0)::float8 as rows
from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema)'`;

interface TableSize {
  readonly schema: string;
  readonly name: string;
  readonly bytes: number;
  readonly rows: number;
}

const mib = (bytes: number): number => bytes / 2 ** 20;

/** Measures the memory of every process, and the bytes of each kind of item in each store. */
export const measureFootprint = async (sized: SizedSystem): Promise<Figures> => ({
  ...memory(sized),
  ...(await postgresBytes(sized)),
  ...(await redisBytes(sized)),
  ...(await natsBytes(sized)),
});

const memory = ({ system, postgres }: SizedSystem): Figures => {
  return Object.fromEntries(
    pidsOf(system, postgres).map(([name, pid]) => [`resident memory, ${name}, MiB`, mib(residentBytes(pid))]),
  );
};

const postgresBytes = async ({ system, loaded }: SizedSystem): Promise<Figures> => {
  const client = new pg.Client({ connectionString: system.servers.database.url });
  await client.connect();
  try {
    await client.query('analyze');
    const { rows } = await client.query<TableSize>(tableSizes);
    const events = rows.filter(({ schema }) => schema === 'event_store');
    const documents = rows.filter(({ schema }) => /^(documents|generation)/.test(schema));
    const total = (of: readonly TableSize[]): number => of.reduce((sum, { bytes }) => sum + bytes, 0);
    const figures: Record<string, number> = {
      'event store, bytes per event': total(events) / loaded.position,
      'read models, bytes per event': total(documents) / loaded.position,
      'accounts, bytes per person':
        total(rows.filter(({ schema }) => schema === 'accounts')) / loaded.people.size,
    };
    // By collection; the tables of one collection may be in several generations, of which one is used.
    for (const name of new Set(documents.map((table) => table.name))) {
      const largest = documents
        .filter((table) => table.name === name)
        .reduce((a, b) => (b.rows > a.rows ? b : a));
      if (largest.rows >= 100) figures[`documents, ${name}, bytes each`] = largest.bytes / largest.rows;
    }
    return figures;
  } finally {
    await client.end();
  }
};

/** Members of the sorted sets that one scan of Redis finds. */
const redisBytes = async ({ system }: SizedSystem): Promise<Figures> => {
  const redis = new Redis(system.servers.redis.url);
  try {
    let [bytes, entries, feeds] = [0, 0, 0];
    for await (const keys of redis.scanStream({ match: 'feed:*', type: 'zset' })) {
      for (const key of keys as string[]) {
        bytes += (await redis.memory('USAGE', key, 'SAMPLES', 0)) ?? 0;
        entries += await redis.zcard(key);
        feeds += 1;
      }
    }
    return {
      'Redis, held feeds': feeds,
      'Redis, bytes per held feed': bytes / feeds,
      'Redis, bytes per entry of a feed': bytes / entries,
    };
  } finally {
    redis.disconnect();
  }
};

const natsBytes = async ({ system }: SizedSystem): Promise<Figures> => {
  const nats = await connect({ servers: system.servers.nats.url });
  try {
    const jsm = await jetstreamManager(nats);
    const figures: Record<string, number> = {};
    for await (const { config, state } of jsm.streams.list()) {
      figures[`NATS, stream ${config.name}, MiB`] = mib(state.bytes);
      if (state.messages > 0)
        figures[`NATS, stream ${config.name}, bytes per message`] = state.bytes / state.messages;
    }
    return figures;
  } finally {
    await nats.close();
  }
};
