import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { chartDir } from './layout.ts';
import { chartFacts } from './processes.ts';
import { chartSchema } from './values.ts';

const head = '# Made from the code by `npm run deploy:generate`; do not edit.\n';

/** Returns the files of the chart that are made from the code, by path. */
export const chartFiles = (): ReadonlyMap<string, string> =>
  new Map([
    [
      join(chartDir, 'files/processes.yaml'),
      head + stringify(chartFacts(), { aliasDuplicateObjects: false }),
    ],
    [join(chartDir, 'values.schema.json'), `${JSON.stringify(chartSchema(), undefined, 2)}\n`],
  ]);

/** Returns the files that differ from what the code says. */
export const driftOf = (files: ReadonlyMap<string, string>): string[] =>
  [...files].flatMap(([path, text]) =>
    existsSync(path) && readFileSync(path, 'utf8') === text ? [] : [path],
  );

export const writeAll = (files: ReadonlyMap<string, string>): void => {
  for (const [path, text] of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
};
