import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cloneDir, installPackages } from '@rookery/stack';

const examples = join(cloneDir, 'examples/clients');

/** Builds an example as its developer would: generates code, checks types, bundles. Returns the bundle's text. */
export async function buildExample(name: string, apiUrl: string): Promise<string> {
  await installPackages(examples, (line) => console.log(`clients: ${line}`));
  await runBuild(name, apiUrl);
  return readFileSync(join(examples, name, 'generated/page.js'), 'utf8');
}

/** Runs the build of an example. Its standard output is in the error if it fails. */
async function runBuild(name: string, apiUrl: string): Promise<void> {
  const path = `${dirname(process.execPath)}:${process.env.PATH}`;
  try {
    await promisify(execFile)(process.execPath, ['build.mjs', name, apiUrl], {
      cwd: examples,
      env: { ...process.env, PATH: path, NODE_OPTIONS: '' },
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`the build of ${name} failed:\n${stdout}\n${stderr}`);
  }
}
