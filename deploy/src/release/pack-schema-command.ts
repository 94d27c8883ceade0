import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloneDir } from '@rookery/stack';

/** Builds the npm package of the schema command, which teams install without a clone, and packs it into a file. */
export const packSchemaCommand = (file: string): void => {
  const dir = mkdtempSync(join(tmpdir(), 'rookery-schema-command-'));
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    const built = join(dir, 'package');
    mkdirSync(built);
    run(process.execPath, join(cloneDir, 'schema/package/build.ts'), built);
    run('npm', 'pack', built, '--pack-destination', dir, '--ignore-scripts', '--offline');
    const packed = readdirSync(dir).find((name) => name.endsWith('.tgz'));
    if (packed === undefined) throw new Error('npm packed nothing');
    copyFileSync(join(dir, packed), file);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};
