import { type Acceptance, acceptedChanges, review } from './accepted-changes.ts';
import { sdlsAt } from './base.ts';
import { changesBetween, needsAcceptance, type SchemaChange } from './changes.ts';
import {
  type Composed,
  CompositionError,
  type CompositionProblem,
  compose,
  SdlSyntaxError,
  type SubgraphSdls,
} from './compose.ts';
import { driftOf, generatedFiles } from './generated.ts';
import type { Probe } from './probe.ts';
import { readSubgraphFiles, type SubgraphSources } from './subgraph-files.ts';

/** Result of a check. */
export interface Findings {
  /** Text of all problems; null if the subgraphs compose. */
  readonly compositionError: string | null;
  readonly problems: readonly CompositionProblem[];
  /** Generated files that are out of step with their sources. */
  readonly drift: readonly string[];
  /** The commit compared with; null if there was none. */
  readonly base: string | null;
  /** `new`: the base has no schema. `broken`: the base's schema does not compose, so there is nothing to break. */
  readonly comparison: 'compared' | 'new' | 'broken' | 'skipped';
  readonly changes: readonly SchemaChange[];
  /** Acceptances that this comparison did not need. */
  readonly unusedAcceptances: readonly Acceptance[];
  /** Results of probing a running subgraph; empty without its address. */
  readonly probes: readonly Probe[];
}

const nothing: Findings = {
  compositionError: null,
  problems: [],
  drift: [],
  base: null,
  comparison: 'skipped',
  changes: [],
  unusedAcceptances: [],
  probes: [],
};

/** @throws SdlSyntaxError */
const composed = ({ sdls, files }: SubgraphSources): Composed | CompositionError => {
  try {
    return compose(sdls, files);
  } catch (error) {
    if (error instanceof CompositionError) return error;
    throw error;
  }
};

/** Returns the composition of a base; undefined if it does not compose, so that there is nothing to break. */
const composedBase = (sdls: SubgraphSdls): Composed | undefined => {
  try {
    return compose(sdls);
  } catch (error) {
    if (error instanceof CompositionError || error instanceof SdlSyntaxError) return undefined;
    throw error;
  }
};

const compare = async (
  base: SubgraphSdls,
  head: Composed,
): Promise<Pick<Findings, 'comparison' | 'changes' | 'unusedAcceptances'>> => {
  const acceptances = acceptedChanges();
  const before = composedBase(base);
  if (!before) return { comparison: 'broken', changes: [], unusedAcceptances: [] };
  const { changes, unused } = review(await changesBetween(before, head), acceptances);
  return { comparison: 'compared', changes, unusedAcceptances: unused };
};

/**
 * Checks the SDL files of the work tree against those of a commit.
 * @throws InputError and SdlSyntaxError
 */
export const checkWorkTree = async (base: string | undefined): Promise<Findings> => {
  // Read even if nothing is compared, so that a mistake in the file is found at once.
  acceptedChanges();
  const baseSdls = base === undefined ? undefined : sdlsAt(base);
  const found = { ...nothing, base: base ?? null };
  const sources = readSubgraphFiles();
  const head = composed(sources);
  if (head instanceof CompositionError)
    return { ...found, compositionError: head.message, problems: head.problems };
  const drift = driftOf(await generatedFiles(sources, head)).map(({ path }) => path);
  if (!baseSdls) return { ...found, drift, comparison: 'new' };
  return { ...found, drift, ...(await compare(baseSdls, head)) };
};

/**
 * Checks subgraphs of another team: composes them with all others, in place of those with the same names.
 * @param base commit whose subgraphs are the others; undefined for those of the work tree
 * @throws InputError and SdlSyntaxError
 */
export const checkSubgraphs = async (named: SubgraphSources, base: string | undefined): Promise<Findings> => {
  const others: SubgraphSources =
    base === undefined ? readSubgraphFiles() : { sdls: sdlsAt(base) ?? {}, files: {} };
  const found = { ...nothing, base: base ?? null };
  const head = composed({
    sdls: { ...others.sdls, ...named.sdls },
    files: { ...others.files, ...named.files },
  });
  if (head instanceof CompositionError)
    return { ...found, compositionError: head.message, problems: head.problems };
  // The list of accepted changes belongs to this repository: entries that another team does not need say nothing.
  return { ...found, ...(await compare(others.sdls, head)), unusedAcceptances: [] };
};

const blocks = (change: SchemaChange): boolean => needsAcceptance(change) && change.accepted === undefined;

/** True if the check passes: exit code 0. */
export const passes = ({ compositionError, drift, changes, probes }: Findings): boolean =>
  compositionError === null && drift.length === 0 && !changes.some(blocks) && probes.every(({ ok }) => ok);
