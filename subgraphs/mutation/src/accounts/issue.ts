import { newId } from '@rookery/runtime';
import type { Receipt, UserRef } from '../models.ts';
import type { Tokens } from '../tokens.ts';
import { hashOf, newRefreshToken, type RefreshToken, writeRefreshToken } from './refresh-tokens.ts';
import type { ActiveSession, NewSession, SessionLifetimes } from './session-rows.ts';

/** A signed-in user, with the tokens that prove it. */
export interface Session {
  /** Access token. */
  readonly token: string;
  /** ISO 8601 instant. */
  readonly expiresAt: string;
  readonly refreshToken: string;
  /** ISO 8601 instant. */
  readonly refreshExpiresAt: string;
  readonly user: UserRef;
  /** Activity of the sign-up; null after a log-in. */
  readonly activity: Receipt | null;
}

/** Returns a session to be stored, and its first refresh token, which is not. */
export const newSession = (
  lifetimes: SessionLifetimes,
): { readonly session: NewSession; readonly refresh: RefreshToken } => {
  const refresh = newRefreshToken(newId());
  const { sid, shared, own } = refresh;
  return {
    session: { sid, sharedHash: hashOf(shared), currentHash: hashOf(own), ...lifetimes },
    refresh,
  };
};

/** Returns the session as its client gets it, with a new access token. */
export const issueSession = async (
  tokens: Tokens,
  refresh: RefreshToken,
  { at, refreshExpiresAt }: ActiveSession,
  { id, handle, joinedAt, scopes }: UserRef,
  activity: Receipt | null = null,
): Promise<Session> => ({
  ...(await tokens.issue(id, refresh.sid, at, scopes)),
  refreshToken: writeRefreshToken(refresh),
  refreshExpiresAt,
  user: { id, ...(handle && { handle }), ...(joinedAt && { joinedAt }) },
  activity,
});
