import { createNetwork, loadNetwork } from '@rookery/demo/bulk';
import { openFeeds } from '@rookery/feeds';
import { canonical, verify } from '@rookery/projector';
import { collectionsOf } from '@rookery/read-models';
import { projectionNames } from '@rookery/read-models/reducers';
import { createLog, readMetric } from '@rookery/runtime';
import { expect, onTestFinished, test } from 'vitest';
import { Client } from '../support/clients/client.ts';
import { until } from '../support/eventually.ts';
import { freshDatabase, freshNats, startSystem } from '../support/index.ts';
import { type NetworkStores, openNetworkStores, openStoresOf } from '../support/systems/network-stores.ts';

const log = createLog('test', 'silent');
const { signal } = new AbortController();
const password = 'a network of people';

/** Every document of the read models in one form, by collection and id. */
const allDocuments = async ({ documents }: NetworkStores): Promise<Map<string, string>> => {
  const all = new Map<string, string>();
  for (const name of [...projectionNames.flatMap(collectionsOf), 'counts'])
    for await (const found of documents.collection(name).scan(1_000))
      for (const { id, doc } of found) all.set(`${name}/${id}`, canonical(doc));
  return all;
};

const projected = async ({ documents }: NetworkStores, position: number): Promise<void> => {
  await until('all projections have reached the position', async () => {
    const found = await documents.collection<{ position: number }>('progress').getMany(projectionNames);
    return projectionNames.every((name) => (found.get(name)?.doc.position ?? 0) >= position);
  });
};

test('read models built in bulk equal those of the same events through queue, recorder and projector', async () => {
  await using system = await startSystem();
  const ordinary = await openStoresOf(system);
  const network = createNetwork({ people: 30, chronicle: 5 });
  const events = [...network.batches(500)].flat();
  // One after the other into the queue, so that they are recorded in this order.
  await ordinary.queue.prepare();
  for (let i = 0; i < events.length; i += 100)
    await Promise.all(events.slice(i, i + 100).map((event) => ordinary.queue.publish(event)));
  await projected(ordinary, events.length);
  const recorded = await ordinary.eventStore.read(0, events.length + 1);
  expect(recorded.map(({ event }) => event.id)).toEqual(events.map(({ id }) => id));

  await using database = await freshDatabase();
  await using nats = await freshNats();
  const bulk = await openNetworkStores(database.url, nats.url);
  // A run that is interrupted is resumed by the next one.
  const interrupted = new AbortController();
  const half = loadNetwork({
    ...bulk,
    network,
    password,
    batchSize: 100,
    log,
    signal: interrupted.signal,
    onProgress: (_phase, done) => done >= events.length / 2 && interrupted.abort(new Error('interrupted')),
  });
  await expect(half).rejects.toThrow('interrupted');
  const head = await bulk.eventStore.head();
  expect(head).toBeGreaterThan(0);
  expect(head).toBeLessThan(events.length);
  const loaded = await loadNetwork({ ...bulk, network, password, batchSize: 100, log, signal });
  expect(loaded).toMatchObject({ events: events.length, position: events.length });
  expect(await allDocuments(bulk)).toEqual(await allDocuments(ordinary));
});

test('a network is loaded beside a running system, which goes on after it', async () => {
  await using system = await startSystem();
  const stores = await openStoresOf(system);
  const alice = await system.signUp('alice');
  const asAlice = new Client(system.gatewayUrl, alice.token);
  const post = 'mutation { publishPost(input: { body: "here" }) { post { id } } }';
  await asAlice.ask(post);

  const network = createNetwork({ people: 40, readers: [10], chronicle: 5 });
  const { people, position } = await loadNetwork({ ...stores, network, password, log, signal });

  // People of the network can log in and read; others go on as before.
  const [handle = ''] = network.handles.readers;
  const { logIn } = await asAlice.ask<{ logIn: { token: string } }>(
    'mutation ($input: LogInInput!) { logIn(input: $input) { token } }',
    { input: { handle, password } },
  );
  const asReader = new Client(system.gatewayUrl, logIn.token);
  expect(
    await asReader.ask('{ me { handle followingCount } friendsFeed(first: 20) { edges { node { id } } } }'),
  ).toMatchObject({
    me: { handle, followingCount: 10 },
    friendsFeed: { edges: expect.objectContaining({ length: 20 }) },
  });
  await asReader.ask('mutation ($input: UserInput!) { followUser(input: $input) { user { id } } }', {
    input: { userId: alice.id },
  });
  const { publishPost } = await asAlice.ask<{ publishPost: { post: { id: string } } }>(post);
  await until('the reader sees the post', async () => {
    const { friendsFeed } = await asReader.ask<{
      friendsFeed: { edges: { node: { post: { id: string } } }[] };
    }>('{ friendsFeed(first: 1) { edges { node { post { id } } } } }');
    return friendsFeed.edges[0]?.node.post.id === publishPost.post.id;
  });
  expect(people.get(network.handles.mostFollowed)).toBeDefined();

  // The queue has not carried the network.
  const { projector } = system.metricsUrls;
  for (const projection of projectionNames) {
    const applied = await readMetric(projector, 'rookery_projector_applied_total', { projection });
    // The few acts of this test.
    expect(applied).toBeGreaterThan(0);
    expect(applied).toBeLessThan(20);
    expect(await readMetric(projector, 'rookery_projector_position', { projection })).toBeGreaterThan(
      position,
    );
  }
  const feeds = openFeeds(system.servers.redis.url, { cap: 800, idleDays: 14, log });
  onTestFinished(() => feeds.close());
  const { differences, unsettled } = await verify({
    ...stores,
    feeds,
    cap: 800,
    projections: projectionNames,
    signal,
  });
  expect({ differences, unsettled }).toEqual({ differences: [], unsettled: [] });
});
