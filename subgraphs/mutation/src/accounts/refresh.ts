import { unauthenticated, unavailable } from '@rookery/graphql-server';
import type { Logger } from '@rookery/runtime';
import { refreshSessionInput } from '../commands/account.ts';
import { parseInput } from '../input.ts';
import type { CommandMetrics } from '../metrics.ts';
import type { Tokens } from '../tokens.ts';
import { issueSession, type Session, type SessionLifetimes } from './issue.ts';
import { hashOf, judge, newNonce, readRefreshToken, successorOf } from './refresh-tokens.ts';
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
  ({ sessions, tokens, lifetimes, metrics }: RefreshParts) =>
  async (raw: unknown, log: Logger): Promise<Session> => {
    const token = readRefreshToken(parseInput(refreshSessionInput, raw).refreshToken);
    if (token === undefined) throw unauthenticated();
    for (let looks = 0; looks < maxLooks; looks++) {
      const stored = await sessions.find(token.sid);
      const verdict = stored === undefined ? 'unknown' : judge(token, stored);
      if (stored === undefined || verdict === 'unknown') throw unauthenticated();
      if (verdict === 'reused') {
        const isEnded = await sessions.endReused(token.sid);
        if (isEnded) {
          metrics.countReuse();
          log.warn(
            { userId: stored.user.id, sid: token.sid },
            'a refresh token was used twice: its session is ended, because one of the users may be a thief',
          );
        }
        throw unauthenticated();
      }
      if (verdict === 'repeat' && stored.nonce)
        return issueSession(tokens, successorOf(token, stored.nonce), stored, stored.user);
      const nonce = newNonce();
      const next = successorOf(token, nonce);
      const rotated = await sessions.rotate({
        sid: token.sid,
        from: hashOf(token.own),
        to: hashOf(next.own),
        nonce,
        idleSeconds: lifetimes.idleSeconds,
      });
      if (rotated) return issueSession(tokens, next, rotated, stored.user);
    }
    throw unavailable();
  };
