import { describe, it } from 'vitest';
import { given } from '../../../../tests/support/decisions.ts';
import type { KnownWithQuotes } from '../quotes.ts';
import { deletePost, editPost, publishPost } from './post.ts';

const ann = '01890a5d-ac96-774b-bcce-b302099a8057';
const bob = '01890a5d-ac96-774b-bcce-b302099a8058';
const postId = '01890a5d-ac96-774b-bcce-b302099a8059';
const first = '01890a5d-ac96-774b-bcce-b302099a8060';
const byAnn = { author: ann, isForEverybody: true };
const inThread = { ...byAnn, thread: postId, threadAuthor: ann, refusedBy: undefined };

describe('publishing', () => {
  it('brings a post into being', () =>
    given({ post: undefined, mentions: [], quoted: undefined })
      .when(publishPost, ann, { body: 'Hello', inReplyTo: undefined })
      .thenFact({ name: 'rookery.post.published', data: { body: 'Hello' } }));

  it('answers a post', () =>
    given({ post: inThread, mentions: [], quoted: undefined })
      .when(publishPost, bob, { body: 'Hi', inReplyTo: postId })
      .thenFact({
        name: 'rookery.post.published',
        data: { body: 'Hi', inReplyTo: postId, threadAuthor: ann },
      }));

  it('can be a reply to what nobody could be asked about, which says so', () =>
    given({ post: 'unknown', mentions: [], quoted: undefined } as const)
      .when(publishPost, bob, { body: 'Hi', inReplyTo: postId })
      .thenFact({
        name: 'rookery.post.published',
        data: { body: 'Hi', inReplyTo: postId, unchecked: true },
      }));

  it('can be a reply in a thread of which nobody could tell who may reply, which says so', () =>
    given({ post: { ...inThread, refusedBy: 'unknown' }, mentions: [], quoted: undefined } as const)
      .when(publishPost, bob, { body: 'Hi', inReplyTo: postId })
      .thenFact({
        name: 'rookery.post.published',
        data: { body: 'Hi', inReplyTo: postId, unchecked: true, threadAuthor: ann },
      }));

  it.each([
    ['PUBLIC', {}],
    ['FOLLOWERS', { visibility: 'FOLLOWERS' }],
    ['MENTIONED', { visibility: 'MENTIONED' }],
  ] as const)('for %s records the audience if it is narrower than everybody', (visibility, data) =>
    given({ post: undefined, mentions: [], quoted: undefined })
      .when(publishPost, ann, { body: 'Hello', visibility })
      .thenFact({ name: 'rookery.post.published', data: { body: 'Hello', ...data } }),
  );

  it('is no reply to a post that is not there', () =>
    given({ post: 'absent', mentions: [], quoted: undefined } as const)
      .when(publishPost, bob, { body: 'Hi', inReplyTo: postId })
      .thenRefused('NOT_FOUND'));

  it('records whom its text mentions', () =>
    given({ post: inThread, mentions: [ann, bob], quoted: undefined })
      .when(publishPost, bob, { body: '@ann @bob', inReplyTo: postId })
      .thenFact({
        name: 'rookery.post.published',
        data: { body: '@ann @bob', inReplyTo: postId, threadAuthor: ann, mentions: [ann, bob] },
      }));

  it('names the first post of the thread if that is another, and its author', () =>
    given({ post: { ...inThread, thread: first, threadAuthor: bob }, mentions: [], quoted: undefined })
      .when(publishPost, ann, { body: 'Hi', inReplyTo: postId })
      .thenFact({
        name: 'rookery.post.published',
        data: { body: 'Hi', inReplyTo: postId, thread: first, threadAuthor: bob },
      }));

  it('is forbidden in a thread whose policy does not let the actor reply', () =>
    given({ post: { ...inThread, refusedBy: 'FOLLOWERS' }, mentions: [], quoted: undefined } as const)
      .when(publishPost, bob, { body: 'Hi', inReplyTo: postId })
      .thenRefused('FORBIDDEN', 'inReplyTo'));

  it('can begin a thread with a policy', () =>
    given({ post: undefined, mentions: [], quoted: undefined })
      .when(publishPost, ann, { body: 'Hi', replyPolicy: 'NOBODY' } as const)
      .thenFact({ name: 'rookery.post.published', data: { body: 'Hi', replies: 'NOBODY' } }));

  it('cannot give a thread of others a policy', () =>
    given({ post: inThread, mentions: [], quoted: undefined })
      .when(publishPost, ann, { body: 'Hi', inReplyTo: postId, replyPolicy: 'NOBODY' } as const)
      .thenRefused('BAD_USER_INPUT', 'replyPolicy'));

  describe('with a quote', () => {
    const quotable = { ...byAnn, consent: true, quotePolicy: undefined, quotedAuthor: undefined } as const;
    const quoting = (quoted: KnownWithQuotes | 'absent' | 'unknown') =>
      given({ post: undefined, mentions: [], quoted }).when(publishPost, bob, {
        body: 'Hi',
        quotedPostId: postId,
      });

    it('records the quoted post and its author, who consents', () =>
      quoting(quotable).thenFact({
        name: 'rookery.post.published',
        data: { body: 'Hi', quoted: postId, quotedAuthor: ann },
      }));
    it('is forbidden without the consent of the author', () =>
      quoting({ ...quotable, consent: false, quotePolicy: 'NOBODY' }).thenRefused(
        'FORBIDDEN',
        'quotedPostId',
      ));
    it('finds no post that is deleted, hidden or never was', () =>
      quoting('absent').thenRefused('NOT_FOUND'));
    it('records no consent if nobody could tell', () => {
      for (const known of ['unknown', { ...quotable, consent: 'unknown' }] as const)
        quoting(known).thenFact({ name: 'rookery.post.published', data: { body: 'Hi', quoted: postId } });
    });
    it('can say who may quote it', () =>
      given({ post: undefined, mentions: [], quoted: undefined })
        .when(publishPost, ann, { body: 'Hi', quotePolicy: 'FOLLOWERS' } as const)
        .thenFact({ name: 'rookery.post.published', data: { body: 'Hi', quotes: 'FOLLOWERS' } }));
  });
});

