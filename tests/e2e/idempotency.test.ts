import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { openEventStore } from '@rookery/event-store';
import { openQueue, type Queue } from '@rookery/message-queue';
import { commandId, createLog, newId } from '@rookery/runtime';
import { type Envelope, makeEvent, writeEvent } from '@rookery/schema/events';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type Ask, overHttp } from '../support/clients/raw-client.ts';
import { eventuallyPasses } from '../support/eventually-passes.ts';
import { type Account, type SharedSystem, sharedSystem } from '../support/index.ts';
import { propertyRuns } from '../support/property-runs.ts';

const log = createLog('test', 'silent');
const resources = new AsyncDisposableStack();
let system: SharedSystem;
let ask: Ask;
let ada: Account;
let queue: Queue;

beforeAll(async () => {
  system = await sharedSystem();
  ask = overHttp(system.gatewayUrl);
  ada = await system.signUp();
  queue = openQueue({
    url: system.servers.nats.url,
    replicas: 1,
    maxBytes: 67_108_864,
    ackTimeoutMs: 1_500,
    log,
  });
  resources.defer(() => queue.close());
});
afterAll(() => resources.disposeAsync());

const send = (field: string, type: string, input: object): Promise<Answer> =>
  ask(
    {
      query: `mutation ($input: ${type}!) { it: ${field}(input: $input) { activity { id acceptedAt } } }`,
      variables: { input },
    },
    ada.token,
  );
const publish = (body: string, key: string) =>
  send('publishPost', 'PublishPostInput', { body, idempotencyKey: key });
const activityOf = ({ data, text }: Answer): { id: string; acceptedAt: string } => {
  if (!data?.it) throw new Error(text);
  return (data.it as { activity: { id: string; acceptedAt: string } }).activity;
};
const fieldOf = ({ errors }: Answer) => errors.map(({ extensions: { code, field } }) => `${code} ${field}`);

interface Status {
  readonly status: string;
  readonly verb: string;
  readonly reason: string | null;
}
const statusOf = async (id: string): Promise<Status | null> => {
  const query = 'query ($id: ID!) { activity(id: $id) { status verb reason } }';
  const { data } = await ask({ query, variables: { id } }, ada.token, { 'x-read-after': id });
  return data?.activity as Status | null;
};
const bodyOf = async (id: string): Promise<unknown> => {
  const query = 'query ($id: ID!) { post(id: $id) { body } }';
  return (await ask({ query, variables: { id } }, ada.token, { 'x-read-after': id })).data?.post;
};
const untilSettled = (id: string) =>
  eventuallyPasses(async () => expect(['PROJECTED', 'REJECTED']).toContain((await statusOf(id))?.status));

/** Does what 24 hours do: the queue forgets every key. */
const forgetClaims = async (): Promise<void> => {
  const nc = await connect({ servers: system.servers.nats.url });
  try {
    await (await jetstreamManager(nc)).streams.purge('KV_idempotency');
  } finally {
    await nc.close();
  }
};

describe('a key that the queue has forgotten', () => {
  test('gets its first answer for the same input, and CONFLICT for any other input or verb', async () => {
    const first = activityOf(await publish('old', 'long ago'));
    await untilSettled(first.id);
    await forgetClaims();

    expect(activityOf(await publish('old', 'long ago'))).toEqual(first);
    expect(fieldOf(await publish('new', 'long ago'))).toEqual(['CONFLICT idempotencyKey']);
    const like = { postId: first.id, idempotencyKey: 'long ago' };
    expect(fieldOf(await send('likePost', 'PostInput', like))).toEqual(['CONFLICT idempotencyKey']);
    expect(fieldOf(await send('deletePost', 'PostInput', like))).toEqual(['CONFLICT idempotencyKey']);
    expect(await bodyOf(first.id)).toEqual({ body: 'old' });
  });

  test('gets its first answer although the same would be refused by now', async () => {
    const post = activityOf(await publish('to be deleted', 'post')).id;
    const edit = { postId: post, body: 'edited', idempotencyKey: 'edit' };
    const first = activityOf(await send('editPost', 'EditPostInput', edit));
    const deleted = activityOf(await send('deletePost', 'PostInput', { postId: post }));
    await untilSettled(deleted.id);
    await forgetClaims();

    expect(activityOf(await send('editPost', 'EditPostInput', edit))).toEqual(first);
    const other = { ...edit, body: 'another' };
    expect(fieldOf(await send('editPost', 'EditPostInput', other))).toEqual(['CONFLICT idempotencyKey']);
  });

  test('has one effect and one answer, whatever comes with it and whenever it is forgotten', async () => {
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ key: fc.constantFrom('a', 'b'), body: fc.constantFrom('1', '2', '3') }),
      },
      { weight: 1, arbitrary: fc.constant('forget' as const) },
    );
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 8 }), async (steps) => {
        round += 1;
        const first = new Map<string, { body: string; activity: { id: string } }>();
        for (const each of steps) {
          if (each === 'forget') {
            for (const { activity } of first.values()) await untilSettled(activity.id);
            await forgetClaims();
            continue;
          }
          const known = first.get(each.key);
          const answer = await publish(each.body, `${round} ${each.key}`);
          if (known && known.body !== each.body) expect(fieldOf(answer)).toEqual(['CONFLICT idempotencyKey']);
          else if (known) expect(activityOf(answer)).toEqual(known.activity);
          else first.set(each.key, { body: each.body, activity: activityOf(answer) });
        }
        for (const { body, activity } of first.values()) {
          await untilSettled(activity.id);
          expect(await bodyOf(activity.id)).toEqual({ body });
        }
      }),
      { numRuns: propertyRuns(12) },
    );
  });
});

