import type { Envelope } from '@rookery/schema/events';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { privatePostgres } from '../support/servers/private-postgres.ts';
import { startStopwatch } from '../support/stopwatch.ts';
import { checkAll, publish, readAll, readRecorded, setUp } from '../support/systems/recorder-world.ts';
import { runRecorder } from '../support/systems/run-recorder.ts';
import { surviveCrashes } from './survive-crashes.ts';

describe('a recorder that dies', () => {
  for (const point of ['after-commit', 'after-publish'])
    it(`${point} loses nothing and doubles nothing`, () => surviveCrashes(point, [1, 2, 3]));

  it('is succeeded by the standby', async () => {
    await using world = await setUp();
    const { queue, store, urls } = world;
    await using first = await runRecorder(urls);
    const published = await publish(queue, 100);
    await eventually(async () => (await queue.lastPublished()) === 100);
    await using second = await runRecorder(urls);
    expect(await first.metric('rookery_recorder_writer')).toBe(1);
    expect(await second.metric('rookery_recorder_writer')).toBe(0);
    const publishing = publish(queue, 1_000);
    await first.child.stop('SIGKILL');
    const took = startStopwatch();
    await eventually(async () => (await second.metric('rookery_recorder_writer')) === 1);
    published.push(...(await publishing));
    await checkAll(queue, store, published);
    expect(took()).toBeLessThan(10_000);
  });
});

describe('a recorder that freezes', () => {
  it('is replaced by the standby, and does no harm when it thaws', async () => {
    await using world = await setUp();
    const { queue, store, urls } = world;
    await using frozen = await runRecorder(urls);
    await using standby = await runRecorder(urls);
    const publishing = publish(queue, 2_000);
    await eventually(async () => (await store.head()) > 0);
    frozen.child.kill('SIGSTOP');
    const published = await publishing;
    await eventually(async () => (await standby.metric('rookery_recorder_writer')) === 1, {
      what: 'the takeover',
    });
    frozen.child.kill('SIGCONT');
    published.push(...(await publish(queue, 300)));
    await eventually(async () => (await frozen.metric('rookery_recorder_writer')) === 0);
    await checkAll(queue, store, published);
  });
});

describe('a recorder', () => {
  it('goes on recording while RECORDED is full, and relays once there is room', async () => {
    await using world = await setUp({ maxBytes: 400_000 });
    const { queue, store, urls } = world;
    await using recorder = await runRecorder(urls, { QUEUE_MAX_BYTES: String(1_048_576) });
    const published: Envelope[] = [];
    // RECORDED is emptied by nobody here: 1 MiB holds about 2,300 of these, ACTIVITY is emptied all the time.
    while (published.length < 4_000) published.push(...(await publish(queue, 200)));
    await eventually(async () => (await store.head()) === 4_000, { what: 'everything recorded' });
    expect(await queue.lastPublished()).toBeLessThan(4_000);
    // The projections are behind; this process does its own job.
    expect(await recorder.ready()).toBe(true);
    await eventually(
      async () =>
        (await recorder.metric('rookery_recorder_relay_lag_events')) ===
        4_000 - (await queue.lastPublished()),
      { what: 'the gap' },
    );
    // The projections take what is there, and thereby make room.
    const names = ['profiles', 'posts', 'reactions', 'feeds', 'notifications', 'activities'];
    const all = await Promise.all(names.map((name) => readRecorded(queue, name, 4_000)));
    const stored = await readAll(store);
    for (const recorded of all) expect(recorded).toEqual(stored);
    expect(new Set(stored.map((s) => s.event.id))).toEqual(new Set(published.map((e) => e.id)));
    await eventually(async () => (await recorder.metric('rookery_recorder_relay_lag_events')) === 0);
    expect(await recorder.ready()).toBe(true);
  });

  it('gets over the loss of its lock', async () => {
    await using world = await setUp();
    const { queue, store, urls } = world;
    await using recorder = await runRecorder(urls);
    const published: Envelope[] = [];
    const admin = new pg.Client({ connectionString: urls.postgres });
    await admin.connect();
    for (let round = 0; round < 5; round++) {
      const publishing = publish(queue, 200);
      await admin.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'rookery event writer' and datname = current_database()",
      );
      published.push(...(await publishing));
      await eventually(() => recorder.ready());
    }
    await admin.end();
    await checkAll(queue, store, published);
  });

  it('waits for a Postgres that is down, reports it, and loses nothing', async () => {
    await using postgres = await privatePostgres();
    await using world = await setUp({ postgresUrl: postgres.url });
    const { queue, store, urls } = world;
    await using recorder = await runRecorder(urls);
    const published = await publish(queue, 100);
    await eventually(async () => (await store.head()) > 0);
    await postgres.kill();
    await eventually(async () => !(await recorder.ready()), { what: 'not ready' });
    published.push(...(await publish(queue, 300)));
    await postgres.start();
    await eventually(() => recorder.ready(), { what: 'ready' });
    await checkAll(queue, store, published);
  });

  it('starts without its servers, and waits for them', async () => {
    await using postgres = await privatePostgres();
    await using world = await setUp({ postgresUrl: postgres.url });
    const { nats, queue, store, urls } = world;
    await nats.kill();
    await postgres.kill();
    await using recorder = await runRecorder(urls, {}, { wait: false });
    await eventually(() => recorder.log().includes('health and metrics'));
    expect(await recorder.ready()).toBe(false);
    await postgres.start();
    await nats.restart();
    const published = await publish(queue, 10);
    await checkAll(queue, store, published);
    await eventually(() => recorder.ready());
  });
});
