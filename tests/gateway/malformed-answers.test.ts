import { brotliCompressSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { execute, type GraphQLOutputType, parse, validate } from 'graphql';
import { describe, expect, it, test } from 'vitest';
import { type Answered, comparable } from '../support/conformance/compare.ts';
import { generousLimits, startBareGateway } from '../support/gateway/bare-gateway.ts';
import { type CannedAnswer, startCannedSubgraph } from '../support/gateway/canned-subgraph.ts';
import { queries, schemas, strictSchema, values } from '../support/gateway/random-schema.ts';
import { propertyRuns } from '../support/property-runs.ts';

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import:
  ["@key", "@external", "@requires"])\n`;

interface AnsweredWithCodes extends Answered {
  readonly errors?: readonly {
    readonly path?: readonly (string | number)[];
    readonly extensions?: unknown;
  }[];
}

interface Asked {
  readonly ask: (query: string) => Promise<AnsweredWithCodes>;
  readonly headers: () => Readonly<Record<string, unknown>>;
}

/** A gateway over subgraphs whose answers are given. */
const over = async (
  sdls: Record<string, string>,
  answer: (subgraph: string, nth: number) => CannedAnswer,
  resources: AsyncDisposableStack,
): Promise<Asked> => {
  const urls: Record<string, string> = {};
  let headers = (): Readonly<Record<string, unknown>> => ({});
  for (const name of Object.keys(sdls)) {
    const subgraph = resources.use(await startCannedSubgraph((nth) => answer(name, nth)));
    urls[name] = subgraph.url;
    headers = subgraph.headers;
  }
  const { url } = await startBareGateway(
    {
      sdls: Object.fromEntries(Object.entries(sdls).map(([name, sdl]) => [name, link + sdl])),
      urls,
      limits: generousLimits,
    },
    resources,
  );
  return {
    headers,
    ask: async (query) => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });
      return (await response.json()) as AnsweredWithCodes;
    },
  };
};

const seed = Number(process.env.MALFORMED_SEED ?? 1);
const numRuns = Number(process.env.MALFORMED_RUNS ?? propertyRuns(12));

it('any malformed answer becomes what graphql-js makes of it, over any abstract types', {
  timeout: 60_000 + numRuns * 10_000,
}, async () => {
  const oneSchema = async (sdl: string, random: number) => {
    await using undo = new AsyncDisposableStack();
    const strict = strictSchema(sdl);
    let body: string | Buffer = '';
    const { ask } = await over({ a: sdl }, () => ({ body }), undo);
    const query = strict.getQueryType();
    if (!query) throw new Error('no query type');
    const asked = fc
      .tuple(queries(strict), values(strict)(query as GraphQLOutputType))
      .filter(
        ([text, data]) =>
          data !== null &&
          typeof data === 'object' &&
          !Array.isArray(data) &&
          validate(strict, parse(text)).length === 0,
      );
    await fc.assert(
      fc.asyncProperty(asked, async ([text, data]) => {
        const { __typename, ...root } = data as Record<string, unknown>;
        body = JSON.stringify({ data: root });
        const right = await execute({ schema: strict, document: parse(text), rootValue: root });
        expect(comparable(await ask(text)), `${text}\n${body}\n${sdl}`).toBe(comparable(right));
      }),
      { numRuns: 25, seed: random },
    );
  };
  await fc.assert(fc.asyncProperty(schemas, fc.integer(), oneSchema), { numRuns, seed, endOnFailure: true });
});

describe('a malformed answer', () => {
  const sdl = 'scalar Long type Query { a: String b: Int l: Long x: X } type X { s: String }';
  const one = async (answer: CannedAnswer, query = '{ a b }') => {
    await using undo = new AsyncDisposableStack();
    const { ask, headers } = await over({ a: sdl }, () => answer, undo);
    return { ...(await ask(query)), sent: headers() };
  };
  const paths = ({ errors = [] }: Answered) => errors.map(({ path }) => path);
  const whole = JSON.stringify({ data: { a: 'x', b: 1 } });

  test.each([
    ['is empty', '{}'],
    ['has neither data nor errors', '{"data":null}'],
    ['is a list', '[]'],
    ['is a text', '"x"'],
    ['is no JSON', '<html>'],
    ['has a list for data', '{"data":[]}'],
    ['has errors without paths alone', '{"errors":[{"message":"x"}]}'],
    ['has an error that is none', '{"errors":["x"],"data":null}'],
    ['has errors that are no list', '{"errors":"x"}'],
    ['has a path that is none', '{"errors":[{"message":"x","path":"a"}],"data":null}'],
    ['has data without the fields', '{"data":{}}'],
  ])('%s: each field is null with an error of its own', async (_what, body) => {
    const answer = await one({ body });
    expect(answer.data).toEqual({ a: null, b: null });
    expect(paths(answer)).toEqual([['a'], ['b']]);
  });

  test.each([
    ['errors are null', { body: '{"data":{"a":"x","b":1},"errors":null}' }],
    ['errors are empty', { body: '{"data":{"a":"x","b":1},"errors":[]}' }],
    ['extensions are null', { body: '{"data":{"a":"x","b":1},"extensions":null}' }],
    ['extensions are a text', { body: '{"data":{"a":"x","b":1},"extensions":"x"}' }],
    ['there is a byte order mark', { body: `\ufeff${whole}` }],
    ['it is in gzip', { headers: { 'content-encoding': 'gzip' }, body: gzipSync(whole) }],
    ['it is in br', { headers: { 'content-encoding': 'br' }, body: brotliCompressSync(whole) }],
    [
      'it is in both',
      { headers: { 'content-encoding': 'gzip, br' }, body: brotliCompressSync(gzipSync(whole)) },
    ],
  ])('is good if %s', async (_what, answer) => {
    const { data, errors, sent } = await one(answer);
    expect({ data, errors }).toEqual({ data: { a: 'x', b: 1 }, errors: undefined });
    expect(sent['accept-encoding']).toBe('gzip, br');
  });

  test.each([
    ['that is none', 'gzip', Buffer.from(whole)],
    ['of another name', 'zstd', Buffer.from(whole)],
    ['that is a bomb', 'br', brotliCompressSync(Buffer.alloc(64 * 1024 * 1024, 0x20))],
    ['in too many layers', 'gzip, gzip, gzip', gzipSync(gzipSync(gzipSync(whole)))],
  ])('in an encoding %s is SERVICE_UNAVAILABLE', async (_what, encoding, body) => {
    const answer = await one({ headers: { 'content-encoding': encoding }, body });
    expect(answer.errors?.map(({ extensions }) => extensions)).toMatchObject([
      { code: 'SERVICE_UNAVAILABLE' },
      { code: 'SERVICE_UNAVAILABLE' },
    ]);
  });

  test('keeps the code of its error at each field that is lost', async () => {
    const error = { message: 'sign in', extensions: { code: 'UNAUTHENTICATED' } };
    const answer = await one({ body: JSON.stringify({ errors: [error] }) });
    expect(answer.errors).toMatchObject([
      { path: ['a'], extensions: { code: 'UNAUTHENTICATED' } },
      { path: ['b'], extensions: { code: 'UNAUTHENTICATED' } },
    ]);
  });
});

describe('what a failed fetch was to bring', () => {
  const sdls = {
    a: 'type Query { ps: [P] } type P @key(fields: "id") { id: ID! }',
    b: 'type P @key(fields: "id") { id: ID! v: Int w: Int }',
    c: 'type P @key(fields: "id") { id: ID! v: Int @external sum: Int @requires(fields: "v") }',
  };
  const query = '{ list: ps { __typename id value: v sum } }';
  const ps =
    '{"data":{"list":[{"__typename":"P","id":"1"},null,{"__typename":"P","id":"2"}],"ps":[{"__typename":"P","id":"1"},null,{"__typename":"P","id":"2"}]}}';
  const summed = '{"data":{"_entities":[{"__typename":"P","sum":1},{"__typename":"P","sum":2}]}}';
  const ask = async (b: CannedAnswer) => {
    await using undo = new AsyncDisposableStack();
    const gateway = await over(
      sdls,
      (name) => (name === 'a' ? { body: ps } : name === 'b' ? b : { body: summed }),
      undo,
    );
    return await gateway.ask(query);
  };
  const lost = [0, 2].flatMap((at) => [
    ['list', at, 'value'],
    ['list', at, 'sum'],
  ]);

  test.each([
    ['SERVICE_UNAVAILABLE', 'unavailable', { status: 503, body: '' }],
    ['SERVICE_UNAVAILABLE', 'without data', { body: '{"data":null}' }],
    [
      'INTERNAL_SERVER_ERROR',
      'without entities',
      { body: '{"data":{"_entities":null},"errors":[{"message":"x","path":["_entities"]}]}' },
    ],
    ['INTERNAL_SERVER_ERROR', 'with too few entities', { body: '{"data":{"_entities":[{"v":1}]}}' }],
    ['INTERNAL_SERVER_ERROR', 'with texts for entities', { body: '{"data":{"_entities":["x","y"]}}' }],
  ])("is told why at the client's paths, and so is what depends on it, %s: %s", async (code, _what, b) => {
    const { data, errors } = await ask(b);
    expect(data).toEqual({
      list: [
        { __typename: 'P', id: '1', value: null, sum: null },
        null,
        { __typename: 'P', id: '2', value: null, sum: null },
      ],
    });
    expect(errors?.map(({ path }) => path)).toEqual(lost);
    for (const { extensions } of errors ?? []) expect(extensions).toMatchObject({ code });
  });

  test('is null without an error if the subgraph knows no such entity', async () => {
    const { data, errors } = await ask({ body: '{"data":{"_entities":[null,{"_0_v":1,"v":1}]}}' });
    expect(data).toMatchObject({ list: [{ value: null, sum: 1 }, null, { sum: 2 }] });
    expect(errors?.map(({ path }) => path) ?? []).not.toContainEqual(['list', 0, 'value']);
  });
});
