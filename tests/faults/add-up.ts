import { readFileSync } from 'node:fs';
import type { Left, MatrixReport } from './matrix.ts';
import type { EpisodeReport } from './run.ts';

/**
 * Combines the traces of several runs as if they were one, including runs that were killed, with the systems
 * that they had finished.
 * @throws if a line of a trace is no JSON
 */
export const readTraces = (files: readonly string[]): MatrixReport[] =>
  files.flatMap((file) => {
    const episodes: EpisodeReport[] = [];
    const [skipped, notRun]: [Left[], Left[]] = [[], []];
    // Text after the last line break is half a line of a killed run.
    for (const line of readFileSync(file, 'utf8').split('\n').slice(0, -1)) {
      const kind = /^\{"at":\d+,"kind":"(episode|skipped|not run)"/.exec(line)?.[1];
      if (kind === 'episode') episodes.push(JSON.parse(line) as EpisodeReport);
      else if (kind === 'skipped') skipped.push(JSON.parse(line) as Left);
      else if (kind === 'not run') notRun.push(JSON.parse(line) as Left);
    }
    const seeds = new Set(episodes.map(({ matrixSeed }) => matrixSeed));
    return [...seeds].map((seed, i) => ({
      seed,
      episodes: episodes.filter(({ matrixSeed }) => matrixSeed === seed),
      // A trace does not name the seed of these faults.
      skipped: i === 0 ? skipped : [],
      notRun: i === 0 ? notRun : [],
    }));
  });
