/**
 * All codes in `extensions.code`, with the HTTP status if the whole request fails. The contract lists the
 * same codes; clients receive no others.
 */
export const errorCodes = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  BAD_USER_INPUT: 400,
  CONFLICT: 409,
  RATE_LIMITED: 429,
  SERVICE_UNAVAILABLE: 503,
  INTERNAL_SERVER_ERROR: 500,
  GRAPHQL_PARSE_FAILED: 400,
  GRAPHQL_VALIDATION_FAILED: 400,
  BAD_REQUEST: 400,
  PERSISTED_QUERY_NOT_FOUND: 200,
} as const;

export type ErrorCode = keyof typeof errorCodes;

/**
 * A server that the work needs does not answer. It reaches the client with the code, like an error of GraphQL, and may
 * be thrown by code that knows nothing of GraphQL.
 */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
  readonly code = 'SERVICE_UNAVAILABLE' satisfies ErrorCode;
  readonly extensions: Readonly<Record<string, unknown>>;
  /** @param retryAfter in seconds */
  constructor(retryAfter = 1) {
    super('This is not available right now. Try again later.');
    this.extensions = { retryAfter, code: this.code };
  }
}
