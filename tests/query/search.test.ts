import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentEngines } from '../support/index.ts';
import { casesOfTier } from '../support/property-runs.ts';
import { bulkDocuments } from '../support/systems/bulk-documents.ts';
import { type Connection, codes, type QueryWorld, startQueryWorld } from '../support/systems/query-world.ts';

/*
 * A search for words that are common and seldom together looks at a bounded number of posts for each page, and goes on from there.
 */

/** Posts of a page, those of its later rounds, of a look back, and those by which it chooses a word. */
const maxRows = 11 + 4 * 120 + 10 + 120 + 2 * 12;

const query = `query ($query: String!, $first: Int, $after: String, $last: Int, $before: String) {
  searchPosts(query: $query, first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage endCursor startCursor } } }`;

// The long tier searches on MongoDB, too.
const engines = casesOfTier(documentEngines(), ({ engine }) => engine === 'postgres');

describe.each(engines)('a search on $engine', ({ documents }) => {
  let world: QueryWorld;
  let viewer: string;
  beforeAll(async () => {
    const url = documents();
    world = await startQueryWorld(url === undefined ? {} : { DOCUMENTS_URL: url });
    viewer = await world.user();
  });
  afterAll(() => world?.[Symbol.asyncDispose]());

  type Found = Connection<{ readonly id: string }>;
  const search = async (of: string, part: object): Promise<Found & { readonly ids: string[] }> => {
    const answer = await world.ask<{ searchPosts: Found }>(query, { viewer }, { query: of, ...part });
    expect(codes(answer)).toBeUndefined();
    const found = answer.data.searchPosts;
    return { ...found, ids: found.edges.map(({ node }) => node.id) };
  };

  it('finds two common words in one post, by pages of a bounded cost', async () => {
    const bulk = bulkDocuments(world);
    const [both] = await bulk.posts([{ author: viewer, terms: ['alder', 'birch'] }]);
    await bulk.posts(
      Array.from({ length: 1_040 }, (_, i) => ({ author: viewer, terms: [i % 2 ? 'alder' : 'birch'] })),
    );
    await world.progress();
    let pages = 0;
    let after: string | null = null;
    const found: string[] = [];
    for (let more = true; more; pages++) {
      const before = await world.storeCalls();
      const page: Found & { readonly ids: string[] } = await search('birch ALDER', { first: 10, after });
      expect((await world.storeCalls()).rows - before.rows).toBeLessThanOrEqual(maxRows + 20);
      found.push(...page.ids);
      ({ endCursor: after, hasNextPage: more } = page.pageInfo);
    }
    expect(found).toEqual([both?.id]);
    expect(pages).toBe(2);
  });

  it('looks for the rare word among common ones, wherever it stands', async () => {
    const bulk = bulkDocuments(world);
    const rare = await bulk.posts([{ author: viewer, terms: ['elm', 'extraordinary', 'everyday'] }]);
    await bulk.posts(
      Array.from({ length: 60 }, () => ({ author: viewer, terms: ['extraordinary', 'everyday'] })),
    );
    await world.progress();
    for (const words of ['extraordinary everyday elm', 'elm everyday'])
      expect(await search(words, { first: 10 })).toMatchObject({
        ids: rare.map(({ id }) => id),
        pageInfo: { hasNextPage: false },
      });
  });

  it('keeps its place while posts arrive, in both directions', async () => {
    const bulk = bulkDocuments(world);
    const posts = async (count: number) =>
      (await bulk.posts(Array.from({ length: count }, () => ({ author: viewer, terms: ['fir'] }))))
        .map(({ id }) => id)
        .toReversed();
    const old = await posts(8);
    await world.progress();
    const first = await search('fir', { first: 3 });
    expect(first.ids).toEqual(old.slice(0, 3));
    const young = await posts(5);
    await world.progress();
    const second = await search('Fir', { first: 10, after: first.pageInfo.endCursor });
    expect(second.ids).toEqual(old.slice(3));
    expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const newer = await search('fir', { last: 10, before: first.edges[0]?.cursor });
    expect(newer.ids).toEqual(young);
  });
});
