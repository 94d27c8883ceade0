import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@rookery/command-line';
import { ownRoot } from '../compose/subgraph-files.ts';

const sourceDir = join(ownRoot, 'packages/subgraph-auth');

/** Returns the name of the packed file, as npm chooses it. */
export const authPackageFile = (): string => {
  const { version } = JSON.parse(readFileSync(join(sourceDir, 'package.json'), 'utf8')) as {
    version: string;
  };
  return `rookery-subgraph-auth-${version}.tgz`;
};

const run = (command: string, args: readonly string[]): string => {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const {
      stderr = '',
      stdout = '',
      message,
    } = error as Partial<Record<'stderr' | 'stdout', string>> & Error;
    throw new InputError(`failed to pack @rookery/subgraph-auth: ${stderr || stdout || message}`.trim());
  }
};

/** Builds and packs the package that verifies the gateway's tokens, as it is published. @throws InputError */
export const packAuthPackage = (): Buffer => {
  const dir = mkdtempSync(join(tmpdir(), 'rookery-subgraph-auth-'));
  try {
    const built = join(dir, 'package');
    run(process.execPath, [join(sourceDir, 'build.ts'), built]);
    run('npm', ['pack', built, '--pack-destination', dir, '--ignore-scripts', '--offline']);
    return readFileSync(join(dir, authPackageFile()));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};
