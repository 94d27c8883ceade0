import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { cloneDir } from '@rookery/stack';
import { expect, test } from 'vitest';
import { startRegistry } from './start-registry.ts';

interface Ran {
  readonly code: unknown;
  readonly stdout: string;
}

/** Runs a command with usage of the registry; it does not block, since the registry is in this process. */
const run = (address: string, token: string, ...command: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const args = [...command, '--usage', address, '--json'];
    execFile(
      process.execPath,
      [join(cloneDir, 'schema/src/cli/main.ts'), ...args],
      { cwd: cloneDir, env: { ...process.env, REGISTRY_TOKEN: token } },
      (error, stdout) => resolve({ code: error?.code ?? 0, stdout }),
    );
  });

const check = (address: string, token: string): Promise<Ran> =>
  run(address, token, 'check', '--base', 'HEAD');

test('check and unused read usage from the registry, and the check never passes if it cannot', async () => {
  await using registry = await startRegistry();
  const address = `${registry.url}/v1/environments/production`;
  const operation = {
    document: 'query Me { me { name } }',
    operationName: 'Me',
    client: { name: 'web', version: '1' },
    count: 3,
    errors: 1,
    durationMs: 5,
    inputs: [],
  };
  await registry.ask('/v1/environments/production/usage', { operations: [operation] });
  const token = await registry.token('check');
  const { stdout } = await check(address, token);
  expect(JSON.parse(stdout).usage).toMatchObject({
    source: address,
    operations: 1,
    requests: 3,
    hasData: true,
  });
  const { elements } = JSON.parse((await run(address, token, 'unused')).stdout);
  const unused = elements.map(({ coordinate }: { coordinate: string }) => coordinate);
  expect(unused).toContain('User.bio');
  expect(unused).not.toContain('User.name');
  expect((await check(address, await registry.token('read'))).code).toBe(2);
  expect((await check('http://127.0.0.1:1/v1/environments/production', token)).code).toBe(3);
});
