import { defineConfig } from 'vitest/config';

const ignored = ['**/node_modules/**', '.rookery/**', '.test/**'];

/**
 * graphql comes as CommonJS and as ES modules, and refuses to work with two copies of itself. Node gives every
 * importer the first; without this, Vite would give our files the second.
 */
const resolve = { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] };

/**
 * Tests that are slow on real servers and seldom fail: whole outages, fail-overs, rebuilds under load. What they promise
 * is tried once, in a smaller way, by a test that `npm test` runs. `npm run test:long`.
 */
const long = [
  'tests/**/*.long.test.ts',
  'tests/fallbacks/**/*.test.ts',
  'tests/live/**/*.test.ts',
  'tests/recovery/rebuild.test.ts',
];

/** How long `expect.poll` looks. A limit, not a measure: the default of one second is too little on a busy machine. */
const expectation = { poll: { timeout: 60_000, interval: 20 } };

/** How everything in tests/ runs. */
const onServers = {
  expect: expectation,
  globalSetup: ['tests/world/global-setup.ts'],
  setupFiles: ['tests/world/worker-setup.ts'],
  testTimeout: 120_000,
  hookTimeout: 240_000,
};

/**
 * Three projects: unit tests beside their sources, which need no server; everything in tests/, on real servers; and
 * of that, what takes long, by itself.
 * One set of servers serves a whole run; each file takes from it what is its own (tests/world).
 */
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2, // each file on servers runs processes of its own; more workers than this only wait for each other
    projects: [
      {
        resolve,
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...ignored, 'tests/**'],
          expect: expectation,
          testTimeout: 120_000, // a limit, not a measure: property tests take long on a machine that is busy
        },
      },
      {
        resolve,
        test: {
          name: 'servers',
          include: ['tests/**/*.test.ts'],
          exclude: [...ignored, ...long],
          ...onServers,
        },
      },
      {
        resolve,
        test: { name: 'long', include: long, exclude: ignored, ...onServers, testTimeout: 240_000 },
      },
    ],
  },
});
