import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identify } from './children/process-identity.ts';
import { LockedError, lockHolder, takeLock, waitForLock } from './lock.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rookery-lock-'));
  path = join(dir, 'lock');
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('takeLock', () => {
  it('admits one holder, and the next one after a release', () => {
    const lock = takeLock(path);
    expect(lockHolder(path)).toBe(process.pid);
    expect(() => takeLock(path)).toThrow(LockedError);
    lock.release();
    expect(lockHolder(path)).toBeUndefined();
    takeLock(path).release();
    expect(readdirSync(dir)).toEqual([]);
  });

  it('takes over the lock of a killed process, even if its pid is in use again', () => {
    // No pid is that high on Linux (2^22).
    writeFileSync(path, '99999999 1');
    takeLock(path).release();
    const [pid] = identify(process.ppid).split(' ');
    writeFileSync(path, `${pid} 1`);
    if (process.platform === 'linux') takeLock(path).release();
  });

  it('does not take over the lock of a running process', () => {
    writeFileSync(path, identify(process.ppid));
    expect(() => takeLock(path)).toThrow(`held by process ${process.ppid}`);
  });
});

describe('waitForLock', () => {
  it('gets the lock once the holder releases it', async () => {
    const first = takeLock(path);
    let waits = 0;
    const second = waitForLock(path, () => {
      waits++;
      first.release();
    });
    (await second).release();
    expect(waits).toBe(1);
  });
});
