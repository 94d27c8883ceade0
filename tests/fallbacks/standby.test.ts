import { readMetric } from '@rookery/runtime';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { Client } from '../support/clients/client.ts';
import { eventually } from '../support/eventually.ts';
import { type FreshServer, freshPostgres, freshRedis, type System, startSystem } from '../support/index.ts';
import { runSql } from '../support/servers/run-sql.ts';
import { WatchingReader } from './watching-reader.ts';
import { Writer } from './writers.ts';

const flush = async (url: string): Promise<void> => {
  const redis = new Redis(url);
  await redis.flushall().finally(() => redis.disconnect());
};

const readsFrom = (system: System, place: string) => async () =>
  (await readMetric(system.metricsUrls.query, 'rookery_query_current_replica', { replica: place })) === 1;

const standbyIsUsable = (system: System) => async () =>
  (await readMetric(system.metricsUrls.query, 'rookery_query_standby_usable')) === 1;

const since = async (began: number, check: () => Promise<boolean>, what: string): Promise<number> => {
  await eventually(check, { what, within: 60_000 });
  return Math.round(performance.now() - began);
};

interface Fault {
  readonly name: string;
  readonly fire: () => Promise<unknown>;
  readonly heal: () => Promise<unknown>;
  /** True if reads must fail over to the standby. */
  readonly moves: boolean;
}

const killed = (name: string, server: FreshServer): Fault => ({
  name: `${name} killed`,
  fire: () => server.kill(),
  heal: () => server.restart(),
  moves: true,
});
const frozen = (name: string, server: FreshServer): Fault => ({
  name: `${name} frozen`,
  fire: async () => server.signal('SIGSTOP'),
  heal: async () => server.signal('SIGCONT'),
  moves: true,
});

/** Writes under each fault, with somebody reading and listening all the while; nothing may be missed or come twice. */
const survive = async (system: System, faults: readonly Fault[]): Promise<void> => {
  const [ann, ben] = [await system.signUp(), await system.signUp()];
  const client = new Client(system.gatewayUrl, ben.token);
  await client.act('followUser', 'UserInput', { userId: ann.id });
  const writer = new Writer(system, ann);
  await using reader = new WatchingReader(system, ben, ann.id);
  await writer.writeMany(3);
  await writer.seesAll();
  reader.start();
  // The subscription is active once it delivers a new post.
  await eventually(
    async () => {
      await writer.writeMany(1);
      return reader.delivered.length > 0;
    },
    { what: 'the subscription', within: 30_000 },
  );
  const told = async () => {
    const bodies = [...writer.accepted.values()];
    const from = bodies.indexOf(reader.delivered[0] ?? '');
    await eventually(async () => reader.delivered.length >= bodies.length - from, {
      what: 'live delivery of everything',
      within: 60_000,
    });
    expect(reader.delivered).toEqual(bodies.slice(from));
  };
  await told();
  // Each replica is looked at now and then, and a standby that was not yet found filled takes nothing over.
  await eventually(standbyIsUsable(system), { what: 'the standby' });
  reader.take();

  for (const { name, fire, heal, moves } of faults) {
    const began = performance.now();
    await fire();
    const [movedMs] = await Promise.all([
      moves ? since(began, readsFrom(system, 'standby'), `${name}: reads from the standby`) : undefined,
      writer.writeMany(4),
    ]);
    await told();
    const toldMs = Math.round(performance.now() - began);
    const away = reader.take();
    const healed = performance.now();
    await heal();
    const backMs = await since(healed, readsFrom(system, 'primary'), `${name}: reads from the primary`);
    await writer.writeMany(2);
    await told();
    await writer.seesAll();
    const back = reader.take();
    console.log(name, JSON.stringify({ movedMs, toldMs, backMs, away, back }));
    expect.soft({ name, errors: [...away.errors, ...back.errors] }).toEqual({ name, errors: [] });
    expect.soft({ name, empty: away.empty + back.empty }).toEqual({ name, empty: 0 });
  }
};

describe('a whole standby', () => {
  it('takes over when the primary is killed, frozen or wiped, and gives back', {
    timeout: 400_000,
  }, async () => {
    await using primary = await freshPostgres();
    await using second = await freshPostgres();
    await using redis = await freshRedis();
    await using system = await startSystem({
      documentsUrl: primary.url,
      env: { DOCUMENTS_STANDBY_URL: second.url, REDIS_STANDBY_URL: redis.url },
    });
    const { redis: firstRedis } = system.servers;
    await survive(system, [
      killed('documents', primary),
      frozen('documents', primary),
      {
        name: 'documents wiped',
        fire: () => runSql(primary.url, 'drop schema documents cascade'),
        heal: async () => {},
        moves: true,
      },
      killed('Redis', firstRedis),
      frozen('Redis', firstRedis),
      {
        name: 'Redis flushed',
        fire: () => flush(firstRedis.url),
        heal: async () => {},
        moves: false,
      },
      {
        name: 'the standby killed',
        fire: () => Promise.all([second.kill(), redis.kill()]),
        heal: () => Promise.all([second.restart(), redis.restart()]),
        moves: false,
      },
    ]);
  });
});

describe('half a standby', () => {
  it('of documents alone takes over from the documents', { timeout: 240_000 }, async () => {
    await using primary = await freshPostgres();
    await using second = await freshPostgres();
    await using system = await startSystem({
      documentsUrl: primary.url,
      env: { DOCUMENTS_STANDBY_URL: second.url },
    });
    await survive(system, [
      killed('documents', primary),
      { ...frozen('Redis, which has no standby,', system.servers.redis), moves: false },
    ]);
  });

  it('of Redis alone takes over from Redis', { timeout: 240_000 }, async () => {
    await using redis = await freshRedis();
    await using system = await startSystem({ env: { REDIS_STANDBY_URL: redis.url } });
    await survive(system, [killed('Redis', system.servers.redis), frozen('Redis', system.servers.redis)]);
  });
});
