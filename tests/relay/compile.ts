import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RelayFile } from './documents.ts';

const require = createRequire(import.meta.url);
const artifacts = join('src', '__generated__');

/** Output of the compiler for one operation or fragment, for the runtime of Relay. */
export interface Artifact {
  /** Text that Relay sends; undefined for a fragment. */
  readonly params?: { readonly name: string; readonly text: string };
}

export interface Compiled {
  /** The text that Relay sends for each operation, by the operation's name. */
  readonly texts: ReadonlyMap<string, string>;
  readonly artifact: (name: string) => Artifact;
}

/**
 * Compiles documents with Relay's own compiler, as a client of ours does.
 * @param folder an empty one
 * @param schema the public schema, as SDL
 * @throws Error with what the compiler says if it refuses a document
 */
export const compileRelay = async (
  folder: string,
  schema: string,
  files: readonly RelayFile[],
): Promise<Compiled> => {
  const compiler: string | null = require('relay-compiler');
  if (compiler === null) throw new Error('relay-compiler has no binary for this platform');
  await mkdir(join(folder, artifacts), { recursive: true });
  const config = {
    src: 'src',
    schema: 'schema.graphql',
    language: 'javascript',
    eagerEsModules: false,
    artifactDirectory: artifacts,
  };
  await writeFile(join(folder, 'relay.config.json'), JSON.stringify(config));
  // The artifacts are CommonJS modules, whatever the package that the folder is in.
  await writeFile(join(folder, 'package.json'), '{ "type": "commonjs" }');
  await writeFile(join(folder, 'schema.graphql'), schema);
  for (const { name, documents } of files)
    await writeFile(
      join(folder, 'src', `${name}.js`),
      documents.map((document) => `graphql\`${document}\`;\n`).join('\n'),
    );
  try {
    await promisify(execFile)(compiler, ['relay.config.json'], { cwd: folder });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`relay-compiler refused:\n${stdout}${stderr}`, { cause: error });
  }
  const artifact = (name: string): Artifact => require(join(folder, artifacts, `${name}.graphql.js`));
  const made = await readdir(join(folder, artifacts));
  const texts = made.flatMap((file) => {
    const { params } = artifact(file.replace('.graphql.js', ''));
    return params ? [[params.name, params.text] as const] : [];
  });
  return { artifact, texts: new Map(texts) };
};
