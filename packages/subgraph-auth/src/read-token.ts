import { type KeyObject, verify } from 'node:crypto';
import { issuer, type TokenClaims } from './claims.ts';

/** The token does not hold. */
export class InvalidTokenError extends Error {
  override readonly name = 'InvalidTokenError';
  /** True if the token may hold for newer keys or another difference of the clocks. */
  readonly mayBeMended: boolean;

  constructor(why: string, { mayBeMended = false } = {}) {
    super(why);
    this.mayBeMended = mayBeMended;
  }
}

/** Difference between clocks that is tolerated beyond what is measured, in seconds. */
export const clockToleranceS = 5;
/** No token is older than this, whatever it says of itself, in seconds. */
const maxTokenAgeS = 120;

export interface ReadTokenOptions {
  /** Finds a public key of the gateway, all of which are for Ed25519. */
  readonly findKey: (kid: string) => KeyObject | undefined;
  readonly audience: string;
  /** `typ` that the token must have. */
  readonly type: string;
  /** The gateway's clock, in milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Reads a JWT (RFC 7519) that is signed by Ed25519 (RFC 8037), and validates its signature and claims. JWT libraries
 * verify on the thread pool, and the way there and back takes about as long as the verification itself.
 * @throws InvalidTokenError
 */
export const readToken = (token: string, { findKey, audience, type, now }: ReadTokenOptions): TokenClaims => {
  const [header = '', payload = '', signature = '', ...more] = token.split('.');
  if (more.length > 0) throw new InvalidTokenError('not a JWT');
  const { alg, typ, kid, crit } = jsonIn(header);
  // Nothing else is ever accepted, so a token cannot choose how it is verified (RFC 8725, section 3.1).
  if (alg !== 'EdDSA' || typ !== type || crit !== undefined || typeof kid !== 'string')
    throw new InvalidTokenError('the header is not that of an internal token');
  const key = findKey(kid);
  if (key === undefined) throw new InvalidTokenError('unknown key', { mayBeMended: true });
  const signed = Buffer.from(`${header}.${payload}`);
  if (!verify(null, signed, key, Buffer.from(signature, 'base64url')))
    throw new InvalidTokenError('the signature does not match');
  const claims = jsonIn(payload);
  if (claims.iss !== issuer || claims.aud !== audience)
    throw new InvalidTokenError('another issuer or audience');
  return withinItsTime(claims, Math.floor(now / 1_000));
};

const withinItsTime = (claims: Readonly<Record<string, unknown>>, now: number): TokenClaims => {
  const { iat, exp } = claims;
  if (typeof iat !== 'number' || typeof exp !== 'number')
    throw new InvalidTokenError('no time of issue or expiry');
  const isExpired = exp <= now - clockToleranceS || iat < now - maxTokenAgeS - clockToleranceS;
  if (isExpired || iat > now + clockToleranceS)
    throw new InvalidTokenError('expired, or issued in the future', { mayBeMended: true });
  return { ...claims, iat, exp };
};

/** @throws InvalidTokenError */
export const jsonIn = (part: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    if (value !== null && typeof value === 'object') return { ...value };
  } catch {}
  throw new InvalidTokenError('not a JWT');
};
