import { globSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

// The template's tests run on what `new-subgraph` makes of it, by the runner of Node.
const ignored = ['**/node_modules/**', '.rookery/**', '.test/**', 'schema/subgraph-template/**'];

/** Tests on a control plane of Kubernetes, which Go builds; `npm run test:kubernetes` runs them. */
const onKubernetes = 'tests/kubernetes/**/*.test.ts';

/**
 * graphql comes as CommonJS and as ES modules, and refuses to work with two copies of itself. Node gives every
 * importer the first; without this, Vite would give our files the second.
 */
const resolve = { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] };

/**
 * Slow tests on real servers that seldom fail: whole outages, fail-overs, rebuilds under load. `npm run test:long` runs
 * them. For each of them, `npm test` runs a smaller test of the same promise.
 */
const long = [
  '**/*.long.test.ts',
  'tests/fallbacks/**/*.test.ts',
  'tests/live/**/*.test.ts',
  'tests/recovery/rebuild.test.ts',
];

/** Tests of which the long tier tries more: those that ask how many (tests/support/property-runs.ts). */
const properties = globSync('{gateway,packages,projector,recorder,schema,subgraphs,tests}/**/*.test.ts', {
  exclude: (path) => path.includes('node_modules'),
}).filter((file) => /\b(propertyRuns|casesOfTier)\(/.test(readFileSync(file, 'utf8')));

/** Limits of `expect.poll`, which are large because the default of one second is too short on a busy machine. */
const expectation = { poll: { timeout: 60_000, interval: 20 } };

/** Settings of all tests in `tests/`. */
const onServers = {
  expect: expectation,
  globalSetup: ['tests/support/global-setup.ts'],
  setupFiles: ['tests/support/worker-setup.ts'],
  // Several systems share two cores, and all that they answer would come before all that is projected: tests wait for that.
  env: { BACKGROUND_NICENESS: '0' },
  testTimeout: 120_000,
  hookTimeout: 240_000,
};

/**
 * Five projects: unit tests beside their sources, which need no server; everything in tests/, on real servers; of that, what
 * takes long, by itself; properties, tried often; and what needs a cluster of Kubernetes.
 * One set of servers serves a whole run; each file takes from it what is its own (tests/support).
 */
export default defineConfig({
  test: {
    pool: 'forks',
    // Module state is shared by the files of a worker, which saves a fifth of the processor time: a file undoes what it does.
    isolate: false,
    maxWorkers: 3, // files on servers wait part of their time: three use two cores better than two by a tenth
    maxConcurrency: 3, // tests of one file that are marked as concurrent, each with connections of its own
    projects: [
      {
        resolve,
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...ignored, '**/*.long.test.ts', 'tests/**'],
          expect: expectation,
          testTimeout: 120_000, // a limit, not a measure: property tests take long on a machine that is busy
        },
      },
      {
        resolve,
        test: {
          name: 'servers',
          include: ['tests/**/*.test.ts'],
          exclude: [...ignored, ...long, onKubernetes],
          ...onServers,
        },
      },
      {
        resolve,
        test: { name: 'long', include: long, exclude: ignored, ...onServers, testTimeout: 240_000 },
      },
      {
        resolve,
        test: {
          name: 'properties',
          include: properties,
          exclude: ignored,
          ...onServers,
          testTimeout: 600_000,
          env: { PROPERTY_RUNS: 'all' },
        },
      },
      {
        resolve,
        test: {
          name: 'kubernetes',
          include: [onKubernetes],
          exclude: ignored,
          globalSetup: ['tests/kubernetes/global-setup.ts'],
          expect: expectation,
          testTimeout: 1_800_000, // autoscalers wait for minutes, on purpose
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
