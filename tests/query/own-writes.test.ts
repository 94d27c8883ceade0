import { newId } from '@rookery/runtime';
import { makeEvent, writeEvent } from '@rookery/schema/events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventuallyPasses } from '../support/eventually-passes.ts';
import { codes, type QueryWorld, startQueryWorld } from '../support/systems/query-world.ts';

/** Waits for own writes for longer than any machine needs to make them. */
let world: QueryWorld;
/** Gives up soon. */
let hasty: QueryWorld;
beforeAll(async () => {
  world = await startQueryWorld({ READ_AFTER_TIMEOUT: '30000' });
  hasty = await startQueryWorld({ READ_AFTER_TIMEOUT: '300' });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await hasty[Symbol.asyncDispose]();
});

/** Resolves once the subgraph has looked at the documents several times since: it waits by then. */
const untilLooked = async () => {
  const calls = async () => (await world.storeCalls()).documents;
  const before = await calls();
  return () => eventuallyPasses(async () => expect(await calls()).toBeGreaterThan(before + 2));
};

const at = '2026-01-01T00:00:00.000Z';
const signUp = (id: string, handle: string) =>
  makeEvent({
    name: 'rookery.user.signed-up',
    id,
    subject: id,
    actor: id,
    time: at,
    data: { handle, name: 'Ada' },
  });

describe('x-read-after', () => {
  it('waits until every projection has applied the activity, and no longer', async () => {
    const [author, activity] = [await world.user(), newId()];
    const position = world.nextPosition();
    await world.activity(activity, {
      actor: author,
      verb: 'POST',
      subject: activity,
      acceptedAt: at,
      position,
    });
    await world.progress(position, ['profiles', 'feeds', 'reactions', 'notifications', 'activities']);
    const looked = await untilLooked();
    const asked = world.ask(
      'query ($id: ID!) { user(id: $id) { id } }',
      { readAfter: [activity] },
      { id: author },
    );
    let answered = false;
    void asked.then(() => {
      answered = true;
    });
    await looked();
    expect(answered).toBe(false);
    await world.progress(position);
    expect(await asked).toEqual({ data: { user: { id: author } } });
  });

  it('waits for an activity that nobody has recorded yet', async () => {
    const [author, activity] = [await world.user(), newId()];
    const looked = await untilLooked();
    const asked = world.ask(
      'query ($id: ID!) { user(id: $id) { id } }',
      { readAfter: [activity] },
      { id: author },
    );
    await looked();
    const position = world.nextPosition();
    await world.activity(activity, {
      actor: author,
      verb: 'POST',
      subject: activity,
      acceptedAt: at,
      position,
    });
    await world.progress(position);
    expect(await asked).toEqual({ data: { user: { id: author } } });
  });

  it('answers with what there is, marked as stale, when the time is over', async () => {
    const author = await hasty.user();
    const answer = await hasty.ask(
      'query ($id: ID!) { user(id: $id) { id } }',
      { readAfter: [newId()] },
      { id: author },
    );
    expect(answer).toEqual({ data: { user: { id: author } }, extensions: { stale: true } });
  });

  it('needs no Redis', async () => {
    await world.redis.kill();
    try {
      const [author, activity] = [await world.user(), newId()];
      const looked = await untilLooked();
      const asked = world.ask(
        'query ($id: ID!) { user(id: $id) { id } }',
        { readAfter: [activity] },
        { id: author },
      );
      await looked();
      const position = world.nextPosition();
      await world.activity(activity, {
        actor: author,
        verb: 'POST',
        subject: activity,
        acceptedAt: at,
        position,
      });
      await world.progress(position);
      expect(await asked).toEqual({ data: { user: { id: author } } });
    } finally {
      await world.redis.restart();
    }
  });
});

