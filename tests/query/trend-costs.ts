import type { Stored } from '@rookery/document-store';
import type { Shapes } from '@rookery/read-models';
import { project, projections } from '@rookery/read-models/reducers';
import { newId } from '@rookery/runtime';
import { makeEvent, type RecordedEvent } from '@rookery/schema/events';
import { expect } from 'vitest';
import { bulkDocuments } from '../support/systems/bulk-documents.ts';
import type { CostMeter } from '../support/systems/page-costs.ts';
import type { QueryWorld } from '../support/systems/query-world.ts';
import { dataOf, untilInTime } from '../support/systems/stores-in-time.ts';

/*
 * The cost law of trends: what an answer costs depends on its size, and neither on the number of hashtags nor of people, posts or uses.
 */

const query = '{ trendingHashtags(first: 3) { hashtag { name } usage { people uses isEstimate } } }';
/** Hashtags that are read, those that are checked, and people and posts of each. */
const [candidates, checked, peopleEach, usesEach] = [16, 8, 8, 2];
const people = 12;
const sizes = [
  { hashtags: 16, uses: usesEach },
  { hashtags: 24, uses: usesEach + 1 },
];

/** Documents of one write: MongoDB's server of the tests writes one after the other. */
const atOnce = 20;

/** Publishes posts with these hashtags, by everybody. */
const publish = async (
  world: QueryWorld,
  authors: readonly string[],
  names: readonly string[],
): Promise<void> => {
  const events = names.flatMap((name) =>
    authors.map((actor): RecordedEvent => {
      const [id, time] = [newId(), new Date().toISOString()];
      const data = { body: `#${name}` };
      const event = makeEvent({ name: 'rookery.post.published', id, actor, subject: id, time, data });
      return { position: world.nextPosition(), recordedAt: time, event };
    }),
  );
  const posts = projections.find(({ name }) => name === 'posts');
  const trends = world.documents.collection<Shapes['trends']>('trends');
  const before = new Map<string, Stored<Shapes['trends']>>();
  for await (const batch of trends.scan(1_000)) for (const one of batch) before.set(one.id, one);
  const docs = new Map([...before].map(([id, { doc }]) => [id, doc]));
  const projected = posts && project(posts, events, new Map([['trends', docs]]));
  const docsOf = <N extends 'posts' | 'trends'>(name: N) =>
    [...(projected?.get(name) ?? [])].map(([id, doc]) => ({ id, doc: doc as Shapes[N] }));
  await bulkDocuments(world).insert('posts', docsOf('posts'));
  const written = docsOf('trends').map((one) => ({ ...one, revision: before.get(one.id)?.revision ?? 0 }));
  for (let i = 0; i < written.length; i += atOnce)
    await untilInTime(() => trends.putMany(written.slice(i, i + atOnce)));
};

/** Checks the law in a world in which nobody has used a hashtag before. */
export const checkTrendCosts = async (world: QueryWorld, meter: CostMeter): Promise<void> => {
  const authors = await bulkDocuments(world).users(people);
  const viewer = await world.user();
  const costs = [];
  for (const { hashtags, uses } of sizes) {
    const names = Array.from({ length: hashtags }, (_, i) => `trend_${i}`);
    for (let use = 0; use < uses; use++) await publish(world, authors, names);
    await world.progress();
    const { result, cost } = await meter.costOf(async () =>
      dataOf(await world.ask<{ trendingHashtags: { readonly usage: object }[] }>(query, { viewer })),
    );
    const usage = { people, uses: people * usesEach, isEstimate: true };
    expect(result.trendingHashtags.map((trend) => trend.usage)).toEqual([usage, usage, usage]);
    costs.push(cost);
  }
  const [small, large] = costs;
  expect(large?.calls).toBe(small?.calls);
  for (const cost of costs) {
    expect(cost.rows).toBeLessThanOrEqual(candidates + checked * peopleEach * usesEach + people);
    expect(cost.examined).toBeLessThanOrEqual(1.3 * cost.rows);
  }
};
