import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { freePort, isFree } from './ports.ts';

const source = new URL('ports.ts', import.meta.url).href;

it('never returns the same port to two callers, in this process or others', async () => {
  const ask = `const { freePort } = await import(${JSON.stringify(source)});
    console.log(JSON.stringify(await Promise.all(Array.from({ length: 300 }, () => freePort()))));`;
  const others = await Promise.all(
    Array.from({ length: 3 }, () =>
      promisify(execFile)(process.execPath, ['--input-type=module', '-e', ask]),
    ),
  );
  const own = await Promise.all(Array.from({ length: 300 }, () => freePort()));
  const all = [...own, ...others.flatMap(({ stdout }) => JSON.parse(stdout) as number[])];
  expect(all).toHaveLength(1_200);
  expect(new Set(all).size).toBe(1_200);
});

it('returns no port that the system may use for outgoing connections, and none that is taken', async () => {
  const port = await freePort();
  expect(port).toBeLessThan(32_768);
  expect(await isFree(port)).toBe(true);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  expect(await isFree(port)).toBe(false);
  await new Promise((resolve) => server.close(resolve));
});
