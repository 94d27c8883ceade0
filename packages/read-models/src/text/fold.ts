/**
 * Returns the one form of all spellings of a text: compatibility forms and letter case do not matter, accents do. Upper case comes
 * first, since `ß` and `ss` differ in lower case only.
 */
export const fold = (text: string): string =>
  text.normalize('NFKC').toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKC');
