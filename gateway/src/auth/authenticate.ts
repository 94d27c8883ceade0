import { RookeryError, unauthenticated, unavailable } from '@rookery/graphql-server';
import { isId, type Logger } from '@rookery/runtime';
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify, type RemoteJWKSet } from 'jose';
import { LRUCache } from 'lru-cache';

/** Authenticated session. Times in milliseconds since the epoch. */
export interface Session {
  readonly viewer: string;
  /** Id of the log-in (`sid`, else `jti`); undefined if the token has none. */
  readonly id: string | undefined;
  /** Time of issue in milliseconds since the epoch; 0 if the token has none. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** Scopes of the token (`scope` of RFC 8693, or `scp`). */
  readonly scopes: ReadonlySet<string>;
  /** Claims about the user: `roles`, `groups` and `entitlements` (RFC 9068, section 2.2.3.1). */
  readonly entitlements: ReadonlySet<string>;
}

/** Which tokens count. */
export interface TokenChecks {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  /** Accepted signature algorithms, asymmetric only: see `tokenAlgorithms` in the settings. */
  readonly algorithms?: readonly string[];
  /** Tolerated clock skew in seconds. */
  readonly clockSkewSeconds?: number;
  /** Polling interval of the key set: a key that was removed from it is refused soon after. */
  readonly pollIntervalMs?: number;
}

export interface AuthenticateOptions extends TokenChecks {
  /** Returns whether a session was revoked before its token expires. */
  readonly isRevoked: (session: Session) => boolean;
  readonly log: Logger;
}

/** Default options, equal to the defaults of the settings. */
const defaults = {
  algorithms: ['EdDSA', 'Ed25519', 'ES256', 'ES384', 'PS256', 'RS256'],
  clockSkewSeconds: 5,
  pollIntervalMs: 300_000,
} as const;

/** Minimum interval between fetches of the key set because of an unknown key. */
const cooldownMs = 2_000;
/** Time for which a valid token is not verified again. */
const cacheTtlMs = 60_000;

/** Returns whether jose rejected the token; any other error means that the keys are unavailable. */
const tokenIsWrong = (error: unknown): boolean =>
  error instanceof errors.JWTExpired ||
  error instanceof errors.JWTClaimValidationFailed ||
  error instanceof errors.JWTInvalid ||
  error instanceof errors.JWSInvalid ||
  error instanceof errors.JWSSignatureVerificationFailed ||
  error instanceof errors.JOSEAlgNotAllowed ||
  error instanceof errors.JOSENotSupported ||
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys;

const sessionOf = (viewer: string, claims: JWTPayload, clockSkewSeconds: number): Session => {
  const { sid, jti, iat = 0, exp = 0, scope, scp, roles, groups, entitlements } = claims;
  const id = [sid, jti].find((claim) => typeof claim === 'string' && claim.length <= 200);
  return {
    viewer,
    id: id as string | undefined,
    issuedAt: Math.round(iat * 1000),
    expiresAt: (exp + clockSkewSeconds) * 1000,
    scopes: new Set([...words(scope), ...words(scp)]),
    entitlements: new Set([...words(roles), ...words(groups), ...words(entitlements)]),
  };
};

/** A list, or words with spaces between them: issuers do either. */
const words = (claim: unknown): string[] => {
  if (typeof claim === 'string') return claim.split(' ').filter((word) => word !== '');
  return Array.isArray(claim) ? claim.filter((word) => typeof word === 'string') : [];
};

/** 401 with the same text whatever is wrong; RFC 6750 wants to be told the scheme. */
const refuse = () => {
  const { code, message } = unauthenticated();
  return new RookeryError(code, message, {
    http: { status: 401, headers: new Map([['www-authenticate', 'Bearer error="invalid_token"']]) },
  });
};

/**
 * Reads bearer tokens: JWTs of the configured issuer, checked against its published keys. Keys are fetched at
 * the first use, again for a key id that is not known yet, and every few minutes; while the issuer can't be
 * reached, the keys that are there go on counting.
 */
export class Authenticate implements Disposable {
  readonly #keys: RemoteJWKSet;
  readonly #options: Required<AuthenticateOptions>;
  readonly #seen = new LRUCache<string, Session>({ max: 10_000, ttl: cacheTtlMs });
  readonly #refresh: NodeJS.Timeout;
  #published: string | undefined;

  constructor(options: AuthenticateOptions) {
    this.#options = { ...defaults, ...options };
    this.#keys = createRemoteJWKSet(new URL(options.jwksUrl), {
      cacheMaxAge: Number.POSITIVE_INFINITY,
      cooldownDuration: cooldownMs,
      timeoutDuration: 3_000,
    });
    this.#refresh = setInterval(() => {
      this.#reload().catch((error) => options.log.warn({ error }, 'token keys not refreshed'));
    }, this.#options.pollIntervalMs).unref();
  }

  /**
   * Returns at once for a token that was verified a moment ago.
   * @param authorization `Bearer <token>`, from the Authorization header or connection_init; undefined is
   * anonymous
   * @throws RookeryError UNAUTHENTICATED if the token is invalid; SERVICE_UNAVAILABLE if the keys are
   * unavailable
   */
  session(authorization: unknown): Session | undefined | Promise<Session> {
    if (authorization === undefined) return undefined;
    const [, token] = typeof authorization === 'string' ? (/^bearer +(\S+)$/i.exec(authorization) ?? []) : [];
    if (token === undefined) throw refuse();
    const seen = this.#seen.get(token);
    return seen !== undefined && Date.now() < seen.expiresAt
      ? this.#unlessRevoked(seen)
      : this.#verified(token);
  }

  async #verified(token: string): Promise<Session> {
    const session = await this.#verify(token);
    this.#seen.set(token, session);
    return this.#unlessRevoked(session);
  }

  #unlessRevoked(session: Session): Session {
    if (this.#options.isRevoked(session)) throw refuse();
    return session;
  }

  /** Reloads the keys. Tokens signed by a key that is no longer published become invalid, even cached ones. */
  async #reload(): Promise<void> {
    await this.#keys.reload();
    const published = JSON.stringify(this.#keys.jwks());
    if (published !== this.#published) this.#seen.clear();
    this.#published = published;
  }

  async #verify(token: string): Promise<Session> {
    const { issuer, audience, algorithms, clockSkewSeconds, log } = this.#options;
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        issuer,
        audience,
        algorithms: [...algorithms],
        clockTolerance: clockSkewSeconds,
        requiredClaims: ['sub', 'exp'],
      });
      const { sub = '' } = payload;
      if (isId(sub)) return sessionOf(sub, payload, clockSkewSeconds);
    } catch (error) {
      if (!tokenIsWrong(error)) {
        log.error({ error }, 'failed to fetch JWKS');
        throw unavailable();
      }
      log.debug({ reason: (error as Error).message }, 'token refused');
    }
    throw refuse();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#refresh);
  }
}
