import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { spawnChild } from './guarded-child.ts';
import { identify, isAlive } from './process-identity.ts';

const gone = (identity: string) => expect.poll(() => isAlive(identity)).toBe(false);

/** Starts a process that runs `command` as a guarded child, prints its pid and waits. */
async function supervisorOf(command: string) {
  const script = `
    const { spawnChild } = await import(${JSON.stringify(new URL('./guarded-child.ts', import.meta.url).href)});
    const child = await spawnChild({ name: 'child', command: '/bin/sh', args: ['-c', ${JSON.stringify(command)}] });
    console.log(child.pid);
    setInterval(() => {}, 1000);`;
  const supervisor = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: supervisor.stdout })) {
    return { supervisor, child: identify(Number(line)) };
  }
  throw new Error('the supervisor said nothing');
}

describe('spawnChild', () => {
  it('returns the pid and exit of the child, and forwards signals', async () => {
    const child = await spawnChild({
      name: 'echo',
      command: '/bin/sh',
      args: ['-c', 'echo $$; exit 3'],
      talks: true,
    });
    const said = await new Promise((resolve) =>
      child.stdout?.once('data', (data) => resolve(String(data).trim())),
    );
    expect(said).toBe(String(child.pid));
    expect(await child.exited).toEqual({ code: 3, signal: null });
    const sleeper = await spawnChild({ name: 'sleep', command: 'sleep', args: ['60'] });
    expect(await sleeper.stop('SIGTERM')).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('kills a child that does not stop when asked', async () => {
    const child = await spawnChild({
      name: 'stubborn',
      command: '/bin/sh',
      args: ['-c', `trap '' TERM; echo ready; while :; do sleep 1; done`],
      talks: true,
    });
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    expect(await child.stop('SIGTERM', 100)).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it.each([
    ['willing', 'sleep 60'],
    ['frozen or deaf to signals', `trap '' TERM; while :; do sleep 1; done`],
  ])('does not outlive a supervisor that is killed: a child that is %s', async (_kind, command) => {
    const { supervisor, child } = await supervisorOf(command);
    expect(isAlive(child)).toBe(true);
    supervisor.kill('SIGKILL');
    await gone(child);
  });
});
