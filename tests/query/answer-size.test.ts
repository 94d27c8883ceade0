import { defaultLimits, startGateway } from '@rookery/gateway';
import { createLog } from '@rookery/runtime';
import { composeSupergraph } from '@rookery/schema/compose';
import { subgraphNames, subgraphSdl } from '@rookery/schema/graphql';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startIssuer } from '../support/gateway/issuer.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { type QueryWorld, startQueryWorld } from '../support/systems/query-world.ts';

/** 41 bytes, and one character. */
const family = '👨🏽‍👩🏽‍👧🏽‍👦🏽';
/** The largest that can be written today, one of an older version, the largest of plain text, and an ordinary one. */
const bodies = [family.repeat(5_000), `a${'\u0301'.repeat(89_000)}`, '"'.repeat(5_000), 'hello'];

interface Answer {
  readonly data: Record<string, unknown>;
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
}
interface Page {
  readonly edges: readonly {
    readonly node: { readonly post: { readonly id: string; readonly body: string } };
  }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string;
    readonly endCursor: string;
  };
}

let world: QueryWorld;
let reader: string;
let hub: string;
let feed: string[];
let ask: (query: string, variables?: object) => Promise<Answer>;
const resources = new AsyncDisposableStack();

beforeAll(async () => {
  world = resources.use(await startQueryWorld());
  const issuer = resources.use(await startIssuer());
  reader = await world.user();
  const author = await world.user();
  await world.change('users', author, { name: family.repeat(80), bio: family.repeat(500) });
  await world.relate('follows', reader, author);
  await world.relate('follows', author, reader);
  hub = await world.post(author, { body: bodies[0] });
  feed = [hub];
  for (let i = 0; i < 120; i++) {
    // Answers to one post, each with an answer of its own; the last are a chain.
    const inReplyTo = i % 2 === 0 && i < 108 ? hub : feed.at(-1);
    feed.push(
      await world.post(author, { body: bodies[i % 10 === 9 ? 2 : i % 10 === 8 ? 3 : i % 2], inReplyTo }),
    );
  }
  await world.progress();

  const { url } = await startGateway(
    {
      listen: { host: '127.0.0.1', port: 0 },
      metrics: { host: '127.0.0.1', port: 0 },
      production: false,
      supergraph: composeSupergraph(
        Object.fromEntries(subgraphNames.map((name) => [name, subgraphSdl(name)])),
      ),
      subgraphs: { query: `${world.url}/graphql`, mutation: 'http://127.0.0.1:9/graphql' },
      internalKeyFiles: [world.gatewayKeyFile],
      tokens: { jwksUrl: issuer.jwksUrl, issuer: issuer.issuer, audience: issuer.audience },
      origins: [],
      limits: defaultLimits,
      resilience: {},
    },
    createLog('gateway', 'silent'),
    resources,
  );
  const token = await issuer.token(reader);
  ask = async (query, variables = {}) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as Answer;
  };
}, 120_000);
afterAll(() => resources.disposeAsync());

const page = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';

