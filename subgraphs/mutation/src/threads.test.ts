import { newId } from '@rookery/runtime';
import { expect, it } from 'vitest';
import type { AuthoredPost } from './hidden.ts';
import { createFindInThread } from './threads.ts';

const [ann, bob, firstId, replyId] = [newId(), newId(), newId(), newId()];
const first = { author: ann, inReplyTo: null, replyPolicy: 'FOLLOWERS' } as AuthoredPost;
const reply = { author: bob, inReplyTo: firstId } as AuthoredPost;
const byFirst = { thread: firstId, threadAuthor: ann };

it.each([
  ['lets the actor reply', first, true, { ...byFirst, refusedBy: undefined }],
  ['refuses', first, false, { ...byFirst, refusedBy: 'FOLLOWERS' }],
  ['does not answer who may reply', first, 'unknown', { ...byFirst, refusedBy: 'unknown' }],
  ['is not known', 'absent', false, { thread: firstId, threadAuthor: undefined, refusedBy: undefined }],
  ['cannot be read', 'unknown', false, { thread: firstId, threadAuthor: undefined, refusedBy: 'unknown' }],
] as const)('a reply in a thread whose first post %s', async (_title, found, isLet, expected) => {
  const inThread = createFindInThread({
    findPost: async () => reply,
    findFirst: async () => found,
    see: async (_actor, { author }) => ({ author, isForEverybody: true }),
    mayReply: async () => isLet,
  });
  expect(await inThread(bob, replyId)).toEqual({ author: bob, isForEverybody: true, ...expected });
});
