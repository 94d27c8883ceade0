import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runSchema } from '@rookery/schema/cli';
import { afterAll, beforeAll } from 'vitest';
import { type CapturedOutput, captureOutput } from '../support/captured-output.ts';
import { startRegistry, type TestRegistry } from './start-registry.ts';

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n';
export const books = `${link}type Query { book(id: ID!): Book }\ntype Book @key(fields: "id") { id: ID! title: String }\n`;
export const shops = `${link}type Query { shop: String }\ntype Book @key(fields: "id") { id: ID! price: Int }\n`;

/** Schema commands in a folder of their own, with access to a registry of their own. */
interface RegistryCommands {
  readonly registry: TestRegistry;
  /** Writes a file into the folder and returns its name. */
  file(name: string, text: string): string;
  path(name: string): string;
  /** Runs a command as `ada`. */
  run(args: readonly string[], environment?: Record<string, string>): Promise<CapturedOutput>;
  /** Runs a command and reads its JSON. @throws Error if it contradicts the exit code */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads into an answer without its type
  runJson(...args: string[]): Promise<any>;
  /** Returns the arguments that publish this SDL as the subgraph `books`. */
  booksAt(sdl: string): string[];
  publishBooks(sdl: string, ...more: string[]): Promise<CapturedOutput>;
}

interface Started extends AsyncDisposable {
  readonly registry: TestRegistry;
  readonly token: string;
  readonly dir: string;
}

const start = async (): Promise<Started> => {
  await using undo = new AsyncDisposableStack();
  const registry = undo.use(await startRegistry());
  const token = await registry.token('publish', 'check', 'read');
  const dir = mkdtempSync(join(tmpdir(), 'rookery-commands-'));
  undo.defer(() => rmSync(dir, { recursive: true, force: true }));
  const owned = undo.move();
  return { registry, token, dir, [Symbol.asyncDispose]: () => owned.disposeAsync() };
};

/** Starts a registry before the tests of this file, and stops it after them. */
export const useCommands = (): RegistryCommands => {
  let started: Started;
  beforeAll(async () => {
    started = await start();
  });
  afterAll(() => started[Symbol.asyncDispose]());

  const path = (name: string) => join(started.dir, name);
  const file = (name: string, text: string) => {
    writeFileSync(path(name), text);
    return name;
  };
  const run: RegistryCommands['run'] = (args, environment = {}) =>
    captureOutput(() => runSchema(args), {
      INIT_CWD: started.dir,
      REGISTRY_URL: started.registry.url,
      REGISTRY_TOKEN: started.token,
      GITHUB_ACTOR: 'ada',
      ...environment,
    });
  const booksAt = (sdl: string) => [
    '--subgraph',
    `books=${file('books.graphql', sdl)}`,
    '--url',
    'http://books.example/graphql',
  ];
  return {
    get registry() {
      return started.registry;
    },
    file,
    path,
    run,
    runJson: async (...args) => {
      const { status, stdout } = await run([...args, '--format', 'json']);
      const json = JSON.parse(stdout);
      if (json.exitCode !== status || json.ok !== (status === 0))
        throw new Error(`exit code ${status} contradicts ${stdout}`);
      return json;
    },
    booksAt,
    publishBooks: (sdl, ...more) => run(['publish', ...booksAt(sdl), ...more]),
  };
};
