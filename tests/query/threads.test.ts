import { newId } from '@rookery/runtime';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { propertyRuns } from '../support/property-runs.ts';
import { type QueryWorld, startQueryWorld } from '../support/systems/query-world.ts';

interface ShownPost {
  readonly __typename: 'Post' | 'Tombstone';
  readonly id: string;
  readonly body?: string;
  readonly inReplyTo?: { readonly id: string } | null;
  readonly parent?: ShownPost | null;
  readonly replies: { readonly edges: readonly { readonly node: { readonly id: string } }[] };
}

const replies = 'replies(first: 100) { edges { node { id } } }';
/** A post, what it answers, what that answers, and so on. */
const upwards = (levels: number): string =>
  levels === 0
    ? `__typename ... on Post { id body ${replies} } ... on Tombstone { id ${replies} }`
    : `__typename ... on Post { id body inReplyTo { id } ${replies} parent { ${upwards(levels - 1)} } }
       ... on Tombstone { id ${replies} parent { ${upwards(levels - 1)} } }`;
const levels = 4;
const query = `query ($id: ID!) { post(id: $id) { __typename id body inReplyTo { id } ${replies} parent { ${upwards(levels - 1)} } } }`;

let world: QueryWorld;
let author: string;
beforeAll(async () => {
  world = await startQueryWorld();
  author = await world.user();
});
afterAll(() => world[Symbol.asyncDispose]());

const read = async (id: string) => world.ask<{ post: ShownPost | null }>(query, { viewer: author }, { id });
const remove = (id: string) => world.change('posts', id, { deleted: true, body: null, version: null });

describe('the answer to a post', () => {
  it('leads through a deleted one to what that answered, and back to its answers', async () => {
    const first = await world.post(author, { body: 'first' });
    const gone = await world.post(author, { inReplyTo: first, body: 'secret' });
    const answer = await world.post(author, { inReplyTo: gone });
    await remove(gone);
    const { data, errors } = await read(answer);
    expect(errors).toBeUndefined();
    expect(data.post).toMatchObject({
      __typename: 'Post',
      inReplyTo: null,
      parent: {
        __typename: 'Tombstone',
        id: gone,
        replies: { edges: [{ node: { id: answer } }] },
        parent: { __typename: 'Post', id: first, body: 'first', parent: null },
      },
    });
    expect(JSON.stringify(data)).not.toContain('secret');
  });

  it('shows a hidden post byte for byte as one that never was, and says nothing of what it answered', async () => {
    const first = await world.post(author);
    // Nobody may know this author: there is no sign-up.
    const hidden = await world.post(newId(), { inReplyTo: first, body: 'secret' });
    const hiddenAndDeleted = await world.post(newId(), { inReplyTo: first });
    await remove(hiddenAndDeleted);
    const [never, ...others] = await Promise.all(
      [newId(), hidden, hiddenAndDeleted].map(async (inReplyTo) => {
        const id = await world.post(author, { inReplyTo });
        const text = JSON.stringify(await read(id));
        return text.replaceAll(inReplyTo, 'PARENT').replaceAll(id, 'ID');
      }),
    );
    expect(never).toContain('"__typename":"Tombstone","id":"PARENT"');
    expect(never).not.toContain(first);
    for (const other of others) expect(other).toBe(never);
  });

  const states = ['visible', 'deleted', 'hidden', 'hidden and deleted', 'absent'] as const;
  interface ThreadNode {
    readonly id: string;
    readonly state: (typeof states)[number];
  }

  /** Publishes one post after the other, each a reply to the one before. */
  const publishThread = async (above: readonly ThreadNode['state'][]): Promise<ThreadNode[]> => {
    const places: ThreadNode[] = [];
    for (const state of above) {
      const inReplyTo = places.at(-1)?.id;
      const by = state.startsWith('hidden') ? newId() : author;
      const id = state === 'absent' ? newId() : await world.post(by, { inReplyTo });
      if (state.endsWith('deleted')) await remove(id);
      places.push({ id, state });
    }
    return places;
  };

  const expectThread = (places: readonly ThreadNode[], last: ShownPost | null): void => {
    let shown: ShownPost | null | undefined = last;
    for (const [i, { id, state }] of places.entries().toArray().reverse()) {
      expect(shown).toMatchObject({ __typename: state === 'visible' ? 'Post' : 'Tombstone', id });
      const below = places[i + 1];
      const answers = below?.state === 'visible' ? [{ node: { id: below.id } }] : [];
      expect(shown?.replies.edges).toEqual(answers);
      shown = shown?.parent;
      if (state !== 'visible' && state !== 'deleted') break;
    }
    expect(shown ?? null).toBeNull();
  };

  it('is told exactly as the rules say, for any thread', async () => {
    const chain = fc.array(fc.constantFrom(...states), { maxLength: levels });
    await fc.assert(
      fc.asyncProperty(chain, async (above) => {
        const places = await publishThread([...above, 'visible']);
        const { data } = await read(places.at(-1)?.id ?? '');
        expectThread(places, data.post);
      }),
      { numRuns: propertyRuns(60) },
    );
  });
});

