import { existsSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { expect, it } from 'vitest';
import { until } from '../support/eventually.ts';
import { sharedSystem } from '../support/systems/shared-system.ts';

/** Two that yield, and one that answers. */
const names = ['recorder', 'projector', 'query'] as const;

const sessionOf = (pid: number): string =>
  /nice (-?\d+)/.exec(readFileSync(`/proc/${pid}/autogroup`, 'utf8'))?.[1] ?? '';

it('recorder and projector alone yield to the processes that answer', async () => {
  const system = await sharedSystem();
  // This test may itself run at a lower priority than the default, which its children inherit.
  const own = getPriority();
  const lower = Math.min(19, own + 3);
  await Promise.all(names.map((name) => system.restart(name, { BACKGROUND_NICENESS: String(lower) })));
  for (const name of names) {
    const pid = system.pid(name) ?? 0;
    const expected = name !== 'query' ? lower : own;
    expect({ name, niceness: getPriority(pid) }).toEqual({ name, niceness: expected });
    // Linux alone has priorities of sessions.
    if (!existsSync('/proc/self/autogroup')) continue;
    if (name !== 'query')
      await until(`the session of ${name} yields`, () => sessionOf(pid) === String(lower));
    else expect({ name, session: sessionOf(pid) }).toEqual({ name, session: '0' });
  }
});
