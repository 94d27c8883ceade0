import { existsSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { processNames } from '@rookery/stack';
import { expect, it } from 'vitest';
import { until } from '../support/eventually.ts';
import { sharedSystem } from '../support/systems/shared-system.ts';

const background = new Set<string>(['recorder', 'projector']);

const sessionOf = (pid: number): string =>
  /nice (-?\d+)/.exec(readFileSync(`/proc/${pid}/autogroup`, 'utf8'))?.[1] ?? '';

it('recorder and projector alone yield to the processes that answer', async () => {
  const system = await sharedSystem();
  for (const name of processNames) {
    const pid = system.pid(name) ?? 0;
    // This test may itself run at a lower priority than the default, which its children inherit.
    const expected = background.has(name) ? Math.max(5, getPriority()) : getPriority();
    expect({ name, niceness: getPriority(pid) }).toEqual({ name, niceness: expected });
    // Linux alone has priorities of sessions.
    if (!existsSync('/proc/self/autogroup')) continue;
    if (background.has(name)) await until(`the session of ${name} yields`, () => sessionOf(pid) === '5');
    else expect({ name, session: sessionOf(pid) }).toEqual({ name, session: '0' });
  }
});