describe('an account that has just been made', () => {
  const fields = 'id handle name bio joinedAt followerCount viewerFollows';
  const expected = (id: string, handle: string) => ({
    id,
    handle,
    name: 'Ada',
    bio: null,
    joinedAt: at,
    followerCount: 0,
    viewerFollows: false,
  });

  it('is there for its owner before it is projected, by me and by reference, marked as stale', async () => {
    const id = newId();
    await hasty.queue.publish(writeEvent(signUp(id, 'fresh_one')));
    const me = await hasty.ask(`{ me { ${fields} } }`, { viewer: id });
    expect(me).toEqual({ data: { me: expected(id, 'fresh_one') }, extensions: { stale: true } });
    const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { ${fields} } } }`;
    const variables = { r: [{ __typename: 'User', id }] };
    const session = await hasty.ask(query, { readAfter: [id] }, variables);
    expect(session).toEqual({
      data: { _entities: [expected(id, 'fresh_one')] },
      extensions: { stale: true },
    });
    // To anybody else it is not there yet.
    const other = await hasty.ask(query, { viewer: await hasty.user() }, variables);
    expect(other.data).toEqual({ _entities: [null] });
  });

  it('is waited for', async () => {
    const id = newId();
    const looked = await untilLooked();
    const asked = world.ask('{ me { handle } }', { viewer: id });
    await looked();
    const position = world.nextPosition();
    await world.change('users', id, {
      handle: 'late_one',
      joinedAt: at,
      joinedPosition: position,
      name: 'L',
      bio: null,
    });
    await world.activity(id, { actor: id, verb: 'SIGN_UP', subject: id, acceptedAt: at, position });
    await world.progress(position);
    expect(await asked).toEqual({ data: { me: { handle: 'late_one' } } });
  });
});

describe('an activity', () => {
  const query =
    'query ($id: ID!) { activity(id: $id) { id verb actor { id } status acceptedAt position reason } }';

  it('goes from QUEUED by RECORDED to PROJECTED, and only its actor may see it', async () => {
    const actor = await world.user();
    const id = newId();
    const event = makeEvent({
      name: 'rookery.post.published',
      id,
      subject: id,
      actor,
      time: at,
      data: { body: 'x' },
    });
    await world.queue.publish(writeEvent(event));
    const base = { id, verb: 'POST', actor: { id: actor }, acceptedAt: at, reason: null };
    expect((await world.ask(query, { viewer: actor }, { id })).data).toEqual({
      activity: { ...base, status: 'QUEUED', position: null },
    });
    const position = world.nextPosition();
    await world.activity(id, { actor, verb: 'POST', subject: id, acceptedAt: at, position });
    await world.progress(position, ['activities']);
    expect((await world.ask(query, { viewer: actor }, { id })).data).toEqual({
      activity: { ...base, status: 'RECORDED', position: String(position) },
    });
    await world.progress(position);
    expect((await world.ask(query, { viewer: actor }, { id })).data).toEqual({
      activity: { ...base, status: 'PROJECTED', position: String(position) },
    });
    for (const viewer of [null, await world.user()])
      expect(await world.ask(query, { viewer }, { id })).toEqual({ data: { activity: null } });
  });

  it('reads REJECTED if a user edited or deleted the post of another', async () => {
    const [ada, bob] = [await world.user(), await world.user()];
    const post = await world.post(ada);
    for (const [actor, verb, status] of [
      [bob, 'EDIT', 'REJECTED'],
      [bob, 'DELETE', 'REJECTED'],
      [bob, 'LIKE', 'PROJECTED'],
      [ada, 'EDIT', 'PROJECTED'],
    ] as const) {
      const id = newId();
      const position = world.nextPosition();
      await world.activity(id, { actor, verb, subject: post, acceptedAt: at, position });
      await world.progress(position);
      const reason = status === 'REJECTED' ? expect.stringContaining('author') : null;
      expect((await world.ask(query, { viewer: actor }, { id })).data).toMatchObject({
        activity: { status, reason },
      });
    }
  });

  it('that only the queue knows is unavailable while the queue is down; everything else is served', async () => {
    const [actor, known] = [await world.user(), newId()];
    const position = world.nextPosition();
    await world.activity(known, { actor, verb: 'LIKE', subject: newId(), acceptedAt: at, position });
    await world.nats.kill();
    try {
      expect(codes(await world.ask(query, { viewer: actor }, { id: newId() }))).toEqual([
        'SERVICE_UNAVAILABLE',
      ]);
      expect((await world.ask(query, { viewer: actor }, { id: known })).data).toMatchObject({
        activity: { id: known },
      });
      const ready = await fetch(`${world.url}/health/ready`);
      expect(ready.status).toBe(200);
      expect(await ready.json()).toMatchObject({ parts: { documents: 'ok', queue: 'unavailable' } });
    } finally {
      await world.nats.restart();
    }
  });
});
