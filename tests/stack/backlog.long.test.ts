import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openEventStore } from '@rookery/event-store';
import { createLog } from '@rookery/runtime';
import { processes, processNames } from '@rookery/stack';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHistory } from '../support/events/history.ts';
import { until } from '../support/eventually.ts';
import { type FreshDatabase, freshDatabase } from '../support/index.ts';
import { StackRun } from './run-stack.ts';
import { bootstrap, ready, type StartFolder, startFolder, tokenOf } from './start-folder.ts';

/** More than the projector works off while the demo network is loaded. */
const backlog = 1_000_000;

let folder: StartFolder;
let database: FreshDatabase;
beforeAll(async () => {
  [folder, database] = await Promise.all([startFolder(), freshDatabase()]);
});
afterAll(async () => {
  folder[Symbol.dispose]();
  await database.drop();
});

/** Appends a history to the event store, of which no queue and no projection has heard. */
const recordHistory = async (): Promise<void> => {
  await using store = Object.assign(openEventStore(database.url, { log: createLog('test', 'silent') }), {
    [Symbol.asyncDispose]: () => store.close(),
  });
  await store.prepare();
  const writer = await store.acquireWriter(new AbortController().signal);
  const history = createHistory({ users: 500 });
  for (let events = 0; events < backlog; events += 1_000) await writer.append(history.next(1_000));
  await writer.release();
};

it('serves with a backlog of 1,000,000 events, every process ready, and shows how it is worked off', {
  timeout: 1_800_000,
}, async () => {
  await recordHistory();
  const run = new StackRun([...bootstrap, 'start'], { ...folder.env, POSTGRES_URL: database.url }, true);
  await run.says(/catching up: [\d,]+ events left; reads are stale until then/);
  const env = JSON.parse(readFileSync(join(folder.dir, 'env.json'), 'utf8')) as Record<string, string>;
  const addressOf = (name: (typeof processNames)[number]) =>
    name === 'gateway' ? folder.gatewayUrl : `http://127.0.0.1:${env[processes[name].portName]}`;
  const behind = async () =>
    ((await (await fetch(`${addressOf('query')}/health/flow`)).json()) as { behind: number | null }).behind;

  // Asks again and again, from the first line of progress on.
  const looks: string[] = [];
  let stopped = false;
  const looking = (async () => {
    while (!stopped) {
      for (const name of processNames) {
        const { status } = await fetch(`${addressOf(name)}/health/ready`);
        looks.push(`${name} ${status}`);
      }
      // Their pace, and no wait for anything: each look takes CPU from those who work off the backlog.
      await delay(250);
    }
  })().catch((error: Error) => looks.push(error.message));

  await ready(run);
  const token = tokenOf(run);
  expect(token, run.stderr).not.toBe('');
  expect(await folder.ask('{ me { handle } }', token)).toMatchObject({
    data: { me: { handle: expect.any(String) } },
  });
  expect(
    await folder.ask(
      'mutation { updateProfile(input: { bio: "behind" }) { user { handle bio } activity { status } } }',
      token,
    ),
  ).toMatchObject({
    data: { updateProfile: { activity: { status: 'QUEUED' } } },
    extensions: { stale: true },
  });
  expect(await behind()).toBeGreaterThan(1_000);

  // Each line with a rate says that fewer events are left than before.
  const rates = () =>
    run.stdout.match(/catching up: [\d,]+ events left, [\d,]+\/s, about \d+ (s|min) to go/g) ?? [];
  await until('five lines of progress', () => rates().length >= 5, 600_000);
  stopped = true;
  await looking;
  expect(new Set(looks)).toEqual(new Set(processNames.map((name) => `${name} 200`)));
  const left = [...run.stdout.matchAll(/catching up: ([\d,]+) events left/g)].map(([, count = '']) =>
    Number(count.replaceAll(',', '')),
  );
  expect(Math.max(...left)).toBeGreaterThan(backlog / 2);
  expect(left.at(-1)).toBeLessThan(Math.max(...left));
  run.kill('SIGTERM');
  await run.ended();
});
