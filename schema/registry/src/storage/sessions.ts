import { createHash, randomBytes } from 'node:crypto';
import type { Database } from './database.ts';
import type { TokenHolder } from './tokens.ts';

/** Seconds for which somebody stays signed in to the page. */
export const sessionSeconds = 12 * 3_600;

const pattern = /^[\w-]{43}$/;
const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Signs the holder of a token in. Returns the secret of the session, which only its hash is stored of. */
export const createSession = async (database: Database, { id }: TokenHolder): Promise<string> => {
  const secret = randomBytes(32).toString('base64url');
  await database.query(
    `with ended as (delete from registry.page_sessions where expires_at < now())
     insert into registry.page_sessions (secret_hash, token_id, expires_at)
     values ($1, $2, now() + interval '${sessionSeconds} seconds')`,
    [hashOf(secret), id],
  );
  return secret;
};

/** Returns whose session it is; undefined if it ended, or if its token did. */
export const readSession = async (
  database: Database,
  secret: string | undefined,
): Promise<TokenHolder | undefined> => {
  if (secret === undefined || !pattern.test(secret)) return undefined;
  const [holder] = await database.query<{ id: string; name: string }>(
    `select id, name from registry.page_sessions join registry.tokens on id = token_id
     where page_sessions.secret_hash = $1 and page_sessions.expires_at > now() and 'read' = any(scopes)
       and revoked_at is null and (tokens.expires_at is null or tokens.expires_at > now())`,
    [hashOf(secret)],
  );
  return holder;
};

export const endSession = async (database: Database, secret: string): Promise<void> => {
  await database.query('delete from registry.page_sessions where secret_hash = $1', [hashOf(secret)]);
};
