import { describe, expect, it } from 'vitest';
import type { Exit } from './guarded-child.ts';
import { type Running, supervise } from './supervise.ts';

const fake = (pid: number) => {
  const { promise: exited, resolve: end } = Promise.withResolvers<Exit>();
  return { pid, exited, end };
};

describe('supervise', () => {
  it('restarts a child that ends, with growing pauses, and reports it', async () => {
    const lines: string[] = [];
    const started: ReturnType<typeof fake>[] = [];
    const times = [performance.now()];
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const first = fake(1);
    const supervised = supervise({
      name: 'recorder',
      first,
      firstPauseMs: 20,
      say: (line) => lines.push(line),
      start: async () => {
        times.push(performance.now());
        if (times.length === 3) throw new Error('no room');
        const running = fake(times.length);
        started.push(running);
        if (times.length < 5) running.end({ code: 1, signal: null });
        else resolve();
        return running;
      },
    });
    first.end({ code: null, signal: 'SIGKILL' });
    await done;
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    // 20, 40, 80 and 160 ms, each by 0.75 to 1.25; the first line below bounds the first pause.
    expect(pauses[3]).toBeGreaterThan(119);
    expect(lines[0]).toMatch(/^recorder was ended by SIGKILL; starting it again in 0\.0 s$/);
    expect(lines.join('\n')).toMatch(/recorder did not start: no room; starting it again/);
    expect(lines.join('\n')).toMatch(/recorder ended with code 1; starting it again/);
    await supervised.stop(async (running) =>
      started.find(({ pid }) => pid === running.pid)?.end({ code: 0, signal: null }),
    );
  });

  it('starts nothing after stop, even during a pause', async () => {
    let starts = 0;
    const first = fake(1);
    const supervised = supervise<Running>({
      name: 'query',
      first,
      firstPauseMs: 60_000,
      say: () => {},
      start: async () => {
        starts++;
        return fake(2);
      },
    });
    first.end({ code: 0, signal: null });
    await first.exited;
    await supervised.stop(async () => {});
    expect(starts).toBe(0);
  });
});
