import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

const source = new URL('log.ts', import.meta.url).href;

test.runIf(existsSync('/dev/full'))(
  'a process whose log cannot be written goes on, and holds little of it',
  async () => {
    const script = `
    const { createLog } = await import(${JSON.stringify(source)});
    const log = createLog('test', 'info');
    // In a promise, so that an error is an unhandled rejection.
    for (let n = 0; n < 100; n++) await Promise.resolve().then(() => log.info('x'.repeat(100_000)));
    log.child({ subsystem: 'other' }).error({ error: new Error('no') }, 'failed');
    gc();
    console.error(process.memoryUsage().heapUsed + process.memoryUsage().external);`;
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', script], {
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    if (child.stderr === null) throw new Error('no stderr');
    const said = text(child.stderr);
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
    expect(Number(await said)).toBeLessThan(50_000_000);
  },
);
