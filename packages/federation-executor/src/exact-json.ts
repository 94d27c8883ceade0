/** A JSON number that keeps its digits: `JSON.stringify` writes them as they came. */
export interface RawNumber {
  readonly rawJSON: string;
}

/** Part of ECMAScript 2026, which the library types of TypeScript do not describe yet. */
interface JsonWithSource {
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
}

const json = JSON as unknown as JsonWithSource;

export const isRawNumber = (value: unknown): value is RawNumber => json.isRawJSON(value);

const byteOrderMark = 0xfeff;

/**
 * Matches a number that a double may not represent: 16 digits or more, or a three-digit exponent; also text
 * that looks like one. Starts with a character before a number, which is seldom followed by a digit, so that
 * the search is fast.
 */
const longNumber = /[:[,]\s*-?\d(?:[\d.]{15}|[\d.]*[eE][+-]?\d{3})/;

/** Returns whether the double holds all digits that were written. */
const isExact = (value: number, source: string): boolean => {
  if (!Number.isFinite(value)) return false;
  if (/^-?\d+$/.test(source)) return String(value) === source || source === '-0';
  // No double holds most decimals: all digits that a double can tell apart have to be enough.
  return source.replace(/e.*|\D/gi, '').replace(/^0+/, '').length <= 17;
};

/**
 * Parses a JSON object, with or without a byte order mark, and keeps each number that a double cannot hold as it was
 * written. To look for such numbers takes a quarter of the time of `JSON.parse`; texts without them take no more.
 */
export const parseExact = (text: string): unknown => {
  const body = text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text;
  if (!longNumber.test(body)) return JSON.parse(body);
  return json.parse(body, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && !isExact(value, source)
      ? json.rawJSON(source)
      : value,
  );
};
