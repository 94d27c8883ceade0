import { describe, it } from 'vitest';
import { given } from '../../../../tests/support/decisions.ts';
import { deletePost, editPost, publishPost } from './post.ts';

const ann = '01890a5d-ac96-774b-bcce-b302099a8057';
const bob = '01890a5d-ac96-774b-bcce-b302099a8058';
const postId = '01890a5d-ac96-774b-bcce-b302099a8059';
const byAnn = { author: ann };

describe('publishing', () => {
  it('brings a post into being', () =>
    given(undefined)
      .when(publishPost, ann, { body: 'Hello', inReplyTo: undefined })
      .thenFact({ name: 'rookery.post.published', data: { body: 'Hello' } }));

  it('answers a post', () =>
    given(byAnn)
      .when(publishPost, bob, { body: 'Hi', inReplyTo: postId })
      .thenFact({ name: 'rookery.post.published', data: { body: 'Hi', inReplyTo: postId } }));

  it('can be a reply to what nobody could be asked about', () =>
    given('unknown' as const)
      .when(publishPost, bob, { body: 'Hi', inReplyTo: postId })
      .thenFact({ name: 'rookery.post.published', data: { body: 'Hi', inReplyTo: postId } }));

  it('is no reply to a post that is not there', () =>
    given('absent' as const)
      .when(publishPost, bob, { body: 'Hi', inReplyTo: postId })
      .thenRefused('NOT_FOUND'));
});

describe.each([
  {
    what: 'editing',
    command: editPost,
    input: { postId, body: 'Hallo' },
    fact: { name: 'rookery.post.edited', subject: postId, data: { body: 'Hallo' } },
  } as const,
  {
    what: 'deleting',
    command: deletePost,
    input: { postId, body: '' },
    fact: { name: 'rookery.post.deleted', subject: postId, data: {} },
  } as const,
])('$what', ({ command, input, fact }) => {
  it('is for the author', () => given(byAnn).when(command, ann, input).thenFact(fact));
  it('is forbidden to anybody else', () => given(byAnn).when(command, bob, input).thenRefused('FORBIDDEN'));
  it('finds no post that is deleted, hidden or never was', () =>
    given('absent' as const)
      .when(command, ann, input)
      .thenRefused('NOT_FOUND'));
  it('is accepted if no store could be asked', () =>
    given('unknown' as const)
      .when(command, bob, input)
      .thenFact(fact));
});
