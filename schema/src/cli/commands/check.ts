import { UsageError } from '@rookery/command-line';
import { check, noFindings } from '../../check/check.ts';
import { concludeCheck, reportOfError } from '../../check/conclude-check.ts';
import { openProject, type Project, sourcesOf } from '../../check/project.ts';
import { checkWithRegistry } from '../../check/registry-check.ts';
import { usageSource } from '../../check/usage/usage-registry.ts';
import { defaultBase, gitUser, headCommit } from '../../compose/git.ts';
import { readNamedSubgraphs } from '../../compose/named-subgraphs.ts';
import { probeSubgraph, readEndpoint } from '../../compose/probe.ts';
import type { SubgraphSources } from '../../compose/subgraph-files.ts';
import type { Findings, ProbeResult } from '../../model/check-report.ts';
import { callerFolder } from '../../model/installation.ts';
import type { Failure } from '../../model/outcome.ts';
import {
  findRegistry,
  type GivenRegistry,
  registryOptions,
  registryUsage,
} from '../../registry-client/access.ts';
import type { RegistryClient } from '../../registry-client/client.ts';
import { checkFormats, printCheck } from '../check-output.ts';
import { defineCommand } from '../command.ts';
import { pullRequestOfCi, pullRequestUsage, readPullRequest } from '../pull-request.ts';

const usage = `Checks the schema: it composes, generated files are committed, no client breaks, and no permission gets lost.

  npm run schema -- check                      against origin/main, or else the commit before
  npm run schema -- check --base REF           against that commit's schema
  npm run schema -- check --usage FILE         joined with recorded operations
  npm run schema -- check --subgraph NAME=FILE [--url ADDRESS]
                                               another team's subgraph, with all others of this repository
  npm run schema -- check --registry ADDRESS   in a registry, with its other subgraphs, against its newest version, joined
                                               with its usage, its trusted documents and its approvals

  --base REF            commit to compare with; with --subgraph, the commit that has the other subgraphs. Without it, REGISTRY_URL
                        means a check in the registry
  --config FILE         configuration; default: rookery-schema.json, if there is one
  --usage FILE          recorded operations; default: the file that the configuration names. Also the address of an
                        environment in a registry, with REGISTRY_TOKEN: https://registry/v1/environments/production
  --subgraph NAME=FILE  SDL file of a subgraph, or the address of one that answers _service; may be repeated
  --remove NAME         in a registry, a subgraph that goes; may be repeated
  --commit COMMIT       in a registry, the commit of the SDL, by which its changes can be approved; default: that of the work tree
${pullRequestUsage}
  --url ADDRESS         GraphQL endpoint of that subgraph: its health, queries and subscriptions must answer
  The formats github and gitlab annotate the SDL in a pull or merge request.
${registryUsage}`;

const options = {
  base: { type: 'string' },
  config: { type: 'string' },
  usage: { type: 'string' },
  subgraph: { type: 'string', multiple: true },
  url: { type: 'string' },
  remove: { type: 'string', multiple: true },
  commit: { type: 'string' },
  'pull-request': { type: 'string' },
  ...registryOptions,
} as const;

interface Given extends GivenRegistry {
  readonly base?: string | undefined;
  readonly usage?: string | undefined;
  readonly subgraph?: readonly string[] | undefined;
  readonly url?: string | undefined;
  readonly remove?: readonly string[] | undefined;
  readonly commit?: string | undefined;
  readonly 'pull-request'?: string | undefined;
}

/** A check of a large graph takes a while on the server. */
const checkTimeoutSeconds = 90;

interface Ran {
  readonly found: Findings;
  /** Failures that the findings do not show. */
  readonly failures?: readonly Failure[];
  /** Number of the check in the registry. */
  readonly check?: number;
  /** Name of the state that the schema was compared with. */
  readonly against: string;
}

