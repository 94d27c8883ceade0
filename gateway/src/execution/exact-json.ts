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

/** A number that a double may not hold: 16 digits or more, or an exponent of three digits. */
const long = /[\d.]{16}|\de[+-]?\d{3}/i;
/** The same outside of texts, or in a text that looks like it. */
const longNumber = /(?:^|[:[,])\s*-?(?=\d)(?:[\d.]{16}|[\d.]+e[+-]?\d{3})/i;

/** Whether the double is the very number that was written. */
const isExact = (value: number, source: string): boolean => {
  if (/^-?\d+$/.test(source)) return Number.isFinite(value) && BigInt(value) === BigInt(source);
  // Of decimals, which no double holds, all digits that a double can tell apart.
  return Number.isFinite(value) && source.replace(/e.*|\D/gi, '').replace(/^0+/, '').length <= 17;
};

/**
 * Parses JSON, with or without a byte order mark, and keeps each number that a double cannot hold as it was written. Texts without such a number are
 * parsed at the speed of `JSON.parse`.
 */
export const parseExact = (text: string): unknown => {
  const body = text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text;
  if (!long.test(body) || !longNumber.test(body)) return JSON.parse(body);
  return json.parse(body, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && !isExact(value, source)
      ? json.rawJSON(source)
      : value,
  );
};
