import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
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
  say?(line: string): void;
}

/** Returns the path of the command `go`; undefined if this machine has none. */
const findGo = (): string | undefined =>
  onPath('go') ?? ['/usr/local/go/bin/go', '/usr/lib/go/bin/go'].find(existsSync);

/**
 * Builds commands with Go, once for each state of their sources.
 * @returns the folder that holds them; undefined if this machine has no Go
 * @throws Error if they do not build
 */
export async function buildWithGo({
  name,
  source,
  packages,
  tags,
  say,
}: GoBuild): Promise<string | undefined> {
  const hash = createHash('sha256').update(packages.join(' '));
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
  const args = ['build', '-trimpath', '-ldflags=-s -w', ...(tags === undefined ? [] : ['-tags', tags])];
  await runTool(go, [...args, '-o', `${draft}/`, ...packages], {
    cwd: source,
    env: { ...process.env, CGO_ENABLED: '0' },
  });
  renameSync(draft, dir);
  return dir;
}
