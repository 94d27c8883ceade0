import { isId, type Logger, RookeryError, unauthenticated, unavailable } from '@rookery/service';
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify, type RemoteJWKSet } from 'jose';
import { LRUCache } from 'lru-cache';

/** Who asks, and until when (milliseconds since the epoch) that holds. */
export interface Session {
  readonly viewer: string;
  /** Which log-in it comes from (`sid`, else `jti`); undefined where the token doesn't say. */
  readonly id: string | undefined;
  /** When the token was made, in milliseconds since the epoch; 0 where it doesn't say. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** What the token may be used for (`scope` of RFC 8693, or `scp`). */
  readonly scopes: ReadonlySet<string>;
  /** What the issuer says of the user: `roles`, `groups` and `entitlements` (RFC 9068, section 2.2.3.1). */
  readonly entitlements: ReadonlySet<string>;
}

/** Which tokens count. */
export interface TokenChecks {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  /** Of the signature. Asymmetric ones only: see `tokenAlgorithms` in the settings. */
  readonly algorithms?: readonly string[];
  /** How far clocks may be apart, in seconds. */
  readonly clockSkew?: number;
  /** Time between two looks for the keys, in milliseconds: one that was taken out of the set is refused soon after. */
  readonly pollEvery?: number;
}

export interface AuthenticateOptions extends TokenChecks {
  /** Whether a session has ended before its token does. */
  readonly isRevoked: (session: Session) => boolean;
  readonly log: Logger;
}

/** Where nothing else is said; the settings' own defaults. */
const defaults = {
  algorithms: ['EdDSA', 'Ed25519', 'ES256', 'ES384', 'PS256', 'RS256'],
  clockSkew: 5,
  pollEvery: 300_000,
} as const;

/** Shortest time between two fetches of the keys for the sake of a key that is not known, in milliseconds. */
const cooldown = 2_000;
/** A token that was found good is not looked at again for as long, in milliseconds. */
const rememberFor = 60_000;

/** What jose throws where it is the token that is wrong; anything else means that the keys can't be had. */
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

const sessionOf = (viewer: string, claims: JWTPayload, clockSkew: number): Session => {
  const { sid, jti, iat = 0, exp = 0, scope, scp, roles, groups, entitlements } = claims;
  const id = [sid, jti].find((claim) => typeof claim === 'string' && claim.length <= 200);
  return {
    viewer,
    id: id as string | undefined,
    issuedAt: Math.round(iat * 1000),
    expiresAt: (exp + clockSkew) * 1000,
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
  readonly #seen = new LRUCache<string, Session>({ max: 10_000, ttl: rememberFor });
  readonly #refresh: NodeJS.Timeout;
  #published: string | undefined;

  constructor(options: AuthenticateOptions) {
    this.#options = { ...defaults, ...options };
    this.#keys = createRemoteJWKSet(new URL(options.jwksUrl), {
      cacheMaxAge: Number.POSITIVE_INFINITY,
      cooldownDuration: cooldown,
      timeoutDuration: 3_000,
    });
    this.#refresh = setInterval(() => {
      this.#reload().catch((error) => options.log.warn({ error }, 'token keys not refreshed'));
    }, this.#options.pollEvery).unref();
  }

  /**
   * @param authorization `Bearer <token>`, from the Authorization header or connection_init; undefined is anonymous
   * @throws RookeryError UNAUTHENTICATED where something is given that is no good; SERVICE_UNAVAILABLE where
   *   the keys can't be had
   */
  async session(authorization: unknown): Promise<Session | undefined> {
    if (authorization === undefined) return undefined;
    const [, token] = typeof authorization === 'string' ? (/^bearer +(\S+)$/i.exec(authorization) ?? []) : [];
    if (token === undefined) throw refuse();
    const seen = this.#seen.get(token);
    const isGood = seen !== undefined && Date.now() < seen.expiresAt;
    const session = isGood ? seen : await this.#verify(token);
    if (!isGood) this.#seen.set(token, session);
    if (this.#options.isRevoked(session)) throw refuse();
    return session;
  }

  /** What was signed by a key that is not published any more counts no longer, seen before or not. */
  async #reload(): Promise<void> {
    await this.#keys.reload();
    const published = JSON.stringify(this.#keys.jwks());
    if (published !== this.#published) this.#seen.clear();
    this.#published = published;
  }

  async #verify(token: string): Promise<Session> {
    const { issuer, audience, algorithms, clockSkew, log } = this.#options;
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        issuer,
        audience,
        algorithms: [...algorithms],
        clockTolerance: clockSkew,
        requiredClaims: ['sub', 'exp'],
      });
      const { sub = '' } = payload;
      if (isId(sub)) return sessionOf(sub, payload, clockSkew);
    } catch (error) {
      if (!tokenIsWrong(error)) {
        log.error({ error }, 'token keys can not be had');
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
