import { readMetric } from '@rookery/runtime';
import { freePort, type ProcessName, processReady } from '@rookery/stack';
import { signalTree, startProgram } from '../../support/index.ts';
import type { Fault, FaultContext } from '../fault.ts';

const killAndRestart = async ({ arena, hold, fired }: FaultContext, name: ProcessName): Promise<void> => {
  const pid = arena.system.pid(name);
  await arena.system.kill(name);
  fired(`SIGKILL to ${name}, pid ${pid}`);
  await hold(2);
  await arena.start(name);
};

const kill = (name: ProcessName, row: string, expected: string): Fault => ({
  name: `kill-${name}`,
  row,
  expected,
  run: (context) => killAndRestart(context, name),
});

/** Starts the process so that it dies by itself at a crash point, waits for that, and starts it again. */
const dies = (name: ProcessName, point: string, row: string): Fault => ({
  name: `${name}-dies-${point}`,
  row,
  expected: 'redelivered; nothing lost, nothing doubled',
  async run({ arena, random, until, fired, pace }) {
    for (let i = 1; i <= Math.max(1, 3 * pace); i++) {
      // It may die before anybody has seen it ready: what it does there is what it does everywhere.
      const started = arena.restart(name, { CRASH_POINT: `${point}:${random.int(1, 4)}` }).catch(() => {});
      await started;
      const waited = await until(
        `${name} to die ${point}`,
        20_000,
        () => arena.system.pid(name) === undefined,
      );
      if (arena.system.pid(name) === undefined) fired(`${name} died ${point} after ${Math.round(waited)} ms`);
      await arena.restart(name);
    }
  },
});

const freeze = (name: ProcessName): Fault => ({
  name: `freeze-${name}`,
  row: 'a process that hangs (SIGSTOP)',
  expected: 'timeouts fire; it resumes from its last position',
  async run({ arena, hold, fired }) {
    const pid = arena.system.pid(name);
    if (pid === undefined) throw new Error(`${name} does not run`);
    signalTree(pid, 'SIGSTOP');
    fired(`SIGSTOP to ${name}, pid ${pid}`);
    await hold(12);
    signalTree(pid, 'SIGCONT');
  },
});

const front = 'kill -9 gateway, mutation or query subgraph';
const recorder = 'kill -9 recorder before commit, after commit, after publish';
const projector = 'kill -9 projector mid-batch, after apply';

/** Two recorders: the second waits, takes over when the first dies, and never appends beside it. */
const twoRecorders: Fault = {
  name: 'two-recorders',
  row: 'two recorders',
  expected: 'the second waits; no double append',
  async run({ arena, hold, fired, expect, until, figure }) {
    const [port, metricsPort] = [await freePort(), await freePort()];
    const logFile = `${arena.system.tokenKeyFile}.recorder-2.log`;
    const second = await startProgram(
      'recorder',
      {
        ...arena.system.env,
        ...arena.envOf('recorder'),
        RECORDER_PORT: String(port),
        RECORDER_METRICS_PORT: String(metricsPort),
      },
      logFile,
    );
    try {
      await processReady(second, port, logFile);
      const isWriter = async (url: string): Promise<boolean> =>
        (await readMetric(url, 'rookery_recorder_writer').catch(() => undefined)) === 1;
      const [first, other] = [arena.system.metricsUrls.recorder, `http://127.0.0.1:${metricsPort}`];
      // One of them, whichever it is at first; both at once is what must never be.
      const roles = async () => [await isWriter(first), await isWriter(other)].join();
      await until('the first to write and the second to wait', 20_000, async () => {
        const now = await roles();
        expect('at most one writes', now !== 'true,true', now);
        return now === 'true,false';
      });
      await hold(2);
      const start = performance.now();
      await arena.system.kill('recorder');
      fired('a second recorder ran, and the first was killed');
      await until('the second to take over', 20_000, () => isWriter(other));
      figure('recorder fail-over', performance.now() - start);
      await arena.start('recorder');
      await hold(2);
      const now = await roles();
      expect('the first, come back, waits', now === 'false,true', now);
    } finally {
      second.kill('SIGKILL');
      await second.exited;
    }
  },
};

/** A gateway that is told to stop while sockets are open. */
const gatewayStops: Fault = {
  name: 'gateway-stops',
  row: 'gateway stopped with open sockets',
  expected: 'not ready, sockets closed 1001, drained within 10 s; clients resume',
  async run({ arena, workload, fired, expect, figure, hold, until }) {
    // One that is on its way back from an earlier fault would find nobody, and count as closed without a reason.
    await until('all subscribers to be connected', 20_000, async () =>
      workload.subscribers.every(({ isConnected }) => isConnected),
    );
    const before = workload.subscribers.map(({ closes }) => closes.length);
    const start = performance.now();
    await arena.system.kill('gateway', 'SIGTERM');
    const took = performance.now() - start;
    figure('gateway drained', took);
    fired(`SIGTERM with ${before.length} subscriptions open`);
    expect('drained within 10 s', took < 10_000, took);
    await hold(1);
    const codes = workload.subscribers.flatMap(({ closes }, i) =>
      closes.slice(before[i], (before[i] ?? 0) + 1),
    );
    expect('sockets were closed with 1001', codes.length > 0 && codes.every((code) => code === 1001), codes);
    await arena.start('gateway');
  },
};

export const processFaults: readonly Fault[] = [
  kill('gateway', front, 'in-flight is unknown, a retry with the key is safe'),
  kill('mutation', front, 'in-flight is unknown, a retry with the key is safe'),
  kill('query', front, 'in-flight is unknown; others unaffected'),
  kill('recorder', recorder, 'redelivered; nothing lost, nothing doubled'),
  kill('projector', projector, 'redelivered; no change'),
  dies('recorder', 'before-commit', recorder),
  dies('recorder', 'after-commit', recorder),
  dies('recorder', 'after-publish', recorder),
  dies('projector', 'mid-batch', projector),
  dies('projector', 'after-apply', projector),
  freeze('recorder'),
  freeze('projector'),
  freeze('mutation'),
  freeze('query'),
  twoRecorders,
  gatewayStops,
];
