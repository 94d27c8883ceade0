import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from '../children/run-tool.ts';
import { downloadsDir } from '../layout.ts';
import { waitForLock } from '../lock.ts';
import { onPath } from './binary.ts';

/** Packages unpacked from the archive of Debian, with their folder and the folders of their libraries. */
export interface Unpacked {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Packages that are downloaded together, and the name of their folder. */
interface DebianSet {
  readonly folder: string;
  readonly packages: readonly string[];
}

/** All servers that are ever needed, together: reading the package lists takes longer than the download. */
const servers: DebianSet = { folder: 'debian', packages: ['nats-server', 'redis-server', 'redis-tools'] };

/**
 * Downloads packages of Debian (by default the servers) with their missing dependencies, without root and
 * without installing them: the lists and archives of apt are in a private folder, the sources are those of
 * the machine, and dpkg-deb unpacks them. This happens once per clone; a second caller waits for the first.
 * The folder appears only when complete.
 */
export async function unpackDebian(say: (line: string) => void, set = servers): Promise<Unpacked> {
  const root = join(downloadsDir, set.folder);
  if (!existsSync(root)) {
    mkdirSync(downloadsDir, { recursive: true });
    using _lock = await waitForLock(join(downloadsDir, `${set.folder}.lock`));
    if (!existsSync(root)) await download(root, set, say);
  }
  const libraries = libraryFolders(root);
  return { root, env: libraries.length > 0 ? { LD_LIBRARY_PATH: libraries.join(':') } : {} };
}

async function download(
  root: string,
  { folder, packages }: DebianSet,
  say: (line: string) => void,
): Promise<void> {
  const missing = ['apt-get', 'dpkg-deb'].find((tool) => onPath(tool) === undefined);
  if (missing !== undefined) {
    throw new Error(
      `${packages.join(' and ')} not found, and no ${missing} here to get them: install them and try again`,
    );
  }
  const work = join(downloadsDir, `.apt-${folder}`);
  const draft = `${root}.new`;
  for (const folder of [work, draft]) rmSync(folder, { recursive: true, force: true });
  for (const folder of ['lists/partial', 'cache/archives/partial'])
    mkdirSync(join(work, folder), { recursive: true });
  const options = [
    `Dir::State::lists=${work}/lists`,
    `Dir::Cache=${work}/cache`,
    'Debug::NoLocking=1', // the system's lock files are root's
    'APT::Sandbox::User=', // its sandbox user may not reach a folder in somebody's home
    'Acquire::Languages=none',
    'Acquire::Retries=3',
    'APT::Update::Error-Mode=any', // else it succeeds without the lists
  ].flatMap((option) => ['-o', option]);
  const apt = (...args: string[]) =>
    runTool('apt-get', ['-q', '-y', ...options, ...args], { env: { ...process.env, LC_ALL: 'C' } });
  try {
    say('reading the package lists');
    await apt('update');
    say(`downloading ${packages.join(', ')}`);
    await apt('install', '--download-only', '--no-install-recommends', '--reinstall', ...packages);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : error;
    throw new Error(
      `${packages.join(', ')} can't be downloaded (${reason}): connect to the network, install them, or name running servers by NATS_URL and REDIS_URL`,
    );
  }
  mkdirSync(draft, { recursive: true });
  const archives = join(work, 'cache/archives');
  for (const file of readdirSync(archives).filter((entry) => entry.endsWith('.deb'))) {
    await runTool('dpkg-deb', ['-x', join(archives, file), draft]);
  }
  rmSync(work, { recursive: true, force: true });
  renameSync(draft, root);
}

/**
 * Returns the folders under usr/lib and lib that contain shared objects, up to two levels deep (multiarch,
 * and one below).
 */
function libraryFolders(root: string): string[] {
  const below = (folder: string) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(folder, entry.name));
  const bases = ['usr/lib', 'lib'].map((base) => join(root, base)).filter(existsSync);
  const inBases = bases.flatMap(below);
  return [...bases, ...inBases, ...inBases.flatMap(below)].filter((folder) =>
    readdirSync(folder).some((file) => /\.so(\.|$)/.test(file)),
  );
}
