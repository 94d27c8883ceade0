import { runOps } from '@rookery/ops';
import { newId, readMetric } from '@rookery/runtime';
import { makeEvent, writeEvent } from '@rookery/schema/events';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { projectorWorld } from '../support/systems/projector-world.ts';
import { runRecorder } from '../support/systems/run-recorder.ts';

const post = (body: string) => {
  const id = newId();
  const name = 'rookery.post.published';
  return writeEvent(
    makeEvent({
      name,
      id,
      subject: id,
      actor: newId(),
      time: new Date().toISOString(),
      data: { body },
      requestid: 'r-1',
    }),
  );
};

/** Makes Postgres refuse rows with this id, as data that it can't hold, until told otherwise. */
const refuse = async (url: string, tableName: string, id: string): Promise<() => Promise<void>> => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  await client.query(`
    create or replace function refuse_one() returns trigger language plpgsql as $$
    begin raise exception 'refused for a test' using errcode = '22023'; end $$;
    create trigger refuse_one before insert or update on ${tableName}
    for each row when (new.id::text = '${id}') execute function refuse_one()`);
  return async () => {
    await client.query(`drop trigger refuse_one on ${tableName}`);
    await client.end();
  };
};

const ops = async (env: Readonly<Record<string, string>>, ...argv: string[]) => {
  let out = '';
  const code = await runOps([...argv, '--json'], {
    env: { ...env, DATA_DIR: '/nowhere' },
    out: (text) => {
      out += text;
    },
    err: (text) => {
      out += text;
    },
    progress: () => {},
  });
  return { code, answer: out.startsWith('{') ? JSON.parse(out) : out };
};

describe('an event that cannot be applied', () => {
  it('is set aside after bounded tries, while others flow; listed, redriven and proved', {
    timeout: 120_000,
  }, async () => {
    await using world = await projectorWorld();
    const { env, documents, eventStore } = world;
    const bad = post('bad');
    const allow = await refuse(env.DOCUMENTS_URL ?? '', 'documents.posts', bad.id);
    await using _projector = await world.start();
    await world.record([post('one'), bad, post('two')]);
    await world.caughtUp();
    const posts = documents.collection('posts');
    expect((await posts.getMany([bad.id])).size).toBe(0);

    const listed = await ops(env, 'dead-letters', 'list');
    expect(listed.code).toBe(1);
    expect(listed.answer.deadLetters).toEqual([
      expect.objectContaining({ by: 'posts', id: bad.id, position: 2, tries: 8, requestId: 'r-1' }),
    ]);
    expect(listed.answer.deadLetters[0].error).toContain('refused for a test');

    const early = await ops(env, 'dead-letters', 'redrive', '--id', bad.id);
    expect(early.code).toBe(1);
    expect(early.answer.results[0].failed).toContain('refused for a test');
    expect(await eventStore.deadLetters(10)).toHaveLength(1);

    await allow();
    const redriven = await ops(env, 'dead-letters', 'redrive', '--all', '--who', 'ann', '--why', 'mended');
    expect(redriven).toMatchObject({ code: 0, answer: { done: 1, failed: 0 } });
    expect((await posts.getMany([bad.id])).get(bad.id)?.doc).toMatchObject({ body: 'bad', position: 2 });
    expect(await eventStore.deadLetters(10)).toEqual([]);
    expect(await eventStore.resolvedDeadLetters(10)).toMatchObject([
      { by: 'posts', id: bad.id, action: 'redriven', who: 'ann', why: 'mended', position: 2 },
    ]);
    // The former name of the command still works.
    expect((await ops(env, 'parked', 'list')).code).toBe(0);
  });
});

describe('an event that cannot be recorded', () => {
  it('is set aside by the recorder, counted, and redriven; or dropped, with the reason kept', {
    timeout: 120_000,
  }, async () => {
    await using world = await projectorWorld();
    const { env, queue, eventStore } = world;
    await world.letGo();
    const [bad, worse] = [post('bad'), post('worse')];
    const allow = await refuse(env.POSTGRES_URL ?? '', 'event_store.events', bad.id);
    await using recorder = await runRecorder({ postgres: env.POSTGRES_URL ?? '', nats: env.NATS_URL ?? '' });
    for (const event of [post('one'), bad, { ...worse, time: '0000-01-01T00:00:00.000Z' }, post('two')])
      await queue.publish(event);
    await eventually(async () => (await eventStore.deadLetters(10)).length === 2);
    await eventually(async () => (await eventStore.head()) === 2);
    expect(
      await readMetric(recorder.metricsUrl, 'rookery_event_store_dead_letters', { by: 'recorder' }),
    ).toBe(2);

    await allow();
    expect(await ops(env, 'dead-letters', 'redrive', '--id', bad.id)).toMatchObject({ code: 0 });
    expect(await eventStore.positionOf(bad.id)).toBe(3);

    expect((await ops(env, 'dead-letters', 'drop', '--id', worse.id)).code).toBe(2);
    const dropped = await ops(
      env,
      'dead-letters',
      'drop',
      '--id',
      worse.id,
      '--why',
      'no such year',
      '--who',
      'bob',
    );
    expect(dropped.code).toBe(0);
    expect(await eventStore.deadLetters(10)).toEqual([]);
    expect(await eventStore.resolvedDeadLetters(1)).toMatchObject([
      { by: 'recorder', id: worse.id, action: 'dropped', who: 'bob', why: 'no such year' },
    ]);
  });
});
