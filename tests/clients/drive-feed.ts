import { expect } from 'vitest';
import { Client } from '../support/clients/client.ts';
import { type Account, type System, signerOf } from '../support/index.ts';
import type { Example } from './example.ts';
import { FeedPage } from './feed-page.ts';

/**
 * Uses the page of an example as a reader does: pages, likes, live items, and a gateway that ends and comes back.
 * @param signal how the gateway ends
 */
export async function driveFeed(
  { system, browser, url }: Example,
  signal: 'SIGKILL' | 'SIGTERM',
): Promise<void> {
  const [author, reader] = [await system.signUp(), await system.signUp()];
  const writer = new Client(system.gatewayUrl, author.token);
  const viewer = new Client(system.gatewayUrl, reader.token);
  for (const body of ['one', 'two', 'three']) await publish(writer, body);
  const four = await publish(writer, 'four');
  await publish(writer, 'five');
  await follow(viewer, author);

  const feed = new FeedPage(await browser.newPage());
  await feed.open(url, reader.token);
  await expect.poll(feed.bodies).toEqual(['five', 'four', 'three']);

  await likeRefused(feed, system);
  await publish(writer, 'live');
  await expect.poll(feed.bodies).toEqual(['live', 'five', 'four', 'three']);
  await feed.more();
  await expect.poll(feed.bodies).toEqual(['live', 'five', 'four', 'three', 'two', 'one']);

  await like(feed, viewer, four);

  // The reader's connection ends, a post is published meanwhile, and the page must come back by its cursor.
  const seen = await feed.bodies();
  const cursor = await newestCursor(viewer);
  const subscriptions = feed.cursors.length;
  await system.kill('gateway', signal);
  await publishWithoutGateway(system, author, 'missed');
  await system.start('gateway');
  await expect.poll(feed.bodies).toEqual(['missed', ...seen]);
  expect(new Set(feed.cursors.slice(subscriptions))).toEqual(new Set([cursor]));

  await publish(writer, 'afterwards');
  await expect.poll(feed.bodies).toEqual(['afterwards', 'missed', ...seen]);
  expect(feed.complaints).toEqual([]);
}

/** Likes a post: the page shows it before the server has heard of it, and the server has it afterwards. */
async function like(feed: FeedPage, viewer: Client, postId: string): Promise<void> {
  expect(await feed.post('four')).toEqual({ body: 'four', isLiked: false, likes: 0 });
  const release = await feed.holdLike();
  await feed.like('four');
  await expect.poll(() => feed.post('four')).toEqual({ body: 'four', isLiked: true, likes: 1 });
  expect(await likesOf(viewer, postId)).toBe(0);
  await release();
  await expect.poll(() => likesOf(viewer, postId)).toBe(1);
  expect(await feed.post('four')).toEqual({ body: 'four', isLiked: true, likes: 1 });
}

/** Likes a post while commands cannot be accepted: the page takes the like back, and shows the error. */
async function likeRefused(feed: FeedPage, system: System): Promise<void> {
  await system.kill('mutation');
  const release = await feed.holdLike();
  await feed.like('three');
  await expect.poll(() => feed.post('three')).toEqual({ body: 'three', isLiked: true, likes: 1 });
  await release();
  await expect.poll(() => feed.post('three')).toEqual({ body: 'three', isLiked: false, likes: 0 });
  await expect.poll(feed.alerts).toEqual([expect.stringMatching(/try again/i)]);
  await system.start('mutation');
}

const publishMutation = 'mutation ($input: PublishPostInput!) { publishPost(input: $input) { post { id } } }';

export async function publish(writer: Client, body: string): Promise<string> {
  const { publishPost } = await writer.ask<{ publishPost: { post: { id: string } } }>(publishMutation, {
    input: { body },
  });
  return publishPost.post.id;
}

/** Publishes a post at the mutation subgraph itself, as another gateway would. */
async function publishWithoutGateway(system: System, author: Account, text: string): Promise<void> {
  const body = JSON.stringify({ query: publishMutation, variables: { input: { body: text } } });
  const signer = await signerOf(system.internalKeyFile);
  const response = await fetch(`${system.urls.mutation}/graphql`, {
    method: 'POST',
    headers: await signer.headers({ audience: 'mutation', viewer: author.id, body }),
    body,
  });
  expect(await response.json()).toMatchObject({
    data: { publishPost: { post: { id: expect.any(String) } } },
  });
}

/** Follows the author, and waits until the reader's feed has that many posts of the author. */
export async function follow(viewer: Client, { id }: Account, posts = 5): Promise<void> {
  await viewer.act('followUser', 'UserInput', { userId: id });
  await expect.poll(async () => (await friendsFeed(viewer)).edges.length).toBe(posts);
}

const newestCursor = async (viewer: Client) => (await friendsFeed(viewer)).edges[0]?.cursor;

async function friendsFeed(viewer: Client): Promise<{ readonly edges: readonly { cursor: string }[] }> {
  const answer = await viewer.ask<{ friendsFeed: { edges: { cursor: string }[] } }>(
    '{ friendsFeed { edges { cursor } } }',
  );
  return answer.friendsFeed;
}

async function likesOf(viewer: Client, id: string): Promise<number> {
  const { post } = await viewer.ask<{ post: { likeCount: number } }>(
    'query ($id: ID!) { post(id: $id) { likeCount } }',
    { id },
  );
  return post.likeCount;
}
