import { sign } from 'node:crypto';
import type { SigningKeys } from '@rookery/runtime/signing-keys';
import { issuer, operationDigest, tokenType } from '@rookery/subgraph-auth';
import type { JSONWebKeySet, JWK } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Session } from './authenticate.ts';
import { base64url, SharedSignature } from './shared-signature.ts';

/** For whom a token is signed. */
export interface TokenSubject {
  readonly viewer: string | null;
  readonly session?: Session | undefined;
}

/** Life of a token, in seconds: longer than any request, short enough that a captured one is soon worthless. */
const lifetimeS = 60;
/** A token is sent with requests for as long; what is left of its life is for the request itself. */
const reuseForMs = 20_000;
/**
 * A new key is published for as long before it signs: other gateways read the same file a little later, and a verifier
 * that has just fetched the keys does not fetch them again at once.
 */
const publishedBeforeMs = 10_000;
/** A key that was taken out is published for as long: tokens that it signed may still be on their way. */
const retiredForMs = publishedBeforeMs + 2 * lifetimeS * 1_000;
/** Tokens that are kept for reuse. */
const cacheSize = 20_000;

/**
 * Signs what the gateway vouches for in a request to a subgraph: for whom it asks. Each token is a JWT (EdDSA) for one
 * subgraph, so that no subgraph can use what it received at another; the token of a mutation holds for its body alone, even if
 * it shares its signature with others.
 * Signed with node:crypto because it is synchronous: the way to the first fetch must not wait for other work.
 */
export class InternalTokens {
  readonly #keys: { readonly current: SigningKeys };
  readonly #reusable = new LRUCache<string, string>({ max: cacheSize, ttl: reuseForMs });
  /** Public keys that were in force, by id, and until when they are published, in milliseconds since the epoch. */
  readonly #retired = new Map<string | undefined, { readonly jwk: JWK; readonly until: number }>();
  /** By subgraph, the signature for mutations that are about to be sent. */
  readonly #shared = new Map<string, SharedSignature>();
  #last: SigningKeys;
  #signs: SigningKeys['signs'];
  /** When the first key of `#last` begins to sign, in milliseconds since the epoch. */
  #signsFrom = 0;

  constructor(keys: { readonly current: SigningKeys }) {
    this.#keys = keys;
    this.#last = keys.current;
    this.#signs = keys.current.signs;
  }

  /** The public keys by which subgraphs verify tokens (RFC 7517). */
  get keySet(): JSONWebKeySet {
    this.#rotate();
    const { keys } = this.#last.published;
    const current = new Set(keys.map(({ kid }) => kid));
    for (const [kid, { until }] of this.#retired) {
      if (until < Date.now() || current.has(kid)) this.#retired.delete(kid);
    }
    return { keys: [...keys, ...[...this.#retired.values()].map(({ jwk }) => jwk)] };
  }

  /** Publishes changed keys, and signs with the first of them as soon as every verifier can have fetched it. */
  #rotate(): SigningKeys['signs'] {
    const { current } = this.#keys;
    if (current !== this.#last) {
      const until = Date.now() + retiredForMs;
      for (const jwk of this.#last.published.keys) this.#retired.set(jwk.kid, { jwk, until });
      this.#last = current;
      this.#signsFrom = Date.now() + publishedBeforeMs;
    }
    if (this.#signs !== this.#last.signs && Date.now() >= this.#signsFrom) this.#signs = this.#last.signs;
    return this.#signs;
  }

  /**
   * Returns a token for queries and subscriptions, the same one for some seconds.
   * @param audience name of the subgraph
   */
  forReads(audience: string, subject: TokenSubject): string {
    const { kid } = this.#rotate();
    const key = `${kid} ${audience} ${identityOf(subject)}`;
    const known = this.#reusable.get(key);
    if (known !== undefined) return known;
    const token = this.#sign(audience, claimsOf(subject));
    this.#reusable.set(key, token);
    return token;
  }

  /** Returns a token that holds for one mutation: for this request body and no other. */
  forMutation(audience: string, subject: TokenSubject, body: string): string {
    return this.#sign(audience, boundClaims(subject, body));
  }

  /**
   * Returns a function that returns a token for one mutation, to be called when it is sent: mutations that are asked for before
   * that share a signature. Only for a subgraph that takes such tokens.
   */
  forMutations(audience: string, subject: TokenSubject, body: string): () => string {
    const known = this.#shared.get(audience);
    const shared = known?.takesMore
      ? known
      : new SharedSignature((claims, type) => this.#sign(audience, claims, type));
    if (shared !== known) this.#shared.set(audience, shared);
    return shared.add(boundClaims(subject, body));
  }

  #sign(audience: string, claims: object, typ = tokenType): string {
    const { key, kid } = this.#rotate();
    const iat = Math.floor(Date.now() / 1_000);
    const times = { iat, exp: iat + lifetimeS };
    const text = `${base64url({ alg: 'EdDSA', kid, typ })}.${base64url({ iss: issuer, aud: audience, ...times, ...claims })}`;
    return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`;
  }
}

/** Returns the claims about the subject of a token. */
const claimsOf = ({ viewer, session }: TokenSubject): object => ({
  ...(viewer === null ? {} : { sub: viewer }),
  ...(session && {
    scope: [...session.scopes].join(' '),
    roles: [...session.entitlements],
    session: { id: session.id ?? null, issuedAt: session.issuedAt, expiresAt: session.expiresAt },
  }),
});

const boundClaims = (subject: TokenSubject, body: string): object => ({
  ...claimsOf(subject),
  op: operationDigest(body),
});

/** Returns a key that is equal for two sessions whose tokens grant the same scopes and roles. */
export const rightsOf = (session: Session | undefined): string =>
  session === undefined || session.scopes.size + session.entitlements.size === 0
    ? ''
    : JSON.stringify([[...session.scopes].sort(), [...session.entitlements].sort()]);

/** Identities of sessions, which serve many requests. */
const identities = new WeakMap<Session, string>();

const identityOfSession = (session: Session): string => {
  const known = identities.get(session);
  if (known !== undefined) return known;
  const made = `${session.id ?? ''} ${session.issuedAt} ${session.expiresAt} ${rightsOf(session)}`;
  identities.set(session, made);
  return made;
};

/** Returns a key that is equal for two subjects whom a subgraph must answer alike. */
export const identityOf = ({ viewer, session }: TokenSubject): string =>
  `${viewer ?? ''} ${session === undefined ? '' : identityOfSession(session)}`;
