import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { relationId } from '@rookery/read-models';
import { project, projections } from '@rookery/read-models/reducers';
import { newId } from '@rookery/runtime';
import { type Event, makeEvent, readEvent } from '@rookery/schema/events';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Interval, lastOf } from '../support/model/client-order.ts';
import { type ToggleName, toggleNames, toggles } from '../support/model/toggles.ts';
import { casesOfTier, propertyRuns } from '../support/property-runs.ts';
import type { MutationName } from '../support/systems/start-mutation.ts';
import { type Replica, type Replicas, startReplicas } from './replicas.ts';

/** Settings of one person, by commands of which the last one must hold. */
const settings = [...toggleNames, 'edit', 'name', 'bio'] as const;
const isToggle = (setting: Setting): setting is ToggleName => setting in toggles;
type Setting = (typeof settings)[number];

interface Command extends Interval {
  readonly setting: Setting;
  /** Value that must hold if this command is the last one. */
  readonly value: boolean | string;
  answered: number | null;
}

/**
 * A client with an idempotency key retries for this long, with pauses: a refusal comes at once while a queue is down and
 * the connection to the other one is still being restored. Milliseconds.
 */
const retryForMs = 30_000;
const retryPauseMs = 50;

/** One person's client, which writes down what it sent and when it was answered. */
class Client {
  readonly actor = newId();
  readonly post = newId();
  /** Whom or what each setting is about: different users, since a block also ends a follow. */
  readonly targets = Object.fromEntries(
    toggleNames.map((name) => [name, toggles[name].input === 'UserInput' ? newId() : this.post]),
  ) as Readonly<Record<ToggleName, string>>;
  readonly commands: Command[] = [];
  #log = 0;

