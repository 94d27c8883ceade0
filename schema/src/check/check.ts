import { isDeepStrictEqual } from 'node:util';
import { apiSchema, type Composed, compose } from '../compose/compose.ts';
import { CompositionError, SdlSyntaxError } from '../compose/composition-error.ts';
import { requireCommit } from '../compose/git.ts';
import type { SubgraphSources } from '../compose/subgraph-files.ts';
import { lintChanges } from '../lint/lint-changes.ts';
import { type LintRules, readLintRules } from '../lint/rules.ts';
import type { CompositionProblem, ContractReport, Findings } from '../model/check-report.ts';
import type { UsageSource } from '../model/usage.ts';
import { acceptedChanges } from './accepted-changes.ts';
import { apiChanges, changesBetween } from './changes.ts';
import { compareSchemas, noComparison, type Policy } from './compare.ts';
import { contractSchema } from './contract-schema.ts';
import { type Project, sourcesAt, sourcesOf } from './project.ts';
import type { ContractRules } from './rules.ts';
import { readTraffic } from './usage/traffic.ts';

/** Two states of the subgraphs to compare. */
interface CheckedSources {
  readonly head: SubgraphSources;
  /** Undefined if there is nothing to compare with. */
  readonly base: SubgraphSources | undefined;
}

export interface CheckOptions {
  /** Commit to compare with; undefined for the work tree if subgraphs are named, and otherwise for nothing. */
  readonly base?: string | undefined;
  /** Subgraphs of another team, which take the place of those with the same names. */
  readonly named?: SubgraphSources | undefined;
  /** Traffic to join with; by default the file of the configuration. */
  readonly usage?: UsageSource | undefined;
  /** Latest time of the window. */
  readonly now?: Date;
}

export const noFindings: Findings = {
  ...noComparison,
  base: null,
  comparison: 'skipped',
  contracts: [],
  usage: null,
  drift: [],
  unusedAcceptances: [],
  probes: [],
  lint: [],
};

/** Composes; returns the problems if that fails. @throws SdlSyntaxError */
const composed = ({ sdls, files }: SubgraphSources): Composed | readonly CompositionProblem[] => {
  try {
    return compose(sdls, files);
  } catch (error) {
    if (error instanceof CompositionError) return error.problems;
    throw error;
  }
};

const isComposed = (result: Composed | readonly CompositionProblem[]): result is Composed =>
  'supergraph' in result;

/** Returns the composition of a base; undefined if it does not compose, so that there is nothing to break. */
const composedBase = ({ sdls, files }: SubgraphSources): Composed | undefined => {
  try {
    return compose(sdls, files, { provesResolvable: false });
  } catch (error) {
    if (error instanceof CompositionError || error instanceof SdlSyntaxError) return undefined;
    throw error;
  }
};

/** Compares one contract. A base on which it was invalid has no clients to break. */
const compareContract = async (
  rules: ContractRules,
  base: Composed | undefined,
  head: Composed,
  policy: Policy,
): Promise<ContractReport> => {
  const { name } = rules;
  const after = contractSchema(head, rules);
  if (!('getTypeMap' in after)) return { ...noComparison, name, compositionErrors: after };
  const before = base && contractSchema(base, rules);
  if (base === undefined || before === undefined || !('getTypeMap' in before))
    return { ...noComparison, name };
  const changes = await apiChanges(before, after, base, head);
  const { comparison } = compareSchemas({ before, after, changes }, policy);
  // An operation of other clients does not belong to this contract.
  const operations = comparison.operations.filter(({ skipped }) => skipped === undefined);
  return { ...comparison, operations, name };
};

type Compared = Pick<Findings, 'comparison' | 'unusedAcceptances' | 'contracts'> & Partial<Findings>;

/**
 * Compares two compositions, and each contract of theirs.
 * @param before undefined if the base does not compose, or if there is none
 */
