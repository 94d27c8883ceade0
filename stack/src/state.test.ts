import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from './servers/ports.ts';
import { loadState } from './state.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rookery-state-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('loadState', () => {
  it('creates secrets and ports once, readable only by the owner', async () => {
    const first = await loadState(dir, { redis: 0, nats: 0 });
    expect(first.secrets.cursor.length).toBeGreaterThanOrEqual(32);
    expect(new Set(Object.values(first.secrets)).size).toBe(2);
    expect(first.ports.redis).not.toBe(first.ports.nats);
    expect(statSync(join(dir, 'state.json')).mode & 0o777).toBe(0o600);
    expect(await loadState(dir, { redis: 0, nats: 0 })).toEqual(first);
  });

  it('uses the preferred port if it is free, and another one if it has been taken since', async () => {
    const wanted = await freePort();
    expect((await loadState(dir, { query: wanted })).ports.query).toBe(wanted);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(wanted, '127.0.0.1', resolve));
    expect((other.address() as AddressInfo).port).toBe(wanted);
    const { ports } = await loadState(dir, { query: wanted });
    expect(ports.query).not.toBe(wanted);
    other.close();
  });

  it('explains what to do about an unreadable file, and leaves it', async () => {
    writeFileSync(join(dir, 'state.json'), '{"secr');
    await expect(loadState(dir, {})).rejects.toThrow(/can't be read .* mend it, or clear the data/);
  });
});
