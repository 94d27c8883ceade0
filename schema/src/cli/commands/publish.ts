import { httpAddress, UsageError } from '@rookery/command-line';
import { publicationAnswer, type VersionAnswer } from '@rookery/registry-protocol';
import { openProject, sourcesOf } from '../../check/project.ts';
import { problemText } from '../../compose/composition-error.ts';
import { headCommit } from '../../compose/git.ts';
import { readNamedSubgraphs } from '../../compose/named-subgraphs.ts';
import type { SubgraphSources } from '../../compose/subgraph-files.ts';
import type { CompositionProblem } from '../../model/check-report.ts';
import { callerFolder } from '../../model/installation.ts';
import { promoteVersion } from '../../registry-client/launches.ts';
import { authorOf, authorUsage } from '../author.ts';
import type { CommandResult } from '../command.ts';
import { launchResult, readWait, waitUsage } from '../launch-result.ts';
import { defineRegistryCommand } from '../registry-command.ts';

const usage = `Publishes subgraphs to the registry, as one version. A version that does not compose is recorded and never delivered, and
the command fails with the reasons.

  npm run schema -- publish --subgraph reviews=reviews.graphql --url https://reviews.example/graphql
  npm run schema -- publish --promote --wait 60      all subgraphs of rookery-schema.json, delivered to the gateways

  --subgraph NAME=FILE  SDL file of a subgraph, or the address of one that answers _service; may be repeated; default: those
                        of the configuration
  --url [NAME=]ADDRESS  address at which gateways reach the subgraph; may be repeated; default: that of the configuration
  --remove NAME         subgraph that the version does not have any longer; may be repeated
  --config FILE         configuration; default: rookery-schema.json, if there is one
  --commit COMMIT       commit of the SDL; default: that of the work tree
  --message TEXT        what changes
${authorUsage}
  --promote             deliver the version if it composes
${waitUsage}`;

const options = {
  subgraph: { type: 'string', multiple: true },
  url: { type: 'string', multiple: true },
  remove: { type: 'string', multiple: true },
  config: { type: 'string' },
  commit: { type: 'string' },
  message: { type: 'string' },
  author: { type: 'string' },
  promote: { type: 'boolean' },
  wait: { type: 'string' },
} as const;

interface Given {
  readonly subgraph?: readonly string[] | undefined;
  readonly url?: readonly string[] | undefined;
  readonly remove?: readonly string[] | undefined;
  readonly config?: string | undefined;
}

/** Reads `--url` by the name of the subgraph; without a name it belongs to the only one. @throws UsageError */
const readUrls = (texts: readonly string[], names: readonly string[]): ReadonlyMap<string, string> => {
  const urls = new Map<string, string>();
  for (const text of texts) {
    const [, named, address = text] = /^([\w-]+)=(.*)$/.exec(text) ?? [];
    const name = named ?? (names.length === 1 ? names[0] : undefined);
    if (name === undefined) throw new UsageError('--url takes NAME=ADDRESS if there are several subgraphs');
    if (!names.includes(name)) throw new UsageError(`--url names ${name}, which is not published`);
    if (urls.has(name)) throw new UsageError(`--url names ${name} twice`);
    httpAddress('url', address);
    urls.set(name, address);
  }
  return urls;
};

interface Publication {
  readonly sources: SubgraphSources;
  readonly subgraphs: readonly { readonly name: string; readonly sdl: string; readonly address: string }[];
}

const nothing: SubgraphSources = { sdls: {}, files: {} };

/** Reads what is published. @throws UsageError and InputError */
const readPublication = async ({ subgraph, url = [], remove, config }: Given): Promise<Publication> => {
  const project = openProject(config);
  // Without --subgraph, a removal alone publishes nothing else.
  const ofProject = () => (remove === undefined ? sourcesOf(project) : nothing);
  const sources = subgraph === undefined ? ofProject() : await readNamedSubgraphs(subgraph);
  const names = Object.keys(sources.sdls);
  const urls = readUrls(url, names);
  const { subgraphs: listed } = project.config;
  const addressOf = (name: string): string => {
    const address = urls.get(name) ?? (typeof listed === 'string' ? undefined : listed[name]?.url);
    if (address === undefined)
      throw new UsageError(`name the address of ${name} with --url ${name}=ADDRESS, or in the configuration`);
    return address;
  };
  return {
    sources,
    subgraphs: Object.entries(sources.sdls).map(([name, sdl]) => ({ name, sdl, address: addressOf(name) })),
  };
};

/** Returns the problems of a version with the files that were published; other subgraphs are in the registry alone. */
const problemsOf = ({ problems }: VersionAnswer, { files }: SubgraphSources): CompositionProblem[] =>
  problems.map(({ code, message, hint, positions }) => ({
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    positions: positions.map((position) => ({
      ...position,
      file: files[position.subgraph] ?? `registry:${position.subgraph}`,
    })),
  }));

const versionText = ({ version, changed, composes }: VersionAnswer, created: boolean): string => {
  if (!created)
    return `version ${version} has this content already${composes ? '' : ', and does not compose'}`;
  const what = changed.length === 0 ? 'nothing changed' : `${changed.join(', ')} changed`;
  return `version ${version}: ${what}${composes ? '' : '; it does not compose, and is never delivered'}`;
};

export const publishCommand = defineRegistryCommand({
  name: 'publish',
  about: 'publishes subgraphs to the registry',
  usage,
  options,
  timeoutSeconds: 90,
  async run(registry, given): Promise<CommandResult> {
    const { wait, promote = false, remove = [] } = given;
    if (wait !== undefined && !promote) throw new UsageError('--wait needs --promote');
    const waitMs = readWait(wait);
    const { sources, subgraphs } = await readPublication(given);
    const author = authorOf(given.author);
    const { created, ...version } = await registry.post(
      '/v1/publish',
      {
        subgraphs,
        remove,
        author,
        commit: given.commit ?? headCommit(callerFolder()),
        message: given.message,
      },
      publicationAnswer,
    );
    const text = versionText(version, created);
    const compositionErrors = problemsOf(version, sources);
    const data = { version, created, compositionErrors };
    if (!version.composes)
      return {
        text: [text, ...compositionErrors.map(problemText)].join('\n'),
        data,
        failures: [
          {
            outcome: 'composition-failed',
            message: `the subgraphs do not compose: version ${version.version} is never delivered`,
          },
        ],
      };
    if (!promote) return { text, data };
    const launched = await promoteVersion(registry, { version: version.version, author });
    const launch = await launchResult(registry, launched, waitMs);
    return { ...launch, text: `${text}\n${launch.text}`, data: { ...data, ...launch.data } };
  },
});
