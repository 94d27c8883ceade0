import { readFileSync } from 'node:fs';
import type { Left, MatrixReport } from './matrix.ts';
import type { EpisodeReport } from './run.ts';

/**
 * What runs have left in their traces, as if they had been one: also those that were killed before their end, with
 * the systems that they had done by then.
 * @throws where a line of a trace is no JSON
 */
export const readTraces = (files: readonly string[]): MatrixReport[] =>
  files.flatMap((file) => {
    const episodes: EpisodeReport[] = [];
    const [skipped, notRun]: [Left[], Left[]] = [[], []];
    // What stands behind the last line break is half a line of a run that was killed.
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
      // A trace does not say of which seed these were.
      skipped: i === 0 ? skipped : [],
      notRun: i === 0 ? notRun : [],
    }));
  });
