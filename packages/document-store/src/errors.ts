/** The document store did not answer in time. The caller may retry: every write is a compare-and-set. */
export class DocumentsUnavailableError extends Error {
  override name = 'DocumentsUnavailableError';
}

/**
 * The document store answered that it cancelled a statement because of its time limit. This is no outage:
 * repeating the same statement might never succeed.
 */
export class StatementTimeoutError extends Error {
  override name = 'StatementTimeoutError';
}

/** Throws TypeError if a bulk write names a document twice, which could both win and lose. */
export const demandDistinct = (ids: readonly string[]): void => {
  if (new Set(ids).size !== ids.length) throw new TypeError('a bulk write names a document twice');
};

/** Throws TypeError unless the name of a field is plain, since it is part of the query text. */
export const demandPlainName = (field: string): string => {
  if (!/^[a-z][a-z0-9]*$/i.test(field)) throw new TypeError(`not the name of a top-level field: ${field}`);
  return field;
};

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
