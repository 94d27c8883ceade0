import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** A refresh token, read. docs/adr/refresh-tokens.md explains its parts. */
export interface RefreshToken {
  /** The session that it refreshes; the access tokens name it as `sid`. */
  readonly sid: string;
  /** Secret of all refresh tokens of the session, by which a used-up one is told from a guess. */
  readonly shared: Buffer;
  /** Secret of this token. */
  readonly own: Buffer;
}

/** Stored state of the refresh tokens of a session: hashes, and a nonce that is worthless without a token. */
export interface StoredHashes {
  readonly sharedHash: Buffer;
  /** Hash of the only usable token. */
  readonly currentHash: Buffer;
  /** Hash of the token that was used last; null if none was. */
  readonly previousHash: Buffer | null;
  /** Derives the current token from the previous one. */
  readonly nonce: Buffer | null;
  /** True if the last rotation is so recent that its client may still be waiting for the response. */
  readonly isInGrace: boolean;
}

/** Bytes of a secret and of a nonce. */
const secretBytes = 32;

/** The prefix lets scanners of repositories and logs recognize a leaked token. */
const format = /^rookery_rt_([0-9a-f-]{36})\.([\w-]{43})\.([\w-]{43})$/;

export const newRefreshToken = (sid: string): RefreshToken => ({
  sid,
  shared: randomBytes(secretBytes),
  own: randomBytes(secretBytes),
});

export const newNonce = (): Buffer => randomBytes(secretBytes);

export const writeRefreshToken = ({ sid, shared, own }: RefreshToken): string =>
  `rookery_rt_${sid}.${shared.toString('base64url')}.${own.toString('base64url')}`;

/** Returns undefined if the text cannot be a refresh token. */
export const readRefreshToken = (text: string): RefreshToken | undefined => {
  const [, sid, shared = '', own = ''] = format.exec(text) ?? [];
  if (sid === undefined) return undefined;
  return { sid, shared: Buffer.from(shared, 'base64url'), own: Buffer.from(own, 'base64url') };
};

/** Returns the hash that is stored. The secrets are random, so that no slow hash is needed. */
export const hashOf = (secret: Buffer): Buffer => createHash('sha256').update(secret).digest();

/**
 * Returns the token that follows this one. Every replica derives the same from the stored nonce, although none stores a
 * token: a client that asks again because it lost the answer gets the same answer.
 */
export const successorOf = ({ sid, shared, own }: RefreshToken, nonce: Buffer): RefreshToken => ({
  sid,
  shared,
  own: createHmac('sha256', own).update(nonce).digest(),
});

/**
 * - `rotate`: the token is the current one.
 * - `repeat`: the token was just used up, and its successor has not been used.
 * - `reused`: the token was used up, and somebody uses it again.
 * - `unknown`: the token is none of this session's.
 */
export type Verdict = 'rotate' | 'repeat' | 'reused' | 'unknown';

/** Decides what a refresh token is good for. */
export const judge = (token: RefreshToken, stored: StoredHashes): Verdict => {
  if (!timingSafeEqual(hashOf(token.shared), stored.sharedHash)) return 'unknown';
  const { currentHash, previousHash, nonce, isInGrace } = stored;
  const presented = hashOf(token.own);
  if (timingSafeEqual(presented, currentHash)) return 'rotate';
  const isPrevious = previousHash !== null && timingSafeEqual(presented, previousHash);
  return isPrevious && isInGrace && nonce !== null ? 'repeat' : 'reused';
};
