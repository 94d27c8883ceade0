import { randomUUID } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { Operation } from '../../support/model/reference-model.ts';
import type { Arena } from '../arena.ts';
import { readStore } from '../check/observe.ts';
import type { Fault } from '../fault.ts';
import { perform, reuseKey } from '../workload/send.ts';
import type { Person, SharedWorld } from '../workload/world.ts';

/** Makes the queue forget every idempotency key, as it does after 24 hours. */
const forgetKeys = async (arena: Arena, world: SharedWorld): Promise<number> => {
  world.keysForgotten = true;
  const nc = await connect({ servers: new URL(arena.urls.queue).host, timeout: 3_000 });
  try {
    return (await (await jetstreamManager(nc)).streams.purge('KV_idempotency')).purged;
  } finally {
    await nc.close();
  }
};

const statusOf = async (
  { client }: SharedWorld,
  { token }: Person,
  id: string | null,
): Promise<string | undefined> => {
  const { data } = await client.ask<{ activity: { status: string } | null }>(
    'query ($id: ID!) { activity(id: $id) { status } }',
    { id },
    { token },
  );
  return data?.activity?.status;
};

export const keyFaults: readonly Fault[] = [
  {
    name: 'keys-forgotten',
    row: 'an idempotency key used again after its window',
    expected:
      'CONFLICT if the first command is recorded; else one command takes effect, the others are rejected',
    async run({ arena, workload, expect, fired, hold, until }) {
      const { world, herald } = workload;
      const publish = (): Promise<Operation> =>
        perform(world, herald, {
          action: 'publish',
          subject: null,
          data: { body: `${herald.handle} says something` },
          key: randomUUID(),
        });
      /** The same key for another text, and for another verb. */
      const reuseForText = (first: Operation) =>
        reuseKey(world, herald, first, {
          action: 'publish',
          subject: null,
          data: { body: `${herald.handle} says something else` },
        });
      const reuseForLike = (first: Operation) =>
        reuseKey(world, herald, first, { action: 'like', subject: first.activity, data: {} });

      const recorded = await publish();
      await until('it is recorded', 20_000, async () =>
        (await readStore(arena.urls.store)).events.some(({ id }) => id === recorded.activity),
      );
      const forgotten = await forgetKeys(arena, world);
      const refused = [await reuseForText(recorded), await reuseForLike(recorded)];
      expect(
        'a recorded key is known forever',
        refused.every(({ outcome }) => outcome === 'failed'),
        refused,
      );

      // Recorded by nobody and forgotten by the queue, the key is known to no one.
      await arena.system.kill('recorder');
      const first = await publish();
      await forgetKeys(arena, world);
      const text = await reuseForText(first);
      await forgetKeys(arena, world);
      const others = [text, await reuseForLike(first)];
      expect(
        'each is accepted as an activity of its own',
        new Set([first, ...others].map(({ activity }) => activity)).size === 3,
        others,
      );
      if (others.every(({ outcome }) => outcome === 'ok'))
        fired(
          `${forgotten} keys forgotten, and ${others.length} commands accepted under a key that was taken`,
        );
      await hold(5);
      await arena.start('recorder');
      await until(
        'the first takes effect',
        20_000,
        async () => (await statusOf(world, herald, first.activity)) === 'PROJECTED',
      );
      for (const { activity, action } of others)
        await until(
          `the ${action} is rejected`,
          20_000,
          async () => (await statusOf(world, herald, activity)) === 'REJECTED',
        );
    },
  },
];
