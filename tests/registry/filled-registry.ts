import { startRegistry, type TestRegistry } from './start-registry.ts';

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n';
const hostile = `"><img src=x onerror=alert(1)><script>alert(2)</script></code></pre>{{7*7}}\u202e`;

const booksSdl = `${link}
  """ ${hostile.replaceAll('"', "'")} """
  type Query { books(tag: String = "<script>alert(3)</script>"): [Book!]! }
  type Book @key(fields: "id") { id: ID! title: String pages: Int }`;
const reviewsSdl = `${link}type Query { best: Book } type Book @key(fields: "id") { id: ID! stars: Int }`;

const environment = 'production';

/** Pages that show everything that a filled registry has. */
export const paths = [
  '',
  '/versions',
  '/versions/1',
  '/versions/2',
  '/versions/3',
  '/versions/4',
  '/graph',
  '/graph?version=1',
  '/checks',
  '/checks?environment=staging',
  '/checks/1',
  '/checks/2',
  '/usage',
  '/launches',
  '/operations',
];

/** Everything that a page may show, with markup wherever somebody can write. */
const fill = async (registry: TestRegistry): Promise<void> => {
  const by = { author: hostile };
  await registry.publish(
    { books: booksSdl, reviews: reviewsSdl },
    { ...by, message: hostile, commit: hostile },
  );
  await registry.publish({ books: booksSdl.replace(' pages: Int', '') }, { ...by, message: hostile });
  await registry.publish({ broken: `type ${hostile}` }, by);
  await registry.publish({ broken: 'type Query { best: Int }' }, by);
  const launch = `/v1/environments/${environment}`;
  await registry.ask(`${launch}/promote`, { version: 1, ...by });
  await registry.ask(`${launch}/promote`, { version: 2, ...by, reason: hostile });
  const operation = {
    document: 'query Pages { books { pages } }',
    operationName: 'Pages',
    client: { name: hostile.slice(0, 90), version: '<b>1</b>' },
    count: 1_234,
    errors: 5,
    durationMs: 10,
    inputs: [],
  };
  const comment = `{ books(tag: "${hostile.replaceAll('"', '')}") { title } }`;
  await registry.ask(`${launch}/usage`, {
    operations: [operation, { ...operation, document: comment, operationName: null }],
  });
  await registry.ask(`${launch}/app-versions`, {
    client: { name: hostile.slice(0, 90), version: '<i>7</i>' },
    documents: [{ id: hostile, document: 'query Shipped { books { title } }' }],
    ...by,
  });
  await registry.ask(`${launch}/gateways/one`, { launch: 2, serves: 1, outcome: 'refused', reason: hostile });
  await registry.ask(`${launch}/checks`, {
    subgraphs: [{ name: 'books', sdl: booksSdl.replace(' title: String', '') }],
    ...by,
    message: hostile,
  });
  await registry.ask(`/v1/environments/staging/checks`, {
    subgraphs: [{ name: 'books', sdl: hostile }],
    ...by,
  });
};

/** A registry that has something for each page. */
export const startFilledRegistry = async (): Promise<TestRegistry> => {
  await using undo = new AsyncDisposableStack();
  const registry = undo.use(await startRegistry());
  await fill(registry);
  undo.move();
  return registry;
};
