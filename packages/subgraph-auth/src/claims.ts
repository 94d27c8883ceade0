import { createHash } from 'node:crypto';

/** The header, and the key in `connection_init` and in a subscription's extensions, that carries the token. */
export const gatewayHeader = 'x-rookery-gateway';
/** Value of the same header in an answer: the subgraph did not accept the gateway's token. */
export const tokenRefused = 'refused';
/** Value of the same header in an answer to a mutation: the subgraph takes tokens that share a signature as well. */
export const sharedTaken = 'shared';
/** `iss` of every internal token. */
export const issuer = 'rookery-gateway';
/** `typ` of every internal token: no other JWT of the system can be taken for one (RFC 8725, section 3.11). */
export const tokenType = 'rookery-gateway+jwt';

/** `typ` of the signature that several mutations share. */
export const sharedTokenType = 'rookery-gateway-shared+jwt';
/** Separates the signature from the claims of one of these mutations. No JWT contains it. */
export const sharedMark = '~';

/** The session behind a request; times in milliseconds since the epoch. */
export interface GatewaySession {
  readonly id: string | null;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** The gateway's statement about a request. */
export interface GatewayClaims {
  /** Id of the signed-in user; null for an anonymous request. */
  readonly viewer: string | null;
  /** Scopes of the client's token. */
  readonly scopes: ReadonlySet<string>;
  /** Roles, groups and entitlements of the client's token. */
  readonly roles: ReadonlySet<string>;
  readonly session: GatewaySession | undefined;
  /**
   * The token holds for this one request body only. The gateway binds every mutation; a subgraph must not execute a
   * mutation without it.
   */
  readonly boundToOperation: boolean;
}

/**
 * Digest of a request body that binds a token to one operation, or of the claims of a request that bind a shared signature to
 * them: SHA-256, base64url.
 */
export const operationDigest = (body: string | Uint8Array): string =>
  createHash('sha256').update(body).digest('base64url');

const words = (claim: unknown): string[] =>
  Array.isArray(claim) ? claim.filter((word) => typeof word === 'string') : [];

const isSession = (value: unknown): value is GatewaySession =>
  value !== null &&
  typeof value === 'object' &&
  'issuedAt' in value &&
  typeof value.issuedAt === 'number' &&
  'expiresAt' in value &&
  typeof value.expiresAt === 'number' &&
  'id' in value &&
  (value.id === null || typeof value.id === 'string');

/** Claims of a token whose signature, issuer, audience and time were verified. */
export interface TokenClaims extends Readonly<Record<string, unknown>> {
  /** Times of issue and expiry, in seconds since the epoch. */
  readonly iat: number;
  readonly exp: number;
}

/** Reads the claims of a verified token. */
export const claimsOf = ({ sub, scope, roles, session, op }: TokenClaims): GatewayClaims => ({
  viewer: typeof sub === 'string' ? sub : null,
  scopes: new Set(typeof scope === 'string' ? scope.split(' ').filter((word) => word !== '') : []),
  roles: new Set(words(roles)),
  session: isSession(session) ? session : undefined,
  boundToOperation: op !== undefined,
});
