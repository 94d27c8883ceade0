import { randomBytes } from 'node:crypto';
import { newId } from '@rookery/runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '../support/index.ts';
import { startStopwatch } from '../support/stopwatch.ts';
import { listsOfPost, listsOfUser, listsOfViewer, pathsToPost, pathsToUser } from './hidden-paths.ts';
import { commandsOnPost, startStory } from './story.ts';

/*
 * Row 17 as a table: each thing that is hidden from Eve, by each path. A hidden thing answers byte for byte like one that never was;
 * a list in which hidden people have a part answers like one in which they have none. Twin has lived as Eve has, without them.
 */

let eve: Account;
let twin: Account;
const { ask, people, never, does, says, read, expectRefused } = startStory();

/** Hidden posts and users, by the reason. */
const posts = {
  'by somebody who blocks the viewer': '',
  'by somebody whom the viewer blocks': '',
  'for the followers of its author': '',
  'for those whom it mentions': '',
  'by a protected account': '',
  'that is deleted': '',
  'that answers the viewer, and is for followers': '',
};
type Reason = keyof typeof posts;
const reasons = Object.keys(posts) as Reason[];
let blocker: Account;
/** Two things look alike to Eve: hidden people have a part in the first alone. */
const open = { touched: '', untouched: '' };
const hosts = { touched: '', untouched: '' };
const tag = randomBytes(6).toString('hex');

beforeAll(async () => {
  [eve, twin, blocker] = await people(3);
  const [blocked, narrow, guarded, host, quiet] = await people(5);
  Object.assign(hosts, { touched: host.id, untouched: quiet.id });
  const FOLLOWERS = { visibility: 'FOLLOWERS' };
  const hidden = [blocker, blocked, narrow, guarded];
  await does(guarded, 'updateProfile', { protected: true }, 'UpdateProfileInput');
  await does(eve, 'followUser', { userId: host.id });
  await does(twin, 'followUser', { userId: quiet.id });
  const mine = { of: await says(eve, 'by Eve'), ofTwin: await says(twin, 'by her twin') };

  open.touched = await says(host, 'seen by all');
  open.untouched = await says(quiet, 'seen by all');
  posts['by somebody who blocks the viewer'] = await says(blocker, `kept #b${tag}`);
  posts['by somebody whom the viewer blocks'] = await says(blocked, `kept #k${tag}`);
  posts['for the followers of its author'] = await says(narrow, `kept #f${tag}`, FOLLOWERS);
  posts['for those whom it mentions'] = await says(narrow, `kept #m${tag}`, { visibility: 'MENTIONED' });
  posts['by a protected account'] = await says(guarded, `kept #p${tag}`);
  posts['that is deleted'] = await says(narrow, `kept #d${tag}`);
  posts['that answers the viewer, and is for followers'] = await says(narrow, 'an answer', {
    ...{ inReplyTo: mine.of, visibility: 'FOLLOWERS' },
  });
  await does(narrow, 'deletePost', { postId: posts['that is deleted'] });
  for (const reason of ['by somebody who blocks the viewer', 'by somebody whom the viewer blocks'] as const) {
    const postId = posts[reason];
    for (const field of ['likePost', 'bookmarkPost']) await does(eve, field, { postId });
    await does(host, 'sharePost', { postId });
  }
  for (const by of [blocker, blocked]) {
    for (const field of ['likePost', 'sharePost']) await does(by, field, { postId: open.touched });
    for (const field of ['likePost', 'sharePost']) await does(by, field, { postId: mine.of });
    for (const userId of [host.id, eve.id]) await does(by, 'followUser', { userId });
    await does(host, 'followUser', { userId: by.id });
    await says(by, 'an answer', { inReplyTo: mine.of });
    await says(by, `@${eve.handle} is mentioned`);
  }
  for (const by of hidden) await says(by, 'an answer', { inReplyTo: open.touched, ...FOLLOWERS });
  await does(eve, 'followUser', { userId: blocker.id });
  await does(blocker, 'blockUser', { userId: eve.id });
  await does(eve, 'blockUser', { userId: blocked.id });
});

describe.each(reasons)('a post %s', (reason) => {
  it.each(Object.entries(pathsToPost))('looks as if it never was: %s', async (_path, query) => {
    for (const by of reason === 'that is deleted' || reason.includes('blocks') ? [eve] : [eve, undefined]) {
      const hidden = await read(by, query, { id: posts[reason] });
      expect(hidden.text).toBe((await read(by, query, { id: never })).text);
    }
  });
});

