import {
  badInput,
  conflict,
  forbidden,
  RookeryError,
  unauthenticated,
  unavailable,
} from '@rookery/graphql-server';
import type { SubgraphContext } from '@rookery/graphql-server/subgraph';
import type { Queue } from '@rookery/message-queue';
import { crashPoint, newId } from '@rookery/runtime';
import { makeEvent, writeEvent } from '@rookery/schema/events';
import type { Clock } from '../clock.ts';
import {
  changePasswordInput,
  decideSignUp,
  handleTaken,
  logInInput,
  signUpInput,
} from '../commands/account.ts';
import { readAfter } from '../context.ts';
import { parseInput } from '../input.ts';
import type { CommandMetrics } from '../metrics.ts';
import { type Receipt, receipt, type UserRef } from '../models.ts';
import type { Tokens } from '../tokens.ts';
import { traceOf } from '../trace.ts';
import { readHandle, skeleton } from './handles.ts';
import type { Passwords } from './passwords.ts';
import type { SessionTable } from './sessions.ts';
import type { Account, AccountTable } from './table.ts';

/** A signed-in user, with the token that says so. */
export interface Session {
  readonly token: string;
  /** ISO 8601 instant. */
  readonly expiresAt: string;
  readonly user: UserRef;
  /** Of the sign-up; null where there was none. */
  readonly activity: Receipt | null;
}

/** Who may come in, and until when. All of it needs Postgres. */
export interface Accounts {
  /** @throws RookeryError CONFLICT where the handle is taken */
  signUp(input: unknown, context: SubgraphContext): Promise<Session>;
  /**
   * @throws RookeryError UNAUTHENTICATED, the same for a wrong password and for a handle that nobody has; FORBIDDEN
   *   where the account is suspended
   */
  logIn(input: unknown): Promise<Session>;
  /** Ends the session that asks. Always true. */
  logOut(context: SubgraphContext): Promise<boolean>;
  /** Ends all sessions and begins a new one. @throws RookeryError BAD_USER_INPUT where the current one is wrong */
  changePassword(input: unknown, context: SubgraphContext): Promise<Session>;
}

export interface AccountParts {
  readonly table: AccountTable;
  readonly sessions: SessionTable;
  readonly queue: Pick<Queue, 'publish' | 'ping'>;
  readonly passwords: Passwords;
  readonly tokens: Tokens;
  readonly clock: Clock;
  readonly metrics: CommandMetrics;
}

const mustAnswer = (queue: Pick<Queue, 'ping'>): Promise<void> =>
  queue.ping().catch(() => {
    throw unavailable();
  });

export const createAccounts = ({
  table,
  sessions,
  queue,
  passwords,
  tokens,
  clock,
  metrics,
}: AccountParts): Accounts => {
  const session = async (
    { id, handle, joinedAt }: Omit<Account, 'passwordHash'>,
    activity: Receipt | null,
    at: number,
  ): Promise<Session> => ({ ...(await tokens.issue(id, at)), user: { id, handle, joinedAt }, activity });

  const signUp: Accounts['signUp'] = async (raw, context) => {
    const { handle: text, name, password } = parseInput(signUpInput, raw);
    const claim = readHandle(text);
    // Both now: a handle that is taken costs no hash, and with the queue away nothing has been done yet.
    const [taken] = await Promise.all([table.isTaken(claim), mustAnswer(queue)]);
    const fact = decideSignUp(claim, taken, name);
    const passwordHash = await passwords.hash(password);

    const id = newId();
    const { handle } = fact.data;
    const joinedAt = clock(id);
    const event = writeEvent(
      makeEvent({ ...fact, id, subject: id, actor: id, time: joinedAt, ...traceOf(context) }),
    );
    const at = await table.insert({
      id,
      handle,
      skeleton: skeleton(handle),
      passwordHash,
      joinedAt,
      event,
    });
    if (at === undefined) throw handleTaken();
    crashPoint('after-commit');

    try {
      await metrics.timePublish(() => queue.publish(event));
      await table.published([id]);
    } catch (error) {
      // The account and its event are safe in Postgres: the sign-up holds, and the sweep publishes it.
      context.log.warn({ error, userId: id }, 'left a sign-up to the sweep');
    }
    readAfter(context, id);
    return session({ id, handle, joinedAt }, receipt('SIGN_UP', event), at);
  };

  const logIn: Accounts['logIn'] = async (raw) => {
    const { handle: text, password } = parseInput(logInInput, raw);
    const { handle } = readHandle(text);
    const account = handle === undefined ? undefined : await table.byHandle(handle);
    const right = await passwords.matches(password, account?.passwordHash);
    if (!account || !right) throw new RookeryError('UNAUTHENTICATED', 'Wrong handle or password.');
    if (account.suspended) throw forbidden('This account is suspended.');
    return session(account, null, account.readAt);
  };

  const logOut: Accounts['logOut'] = async ({ viewer, session: asking }) => {
    if (viewer === null) throw unauthenticated();
    if (asking?.id) await sessions.logOut(asking.id, asking.expiresAt);
    else await sessions.logOutEverywhere(viewer);
    return true;
  };

  const changePassword: Accounts['changePassword'] = async (raw, { viewer }) => {
    if (viewer === null) throw unauthenticated();
    const { currentPassword, newPassword } = parseInput(changePasswordInput, raw);
    const account = await table.byId(viewer);
    const right = await passwords.matches(currentPassword, account?.passwordHash);
    if (!account || !right)
      throw badInput('currentPassword', 'currentPassword: is not the one of this account.');
    const hash = await passwords.hash(newPassword);
    const at = await sessions.changePassword(account.id, account.passwordHash, hash);
    if (at === undefined) throw conflict('The password was changed meanwhile.');
    return session(account, null, at);
  };

  return {
    signUp: (raw, context) => metrics.count('SIGN_UP', () => signUp(raw, context)),
    logIn: (raw) => metrics.count('LOG_IN', () => logIn(raw)),
    logOut: (context) => metrics.count('LOG_OUT', () => logOut(context)),
    changePassword: (raw, context) => metrics.count('CHANGE_PASSWORD', () => changePassword(raw, context)),
  };
};
