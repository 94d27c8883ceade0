import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { exitCodes, runCommandLine, UsageError } from '@rookery/command-line';
import { cloneDir } from '@rookery/stack';
import { buildRelease } from './artifacts.ts';
import { currentVersion, problemsOfRelease, setVersion } from './version.ts';

const usage = `npm run release [-- options]

Builds the files of a release from the last commit, in dist/release/VERSION: the build context of the image, the chart, Kustomize,
the schema, the npm package of the schema command, a bill of materials (CycloneDX), the section of the changelog, and SHA256SUMS. The same commit gives the same bytes.

  --prepare VERSION  writes the version into the files that name it, and makes a section of CHANGELOG.md; commit that first
  --draft            builds although the working tree is no release
  --out DIR          another folder

Exit codes: 0 built, 1 the working tree is no release, 2 wrong arguments.`;

const options = {
  prepare: { type: 'string' },
  draft: { type: 'boolean' },
  out: { type: 'string' },
} as const;

const isDirty = (): boolean =>
  execFileSync('git', ['status', '--porcelain'], { cwd: cloneDir, encoding: 'utf8' }) !== '';

process.exitCode = await runCommandLine({
  name: 'release',
  usage,
  options,
  run: async ({ prepare, draft = false, out }) => {
    if (prepare !== undefined) {
      if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(prepare))
        throw new UsageError(`${prepare} is no version like 1.2.3`);
      setVersion(prepare, new Date().toISOString().slice(0, 10));
      console.log(`prepared ${prepare}: now run npm run deploy:generate, and commit`);
      return exitCodes.ok;
    }
    const problems = [
      ...problemsOfRelease(),
      ...(isDirty() ? ['the working tree has changes that are not committed'] : []),
    ];
    for (const problem of problems) console.error(`release: ${problem}`);
    if (problems.length > 0 && !draft) {
      console.error(
        'release: `npm run release -- --prepare VERSION` makes a release of it; --draft builds the files all the same',
      );
      return exitCodes.problem;
    }
    const version = currentVersion();
    const dir = out ?? join(cloneDir, 'dist/release', version);
    for (const name of buildRelease({ version, dir })) console.log(join(dir, name));
    return exitCodes.ok;
  },
});
