import { CloseCode } from 'graphql-ws';

/**
 * Every code with which the gateway closes a WebSocket. 44xx up to 4429 are the protocol's own
 * (graphql-transport-ws); the reason is for people, the code for programs.
 */
export const closeCodes = {
  /** RFC 6455: this gateway stops; another may be there already. */
  goingAway: { code: 1001, reason: 'Going away' },
  /** RFC 6455 registry: the keys that verify tokens are unavailable. */
  tryAgainLater: { code: 1013, reason: 'Try again later' },
  badRequest: { code: CloseCode.BadRequest, reason: 'Bad request' },
  /** The token in connection_init is no good. The same code as for a subscribe before the acknowledgement. */
  unauthorized: { code: CloseCode.Unauthorized, reason: 'Unauthorized' },
  /** A page of an origin that may not call. */
  forbidden: { code: CloseCode.Forbidden, reason: 'Forbidden' },
  /** The token has expired: connect again with a new one. */
  tokenExpired: { code: 4440, reason: 'Token expired' },
  /** The session was ended: logged out, password changed, account suspended. */
  revoked: { code: 4441, reason: 'Session ended' },
  /** Events came faster than this client reads: connect again, and resume by cursor. */
  tooSlow: { code: 4450, reason: 'Too slow' },
  /** The supergraph was replaced: connect again (the reason says when), and resume by cursor. */
  schemaChanged: { code: 4460, reason: 'Schema changed' },
  internalError: { code: CloseCode.InternalServerError, reason: 'Internal server error' },
} as const;

export type Close = (typeof closeCodes)[keyof typeof closeCodes];
