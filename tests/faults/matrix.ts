import type { Fault } from './fault.ts';
import { seeded } from './random.ts';
import { type EpisodeReport, runEpisode } from './run.ts';
import type { Trace } from './trace.ts';

export interface MatrixOptions {
  readonly seed: number;
  readonly faults: readonly Fault[];
  /** Seconds for all episodes together; each fault runs once at least. */
  readonly seconds: number;
  readonly pace: number;
  readonly trace: Trace;
  readonly say: (line: string) => void;
}

export interface MatrixReport {
  readonly seed: number;
  readonly episodes: readonly EpisodeReport[];
  readonly skipped: readonly Left[];
  /** Those of a system that could not be started, or went away: they have shown nothing. */
  readonly notRun: readonly Left[];
}

/** A fault that has shown nothing, and why. */
export interface Left {
  readonly fault: string;
  readonly why: string;
}

/** Faults that one system can take one after the other. */
const most = 8;

/**
 * Runs faults in an order determined by the seed, several on one system if possible. A fault that needs a
 * special system, or ends it, has its own.
 */
export const runMatrix = async (options: MatrixOptions): Promise<MatrixReport> => {
  const { seed, trace, say } = options;
  const random = seeded(seed);
  const [skipped, notRun]: [Left[], Left[]] = [[], []];
  const began = performance.now();
  const able: Fault[] = [];
  for (const fault of random.shuffle(options.faults)) {
    const why = await fault.missing?.();
    if (why === undefined) able.push(fault);
    else {
      skipped.push({ fault: fault.name, why });
      trace.write('skipped', { fault: fault.name, why });
      say(`skipped ${fault.name}: ${why}`);
    }
  }
  const shared = able.filter(({ arena, ends }) => !arena && !ends);
  const groups = [
    ...Array.from({ length: Math.ceil(shared.length / most) }, (_, i) =>
      shared.slice(i * most, (i + 1) * most),
    ),
    // Those that name the same system share it.
    ...Map.groupBy(
      able.filter(({ arena, ends }) => arena || ends),
      (fault) => (fault.ends ? fault : fault.arena),
    ).values(),
  ];
  const episodes: EpisodeReport[] = [];
  for (const [i, faults] of groups.entries()) {
    const minutes = ((performance.now() - began) / 60_000).toFixed(1);
    say(`episode ${i + 1} of ${groups.length}, seed ${seed}, after ${minutes} min`);
    const report = await runEpisode({
      matrixSeed: seed,
      seed: seed + i * 1_000_003,
      faults,
      seconds: (options.seconds * faults.length) / Math.max(1, able.length),
      pace: options.pace,
      trace,
      say,
    }).catch((error: unknown) => {
      // The others can be run all the same: an hour's work must not end with one system that did not start.
      const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
      for (const { name } of faults) {
        notRun.push({ fault: name, why });
        trace.write('not run', { fault: name, why });
      }
      say(`  could not run: ${why}`);
      return undefined;
    });
    if (!report) continue;
    episodes.push(report);
    trace.write('episode', { ...report });
  }
  return { seed, episodes, skipped, notRun };
};