type ThreadEntry = { readonly __typename: 'Post' | 'Tombstone'; readonly id: string };
const place = '__typename ... on Post { id } ... on Tombstone { id }';

describe('the posts above another', () => {
  const above = async (id: string, viewer = author) => {
    const query = `query ($id: ID!) { post(id: $id) { ancestors { ${place} } } }`;
    const { data } = await world.ask<{ post: { ancestors: ThreadEntry[] } }>(query, { viewer }, { id });
    return data.post.ancestors.map(({ __typename, id }) => `${__typename} ${id}`);
  };

  it('begin with the topmost, and are the nearest twenty of a long thread', async () => {
    const chain = [await world.post(author)];
    for (let i = 0; i < 21; i++) chain.push(await world.post(author, { inReplyTo: chain.at(-1) }));
    expect(await above(chain[0] ?? '')).toEqual([]);
    expect(await above(chain[2] ?? '')).toEqual(chain.slice(0, 2).map((id) => `Post ${id}`));
    expect(await above(chain[21] ?? '')).toEqual(chain.slice(1, 21).map((id) => `Post ${id}`));
  });

  it('end at the tombstone of a hidden one, and go on above that of a deleted one', async () => {
    const first = await world.post(author);
    const [gone, hidden] = [
      await world.post(author, { inReplyTo: first }),
      await world.post(newId(), { inReplyTo: first }),
    ];
    await remove(gone);
    expect(await above(await world.post(author, { inReplyTo: gone }))).toEqual([
      `Post ${first}`,
      `Tombstone ${gone}`,
    ]);
    expect(await above(await world.post(author, { inReplyTo: hidden }))).toEqual([`Tombstone ${hidden}`]);
  });
});

describe('a thread', () => {
  const page = async (id: string, args = '', viewer = author) => {
    const query = `query ($id: ID!) { post(id: $id) { thread${args} {
      edges { cursor node { ${place} ... on Tombstone { thread { edges { node { ${place} } } } } } }
      pageInfo { hasNextPage hasPreviousPage } } } }`;
    const { data, errors } = await world.ask<{
      post: {
        thread: { edges: { cursor: string; node: ThreadEntry & { thread?: object } }[]; pageInfo: object };
      };
    }>(query, { viewer }, { id });
    expect(errors).toBeUndefined();
    return data.post.thread;
  };
  const placesOf = async (id: string, args = '') =>
    (await page(id, args)).edges.map(({ node: { __typename, id } }) => `${__typename} ${id}`);

  it('has the tombstones of deleted replies that were answered, in their places, and pages through them', async () => {
    const first = await world.post(author);
    const [one = '', two = '', three = '', four = ''] = [
      await world.post(author, { inReplyTo: first }),
      await world.post(author, { inReplyTo: first }),
      await world.post(author, { inReplyTo: first }),
      await world.post(author, { inReplyTo: first }),
    ];
    const below = await world.post(author, { inReplyTo: two });
    await world.count('replies', two, 1);
    for (const id of [two, three]) await remove(id);
    expect(await placesOf(first)).toEqual([`Post ${one}`, `Tombstone ${two}`, `Post ${four}`]);
    const { edges, pageInfo } = await page(first, '(first: 2)');
    expect(pageInfo).toEqual({ hasNextPage: true, hasPreviousPage: false });
    expect(edges[1]?.node.thread).toEqual({ edges: [{ node: { __typename: 'Post', id: below } }] });
    expect(await placesOf(first, `(after: "${edges[1]?.cursor}")`)).toEqual([`Post ${four}`]);
    expect(await placesOf(first, `(last: 2, before: "${edges[1]?.cursor}")`)).toEqual([`Post ${one}`]);
  });

  it('says nothing of replies that are hidden, not even if they are deleted', async () => {
    const [first, empty] = [await world.post(author), await world.post(author)];
    for (const isDeleted of [true, false]) {
      const hidden = await world.post(newId(), { inReplyTo: first });
      await world.post(author, { inReplyTo: hidden });
      await world.count('replies', hidden, 1);
      if (isDeleted) await remove(hidden);
    }
    expect(await page(first)).toEqual(await page(empty));
  });
});
