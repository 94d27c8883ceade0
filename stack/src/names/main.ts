import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodes, runCommandLine } from '@rookery/command-line';
import { cloneDir } from '../layout.ts';
import { findingsIn } from './findings.ts';

const usage = `node stack/src/names/main.ts [path…]

Checks the names of identifiers, error classes, metrics, files and folders against STYLE_GUIDE.md.
Without a path it reads every file that git tracks.
Exit codes: 0 nothing found, 1 findings, 2 wrong arguments.`;

/** Files that are generated, or that list the replaced names themselves. */
const ignored = [/(^|\/)generated\//, /^stack\/src\/names\//];

process.exitCode = await runCommandLine({
  name: 'names',
  helpCommand: 'node stack/src/names/main.ts --help',
  usage,
  options: {},
  positionals: true,
  run: (_options, paths) => {
    const list = execFileSync('git', ['ls-files', '-z', '--', ...paths], { cwd: cloneDir, encoding: 'utf8' });
    const tracked = list
      .split('\0')
      .filter((path) => path !== '' && !ignored.some((pattern) => pattern.test(path)));
    const findings = tracked.flatMap((path) => findingsIn(path, readFileSync(join(cloneDir, path), 'utf8')));
    for (const { path, line, name, use } of findings) console.log(`${path}:${line}: ${name}: ${use}`);
    console.log(`names: ${findings.length} findings in ${tracked.length} files`);
    return findings.length === 0 ? exitCodes.ok : exitCodes.problem;
  },
});
