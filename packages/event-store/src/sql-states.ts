export const undefinedTable = '42P01';
export const undefinedFunction = '42883';
export const undefinedSchema = '3F000';

/** Returns whether Postgres refused a statement with one of these SQLSTATEs. */
export const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  codes.some((code) => (error as { readonly code?: unknown }).code === code);
