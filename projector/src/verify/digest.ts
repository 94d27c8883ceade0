import { createHash } from 'node:crypto';

/** Returns JSON with sorted keys: equal for equal documents, independent of the engine that stored them. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : part,
  );

/** Returns a truncated SHA-256 of a document, long enough to distinguish all documents in practice. */
export const digest = (value: unknown): string =>
  createHash('sha256').update(canonical(value)).digest('hex').slice(0, 24);
