import { apiUrl, authorization } from '../session.ts';
import type { TypedDocumentString } from './generated/graphql.ts';

/** Error of an operation, or of one of its fields. */
interface ApiError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly retryAfter?: number; readonly field?: string };
}

/** Answer to an operation. A root field that was refused is null, and `errors` has its path. */
export interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly ApiError[];
  /** `stale` is true if the read side had not caught up with a write. */
  readonly extensions?: { readonly stale?: boolean };
}

/** Sends a query or a mutation. */
export async function ask<Data, Variables>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
): Promise<Answer<Data>> {
  const response = await fetch(apiUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization() },
    body: JSON.stringify({ query: document, variables }),
  });
  return (await response.json()) as Answer<Data>;
}