describe('pages of the largest texts', () => {
  it.each(['forward', 'backward'] as const)(
    'are shorter than asked for, and together hold each item once: %s',
    async (direction) => {
      const isForward = direction === 'forward';
      const args = isForward ? 'first: 100, after: $cursor' : 'last: 100, before: $cursor';
      const seen: string[] = [];
      for (let cursor: string | null = null, pages = 1; ; pages++) {
        const { data, errors } = await ask(
          `query ($cursor: String) { friendsFeed(${args}) { edges { node { actor { name bio } post { id body author { name bio } } } } ${page} } }`,
          { cursor },
        );
        expect(errors).toBeUndefined();
        const { edges, pageInfo } = data.friendsFeed as Page;
        expect(edges.length).toBeGreaterThan(0);
        const ids = edges.map(({ node }) => node.post.id);
        if (isForward) seen.push(...ids);
        else seen.unshift(...ids);
        if (!(isForward ? pageInfo.hasNextPage : pageInfo.hasPreviousPage)) break;
        expect(pages).toBeLessThan(10);
        cursor = isForward ? pageInfo.endCursor : pageInfo.startCursor;
      }
      expect(seen).toEqual(feed.toReversed());
    },
  );

  it('fit whatever is asked for inside them', async () => {
    await fc.assert(
      fc.asyncProperty(operations, async (operation) => {
        const { errors } = await ask(operation, { hub, reader });
        const codes = new Set(errors?.map(({ extensions }) => extensions.code));
        // Beyond the limits of the gateway: nothing was read.
        fc.pre(!codes.has('GRAPHQL_VALIDATION_FAILED'));
        // One item that no answer could hold.
        codes.delete('BAD_USER_INPUT');
        expect([...codes]).toEqual([]);
      }),
      { numRuns: Number(process.env.ANSWER_SIZE_RUNS ?? propertyRuns(15)) },
    );
  }, 240_000);

  it('keep room for the pages inside them', async () => {
    const { data, errors } = await ask(
      `query ($hub: ID!) { post(id: $hub) { body replies(first: 40) { edges { node { body replies(first: 5) { edges { node { body } } ${page} } } } ${page} } } }`,
      { hub },
    );
    expect(errors).toBeUndefined();
    const { replies } = data.post as { replies: { edges: { node: { replies: Page } }[] } };
    expect(replies.edges.length).toBeGreaterThan(0);
    expect(replies.edges.length).toBeLessThan(40);
    expect(replies.edges.some(({ node }) => node.replies.edges.length > 0)).toBe(true);
  });

  it('leave the rest of the answer alone if one object in it has no room', async () => {
    const chain = (depth: number): string =>
      depth === 0 ? 'body' : `body inReplyTo { ${chain(depth - 1)} }`;
    const last = feed.at(-1);
    const roots = Array.from({ length: 10 }, (_, i) => `p${i}: post(id: "${last}") { ${chain(8)} }`);
    const { data, errors = [] } = await ask(`{ ${roots.join(' ')} }`);
    expect(errors.length).toBeGreaterThan(0);
    for (const { extensions } of errors)
      expect(extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'query' });
    const shown = Object.values(data).filter((post) => post !== null);
    expect(shown.length).toBe(10 - errors.length);
    expect(shown.length).toBeGreaterThan(0);
  });
});

/** Operations that ask for as much as they may: pages in pages, chains of answers, the same text under many names. */
const aliases = fc.integer({ min: 0, max: 4 });
const again = (field: string, count: number): string =>
  [field, ...Array.from({ length: count }, (_, i) => `${field}${i}: ${field}`)].join(' ');
const size = fc
  .tuple(fc.constantFrom('first', 'last'), fc.constantFrom(1, 2, 5, 20, 100))
  .map(([argument, count]) => `${argument}: ${count}`);
const user = aliases.map((count) => `{ ${again('bio', count)} name }`);
const posts = fc.letrec<{ post: string; inside: string }>((tie) => ({
  post: fc
    .tuple(aliases, fc.option(user), tie('inside'))
    .map(
      ([count, author, inside]) =>
        `{ id ${again('body', count)} ${author ? `author ${author}` : ''} ${inside} }`,
    ),
  inside: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constant(''),
    tie('post').map((post) => `inReplyTo ${post}`),
    tie('post').map((post) => `inReplyTo ${post} parent { ... on Post ${post} ... on Tombstone { id } }`),
    fc
      .tuple(size, tie('post'))
      .map(([size, post]) => `replies(${size}) { edges { cursor node ${post} } ${page} }`),
  ),
}));
const feedOf = (name: string) =>
  fc
    .tuple(size, fc.option(user), posts.post)
    .map(
      ([size, actor, post]) =>
        `${name}(${size}) { edges { cursor node { id ${actor ? `actor ${actor}` : ''} post ${post} } } ${page} }`,
    );
const roots = fc.oneof(
  { weight: 3, arbitrary: feedOf('friendsFeed') },
  posts.post.map((post) => `post(id: $hub) ${post}`),
  posts.post.map((post) => `node(id: $hub) { __typename ... on Post ${post} }`),
  feedOf('feed').map(
    (feed) => `user(id: $reader) { following(first: 1) { edges { node { bio ${feed} } } } }`,
  ),
  fc
    .tuple(size, user)
    .map(([size, one]) => `user(id: $reader) { following(${size}) { edges { node ${one} } } }`),
);
const operations = fc
  .array(roots, { minLength: 1, maxLength: 3 })
  .map(
    (all) =>
      `query ($hub: ID!, $reader: ID!) { __typename ${all.map((root, i) => `r${i}: ${root}`).join(' ')} post(id: $hub) { id } user(id: $reader) { id } }`,
  );
