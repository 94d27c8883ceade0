import { cloneDir, type ProcessName } from '@rookery/stack';
import { expect, it } from 'vitest';
import { postGraphql } from '../support/clients/post-graphql.ts';
import { eventually } from '../support/eventually.ts';
import { ops } from '../support/ops.ts';
import { startFleet } from './fleet.ts';
import { startLoad } from './load.ts';
import { checkOutVersion } from './version.ts';

/** The order of docs/how-to/upgrade.md: readers before writers. */
const order: readonly ProcessName[] = ['projector', 'query', 'recorder', 'mutation', 'gateway'];

/** The commit to upgrade from: UPGRADE_FROM, or the one before this. */
const before = process.env.UPGRADE_FROM || 'HEAD~1';

interface Page {
  readonly data: {
    readonly friendsFeed: {
      readonly edges: readonly { readonly node: { readonly post: { readonly body: string } | null } }[];
      readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
    };
  };
}

const feedQuery =
  'query ($after: String) { friendsFeed(first: 100, after: $after) { edges { node { post { body } } } pageInfo { endCursor hasNextPage } } }';

const wholeFeed = async (url: string, token: string, after: string | null = null): Promise<string[]> => {
  const { data } = await postGraphql<Page>(url, { query: feedQuery, variables: { after } }, { token });
  const { edges, pageInfo } = data.friendsFeed;
  const bodies = edges.flatMap(({ node }) => node.post?.body ?? []);
  return pageInfo.hasNextPage ? [...bodies, ...(await wholeFeed(url, token, pageInfo.endCursor))] : bodies;
};

it(`a rolling upgrade from ${before} and back, under load, fails no request and loses nothing`, {
  timeout: 900_000,
}, async () => {
  using old = checkOutVersion(before);
  await using fleet = await startFleet(old.dir);
  const load = await startLoad(fleet.graphqlUrl, 3);
  const both = async () => {
    const [count, reads] = [load.posts.length, load.reads];
    await eventually(() => load.posts.length > count + 3 && load.reads > reads + 3, {
      what: 'writes and reads go on',
    });
  };
  await both();

  for (const name of order) {
    await fleet.roll(name, cloneDir);
    await both();
  }
  expect(new Set(Object.values(fleet.versions()).flat())).toEqual(new Set([cloneDir]));
  const upgraded = load.posts.length;

  for (const name of order.toReversed()) {
    await fleet.roll(name, old.dir);
    await both();
  }
  expect(new Set(Object.values(fleet.versions()).flat())).toEqual(new Set([old.dir]));

  await load.stop();
  console.log(
    `rolling upgrade: ${load.posts.length} posts (${upgraded} until the new version ran alone), ${load.reads} reads`,
  );

  // Every acknowledged post is in the follower's feed, once.
  await eventually(async () => (await wholeFeed(fleet.graphqlUrl, load.reader)).length >= load.posts.length);
  expect((await wholeFeed(fleet.graphqlUrl, load.reader)).sort()).toEqual([...load.posts].sort());
  const verified = await ops(fleet.env, 'verify');
  expect([verified.code, verified.json?.equal, verified.err]).toEqual([0, true, '']);
  expect((await ops(fleet.env, 'audit')).code).toBe(0);
  expect(load.failures).toEqual([]);
});
