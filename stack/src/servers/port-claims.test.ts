import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { PortClaims } from './port-claims.ts';

const source = new URL('port-claims.ts', import.meta.url).href;
const home = mkdtempSync(join(tmpdir(), 'port-claims-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(home, 'tmp-'));
});

const [seconds, minutes] = [1_000, 60_000];

describe('claims of ports', () => {
  it('are respected by every user, and by none once they are old', () => {
    const [ann, bob] = [new PortClaims(parent, 'ann'), new PortClaims(parent, 'bob')];
    // Independent of the time of the claim within its period.
    for (const [day, begin] of [0, 1, 119_999].entries()) {
      const now = (n: number) => begin + (day * 24 * 60 + n * 10) * minutes;
      for (const [n, owner, other] of [
        [1, ann, bob],
        [2, bob, ann],
        [3, ann, ann],
      ] as const) {
        expect(owner.claim(20_000, now(n))).toBe(true);
        expect(other.claim(20_000, now(n))).toBe(false);
        expect(other.claim(20_000, now(n) + 119 * seconds)).toBe(false);
        expect(other.claim(20_001, now(n))).toBe(true);
        expect(other.claim(20_000, now(n) + 5 * minutes)).toBe(true);
      }
    }
  });

  it('are one claim, however many users and processes want the port at once', async () => {
    const script = `const { PortClaims } = await import(${JSON.stringify(source)});
      const claims = new PortClaims(process.argv[1], process.argv[2]);
      const ports = Array.from({ length: 200 }, (_, i) => 20_000 + i);
      console.log(JSON.stringify(ports.filter((port) => claims.claim(port))));`;
    const got = await Promise.all(
      ['ann', 'ann', 'bob', 'eve'].map(async (user) => {
        const args = ['--input-type=module', '-e', script, parent, user];
        return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout) as number[];
      }),
    );
    expect(new Set(got.flat()).size).toBe(got.flat().length);
    expect(got.flat().length).toBeGreaterThan(0);
  });

  it('leave nothing behind', () => {
    const claims = new PortClaims(parent, 'ann');
    for (let port = 20_000; port < 20_020; port++) claims.claim(port, 0);
    expect(claims.claim(20_000, 10 * minutes)).toBe(true);
    claims.sweep(10 * minutes);
    expect(readdirSync(join(parent, 'rookery-ports-ann'))).toEqual(['20000.5']);
  });

  it('say why none can be made', () => {
    writeFileSync(join(parent, 'rookery-ports-ann'), 'not a folder');
    expect(() => new PortClaims(parent, 'ann').claim(20_000)).toThrow(
      /rookery-ports-ann\/20000\.\d+ can't be written \(ENOTDIR\).*a folder of this user's own.*TMPDIR/,
    );
  });
});