describe('a key that was accepted twice with different inputs, because nobody who knew it could be asked', () => {
  /** Returns the event of a mutation subgraph that reaches neither the claim nor the event store. */
  const accepted = (key: string, body: string): Envelope => {
    const id = commandId(ada.id, key, body);
    const time = new Date().toISOString();
    const idempotency = { idempotencykey: key, inputhash: body };
    const data = { body };
    return writeEvent(
      makeEvent({
        name: 'rookery.post.published',
        id,
        subject: id,
        actor: ada.id,
        time,
        data,
        ...idempotency,
      }),
    );
  };
  const rejected = { status: 'REJECTED', verb: 'POST', reason: expect.stringContaining('idempotency key') };

  test('takes effect once, and the other activity says that it was rejected', async () => {
    const first = activityOf(await publish('first', 'split'));
    await untilSettled(first.id);
    const second = accepted('split', 'second');
    await queue.publish(second);
    await untilSettled(second.id);
    expect(await statusOf(second.id)).toEqual(rejected);
    expect(await bodyOf(second.id)).toBeNull();
    expect(await statusOf(first.id)).toEqual({ status: 'PROJECTED', verb: 'POST', reason: null });
    expect(await bodyOf(first.id)).toEqual({ body: 'first' });
    // Delivered again, it changes nothing.
    await queue.publishAgain(second);
    await untilSettled(activityOf(await publish('after it', 'after it')).id);
    expect(await statusOf(second.id)).toEqual(rejected);
    // To somebody else it is nothing.
    const ben = await system.signUp();
    const query = 'query ($id: ID!) { activity(id: $id) { id } }';
    expect((await ask({ query, variables: { id: second.id } }, ben.token)).data).toEqual({ activity: null });
  });

  test.each(['before-commit:2', 'after-commit:1'])(
    'in one batch, also if the recorder dies at %s: each is recorded or rejected, and once',
    async (point) => {
      await using store = Object.assign(openEventStore(system.servers.database.url, { log }), {
        [Symbol.asyncDispose]: () => store.close(),
      });
      await system.kill('recorder');
      const before = await store.head();
      /** Returns what has been recorded since, without the sign-up of somebody whom an earlier test needed. */
      const readRecorded = async (): Promise<Envelope[]> =>
        (await store.read(before, 100)).map(({ event }) => event).filter(({ actor }) => actor === ada.id);
      const keys = [newId(), newId(), newId()];
      const events = keys.flatMap((key) => ['one', 'two', 'one', 'three'].map((body) => accepted(key, body)));
      for (const event of events) await queue.publish(event);
      // It dies on its own, maybe before it says that it is ready.
      await system.start('recorder', { CRASH_POINT: point, NODE_ENV: 'test' }).catch(() => {});
      await eventuallyPasses(async () => expect(system.pid('recorder')).toBeUndefined());
      await system.start('recorder');
      await eventuallyPasses(async () => expect(await readRecorded()).toHaveLength(9));

      const recorded = await readRecorded();
      for (const key of keys) {
        const types = ['one', 'two', 'three'].map(
          (body) => recorded.find(({ id }) => id === commandId(ada.id, key, body))?.type,
        );
        expect(types.sort()).toEqual([
          'rookery.command.rejected.v1',
          'rookery.command.rejected.v1',
          'rookery.post.published.v1',
        ]);
      }
      expect(new Set(recorded.map(({ id }) => id)).size).toBe(9);
      for (const { id, type } of recorded) {
        await untilSettled(id);
        expect(await statusOf(id)).toMatchObject(
          type === 'rookery.command.rejected.v1' ? rejected : { status: 'PROJECTED' },
        );
      }
    },
  );
});
