import { UsageError } from '@rookery/command-line';
import { check, noFindings } from '../../check/check.ts';
import { concludeCheck, reportOfError } from '../../check/conclude-check.ts';
import { githubReport } from '../../check/formats/github.ts';
import { gitlabReport } from '../../check/formats/gitlab.ts';
import { markdownReport } from '../../check/formats/markdown.ts';
import { sarifReport } from '../../check/formats/sarif.ts';
import { textReport } from '../../check/formats/text.ts';
import { openProject, type Project } from '../../check/project.ts';
import { usageSource } from '../../check/usage/usage-registry.ts';
import { defaultBase } from '../../compose/git.ts';
import { readNamedSubgraphs } from '../../compose/named-subgraphs.ts';
import { probeSubgraph, readEndpoint } from '../../compose/probe.ts';
import type { CheckReport, Findings } from '../../model/check-report.ts';
import { defineCommand, type Output } from '../command.ts';

const usage = `Checks the schema: it composes, generated files are committed, no client breaks, and no permission gets lost.

  npm run schema -- check                      against origin/main, or else the commit before
  npm run schema -- check --base REF           against that commit's schema
  npm run schema -- check --usage FILE         joined with recorded operations
  npm run schema -- check --subgraph NAME=FILE [--url ADDRESS]
                                               another team's subgraph, with all others of this repository

  --base REF            commit to compare with; with --subgraph, the commit that has the other subgraphs
  --config FILE         configuration; default: rookery-schema.json, if there is one
  --usage FILE          recorded operations; default: the file that the configuration names. Also the address of an
                        environment in a registry, with REGISTRY_TOKEN: https://registry/v1/environments/production
  --subgraph NAME=FILE  SDL file of a subgraph, or the address of one that answers _service; may be repeated
  --url ADDRESS         GraphQL endpoint of that subgraph: its health, queries and subscriptions must answer
  The formats github and gitlab annotate the SDL in a pull or merge request.`;

const formats = ['markdown', 'sarif', 'github', 'gitlab'] as const;
type Format = Output<(typeof formats)[number]>['format'];

const options = {
  base: { type: 'string' },
  config: { type: 'string' },
  usage: { type: 'string' },
  subgraph: { type: 'string', multiple: true },
  url: { type: 'string' },
} as const;

interface Given {
  readonly base?: string | undefined;
  readonly usage?: string | undefined;
  readonly subgraph?: readonly string[] | undefined;
  readonly url?: string | undefined;
}

interface Ran {
  readonly found: Findings;
  /** Name of the state that the schema was compared with. */
  readonly against: string;
}

const checkWorkTree = async (project: Project, { base, usage }: Given): Promise<Ran> => {
  const chosen = base ?? defaultBase(project.root);
  const found = await check(project, { base: chosen, usage: usageSource(usage) });
  const how = base === undefined ? ' (chosen by default)' : '';
  return { found, against: found.base === null ? 'no base commit' : `base ${found.base}${how}` };
};

const checkNamed = async (project: Project, given: Given, subgraph: readonly string[]): Promise<Ran> => {
  const { base, usage, url } = given;
  if (url !== undefined && subgraph.length > 1) throw new UsageError('--url takes one --subgraph');
  const endpoint = url === undefined ? undefined : readEndpoint(url);
  const named = await readNamedSubgraphs(subgraph);
  const found = await check(project, { base, named, usage: usageSource(usage) });
  const [sdl = ''] = Object.values(named.sdls);
  const probes = endpoint === undefined ? [] : await probeSubgraph(endpoint, sdl);
  const names = Object.keys(named.sdls).join(', ');
  return { found: { ...found, probes }, against: `with ${names}, against ${base ?? 'schema/graphql'}` };
};

const run = (project: Project, given: Given): Promise<Ran> => {
  if (given.subgraph !== undefined) return checkNamed(project, given, given.subgraph);
  if (given.url !== undefined) throw new UsageError('--url needs --subgraph');
  return checkWorkTree(project, given);
};

const isColored = (): boolean =>
  process.env.FORCE_COLOR !== undefined
    ? process.env.FORCE_COLOR !== '0'
    : process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '';

interface Printed {
  readonly against: string;
  readonly checksDrift: boolean;
}

const print = (report: CheckReport, format: Format, { against, checksDrift }: Printed): void => {
  const texts: Readonly<Record<Format, () => string>> = {
    text: () => textReport(report, { against, checksDrift, isColored: isColored() }),
    json: () => JSON.stringify(report),
    markdown: () => markdownReport(report, against),
    sarif: () => sarifReport(report),
    gitlab: () => gitlabReport(report),
    github: () =>
      [githubReport(report), textReport(report, { against, checksDrift, isColored: false })]
        .filter((part) => part !== '')
        .join('\n'),
  };
  console.log(texts[format]());
};

export const checkCommand = defineCommand({
  name: 'check',
  about: 'reports what a change of the schema means for clients, and fails if it breaks one',
  usage,
  options,
  formats,
  async run({ format, ...values }) {
    const project = openProject(values.config);
    const { found, against } = await run(project, values);
    const report = concludeCheck(found);
    const checksDrift = project.isOwn && values.subgraph === undefined;
    print(report, format, { against, checksDrift });
    return report.exitCode;
  },
  printError(error, { format }) {
    // The line on standard error is the text.
    if (format === 'text') return;
    print(reportOfError(error, noFindings), format, { against: 'nothing', checksDrift: false });
  },
});
