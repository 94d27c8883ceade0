import { badInput, conflict, forbidden, RookeryError, viewerOf } from '@rookery/graphql-server';
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
import { parseInput } from '../input.ts';
import type { CommandMetrics } from '../metrics.ts';
import { receipt } from '../models.ts';
import type { Tokens } from '../tokens.ts';
import { traceOf } from '../trace.ts';
import { createChangeHandle, type HandleChange } from './change-handle.ts';
import type { HandleTable } from './handle-table.ts';
import { readHandle, skeleton } from './handles.ts';
import { issueSession, newSession, type Session } from './issue.ts';
import { publishFromOutbox } from './outbox.ts';
import type { Passwords } from './passwords.ts';
import { createRefresh } from './refresh.ts';
import type { SessionLifetimes } from './session-rows.ts';
import type { SessionTable } from './sessions.ts';
import type { AccountTable } from './table.ts';

/** Accounts and their sessions. All of it needs Postgres. */
export interface Accounts {
  /** @throws RookeryError CONFLICT if the handle is taken */
  signUp(input: unknown, context: SubgraphContext): Promise<Session>;
  /**
   * @throws RookeryError UNAUTHENTICATED, the same for a wrong password and for a handle that nobody has; FORBIDDEN
   *   if the account is suspended
   */
  logIn(input: unknown, context: SubgraphContext): Promise<Session>;
  /**
   * Uses up a refresh token and goes on with its session.
   * @throws RookeryError UNAUTHENTICATED, the same for every token that is of no use; SERVICE_UNAVAILABLE if Postgres
   *   does not answer, after which the same token can be sent again
   */
  refreshSession(input: unknown, context: SubgraphContext): Promise<Session>;
  /** Ends the session that asks. Always true. */
  logOut(context: SubgraphContext): Promise<boolean>;
  /** Ends all sessions and begins a new one. @throws RookeryError BAD_USER_INPUT if the current one is wrong */
  changePassword(input: unknown, context: SubgraphContext): Promise<Session>;
  /** @throws RookeryError CONFLICT, BAD_USER_INPUT, RATE_LIMITED */
  changeHandle(input: unknown, context: SubgraphContext): Promise<HandleChange>;
}

export interface AccountParts {
  readonly table: AccountTable;
  readonly sessions: SessionTable;
  readonly handles: HandleTable;
  readonly queue: Pick<Queue, 'publish' | 'ping'>;
  readonly passwords: Passwords;
  readonly tokens: Tokens;
  readonly lifetimes: SessionLifetimes;
  readonly clock: Clock;
  readonly metrics: CommandMetrics;
}

const wrongPassword = () => new RookeryError('UNAUTHENTICATED', 'Wrong handle or password.');

export const createAccounts = ({
  table,
  sessions,
  handles,
  queue,
  passwords,
  tokens,
  lifetimes,
  clock,
  metrics,
}: AccountParts): Accounts => {
  const publish = publishFromOutbox(table, queue, metrics);
  const changeHandle = createChangeHandle({ handles, publish, clock });
  const refresh = createRefresh({ sessions, tokens, lifetimes, metrics });

  const signUp: Accounts['signUp'] = async (raw, context) => {
    const { handle: text, name, password } = parseInput(signUpInput, raw);
    const claim = readHandle(text);
    // Both are checked now: a taken handle costs no hash, and if the queue is down nothing has been stored
    // yet.
    const [taken] = await Promise.all([table.isTaken(claim), publish.mustAnswer()]);
    const fact = decideSignUp(claim, taken, name);
    const passwordHash = await passwords.hash(password);

    const id = newId();
    const { handle } = fact.data;
    const joinedAt = clock(id);
    const event = writeEvent(
      makeEvent({ ...fact, id, subject: id, actor: id, time: joinedAt, ...traceOf(context) }),
    );
    const begun = newSession(lifetimes);
    const account = { id, handle, skeleton: skeleton(handle), passwordHash, joinedAt, event };
    const active = await table.insert(account, begun.session);
    if (active === undefined) throw handleTaken();
    crashPoint('after-commit');
    await publish.now(event, context.log);
    return issueSession(tokens, begun.refresh, active, account, receipt('SIGN_UP', event));
  };

  const logIn: Accounts['logIn'] = async (raw, context) => {
    const { handle: text, password } = parseInput(logInInput, raw);
    const { handle } = readHandle(text);
    const account = handle === undefined ? undefined : await table.byHandle(handle);
    const right = await passwords.matches(password, account?.passwordHash);
    if (!account || !right) throw wrongPassword();
    if (account.suspended) throw forbidden('This account is suspended.');
    const begun = newSession(lifetimes);
    const { id } = account;
    const fact = { name: 'rookery.user.signed-in', subject: id, actor: id, data: {} } as const;
    const event = writeEvent(makeEvent({ ...fact, id: newId(), time: clock(id), ...traceOf(context) }));
    const active = await sessions.begin(id, account.passwordHash, begun.session, event);
    if (active === undefined) throw wrongPassword();
    // Not awaited: people can log in while the queue is down. The sweep publishes what this does not.
    void publish.now(event, context.log);
    return issueSession(tokens, begun.refresh, active, account);
  };

  const logOut: Accounts['logOut'] = async (context) => {
    const viewer = viewerOf(context);
    const { session: asking } = context;
    if (asking?.id) await sessions.logOut(asking.id, viewer, asking.expiresAt);
    else await sessions.logOutEverywhere(viewer);
    return true;
  };

  const changePassword: Accounts['changePassword'] = async (raw, context) => {
    const viewer = viewerOf(context);
    const { currentPassword, newPassword } = parseInput(changePasswordInput, raw);
    const account = await table.byId(viewer);
    const right = await passwords.matches(currentPassword, account?.passwordHash);
    if (!account || !right)
      throw badInput('currentPassword', 'currentPassword: is not the one of this account.');
    const hash = await passwords.hash(newPassword);
    const begun = newSession(lifetimes);
    const active = await sessions.changePassword(account.id, account.passwordHash, hash, begun.session);
    if (active === undefined) throw conflict('The password was changed meanwhile.');
    return issueSession(tokens, begun.refresh, active, account);
  };

  return {
    signUp: (raw, context) => metrics.count('SIGN_UP', () => signUp(raw, context)),
    logIn: (raw, context) => metrics.count('LOG_IN', () => logIn(raw, context)),
    refreshSession: (raw, { log }) => metrics.count('REFRESH_SESSION', () => refresh(raw, log)),
    logOut: (context) => metrics.count('LOG_OUT', () => logOut(context)),
    changePassword: (raw, context) => metrics.count('CHANGE_PASSWORD', () => changePassword(raw, context)),
    changeHandle: (raw, context) => metrics.count('CHANGE_HANDLE', () => changeHandle(raw, context)),
  };
};
