import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessName } from '@rookery/stack';
import { unpackDebian } from '@rookery/stack';
import type { Fault } from '../fault.ts';

/** libfaketime where it can be had, unpacked beside the servers. */
const findFaketime = async (): Promise<string> => {
  const { root } = await unpackDebian(() => {}, { folder: 'debian-faketime', packages: ['libfaketime'] });
  const multiarch = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  const library = join(root, 'usr/lib', multiarch, 'faketime/libfaketimeMT.so.1');
  if (!existsSync(library)) throw new Error('the package has no libfaketime');
  return library;
};

const hour = 3_600_000;

/** One process with a clock that is hours off, then with the right one again. */
const clockOff = (name: ProcessName, offset: '+2h' | '-2h'): Fault => ({
  name: `clock-${name}-${offset === '+2h' ? 'ahead' : 'behind'}`,
  row: 'clock ±2 h on one process',
  expected: 'no loss, no hole; documented effect on order: the later time wins, whoever it is from',
  missing: () =>
    findFaketime().then(
      () => undefined,
      (error: unknown) => `no libfaketime: ${error instanceof Error ? error.message : error}`,
    ),
  async run({ arena, clocksDiffer, expect, fired, hold }) {
    clocksDiffer();
    await arena.restart(name, {
      LD_PRELOAD: await findFaketime(),
      FAKETIME: offset,
      // Timers go by the monotonic clock, which nobody sets.
      DONT_FAKE_MONOTONIC: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    });
    const { headers } = await fetch(`${arena.system.urls[name]}/health/live`);
    const off = Date.parse(headers.get('date') ?? '') - Date.now();
    const asMeant = Math.abs(off - (offset === '+2h' ? 2 : -2) * hour) < hour / 10;
    expect('its clock is off', asMeant, off);
    if (asMeant) fired(`the clock of ${name} is off by ${Math.round(off / 1_000)} s`);
    await hold(8);
    await arena.restart(name);
  },
});

export const clockFaults: readonly Fault[] = [
  clockOff('mutation', '+2h'),
  clockOff('mutation', '-2h'),
  clockOff('recorder', '+2h'),
  clockOff('projector', '-2h'),
  clockOff('query', '+2h'),
  clockOff('gateway', '-2h'),
];
