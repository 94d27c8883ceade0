import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Loaded, load } from '../../tests/support/load-module.ts';
import { importsIn } from './boundaries/boundaries.ts';
import { cloneDir } from './layout.ts';

const loads = new Map<string, Promise<Loaded>>();

/** Returns what one run loads: several tests look at the same one. */
const loadOnce = (...args: readonly string[]): Promise<Loaded> => {
  const key = args.join(' ');
  const loading = loads.get(key) ?? load(...args);
  loads.set(key, loading);
  return loading;
};

const webFramework = /^(fastify|@fastify\/.*|find-my-way|avvio)$/;
const graphql = /^(graphql|@apollo\/|@graphql-tools\/)/;
const optional = /^(packages\/failover\/src\/(?!open-)|subgraphs\/query\/src\/switch-hints)/;

/** JavaScript that starts a process whose servers are all down, with these settings in addition. */
const startWithoutServers = (
  name: string,
  title: string,
  settings: Readonly<Record<string, string>> = {},
) => {
  const env = {
    ...{ NATS_URL: 'nats://127.0.0.1:1', POSTGRES_URL: 'postgres://127.0.0.1:1/none' },
    ...{ DOCUMENTS_URL: 'mongodb://127.0.0.1:1/none', REDIS_URL: 'redis://127.0.0.1:1' },
    ...{ GATEWAY_KEYS_URL: 'http://127.0.0.1:1', CURSOR_SECRET: 'x'.repeat(32) },
    ...{ [`${title.toUpperCase()}_PORT`]: '0', [`${title.toUpperCase()}_METRICS_PORT`]: '0' },
    ...settings,
  };
  return `loaded.load('packages/runtime/src/index.ts').then(({ createLog, readConfig }) =>
    loaded.start${title}(
      readConfig(loaded.${name}Settings, ${JSON.stringify(env)}),
      createLog('test', 'silent'),
      new AsyncDisposableStack(),
    ))`;
};

