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
}

/** Time in which no JavaScript ran. */
const notBusy: ReadonlySet<string> = new Set(['(idle)', '(root)']);

export interface Share {
  /** Share of the samples in the sources, and in what they called. */
  readonly share: number;
  readonly samples: number;
}

/**
 * Returns the share of a profile that sources took, with all that they called. Samples count, and not the times between them,
 * which contain those in which another process had the core.
 */
export const shareOf = ({ nodes, samples }: CpuProfile, isMeant: (url: string) => boolean): Share => {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const meant = new Set<number>();
  const include = (id: number): void => {
    meant.add(id);
    for (const child of byId.get(id)?.children ?? []) include(child);
  };
  for (const { id, callFrame } of nodes) if (!meant.has(id) && isMeant(callFrame.url)) include(id);
  const busy = samples.filter((id) => !notBusy.has(byId.get(id)?.callFrame.functionName ?? ''));
  return { share: busy.filter((id) => meant.has(id)).length / busy.length, samples: busy.length };
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
