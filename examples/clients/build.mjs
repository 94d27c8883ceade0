// Builds one example: node build.mjs apollo|urql|relay|codegen [URL of the API]
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { relay } from './relay-plugin.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const [name = 'apollo', apiUrl = 'http://localhost:4000/graphql'] = process.argv.slice(2);
const folder = join(here, name);
const run = (program, ...args) =>
  execFileSync(join(here, 'node_modules/.bin', program), args, { cwd: folder, stdio: 'inherit' });

if (existsSync(join(folder, 'codegen.ts'))) run('graphql-codegen');
// The compiler of Relay refuses to make it.
mkdirSync(join(folder, 'generated'), { recursive: true });
if (existsSync(join(folder, 'relay.config.json'))) run('relay-compiler');
run('tsc', '-p', '.');
if (existsSync(join(folder, 'main.tsx'))) {
  await build({
    entryPoints: [join(folder, 'main.tsx')],
    outfile: join(folder, 'generated/page.js'),
    bundle: true,
    format: 'esm',
    jsx: 'automatic',
    target: 'es2022',
    define: {
      'import.meta.env.VITE_ROOKERY_URL': JSON.stringify(apiUrl),
      'process.env.NODE_ENV': '"production"',
    },
    plugins: [relay(folder)],
  });
}
