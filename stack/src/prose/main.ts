import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodes, runCommandLine } from '@rookery/command-line';
import { cloneDir } from '../layout.ts';
import { findingsIn } from './findings.ts';

const usage = `node stack/src/prose/main.ts [--json] [path…]

Checks comments, messages and documents against the banned patterns of STYLE_GUIDE.md.
Without a path it reads every file that git tracks.
  --json  print the findings as one JSON array on standard output
Exit codes: 0 nothing found, 1 findings, 2 wrong arguments.`;

/** Files that are generated, quoted from elsewhere, or that list the banned patterns themselves. */
const ignored = [
  /(^|\/)generated\//,
  /package-lock\.json$/,
  /pnpm-lock\.yaml$/,
  /^STYLE_GUIDE\.md$/,
  /^stack\/src\/prose\//,
  /^schema\/supergraph\.graphql$/,
];

process.exitCode = await runCommandLine({
  name: 'prose',
  helpCommand: 'node stack/src/prose/main.ts --help',
  usage,
  options: { json: { type: 'boolean' } },
  positionals: true,
  run: ({ json }, paths) => {
    const list = execFileSync('git', ['ls-files', '-z', '--', ...paths], { cwd: cloneDir, encoding: 'utf8' });
    const tracked = list
      .split('\0')
      .filter((path) => path !== '' && !ignored.some((pattern) => pattern.test(path)));
    const findings = tracked.flatMap((path) => findingsIn(path, readFileSync(join(cloneDir, path), 'utf8')));
    if (json)
      console.log(
        JSON.stringify(findings.map(({ rule, ...rest }) => ({ ...rest, rule: rule.name, use: rule.use }))),
      );
    else {
      for (const { path, line, rule, text } of findings)
        console.log(`${path}:${line}: ${rule.name}: use ${rule.use}: ${text}`);
      console.log(`prose: ${findings.length} findings in ${tracked.length} files`);
    }
    return findings.length === 0 ? exitCodes.ok : exitCodes.problem;
  },
});
