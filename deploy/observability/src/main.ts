import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { exitCodes, runCommandLine, UsageError } from '@rookery/command-line';
import { parse } from 'yaml';
import { generatedFiles } from './files.ts';
import { expressionFindings, type RuleTests, ruleTestFindings, runbookFindings } from './findings.ts';
import { readMetricsTable } from './metrics-table.ts';
import { runbooks } from './rules/rules.ts';

const clone = resolve(import.meta.dirname, '../../..');
const at = (path: string): string => join(clone, path);

const readOr = (path: string): string | undefined => {
  try {
    return readFileSync(at(path), 'utf8');
  } catch {
    return undefined;
  }
};

/** Tests of the rules for `promtool test rules`. */
const testsDir = 'deploy/observability/prometheus/tests';

const generate = (): number => {
  for (const [path, content] of generatedFiles()) {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), content);
    console.log(path);
  }
  return exitCodes.ok;
};

const check = (): number => {
  const pages = new Map(
    readdirSync(at(runbooks))
      .filter((name) => name.endsWith('.md'))
      .map((name) => [`${runbooks}/${name}`, readFileSync(at(`${runbooks}/${name}`), 'utf8')]),
  );
  const ruleTests = readdirSync(at(testsDir)).map(
    (name) => parse(readFileSync(at(`${testsDir}/${name}`), 'utf8')) as RuleTests,
  );
  const findings = [
    ...[...generatedFiles()]
      .filter(([path, content]) => readOr(path) !== content)
      .map(([path]) => `${path} differs from its source: npm run observability -- generate`),
    ...expressionFindings(readMetricsTable(readFileSync(at('docs/reference/metrics.md'), 'utf8'))),
    ...runbookFindings(pages),
    ...ruleTestFindings(ruleTests),
  ];
  for (const finding of findings) console.log(finding);
  console.log(`observability: ${findings.length} findings`);
  return findings.length === 0 ? exitCodes.ok : exitCodes.problem;
};

process.exitCode = await runCommandLine({
  name: 'observability',
  usage: `npm run observability -- generate | check

generate  writes the dashboards and the rules from their sources in deploy/observability/src
check     finds generated files that differ from their sources, metrics and labels in panels and rules that no process
          exposes (by docs/reference/metrics.md), and alerts without a runbook or a test

Exit codes: 0 nothing found, 1 findings, 2 wrong arguments.`,
  options: {},
  positionals: true,
  run: (_options, [action, ...more]) => {
    if (more.length > 0) throw new UsageError('one of generate, check');
    if (action === 'generate') return generate();
    if (action === 'check') return check();
    throw new UsageError('one of generate, check');
  },
});
