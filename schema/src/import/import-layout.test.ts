import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { captureOutput } from '../../../tests/support/captured-output.ts';
import { runSchema } from '../cli/run.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rookery-import-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), text);
};
const run = (...args: string[]) =>
  captureOutput(() => runSchema(args), { INIT_CWD: dir, PRODUCTS_URL: 'http://products.example/graphql' });
const read = (path: string) => readFileSync(join(dir, path), 'utf8');

const reviews = 'type Query { reviews: [String] }\n';
const films = 'type Query { films: [String] }\n';

const both = {
  subgraphs: {
    reviews: { sdl: 'subgraphs/reviews.graphql', url: 'http://reviews.example/graphql' },
    Film_catalog: { sdl: 'subgraphs/films.graphql', url: 'http://films.example/graphql' },
  },
};

test.each<[tool: string, file: string, text: string]>([
  [
    'rover',
    'config/supergraph.yaml',
    `federation_version: =2.9.0
subgraphs:
  reviews:
    routing_url: http://reviews.example/graphql
    schema: { file: ../subgraphs/reviews.graphql }
  Film_catalog:
    routing_url: http://films.example/graphql
    schema:
      file: ../subgraphs/films.graphql
`,
  ],
  [
    'wgc',
    'config/graph.yaml',
    `version: 1
subgraphs:
  - name: reviews
    routing_url: http://reviews.example/graphql
    schema:
      file: ../subgraphs/reviews.graphql
    subscription: { protocol: sse }
  - name: Film_catalog
    routing_url: http://films.example/graphql
    schema: { file: ../subgraphs/films.graphql }
`,
  ],
  [
    'hive',
    '.github/workflows/ci.yml',
    `jobs:
  schema:
    steps:
      - run: npx hive schema:check --service reviews subgraphs/reviews.graphql
      - run: |
          npx hive schema:publish --registry.accessToken="$HIVE_TOKEN" \\
            --service reviews --url "http://reviews.example/graphql" subgraphs/reviews.graphql | tee log
          hive dev --service=Film_catalog --url 'http://films.example/graphql' --schema subgraphs/films.graphql
`,
  ],
])(
  'the layout of %s becomes a configuration with which the other commands work',
  async (tool, file, text) => {
    write('subgraphs/reviews.graphql', reviews);
    write('subgraphs/films.graphql', films);
    write(file, text);
    expect(await run('import', file)).toEqual({
      status: 0,
      stdout: 'written: rookery-schema.json\n2 subgraphs: reviews, Film_catalog\n',
      stderr: '',
    });
    expect(JSON.parse(read('rookery-schema.json'))).toEqual(both);
    const composed = await run('compose');
    expect(composed.status).toBe(0);
    expect(composed.stdout).toContain('@join__graph(name: "Film_catalog"');
    const again = await run('import', file, '--from', tool);
    expect(again).toMatchObject({ status: 2, stderr: expect.stringContaining('--force replaces it') });
    expect((await run('import', file, '--force', '--json')).status).toBe(0);
  },
);

test("Rover's variables are replaced, and SDL that is in no file is put into one", async () => {
  write(
    'supergraph.yaml',
    `subgraphs:
  products:
    routing_url: \${env.PRODUCTS_URL}
    schema:
      sdl: "type Query { products: [String] }"
`,
  );
  expect((await run('import', 'supergraph.yaml', '--out', 'schema.json')).stdout).toBe(
    'written: products.graphql\nwritten: schema.json\n1 subgraphs: products\n',
  );
  expect(JSON.parse(read('schema.json'))).toEqual({
    subgraphs: { products: { sdl: 'products.graphql', url: 'http://products.example/graphql' } },
  });
  expect(read('products.graphql')).toBe('type Query { products: [String] }');
});

test.each<[why: string, text: string, words: string]>([
  ['an SDL in GraphOS', 'subgraphs: { a: { schema: { graphref: "g@current" } } }', 'rover subgraph fetch'],
  [
    'a missing file',
    'subgraphs: { a: { schema: { file: nowhere.graphql } } }',
    'failed to read nowhere.graphql',
  ],
  [
    'a missing variable',
    `subgraphs: { a: { routing_url: "\${env.NOWHERE}", schema: { sdl: x } } }`,
    'variable NOWHERE',
  ],
  ['an invalid name', 'subgraphs: { "a b": { schema: { sdl: x } } }', 'a b: a name is letters'],
  ['no schema', 'subgraphs: [{ name: a }]', 'neither schema.file nor introspection.url'],
  ['no subgraph', 'subgraphs: []', 'names no subgraph'],
  ['another shape', 'subgraphs: { a: 1 }', 'Invalid input'],
  ['a variable of the shell', 'hive schema:publish --service a --url $URL a.graphql', 'write its value'],
  ['another file', 'hello', 'is neither'],
])('%s ends with exit code 2, and nothing is written', async (_why, text, words) => {
  write('layout', text);
  const { status, stderr } = await run('import', 'layout');
  expect(stderr).toContain(words);
  expect(status).toBe(2);
  expect(() => read('rookery-schema.json')).toThrow('ENOENT');
});
