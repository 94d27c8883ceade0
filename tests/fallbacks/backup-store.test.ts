import { openEventStore, UnsafeFailoverError } from '@rookery/event-store';
import { openTwoStores } from '@rookery/failover/two-stores';
import type { Envelope } from '@rookery/schema/events';
import { describe, expect, it } from 'vitest';
import { sampleEvent } from '../support/events/sample-events.ts';
import { eventually } from '../support/eventually.ts';
import { publish, readAll } from '../support/systems/recorder-world.ts';
import { runRecorder } from '../support/systems/run-recorder.ts';
import { log, type TwoServers, twoServers } from './two-stores.ts';

const figures = (text: string, values: object) => console.log(text, JSON.stringify(values));
const events = (count: number): Envelope[] => Array.from({ length: count }, () => sampleEvent());
const never = new AbortController().signal;

/** Both stores equal to the last byte, positions 1 to n, and in them exactly what was accepted. */
const checkEqual = async (world: TwoServers, accepted: readonly Envelope[]): Promise<void> => {
  const [one, other] = await Promise.all([world.rows(world.primary), world.rows(world.backup)]);
  expect(one).toEqual(other);
  expect(one.map((row) => Number(row.split(' ')[0]))).toEqual(one.map((_, i) => i + 1));
  expect(one.map((row) => row.split(' ')[1]).sort()).toEqual(accepted.map(({ id }) => id).sort());
};

describe('a recorder with two event stores', () => {
  const faults = [
    ['primary killed', 'primary', 'SIGKILL'],
    ['primary frozen in the middle of a commit', 'primary', 'SIGSTOP'],
    ['backup killed', 'backup', 'SIGKILL'],
    ['backup frozen in the middle of a commit', 'backup', 'SIGSTOP'],
  ] as const;
  for (const [name, which, signal] of faults)
    it(`goes on: ${name}`, { timeout: 120_000 }, async () => {
      await using world = await twoServers();
      const { queue } = world;
      const server = world[which];
      await using recorder = await runRecorder(world.urls, world.env);
      const accepted = await publish(queue, 300);
      await eventually(async () => (await queue.lastPublished()) === accepted.length);
      await checkEqual(world, accepted);

      const publishing = publish(queue, 1_000);
      await eventually(async () => (await queue.lastPublished()) > 300);
      if (signal === 'SIGKILL') await server.kill();
      else server.signal('SIGSTOP');
      const fired = performance.now();
      accepted.push(...(await publishing), ...(await publish(queue, 200)));
      await eventually(async () => (await queue.lastPublished()) === accepted.length, {
        what: 'recording alone',
      });
      const failedOver = performance.now() - fired;

      if (signal === 'SIGKILL') await server.restart();
      else server.signal('SIGCONT');
      const healed = performance.now();
      accepted.push(...(await publish(queue, 100)));
      await eventually(
        async () => {
          const line = `rookery_event_store_current{store="${which}"`;
          return (await recorder.text()).split('\n').some((l) => l.startsWith(line) && l.endsWith(' 1'));
        },
        { what: 'both current again' },
      );
      const recovered = performance.now() - healed;
      accepted.push(...(await publish(queue, 100)));
      await eventually(async () => (await queue.lastPublished()) === accepted.length, {
        what: 'recording in both',
      });
      await checkEqual(world, accepted);
      figures(name, { failOverMs: Math.round(failedOver), recoverMs: Math.round(recovered) });
    });

  it('waits, and creates no second head, if only the store that is behind is available', {
    timeout: 120_000,
  }, async () => {
    await using world = await twoServers();
    const { queue, primary, backup } = world;
    await using first = await runRecorder(world.urls, world.env);
    const accepted = await publish(queue, 100);
    await eventually(async () => (await queue.lastPublished()) === 100);
    await primary.kill();
    accepted.push(...(await publish(queue, 100)));
    await eventually(async () => (await queue.lastPublished()) === 200);
    await backup.kill();
    await first.child.stop('SIGKILL');
    await primary.restart();
    await using second = await runRecorder(world.urls, world.env, { wait: false });
    accepted.push(...(await publish(queue, 50)));
    await eventually(() => second.log().includes('event store is behind'), { what: 'the refusal' });
    expect((await world.rows(primary)).length).toBe(100);
    await backup.restart();
    await eventually(async () => (await queue.lastPublished()) === 250, { what: 'recording again' });
    await checkEqual(world, accepted);
  });

  it('killed again and again with either store down, loses and doubles nothing', {
    timeout: 180_000,
  }, async () => {
    await using world = await twoServers();
    const { queue, primary, backup } = world;
    const accepted: Envelope[] = [];
    const rounds = [
      ['before-commit', primary],
      ['after-commit', backup],
      ['after-publish', primary],
      ['before-commit', backup],
    ] as const;
    for (const [point, away] of rounds) {
      await using doomed = await runRecorder(
        world.urls,
        { ...world.env, CRASH_POINT: `${point}:4` },
        { wait: false },
      );
      let dead = false;
      void doomed.child.exited.then(() => {
        dead = true;
      });
      // Until then nothing says that one of them alone is whole.
      await eventually(() => dead || doomed.log().includes('writing both event stores'), { what: 'both' });
      accepted.push(...(await publish(queue, 60)));
      await away.kill();
      // One batch at a time: all at once, they could be recorded in fewer batches than the crash point counts.
      for (let i = 0; i < 50 && !dead; i++) {
        accepted.push(...(await publish(queue, 30)));
        await eventually(async () => dead || (await queue.lastPublished()) === accepted.length, {
          what: 'a batch recorded',
        });
      }
      expect(dead, doomed.log()).toBe(true);
      expect(await doomed.child.exited).toEqual({ code: null, signal: 'SIGKILL' });
      await using healthy = await runRecorder(world.urls, world.env, { wait: false });
      await eventually(async () => (await queue.lastPublished()) === accepted.length, {
        what: 'recording alone',
      });
      await away.restart();
      await eventually(() => healthy.log().includes('writing both event stores'), { what: 'both' });
    }
    await checkEqual(world, accepted);
  });
});

