import type { Client } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventuallyPasses } from '../support/eventually-passes.ts';
import { lockTable } from '../support/index.ts';
import { type Connection, type QueryWorld, startQueryWorld } from '../support/systems/query-world.ts';

let world: QueryWorld;
let socket: Client;
beforeAll(async () => {
  world = await startQueryWorld();
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => {
  socket = world.socket();
});
afterEach(() => socket.dispose());

interface PageInfo {
  readonly hasNextPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}
interface Page {
  readonly edges: Connection<{ readonly id: string }>['edges'];
  readonly pageInfo: PageInfo;
}

const whole = 'edges { cursor node { id } } pageInfo { hasNextPage startCursor endCursor }';
const friendsFeed = async (viewer: string, after?: string | null) => {
  const { data } = await world.ask<{ friendsFeed: Page }>(
    `query ($after: String) { friendsFeed(after: $after) { ${whole} } }`,
    { viewer },
    { after },
  );
  return data.friendsFeed;
};
const firstAfter = async (viewer: string, after: string | null) => {
  const feed = world.live<{ friendsFeed: { node: { id: string } } }>(
    socket,
    'subscription ($after: String) { friendsFeed(after: $after) { node { id } } }',
    { viewer },
    { after },
  );
  const { value } = await feed.next();
  await feed.return?.();
  return value?.data?.friendsFeed.node.id;
};
const pair = async () => {
  const [reader, author] = [await world.user(), await world.user()];
  await world.relate('follows', reader, author);
  await world.progress();
  return { reader, author };
};
const publish = async (author: string, reader: string) => {
  const id = await world.post(author);
  await world.fanOut(id, [reader]);
  await world.progress();
  return id;
};

describe('an empty page', () => {
  it.each(['startCursor', 'endCursor'] as const)(
    'has a %s from which a post is live that came after it',
    async (which) => {
      const { reader, author } = await pair();
      const { edges, pageInfo } = await friendsFeed(reader);
      expect(edges).toEqual([]);
      const ids = [await publish(author, reader), await publish(author, reader)];
      expect(await firstAfter(reader, pageInfo[which])).toBe(ids[0]);
    },
  );

  it('misses nothing that is published while it is read', async () => {
    const { reader, author } = await pair();
    // The page must be blocked while it reads the follows of the reader, when everything else may have been
    // read. The fill that it starts waits for them too.
    await using follows = await lockTable(world.env.DOCUMENTS_URL ?? '', 'documents.follows');
    const reading = friendsFeed(reader);
    await eventuallyPasses(async () => expect(await follows.waiting()).toBeGreaterThanOrEqual(1));
    const id = await publish(author, reader);
    await follows.release();
    const { edges, pageInfo } = await reading;
    expect(edges).toEqual([]);
    expect(await firstAfter(reader, pageInfo.endCursor)).toBe(id);
  });

  it('has cursors in every connection, which resume from its position', async () => {
    const { reader, author } = await pair();
    const post = await publish(author, reader);
    const ask = async (field: string) => {
      const { data, errors } = await world.ask<Record<string, Page | Record<string, Page>>>(`{ ${field} }`, {
        viewer: reader,
      });
      expect(errors).toBeUndefined();
      const [found] = Object.values(data);
      return (found && 'edges' in found ? found : Object.values(found ?? {})[0]) as Page;
    };
    const connections: ((after: string) => string)[] = [
      (after) => `myFeed(first: 2${after}) { ${whole} }`,
      (after) => `user(id: "${reader}") { feed(first: 2${after}) { ${whole} } }`,
      (after) => `user(id: "${reader}") { followers(first: 2${after}) { ${whole} } }`,
      (after) => `user(id: "${author}") { following(first: 2${after}) { ${whole} } }`,
      (after) => `post(id: "${post}") { replies(first: 2${after}) { ${whole} } }`,
    ];
    for (const connection of connections) {
      const { edges, pageInfo } = await ask(connection(''));
      expect(edges).toEqual([]);
      expect(pageInfo).toEqual({
        hasNextPage: false,
        startCursor: expect.any(String),
        endCursor: pageInfo.startCursor,
      });
      expect((await ask(connection(`, after: "${pageInfo.endCursor}"`))).pageInfo).toEqual(pageInfo);
    }
    // Replies come oldest first, so those that arrive are behind the cursor.
    const replies = (after: string) => connections[4]?.(after) ?? '';
    const { pageInfo } = await ask(replies(''));
    const reply = await world.post(author, { inReplyTo: post });
    const { edges } = await ask(replies(`, after: "${pageInfo.endCursor}"`));
    expect(edges.map(({ node }) => node.id)).toEqual([reply]);
  });

  it('keeps its cursor behind the last page, and says the first edge of others', async () => {
    const { reader, author } = await pair();
    const ids = [await publish(author, reader), await publish(author, reader)].toReversed();
    const { edges, pageInfo } = await friendsFeed(reader);
    expect(edges.map(({ node }) => node.id)).toEqual(ids);
    expect(pageInfo).toMatchObject({ startCursor: edges[0]?.cursor, endCursor: edges[1]?.cursor });
    const behind = await friendsFeed(reader, pageInfo.endCursor);
    expect(behind).toEqual({
      edges: [],
      pageInfo: { hasNextPage: false, startCursor: pageInfo.endCursor, endCursor: pageInfo.endCursor },
    });
  });
});
