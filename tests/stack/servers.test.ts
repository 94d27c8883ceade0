import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { freshDatabase, freshMongoUrl, freshNats, freshRedis, useServers } from '../support/index.ts';
import { runSql } from '../support/servers/run-sql.ts';

describe('the servers of a test run', () => {
  it('gives each caller an empty Postgres database', async () => {
    await using one = await freshDatabase();
    await using other = await freshDatabase();
    await runSql(one.url, 'create table only_here ()');
    const rows = await runSql(other.url, `select to_regclass('only_here') as table`);
    expect(rows).toEqual([{ table: null }]);
  });

  it('starts a Redis with the settings that the feeds count on, and brings it back with its data', async () => {
    await using server = await freshRedis({ persist: true });
    const redis = new Redis(server.url);
    redis.on('error', () => {});
    expect(await redis.config('GET', 'zset-max-listpack-entries')).toEqual([
      'zset-max-listpack-entries',
      '800',
    ]);
    expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    await redis.set('kept', 'yes');
    const { pid } = server;
    await server.restart();
    expect(server.pid).not.toBe(pid);
    expect(await redis.get('kept')).toBe('yes');
    redis.disconnect();
  });

  it('starts a NATS with JetStream', async () => {
    await using server = await freshNats();
    const greeting = await firstLine(server.url);
    expect(JSON.parse(greeting.slice('INFO '.length))).toMatchObject({ jetstream: true, host: '127.0.0.1' });
  });

  it('speaks to the mongodb driver', async ({ skip }) => {
    const url = freshMongoUrl();
    if (url === undefined) return skip();
    expect(useServers().mongoUrl).toMatch(/^mongodb:/);
    const client = await MongoClient.connect(url);
    try {
      const birds = client.db().collection('birds');
      await birds.insertMany([{ name: 'rook' }, { name: 'jay' }]);
      expect(
        await birds
          .find({}, { projection: { _id: 0 } })
          .sort({ name: 1 })
          .toArray(),
      ).toEqual([{ name: 'jay' }, { name: 'rook' }]);
    } finally {
      await client.db().dropDatabase();
      await client.close();
    }
  });
});

async function firstLine(url: string): Promise<string> {
  const { connect } = await import('node:net');
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    socket.once('error', reject);
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString());
    });
  });
}
