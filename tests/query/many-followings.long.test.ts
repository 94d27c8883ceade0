import { createNetwork, loadNetwork } from '@rookery/demo/bulk';
import { createLog } from '@rookery/runtime';
import { expect, test } from 'vitest';
import { Client } from '../support/clients/client.ts';
import { until } from '../support/eventually.ts';
import { startSystem } from '../support/index.ts';
import { withoutRepeats } from '../support/model/friends-feeds.ts';
import { model } from '../support/model/social.ts';
import { openStoresOf } from '../support/systems/network-stores.ts';
import { readAll } from '../support/systems/recorder-world.ts';

const log = createLog('test', 'silent');
const password = 'a network of people';
const followings = 10_000;
const publishers = 40;

interface Page {
  readonly friendsFeed: {
    readonly edges: readonly {
      readonly node: { readonly verb: string; readonly post: { readonly id: string } };
    }[];
    readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
  };
}

const query = `query ($first: Int!, $after: String) { friendsFeed(first: $first, after: $after) {
  edges { node { verb post { id } } } pageInfo { endCursor hasNextPage } } }`;

test('a reader who follows 10,000 accounts misses nothing by any of them', {
  timeout: 1_200_000,
}, async () => {
  // Some of the accounts are above the limit, so that their items are broadcast.
  await using system = await startSystem({ env: { FANOUT_LIMIT: '100' } });
  const stores = await openStoresOf(system);
  const network = createNetwork({ people: followings + 200, readers: [followings], chronicle: 20 });
  const { people } = await loadNetwork({
    ...stores,
    network,
    password,
    log,
    signal: new AbortController().signal,
  });
  const logIn = async (handle: string): Promise<Client> => {
    const { logIn } = await new Client(system.gatewayUrl).ask<{ logIn: { token: string } }>(
      'mutation ($input: LogInInput!) { logIn(input: $input) { token } }',
      { input: { handle, password } },
    );
    return new Client(system.gatewayUrl, logIn.token);
  };
  const [handle = ''] = network.handles.readers;
  const id = people.get(handle) ?? '';

  const { posts, relations, friendsItems } = model(await readAll(stores.eventStore));
  const followed = [...relations.follow].flatMap((pair) => {
    const [follower, object = ''] = pair.split(' ');
    return follower === id ? [object] : [];
  });
  expect(followed).toHaveLength(followings);
  const isThere = (item: string) => posts.get(item.split(' ')[1] ?? '')?.deleted === false;
  const expected = withoutRepeats(
    friendsItems(id)
      .map(({ entry }) => entry)
      .filter(isThere),
  );

  // After the model, which holds this process for so long that the gateway closes a connection that it has kept.
  const reader = await logIn(handle);
  const readFeed = async (): Promise<string[]> => {
    const seen: string[] = [];
    let after: string | null = null;
    for (let hasMore = true; hasMore; ) {
      const page: Page = await reader.ask<Page>(query, { first: 100, after });
      const { edges, pageInfo } = page.friendsFeed;
      seen.push(...edges.map(({ node }) => `${node.verb} ${node.post.id}`));
      after = pageInfo.endCursor;
      hasMore = pageInfo.hasNextPage;
    }
    return seen;
  };
  expect(await readFeed()).toEqual(expected);

  // New posts by accounts of every kind, while the feed is held.
  const handles = new Map([...people].map(([name, person]) => [person, name]));
  const authors = Array.from({ length: publishers }, (_, i) =>
    followed.at(Math.floor((i * followings) / publishers)),
  );
  const published: string[] = [];
  for (const author of authors) {
    const client = await logIn(handles.get(author ?? '') ?? '');
    const { publishPost } = await client.ask<{ publishPost: { post: { id: string } } }>(
      'mutation { publishPost(input: { body: "new" }) { post { id } } }',
    );
    published.unshift(`POST ${publishPost.post.id}`);
  }
  await until('the reader sees the last post', async () => {
    const { friendsFeed: newest } = await reader.ask<Page>(query, { first: 1 });
    return `POST ${newest.edges[0]?.node.post.id}` === published[0];
  });
  expect(await readFeed()).toEqual([...published, ...expected]);
});