  async send({ mutate }: Replica, setting: Setting, on: boolean, keyed: boolean): Promise<void> {
    const value = isToggle(setting) ? on : `${setting} ${this.commands.length}`;
    const command: Command = { setting, value, sent: ++this.#log, answered: null };
    this.commands.push(command);
    const [name, input]: [MutationName, object] = isToggle(setting)
      ? [
          toggles[setting].fields[on ? 0 : 1],
          { [toggles[setting].input === 'UserInput' ? 'userId' : 'postId']: this.targets[setting] },
        ]
      : setting === 'edit'
        ? ['editPost', { postId: this.post, body: value }]
        : ['updateProfile', { [setting]: value }];
    const idempotencyKey = keyed ? newId() : undefined;
    const end = performance.now() + (keyed ? retryForMs : 0);
    do {
      try {
        await mutate(this.actor, name, { ...input, ...(idempotencyKey ? { idempotencyKey } : {}) });
        command.answered = ++this.#log;
        return;
      } catch (error) {
        // Not known whether it was applied: it stays concurrent with all that follows.
        if (!String(error).includes('SERVICE_UNAVAILABLE')) throw error;
        if (keyed) await setTimeout(retryPauseMs);
      }
    } while (performance.now() < end);
  }

  /** Returns what the product derives from these events, for each setting. */
  outcome(events: readonly Event[]): Readonly<Record<Setting, unknown>> {
    const { actor, post, targets } = this;
    // Accepted by a replica that was far ahead: what is said of a thing must hold all the same.
    const time = new Date(Date.now() + 5_000).toISOString();
    const data = { handle: 'ann', name: 'Ann' };
    const first = [
      makeEvent({ name: 'rookery.user.signed-up', id: actor, subject: actor, actor, time, data }),
      makeEvent({
        name: 'rookery.post.published',
        id: post,
        subject: post,
        actor,
        time,
        data: { body: 'published' },
      }),
    ];
    const recorded = [...first, ...events].map((event, i) => ({ position: i + 1, recordedAt: time, event }));
    const docs = new Map(projections.flatMap((projection) => [...project(projection, recorded)]));
    const doc = (collection: Parameters<typeof docs.get>[0], id: string) =>
      (docs.get(collection)?.get(id) ?? {}) as Readonly<Record<string, unknown>>;
    const toggled = toggleNames.map((name) => [
      name,
      doc(toggles[name].collection, relationId(actor, targets[name])).active,
    ]);
    return {
      ...(Object.fromEntries(toggled) as Record<ToggleName, unknown>),
      edit: doc('posts', post).body,
      name: doc('users', actor).name,
      bio: doc('users', actor).bio,
    };
  }

  /** Throws unless the last word on each setting holds; of several concurrent ones, any; and if none was accepted, perhaps none. */
  check(events: readonly Event[]): void {
    const [outcome, before] = [this.outcome(events), this.outcome([])];
    for (const setting of settings) {
      const commands = this.commands.filter((command) => command.setting === setting);
      if (commands.length === 0) continue;
      const allowed: unknown[] = lastOf(commands).map(({ value }) => value);
      if (commands.every(({ answered }) => answered === null)) allowed.push(before[setting]);
      expect(allowed, `${setting}: ${JSON.stringify(commands)}`).toContain(outcome[setting]);
    }
  }
}

/** In an order that has nothing to do with when they were accepted, each once. */
const asRecorded = (events: readonly Parameters<typeof readEvent>[0][], seed: number): Event[] => {
  const place = ({ id }: Event) => createHash('sha1').update(`${seed} ${id}`).digest('hex');
  const byId = new Map(events.map(readEvent).map((event) => [event.id, event]));
  return [...byId.values()].toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
};

let replicas: Replicas;
beforeAll(async () => {
  replicas = await startReplicas(3);
}, 60_000);
afterAll(() => replicas[Symbol.asyncDispose]());

const replica = (n: number): Replica => {
  const found = replicas.all[n];
  if (!found) throw new Error(`there is no replica ${n}`);
  return found;
};
const setClocks = (skews: readonly number[]): void => {
  for (const [n, skewMs] of skews.entries()) replica(n).skewMs = skewMs;
};

it.each([
  ['ahead', 5_000, 0],
  ['behind', 0, 5_000],
])('lets the undo win on a replica whose clock is not %s', async (_, first, second) => {
  const client = new Client();
  setClocks([first, second]);
  for (const setting of settings) {
    await client.send(replica(0), setting, true, false);
    await client.send(replica(1), setting, false, false);
  }
  client.check(asRecorded(await replicas.events(client.actor), 1));
});

/** Everything is set on a replica that is 5 s ahead, and taken back on another. */
const setAndTakeBack = async (between: (client: Client) => Promise<unknown> = async () => {}) => {
  const client = new Client();
  setClocks([5_000, 0, 0]);
  for (const setting of settings) await client.send(replica(0), setting, true, true);
  await between(client);
  for (const setting of settings) await client.send(replica(1), setting, false, true);
  expect(client.commands.every(({ answered }) => answered !== null)).toBe(true);
  await replicas.heal([client.actor]);
  client.check(asRecorded(await replicas.events(client.actor), 1));
};

/** The queues that fail in turn; in the short tier that is the first one, and either in the property below. */
const queues = casesOfTier([0, 1], (queue) => queue === 0);

it.each(queues)('lets the undo win after a failover from queue %s', (queue) =>
  setAndTakeBack(async () => replicas.servers[queue]?.kill()),
);

it.each(queues)('lets the undo win with one queue in common, when the other is %s', async (queue) => {
  replica(0).links[queue]?.set({ kind: 'cut' });
  await replicas.settled();
  await setAndTakeBack();
});

it.each(queues)(
  'lets the undo win on queue %s, which was down before, after the other queue fails',
  async (queue) => {
    replica(0).links[queue]?.set({ kind: 'cut' });
    await replicas.settled();
    await setAndTakeBack(async ({ actor }) => {
      await replicas.heal([actor]);
      await replicas.servers[1 - queue]?.kill();
    });
  },
);

/** Replica 0 reaches the first queue alone, replica 1 the second alone. */
const shareNoQueue = async (): Promise<void> => {
  replica(0).links[1]?.set({ kind: 'cut' });
  replica(1).links[0]?.set({ kind: 'cut' });
  await replicas.settled();
};

it('lets the undo win without a queue in common if the clocks agree', async () => {
  const client = new Client();
  setClocks([0, 0, 0]);
  await shareNoQueue();
  for (const setting of settings) {
    await client.send(replica(0), setting, true, true);
    await client.send(replica(1), setting, false, true);
  }
  expect(client.commands.every(({ answered }) => answered !== null)).toBe(true);
  await replicas.heal([client.actor]);
  client.check(asRecorded(await replicas.events(client.actor), 1));
});

it('lets the next command win once there is a queue in common again, whatever the clocks said meanwhile', async () => {
  const client = new Client();
  setClocks([5_000, 0, 0]);
  await shareNoQueue();
  for (const setting of settings) {
    await client.send(replica(0), setting, true, true);
    await client.send(replica(1), setting, false, true);
  }
  await replicas.heal([client.actor]);
  for (const [n, setting] of settings.entries())
    await client.send(replica(1 + (n % 2)), setting, false, true);
  expect(client.commands.every(({ answered }) => answered !== null)).toBe(true);
  await replicas.heal([client.actor]);
  client.check(asRecorded(await replicas.events(client.actor), 1));
});

/** Which links fail: those of some replicas to one queue, or the queue itself. A common queue stays to all. */
const outage = fc.oneof(
  fc.constant(undefined),
  fc.record({ queue: fc.nat(1), killed: fc.constant(true), of: fc.constant([0, 1, 2]) }),
  fc.record({
    queue: fc.nat(1),
    killed: fc.constant(false),
    of: fc.subarray([0, 1, 2], { minLength: 1 }),
  }),
);
const command = fc.record({
  replica: fc.nat(2),
  setting: fc.constantFrom(...settings),
  on: fc.boolean(),
  keyed: fc.boolean(),
});
const script = fc.record({
  skews: fc.tuple(fc.nat(5_000), fc.nat(5_000), fc.nat(5_000)),
  seed: fc.nat(),
  episodes: fc.array(
    fc.record({
      outage,
      // Commands of one group are sent concurrently.
      groups: fc.array(fc.array(command, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 6 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});

it('lets the last word hold, whatever the clocks, the replicas and the failures of either queue', {
  timeout: 180_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(script, async ({ skews, seed, episodes }) => {
      const client = new Client();
      setClocks(skews);
      for (const { outage, groups } of episodes) {
        if (outage?.killed) await replicas.servers[outage.queue]?.kill();
        else for (const n of outage?.of ?? []) replica(n).links[outage?.queue ?? 0]?.set({ kind: 'cut' });
        for (const group of groups)
          await Promise.all(
            group.map(({ replica: n, setting, on, keyed }) => client.send(replica(n), setting, on, keyed)),
          );
        await replicas.heal([client.actor]);
      }
      client.check(asRecorded(await replicas.events(client.actor), seed));
    }),
    { numRuns: Number(process.env.ORDER_RUNS ?? propertyRuns(9)), endOnFailure: true },
  );
});
