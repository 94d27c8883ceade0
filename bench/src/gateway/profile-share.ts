import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A node of a CPU profile of V8: one function with one way to it. */
interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** Node that ran at each sample. */
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** Time in which no JavaScript ran. */
const notBusy: ReadonlySet<string> = new Set(['(idle)', '(root)']);

export interface Share {
  /** Share of the busy time that was spent in the sources, and in what they called. */
  readonly share: number;
  readonly samples: number;
}

/** Returns the share of the busy time of a profile that sources took, with all that they called. */
export const shareOf = (
  { nodes, samples, timeDeltas }: CpuProfile,
  isMeant: (url: string) => boolean,
): Share => {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const meant = new Set<number>();
  const include = (id: number): void => {
    meant.add(id);
    for (const child of byId.get(id)?.children ?? []) include(child);
  };
  for (const { id, callFrame } of nodes) if (!meant.has(id) && isMeant(callFrame.url)) include(id);
  let [own, busy, count] = [0, 0, 0];
  for (const [index, id] of samples.entries()) {
    if (notBusy.has(byId.get(id)?.callFrame.functionName ?? '')) continue;
    const time = timeDeltas[index] ?? 0;
    busy += time;
    count++;
    if (meant.has(id)) own += time;
  }
  return { share: own / busy, samples: count };
};

/** Reads the profiles of a folder, and returns the share of reports to the registry in the largest one. */
export const shareOfReports = (dir: string): Share => {
  const profiles = readdirSync(dir)
    .filter((name) => name.endsWith('.cpuprofile'))
    .map((name) => readFileSync(join(dir, name), 'utf8'))
    .sort((a, b) => b.length - a.length);
  if (profiles[0] === undefined) throw new Error(`there is no profile in ${dir}`);
  return shareOf(JSON.parse(profiles[0]), (url) => url.includes('/gateway/src/registry/'));
};
