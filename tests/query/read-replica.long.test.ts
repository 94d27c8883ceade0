import { readMetric } from '@rookery/runtime';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { Client } from '../support/clients/client.ts';
import { eventually } from '../support/eventually.ts';
import { startSystem } from '../support/index.ts';
import { replicatedPostgres } from '../support/servers/replicated-postgres.ts';
import { runSql } from '../support/servers/run-sql.ts';

interface FeedPage {
  readonly friendsFeed: {
    readonly edges: readonly { readonly node: { readonly post: { readonly body: string } } }[];
  };
}
const page = '{ friendsFeed { edges { node { post { body } } } } }';

it('reads a hot standby of Postgres: own writes, feeds without holes, and the primary once the standby is down', async () => {
  await using postgres = await replicatedPostgres();
  const { primary, standby, database } = postgres;
  const documentsUrl = primary.url.replace(/\/postgres$/, '/rookery');
  const readUrl = standby.url.replace(/\/postgres$/, '/rookery');
  await using system = await startSystem({
    database,
    env: { DOCUMENTS_URL: documentsUrl, READ_AFTER_TIMEOUT: '5000' },
    envOf: { query: { DOCUMENTS_READ_URL: readUrl } },
  });
  const accounts = await Promise.all(Array.from({ length: 3 }, () => system.signUp()));
  const [ann, ben, cleo] = accounts.map(({ token }) => new Client(system.gatewayUrl, token));
  if (!ann || !ben || !cleo) throw new Error('no accounts');
  const act = async (client: Client, field: string, type: string, input: object): Promise<string> =>
    (await client.act(field, type, input)).activity.id;
  const publish = (body: string) => act(ann, 'publishPost', 'PublishPostInput', { body });
  const read = async (client: Client, after?: string) => {
    const headers: Record<string, string> = after === undefined ? {} : { 'x-read-after': after };
    const { data, extensions } = await client.send<FeedPage>(page, {}, headers);
    return {
      bodies: data?.friendsFeed.edges.map(({ node }) => node.post.body),
      stale: extensions?.stale === true,
    };
  };
  for (const client of [ben, cleo]) {
    const after = await act(client, 'followUser', 'UserInput', { userId: accounts[0]?.id });
    expect(await read(client, after)).toEqual({ bodies: [], stale: false });
  }
  expect(await read(ben, await publish('one'))).toEqual({ bodies: ['one'], stale: false });
  // The reads did go to the standby.
  const reads =
    "select count(*)::int as n from pg_stat_activity where application_name = 'rookery documents'";
  expect((await runSql(standby.url, reads))[0]?.n).toBeGreaterThan(0);

  // The standby has what comes now, and does not show it.
  await runSql(standby.url, 'select pg_wal_replay_pause()');
  const two = await publish('two');
  expect(await read(ben, two)).toEqual({ bodies: ['one'], stale: true });
  const author = accounts[0]?.id ?? '';
  const items = `select from documents.items where doc->>'actor' = '${author}'`;
  await eventually(async () => (await runSql(documentsUrl, items)).length === 2, {
    what: 'the post in the documents of the primary',
  });
  // A feed that Redis does not hold is filled meanwhile: not from what the standby shows.
  const redis = new Redis(system.servers.redis.url);
  try {
    await redis.flushall();
    const key = `feed:{${accounts[2]?.id}}`;
    await eventually(
      async () => {
        await read(cleo);
        return (await redis.zrangebyscore(key, '-inf', '-inf')).some((mark) => mark.startsWith('ready'));
      },
      { what: 'a filled feed' },
    );
  } finally {
    redis.disconnect();
  }
  await runSql(standby.url, 'select pg_wal_replay_resume()');
  for (const client of [ben, cleo]) {
    expect(await read(client, two)).toEqual({ bodies: ['two', 'one'], stale: false });
  }
  expect(await read(cleo, await publish('three'))).toEqual({ bodies: ['three', 'two', 'one'], stale: false });

  await standby.kill();
  await runSql(primary.url, "alter system set synchronous_standby_names = ''");
  await runSql(primary.url, 'select pg_reload_conf()');
  await eventually(
    async () =>
      (await readMetric(system.metricsUrls.query, 'rookery_query_current_replica', {
        replica: 'standby',
      })) === 1,
    { what: 'reads of the primary' },
  );
  expect(await read(ben, await publish('four'))).toEqual({
    bodies: ['four', 'three', 'two', 'one'],
    stale: false,
  });
});
