import { describe, it } from 'vitest';
import { given } from '../../../../tests/support/decisions.ts';
import { hideReply, setPostPolicy } from './thread.ts';

const ann = '01890a5d-ac96-774b-bcce-b302099a8057';
const bob = '01890a5d-ac96-774b-bcce-b302099a8058';
const postId = '01890a5d-ac96-774b-bcce-b302099a8059';
const first = '01890a5d-ac96-774b-bcce-b302099a8060';
const byAnn = { author: ann, isForEverybody: true, thread: postId, threadAuthor: ann, refusedBy: undefined };
const reply = { ...byAnn, thread: first };

describe('the policy of a thread', () => {
  const input = { postId, replyPolicy: 'FOLLOWED' } as const;
  const fact = { name: 'rookery.post.policy-set', subject: postId, data: { replies: 'FOLLOWED' } } as const;

  it('is set by the author', () => given(byAnn).when(setPostPolicy, ann, input).thenFact(fact));
  it('is not set by anybody else', () =>
    given(byAnn).when(setPostPolicy, bob, input).thenRefused('FORBIDDEN'));
  it('is not that of a reply', () =>
    given(reply).when(setPostPolicy, ann, input).thenRefused('BAD_USER_INPUT', 'replyPolicy'));
  it('is not empty', () =>
    given(byAnn).when(setPostPolicy, ann, { postId }).thenRefused('BAD_USER_INPUT', 'input'));
  it('is set if no store could be asked', () =>
    given('unknown' as const)
      .when(setPostPolicy, bob, input)
      .thenFact(fact));
});

describe('hiding a reply', () => {
  const fact = { name: 'rookery.post.reply-hidden', subject: postId, data: {} } as const;

  it('is for the author of the thread', () =>
    given({ ...reply, author: bob })
      .when(hideReply, ann, { postId })
      .thenFact(fact));
  it('is forbidden to anybody else, its own author included', () =>
    given({ ...reply, author: bob })
      .when(hideReply, bob, { postId })
      .thenRefused('FORBIDDEN', 'postId'));
  it('is nothing for the first post of a thread', () =>
    given(byAnn).when(hideReply, ann, { postId }).thenRefused('BAD_USER_INPUT', 'postId'));
  it('finds no post that is deleted, hidden or never was', () =>
    given('absent' as const)
      .when(hideReply, ann, { postId })
      .thenRefused('NOT_FOUND'));
  it('is left to the documents if nobody could tell who the author of the thread is', () => {
    for (const known of ['unknown', { ...reply, threadAuthor: undefined }] as const)
      given<typeof known>(known)
        .when(hideReply, bob, { postId })
        .thenFact({ ...fact, data: { unchecked: true } });
  });
});