// Concurrent: a process whose servers are down waits for them.
describe.concurrent('a process loads only what it needs', () => {
  it.each(['recorder', 'projector'])('%s: no GraphQL and no web framework', async (name) => {
    const { packages, files } = await loadOnce(`${name}/src/app.ts`);
    expect(packages).toContain('@nats-io/jetstream');
    expect(packages.filter((one) => graphql.test(one) || webFramework.test(one))).toEqual([]);
    expect(
      files.filter((file) => /^packages\/(graphql-server|http-server|subgraph-auth)\//.test(file)),
    ).toEqual([]);
  });

  it('recorder: no documents and no feeds', async () => {
    const { packages } = await loadOnce('recorder/src/app.ts');
    expect(packages).toContain('pg');
    expect(packages.filter((one) => ['mongodb', 'ioredis'].includes(one))).toEqual([]);
  });

  it.each(['projector', 'subgraphs/mutation', 'subgraphs/query'])(
    '%s: no driver of a document store before its address is known',
    async (name) => {
      const { files, packages } = await loadOnce(`${name}/src/app.ts`);
      expect(files).toContain('packages/document-store/src/index.ts');
      expect(packages).not.toContain('mongodb');
      expect(files).not.toContain('packages/document-store/src/postgres.ts');
    },
  );

  it('loads the driver of the documents alone', async () => {
    const { files, packages } = await loadOnce(
      'subgraphs/query/src/app.ts',
      startWithoutServers('query', 'Query'),
    );
    expect(packages).toContain('mongodb');
    expect(files).not.toContain('packages/document-store/src/postgres.ts');
  });

  it('query: no event store', async () => {
    const { packages, files } = await loadOnce('subgraphs/query/src/app.ts');
    expect(packages).toContain('graphql');
    expect(files.filter((file) => file.startsWith('packages/event-store/'))).toEqual([]);
  });

  it.each(['recorder', 'projector', 'subgraphs/mutation', 'subgraphs/query'])(
    '%s: nothing of a second queue or store or of a standby unless one is configured',
    async (name) => {
      const { files } = await loadOnce(`${name}/src/app.ts`);
      expect(files).toContain('packages/failover/src/open-queue.ts');
      expect(files.filter((file) => optional.test(file))).toEqual([]);
    },
  );

  it.each([
    ['recorder', 'recorder', 'Recorder'],
    ['projector', 'projector', 'Projector'],
    ['query', 'subgraphs/query', 'Query'],
  ])('%s: neither once it runs', async (name, dir, title) => {
    const { files } = await loadOnce(`${dir}/src/app.ts`, startWithoutServers(name, title));
    expect(files).toContain('packages/failover/src/open-queue.ts');
    expect(files.filter((file) => optional.test(file))).toEqual([]);
  });

  it('loads the second queue and store and the standbys if they are configured', async () => {
    const queue = await loadOnce(
      'packages/failover/src/open-queue.ts',
      "loaded.loadQueue({ NATS_REDUNDANT_URL: 'nats://127.0.0.1:1' })",
    );
    expect(queue.files).toContain('packages/failover/src/redundant-queue.ts');
    const store = await loadOnce(
      'packages/failover/src/open-event-store.ts',
      "loaded.loadEventStore({ EVENT_STORE_BACKUP_URL: 'postgres://127.0.0.1:1/x' })",
    );
    expect(store.files).toContain('packages/failover/src/two-stores.ts');
    const standby = await loadOnce(
      'packages/failover/src/open-standby-read-models.ts',
      `loaded.load('packages/runtime/src/log.ts').then(({ createLog }) =>
        loaded.startConfiguredStandbys(
          { REDIS_STANDBY_URL: 'redis://127.0.0.1:1' },
          { projections: [], log: createLog('test', 'silent') },
          new AsyncDisposableStack(),
        ))`,
    );
    expect(standby.files).toContain('packages/failover/src/keep-standby.ts');
    const reads = await loadOnce(
      'subgraphs/query/src/app.ts',
      startWithoutServers('query', 'Query', { REDIS_STANDBY_URL: 'redis://127.0.0.1:1' }),
    );
    expect(reads.files).toContain('packages/failover/src/read-replicas.ts');
    expect(reads.files).toContain('subgraphs/query/src/switch-hints.ts');
  });
});

interface Workspace {
  readonly name: string;
  readonly dir: string;
  readonly dependencies: readonly string[];
}

const workspaces = async (): Promise<Workspace[]> => {
  const found: Workspace[] = [];
  for await (const file of glob(
    ['packages/*/package.json', '{recorder,projector,gateway}/package.json', 'subgraphs/*/package.json'],
    { cwd: cloneDir },
  )) {
    const { name, dependencies = {} } = JSON.parse(readFileSync(join(cloneDir, file), 'utf8')) as {
      name: string;
      dependencies?: object;
    };
    found.push({
      name,
      dir: dirname(file),
      dependencies: Object.keys(dependencies),
    });
  }
  return found;
};

/** Peers that a package demands; the one that uses it must bring them. */
const peers: Readonly<Record<string, string>> = { 'graphql-redis-subscriptions': 'graphql-subscriptions' };

/** Packages of which only files are resolved, without an import. */
const resolved: Readonly<Record<string, readonly string[]>> = { '@rookery/gateway': ['@rookery/schema'] };

/** Packages that the sources import, tests left out. */
const importsOf = async (dir: string): Promise<Set<string>> => {
  const imports = new Set<string>();
  for await (const file of glob(`${dir}/{src,generated}/**/*.ts`, { cwd: cloneDir })) {
    if (file.endsWith('.test.ts')) continue;
    for (const { specifier } of importsIn(readFileSync(join(cloneDir, file), 'utf8')))
      if (!specifier.startsWith('.') && !isBuiltin(specifier))
        imports.add(specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/'));
  }
  return imports;
};

describe('the packages', () => {
  it('form no circle', async () => {
    const all = new Map((await workspaces()).map((one) => [one.name, one.dependencies]));
    const circles: string[] = [];
    const visit = (name: string, path: readonly string[]): void => {
      if (path.includes(name)) circles.push([...path.slice(path.indexOf(name)), name].join(' > '));
      else for (const next of all.get(name) ?? []) if (all.has(next)) visit(next, [...path, name]);
    };
    for (const name of all.keys()) visit(name, []);
    expect(all.size).toBeGreaterThan(10);
    expect(circles).toEqual([]);
  });

  it('keep queue and event store apart', async () => {
    const all = await workspaces();
    const of = (name: string) => all.find((one) => one.name === name)?.dependencies ?? [];
    expect(of('@rookery/message-queue')).not.toContain('@rookery/event-store');
    expect(of('@rookery/event-store')).not.toContain('@rookery/message-queue');
    expect(of('@rookery/event-store').filter((name) => name.startsWith('@nats-io/'))).toEqual([]);
  });

  it('depend on what they import, and on nothing else', async () => {
    for (const { name, dir, dependencies } of await workspaces()) {
      const imports = await importsOf(dir);
      imports.delete(name);
      const needed = [...imports].flatMap((one) => [one, ...(peers[one] === undefined ? [] : [peers[one]])]);
      expect
        .soft([...dependencies].sort(), name)
        .toEqual([...new Set([...needed, ...(resolved[name] ?? [])])].sort());
    }
  });
});
