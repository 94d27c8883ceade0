import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { parse } from 'yaml';
import { packedTemplate, readTemplateOfClone } from '../src/new-subgraph/read-template.ts';

/**
 * Builds the package `@rookery/schema` that is installed elsewhere, in a folder of its own: the commands as JavaScript, because Node does
 * not strip types below node_modules, with Rookery's own packages inside, and the libraries as dependencies.
 *
 *   node schema/package/build.ts [FOLDER]     default: schema/dist
 */
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const readJson = (path: string) => JSON.parse(readFileSync(here(path), 'utf8'));

const folder = process.argv[2] ?? here('../dist');

const isLibrary = (id: string): boolean =>
  !id.startsWith('.') && !isAbsolute(id) && !id.startsWith('@rookery/');

/** Returns the name of the package that a module belongs to: `graphql` for `graphql/language`. */
const packageOf = (id: string): string =>
  id
    .split('/')
    .slice(0, id.startsWith('@') ? 2 : 1)
    .join('/');

rmSync(folder, { recursive: true, force: true });
const { output } = await build({
  input: { 'rookery-schema': here('../src/cli/main.ts') },
  platform: 'node',
  external: isLibrary,
  // Modules that nothing uses are left out: those that generate the files of this repository, or read its template of a subgraph.
  treeshake: { moduleSideEffects: false, manualPureFunctions: ['defineCommand'] },
  optimization: { inlineConst: true },
  transform: { define: { 'process.env.ROOKERY_SCHEMA_PACKAGE': '"true"' } },
  output: { dir: folder, format: 'esm', entryFileNames: '[name].js' },
});

const workflow = '.github/workflows/subgraph.yml';

/** Returns the pipeline of a new subgraph with this package in place of a copy of the repository. @throws Error if nothing of it is there */
const withPackage = (text: string): string => {
  const replaced = text
    .replace(
      / +# The command line is part of Rookery.*\n +- uses: actions\/checkout@v4\n +with:\n.*\n +path: rookery\n/,
      '',
    )
    .replaceAll('npm --silent --prefix rookery run schema --', `npx --yes @rookery/schema@${version}`);
  if (/rookery run|path: rookery/.test(replaced))
    throw new Error(`${workflow}: a step of the template is not known here`);
  return replaced;
};

const { version } = readJson('../../package.json');
const { catalog } = parse(readFileSync(here('../../pnpm-workspace.yaml'), 'utf8')) as {
  catalog: Readonly<Record<string, string>>;
};
const code = output.map((part) => (part.type === 'chunk' ? part.code : '')).join('\n');
const imported = [...code.matchAll(/^(?:import|export) [^;]*? from "([^"]+)";|\bimport\("([^"]+)"\)/gm)].map(
  ([, from, dynamic]) => from ?? dynamic ?? '',
);
const libraries = new Set(imported.filter((id) => isLibrary(id) && !isBuiltin(id)).map(packageOf));
const manifest = {
  name: '@rookery/schema',
  version,
  description:
    'Composes, checks and publishes the subgraphs of a GraphQL supergraph, from git or with a registry.',
  license: 'MIT',
  type: 'module',
  bin: { 'rookery-schema': 'rookery-schema.js' },
  files: ['*.js', packedTemplate],
  engines: { node: '>=24' },
  dependencies: Object.fromEntries([...libraries].sort().map((name) => [name, catalog[name]])),
};
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
const template = readTemplateOfClone();
writeFileSync(
  join(folder, packedTemplate),
  JSON.stringify({
    ...template,
    files: { ...template.files, [workflow]: withPackage(template.files[workflow] ?? '') },
  }),
);
cpSync(here('README.md'), join(folder, 'README.md'));
cpSync(here('../../LICENSE'), join(folder, 'LICENSE'));
