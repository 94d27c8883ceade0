import { exitCodes, runCommandLine } from '@rookery/command-line';
import { renderBase } from './base.ts';
import { checkCommitted, checkRendered } from './check.ts';
import { chartFiles, writeAll } from './generated.ts';
import { isBaseCurrent } from './layout.ts';
import { openDeployTools } from './tools.ts';

const usage = `node deploy/src/main.ts [--render | --write]

Checks the manifests in deploy/: that they are made from the code as it is, are valid for Kubernetes, and keep to the rules of
deploy/src/rules.ts.

  --render  also renders the chart and the overlays with helm and kustomize, which are built once with Go
            (npm run check:deploy)
  --write   makes what is generated: the files of the chart from the code, and the base from the chart
            (npm run deploy:generate)

Exit codes: 0 nothing found, 1 findings, 2 wrong arguments.`;

process.exitCode = await runCommandLine({
  name: 'deploy',
  helpCommand: 'node deploy/src/main.ts --help',
  usage,
  options: { render: { type: 'boolean' }, write: { type: 'boolean' } },
  run: async ({ render = false, write = false }) => {
    if (write) {
      writeAll(chartFiles());
      if (!isBaseCurrent()) writeAll(renderBase(await openDeployTools(console.error)));
      return exitCodes.ok;
    }
    const findings = [...checkCommitted(), ...(render ? await checkRendered() : [])];
    for (const finding of findings) console.log(finding);
    console.log(`deploy: ${findings.length} findings`);
    return findings.length === 0 ? exitCodes.ok : exitCodes.problem;
  },
});
