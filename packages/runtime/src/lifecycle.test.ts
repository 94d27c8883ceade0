import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const lifecycle = fileURLToPath(new URL('lifecycle.ts', import.meta.url));

it('keeps the compiled code of a process that is killed', () => {
  const NODE_COMPILE_CACHE = mkdtempSync(join(tmpdir(), 'rookery-compiled-'));
  try {
    const script = `const { run } = await import(${JSON.stringify(lifecycle)});
      await run('killed', async () => {});
      process.kill(process.pid, 'SIGKILL');`;
    const { signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { NODE_COMPILE_CACHE },
    });
    expect(signal).toBe('SIGKILL');
    expect(globSync('*/*', { cwd: NODE_COMPILE_CACHE })).not.toEqual([]);
  } finally {
    rmSync(NODE_COMPILE_CACHE, { recursive: true });
  }
});
