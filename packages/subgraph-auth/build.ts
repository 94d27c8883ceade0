import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Builds the package that is published, in a folder of its own: JavaScript with its types, for any Node from 20 on. Inside this
 * repository other packages import the TypeScript sources, which Node does not run below node_modules.
 *
 *   node packages/subgraph-auth/build.ts [FOLDER]     default: packages/subgraph-auth/dist
 */
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const folder = process.argv[2] ?? here('dist');

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
execFileSync(
  process.execPath,
  [here('../../node_modules/typescript/bin/tsc'), '-p', here('tsconfig.build.json'), '--outDir', folder],
  { stdio: 'inherit' },
);

// The compiler rewrites the imports of JavaScript and leaves those of declarations.
for (const name of readdirSync(folder).filter((file) => file.endsWith('.d.ts'))) {
  const path = join(folder, name);
  writeFileSync(path, readFileSync(path, 'utf8').replace(/(from '\.\/[^']+)\.ts'/g, "$1.js'"));
}

const { name, version, description, license } = JSON.parse(readFileSync(here('package.json'), 'utf8'));
const entry = (file: string) => ({ types: `./${file}.d.ts`, default: `./${file}.js` });
const manifest = {
  name,
  version,
  description,
  license,
  type: 'module',
  exports: { '.': entry('index'), './testing': entry('testing') },
  files: ['*.js', '*.d.ts'],
  sideEffects: false,
  engines: { node: '>=20' },
};
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
cpSync(here('README.md'), join(folder, 'README.md'));
cpSync(here('../../LICENSE'), join(folder, 'LICENSE'));
