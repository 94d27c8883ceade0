import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnChild } from '@rookery/stack';
import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { useServers } from './index.ts';
import { inspectable, type Memory, readMemory } from './memory.ts';

const MiB = 2 ** 20;

/** A process that runs this at each SIGUSR2, and its memory before and after it has done so. */
const around = async (script: string): Promise<readonly [before: Memory, after: Memory]> => {
  const logFile = join(mkdtempSync(join(useServers().dir, 'memory-')), 'log');
  const child = await spawnChild({
    name: 'memory',
    command: process.execPath,
    args: [
      '-e',
      `const kept = []; process.on('SIGUSR2', () => { ${script}; console.log('done'); });
       setInterval(() => {}, 1_000); console.log('ready')`,
    ],
    env: { ...process.env, ...inspectable },
    logFile,
  });
  const log = () => readFileSync(logFile, 'utf8');
  try {
    await eventually(async () => log().includes('ready'));
    const before = await readMemory(child.pid, log);
    child.kill('SIGUSR2');
    await eventually(async () => log().includes('done'));
    return [before, await readMemory(child.pid, log)];
  } finally {
    await child.stop('SIGKILL');
  }
};

const grownBy = ([before, after]: readonly [Memory, Memory]): number => (after.held - before.held) / MiB;

describe('what a process holds', () => {
  it.each([
    ['objects', `for (let i = 0; i < 64; i++) kept.push(new Array(131_072).fill(0.5))`],
    ['buffers', `for (let i = 0; i < 64; i++) kept.push(Buffer.alloc(${MiB}, 1))`],
  ])('counts %s that are kept', async (_, script) => {
    const grown = grownBy(await around(script));
    expect(grown).toBeGreaterThan(60);
    expect(grown).toBeLessThan(80);
  });

  it('does not count what nobody has any more, and what is resident goes back', async () => {
    const memory = await around(
      `let all = []; for (let i = 0; i < 60; i++) all.push(new Array(131_072).fill(0.5), Buffer.alloc(${MiB}, 1)); all = undefined`,
    );
    expect(grownBy(memory)).toBeLessThan(10);
    expect((memory[1].resident - memory[0].resident) / MiB).toBeLessThan(60);
  });
});
