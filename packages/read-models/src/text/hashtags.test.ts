import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashtagsOf, toHashtag } from './hashtags.ts';

describe('the hashtags of a text', () => {
  it.each([
    ['#rooks', ['rooks']],
    ['All about #Rooks, #CROWS and #jays.', ['rooks', 'crows', 'jays']],
    ['＃ｒｏｏｋｓ', ['rooks']],
    ['#STRASSE #Straße #STRAẞE', ['strasse']],
    ['#ΟΔΟΣ #οδος', ['οδοσ']],
    ['#Café is not #cafe', ['café', 'cafe']],
    ['#cafe\u0301 is #café', ['café']],
    ['#日本語 #тест #हिन्दी #العربية', ['日本語', 'тест', 'हिन्दी', 'العربية']],
    ['#می\u200cخواهم', ['می\u200cخواهم']],
    ['#ロミオ・ジュリエット', ['ロミオ・ジュリエット']],
    ['#l·l', ['l·l']],
    ['#snake_case #_private_', ['snake_case', '_private_']],
    ['#2026 #24h', ['24h']],
    ['(#rooks)', ['rooks']],
    ['#rooks#crows', ['rooks']],
    ['https://rookery.test/page#rooks and a?b=#crows', []],
    ['c# a#b ## # #·x', []],
    ['#rooks’ nest', ['rooks']],
    [`#${'x'.repeat(101)}`, []],
    ['nothing', []],
  ])('%j', (text, hashtags) => expect(hashtagsOf(text)).toEqual(hashtags));

  it('are at most ten', () =>
    expect(hashtagsOf(Array.from({ length: 30 }, (_, i) => `#tag${i}`).join(' '))).toHaveLength(10));

  it('are found in a text of any size in little time', () => {
    const { user } = process.threadCpuUsage();
    for (const part of ['#', '#a', '#a·', '#\u200c', '·', '#1', 'a#'])
      hashtagsOf(part.repeat(100_000 / part.length));
    // Microseconds, of which a search that is quadratic would take a thousand times as many.
    expect(process.threadCpuUsage().user - user).toBeLessThan(1_000_000);
  });

  it('have one form that is a hashtag itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const hashtag of hashtagsOf(`#${text}`)) {
          expect(toHashtag(hashtag)).toBe(hashtag);
          expect(hashtagsOf(`#${hashtag}`)).toEqual([hashtag]);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a hashtag without its sign', () => {
  it.each(['', '#rooks', 'two words', '12', '·', 'a\0', '\ud800', 'x'.repeat(101)])('is not %j', (text) =>
    expect(toHashtag(text)).toBeUndefined(),
  );
  it('is folded', () => expect(toHashtag('ROOKS')).toBe('rooks'));
});
