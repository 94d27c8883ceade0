import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { RegistryError } from '../errors.ts';
import type { Database, Queryable } from './database.ts';

export const scopes = ['publish', 'check', 'read', 'report'] as const;
export type Scope = (typeof scopes)[number];

/** Owner of a token, for the audit log. */
export interface TokenHolder {
  readonly id: string;
  readonly name: string;
}

export interface Token extends TokenHolder {
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
}

const pattern = /^rkr_([\da-f]{16})_([\w-]{43})$/;

/** The secret is random, so that a plain hash of it tells nothing. */
const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

const columns = `id, name, scopes,
  to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "createdAt",
  to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "expiresAt",
  to_char(revoked_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "revokedAt"`;

export interface NewToken {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Undefined: it does not expire. */
  readonly ttlDays?: number | undefined;
  /** Text to store; default: a new random one. */
  readonly text?: string | undefined;
}

const newTokenText = (): string =>
  `rkr_${randomBytes(8).toString('hex')}_${randomBytes(32).toString('base64url')}`;

/** Creates a token and returns its text, which only its hash is stored of. @throws RegistryError if `text` is no token */
export const createToken = async (
  client: Queryable,
  { name, scopes: granted, ttlDays, text = newTokenText() }: NewToken,
): Promise<string> => {
  const [, id, secret] = pattern.exec(text) ?? [];
  if (id === undefined || secret === undefined)
    throw new RegistryError('BAD_USER_INPUT', 'The text is no token of a registry.');
  await client.query(
    `insert into registry.tokens (id, secret_hash, name, scopes, expires_at)
     values ($1, $2, $3, $4, now() + make_interval(days => $5)) on conflict (id) do nothing`,
    [id, hashOf(secret), name, granted, ttlDays ?? null],
  );
  return text;
};

export const listTokens = (database: Database): Promise<Token[]> =>
  database.query<Token>(`select ${columns} from registry.tokens order by created_at, id`);

/** @throws RegistryError NOT_FOUND */
export const revokeToken = async (database: Database, id: string): Promise<void> => {
  const revoked = await database.query(
    'update registry.tokens set revoked_at = coalesce(revoked_at, now()) where id = $1 returning id',
    [id],
  );
  if (revoked.length === 0) throw new RegistryError('NOT_FOUND', `There is no token ${id}.`);
};

interface StoredToken extends TokenHolder {
  readonly secretHash: Buffer;
  readonly scopes: readonly Scope[];
  readonly readAt: number;
}

/** A revoked token ends within this time. */
const freshMs = 2_000;
/** While Postgres is down, tokens that were valid stay so for gateways, which need nothing else to go on. */
const staleMs = 3_600_000;
const staleScopes: ReadonlySet<Scope> = new Set<Scope>(['read', 'report']);

const unauthenticated = () =>
  new RegistryError('UNAUTHENTICATED', 'Send a valid token of the registry as `Authorization: Bearer …`.');

/** Verifies the tokens of requests. */
export class TokenVerifier {
  readonly #database: Database;
  readonly #known = new LRUCache<string, StoredToken>({ max: 10_000 });

  constructor(database: Database) {
    this.#database = database;
  }

  /** @throws RegistryError UNAUTHENTICATED, FORBIDDEN or SERVICE_UNAVAILABLE */
  async verify(authorization: string | undefined, scope: Scope | readonly Scope[]): Promise<TokenHolder> {
    const needed = typeof scope === 'string' ? [scope] : scope;
    const [, id, secret] = pattern.exec(authorization?.replace(/^Bearer /i, '') ?? '') ?? [];
    if (id === undefined || secret === undefined) throw unauthenticated();
    const known = await this.#find(id, needed);
    if (known === undefined || !timingSafeEqual(known.secretHash, hashOf(secret))) throw unauthenticated();
    if (!needed.some((one) => known.scopes.includes(one)))
      throw new RegistryError('FORBIDDEN', `The token ${known.name} lacks the scope ${needed.join(' or ')}.`);
    return { id, name: known.name };
  }

  async #find(id: string, needed: readonly Scope[]): Promise<StoredToken | undefined> {
    const known = this.#known.get(id);
    const ageMs = known === undefined ? Number.POSITIVE_INFINITY : performance.now() - known.readAt;
    if (ageMs < freshMs) return known;
    try {
      return await this.#read(id);
    } catch (error) {
      const mayBeStale = needed.some((one) => staleScopes.has(one)) && ageMs < staleMs;
      if (mayBeStale && error instanceof RegistryError) return known;
      throw error;
    }
  }

  async #read(id: string): Promise<StoredToken | undefined> {
    const [row] = await this.#database.query<{ name: string; scopes: Scope[]; secretHash: Buffer }>(
      `select name, scopes, secret_hash as "secretHash" from registry.tokens
       where id = $1 and revoked_at is null and (expires_at is null or expires_at > now())`,
      [id],
    );
    if (row === undefined) {
      this.#known.delete(id);
      return undefined;
    }
    const known = { ...row, id, readAt: performance.now() };
    this.#known.set(id, known);
    return known;
  }
}
