import { setTimeout } from 'node:timers/promises';
import type { Envelope } from '@rookery/schema/events';
import { expect } from 'vitest';
import { checkAll, publish, setUp } from '../support/systems/recorder-world.ts';
import { runRecorder } from '../support/systems/run-recorder.ts';

/**
 * Lets recorders die at this crash point while events come, one after the other, and checks what a healthy one records.
 * @param rounds at which occurrence of the point each of them dies
 */
export const surviveCrashes = async (point: string, rounds: readonly number[]): Promise<void> => {
  await using world = await setUp();
  const { queue, store, urls } = world;
  const published: Envelope[] = [];
  for (const round of rounds) {
    // It may die before it is ready, while it records events that its predecessor has left.
    await using doomed = await runRecorder(urls, { CRASH_POINT: `${point}:${round}` }, { wait: false });
    let dead = false;
    void doomed.child.exited.then(() => {
      dead = true;
    });
    while (!dead) {
      published.push(...(await publish(queue, 40)));
      await setTimeout(50); // more of them would show no more
    }
    expect(await doomed.child.exited).toEqual({ code: null, signal: 'SIGKILL' });
  }
  await using _healthy = await runRecorder(urls);
  published.push(...(await publish(queue, 40)));
  await checkAll(queue, store, published);
};
