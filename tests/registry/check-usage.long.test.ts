import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { cloneDir } from '@rookery/stack';
import { expect, test } from 'vitest';
import { startRegistry } from './start-registry.ts';

interface Ran {
  readonly code: unknown;
  readonly stdout: string;
}

/** Runs the check against the registry; it does not block, since the registry is in this process. */
const check = (address: string, token: string): Promise<Ran> =>
  new Promise((resolve) => {
    const args = ['check', '--base', 'HEAD', '--usage', address, '--format', 'json'];
    execFile(
      process.execPath,
      [join(cloneDir, 'schema/src/cli/main.ts'), ...args],
      { cwd: cloneDir, env: { ...process.env, REGISTRY_TOKEN: token } },
      (error, stdout) => resolve({ code: error?.code ?? 0, stdout }),
    );
  });

test('the check reads usage from the registry, and never passes if it cannot', async () => {
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
  expect((await check(address, await registry.token('read'))).code).toBe(2);
  expect((await check('http://127.0.0.1:1/v1/environments/production', token)).code).toBe(3);
});
