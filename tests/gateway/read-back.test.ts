import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { overHttp } from '../support/clients/raw-client.ts';
import { startBareGateway } from '../support/gateway/bare-gateway.ts';
import { type CannedAnswer, startCannedSubgraph } from '../support/gateway/canned-subgraph.ts';

const federation =
  '@link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@composeDirective"])';
const sdls = {
  writer: `
    extend schema ${federation}
      @link(url: "https://rookery.invalid/readBack/v1.0", import: ["@readBack"])
      @composeDirective(name: "@readBack")
    directive @readBack on FIELD_DEFINITION
    type Query { last: Written }
    type Mutation { write: Written }
    type Written { id: ID! note: Note @readBack plain: Note }
    type Note @key(fields: "id") { id: ID! }`,
  reader: `
    extend schema ${federation}
    type Note @key(fields: "id") { id: ID! text: String! hint: String }`,
};

const resources = new AsyncDisposableStack();
let gatewayUrl: string;
/** Current response of the reader. */
let reader: CannedAnswer;

beforeAll(async () => {
  const note = { __typename: 'Note', id: 'n' };
  const written = { __typename: 'Written', id: '1', note, plain: note };
  const writer = resources.use(
    await startCannedSubgraph((_nth, query) => ({
      body: JSON.stringify({ data: { [query.startsWith('mutation') ? 'write' : 'last']: written } }),
    })),
  );
  const other = resources.use(await startCannedSubgraph(() => reader));
  const urls = { writer: writer.url, reader: other.url };
  ({ url: gatewayUrl } = await startBareGateway({ sdls, urls }, resources));
});
afterAll(() => resources.disposeAsync());

const ask = async (query: string) => {
  const { data, errors, text } = await overHttp(gatewayUrl)({ query });
  return { data, errors, stale: JSON.parse(text).extensions?.stale === true };
};
const entities = (...list: unknown[]): CannedAnswer => ({
  body: JSON.stringify({ data: { _entities: list } }),
});
const failed = (error: object, data: unknown = null): CannedAnswer => ({
  body: JSON.stringify({ data, errors: [{ message: 'x', ...error }] }),
});

/** Responses of a reader that cannot, or will not, return the text of the note. */
const failures: readonly (readonly [what: string, answer: CannedAnswer])[] = [
  ['nothing', { body: '' }],
  ['an empty object', { body: '{}' }],
  ['data that is null', { body: '{"data":null}' }],
  ['no JSON', { body: '<html>' }],
  ['a failure of its own', { status: 500, body: '{}' }],
  ['an error without a path', failed({})],
  ['too few entities', entities()],
  ['an entity that is no object', entities('x')],
  ['an error of the entity', failed({ path: ['_entities', 0] }, { _entities: [null] })],
  ['an error of a field', failed({ path: ['_entities', 0, 'text'] }, { _entities: [null] })],
  ['an entity without its text', entities({ __typename: 'Note', hint: 'h' })],
  ['a text that is none', entities({ __typename: 'Note', text: {}, hint: 'h' })],
];

describe.each(failures)('a reader that answers with %s', (_what, answer) => {
  test('cannot make an accepted mutation fail', async () => {
    reader = answer;
    const { data, errors, stale } = await ask('mutation { write { id note { text hint } } }');
    expect(data).toEqual({ write: { id: '1', note: null } });
    expect(errors).toEqual([]);
    expect(stale).toBe(true);
  });

  test('is an error in a query, and without the directive', async () => {
    reader = answer;
    for (const query of ['{ last { id note { text } } }', 'mutation { write { id plain { text } } }']) {
      const { data, errors } = await ask(query);
      expect(Object.values(data ?? {})).toEqual([
        { id: '1', [query.includes('plain') ? 'plain' : 'note']: null },
      ]);
      expect(errors.length).toBeGreaterThan(0);
    }
  });
});

test('a reader that knows no such note has answered: null, and not stale', async () => {
  for (const answer of [
    entities(null),
    failed({ path: ['_entities', 0], extensions: { code: 'NOT_FOUND' } }, { _entities: [null] }),
  ]) {
    reader = answer;
    const { data, errors, stale } = await ask('mutation { write { id note { text } } }');
    expect({ data, errors, stale }).toEqual({
      data: { write: { id: '1', note: null } },
      errors: [],
      stale: false,
    });
  }
});

test('what the writer knows needs no reader', async () => {
  reader = { status: 500, body: '' };
  const { data, errors, stale } = await ask('mutation { write { note { id } } }');
  expect({ data, errors, stale }).toEqual({
    data: { write: { note: { id: 'n' } } },
    errors: [],
    stale: false,
  });
});

test('a supergraph whose read-back field may not be null is refused', async () => {
  await using undone = new AsyncDisposableStack();
  const writer = sdls.writer.replace('Note @readBack', 'Note! @readBack');
  const starting = startBareGateway({ sdls: { ...sdls, writer }, urls: {} }, undone);
  await expect(starting).rejects.toThrow('Written.note has @readBack');
});
