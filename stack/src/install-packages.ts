import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { cloneDir } from './layout.ts';
import { waitForLock } from './lock.ts';

/**
 * Installs the packages of a folder that has a package-lock.json of its own, unless this lockfile is installed
 * already. A second caller waits for the first.
 */
export async function installPackages(folder: string, say: (line: string) => void): Promise<void> {
  const digest = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex');
  const stamp = join(folder, 'node_modules', '.rookery-stamp');
  const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === digest;
  if (isInstalled()) return;
  using _lock = await waitForLock(join(folder, '.install.lock'));
  if (isInstalled()) return;
  say(`installing the packages of ${relative(cloneDir, folder)}`);
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  writeFileSync(stamp, digest);
}
