import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConfigError, newId } from '@rookery/service';
import { calculateJwkThumbprint, exportJWK, type JSONWebKeySet, SignJWT } from 'jose';

export interface Tokens {
  /**
   * A session token for this user: a JWT (RFC 7519), signed by Ed25519 (RFC 8037).
   * @param at from when on it counts, in milliseconds since the epoch, by the clock by which sessions are revoked
   */
  issue(userId: string, at: number): Promise<{ token: string; expiresAt: string }>;
  /** The public keys by which tokens are checked (RFC 7517). */
  readonly keys: JSONWebKeySet;
}

export interface TokenOptions {
  /** PKCS 8, PEM. */
  readonly keyFile: string;
  readonly issuer: string;
  readonly audience: string;
  /** Life of a token, in seconds. */
  readonly ttl: number;
}

const isThere = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EEXIST';

/**
 * Makes the key, for its owner's eyes alone, where there is none. It comes to be whole or not at all, and when
 * replicas start together the first one's is everybody's: `link` never replaces a file.
 */
const makeKeyFile = async (file: string): Promise<void> => {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  const own = `${file}.${newId()}`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(own, pem, { mode: 0o600, flag: 'wx', flush: true });
    await link(own, file);
  } catch (error) {
    if (!isThere(error)) throw error;
  } finally {
    await rm(own, { force: true });
  }
};

const readKey = async (file: string): Promise<KeyObject> => {
  const pem = await readFile(file).catch(async (error) => {
    if (error.code !== 'ENOENT') throw new ConfigError(`TOKEN_KEY_FILE can't be read: ${error.code}`);
    await makeKeyFile(file);
    return readFile(file);
  });
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Falls through to the one answer: what is in the file stays out of the message.
  }
  throw new ConfigError('TOKEN_KEY_FILE is wrong: not an Ed25519 private key in PKCS 8, PEM');
};

/** @throws ConfigError where the key file holds something else or can't be read */
export const openTokens = async ({ keyFile, issuer, audience, ttl }: TokenOptions): Promise<Tokens> => {
  const key = await readKey(keyFile);
  const publicKey = await exportJWK(createPublicKey(key));
  const kid = await calculateJwkThumbprint(publicKey);
  return {
    keys: { keys: [{ ...publicKey, kid, alg: 'EdDSA', use: 'sig' }] },
    issue: async (userId, at) => {
      const end = Math.floor(at / 1_000) + ttl;
      const token = await new SignJWT({ sid: newId() })
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
  };
};
