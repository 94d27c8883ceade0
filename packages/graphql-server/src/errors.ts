import { type ErrorCode, errorCodes, type Logger, UnavailableError } from '@rookery/runtime';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';

/** An error for the client: its message and extensions are shown unchanged. */
export class RookeryError extends GraphQLError {
  override readonly name: string = 'RookeryError';
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string, extensions: Readonly<Record<string, unknown>> = {}) {
    super(message, { extensions: { ...extensions, code } });
    this.code = code;
  }
}

/** Returns one text for every reason, which does not reveal the actual one. */
export const unauthenticated = () => new RookeryError('UNAUTHENTICATED', 'Sign in first.');
/** @param field the input field by which the viewer asks for it, if only that is forbidden */
export const forbidden = (message: string, field?: string) =>
  new RookeryError('FORBIDDEN', message, field === undefined ? {} : { field });
/** Hidden and absent things give the same error. */
export const notFound = (what: 'User' | 'Post' | 'List' | 'Activity' | 'Report') =>
  new RookeryError('NOT_FOUND', `${what} not found.`);
/** @param field the input field as the client wrote it, with dots for nested fields */
export const badInput = (field: string, message: string) =>
  new RookeryError('BAD_USER_INPUT', message, { field });
export const conflict = (message: string, extensions: Readonly<Record<string, unknown>> = {}) =>
  new RookeryError('CONFLICT', message, extensions);
/** retryAfter in seconds. */
export const rateLimited = (retryAfter: number) =>
  new RookeryError('RATE_LIMITED', 'Too many requests. Try again later.', { retryAfter });
/** @param retryAfter seconds. Nothing has been done, or a retry with the same key is safe. */
export const unavailable = (retryAfter = 1) => {
  const { code, message, extensions } = new UnavailableError(retryAfter);
  return new RookeryError(code, message, extensions);
};

/** Returns the code of an error that is meant for the client; undefined for any other. */
export const errorCodeOf = (error: unknown): ErrorCode | undefined =>
  error instanceof RookeryError || error instanceof UnavailableError ? error.code : undefined;

const shown: ReadonlySet<string> = new Set(
  Object.keys(errorCodes).filter((code) => code !== 'INTERNAL_SERVER_ERROR'),
);
/** The extensions that a client may see; all others (stack traces, service names, addresses) are dropped. */
const shownExtensions = ['code', 'field', 'retryAfter', 'requestId'] as const;

/**
 * Returns the error that the client sees. An error with a code of the table passes with its known extensions;
 * any other is masked, and logged with the id of its request.
 */
export const maskError = (
  formatted: GraphQLFormattedError,
  cause: unknown,
  log: Logger,
  requestId: string | undefined,
): GraphQLFormattedError => {
  const code = formatted.extensions?.code;
  const position = {
    ...(formatted.path ? { path: formatted.path } : {}),
    ...(formatted.locations ? { locations: formatted.locations } : {}),
  };
  if (typeof code === 'string' && shown.has(code)) {
    const kept = shownExtensions.flatMap((key) => {
      const value = formatted.extensions?.[key];
      return value === undefined ? [] : [[key, value] as const];
    });
    return { message: formatted.message, ...position, extensions: Object.fromEntries(kept) };
  }
  log.error({ error: cause, path: formatted.path, requestId }, 'unexpected error');
  return {
    message: 'Something went wrong on our side.',
    ...position,
    extensions: { code: 'INTERNAL_SERVER_ERROR', ...(requestId === undefined ? {} : { requestId }) },
  };
};
