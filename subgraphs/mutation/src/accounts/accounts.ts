import { makeEvent, writeEvent } from '@rookery/schema/events';
import { crashPoint, newId, RookeryError, type SubgraphContext, unavailable } from '@rookery/service';
import type { Queue } from '@rookery/stores/queue';
import type { Clock } from '../clock.ts';
import { decideSignUp, handleTaken, logInInput, signUpInput } from '../commands/account.ts';
import { readAfter } from '../context.ts';
import { parseInput } from '../input.ts';
import type { CommandMetrics } from '../metrics.ts';
import { type Receipt, receipt, type UserRef } from '../models.ts';
import type { Tokens } from '../tokens.ts';
import { traceOf } from '../trace.ts';
import { readHandle, skeleton } from './handles.ts';
import type { Passwords } from './passwords.ts';
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

/** What can be done without being signed in. Both need Postgres. */
export interface Accounts {
  /** @throws RookeryError CONFLICT where the handle is taken */
  signUp(input: unknown, context: SubgraphContext): Promise<Session>;
  /** @throws RookeryError UNAUTHENTICATED, the same for a wrong password and for a handle that nobody has */
  logIn(input: unknown): Promise<Session>;
}

export interface AccountParts {
  readonly table: AccountTable;
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
  queue,
  passwords,
  tokens,
  clock,
  metrics,
}: AccountParts): Accounts => {
  const session = async (
    { id, handle, joinedAt }: Omit<Account, 'passwordHash'>,
    activity: Receipt | null,
  ): Promise<Session> => ({ ...(await tokens.issue(id)), user: { id, handle, joinedAt }, activity });

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
    const isNew = await table.insert({
      id,
      handle,
      skeleton: skeleton(handle),
      passwordHash,
      joinedAt,
      event,
    });
    if (!isNew) throw handleTaken();
    crashPoint('after-commit');

    try {
      await metrics.timePublish(() => queue.publish(event));
      await table.published([id]);
    } catch (error) {
      // The account and its event are safe in Postgres: the sign-up holds, and the sweep publishes it.
      context.log.warn({ error, userId: id }, 'left a sign-up to the sweep');
    }
    readAfter(context, id);
    return session({ id, handle, joinedAt }, receipt('SIGN_UP', event));
  };

  const logIn: Accounts['logIn'] = async (raw) => {
    const { handle: text, password } = parseInput(logInInput, raw);
    const { handle } = readHandle(text);
    const account = handle === undefined ? undefined : await table.byHandle(handle);
    const right = await passwords.matches(password, account?.passwordHash);
    if (!account || !right) throw new RookeryError('UNAUTHENTICATED', 'Wrong handle or password.');
    return session(account, null);
  };

  return {
    signUp: (raw, context) => metrics.count('SIGN_UP', () => signUp(raw, context)),
    logIn: (raw) => metrics.count('LOG_IN', () => logIn(raw)),
  };
};
