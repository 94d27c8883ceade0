import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Client } from '../support/clients/client.ts';
import { type System, startSystem } from '../support/index.ts';
import { loadDemo, newDataDir, outcomeOf, startDemo } from '../support/load-demo.ts';
import { runSql } from '../support/servers/run-sql.ts';

/** A demo is thousands of writes: long on a machine that is busy with other tests. */
const timeout = 180_000;

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

const events = async (url: string): Promise<number> => {
  // A run that is repeated signs in.
  const all = `select count(*)::int as n from event_store.events where type not like 'rookery.user.signed-in.%'`;
  const [row] = await runSql<{ n: number }>(url, all);
  return row?.n ?? 0;
};

test('the book’s network: a run that is killed goes on, and one that is repeated changes nothing', {
  timeout,
}, async () => {
  const dataDir = newDataDir();

  // Killed as soon as the posts begin, with sign-ups and follows done and some posts on their way.
  const killed = startDemo(system, dataDir);
  if (!killed.stderr) throw new Error('no stderr');
  for await (const line of createInterface({ input: killed.stderr })) if (line.includes('posts')) break;
  killed.kill('SIGKILL');
  if (killed.exitCode === null && killed.signalCode === null) await once(killed, 'exit');
  expect(JSON.parse(readFileSync(join(dataDir, 'demo.json'), 'utf8'))).toMatchObject({ loaded: false });

  const first = await loadDemo(system, { dataDir });
  expect(first).toMatchObject({ handle: 'valjean', users: 77, follows: 508 });
  expect(statSync(join(dataDir, 'demo.json')).mode & 0o777).toBe(0o600);
  const saved = JSON.parse(readFileSync(join(dataDir, 'demo.json'), 'utf8'));
  expect(saved).toMatchObject({ handle: 'valjean', loaded: true });
  expect(first.stderr).not.toContain(saved.password);

  expect(first.blocked).toHaveLength(1);
  // All but that of the person who is blocked.
  expect(first.hashtagPosts).toBe(76);
  expect(first.trending).toEqual(['#lesmisérables']);
  expect(first.newNotifications).toBeGreaterThan(5);
  expect(first.newest).toContainEqual(expect.stringMatching(/^LIKE by [1-9]/));
  const mentions =
    '{ hashtag(name: "LesMisérables") { posts(first: 80) { edges { node { mentions { handle } } } } } }';
  type Tagged = { hashtag: { posts: { edges: { node: { mentions: unknown[] } }[] } } };
  const { hashtag } = await new Client(system.gatewayUrl).ask<Tagged>(mentions);
  expect(hashtag.posts.edges.filter(({ node }) => node.mentions.length === 1)).toHaveLength(77);

  // 77 sign-ups, 508 follows, 451 posts, 501 likes, 61 shares, a block.
  const all = 77 + 508 + first.posts + 501 + 61 + 1;
  expect(await events(system.servers.database.url)).toBe(all);
  const again = await loadDemo(system, { dataDir });
  expect(again.userId).toBe(first.userId);
  expect(await events(system.servers.database.url)).toBe(all);

  // As soon as the command ends, readers see what it has done.
  const guide = new Client(system.gatewayUrl, again.token);
  expect(
    await guide.ask(
      '{ me { name followerCount followingCount } friendsFeed(first: 100) { edges { node { actor { name } } } } }',
    ),
  ).toMatchObject({
    me: { name: 'Valjean', followerCount: 36, followingCount: 36 },
    friendsFeed: { edges: expect.objectContaining({ length: 100 }) },
  });
});

test('while a subgraph is down the demo waits, and goes on when it is back', { timeout }, async () => {
  await system.kill('mutation');
  const demo = startDemo(system, newDataDir(), ['--users', '30']);
  if (!demo.stderr) throw new Error('no stderr');
  // It has begun, and the first sign-up can't have succeeded.
  await once(demo.stderr, 'data');
  await system.start('mutation');
  expect(await outcomeOf(demo)).toMatchObject({ users: 30 });
});
