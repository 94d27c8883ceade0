import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { samplesOf } from '@rookery/runtime';
import { freePort, type ProcessName, processReady, unpackDebian } from '@rookery/stack';
import { startProgram, useServers } from '../../support/index.ts';
import { startBalancer } from '../balancer.ts';
import type { Fault } from '../fault.ts';
import { perform } from '../workload/send.ts';

/** Finds libfaketime, unpacked next to the servers. */
const findFaketime = async (): Promise<string> => {
  const { root } = await unpackDebian(() => {}, { folder: 'debian-faketime', packages: ['libfaketime'] });
  const multiarch = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  const library = join(root, 'usr/lib', multiarch, 'faketime/libfaketimeMT.so.1');
  if (!existsSync(library)) throw new Error('the package has no libfaketime');
  return library;
};

/** Environment of a process whose clock is off. */
const wrongClock = async (offset: string): Promise<Record<string, string>> => ({
  LD_PRELOAD: await findFaketime(),
  FAKETIME: offset,
  // Timers go by the monotonic clock, which nobody sets.
  DONT_FAKE_MONOTONIC: '1',
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
});

const noFaketime = (): Promise<string | undefined> =>
  findFaketime().then(
    () => undefined,
    (error: unknown) => `no libfaketime: ${error instanceof Error ? error.message : error}`,
  );

const hour = 3_600_000;

/** One process with a clock that is hours off, then with the right one again. */
const clockOff = (name: ProcessName, offset: '+2h' | '-2h'): Fault => ({
  name: `clock-${name}-${offset === '+2h' ? 'ahead' : 'behind'}`,
  row: 'clock ±2 h on one process',
  expected: 'no loss, no hole; the changes of one actor keep their order',
  missing: noFaketime,
  async run({ arena, expect, fired, hold }) {
    await arena.restart(name, await wrongClock(offset));
    const { headers } = await fetch(`${arena.system.urls[name]}/health/live`);
    const off = Date.parse(headers.get('date') ?? '') - Date.now();
    const asMeant = Math.abs(off - (offset === '+2h' ? 2 : -2) * hour) < hour / 10;
    expect('its clock is off', asMeant, off);
    if (asMeant) fired(`the clock of ${name} is off by ${Math.round(off / 1_000)} s`);
    await hold(8);
    await arena.restart(name);
  },
});

/** Returns how many commands this mutation process has accepted. */
const acceptedBy = async (metricsUrl: string): Promise<number> => {
  const text = await (await fetch(`${metricsUrl}/metrics`)).text();
  return samplesOf(text, 'rookery_mutation_commands_total').reduce(
    (sum, { labels, value }) => sum + (labels.outcome === 'accepted' ? value : 0),
    0,
  );
};

/** Two mutation replicas, of which the second is 5 s off, take the commands in turn. */
const replicasApart = (offset: '+5s' | '-5s'): Fault => ({
  name: `mutation-replica-${offset === '+5s' ? 'ahead' : 'behind'}`,
  row: 'mutation replicas with clocks 5 s apart',
  expected: 'the command sent later by the same actor wins, whichever replica takes it',
  missing: noFaketime,
  async run({ arena, workload, expect, fired, hold }) {
    await using undo = new AsyncDisposableStack();
    const [port, metricsPort] = [await freePort(), await freePort()];
    const { system } = arena;
    const log = join(useServers().dir, `mutation-${port}.log`);
    const child = await startProgram(
      'mutation',
      {
        ...system.env,
        ...arena.envOf('mutation'),
        ...(await wrongClock(offset)),
        MUTATION_PORT: String(port),
        MUTATION_METRICS_PORT: String(metricsPort),
      },
      log,
    );
    undo.defer(async () => {
      child.kill('SIGKILL');
      await child.exited;
    });
    await processReady(child, port, log);
    const { headers } = await fetch(`http://127.0.0.1:${port}/health/live`);
    const off = Date.parse(headers.get('date') ?? '') - Date.now();
    expect('its clock is off', Math.abs(off) > 3_000 && Math.abs(off) < 7_000, off);
    const own = arena.links['gateway-mutation'].through(system.urls.mutation);
    const balancer = undo.use(await startBalancer([own, `http://127.0.0.1:${port}`]));
    const urls = [system.metricsUrls.mutation, `http://127.0.0.1:${metricsPort}`];
    const before = await Promise.all(urls.map(acceptedBy));
    await arena.restart('gateway', { MUTATION_URL: balancer.url });
    // Each like may reach one replica and its undo the other; the model says at rest that all of them are off.
    const { world, herald } = workload;
    for (const { id: subject } of world.posts.slice(-20))
      for (const action of ['like', 'unlike'] as const)
        await perform(world, herald, { action, subject, data: {}, key: randomUUID() });
    await hold(10);
    const accepted = (await Promise.all(urls.map(acceptedBy))).map((n, i) => n - (before[i] ?? 0));
    if (accepted.every((n) => n > 0)) fired(`replicas ${Math.round(off)} ms apart accepted ${accepted}`);
    await arena.restart('gateway');
  },
});

export const clockFaults: readonly Fault[] = [
  replicasApart('+5s'),
  replicasApart('-5s'),
  clockOff('mutation', '+2h'),
  clockOff('mutation', '-2h'),
  clockOff('recorder', '+2h'),
  clockOff('projector', '-2h'),
  clockOff('query', '+2h'),
  clockOff('gateway', '-2h'),
];
