import { forEachConcurrently } from '@rookery/runtime';
import type { Account, System } from '@rookery/tests/support';
import { GatewayClient } from '../gateway-client.ts';
import { until } from '../measure.ts';

/** People whose posts are measured, and those who follow all of them. */
export interface Authors {
  readonly authors: readonly Account[];
  readonly followers: readonly Account[];
}

/** Concurrent sign-ups: hashing a password occupies a core. */
const signUpsAtOnce = 2;

const signUps = async (system: System, count: number): Promise<Account[]> => {
  const accounts: Account[] = [];
  await forEachConcurrently(Array.from({ length: count }), signUpsAtOnce, async () => {
    accounts.push(await system.signUp());
  });
  return accounts;
};

/** Ids of the newest posts of the friends feed. */
export const readFeed = async (client: GatewayClient, first = 20): Promise<string[]> => {
  const { friendsFeed } = await client.ask<{
    friendsFeed: { edges: readonly { node: { post: { id: string } } }[] };
  }>('query ($first: Int) { friendsFeed(first: $first) { edges { node { post { id } } } } }', { first });
  return friendsFeed.edges.map(({ node }) => node.post.id);
};

/** Signs up authors and followers; each follower follows all authors and has a feed that Redis holds. */
export const createAuthors = async (
  system: System,
  { authors, followers }: { readonly authors: number; readonly followers: number },
): Promise<Authors> => {
  const found = { authors: await signUps(system, authors), followers: await signUps(system, followers) };
  const [first] = found.authors;
  if (!first) throw new Error('there are no authors');
  await using writing = new GatewayClient(system.gatewayUrl, first.token);
  for (const follower of found.followers) {
    await using client = new GatewayClient(system.gatewayUrl, follower.token);
    await forEachConcurrently(found.authors, 4, ({ id: userId }) =>
      client.ask('mutation ($input: UserInput!) { followUser(input: $input) { activity { id } } }', {
        input: { userId },
      }),
    );
  }
  const { publishPost } = await writing.ask<{ publishPost: { activity: { id: string } } }>(
    'mutation { publishPost(input: { body: "the first" }) { activity { id } } }',
  );
  for (const { token } of found.followers) {
    await using client = new GatewayClient(system.gatewayUrl, token);
    // Read until the first post is in it: from then on Redis holds the feed, and every post is written to it.
    await until('a follower sees the first post', 30_000, async () =>
      (await readFeed(client)).includes(publishPost.activity.id),
    );
  }
  return found;
};
