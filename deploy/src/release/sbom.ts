import { z } from 'zod';

/* The software bill of materials of the image, in CycloneDX 1.6: every package that its processes load, from the lockfile. */

const dependencies = z.record(z.string(), z.object({ version: z.string() })).default({});
const names = z.record(z.string(), z.string()).default({});

const lockfile = z.object({
  importers: z.record(z.string(), z.object({ dependencies, optionalDependencies: dependencies })),
  packages: z.record(z.string(), z.object({ resolution: z.object({ integrity: z.string().optional() }) })),
  snapshots: z.record(z.string(), z.object({ dependencies: names, optionalDependencies: names })),
});
type Lockfile = z.output<typeof lockfile>;

interface Component {
  readonly type: 'library' | 'application' | 'container';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly { readonly expression: string }[];
}

export interface Sbom {
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.6';
  readonly version: 1;
  readonly metadata: { readonly timestamp: string; readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** `@scope/name@1.2.3(peer@4.5.6)` without its peers. */
const withoutPeers = (key: string): string => key.replace(/\(.*$/, '');

const splitKey = (key: string): { name: string; version: string } => {
  const at = key.lastIndexOf('@');
  return { name: key.slice(0, at), version: key.slice(at + 1) };
};

/** https://github.com/package-url/purl-spec: the @ of a scope is encoded. */
const purlOf = (name: string, version: string): string => `pkg:npm/${name.replace(/^@/, '%40')}@${version}`;

const hashesOf = (integrity: string | undefined) => {
  const [, algorithm = '', digest = ''] = /^sha(512|256|1)-(.+)$/.exec(integrity ?? '') ?? [];
  return algorithm === ''
    ? {}
    : { hashes: [{ alg: `SHA-${algorithm}`, content: Buffer.from(digest, 'base64').toString('hex') }] };
};

/** Folder that an importer links to, from the root of the repository. */
const linked = (importer: string, link: string): string => {
  const parts = importer.split('/');
  for (const part of link.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
};

/** Keys of the snapshots that these importers need, by what needs them. An importer has its folder for a key. */
const closure = (lock: Lockfile, importers: readonly string[]): ReadonlyMap<string, readonly string[]> => {
  const needs = new Map<string, string[]>();
  const visit = (key: string, found: readonly string[]): void => {
    needs.set(key, [...found]);
    for (const next of found) if (!needs.has(next)) visit(next, needsOf(next));
  };
  const needsOf = (key: string): string[] => {
    const importer = lock.importers[key];
    if (importer !== undefined)
      return Object.entries({ ...importer.dependencies, ...importer.optionalDependencies }).map(
        ([name, { version }]) =>
          version.startsWith('link:') ? linked(key, version.slice('link:'.length)) : `${name}@${version}`,
      );
    const snapshot = lock.snapshots[key];
    if (snapshot === undefined) throw new Error(`the lockfile has no ${key}`);
    return Object.entries({ ...snapshot.dependencies, ...snapshot.optionalDependencies }).map(
      ([name, version]) => `${name}@${version}`,
    );
  };
  for (const importer of importers) if (!needs.has(importer)) visit(importer, needsOf(importer));
  return needs;
};

export interface SbomOptions {
  readonly name: string;
  readonly version: string;
  /** Time of the commit, so that the same commit gives the same file. */
  readonly timestamp: string;
  /** Folders of the packages that the image contains. */
  readonly importers: readonly string[];
  /** Returns the license that a package states; undefined if it is unknown. */
  licenseOf(name: string, version: string): string | undefined;
}

/** Returns the bill of materials of some packages of the workspace. @param lock pnpm-lock.yaml, parsed */
export const createSbom = (lock: unknown, options: SbomOptions): Sbom => {
  const parsed = lockfile.parse(lock);
  const needs = closure(parsed, options.importers);
  const isOurs = (key: string) => Object.hasOwn(parsed.importers, key);
  const refOf = (key: string): string => {
    if (isOurs(key)) return `rookery/${key}`;
    const { name, version } = splitKey(withoutPeers(key));
    return purlOf(name, version);
  };
  const components = new Map<string, Component>();
  for (const key of needs.keys()) {
    const ref = refOf(key);
    if (isOurs(key)) {
      const purl = purlOf(`@rookery/${key.replaceAll('/', '-')}`, options.version);
      components.set(ref, { type: 'library', 'bom-ref': ref, name: key, version: options.version, purl });
      continue;
    }
    const { name, version } = splitKey(withoutPeers(key));
    const license = options.licenseOf(name, version);
    components.set(ref, {
      type: 'library',
      'bom-ref': ref,
      name,
      version,
      purl: purlOf(name, version),
      ...hashesOf(parsed.packages[withoutPeers(key)]?.resolution.integrity),
      ...(license === undefined ? {} : { licenses: [{ expression: license }] }),
    });
  }
  const root = `pkg:generic/${options.name}@${options.version}`;
  const edges = new Map<string, Set<string>>([[root, new Set(options.importers.map(refOf))]]);
  for (const [key, found] of needs) {
    const ref = refOf(key);
    const all = edges.get(ref) ?? new Set();
    for (const each of found) all.add(refOf(each));
    edges.set(ref, all);
  }
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: options.timestamp,
      component: {
        type: 'application',
        'bom-ref': root,
        name: options.name,
        version: options.version,
        purl: root,
      },
    },
    components: [...components.values()].sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1)),
    dependencies: [...edges]
      .map(([ref, found]) => ({ ref, dependsOn: [...found].sort() }))
      .sort((a, b) => (a.ref < b.ref ? -1 : 1)),
  };
};
