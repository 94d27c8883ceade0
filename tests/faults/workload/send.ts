import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '@rookery/runtime/backoff';
import { actions } from '../../support/model/actions.ts';
import type { Operation } from '../../support/model/reference-model.ts';
import { clearRefusals } from './watch.ts';
import type { Person, SharedWorld } from './world.ts';

/** The result as the read side knows it, with values that may not be null. */
const resultOf = (type: string): string => {
  if (type === 'UserInput' || type === 'UpdateProfileInput')
    return 'user { handle followerCount } followingEdge { cursor node { handle } } followerEdge { cursor }';
  return ['PostInput', 'PublishPostInput', 'EditPostInput', 'SetPostPolicyInput'].includes(type)
    ? 'post { body author { handle } likeCount } feedEdge { cursor node { verb } } replyEdge { cursor }'
    : '';
};
/** One of so many operations asks for its result: it waits for the projections, which slows the workload down. */
const asksForResult = 3;

type Payload = Partial<Record<string, { activity?: { id: string } | null } | null>>;

/** Result of sending an operation once. */
interface Sent {
  readonly activity: string | null;
  readonly codes: readonly string[];
  readonly took: number;
}

const isRefusal = (codes: readonly string[]): boolean =>
  codes.length > 0 && codes.every((code) => !clearRefusals.has(code));

/** Sends an operation once, and checks that the answer is one that a client can do something with. */
const sendOnce = async (
  { client, watch }: SharedWorld,
  person: Person,
  operation: Pick<Operation, 'n' | 'action' | 'subject' | 'key' | 'requests' | 'input'>,
  data: Operation['data'],
): Promise<Sent> => {
  const { field, input: type, about } = actions[operation.action];
  const { until, ...content } = operation.input ?? data;
  const input = {
    ...content,
    ...(operation.subject !== null && about !== undefined ? { [about]: operation.subject } : {}),
    ...(operation.key === null ? {} : { idempotencyKey: operation.key }),
  };
  const [declared, argument] = until === undefined ? ['', ''] : [', $until: DateTime', ', until: $until'];
  const result = operation.n % asksForResult === 0 ? resultOf(type) : '';
  const requestId = randomUUID();
  operation.requests.push(requestId);
  const reply = await client.ask<Payload>(
    `mutation ($input: ${type}!${declared}) { ${field}(input: $input${argument}) { activity { id } ${result} } }`,
    { input, ...(until === undefined ? {} : { until }) },
    { token: person.token, requestId },
  );
  const activity = reply.data?.[field]?.activity?.id ?? null;
  const codes = activity === null && reply.codes.length === 0 ? ['NO_ANSWER'] : reply.codes;
  watch.checked('P11');
  if (activity !== null && codes.length > 0)
    watch.broken('P11', `${operation.action} was accepted and answered with an error: ${reply.detail}`);
  watch.checked('clear answers');
  for (const unclear of [
    'INTERNAL_SERVER_ERROR',
    'UNAUTHENTICATED',
    'BAD_REQUEST',
    // Nobody here sends wrong input, which would have no effect to look at.
    'BAD_USER_INPUT',
    'GRAPHQL_VALIDATION_FAILED',
  ])
    if (codes.includes(unclear)) watch.broken('clear answers', `${operation.action}: ${reply.detail}`);
  watch.trace('write', {
    n: operation.n,
    requestId,
    by: person.handle,
    action: operation.action,
    subject: operation.subject,
    key: operation.key,
    activity,
    codes,
    took: Math.round(reply.took),
  });
  return { activity, codes, took: reply.took };
};

/** Tries of a keyed operation that got no good answer. */
const tries = 6;

/** Does an operation as a careful client does: with a key it tries again, without one it leaves it at that. */
export const perform = async (
  world: SharedWorld,
  person: Person,
  what: Pick<Operation, 'action' | 'subject' | 'data' | 'input' | 'mentions' | 'key'>,
): Promise<Operation> => {
  const operation = world.referenceModel.begin({ actor: person.id, ...what });
  await attempt(world, person, operation, tries);
  return operation;
};

