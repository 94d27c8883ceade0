import { derivedId } from '@rookery/runtime';
import { describe, expect, it } from 'vitest';
import { given } from '../../../../tests/support/decisions.ts';
import { muteThread, muteWord, unmuteThread, unmuteWord } from './mute.ts';

const ann = '01890a5d-ac96-774b-bcce-b302099a8057';
const bob = '01890a5d-ac96-774b-bcce-b302099a8058';
const postId = '01890a5d-ac96-774b-bcce-b302099a8059';
const first = '01890a5d-ac96-774b-bcce-b302099a8060';
const reply = {
  ...{ author: ann, isForEverybody: true },
  ...{ thread: first, threadAuthor: ann, refusedBy: undefined },
};
const until = '2999-01-01T00:00:00.000Z';

describe('muting a thread', () => {
  it('mutes that of the post, and takes it back', () => {
    given(reply)
      .when(muteThread, bob, { postId, until })
      .thenFact({ name: 'rookery.post.thread-muted', subject: first, data: { until } });
    given(reply)
      .when(unmuteThread, bob, { postId })
      .thenFact({ name: 'rookery.post.thread-unmuted', subject: first, data: {} });
  });
  it('finds no post that is deleted, hidden or never was', () =>
    given('absent' as const)
      .when(muteThread, bob, { postId })
      .thenRefused('NOT_FOUND'));
});

describe('muting a word', () => {
  const subject = derivedId('muted word', bob, 'rook');
  const many = Array.from({ length: 100 }, (_, i) => `word ${i}`);

  it.each(['unknown', [], many.slice(1), [...many.slice(1), 'rook']] as const)(
    'is a fact about actor and word: %#',
    (known) =>
      given<readonly string[] | 'unknown'>(known)
        .when(muteWord, bob, { word: 'rook' })
        .thenFact({ name: 'rookery.user.word-muted', subject, data: { word: 'rook' } }),
  );
  it('is refused if 100 others are muted', () =>
    given<readonly string[] | 'unknown'>(many)
      .when(muteWord, bob, { word: 'rook' })
      .thenRefused('BAD_USER_INPUT', 'word'));
  it('can be taken back', () =>
    given(undefined)
      .when(unmuteWord, bob, { word: 'rook' })
      .thenFact({ name: 'rookery.user.word-unmuted', subject, data: { word: 'rook' } }));
  it('takes the word in its one form', () => {
    expect(muteWord.input.parse({ word: '  ＲＯＯＫ ' })).toEqual({ word: 'rook' });
    for (const word of ['', '\u200b', 'a\0', 'x'.repeat(101)])
      expect(muteWord.input.safeParse({ word }).success).toBe(false);
  });
});
