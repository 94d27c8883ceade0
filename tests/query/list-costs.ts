import { afterAll, beforeAll, expect } from 'vitest';
import type { documentEngines } from '../support/index.ts';
import { type Listed, userWithLists } from '../support/systems/lists.ts';
import { type CostMeter, openCostMeter, type PageCost } from '../support/systems/page-costs.ts';
import { type Connection, type QueryWorld, startQueryWorld } from '../support/systems/query-world.ts';
import { dataOf, untilInTime } from '../support/systems/stores-in-time.ts';
import { checkSuggestionCosts } from './suggestion-costs.ts';
import { checkTrendCosts } from './trend-costs.ts';

/*
 * The cost law of the lists: the calls to the stores, the rows that they return, and those that they look at, depend on
 * the size of the page, and neither on the length of the list nor on the depth of the cursor.
 */

const pageSize = 10;
/** Lengths of the lists. The server of the tests for MongoDB sorts without indexes. */
const sizes = { postgres: [40, 120], mongodb: [40, 64] } as const;

const page = '(first: $first, after: $after, last: $last, before: $before)';
const pageInfo = 'pageInfo { hasNextPage hasPreviousPage endCursor }';
const users = `${page} { edges { cursor node { id handle name } } ${pageInfo} }`;
const posts = `${page} { edges { cursor node { id body author { handle } } } ${pageInfo} }`;
const items = `${page} { edges { cursor node { id post { id body author { handle } } } } ${pageInfo} }`;
const groups = `${page} { edges { cursor node { id kind actors { handle } actorCount post { body } } } ${pageInfo} }`;
/** Field that has the list, and the list. */
const lists = {
  followers: `user(id: $user) { list: followers${users} }`,
  following: `user(id: $user) { list: following${users} }`,
  feed: `user(id: $user) { list: feed${items} }`,
  replies: `post(id: $post) { list: replies${posts} }`,
  hiddenReplies: `post(id: $thread) { list: hiddenReplies${posts} }`,
  quotes: `post(id: $thread) { list: quotes${posts} }`,
  likers: `post(id: $post) { list: likers${users} }`,
  sharers: `post(id: $post) { list: sharers${users} }`,
  hashtag: `hashtag(name: $hashtag) { list: posts${posts} }`,
  'one word': `list: searchPosts${posts.replace('(', '(query: $hashtag, ')}`,
  'two words': `list: searchPosts${posts.replace('(', '(query: $two, ')}`,
  people: `list: searchUsers${users.replace('(', '(query: $person, ')}`,
  bookmarks: `list: bookmarks${posts}`,
  blockedUsers: `list: blockedUsers${users}`,
  mutedUsers: `list: mutedUsers${users}`,
  notifications: `list: notifications${groups}`,
  myFeed: `list: myFeed${items}`,
} as const;
type ListName = keyof typeof lists;

/** The names of all lists. */
export const listNames = Object.keys(lists) as ListName[];

interface Part {
  readonly first?: number;
  readonly after?: string | undefined;
  readonly last?: number;
  readonly before?: string | undefined;
}

type Engine = ReturnType<typeof documentEngines>[number];

/** Starts a system on one engine for the tests of a file, and returns the checks of the law for a list, trends and suggestions. */
export const useListCosts = ({
  engine,
  documents,
}: Engine): ((name: ListName | 'trends' | 'suggestions') => Promise<void>) => {
  let world: QueryWorld;
  let meter: CostMeter;
  const listed: (Listed & { readonly size: number })[] = [];
  beforeAll(async () => {
    const url = documents();
    world = await startQueryWorld(url === undefined ? {} : { DOCUMENTS_URL: url });
    meter = await openCostMeter(world, 'small');
    for (const size of sizes[engine]) listed.push({ ...(await userWithLists(world, size)), size });
    await world.progress();
  });
  afterAll(async () => {
    await meter?.[Symbol.asyncDispose]();
    await world?.[Symbol.asyncDispose]();
  });

  const readPage = async (name: ListName, { user, post, thread, hashtag }: Listed, part: Part) => {
    const named = [...lists[name].matchAll(/\$(post|user|thread|hashtag|two|person)\b/g)]
      .map(
        ([variable, name]) =>
          `, ${variable}: ${['post', 'thread', 'user'].includes(name ?? '') ? 'ID' : 'String'}!`,
      )
      .join('');
    const query = `query ($first: Int, $after: String, $last: Int, $before: String${named}) { ${lists[name]} }`;
    type Nodes = Connection<{ readonly id: string }>;
    const answer = await world.ask<{
      readonly list?: Nodes;
      readonly user?: { readonly list: Nodes };
      readonly post?: { readonly list: Nodes };
      readonly hashtag?: { readonly list: Nodes };
    }>(
      query,
      { viewer: user },
      {
        ...{ user, post, thread, hashtag, two: `everywhere ${hashtag}`, person: hashtag.slice(-8) },
        ...part,
      },
    );
    const data = dataOf(answer);
    const found = data.list ?? data.user?.list ?? data.post?.list ?? data.hashtag?.list;
    return (found?.edges ?? []).map(({ cursor, node }) => ({ cursor, id: node.id }));
  };

  return async (name) => {
    if (name === 'trends') return checkTrendCosts(world, meter);
    if (name === 'suggestions') {
      const viewers = listed.map(({ user }) => user);
      return checkSuggestionCosts(world, meter, viewers);
    }
    const costs: Record<'first' | 'deep' | 'back', PageCost>[] = [];
    for (const of of listed) {
      const end = await untilInTime(() => readPage(name, of, { last: 2 * pageSize }));
      const first = await meter.costOf(() => readPage(name, of, { first: pageSize }));
      const deep = await meter.costOf(() => readPage(name, of, { first: pageSize, after: end[0]?.cursor }));
      const back = await meter.costOf(() =>
        readPage(name, of, { last: pageSize, before: end.at(-1)?.cursor }),
      );
      for (const { result } of [first, deep, back]) expect(result).toHaveLength(pageSize);
      expect(deep.result).toEqual(end.slice(1, pageSize + 1));
      expect(back.result).toEqual(end.slice(pageSize - 1, -1));
      costs.push({ first: first.cost, deep: deep.cost, back: back.cost });
    }
    const [smallest] = costs;
    if (!smallest) throw new Error('nothing was measured');
    for (const cost of costs) {
      for (const page of ['first', 'deep', 'back'] as const) {
        expect(cost[page].calls, page).toBe(smallest[page].calls);
        expect(cost[page].rows).toBe(smallest[page].rows);
        // A store looks at what it returns, since each list has an index in its order. Those of the values of a list are tables on Postgres.
        const isListIndex = ['hashtag', 'one word', 'two words', 'people'].includes(name);
        const looks = isListIndex && engine === 'postgres' ? 2 : 1;
        expect(cost[page].examined).toBeLessThanOrEqual(1.3 * looks * cost[page].rows);
        // With what lies before the page, which `hasPreviousPage` looks for.
        expect(cost[page].rows).toBeLessThanOrEqual(2 * cost.first.rows);
      }
    }
  };
};
