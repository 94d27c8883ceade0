import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloneDir } from '../layout.ts';
import { type Finding, findingsIn } from './findings.ts';

const help = `node stack/src/prose/main.ts [--json] [path…]

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

/** Prefixes of paths that are exempt. Stays empty. */
const pending: readonly string[] = [];

const args = process.argv.slice(2);
const unknown = args.find((arg) => arg.startsWith('-') && !['--json', '--help'].includes(arg));
if (args.includes('--help')) {
  console.log(help);
  process.exit(0);
}
if (unknown !== undefined) {
  console.error(`unknown option ${unknown}\n\n${help}`);
  process.exit(2);
}

const paths = args.filter((arg) => !arg.startsWith('-'));
const tracked = execFileSync('git', ['ls-files', '-z', '--', ...paths], { cwd: cloneDir, encoding: 'utf8' })
  .split('\0')
  .filter((path) => path !== '' && !ignored.some((pattern) => pattern.test(path)))
  .filter((path) => !pending.some((prefix) => path.startsWith(prefix)));

const findings: Finding[] = tracked.flatMap((path) =>
  findingsIn(path, readFileSync(join(cloneDir, path), 'utf8')),
);
if (args.includes('--json'))
  console.log(
    JSON.stringify(findings.map(({ rule, ...rest }) => ({ ...rest, rule: rule.name, use: rule.use }))),
  );
else {
  for (const { path, line, rule, text } of findings)
    console.log(`${path}:${line}: ${rule.name}: use ${rule.use}: ${text}`);
  console.log(`prose: ${findings.length} findings in ${tracked.length} files`);
}
process.exit(findings.length === 0 ? 0 : 1);
