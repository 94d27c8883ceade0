const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * UTF-8 bytes allowed for each character: the longest emoji in use, a kiss of two people with skin tones, takes 35.
 * It keeps out what is one character by the rules and yet as long as a book, such as a letter with
 * 100,000 combining marks.
 */
const bytesEach = 36;

/** User-perceived characters (extended grapheme clusters, UAX 29); counting stops behind `max`. */
export const countCharacters = (text: string, max: number): number => {
  let count = 0;
  for (const _ of segmenter.segment(text)) if (++count > max) break;
  return count;
};

/**
 * Why the text is no text of `min` to `max` characters; undefined where it is. Whatever passes can be stored, and
 * given back, exactly: NUL and lone surrogates can't be by every engine.
 */
export const textFault = (text: string, min: number, max: number): string | undefined => {
  if (text.includes('\0') || !text.isWellFormed()) return 'must not hold NUL or half a surrogate pair';
  const range = `must have ${min} to ${max} characters`;
  if (text.length < min) return range;
  // The length comes first: it costs nothing, and a code unit takes at least one byte.
  if (text.length > max * bytesEach || Buffer.byteLength(text) > max * bytesEach) {
    return `${range}, of ${bytesEach} bytes each at most`;
  }
  const count = countCharacters(text, max);
  return count < min || count > max ? range : undefined;
};
