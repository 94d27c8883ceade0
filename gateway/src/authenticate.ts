import { isId, type Logger, RookeryError, unauthenticated, unavailable } from '@rookery/service';
import { createRemoteJWKSet, errors, jwtVerify, type RemoteJWKSet } from 'jose';
import { LRUCache } from 'lru-cache';

/** Who asks, and until when (milliseconds since the epoch) that holds. */
export interface Session {
  readonly viewer: string;
  readonly expiresAt: number;
}

export interface AuthenticateOptions {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  readonly log: Logger;
}

/**
 * Asymmetric signatures only: with a symmetric algorithm in the list a public key could be taken for a secret
 * (RFC 8725, section 3.1).
 */
const algorithms = ['EdDSA', 'Ed25519', 'ES256', 'ES384', 'PS256', 'RS256'];

/** Clocks may be this far apart, in seconds. */
const clockTolerance = 5;

/** Shortest time between two fetches of the keys for the sake of a key that is not known, in milliseconds. */
const cooldown = 2_000;
/** A key that was taken out of the set is refused at the latest after this long, in milliseconds. */
const refreshEvery = 300_000;
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
  readonly #options: AuthenticateOptions;
  readonly #seen = new LRUCache<string, Session>({ max: 10_000, ttl: rememberFor });
  readonly #refresh: NodeJS.Timeout;

  constructor(options: AuthenticateOptions) {
    this.#options = options;
    this.#keys = createRemoteJWKSet(new URL(options.jwksUrl), {
      cacheMaxAge: Number.POSITIVE_INFINITY,
      cooldownDuration: cooldown,
      timeoutDuration: 3_000,
    });
    this.#refresh = setInterval(() => {
      this.#keys.reload().catch((error) => options.log.warn({ error }, 'token keys not refreshed'));
    }, refreshEvery).unref();
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
    if (seen !== undefined && Date.now() < seen.expiresAt) return seen;
    const session = await this.#verify(token);
    this.#seen.set(token, session);
    return session;
  }

  async #verify(token: string): Promise<Session> {
    const { issuer, audience, log } = this.#options;
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        issuer,
        audience,
        algorithms,
        clockTolerance,
        requiredClaims: ['sub', 'exp'],
      });
      const { sub = '', exp = 0 } = payload;
      if (isId(sub)) return { viewer: sub, expiresAt: (exp + clockTolerance) * 1000 };
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