describe('two event stores, one head', () => {
  it('an old writer cannot append after a newer term has begun, and its late rows are resolved', async () => {
    await using world = await twoServers();
    const { primary, backup } = world;
    const store = world.open();
    await store.prepare();
    const both = await store.acquireWriter(never);
    const shared = events(5);
    await both.append(shared);
    await both.release();

    await primary.kill();
    const alone = await store.acquireWriter(never);
    const ours = events(3);
    expect((await alone.append(ours)).recorded.map((r) => r.position)).toEqual([6, 7, 8]);
    await alone.release();

    // Commits that a slow primary could still make: one event that the backup has at another position, and
    // one that it lacks.
    await primary.restart();
    const past = openEventStore(primary.url, { log });
    const late = await past.acquireWriter(never);
    const [known] = ours.slice(2);
    const unknown = sampleEvent();
    if (!known) throw new Error('no event');
    await late.append([unknown, known]);
    await late.release();
    await past.close();

    const again = await store.acquireWriter(never);
    await again.append(events(0));
    const stored = await readAll(store);
    expect(stored.map(({ event }) => event.id)).toEqual([...shared, ...ours, unknown].map(({ id }) => id));
    await checkEqual(world, [...shared, ...ours, unknown]);
    await again.release();
    expect((await store.replicas()).map(({ current }) => current)).toEqual([true, true]);
    expect((await world.rows(backup)).length).toBe(9);
  });

  it('made equal to the last byte, though a late commit of one recorded the same events at the same positions', async () => {
    await using world = await twoServers();
    const store = world.open();
    await store.prepare();
    const both = await store.acquireWriter(never);
    const shared = events(3);
    await both.append(shared);
    await both.release();
    // Each of them may have recorded one batch while the other was frozen.
    const batch = events(2);
    for (const server of [world.primary, world.backup]) {
      const alone = openEventStore(server.url, { log });
      const writer = await alone.acquireWriter(never);
      const { recorded } = await writer.append(batch);
      await writer.release();
      await alone.close();
      await eventually(() => new Date().toISOString() > (recorded[0]?.recordedAt ?? ''));
    }
    expect(await world.rows(world.primary)).not.toEqual(await world.rows(world.backup));
    const again = await store.acquireWriter(never);
    await again.release();
    await checkEqual(world, [...shared, ...batch]);
  });

  it('a second process waits while one writes, and takes over both', async () => {
    await using world = await twoServers();
    const [one, two] = [world.open(), world.open()];
    await one.prepare();
    const first = await one.acquireWriter(never);
    const waiting = two.acquireWriter(never);
    await first.append(events(4));
    await first.release();
    const second = await waiting;
    expect((await second.append(events(2))).recorded.map((r) => r.position)).toEqual([5, 6]);
    await expect(first.append(events(1))).rejects.toThrow();
    await second.release();
  });

  it('is not trusted without the word of the register: one store alone, of two that were used', async () => {
    await using world = await twoServers();
    const store = world.open();
    await store.prepare();
    const both = await store.acquireWriter(never);
    await both.append(events(3));
    await both.release();
    await world.nats.stop();
    await using fresh = await twoServers();
    const lost = openTwoStores({
      url: world.primary.url,
      backupUrl: world.backup.url,
      fencingTokens: fresh.queue.fencingTokenStore('event-store'),
      log,
    });
    await world.backup.kill();
    await expect(lost.acquireWriter(never)).rejects.toThrow(UnsafeFailoverError);
    await world.backup.restart();
    const writer = await lost.acquireWriter(never);
    expect((await writer.append(events(1))).recorded[0]?.position).toBe(4);
    await writer.release();
    await lost.close();
  });

  it('takes a new backup in while recording goes on, whatever it has to be given', async () => {
    await using world = await twoServers();
    const old = openEventStore(world.primary.url, { log });
    await old.prepare();
    const before = await old.acquireWriter(never);
    const accepted: Envelope[] = [];
    for (let i = 0; i < 13; i++) {
      const some = events(500);
      accepted.push(...some);
      await before.append(some);
    }
    await before.release();
    await old.close();
    const store = world.open();
    const began = performance.now();
    let writer = await store.acquireWriter(never);
    let lost = false;
    void writer.lost.then(() => {
      lost = true;
    });
    while (!lost) {
      const some = events(20);
      await writer.append(some).then(
        () => accepted.push(...some),
        () => {},
      );
    }
    await writer.release();
    writer = await store.acquireWriter(never);
    figures('6,500 events to a new backup', { ms: Math.round(performance.now() - began) });
    await writer.release();
    await checkEqual(world, accepted);
  });
});
