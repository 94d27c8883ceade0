import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cloneDir, programs } from '@rookery/stack';
import { build, type Plugin } from 'rolldown';

/** Packages that load native code or optional packages from beside their own files: they stay as they are. */
const asTheyAre = /^(@node-rs\/argon2|@apollo\/protobufjs)(\/|$)/;

const fileUrl = (path: string): string => pathToFileURL(path).href;

/** Returns the code of a library, which may ask for its file's path. */
const withOwnPath = (code: string, path: string): string =>
  code
    .replaceAll(/\b__dirname\b/g, JSON.stringify(dirname(path)))
    .replaceAll(/\b__filename\b/g, JSON.stringify(path));

/** Returns the code of ours with the address of its source, by which it finds files beside it. @throws Error if it asks for more than that */
const withOwnAddress = (code: string, path: string): string => {
  const addressed = code
    .replaceAll('import.meta.url', JSON.stringify(fileUrl(path)))
    .replaceAll(/import\.meta\.resolve\('([^']+)'\)/g, (_, name: string) =>
      JSON.stringify(fileUrl(createRequire(path).resolve(name))),
    );
  if (addressed.includes('import.meta'))
    throw new Error(`${path}: this use of import.meta is not known here`);
  return addressed;
};

/** Lets the code find in a bundle what it finds beside its source. */
const inPlace: Plugin = {
  name: 'in-place',
  resolveId(name, importer, { kind }) {
    if (importer === undefined) return null;
    const resolved = () => createRequire(importer).resolve(name);
    if (asTheyAre.test(name))
      return { id: kind === 'require-call' ? resolved() : fileUrl(resolved()), external: true };
    // The package, and not the module of Node that is called so too.
    return name === 'punycode/' ? resolved() : null;
  },
  transform: {
    filter: { code: /import\.meta|__dirname|__filename/ },
    handler: (code, path) =>
      path.includes('/node_modules/') ? withOwnPath(code, path) : withOwnAddress(code, path),
  },
};

/**
 * Makes a bundle of each program, `NAME.mjs`. It behaves as the sources do and loads in a third of their processor time: Node
 * neither looks for thousands of files nor strips types.
 * @param home folder in which to make a folder for them
 * @returns that folder. By its name Node takes them for libraries, as most of their code is, and warns of nothing in them.
 */
export const bundlePrograms = async (home: string): Promise<string> => {
  const folder = join(home, 'node_modules');
  await build({
    input: Object.fromEntries(
      Object.entries(programs).map(([name, { entry }]) => [name, join(cloneDir, entry)]),
    ),
    platform: 'node',
    // Node's choice, and so one copy of graphql for those who import it and those who require it.
    resolve: { mainFields: ['main'] },
    treeshake: false,
    plugins: [inPlace],
    output: { dir: folder, format: 'esm', entryFileNames: '[name].mjs', keepNames: true },
  });
  return folder;
};
