/*
 * Hashtags in the text of a post, by the rules of Mastodon (docs/adr/hashtags.md). They are derived from the text wherever they
 * are needed, so that no event records them.
 */

import { fold } from './fold.ts';

/** Hashtags of a post that lead to it; others are text. */
const maxPerPost = 10;
/** Length of a hashtag in UTF-16 code units; a longer one is text. */
const maxLength = 100;

/** Letters, marks, digits and connectors, with which a hashtag begins and ends. */
const word = String.raw`[\p{L}\p{M}\p{Nd}\p{Pc}]`;
/** The same, and separators that only the inside has: middle dots, and the zero width non-joiner of Persian. */
const inside = String.raw`[\p{L}\p{M}\p{Nd}\p{Pc}\u00b7\u30fb\u200c]`;
const name = `${word}(?:${inside}*${word})?`;

/** Not after a letter, a digit, a slash or an equals sign, so that fragments of addresses are none. */
const inText = new RegExp(String.raw`(?<![\p{L}\p{M}\p{Nd}/=)])[#＃](${name})`, 'gu');
const whole = new RegExp(`^${name}$`, 'u');
const beginning = new RegExp(`^${word}${inside}*$`, 'u');

/** A number is no hashtag. */
const hasLetter = /[\p{L}\p{M}]/u;

/** Returns the canonical form of a hashtag without its sign; undefined if the text is no hashtag. */
export const toHashtag = (text: string): string | undefined => {
  if (text.length > maxLength || !text.isWellFormed()) return undefined;
  const folded = fold(text);
  return folded.length <= maxLength && whole.test(folded) && hasLetter.test(folded) ? folded : undefined;
};

const withoutSign = (text: string): string => text.replace(/^[#＃]/, '');

/** Returns the canonical form of a hashtag that somebody names, with or without its sign; undefined if the text is no hashtag. */
export const toNamedHashtag = (text: string): string | undefined => toHashtag(withoutSign(text));

/** Returns the hashtags of a text in canonical form, in the order of their first use. */
export const hashtagsOf = (text: string): readonly string[] => {
  if (!/[#＃]/.test(text)) return [];
  const found = new Set<string>();
  for (const [, spelled = ''] of text.matchAll(inText)) {
    const hashtag = toHashtag(spelled);
    if (hashtag !== undefined) found.add(hashtag);
    if (found.size === maxPerPost) break;
  }
  return [...found];
};

/** Returns the folded beginning of a hashtag, without its sign; undefined if no hashtag begins with the text. */
export const toHashtagStart = (text: string): string | undefined => {
  if (text.length > maxLength || !text.isWellFormed()) return undefined;
  const folded = fold(withoutSign(text));
  return folded.length <= maxLength && beginning.test(folded) ? folded : undefined;
};
