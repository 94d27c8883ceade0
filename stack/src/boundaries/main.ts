import { exitCodes, runCommandLine } from '@rookery/command-line';
import { readTree } from '../docs/tree.ts';
import { cloneDir } from '../layout.ts';
import { crossings } from './boundaries.ts';

const usage = `node stack/src/boundaries/main.ts [--json]

Checks that imports stay within their package and their folder of tests; see boundaries.ts.
  --json  print the findings as one JSON array on standard output
Exit codes: 0 nothing found, 1 findings, 2 wrong arguments.`;

process.exitCode = await runCommandLine({
  name: 'boundaries',
  helpCommand: 'node stack/src/boundaries/main.ts --help',
  usage,
  options: { json: { type: 'boolean' } },
  run: ({ json }) => {
    const tree = readTree(cloneDir);
    const findings = crossings(tree);
    if (json) console.log(JSON.stringify(findings));
    else {
      for (const { path, line, text } of findings) console.log(`${path}:${line}: ${text}`);
      console.log(`boundaries: ${findings.length} findings in ${tree.files.length} files`);
    }
    return findings.length === 0 ? exitCodes.ok : exitCodes.problem;
  },
});
