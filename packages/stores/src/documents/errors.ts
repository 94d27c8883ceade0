/** The document store did not answer, or not in time. What was asked may be asked again: every write is a compare-and-set. */
export class DocumentsUnavailable extends Error {
  override name = 'DocumentsUnavailable';
}

/**
 * The document store answers, and gave one statement up because it took longer than its limit. That is no outage:
 * waiting for the store and asking the same again would never end.
 */
export class StatementTimeout extends Error {
  override name = 'StatementTimeout';
}

/** @throws TypeError where one bulk write names a document twice: it can't both win and lose. */
export const demandDistinct = (ids: readonly string[]): void => {
  if (new Set(ids).size !== ids.length) throw new TypeError('a bulk write names a document twice');
};

/** @throws TypeError where a field's name is not plain: it stands in the query itself. */
export const demandPlainName = (field: string): string => {
  if (!/^[a-z][a-z0-9]*$/i.test(field)) throw new TypeError(`not the name of a top-level field: ${field}`);
  return field;
};

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