export const compareComposed = async (
  before: Composed | undefined,
  head: Composed,
  contracts: readonly ContractRules[],
  policy: Policy,
): Promise<Compared> => {
  const reports: ContractReport[] = [];
  for (const rules of contracts) reports.push(await compareContract(rules, before, head, policy));
  if (before === undefined) return { comparison: 'broken', unusedAcceptances: [], contracts: reports };
  const schemas = [apiSchema(before), apiSchema(head)] as const;
  const changes = await changesBetween(before, head, schemas);
  const { comparison: found, unused } = compareSchemas(
    { before: schemas[0], after: schemas[1], changes },
    policy,
  );
  return { ...found, comparison: 'compared', unusedAcceptances: unused, contracts: reports };
};

const withNamed = (sources: SubgraphSources, named: SubgraphSources | undefined): SubgraphSources => ({
  sdls: { ...sources.sdls, ...named?.sdls },
  files: { ...sources.files, ...named?.files },
});

/** Reads what is compared with what. @throws InputError */
const readSources = (project: Project, { base, named }: CheckOptions): CheckedSources => {
  if (base !== undefined) requireCommit(project.root, base);
  const old = base === undefined ? undefined : sourcesAt(project, base);
  if (named === undefined) return { head: sourcesOf(project), base: old };
  const others = base === undefined ? sourcesOf(project) : (old ?? { sdls: {}, files: {} });
  return { head: withNamed(others, named), base: others };
};

/** True if two states have the same SDL, so that one composition serves both. */
const isSame = (one: SubgraphSources, other: SubgraphSources): boolean =>
  isDeepStrictEqual(one.sdls, other.sdls);

/**
 * Checks subgraphs against others, joined with the operations of the policy.
 * @throws SdlSyntaxError
 */
export const checkSources = async (
  { head: sources, base }: CheckedSources,
  contracts: readonly ContractRules[],
  policy: Policy,
  lintRules: LintRules,
): Promise<{ readonly found: Findings; readonly head: Composed | undefined }> => {
  const head = composed(sources);
  const lint = lintChanges(base, sources, lintRules);
  if (!isComposed(head)) return { found: { ...noFindings, lint, compositionErrors: head }, head: undefined };
  const before = base && (isSame(base, sources) ? head : composedBase(base));
  const compared = await compareComposed(before, head, contracts, policy);
  const comparison = base === undefined ? 'new' : compared.comparison;
  return { found: { ...noFindings, ...compared, lint, comparison }, head };
};

/** Returns the generated files of this repository that are out of step. */
const driftIn = async (sources: SubgraphSources, composed: Composed) => {
  // Spelled out, so that the build of the package leaves out what generates files.
  if (process.env.ROOKERY_SCHEMA_PACKAGE === 'true') return [];
  const { driftOf, generatedFiles } = await import('../generate/generated.ts');
  return driftOf(await generatedFiles(sources, composed));
};

/**
 * Checks the SDL files of the work tree, or other teams' subgraphs together with them, against a base.
 * @throws InputError and SdlSyntaxError
 */
export const check = async (project: Project, options: CheckOptions = {}): Promise<Findings> => {
  // Read even if nothing is compared, so that a mistake in a file is found at once.
  const acceptances = acceptedChanges(project);
  const lintRules = readLintRules(project.root, project.config.lint);
  const sources = readSources(project, options);
  const { summary, live, hasData } = await readTraffic(project, options.usage, options.now ?? new Date());
  const { rules, contracts } = project.config;
  const policy = { rules, acceptances, live, hasData };
  const { found, head } = await checkSources(sources, contracts, policy, lintRules);
  const isOther = options.named !== undefined;
  const drift = head !== undefined && project.isOwn && !isOther ? await driftIn(sources.head, head) : [];
  return {
    ...found,
    base: options.base ?? null,
    usage: summary,
    drift: drift.map(({ path }) => path),
    // The list of accepted changes belongs to this repository: entries that another team does not need say nothing.
    unusedAcceptances: isOther ? [] : found.unusedAcceptances,
  };
};
