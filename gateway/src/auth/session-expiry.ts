import type { Session } from './authenticate.ts';

/** Node's timers hold no more, in milliseconds: some 24 days. */
const longestTimer = 2 ** 31 - 1;

/** Calls back once the session's token has expired. Returns what ends the wait. */
export const whenExpired = (session: Session | undefined, expired: () => void): (() => void) => {
  if (session === undefined) return () => {};
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const left = session.expiresAt - Date.now();
    if (left <= 0) expired();
    else timer = setTimeout(wait, Math.min(left, longestTimer));
  };
  wait();
  return () => clearTimeout(timer);
};
