import { openFeeds } from '@rookery/feeds';
import { createLog } from '@rookery/runtime';
import { expect, it } from 'vitest';
import { Client } from '../support/clients/client.ts';
import { eventually } from '../support/eventually.ts';
import { freshRedisCluster, startSystem } from '../support/index.ts';
import { WatchingReader } from './watching-reader.ts';
import { Writer } from './writers.ts';

interface Page {
  readonly friendsFeed: { readonly edges: readonly { readonly node: { readonly post: { body: string } } }[] };
}

it('a master of the Redis Cluster is killed: documents serve the feeds until its replica has taken over', {
  timeout: 300_000,
}, async () => {
  await using cluster = await freshRedisCluster({ replicated: true });
  await using system = await startSystem({ env: { REDIS_URL: cluster.url } });
  await using feeds = Object.assign(
    openFeeds(cluster.url, { cap: 800, idleDays: 1, log: createLog('test', 'silent') }),
    { [Symbol.asyncDispose]: () => feeds.close() },
  );
  const [ann, ben] = [await system.signUp(), await system.signUp()];
  const client = new Client(system.gatewayUrl, ben.token);
  await client.act('followUser', 'UserInput', { userId: ann.id });
  const writer = new Writer(system, ann);
  const page = async (): Promise<string[]> => {
    const { friendsFeed } = await client.ask<Page>(
      '{ friendsFeed(first: 100) { edges { node { post { body } } } } }',
    );
    return friendsFeed.edges.map(({ node }) => node.post.body);
  };
  const seesAll = (what: string) =>
    eventually(
      async () => {
        const newestFirst = [...writer.accepted.values()].toReversed();
        return JSON.stringify(await page()) === JSON.stringify(newestFirst);
      },
      { what },
    );
  /** Keys of the reader's feeds that Redis holds, whole. */
  const held = async (): Promise<string[]> => {
    const whole: string[] = [];
    for await (const keys of feeds.held()) {
      for (const key of keys) {
        const isOwn = key.startsWith(ben.id) && !key.endsWith('.changes');
        if (isOwn && (await feeds.dump(key))) whole.push(key);
      }
    }
    return whole;
  };

  await writer.writeMany(3);
  await seesAll('the page before');
  const [key = ''] = await held();
  const victim = await cluster.masterOf(`feed:{${key}}`);
  const [master, replica] = [cluster.masters[victim], cluster.replicas[victim]];
  if (!master || !replica) throw new Error('no such node');

  await using reader = new WatchingReader(system, ben, ann.id);
  reader.start();
  await eventually(
    async () => {
      await writer.writeMany(1);
      return reader.delivered.length > 0;
    },
    { what: 'the subscription' },
  );
  await seesAll('the page with a subscription');
  reader.take();

  // The replica has heard nothing of the last posts when it takes over: they were acknowledged by the master alone.
  replica.signal('SIGSTOP');
  await writer.writeMany(2);
  await seesAll('the page that only the master knows');
  const began = performance.now();
  await master.kill();
  replica.signal('SIGCONT');
  await writer.writeMany(5);
  await seesAll('the page without the master');
  const seenMs = Math.round(performance.now() - began);
  await cluster.takenOverBy(replica);
  const tookOverMs = Math.round(performance.now() - began);
  await writer.writeMany(2);
  await seesAll('the page after the takeover');
  await eventually(async () => (await held()).length > 0, { what: 'the feed in Redis again' });

  const all = [...writer.accepted.values()];
  const from = all.indexOf(reader.delivered[0] ?? '');
  await eventually(() => reader.delivered.length >= all.length - from, {
    what: 'live delivery of everything',
  });
  expect(reader.delivered).toEqual(all.slice(from));
  const seen = reader.take();
  console.log(JSON.stringify({ seenMs, tookOverMs, seen }));
  expect(seen).toMatchObject({ errors: [], empty: 0 });
});