/** Sends until there is an answer for good, or the tries are used up. */
export const attempt = async (
  world: SharedWorld,
  person: Person,
  operation: Operation,
  most: number,
): Promise<void> => {
  for (let i = 1; ; i++) {
    const { activity, codes } = await sendOnce(world, person, operation, operation.data);
    note(world, operation, activity);
    if (activity !== null) return;
    if (isRefusal(codes)) {
      // Refused at the first try means not applied. Later it may speak of what an earlier try has done.
      if (i === 1) operation.outcome = 'failed';
      return;
    }
    if (operation.key === null || i >= most || world.stopping.aborted) return;
    await sleep(backoffMs(i, { firstMs: 200 }));
  }
};

const note = (
  { referenceModel, watch }: SharedWorld,
  operation: Operation,
  activity: string | null,
): void => {
  if (activity === null) return;
  if (operation.activity !== null && operation.activity !== activity)
    watch.broken('I3', `#${operation.n}: one key, two activities ${operation.activity} and ${activity}`);
  referenceModel.accepted(operation, activity);
};

/** Sends the same command under the same key again: it must get the same answer. */
export const sendAgain = async (world: SharedWorld, person: Person, operation: Operation): Promise<void> => {
  const { activity, codes } = await sendOnce(world, person, operation, operation.data);
  if (codes.some((code) => clearRefusals.has(code))) return;
  // Nobody knows the key until the command is recorded, and its post may be gone by now.
  if (world.keysForgotten && activity === null) return;
  world.watch.checked('I3');
  if (activity !== operation.activity)
    world.watch.broken(
      'I3',
      `#${operation.n} again with the same input: ${activity} ${codes}, first ${operation.activity}`,
    );
};

/**
 * Sends another command under a key that is taken. It must be refused with CONFLICT; if the queue has forgotten the key,
 * it may be accepted as an activity of its own, and the reference model says in the end that one of the two was rejected.
 */
export const reuseKey = async (
  world: SharedWorld,
  person: Person,
  first: Operation,
  other: Pick<Operation, 'action' | 'subject' | 'data' | 'mentions'>,
): Promise<Operation> => {
  const operation = world.referenceModel.begin({ actor: person.id, key: first.key, ...other });
  const { activity, codes } = await sendOnce(world, person, operation, operation.data);
  const tell = (what: string) =>
    world.watch.broken('I3', `#${operation.n} with the key of #${first.n}: ${what}`);
  if (activity !== null) {
    world.watch.checked('I3');
    if (activity === first.activity) {
      // Not of this operation: what it asked for was dropped.
      tell(`got the answer of that one, ${activity}`);
      operation.outcome = 'failed';
      return operation;
    }
    if (!world.keysForgotten) tell(`was accepted as ${activity}`);
    note(world, operation, activity);
  } else if (isRefusal(codes)) {
    world.watch.checked('I3');
    operation.outcome = 'failed';
    if (!codes.includes('CONFLICT') && !world.keysForgotten) tell(`was refused with ${codes}`);
  }
  return operation;
};

/** Creates an account; undefined if it is unknown whether it exists. */
export const signUp = async (world: SharedWorld, handle: string): Promise<Person | undefined> => {
  const data = { handle, name: `Name of ${handle}` };
  const operation = world.referenceModel.begin({
    actor: null,
    action: 'sign-up',
    subject: null,
    data,
    key: null,
  });
  const requestId = randomUUID();
  operation.requests.push(requestId);
  const reply = await world.client.ask<{
    signUp?: { token: string; user: { id: string }; activity: { id: string } | null } | null;
  }>(
    'mutation ($input: SignUpInput!) { signUp(input: $input) { token user { id } activity { id } } }',
    { input: { ...data, password: `${handle} password` } },
    { requestId },
  );
  const made = reply.data?.signUp;
  world.watch.trace('sign-up', { n: operation.n, requestId, handle, id: made?.user.id, codes: reply.codes });
  if (reply.codes.includes('INTERNAL_SERVER_ERROR')) world.watch.broken('clear answers', reply.detail);
  if (!made) {
    if (isRefusal(reply.codes)) operation.outcome = 'failed';
    return undefined;
  }
  world.referenceModel.accepted(operation, made.user.id);
  const person = { id: made.user.id, handle, called: handle, token: made.token };
  world.signedUp.push(person);
  return person;
};
