/** An origin, or a pattern of origins, in the form that a browser's Origin header has. */
export type OriginPattern = string;

/** A port, or nothing. */
const port = '(:[0-9]{1,5})?';
/** A host name whose labels may hold wildcards, or an IPv6 address. */
const host = '([a-z0-9*]([a-z0-9*.-]*[a-z0-9*])?|\\[[0-9a-f:.]+\\])';
const withScheme = new RegExp(`^[a-z][a-z0-9+.-]*://${host}${port}$`);
const withoutScheme = new RegExp(`^${host}${port}$`);

/** Drops what browsers leave out of the Origin header: the default port. */
const normalized = (pattern: string): string =>
  pattern.replace(/^(http:\/\/.*):80$/, '$1').replace(/^(https:\/\/.*):443$/, '$1');

/**
 * Reads one entry of CORS_ORIGINS:
 * - `https://app.example`: that origin; one trailing slash is ignored
 * - `localhost:5173`: that host and port over http and https
 * - `https://*.preview.example`, `https://app-*.example`: `*` stands for one or more characters other than a dot
 * - `*`: every origin
 * @returns undefined if the entry is none of these
 */
export const readOriginPattern = (entry: string): readonly OriginPattern[] | undefined => {
  const text = entry.toLowerCase().replace(/\/$/, '');
  if (text === '*') return ['*'];
  if (withScheme.test(text)) return [normalized(text)];
  if (withoutScheme.test(text)) return [normalized(`http://${text}`), normalized(`https://${text}`)];
  return undefined;
};

/** Returns the expression that matches the origins of a pattern. */
export const originExpression = (pattern: OriginPattern): RegExp =>
  pattern === '*'
    ? /^/
    : new RegExp(
        `^${pattern
          .split('*')
          .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
          .join('[^.:/]+')}$`,
      );
