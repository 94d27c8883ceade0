import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { subgraphSdl } from '@rookery/schema/graphql';
import { cloneDir } from '@rookery/stack';
import { graphql, parse } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { startSubgraph } from '../support/gateway/subgraph.ts';
import { startGatewayKeys } from '../support/index.ts';

/** A subgraph of another team. */
const sdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
type Query { reviews: [Review!] }
type Subscription { reviewed: Review }
type Review @key(fields: "id") { id: ID!  text: String }
type Post @key(fields: "id") { id: ID!  reviews: [Review!] }
`;
const resolvers = { Query: { reviews: () => [] } };

let dir: string;
let file: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'rookery-foreign-'));
  file = write('reviews.graphql', sdl);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const write = (name: string, text: string): string => {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
};

/** Runs the check as a process, while subgraphs of this process answer it. */
const check = (...args: string[]) =>
  new Promise<{ status: unknown; stdout: string; stderr: string }>((resolve) => {
    const env = { ...process.env, INIT_CWD: dir };
    execFile(
      process.execPath,
      [join(cloneDir, 'schema/src/cli/main.ts'), 'check', ...args],
      { cwd: cloneDir, env },
      (error, stdout, stderr) => resolve({ status: error === null ? 0 : error.code, stdout, stderr }),
    );
  });

const listen = async (handle: (request: IncomingMessage, response: ServerResponse) => unknown) => {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { address, http: server, stop, [Symbol.asyncDispose]: stop };
};

describe("a check of another team's subgraph", () => {
  test('passes if it composes and takes nothing away, with a path from the folder of the caller', async () => {
    const { status, stdout } = await check('--subgraph', 'reviews=reviews.graphql');
    expect(stdout).toContain('with reviews, against schema/graphql: ');
    expect(stdout).toContain("Subgraph 'reviews' was added.");
    expect(stdout).not.toContain('breaking');
    expect(status).toBe(0);
  });

  test('reports composition errors with subgraph, file and place', async () => {
    const wrong = write('wrong.graphql', sdl.replace('id: ID!  reviews', 'id: Int!  reviews'));
    const { status, stdout } = await check('--subgraph', `reviews=${wrong}`, '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      compositionErrors: [
        {
          code: 'FIELD_TYPE_MISMATCH',
          message: expect.stringContaining('"Post.id"'),
          positions: expect.arrayContaining([
            { subgraph: 'reviews', file: wrong, line: 5, column: 32 },
            expect.objectContaining({ subgraph: 'query', file: 'schema/graphql/query.graphql' }),
          ]),
        },
      ],
    });
  });

  test('names the element if composition gives no place', async () => {
    const shared = write(
      'shared.graphql',
      sdl.replace('id: ID!  reviews', 'id: ID!  body: String!  reviews'),
    );
    const { status, stdout } = await check('--subgraph', `reviews=${shared}`);
    expect(stdout).toMatch(/^schema\/graphql\/query\.graphql:\d+:\d+ \[query\] INVALID_FIELD_SHARING: /m);
    expect(stdout).toContain(`  see ${shared}:5:`);
    expect(status).toBe(1);
  });

  test('in place of one of ours reports what clients lose', async () => {
    const query = write('query.graphql', subgraphSdl('query').replace('  bio: String\n', ''));
    const { status, stdout } = await check('--subgraph', `query=${query}`);
    expect(stdout).toMatch(
      /breaking \(1\)\n {2}\S+query\.graphql:\d+ \[query\] Field 'bio' was removed from object type 'User'/,
    );
    expect(status).toBe(1);
  });

  test('asks a running subgraph that accepts the gateway alone', async () => {
    const quiet = sdl.replace(/type Subscription.*\n/, '');
    await using keys = await startGatewayKeys();
    await using subgraph = await startSubgraph('reviews', quiet, { Query: resolvers.Query }, keys.keysUrl);
    const named = `reviews=${write('quiet.graphql', quiet)}`;
    const { status, stdout } = await check('--subgraph', named, '--url', subgraph.url, '--json');
    expect(JSON.parse(stdout).probes).toEqual([
      {
        what: 'health',
        address: subgraph.url.replace('/graphql', '/health/ready'),
        ok: true,
        detail: 'status 200',
      },
      { what: 'queries', address: subgraph.url, ok: true, detail: 'answers the gateway alone' },
    ]);
    expect(status).toBe(0);
  });

  test.each([
    ['acknowledges', () => true, 'ok  subscriptions', 'acknowledges connections'],
    ['refuses', () => false, 'ok  subscriptions', "without the gateway's token (4403)"],
    ['fails', () => Promise.reject(new Error('no keys')), 'FAILED  subscriptions', 'closed with 4500'],
  ])('opens a socket, which the subgraph %s', async (_what, onConnect, outcome, detail) => {
    const schema = buildSubgraphSchema({ typeDefs: parse(sdl) });
    await using server = await listen((_request, response) => response.end('{"data":null}'));
    const sockets = useServer({ schema, onConnect }, new WebSocketServer({ server: server.http }));
    await using undo = new AsyncDisposableStack();
    undo.defer(() => sockets.dispose());
    const { stdout } = await check('--subgraph', `reviews=${file}`, '--url', server.address);
    expect(stdout).toContain(outcome);
    expect(stdout).toContain(detail);
  });

  test('asks a running subgraph for its SDL, and warns if it answers everybody', async () => {
    const schema = buildSubgraphSchema({ typeDefs: parse(sdl) });
    await using server = await listen(async (request, response) => {
      if (request.method !== 'POST') return response.writeHead(404).end();
      const { query } = (await json(request)) as { query: string };
      response.setHeader('content-type', 'application/json');
      return response.end(JSON.stringify(await graphql({ schema, source: query })));
    });
    const url = `${server.address}graphql`;
    const { status, stdout } = await check('--subgraph', `reviews=${url}`, '--url', url);
    expect(stdout).toContain("Subgraph 'reviews' was added.");
    expect(stdout).toContain("answers everybody: verify the gateway's token");
    expect(stdout).toMatch(/FAILED {2}health: .*\/health\/ready: /);
    expect(stdout).toContain('FAILED  subscriptions');
    expect(status).toBe(1);
  });

  test('reports an address that is not GraphQL, or that nobody listens at', async () => {
    const { address, stop } = await listen((_request, response) => response.end('hello'));
    const wrong = await check('--subgraph', `reviews=${file}`, '--url', address);
    expect(wrong.stdout).toContain(`FAILED  queries: ${address}graphql: status 200 without a GraphQL answer`);
    expect(wrong.stdout).toContain('FAILED  subscriptions');
    expect(wrong.status).toBe(1);
    const noSdl = await check('--subgraph', `reviews=${address}`);
    expect(noSdl.stderr).toBe(
      `schema check: ${address} does not answer its SDL (status 200). Name the SDL file instead\n`,
    );
    expect(noSdl.status).toBe(2);

    await stop();
    const gone = await check('--subgraph', `reviews=${file}`, '--url', address);
    expect(gone.stdout).toContain('ECONNREFUSED');
    expect(gone.stdout.match(/FAILED/g)).toHaveLength(3);
    expect(gone.status).toBe(1);
  });

  test.each([
    [['--url', 'http://127.0.0.1:1'], '--url needs --subgraph'],
    [['--subgraph', 'reviews'], 'takes name=path.graphql'],
    [['--subgraph', '=x.graphql'], 'takes name=path.graphql'],
    [['--subgraph', 'My Team=x.graphql'], 'takes name=path.graphql'],
    [['--subgraph', 'a=reviews.graphql', '--subgraph', 'a=reviews.graphql'], 'names a twice'],
    [
      ['--subgraph', 'a=reviews.graphql', '--subgraph', 'b=reviews.graphql', '--url', 'http://x'],
      'one --subgraph',
    ],
    [['--subgraph', 'a=reviews.graphql', '--url', 'localhost'], '--url must be an http or https address'],
    [['--subgraph', 'a=nowhere.graphql'], 'failed to read nowhere.graphql: ENOENT'],
    [['--subgraph', 'a=.'], 'failed to read .: EISDIR'],
  ])('refuses %j in one line', async (args, words) => {
    const { status, stdout, stderr } = await check(...args);
    expect(stderr).toMatch(/^schema check: [^\n]+\n$/);
    expect(stderr).toContain(words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });
});
