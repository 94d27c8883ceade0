import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from './log.ts';

/**
 * Every code that a client can meet in `extensions.code`, and the HTTP status that goes with it where the
 * whole request fails by it. The contract's table; nothing else reaches a client.
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

/** An error that is meant for the client: its message and extensions are shown as they are. */
export class RookeryError extends GraphQLError {
  override readonly name: string = 'RookeryError';
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string, extensions: Readonly<Record<string, unknown>> = {}) {
    super(message, { extensions: { ...extensions, code } });
    this.code = code;
  }
}

/** One text for every reason, so that it tells nothing about which of them it was. */
export const unauthenticated = () => new RookeryError('UNAUTHENTICATED', 'Sign in first.');
export const forbidden = (message: string) => new RookeryError('FORBIDDEN', message);
/** Hidden and absent alike. */
export const notFound = (what: 'User' | 'Post' | 'Activity') =>
  new RookeryError('NOT_FOUND', `${what} not found.`);
/** field: the input field as the client wrote it, dots for depth. */
export const badInput = (field: string, message: string) =>
  new RookeryError('BAD_USER_INPUT', message, { field });
export const conflict = (message: string, extensions: Readonly<Record<string, unknown>> = {}) =>
  new RookeryError('CONFLICT', message, extensions);
/** retryAfter in seconds. */
export const rateLimited = (retryAfter: number) =>
  new RookeryError('RATE_LIMITED', 'Too many requests. Try again later.', { retryAfter });
/** retryAfter in seconds. Nothing of what was asked has been done, or it is safe to ask again with the same key. */
export const unavailable = (retryAfter = 1) =>
  new RookeryError('SERVICE_UNAVAILABLE', 'This is not available right now. Try again later.', {
    retryAfter,
  });

const shown: ReadonlySet<string> = new Set(
  Object.keys(errorCodes).filter((code) => code !== 'INTERNAL_SERVER_ERROR'),
);
/** The extensions that a client may see; all others (stack traces, service names, addresses) are dropped. */
const shownExtensions = ['code', 'field', 'retryAfter', 'requestId'] as const;

/**
 * What the client sees of an error. One that carries a code of the table passes, with its known extensions only;
 * any other is masked, and logged whole with the id of its request.
 */
export const maskError = (
  formatted: GraphQLFormattedError,
  cause: unknown,
  log: Logger,
  requestId: string | undefined,
): GraphQLFormattedError => {
  const code = formatted.extensions?.code;
  const where = {
    ...(formatted.path ? { path: formatted.path } : {}),
    ...(formatted.locations ? { locations: formatted.locations } : {}),
  };
  if (typeof code === 'string' && shown.has(code)) {
    const kept = shownExtensions.flatMap((key) => {
      const value = formatted.extensions?.[key];
      return value === undefined ? [] : [[key, value] as const];
    });
    return { message: formatted.message, ...where, extensions: Object.fromEntries(kept) };
  }
  log.error({ error: cause, path: formatted.path, requestId }, 'unexpected error');
  return {
    message: 'Something went wrong on our side.',
    ...where,
    extensions: { code: 'INTERNAL_SERVER_ERROR', ...(requestId === undefined ? {} : { requestId }) },
  };
};
