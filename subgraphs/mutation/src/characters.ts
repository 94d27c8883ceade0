const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * UTF-8 bytes allowed per character, on average. The longest emoji in use, a family of four with skin tones, has 41.
 * A post of 5,000 of them still fits into a request body (MAX_BODY_BYTES).
 */
const bytesEach = 42;

/**
 * Code points and nonspacing marks allowed in one character. The longest emoji have 11 code points, the longest
 * conjuncts of Indic and Tibetan scripts about 12, of which 8 are marks. Without a bound one letter with 89,000 marks
 * is a text of one character.
 */
const codePointsEach = 20;
const marksEach = 10;

const mark = /[\p{Mn}\p{Me}]/gu;

/**
 * A text whose code units are one character each: nothing below U+0300, the first combining mark, joins its neighbors,
 * except a line feed after a carriage return (UAX 29, rule GB3). Most texts of Latin scripts are simple, and the
 * segmenter takes a hundred times as long for them.
 */
const simple = /^[\t\n -~\u00a0-\u02ff]*$/;

/** User-perceived characters (extended grapheme clusters, UAX 29). Stops counting above `max`. */
export const countCharacters = (text: string, max: number): number => {
  if (simple.test(text)) return Math.min(text.length, max + 1);
  let count = 0;
  for (const _ of segmenter.segment(text)) if (++count > max) break;
  return count;
};

/**
 * Returns why the text does not have `min` to `max` characters, or undefined if it does. A text that passes can be
 * stored and given back exactly: not every engine can store NUL or lone surrogates.
 */
export const textFault = (text: string, min: number, max: number): string | undefined => {
  if (text.includes('\0') || !text.isWellFormed()) return 'must not hold NUL or half a surrogate pair';
  const range = `must have ${min} to ${max} characters`;
  if (text.length < min) return range;
  // The length comes first: it costs nothing, and a code unit takes at least one byte.
  if (text.length > max * bytesEach || Buffer.byteLength(text) > max * bytesEach) {
    return `${range}, with at most ${bytesEach} bytes each on average`;
  }
  const count = countCharacters(text, max);
  return count < min || count > max ? range : undefined;
};

/**
 * Returns why a character of the text is too long, or undefined if none is. Takes a text that `textFault` lets pass.
 */
export const clusterFault = (text: string): string | undefined => {
  if (simple.test(text)) return undefined;
  for (const { segment } of segmenter.segment(text)) {
    // In code units, so it is never less than the number of code points.
    if (segment.length <= marksEach) continue;
    if ([...segment].length > codePointsEach || (segment.match(mark)?.length ?? 0) > marksEach) {
      return `must have at most ${codePointsEach} code points and ${marksEach} combining marks per character`;
    }
  }
  return undefined;
};
