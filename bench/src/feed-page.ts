import { openDocuments } from '@rookery/document-store';
import { openFeeds } from '@rookery/feeds';
import { countId, relationId } from '@rookery/read-models';
import type { System } from '@rookery/tests/support';
import { type FriendsFeedPage as Page, friendsFeedPage as page } from './friends-feed-page.ts';
import { GatewayClient } from './gateway-client.ts';
import { alternate, repeat, until } from './measure.ts';
import { quiet } from './quiet-log.ts';
import type { Result } from './result.ts';

/**
 * Measures a page of 20 items with authors and counts through the gateway, against the bare store calls
 * behind it.
 */
export const feedPage = async (system: System, say: (line: string) => void): Promise<Result> => {
  const reader = await system.signUp();
  await using client = new GatewayClient(system.gatewayUrl, reader.token);
  say('making a feed of 50 posts by 5 authors');
  const authors: string[] = [];
  for (let n = 0; n < 5; n++) {
    const author = await system.signUp();
    authors.push(author.id);
    await client.ask('mutation ($input: UserInput!) { followUser(input: $input) { activity { id } } }', {
      input: { userId: author.id },
    });
    await using writer = new GatewayClient(system.gatewayUrl, author.token);
    await repeat(10, 4, (i) =>
      writer.ask('mutation ($input: PublishPostInput!) { publishPost(input: $input) { activity { id } } }', {
        input: { body: `Post ${i}` },
      }),
    );
  }
  const read = () => client.ask<Page>(page, { first: 20 });
  await until('the feed is full', 30_000, async () => (await read()).friendsFeed.edges.length === 20);
  const edges = (await read()).friendsFeed.edges;

  const documents = await openDocuments(system.documentsUrl, { log: quiet });
  const feeds = openFeeds(system.servers.redis.url, { cap: 800, idleDays: 14, log: quiet });
  try {
    const items = edges.map(({ node }) => node.id);
    const posts = edges.map(({ node }) => node.post.id);
    const counts = posts.flatMap((id) =>
      (['likes', 'shares', 'replies'] as const).map((kind) => countId(kind, id)),
    );
    const follows = authors.map((id) => relationId(reader.id, id));
    // Runs calls in sequence if one needs the result of another, and otherwise in parallel: the minimum cost
    // of a page.
    const bare = async () => {
      await feeds.entriesBefore(reader.id, undefined, 21);
      await Promise.all([
        documents.collection('items').getMany(items),
        documents.collection('follows').getMany(follows),
      ]);
      await documents.collection('posts').getMany(posts);
      await Promise.all([
        documents.collection('users').getMany(authors),
        documents.collection('counts').getMany(counts),
      ]);
    };
    say('warming up');
    await repeat(500, 8, read);
    await repeat(500, 8, bare);
    say('one at a time');
    const [one, bareOne] = await alternate(
      5,
      () => repeat(200, 1, read),
      () => repeat(200, 1, bare),
    );
    say('16 in flight');
    const [many, bareMany] = await alternate(
      5,
      () => repeat(1_000, 16, read),
      () => repeat(1_000, 16, bare),
    );
    return {
      name: 'feed page: 20 items with authors and counts against the bare store calls',
      figures: {
        'page through the gateway, 1 in flight, p50 ms': one.p50,
        'bare calls, 1 in flight, p50 ms': bareOne.p50,
        'ratio of p50, 1 in flight': one.p50 / bareOne.p50,
        'page through the gateway, 16 in flight, per second': many.perSecond,
        'page through the gateway, 16 in flight, p99 ms': many.p99,
        'bare calls, 16 in flight, per second': bareMany.perSecond,
        'ratio of rates, 16 in flight': many.perSecond / bareMany.perSecond,
      },
      reading:
        'p50: a multiple of the floor, lower is better; rates: a share of the ceiling, higher is better',
    };
  } finally {
    await feeds.close();
    await documents.close();
  }
};
