import { type Logger, newId } from '@rookery/runtime';
import { openSigningKeys } from '@rookery/runtime/signing-keys';
import { type JSONWebKeySet, SignJWT } from 'jose';

export interface Tokens extends Disposable {
  /**
   * Returns an access token of this user's session: a JWT (RFC 7519), signed by Ed25519 (RFC 8037).
   * @param sid id of the session, by which it is revoked
   * @param scopes what operators have granted the user (`scope`, RFC 8693)
   * @param at start of its validity, in milliseconds since the epoch, by the clock by which sessions are revoked
   */
  issue(
    userId: string,
    sid: string,
    at: number,
    scopes?: readonly string[],
  ): Promise<{ token: string; expiresAt: string }>;
  /** The public keys by which tokens are checked now (RFC 7517). */
  keySet(): JSONWebKeySet;
}

export interface TokenOptions {
  /** PKCS 8, PEM. The first signs, all are published; read again when they change. */
  readonly keyFiles: readonly string[];
  readonly issuer: string;
  readonly audience: string;
  /** Life of a token, in seconds. */
  readonly ttlSeconds: number;
  readonly log: Logger;
}

/** @throws ConfigError if a key file is unreadable or invalid */
export const openTokens = async ({
  keyFiles,
  issuer,
  audience,
  ttlSeconds,
  log,
}: TokenOptions): Promise<Tokens> => {
  const keys = await openSigningKeys({ files: keyFiles, setting: 'TOKEN_KEY_FILE', log });
  return {
    keySet: () => keys.current.published,
    issue: async (userId, sid, at, scopes = []) => {
      const { key, kid } = keys.current.signs;
      const end = Math.floor(at / 1_000) + ttlSeconds;
      const token = await new SignJWT({ sid, ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }) })
        .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'JWT' })
        .setSubject(userId)
        .setIssuer(issuer)
        .setAudience(audience)
        // With its milliseconds (NumericDate, RFC 7519): a second holds both what is revoked and what comes after.
        .setIssuedAt(at / 1_000)
        .setExpirationTime(end)
        .setJti(newId())
        .sign(key);
      return { token, expiresAt: new Date(end * 1_000).toISOString() };
    },
    [Symbol.dispose]: () => keys[Symbol.dispose](),
  };
};
