import type { Envelope } from '@rookery/schema/events';
import { expect } from 'vitest';
import { checkAll, publish, setUp } from '../support/systems/recorder-world.ts';
import { runRecorder } from '../support/systems/run-recorder.ts';

/** Lets three recorders in a row die at this crash point while events come, and checks what a healthy one records. */
export const surviveCrashes = async (point: string): Promise<void> => {
  await using world = await setUp();
  const { queue, store, urls } = world;
  const published: Envelope[] = [];
  for (let round = 1; round <= 3; round++) {
    // It may die before it is ready, while it records events that its predecessor has left.
    await using doomed = await runRecorder(urls, { CRASH_POINT: `${point}:${round}` }, { wait: false });
    let dead = false;
    void doomed.child.exited.then(() => {
      dead = true;
    });
    while (!dead) published.push(...(await publish(queue, 40)));
    expect(await doomed.child.exited).toEqual({ code: null, signal: 'SIGKILL' });
  }
  await using _healthy = await runRecorder(urls);
  published.push(...(await publish(queue, 40)));
  await checkAll(queue, store, published);
};
