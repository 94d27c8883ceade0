import { createHash } from 'node:crypto';

/** JSON with the keys of every object in order: equal for equal documents, whichever engine kept them. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : part,
  );

/** SHA-256 of a document, shortened to what tells any two apart that anybody will ever see. */
export const digest = (value: unknown): string =>
  createHash('sha256').update(canonical(value)).digest('hex').slice(0, 24);
