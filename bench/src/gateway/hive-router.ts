import { execFile } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cloneDir, onPath } from '@rookery/stack';

const version = '0.3.10';
const root = join(cloneDir, '.rookery', `hive-router-${version}`);
const target = join(cloneDir, '.rookery', 'cargo-target');
const program = join(root, 'bin', 'hive_router');

/**
 * Builds Hive's router with cargo, once. Several hundred crates take long; a build that was interrupted continues.
 * @returns the program
 * @throws Error if cargo is missing or the build fails, for example because Rust is older than 1.97
 */
export const buildHiveRouter = async (say: (line: string) => void): Promise<string> => {
  if (existsSync(program)) return program;
  const cargo = onPath('cargo');
  if (cargo === undefined) throw new Error('hive-router needs cargo: https://rustup.rs');
  say(`building hive-router ${version}, once: this takes long`);
  // With its default features the build would also fetch a page for browsers from npm.
  const options = ['--locked', '--features', 'graphiql', '--root', root, '--target-dir', target];
  await promisify(execFile)(cargo, ['install', 'hive-router', '--version', version, ...options], {
    maxBuffer: 2 ** 26,
  });
  rmSync(target, { recursive: true, force: true });
  return program;
};
