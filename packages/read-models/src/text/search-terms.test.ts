import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  searchForPeople,
  searchForPosts,
  termOfHashtagStart,
  termsOfPerson,
  termsOfPost,
} from './search-terms.ts';

/** Returns whether a search finds a post with this text. */
const finds = (query: string, body: string): boolean => {
  const { terms, matches } = searchForPosts(query);
  const has = new Set(termsOfPost(body));
  return terms.length > 0 && terms.every((term) => has.has(term)) && matches(body);
};
const findsPerson = (query: string, handle: string, name: string): boolean => {
  const { terms, matches } = searchForPeople(query);
  const has = new Set(termsOfPerson(handle, name));
  return terms.length > 0 && terms.every((term) => has.has(term)) && matches({ handle, name });
};

describe('a search for posts', () => {
  it.each([
    ['rook', 'A rook.'],
    ['ROOK crow', 'The crow saw a Rook'],
    ['cafe', 'Un CAFÉ, s’il vous plaît'],
    ['café', 'cafe'],
    ['ΟΔΟΣ', 'στην οδός'],
    ['strasse', 'Die Straße'],
    ['ｒｏｏｋ', 'rook'],
    ['istanbul', 'İSTANBUL'],
    ['йод', 'ЙОД'],
    ['東京', '私は東京都に住んでいます'],
    ['京', '東京'],
    ['東京都', 'ここは東京都です'],
    ['ひらがな', 'ひらがなとカタカナ'],
    ['서울', '서울에서'],
    ['ภาษา', 'ผมพูดภาษาไทย'],
    ['हिन्दी', 'मैं हिन्दी बोलता हूँ'],
    ['العربية', 'اللغة العربية'],
    ['GPT4 東京', '東京のgpt4'],
    ['🎉', 'Done 🎉'],
    ['#rooks', 'All about #Rooks'],
    ['ada', 'hello @ada'],
    ['snake_case', 'snake_case'],
    ["don't", 'I don’t'],
    ['x'.repeat(60), 'x'.repeat(70)],
  ])('%j finds %j', (query, body) => expect(finds(query, body)).toBe(true));

  it.each([
    ['roo', 'rook'],
    ['rook crow', 'rook'],
    ['иод', 'йод'],
    ['京東', '東京'],
    ['東京都', '東京と京都'],
    ['か', 'が'],
    ['#', '# rook'],
    ['', 'rook'],
    [' .,!', 'rook .,!'],
  ])('%j does not find %j', (query, body) => expect(finds(query, body)).toBe(false));

  it('finds a text by each of its words, whatever they are', () => {
    const words = fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 6 });
    fc.assert(
      fc.property(words, (all) => {
        for (const word of all)
          if (searchForPosts(word).terms.length > 0) expect(finds(word, all.join(' . '))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('has one key for all spellings', () =>
    expect(searchForPosts('  Café, ROOK')).toMatchObject({ key: 'cafe rook', terms: ['cafe', 'rook'] }));

  it('is for the first terms of a long text, in little time', () => {
    const began = process.threadCpuUsage();
    for (const part of ['word ', '東京', 'é', 'e\u0301', '\u0301', '#a ', '🎉', 'x'])
      for (const text of [
        part.repeat(20_000),
        Array.from({ length: 5_000 }, (_, i) => `${part}${i}`).join(' '),
      ])
        expect(termsOfPost(text).length).toBeLessThanOrEqual(500);
    const { user, system } = process.threadCpuUsage(began);
    expect((user + system) / 1_000).toBeLessThan(2_000);
  });
});

describe('a search for people', () => {
  it.each([
    ['ada', 'ada_lovelace', 'Countess'],
    ['love', 'ada_lovelace', 'Countess'],
    ['ada_l', 'ada_lovelace', 'Countess'],
    ['@ada_lovelace', 'ada_lovelace', 'Countess'],
    ['coun', 'ada_lovelace', 'Countess'],
    ['COUNTESS ada', 'ada_lovelace', 'Countess'],
    ['countesses', 'x', 'Countesses of'],
    ['zoe', 'z', 'Zoë'],
    ['山田', 'yamada', '山田太郎'],
    ['太', 'yamada', '山田太郎'],
  ])('%j finds %j, %j', (query, handle, name) => expect(findsPerson(query, handle, name)).toBe(true));

  it.each([
    ['da', 'ada', 'Ada'],
    ['countesses', 'x', 'Countess'],
    ['ada x', 'ada', 'Ada'],
    ['山太', 'yamada', '山田太郎'],
    ['', 'ada', 'Ada'],
  ])('%j does not find %j, %j', (query, handle, name) =>
    expect(findsPerson(query, handle, name)).toBe(false),
  );
});

describe('the beginning of a hashtag', () => {
  it.each(['r', 'rook', 'rooksandcrows'])('%j is a term of the posts with it', (start) =>
    expect(termsOfPost('#RooksAndCrows')).toContain(termOfHashtagStart(start)),
  );
  it('is no term of a word without a sign', () =>
    expect(termsOfPost('rooks').filter((term) => term.startsWith('#'))).toEqual([]));
});
