/**
 * Text that engines cannot store: Postgres refuses NUL and lone surrogates in jsonb, and UTF-8 cannot encode
 * lone surrogates. Each such code unit is stored as ESC and its four hexadecimal digits, and so is ESC
 * itself. The conversion works on the JSON text, in which JSON.stringify has escaped exactly these code units
 * (ECMA-262, QuoteJSONString), so it covers keys as well, and other documents only cost one search.
 */
const refused = /\\(?:u(0000|001b|d[89a-f][0-9a-f]{2})|.)/g;
const kept = /\\(?:u001b([0-9a-f]{4})|.)/g;

/** The JSON text of a value, free of what an engine refuses. */
export const toStored = (value: unknown): string => {
  const json = JSON.stringify(value);
  return json.includes('\\u') && /\\u(?:00[01]|d)/.test(json)
    ? json.replace(refused, (found, unit) => (unit === undefined ? found : `\\u001b${unit}`))
    : json;
};

/** The value that toStored was given. Control characters must be escaped as JSON.stringify and Postgres do. */
export const fromStored = (json: string): unknown =>
  JSON.parse(
    json.includes('\\u001b')
      ? json.replace(kept, (found, unit) => (unit === undefined ? found : `\\u${unit}`))
      : json,
  );

/** Text of which nothing can be refused: ids, as a rule. */
const plain = /^[ -~]*$/;

/** One string in its stored form. */
export const toStoredText = (text: string): string => (plain.test(text) ? text : JSON.parse(toStored(text)));
/** One string out of its stored form. */
export const fromStoredText = (text: string): string =>
  text.includes('\u001b') ? String(fromStored(JSON.stringify(text))) : text;
