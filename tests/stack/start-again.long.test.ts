import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openQueue } from '@rookery/message-queue';
import { createLog } from '@rookery/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleEvent } from '../support/events/sample-events.ts';
import { until } from '../support/eventually.ts';
import { StackRun } from './run-stack.ts';
import { bootstrap, ready, type StartFolder, startFolder, tokenOf } from './start-folder.ts';

/** Publishes so many events and waits until they are recorded. */
const publishMany = async (url: string, count: number): Promise<void> => {
  const log = createLog('test', 'silent');
  const queue = openQueue({ url, replicas: 1, maxBytes: 1_000_000_000, ackTimeoutMs: 5_000, log });
  try {
    await until('the queue answers', () =>
      queue.ping().then(
        () => true,
        () => false,
      ),
    );
    for (let sent = 0; sent < count; sent += 500)
      await Promise.all(Array.from({ length: 500 }, () => queue.publish(sampleEvent())));
    await until('everything is recorded', async () => (await queue.backlog('recorder')).events === 0, 60_000);
  } finally {
    await queue.close();
  }
};

/** One story on one data folder: each step starts on what the step before left behind. */
describe('npm start on what it has left', () => {
  let folder: StartFolder;
  beforeAll(async () => {
    folder = await startFolder();
  });
  afterAll(() => folder[Symbol.dispose]());

  it('stops on SIGTERM', { timeout: 240_000 }, async () => {
    const run = folder.start();
    await ready(run);
    await run.says(/Ctrl-C stops everything/);
    const posted = await folder.ask(
      'mutation { publishPost(input: { body: "Hello from the shell" }) { activity { id } } }',
      tokenOf(run),
    );
    expect(posted.errors).toBeUndefined();
    run.kill('SIGTERM');
    await run.ended();
  });

  it('finds its data again, starts what dies again, refuses a second run, and SIGKILL leaves nothing behind', {
    timeout: 240_000,
  }, async () => {
    const run = folder.start();
    await ready(run);
    // The token is printed after that.
    await run.says(/Ctrl-C stops everything/);
    const posts = await folder.ask(
      '{ me { handle feed(first: 5) { edges { node { post { body } } } } } }',
      tokenOf(run),
    );
    expect(JSON.stringify(posts)).toContain('Hello from the shell');

    for (const name of ['recorder', 'redis']) {
      const pid = run.pidOf(name);
      process.kill(pid, 'SIGKILL');
      await run.says(new RegExp(`${name} was ended by SIGKILL; starting it again in`));
      await until(`${name} runs again`, () => run.pidOf(name) !== pid);
    }
    await until(
      'the gateway is ready again',
      async () => (await fetch(`${folder.gatewayUrl}/health/ready`).catch(() => undefined))?.ok,
    );

    const second = new StackRun([...bootstrap, 'start'], folder.env);
    expect(await second.ended()).toBe(1);
    expect(second.stderr.trim()).toMatch(/^rookery: already runs on .*$/);
    const reset = new StackRun([...bootstrap, 'reset'], folder.env);
    expect(await reset.ended()).toBe(1);
    expect(reset.stderr.trim()).toMatch(/^rookery: runs on .* stop it first$/);
    expect(existsSync(join(folder.dir, 'state.json'))).toBe(true);

    process.kill(Number.parseInt(readFileSync(join(folder.dir, 'lock'), 'utf8'), 10), 'SIGKILL');
    await run.ended();
  });

  it('serves with a backlog and shows how it is worked off', { timeout: 240_000 }, async () => {
    const run = folder.start();
    await ready(run);
    const token = tokenOf(run);
    process.kill(run.pidOf('projector'), 'SIGSTOP');
    const { NATS_URL: url } = JSON.parse(readFileSync(join(folder.dir, 'env.json'), 'utf8')) as {
      NATS_URL: string;
    };
    await publishMany(url, 12_000);
    run.kill('SIGKILL');
    await run.ended();

    const again = folder.start();
    await ready(again);
    await again.says(/catching up: [\d,]+ events left; reads are stale until then/);
    expect(await folder.ask('{ me { handle } }', token)).toMatchObject({
      data: { me: { handle: expect.any(String) } },
    });
    await again.says(/catching up: [\d,]+ events left, [\d,]+\/s, about \d+ (s|min) to go/);
    await again.says(/caught up/, 180_000);
    again.kill('SIGTERM');
    await again.ended(10_000);
  });

  it('starts after a SIGKILL at once, and does not outlive a killed npm', { timeout: 240_000 }, async () => {
    const run = folder.start(['npm', 'start']);
    await ready(run);
    run.kill('SIGKILL');
    await run.ended();
  });

  it('starts after that too, and does not outlive a killed bootstrap.mjs', { timeout: 240_000 }, async () => {
    const run = folder.start();
    await ready(run);
    run.kill('SIGKILL');
    await run.ended();
  });
});
