import { fold } from './fold.ts';

/*
 * Words, phrases and hashtags that a viewer mutes, in the text of a post. Letter case, compatibility forms, invisible characters and
 * the width of spaces make no difference; a word matches whole words only.
 */

/** Length of a muted word in characters, as clients may send it and in canonical form. */
const maxLength = 100;

/**
 * Characters of which a text in a script with spaces makes words. Scripts without spaces have none: there a word may begin and end
 * anywhere, since only a dictionary knows its borders.
 */
const inWords =
  /[[\p{L}\p{M}\p{Nd}\p{Pc}]--[\p{sc=Han}\p{sc=Hiragana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]]+/gv;

/** Marks the borders of words: no text has it. */
const border = '\0';

const canonical = (text: string): string =>
  fold(text.replaceAll(/\p{Default_Ignorable_Code_Point}/gu, ''))
    .replaceAll(/\s+/gu, ' ')
    .trim();

/** Returns the one form of all spellings of a word; undefined if nothing is left of it, or it is too long. */
export const toMutedWord = (text: string): string | undefined => {
  if (text.length > 4 * maxLength || text.includes(border) || !text.isWellFormed()) return undefined;
  const word = canonical(text);
  return word !== '' && [...word].length <= maxLength ? word : undefined;
};

/**
 * Returns a word in canonical form as a pattern that texts contain, if they are prepared by `toSearchable`: so many words are looked
 * for in many texts in little time, whatever they are.
 */
export const toPattern = (word: string): string => word.replaceAll(inWords, `${border}$&${border}`);

/** Returns a text in which patterns can be looked for. */
export const toSearchable = (text: string): string => toPattern(canonical(text));