const checkWorkTree = async (project: Project, given: Given): Promise<Ran> => {
  const { base, usage } = given;
  const chosen = base ?? defaultBase(project.root);
  const found = await check(project, { base: chosen, usage: usageSource(usage, given) });
  const how = base === undefined ? ' (chosen by default)' : '';
  return { found, against: found.base === null ? 'no base commit' : `base ${found.base}${how}` };
};

/** Returns the endpoint that --url names; undefined without it. @throws UsageError */
const endpointOf = ({ url, subgraph = [] }: Given): URL | undefined => {
  if (url === undefined) return undefined;
  if (subgraph.length === 0) throw new UsageError('--url needs --subgraph');
  if (subgraph.length > 1) throw new UsageError('--url takes one --subgraph');
  return readEndpoint(url);
};

const probe = async (
  endpoint: URL | undefined,
  { sdls }: SubgraphSources,
): Promise<readonly ProbeResult[]> => {
  const [sdl = ''] = Object.values(sdls);
  return endpoint === undefined ? [] : await probeSubgraph(endpoint, sdl);
};

const checkNamed = async (project: Project, given: Given, subgraph: readonly string[]): Promise<Ran> => {
  const { base, usage } = given;
  const endpoint = endpointOf(given);
  const named = await readNamedSubgraphs(subgraph);
  const found = await check(project, { base, named, usage: usageSource(usage, given) });
  const probes = await probe(endpoint, named);
  const names = Object.keys(named.sdls).join(', ');
  return { found: { ...found, probes }, against: `with ${names}, against ${base ?? 'schema/graphql'}` };
};

const checkInRegistry = async (project: Project, given: Given, registry: RegistryClient): Promise<Ran> => {
  const { subgraph, usage, remove = [], 'pull-request': pullRequest } = given;
  if (usage !== undefined) throw new UsageError('--usage excludes --registry, which has usage of its own');
  const endpoint = endpointOf(given);
  const nothing = { sdls: {}, files: {} };
  const ofProject = () => (remove.length === 0 ? sourcesOf(project) : nothing);
  const sources = subgraph === undefined ? ofProject() : await readNamedSubgraphs(subgraph);
  const { found, ...ran } = await checkWithRegistry(registry, project, {
    sources,
    remove,
    author: gitUser(callerFolder()),
    commit: given.commit ?? headCommit(callerFolder()),
    pullRequest: pullRequest === undefined ? pullRequestOfCi() : readPullRequest(pullRequest),
  });
  const probes = await probe(endpoint, sources);
  return {
    ...ran,
    found: { ...found, probes },
    against: `${found.base ?? 'an empty registry'} of ${registry.url}, ${registry.environment} (check ${ran.check})`,
  };
};

const run = (project: Project, given: Given): Promise<Ran> => {
  const { base, registry, subgraph } = given;
  if (base !== undefined && registry !== undefined)
    throw new UsageError(
      '--base and --registry exclude each other: a registry compares with its newest version',
    );
  const client = base === undefined ? findRegistry(given, checkTimeoutSeconds) : undefined;
  if (client !== undefined) return checkInRegistry(project, given, client);
  for (const option of ['remove', 'pull-request'] as const)
    if (given[option] !== undefined) throw new UsageError(`--${option} needs --registry`);
  if (subgraph !== undefined) return checkNamed(project, given, subgraph);
  endpointOf(given);
  return checkWorkTree(project, given);
};

export const checkCommand = defineCommand({
  name: 'check',
  about: 'reports what a change of the schema means for clients, and fails if it breaks one',
  usage,
  options,
  formats: checkFormats,
  async run({ format, ...values }) {
    const project = openProject(values.config);
    const { found, failures, check: number, against } = await run(project, values);
    const report = concludeCheck(found, failures);
    const checksDrift = project.isOwn && values.subgraph === undefined && number === undefined;
    printCheck(report, format, { against, checksDrift, check: number });
    return report.exitCode;
  },
  printError(error, { format }) {
    // The line on standard error is the text.
    if (format === 'text') return;
    printCheck(reportOfError(error, noFindings), format, { against: 'nothing', checksDrift: false });
  },
});
