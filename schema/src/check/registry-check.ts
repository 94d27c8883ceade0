import type { SubgraphSources } from '../compose/subgraph-files.ts';
import { readLintRules } from '../lint/rules.ts';
import type { Findings } from '../model/check-report.ts';
import type { Failure } from '../model/outcome.ts';
import { runCheck } from '../registry-client/checks.ts';
import type { RegistryClient } from '../registry-client/client.ts';
import type { Project } from './project.ts';

/** Subgraphs of a publication that is only checked. */
interface CheckedPublication {
  readonly sources: SubgraphSources;
  readonly remove: readonly string[];
  readonly author: string | undefined;
  readonly commit: string | undefined;
  /** Pull request whose approvals hold, too. */
  readonly pullRequest: string | undefined;
}

interface RegistryFindings {
  readonly found: Findings;
  /** Failures that the registry named. */
  readonly failures: readonly Failure[];
  /** Number of the check in the registry. */
  readonly check: number;
}

/** Returns the failures of a report; one that failed without a reason is a failure all the same. */
const failuresOf = (ok: boolean, failures: readonly Failure[]): readonly Failure[] =>
  ok || failures.length > 0
    ? failures
    : [{ outcome: 'could-not-run', message: 'the registry does not say why the check failed' }];

/**
 * Checks subgraphs on the registry's server: with all its other subgraphs, its traffic, its trusted documents and its
 * approvals, against its newest version.
 * @throws CommandError and InputError
 */
export const checkWithRegistry = async (
  registry: RegistryClient,
  { root, config }: Project,
  { sources, remove, author, commit, pullRequest }: CheckedPublication,
): Promise<RegistryFindings> => {
  const { rules, contracts } = config;
  const { number, report } = await runCheck(registry, {
    subgraphs: Object.entries(sources.sdls).map(([name, sdl]) => ({ name, sdl, file: sources.files[name] })),
    remove,
    rules,
    contracts,
    lint: readLintRules(root, config.lint),
    author,
    commit,
    pullRequest,
  });
  const { version: _, ok, outcome: __, exitCode: ___, failures, ...found } = report;
  return { found, failures: failuresOf(ok, failures), check: number };
};
