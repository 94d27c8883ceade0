import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { cloneDir } from '@rookery/stack';
import { expect, it } from 'vitest';
import { expectExact, skippedBacklog } from './skipped-backlog.ts';

// The first batch of each of six projections comes from the queue, and three more from the event store.
it.each([4, 8, 14, 20])(
  'a projector that dies in batch %i of a backlog that it has skipped leaves nothing undone or doubled',
  async (batch) => {
    let exited: Promise<unknown> | undefined;
    await using skipped = await skippedBacklog(async (world, env) => {
      const child = spawn(process.execPath, [join(cloneDir, 'projector/src/main.ts')], {
        env: { ...process.env, ...world.env, ...env, CRASH_POINT: `mid-batch:${batch}`, LOG_LEVEL: 'silent' },
        stdio: 'inherit',
      });
      exited = once(child, 'exit');
    });
    const { world } = skipped;
    skipped.letGo();
    // The fault really fired.
    expect(await exited).toEqual([null, 'SIGKILL']);
    await skipped.record(50);
    await world.start();
    await world.caughtUp();
    await expectExact(world);
  },
  120_000,
);