describe('a hashtag', () => {
  it.each(['b', 'k', 'f', 'm', 'p', 'd'])(
    'of the hidden post %s alone looks like one that nobody uses',
    async (kind) => {
      const query = `query ($name: String!) { hashtag(name: $name) { posts {
      edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage } } } }`;
      const hidden = await read(eve, query, { name: `${kind}${tag}` });
      expect(hidden.text).toBe((await read(eve, query, { name: `never${tag}` })).text);
    },
  );
});

describe('somebody who blocks the viewer', () => {
  it.each(Object.entries(pathsToUser))('looks as if they never were: %s', async (_path, query) => {
    const hidden = await read(eve, query, { id: blocker.id });
    expect(hidden.text).toBe((await read(eve, query, { id: never })).text);
  });

  it('looks as if they never were by their handle', async () => {
    const query = 'query ($handle: String!) { user(handle: $handle) { id } }';
    const hidden = await read(eve, query, { handle: blocker.handle });
    expect(hidden.text).toBe((await read(eve, query, { handle: `n_${tag}` })).text);
  });
});

describe('hidden people show in no list', () => {
  /** Each of the two follows one, who has one post that they see. */
  const shape = ({ text }: { readonly text: string }) =>
    text
      .replaceAll(open.touched, 'POST')
      .replaceAll(open.untouched, 'POST')
      .replaceAll(eve.id, 'VIEWER')
      .replaceAll(twin.id, 'VIEWER');

  it.each(Object.entries(listsOfPost))('of a post: %s', async (_list, query) => {
    const touched = await read(eve, query, { id: open.touched });
    expect(touched.text).toBe((await read(eve, query, { id: open.untouched })).text);
  });

  it.each(Object.entries(listsOfUser))('of a user: %s', async (list, query) => {
    const touched = await read(eve, query, { id: hosts.touched });
    const untouched = await read(eve, query, { id: hosts.untouched });
    expect(touched.errors, list).toEqual([]);
    expect(shape(touched)).toBe(shape(untouched));
  });

  it.each(Object.entries(listsOfViewer))("of the viewer's: %s", async (_list, query) => {
    const [own, twins] = [await read(eve, query), await read(twin, query)];
    expect(own.errors).toEqual([]);
    expect(shape(own)).toBe(shape(twins));
  });
});

describe('a cursor', () => {
  it.each([
    ['of the likers of another post', 'likers', 'sharers'],
    ['of the replies to another post', 'replies', 'likers'],
    ['of the thread of another post', 'thread', 'replies'],
  ])('%s is refused like one that is made up', async (_of, given, list) => {
    const pageOf = 'query ($id: ID!) { post(id: $id) { page: LIST(first: 1) { pageInfo { endCursor } } } }';
    const found = await read(eve, pageOf.replace('LIST', given), { id: open.touched });
    const shown = found.data?.post as { page: { pageInfo: { endCursor: string } } } | undefined;
    const after = shown?.page.pageInfo.endCursor;
    expect(after).toEqual(expect.any(String));
    const next = `query ($id: ID!, $after: String) { post(id: $id) { ${list}(after: $after) { edges { cursor } } } }`;
    const [foreign, madeUp] = [
      await read(eve, next, { id: open.untouched, after }),
      await read(eve, next, { id: open.untouched, after: 'bWFkZSB1cA' }),
    ];
    expect(foreign.code).toBe('BAD_USER_INPUT');
    expect(foreign.text).toBe(madeUp.text);
  });
});

/* After the lists: a store that does not answer in time lets a command be accepted, and a reply would be a post of Eve's. */
describe('a command', () => {
  it.each(reasons)('finds no post %s', (reason) => expectRefused(eve, commandsOnPost, posts[reason]));

  it('finds nobody who blocks the viewer', async () => {
    const fields = ['followUser', 'unfollowUser', 'approveFollow'];
    const commands = fields.map((field) => [field, 'UserInput', (userId: string) => ({ userId })] as const);
    await expectRefused(eve, commands, blocker.id);
  });
});

it('what is hidden takes no longer than what never was, beyond the reads that decide', async () => {
  const query = 'query ($id: ID!) { post(id: $id) { id body author { handle } } }';
  const took = { hidden: [] as number[], never: [] as number[] };
  for (let i = 0; i < 40; i++) {
    for (const [which, id] of [
      ['hidden', posts['by somebody who blocks the viewer']],
      ['never', newId()],
    ] as const) {
      const elapsed = startStopwatch();
      await ask({ query, variables: { id } }, eve.token);
      took[which].push(elapsed());
    }
  }
  const median = (times: number[]) => times.toSorted((a, b) => a - b)[20] ?? 0;
  // A command or read that waits for something would take 250 ms or more.
  expect(Math.abs(median(took.hidden) - median(took.never))).toBeLessThan(100);
});
