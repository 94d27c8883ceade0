import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Action } from '../../support/model/actions.ts';
import type { Operation } from '../../support/model/reference-model.ts';
import type { Random } from '../random.ts';
import { perform, signUp } from './send.ts';
import type { Person, SharedWorld } from './world.ts';

/** Begins a new session, whose token has the scopes that the account has got meanwhile. */
const logInAgain = async (
  { client, referenceModel, signedUp }: SharedWorld,
  person: Person,
): Promise<Person | undefined> => {
  const operation = referenceModel.begin({
    ...{ actor: person.id, action: 'sign-in', subject: null, data: {}, key: null },
  });
  const requestId = randomUUID();
  operation.requests.push(requestId);
  const { data } = await client.ask<{ logIn: { token: string; activity: { id: string } | null } | null }>(
    'mutation ($input: LogInInput!) { logIn(input: $input) { token activity { id } } }',
    { input: { handle: person.handle, password: `${person.handle} password` } },
    { requestId },
  );
  const { token, activity = null } = data?.logIn ?? {};
  if (activity !== null) referenceModel.accepted(operation, activity.id);
  if (token === undefined) return undefined;
  const again = { ...person, token };
  signedUp.push(again);
  return again;
};

/** Signs up somebody who may moderate. @param grant gives an account the right to it */
export const signUpModerator = async (
  world: SharedWorld,
  handle: string,
  grant: (handle: string) => Promise<void>,
): Promise<Person | undefined> => {
  const person = await signUp(world, handle);
  if (!person) return undefined;
  await grant(handle);
  return logInAgain(world, person);
};

/** Posts that are still talked about. */
const recent = 30;

/** One moderator, so that the order of their commands decides. Each has a key: it is tried until it is answered. */
export const moderate = async (
  world: SharedWorld,
  moderator: Person,
  /** People who do nothing any more, since whoever is suspended is refused. */
  suspects: readonly Person[],
  random: Random,
  every: number,
): Promise<void> => {
  const hidden: string[] = [];
  const suspended: string[] = [];
  const reason = { reason: 'Spam.' };
  const act = (
    action: Action,
    subject: string,
    data: Operation['data'] = reason,
    input?: Operation['input'],
  ) => perform(world, moderator, { action, subject, data, input, key: randomUUID() });
  const oneOf = <T>(all: readonly T[]): T | undefined => (all.length === 0 ? undefined : random.pick(all));
  /** Does it to one of these, and moves that to those to which it is done. */
  const move = async (action: Action, one: string | undefined, from: string[] | undefined, to: string[]) => {
    if (one === undefined) return;
    from?.splice(from.indexOf(one), 1);
    to.push(one);
    await act(action, one);
  };
  const nothing: string[] = [];
  const habits: readonly (() => Promise<unknown>)[] = [
    async () => {
      const post = oneOf(world.posts.slice(-recent).filter(({ id }) => !hidden.includes(id)));
      if (post) world.moderated.add(post.id);
      await move('hide post', post?.id, undefined, hidden);
    },
    () => move('unhide post', oneOf(hidden), hidden, nothing),
    () =>
      move('suspend', oneOf(suspects.filter(({ id }) => !suspended.includes(id)))?.id, undefined, suspended),
    () => move('unsuspend', oneOf(suspended), suspended, nothing),
    async () => {
      const reports = world.referenceModel.operations.filter(({ action }) => action === 'report post');
      const about = oneOf(reports.slice(-recent))?.subject;
      const outcome = random.pick(['ACTION_TAKEN', 'NO_VIOLATION']);
      if (about) await act('resolve reports', about, { outcome, ...reason });
    },
  ];
  while (!world.stopping.aborted) {
    // Their pace, by the seed, and no wait for anything.
    await sleep(every * (0.5 + random.next()), undefined, { signal: world.stopping }).catch(() => {});
    if (!world.stopping.aborted) await random.pick(habits)();
  }
};
