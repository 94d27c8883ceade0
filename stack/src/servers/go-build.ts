import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool } from '../children/run-tool.ts';
import { downloadsDir } from '../layout.ts';
import { waitForLock } from '../lock.ts';
import { onPath } from './binary.ts';

export interface GoBuild {
  /** Name of the result in the folder of downloads. */
  readonly name: string;
  /** Folder of a Go module. */
  readonly source: string;
  /** Import paths of the commands to build. */
  readonly packages: readonly string[];
  readonly tags?: string;
  /** Values of string variables, by their import path and name. */
  readonly variables?: Readonly<Record<string, string>>;
  say?(line: string): void;
}

/** Returns the path of the command `go`; undefined if this machine has none. */
const findGo = (): string | undefined =>
  onPath('go') ?? ['/usr/local/go/bin/go', '/usr/lib/go/bin/go'].find(existsSync);

/**
 * Builds commands with Go, once for each state of their sources and options.
 * @returns the folder that holds them; undefined if this machine has no Go
 * @throws Error if they do not build
 */
export async function buildWithGo({
  name,
  source,
  packages,
  tags,
  variables = {},
  say,
}: GoBuild): Promise<string | undefined> {
  const set = Object.entries(variables).map(([name, value]) => `-X=${name}=${value}`);
  const hash = createHash('sha256')
    .update(packages.join(' '))
    .update(tags ?? '')
    .update(set.join(' '));
  for (const file of readdirSync(source)
    .filter((each) => /\.(?:go|mod|sum)$/.test(each))
    .sort())
    hash.update(readFileSync(join(source, file)));
  const dir = join(downloadsDir, `${name}-${hash.digest('hex').slice(0, 12)}`);
  if (existsSync(dir)) return dir;
  const go = findGo();
  if (go === undefined) return undefined;
  mkdirSync(downloadsDir, { recursive: true });
  using _lock = await waitForLock(`${dir}.lock`);
  if (existsSync(dir)) return dir;
  say?.(`building ${name} with Go, once`);
  const draft = `${dir}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft);
  const ldflags = ['-s', '-w', ...set].join(' ');
  const args = [
    'build',
    '-v',
    '-trimpath',
    `-ldflags=${ldflags}`,
    ...(tags === undefined ? [] : ['-tags', tags]),
  ];
  const logFile = `${draft}.log`;
  rmSync(logFile, { force: true });
  const start = performance.now();
  const timer = setInterval(() => {
    const minutes = ((performance.now() - start) / 60_000).toFixed(1);
    say?.(`still building ${name}: ${compiledIn(logFile)} packages compiled after ${minutes} min`);
  }, progressMs);
  try {
    await runTool(go, [...args, '-o', `${draft}/`, ...packages], {
      cwd: source,
      env: { ...process.env, CGO_ENABLED: '0' },
      logFile,
    });
  } catch (error) {
    throw new Error(`${name} does not build: ${firstError(logFile) ?? (error as Error).message}`, {
      cause: error,
    });
  } finally {
    clearInterval(timer);
  }
  rmSync(logFile, { force: true });
  renameSync(draft, dir);
  return dir;
}

/** Time between two lines about a build that takes long. */
const progressMs = 30_000;

/** Go names each package that it compiles on a line; it takes the others from its cache. */
const compiledIn = (file: string): number =>
  existsSync(file) ? [...readFileSync(file, 'utf8').matchAll(/^(?!go: )./gm)].length : 0;

/** Returns the first line about an error, which the names of packages, without spaces, are around. */
const firstError = (file: string): string | undefined =>
  readFileSync(file, 'utf8')
    .split('\n')
    .find((line) => /\s/.test(line) && !/^(?:go: downloading|#) /.test(line));

/**
 * Downloads a Go module unless it is there.
 * @param module `path@version`; or its path alone, with the version that the module in `source` requires
 * @returns the folder of its sources
 * @throws Error if this machine has no Go, or with what Go says
 */
export const downloadGoModule = (module: string, source = tmpdir()): string => {
  const go = findGo();
  if (go === undefined) throw new Error(`Go is needed for the sources of ${module}: install Go`);
  const found = execFileSync(go, ['mod', 'download', '-json', module], { cwd: source, encoding: 'utf8' });
  return (JSON.parse(found) as { Dir: string }).Dir;
};
