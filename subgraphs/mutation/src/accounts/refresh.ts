import { unauthenticated, unavailable } from '@rookery/graphql-server';
import type { Logger } from '@rookery/runtime';
import { refreshSessionInput } from '../commands/account.ts';
import { parseInput } from '../input.ts';
import type { CommandMetrics } from '../metrics.ts';
import type { Tokens } from '../tokens.ts';
import { issueSession, type Session } from './issue.ts';
import {
  hashOf,
  judge,
  newNonce,
  type RefreshToken,
  readRefreshToken,
  successorOf,
} from './refresh-tokens.ts';
import type { SessionLifetimes, StoredSession } from './session-rows.ts';
import type { SessionTable } from './sessions.ts';

export interface RefreshParts {
  readonly sessions: Pick<SessionTable, 'find' | 'rotate' | 'endReused'>;
  readonly tokens: Tokens;
  readonly lifetimes: SessionLifetimes;
  readonly metrics: Pick<CommandMetrics, 'countReuse'>;
}

/** Looks at a session: once, and again if another replica has used the token up in between. */
const maxLooks = 2;

/**
 * Returns the function that uses up a refresh token and goes on with its session.
 *
 * No transaction spans its statements, so a rotation holds no lock while this process waits. The update succeeds only
 * if the token is still current: of several requests with one token, one rotates, and the others find it used up within
 * the grace period and derive the same successor.
 */
export const createRefresh =
  (parts: RefreshParts) =>
  async (raw: unknown, log: Logger): Promise<Session> => {
    const token = readRefreshToken(parseInput(refreshSessionInput, raw).refreshToken);
    if (token === undefined) throw unauthenticated();
    for (let looks = 0; looks < maxLooks; looks++) {
      const session = await tryRefresh(parts, token, log);
      if (session !== undefined) return session;
    }
    throw unavailable();
  };

/**
 * Returns undefined if another replica has used the token up since it was read.
 * @throws RookeryError UNAUTHENTICATED
 */
const tryRefresh = async (
  parts: RefreshParts,
  token: RefreshToken,
  log: Logger,
): Promise<Session | undefined> => {
  const stored = await parts.sessions.find(token.sid);
  if (stored === undefined) throw unauthenticated();
  const verdict = judge(token, stored);
  if (verdict === 'unknown') throw unauthenticated();
  if (verdict === 'reused') {
    await endReused(parts, token, stored, log);
    throw unauthenticated();
  }
  if (verdict === 'repeat' && stored.nonce)
    return issueSession(parts.tokens, successorOf(token, stored.nonce), stored, stored.user);
  return rotate(parts, token, stored);
};

/** Ends the session of a token that was used twice, and reports it once. */
const endReused = async (
  { sessions, metrics }: RefreshParts,
  { sid }: RefreshToken,
  { user }: StoredSession,
  log: Logger,
): Promise<void> => {
  if (!(await sessions.endReused(sid))) return;
  metrics.countReuse();
  log.warn(
    { userId: user.id, sid },
    'a refresh token was used twice: its session is ended, because one of the users may be a thief',
  );
};

const rotate = async (
  { sessions, tokens, lifetimes }: RefreshParts,
  token: RefreshToken,
  { user }: StoredSession,
): Promise<Session | undefined> => {
  const nonce = newNonce();
  const next = successorOf(token, nonce);
  const rotated = await sessions.rotate({
    sid: token.sid,
    from: hashOf(token.own),
    to: hashOf(next.own),
    nonce,
    idleSeconds: lifetimes.idleSeconds,
  });
  return rotated && issueSession(tokens, next, rotated, user);
};
