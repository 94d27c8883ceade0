import { afterAll, beforeAll, describe, it } from 'vitest';
import { type HealthWorld, rows, startHealthWorld } from './dependencies.ts';

let world: HealthWorld;
beforeAll(async () => {
  world = await startHealthWorld();
}, 120_000);
afterAll(() => world[Symbol.asyncDispose]());

describe('readiness', () => {
  it.each(rows.servers)(
    'with %s frozen, only these are not ready: %j',
    { timeout: 240_000 },
    (down, notReady) => world.withoutPart(down, notReady, 'frozen'),
  );
});