describe('editing', () => {
  const edit = { postId, body: 'Hallo' };
  const known = (post: typeof byAnn | 'absent' | 'unknown', mentions: string[] = []) =>
    given({ post, mentions });
  const fact = { name: 'rookery.post.edited', subject: postId, data: { body: 'Hallo' } } as const;

  it('is for the author', () => known(byAnn).when(editPost, ann, edit).thenFact(fact));
  it('records whom the new text mentions', () =>
    known(byAnn, [bob])
      .when(editPost, ann, edit)
      .thenFact({ ...fact, data: { body: 'Hallo', mentions: [bob] } }));
  it('is forbidden to anybody else', () => known(byAnn).when(editPost, bob, edit).thenRefused('FORBIDDEN'));
  it('finds no post that is deleted, hidden or never was', () =>
    known('absent').when(editPost, ann, edit).thenRefused('NOT_FOUND'));
  it('is accepted if no store could be asked', () =>
    known('unknown').when(editPost, bob, edit).thenFact(fact));
});

describe('deleting', () => {
  const fact = { name: 'rookery.post.deleted', subject: postId, data: {} } as const;

  it('is for the author', () => given(byAnn).when(deletePost, ann, { postId }).thenFact(fact));
  it('is forbidden to anybody else', () =>
    given(byAnn).when(deletePost, bob, { postId }).thenRefused('FORBIDDEN'));
  it('finds no post that is deleted, hidden or never was', () =>
    given('absent' as const)
      .when(deletePost, ann, { postId })
      .thenRefused('NOT_FOUND'));
  it('is accepted if no store could be asked', () =>
    given('unknown' as const)
      .when(deletePost, bob, { postId })
      .thenFact(fact));
});
