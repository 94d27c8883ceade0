/**
 * Returns the one form of all spellings of a text: compatibility forms and letter case do not matter, accents do. Upper case comes
 * in between, since `ß` and `ss` differ in lower case only, and lower case first, since `ẞ` has no other upper case.
 */
export const fold = (text: string): string =>
  text.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKC');
